"""What goes over the wire, beside what the official client sends for the same call."""

from __future__ import annotations

import asyncio
import datetime
import json
from collections import deque
from types import ModuleType
from typing import Any

import pytest

import tailrace
from tailrace.testing import MockServer

#: Fields that the HTTP library below the client decides.
TRANSPORT_FIELDS = {"host", "connection", "accept-encoding", "content-length"}

MESSAGES = [{"role": "user", "content": "hé \U0001f600 \u2028"}]

SCRIPT = {"exchanges": [{"json": {"id": "x", "object": "chat.completion", "choices": []}, "repeat": True}]}


class Mapped(dict[str, Any]):
    """A dictionary of a class of its own."""


def call(library: ModuleType, name: str, base_url: str, options: dict[str, Any], arguments: dict[str, Any]) -> None:
    merged = {"model": "m", "messages": MESSAGES, **arguments}
    options = {"api_key": "k", "base_url": base_url, "max_retries": 0, **options}
    if name == "OpenAI":
        library.OpenAI(**options).chat.completions.create(**merged)
        return

    async def run() -> None:
        async with library.AsyncOpenAI(**options) as client:
            await client.chat.completions.create(**merged)

    asyncio.run(run())


def sent(server: MockServer, library: ModuleType, name: str, options: Any, arguments: Any) -> dict[str, Any]:
    base_url = server.script(SCRIPT)

    def of(value: Any) -> Any:
        """Put the sentinels and models of the package in the place of their names."""
        if value == "<omit>":
            return library.omit
        if value == "<not given>":
            return library.not_given
        if value == "<model>":
            return library.BaseModel.construct(role="user", content="from a model", n=None)
        if type(value) is dict:
            return {key: of(item) for key, item in value.items()}
        if type(value) is list:
            return [of(item) for item in value]
        return value

    call(library, name, base_url, of(options), of(arguments))
    (request,) = server.requests(base_url)
    headers = [(key.lower(), value) for key, value in request["headers"]]
    return {
        "method": request["method"],
        "path": request["path"].partition("/v1")[2],
        "query": request["query"],
        "headers": sorted(field for field in headers if field[0] not in TRANSPORT_FIELDS),
        "body": request["body"],
    }


