"""`with_raw_response` and `with_streaming_response`, beside the official package."""

from __future__ import annotations

import json
import time
from types import ModuleType
from typing import Any

import pytest
from compared import KINDS, observed

import tailrace
from tailrace.testing import MockServer

BODY = {"id": "m1", "object": "model", "created": 1, "owned_by": "é"}
REPLY = {"json": BODY, "headers": {"x-request-id": "req_7", "x-twice": "1"}, "repeat": True}

EVENTS = {"sse": [{"data": json.dumps({"id": "c", "choices": []})}, {"data": "[DONE]"}], "repeat": True}


def head(response: Any) -> dict[str, Any]:
    return {
        "class": type(response).__name__,
        "status": response.status_code,
        "request_id": response.request_id,
        "type": response.headers["Content-Type"],
        "method": response.method,
        "path": response.url.path.partition("/v1")[2],
        "version": response.http_version,
        "retries": response.retries_taken,
        "language": response.http_request.headers.get("X-Stainless-Lang"),
        "response": type(response.http_response).__name__,
        "closed": response.is_closed,
    }


@pytest.mark.parametrize("kind", KINDS)
def test_a_raw_response_has_the_head_and_parses(server: MockServer, official: ModuleType, kind: str) -> None:
    def look(library: ModuleType, raw: Any) -> Any:
        return [
            head(raw), raw.content, raw.text, raw.elapsed.total_seconds() > 0, repr(raw.parse()),
            raw.parse() is raw.parse(), raw.parse()._request_id, raw.parse(to=dict), raw.parse(to=str),
            repr(raw.parse(to=library.BaseModel)), raw.parse(to=object), raw.parse(to=type(None)),
        ]  # fmt: skip

    found: list[Any] = []
    for library in (tailrace, official):

        def read(client: Any, library: ModuleType = library) -> Any:
            return look(library, client.models.with_raw_response.retrieve("m1"))

        async def read_async(client: Any, library: ModuleType = library) -> Any:
            return look(library, await client.models.with_raw_response.retrieve("m1"))

        found.append(observed(server, library, kind, [REPLY], read if kind == "OpenAI" else read_async))
    assert found[0][0][0] == "returned"
    assert found[0] == found[1]


def test_a_streaming_response_is_read_when_asked(server: MockServer, official: ModuleType) -> None:
    def read(client: Any) -> Any:
        ways: dict[str, Any] = {
            "parse": lambda raw: repr(raw.parse()), "read": lambda raw: raw.read(), "text": lambda raw: raw.text(),
            "json": lambda raw: raw.json(), "bytes": lambda raw: b"".join(raw.iter_bytes()),
            "pieces": lambda raw: list(raw.iter_bytes(7)), "characters": lambda raw: list(raw.iter_text(9)),
            "lines": lambda raw: list(raw.iter_lines()), "dict": lambda raw: raw.parse(to=dict),
        }  # fmt: skip
        found: dict[str, Any] = {}
        for name, way in ways.items():
            with client.models.with_streaming_response.retrieve("m1") as raw:
                found[name] = [head(raw), way(raw), raw.is_closed]
            found[name].append(raw.is_closed)
        return found

    found = [observed(server, library, "OpenAI", [REPLY], read) for library in (tailrace, official)]
    assert found[0][0][0] == "returned"
    assert found[0] == found[1]


def test_an_async_streaming_response_is_read_when_asked(server: MockServer, official: ModuleType) -> None:
    async def joined(pieces: Any) -> Any:
        return [piece async for piece in pieces]

    async def read(client: Any) -> Any:
        async def parsed(raw: Any) -> str:
            return repr(await raw.parse())

        ways: dict[str, Any] = {
            "parse": parsed, "read": lambda raw: raw.read(), "text": lambda raw: raw.text(),
            "json": lambda raw: raw.json(), "pieces": lambda raw: joined(raw.iter_bytes(7)),
            "characters": lambda raw: joined(raw.iter_text(9)), "lines": lambda raw: joined(raw.iter_lines()),
        }  # fmt: skip
        found: dict[str, Any] = {}
        for name, way in ways.items():
            async with client.models.with_streaming_response.retrieve("m1") as raw:
                found[name] = [head(raw), await way(raw), raw.is_closed]
            found[name].append(raw.is_closed)
        return found

    found = [observed(server, library, "AsyncOpenAI", [REPLY], read) for library in (tailrace, official)]
    assert found[0][0][0] == "returned"
    assert found[0] == found[1]


def refusal(what: Any) -> Any:
    try:
        return what()
    except Exception as error:  # noqa: BLE001 - which error it is, is what is compared.
        return type(error).__name__