@pytest.mark.parametrize("name", ["OpenAI", "AsyncOpenAI"])
@pytest.mark.parametrize(
    ("options", "arguments"),
    [
        ({}, {}),
        ({"organization": "o", "project": "p"}, {}),
        (
            {"default_headers": {"X-A": "1", "User-Agent": "me"}},
            {"extra_headers": {"X-A": "2", "Accept": "text/plain"}},
        ),
        ({"default_headers": {"X-A": "1"}}, {"extra_headers": {"X-A": "<omit>"}}),
        ({"default_headers": {"Authorization": "Bearer other"}}, {}),
        ({}, {"extra_headers": {"Authorization": "Basic x"}}),
        ({}, {"extra_headers": {"x-stainless-retry-count": "7", "x-stainless-read-timeout": "a"}}),
        ({}, {"extra_headers": {"X-Bytes": b"b"}}),
        ({"timeout": 7}, {}), ({"timeout": 7.5}, {}), ({"timeout": None}, {}),
        ({"timeout": 7}, {"timeout": 3.5}), ({"timeout": 7}, {"timeout": None}),
        ({"default_query": {"q": [1, 2], "n": {"a": True, "b": {"c": [1.5, None]}}, "e": "a b&c/é", "z": None}}, {}),
        ({"default_query": {"q": 1, "r": 2}}, {"extra_query": {"q": "x", "new": [{"a": 1}]}}),
        ({}, {"extra_query": {"empty": [], "dict": {}, "text": ""}}),
        ({}, {"temperature": 1.0, "top_p": 0.1, "seed": 2**70, "stop": None, "logit_bias": {"1": -1e-9}}),
        ({}, {"temperature": "<omit>", "user": "<not given>"}),
        ({}, {"user": "u", "seed": 1, "extra_body": {"user": "<not given>", "seed": "<omit>", "b": 1}}),
        ({}, {"extra_body": {"temperature": 2, "extra": {"a": [1, {"b": None}]}}, "temperature": 1}),
        ({}, {"extra_body": {"model": "other"}}),
        ({}, {"messages": ({"role": "user", "content": "tuple"},)}),
        ({}, {"messages": ["<model>", {"role": "user", "content": "x"}]}),
        ({}, {"messages": [{"role": "user", "content": "x", "name": "<omit>"}]}),
        ({}, {"messages": [Mapped(role="user", content="x")]}),
        ({}, {"messages": deque([{"role": "user", "content": "x"}])}),
        ({}, {"metadata": {"a": "b", "ключ": "значение"}}),
        ({}, {"tools": [{"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}]}),
        ({}, {"extra_body": {"when": datetime.datetime(2026, 1, 2, 3, 4, 5)}}),
        ({}, {"extra_body": {1: "one", False: "no", None: "none", 1.5: "float"}}),
        ({}, {"stream": False}), ({}, {"stream": None}),
    ],
)  # fmt: skip
def test_the_request_equals_the_official_one(
    server: MockServer, official: ModuleType, name: str, options: dict[str, Any], arguments: dict[str, Any]
) -> None:
    assert sent(server, tailrace, name, options, arguments) == sent(server, official, name, options, arguments)


def test_a_generator_is_sent_as_an_array(server: MockServer) -> None:
    # The official client sends one too, but then finds it empty when it retries.
    base_url = server.script({"exchanges": [{"status": 500}, SCRIPT["exchanges"][0]]})
    client = server.client(base_url)
    client.chat.completions.create(model="m", messages=(message for message in MESSAGES))  # type: ignore[arg-type]
    bodies = [json.loads(request["body"])["messages"] for request in server.requests(base_url)]
    assert bodies == [MESSAGES, MESSAGES]


def test_a_header_is_removed_whatever_its_case(server: MockServer) -> None:
    request = sent(server, tailrace, "OpenAI", {"default_headers": {"X-A": "1"}}, {"extra_headers": {"x-a": "<omit>"}})
    assert "x-a" not in dict(request["headers"])


def test_responses_go_to_their_path(server: MockServer) -> None:
    base_url = server.script({"exchanges": [{"json": {"id": "r"}}]})
    server.client(base_url).responses.create(model="m", input="hi")
    (request,) = server.requests(base_url)
    assert request["path"].endswith("/v1/responses")
    assert json.loads(request["body"]) == {"model": "m", "input": "hi"}


@pytest.mark.parametrize(
    ("arguments", "error", "text"),
    [
        ({"temperature": float("nan")}, ValueError, "not JSON compliant"),
        ({"metadata": {"a": [float("inf")]}}, ValueError, "not JSON compliant"),
        ({"extra_body": {"x": {1, 2}}}, TypeError, "Object of type set is not JSON serializable"),
        ({"temperature": object()}, TypeError, "Object of type object is not JSON serializable"),
        ({"extra_body": {"x": b"bytes"}}, TypeError, "Object of type bytes is not JSON serializable"),
        ({"extra_body": {"x": int}}, TypeError, "Object of type type is not JSON serializable"),
        ({"extra_body": {(1, 2): "x"}}, TypeError, "keys must be str"),
        ({"extra_body": "x"}, TypeError, None), ({"extra_query": [("a", "b")]}, TypeError, None),
        ({"extra_headers": {"a": 5}}, TypeError, None), ({"extra_headers": {"a": None}}, TypeError, None),
        ({"unknown": 1}, TypeError, "unexpected keyword argument"),
    ],
)  # fmt: skip
def test_bad_arguments_are_refused_before_anything_is_sent(
    server: MockServer, library: ModuleType, arguments: dict[str, Any], error: type[Exception], text: str | None
) -> None:
    base_url = server.script(SCRIPT)
    with pytest.raises(error, match=text):
        call(library, "OpenAI", base_url, {}, arguments)
    assert server.requests(base_url) == []


@pytest.mark.parametrize(("timeout", "error"), [("x", TypeError), (-1, ValueError), (float("nan"), ValueError)])
def test_a_bad_timeout_is_refused_before_anything_is_sent(server: MockServer, timeout: Any, error: Any) -> None:
    base_url = server.script(SCRIPT)
    with pytest.raises(error, match="`timeout` must"):
        call(tailrace, "OpenAI", base_url, {}, {"timeout": timeout})
    assert server.requests(base_url) == []


def test_a_body_that_contains_itself_is_refused(server: MockServer) -> None:
    loop: list[Any] = []
    loop.append(loop)
    base_url = server.script(SCRIPT)
    with pytest.raises((ValueError, RecursionError)):
        call(tailrace, "OpenAI", base_url, {}, {"extra_body": {"x": loop}})
    assert server.requests(base_url) == []


@pytest.mark.parametrize("headers", [{"a": "b\r\nc: d"}, {"a": "b\nc"}, {"a b": "c"}, {"": "c"}, {"a": "b\0c"}])
def test_a_header_that_cannot_be_sent(server: MockServer, library: ModuleType, headers: dict[str, str]) -> None:
    base_url = server.script(SCRIPT)
    with pytest.raises(library.APIConnectionError, match=r"^Connection error\."):
        call(library, "OpenAI", base_url, {}, {"extra_headers": headers})
    assert server.requests(base_url) == []


@pytest.mark.parametrize("path", ["/models/a\nb", "/models/a\r\nx: y", "/models/a\0", "/models/a\tb?x=sk-secret"])
def test_a_path_that_cannot_be_sent(server: MockServer, path: str) -> None:
    base_url = server.script(SCRIPT)
    client = tailrace.OpenAI(api_key="k", base_url=base_url, max_retries=0)
    with pytest.raises(tailrace.APIConnectionError, match=r"The path .* has a line break") as caught:
        client.get(path, cast_to=object)
    assert "secret" not in str(caught.value)
    assert server.requests(base_url) == []


def test_a_query_is_sent_with_a_path_that_has_a_fragment(server: MockServer) -> None:
    base_url = server.script(SCRIPT)
    tailrace.OpenAI(api_key="k", base_url=base_url).get("/models#all?a=1", cast_to=object, options={"params": {"b": 2}})
    (request,) = server.requests(base_url)
    assert (request["path"].split("/")[-1], request["query"]) == ("models", "b=2")


def test_a_key_with_a_line_break_is_named_but_not_shown() -> None:
    client = tailrace.OpenAI(api_key="sk-\nsecret", base_url="http://127.0.0.1:9/v1", max_retries=0)
    with pytest.raises(tailrace.APIConnectionError, match=r"(?i)authorization") as caught:
        client.chat.completions.create(model="m", messages=[])
    assert "secret" not in str(caught.value)
    assert "secret" not in repr(caught.value.__cause__)


@pytest.mark.parametrize("base_url", ["", "x", "x/y", "ftp://x/v1", "http://", "://", "http://[::1", "http://h:99999"])
def test_a_base_url_that_is_none(base_url: str) -> None:
    client = tailrace.OpenAI(api_key="k", base_url=base_url, max_retries=0)
    with pytest.raises(tailrace.APIConnectionError) as caught:
        client.chat.completions.create(model="m", messages=[])
    assert len(str(caught.value).splitlines()) == 1
    assert len(str(caught.value)) > len("Connection error.") + 10