def test_a_body_is_streamed_once(server: MockServer, official: ModuleType) -> None:
    def read(client: Any) -> Any:
        with client.models.with_streaming_response.retrieve("m1") as raw:
            first = b"".join(raw.iter_bytes())
            return [
                first, refusal(raw.read), refusal(raw.parse), refusal(lambda: list(raw.iter_bytes())),
                refusal(raw.http_response.read), refusal(lambda: raw.http_response.content),
            ]  # fmt: skip

    found = [observed(server, library, "OpenAI", [REPLY], read)[0] for library in (tailrace, official)]
    assert found[0] == found[1]


def test_a_body_cannot_be_read_after_the_block(server: MockServer, official: ModuleType) -> None:
    def read(client: Any) -> Any:
        with client.models.with_streaming_response.retrieve("m1") as raw:
            pass
        return [refusal(raw.read), refusal(raw.parse), refusal(lambda: list(raw.iter_lines()))]

    found = [observed(server, library, "OpenAI", [REPLY], read)[0] for library in (tailrace, official)]
    assert found[0] == found[1]


@pytest.mark.parametrize("view", ["with_raw_response", "with_streaming_response"])
def test_a_raw_response_of_a_stream_parses_to_the_stream(server: MockServer, official: ModuleType, view: str) -> None:
    def read(client: Any) -> Any:
        arguments: Any = {"model": "m", "messages": [], "stream": True}
        if view == "with_raw_response":
            raw = client.chat.completions.with_raw_response.create(**arguments)
            return [raw.is_closed, type(raw.parse()).__name__, [event.id for event in raw.parse()], raw.is_closed]
        with client.chat.completions.with_streaming_response.create(**arguments) as raw:
            return [raw.is_closed, type(raw.parse()).__name__, [event.id for event in raw.parse()], raw.is_closed]

    found = [observed(server, library, "OpenAI", [EVENTS], read) for library in (tailrace, official)]
    assert found[0][0] == ("returned", "list", [False, "Stream", ["c"], True])
    assert found[0] == found[1]


def test_a_raw_stream_parses_to_another_class(server: MockServer, official: ModuleType) -> None:
    found: list[Any] = []
    for library in (tailrace, official):

        def read(client: Any, library: ModuleType = library) -> Any:
            raw = client.chat.completions.with_raw_response.create(model="m", messages=[], stream=True)
            refused = [refusal(lambda: raw.parse(to=dict)), refusal(lambda: raw.parse(to=library.Stream))]
            return [refused, list(raw.parse(to=library.Stream[object]))]

        found.append(observed(server, library, "OpenAI", [EVENTS], read)[0])
    assert found[0] == found[1]


@pytest.mark.parametrize("view", ["with_raw_response", "with_streaming_response"])
@pytest.mark.parametrize("path", ["chat.completions", "vector_stores.files", "beta.threads.runs.steps", "audio.speech"])
def test_the_views_of_a_client_are_those_of_its_resources(library: ModuleType, view: str, path: str) -> None:
    client = library.OpenAI(api_key="k")
    through_client: Any = getattr(client, view)
    through_resource: Any = client
    for name in path.split("."):
        through_client, through_resource = getattr(through_client, name), getattr(through_resource, name)
    assert type(through_client) is type(getattr(through_resource, view))


def test_errors_of_raw_calls_are_raised_by_the_call(server: MockServer, library: ModuleType) -> None:
    base_url = server.script({"exchanges": [{"status": 404, "json": {"error": {"message": "no"}}, "repeat": True}]})
    with library.OpenAI(api_key="k", base_url=base_url, max_retries=0) as client:
        with pytest.raises(library.NotFoundError):
            client.models.with_raw_response.retrieve("m")
        with pytest.raises(library.NotFoundError), client.models.with_streaming_response.retrieve("m"):
            pass


def test_leaving_the_block_closes_the_socket(server: MockServer) -> None:
    chunks = [{"text": "x" * 1000, "delay_ms": 20, "times": 5000}]
    base_url = server.script({"exchanges": [{"chunks": chunks}]})
    with server.client(base_url).files.with_streaming_response.content("f") as raw:
        pieces = raw.iter_bytes()
        assert next(pieces)
        assert not raw.is_closed
    assert raw.is_closed
    # The server would take 100 seconds to send everything; it sees the end of the connection long before.
    deadline = time.monotonic() + 60
    while server.connections(base_url)[0]["closed_ms"] is None and time.monotonic() < deadline:
        time.sleep(0.02)
    assert server.connections(base_url)[0]["closed_by"] == "client"


def test_a_body_that_breaks_off_raises_while_it_is_read(server: MockServer) -> None:
    exchange = {"text": "x" * 1000, "fault": {"kind": "close", "at": 500}, "repeat": True}
    base_url = server.script({"exchanges": [exchange]})
    client = server.client(base_url, max_retries=0)
    with client.files.with_streaming_response.content("f") as raw, pytest.raises(tailrace.APIConnectionError):
        list(raw.iter_bytes())
    with client.files.with_streaming_response.content("f") as raw, pytest.raises(tailrace.APIConnectionError):
        raw.read()
