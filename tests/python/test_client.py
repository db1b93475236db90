"""Options of the clients: constructor, environment, attributes, copies. Each test runs on the official package too."""

from __future__ import annotations

import asyncio
import inspect
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import tailrace

DEFAULTS: dict[str, Any] = {"api_key": "k", "base_url": "http://localhost:1/v1", "max_retries": 0}

#: Keywords of a client that only ours has; everything else must be the official one.
OWN_KEYWORDS = json.loads((Path(__file__).parents[1] / "surface/own.json").read_text(encoding="utf-8"))["client"]


def make(library: ModuleType, name: str = "OpenAI", **options: Any) -> Any:
    return getattr(library, name)(**{**DEFAULTS, **options})


def facts(client: Any) -> dict[str, str]:
    if "Async" in type(client).__name__:
        # The official client looks for a running event loop when it builds its headers.
        async def inside() -> dict[str, str]:
            return shown_by(client)

        return asyncio.run(inside())
    return shown_by(client)


def shown_by(client: Any) -> dict[str, str]:
    names = ("api_key", "admin_api_key", "organization", "project", "base_url", "timeout", "max_retries",
             "webhook_secret", "websocket_base_url", "default_query", "auth_headers", "user_agent")  # fmt: skip
    shown = {name: str(getattr(client, name)) for name in names}
    headers = client.default_headers
    # The sentinels of the two packages are different objects, so their class name stands for them.
    shown["default_headers"] = str(
        {name: value if isinstance(value, str) else type(value).__name__ for name, value in sorted(headers.items())}
    )
    return shown


@pytest.mark.parametrize("name", ["OpenAI", "AsyncOpenAI"])
@pytest.mark.parametrize("method", ["__init__", "copy", "with_options"])
def test_parameters_are_the_official_ones(official: ModuleType, name: str, method: str) -> None:
    ours = inspect.signature(getattr(getattr(tailrace, name), method)).parameters
    theirs = inspect.signature(getattr(getattr(official, name), method)).parameters
    ours = {key: value for key, value in ours.items() if key not in OWN_KEYWORDS}
    assert {key: value.kind for key, value in ours.items()} == {key: value.kind for key, value in theirs.items()}
    for key, parameter in theirs.items():
        if not repr(parameter.default).startswith("NOT_GIVEN"):
            assert ours[key].default == parameter.default, key


@pytest.mark.parametrize("name", ["OpenAI", "AsyncOpenAI"])
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"organization": "o", "project": "p", "webhook_secret": "w", "websocket_base_url": "wss://x"},
        {"base_url": "http://h/v1/"}, {"base_url": "http://h"}, {"base_url": "http://h/a/b?q=1"}, {"base_url": None},
        {"base_url": "https://h:443/v1"}, {"base_url": "HTTP://H/v1"}, {"base_url": "http://h/ä b"},
        {"timeout": 3}, {"timeout": 0.5}, {"timeout": None}, {"max_retries": 7}, {"admin_api_key": "a"},
        {"default_headers": {"X-A": "1", "user-agent": "me", "Accept": "text/plain"}},
        {"default_query": {"a": [1, 2], "b": None}},
    ],
)  # fmt: skip
def test_attributes_equal_the_official_ones(official: ModuleType, name: str, options: dict[str, Any]) -> None:
    assert facts(make(tailrace, name, **options)) == facts(make(official, name, **options))


@pytest.mark.parametrize("region", ["global", "us", "eu", "ae", "au", "in", "jp"])
def test_data_residency_names_the_official_url(official: ModuleType, region: Any) -> None:
    ours = tailrace.OpenAI(api_key="k", data_residency=region)
    theirs = official.OpenAI(api_key="k", data_residency=region)
    assert str(ours.base_url) == str(theirs.base_url)


ENVIRONMENT = {
    "OPENAI_API_KEY": "ek", "OPENAI_ORG_ID": "eo", "OPENAI_PROJECT_ID": "ep", "OPENAI_BASE_URL": "http://e/v1",
    "OPENAI_WEBHOOK_SECRET": "ew", "OPENAI_ADMIN_KEY": "ea", "OPENAI_CUSTOM_HEADERS": "A: b\nC:d : e\n\nbad\nE:",
}  # fmt: skip


@pytest.mark.parametrize(
    "options",
    [{}, {"api_key": "k", "organization": "o", "project": "p", "base_url": "http://b", "webhook_secret": "w"},
     {"default_headers": {"A": "mine", "a": "lower"}}, {"data_residency": "eu"}, {"base_url": None}],
)  # fmt: skip
@pytest.mark.parametrize("missing", [None, *ENVIRONMENT])
def test_the_environment_is_read_as_the_official_client_reads_it(
    official: ModuleType, monkeypatch: pytest.MonkeyPatch, options: dict[str, Any], missing: str | None
) -> None:
    for name, value in ENVIRONMENT.items():
        if name != missing:
            monkeypatch.setenv(name, value)
    assert facts(tailrace.OpenAI(**options)) == facts(official.OpenAI(**options))


@pytest.mark.parametrize("name", ["OpenAI", "AsyncOpenAI"])
@pytest.mark.parametrize(
    "changes",
    [
        {}, {"api_key": "z"}, {"api_key": ""}, {"organization": "n"}, {"timeout": None}, {"timeout": 3},
        {"max_retries": 0}, {"base_url": "http://n"}, {"base_url": None}, {"data_residency": "us"},
        {"default_headers": {"b": "3", "B": "9"}}, {"set_default_headers": {"c": "4"}}, {"set_default_headers": {}},
        {"default_query": {"z": 1}}, {"set_default_query": {"z": 1}}, {"webhook_secret": "q"},
        {"websocket_base_url": "ws://z"},
    ],
)  # fmt: skip
def test_copies_equal_the_official_ones(official: ModuleType, name: str, changes: dict[str, Any]) -> None:
    options = {"organization": "o", "default_headers": {"a": "1", "b": "2"}, "default_query": {"q": 1}, "timeout": 9}
    ours, theirs = make(tailrace, name, **options), make(official, name, **options)
    assert facts(ours.copy(**changes)) == facts(theirs.copy(**changes))
    assert facts(ours.with_options(**changes)) == facts(ours.copy(**changes))
    assert facts(ours) == facts(theirs)


def test_a_copy_keeps_the_class_and_shares_the_connections() -> None:
    class Mine(tailrace.OpenAI):
        pass

    client = Mine(api_key="k")
    copied = client.copy(timeout=1)
    assert type(copied) is Mine
    assert copied.user_agent.startswith("Mine/Python ")
    copied.close()
    assert client.is_closed()


@pytest.mark.parametrize("changes", [{}, {"set_default_headers": {}}, {"default_headers": {"A": "c"}}])
def test_headers_of_the_environment_stay_in_copies(
    official: ModuleType, monkeypatch: pytest.MonkeyPatch, changes: dict[str, Any]
) -> None:
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "A: b")
    assert facts(make(tailrace).copy(**changes)) == facts(make(official).copy(**changes))


@pytest.mark.parametrize("both", ["headers", "query"])
def test_merging_and_replacing_exclude_each_other(library: ModuleType, both: str) -> None:
    with pytest.raises(ValueError, match="mutually exclusive"):
        make(library).copy(**{f"default_{both}": {}, f"set_default_{both}": {}})


@pytest.mark.parametrize("name", ["OpenAI", "AsyncOpenAI"])
@pytest.mark.parametrize("key", [None, ""])
def test_missing_credentials(library: ModuleType, name: str, key: str | None) -> None:
    with pytest.raises(library.OpenAIError, match=r"^Missing credentials\. Please pass an `api_key`") as caught:
        getattr(library, name)(api_key=key)
    assert not isinstance(caught.value, library.APIError)


def test_a_call_without_credentials(library: ModuleType) -> None:
    client = make(library, api_key=None, _enforce_credentials=False)
    with pytest.raises(TypeError, match="Could not resolve authentication method"):
        client.chat.completions.create(model="m", messages=[])


@pytest.mark.parametrize(
    ("options", "error", "text"),
    [
        ({"max_retries": None}, TypeError, "max_retries cannot be None"),
        ({"max_retries": "2"}, TypeError, "max_retries must be a non-negative integer"),
        ({"max_retries": 2.5}, TypeError, "max_retries must be a non-negative integer"),
        ({"max_retries": -1}, ValueError, "max_retries must be a non-negative integer"),
        ({"base_url": 5}, TypeError, "int"),
        ({"base_url": b"http://x"}, TypeError, "bytes"),
        ({"default_query": 5}, TypeError, "int"),
        ({"data_residency": "eu"}, ValueError, "mutually exclusive"),
        ({"unknown": 1}, TypeError, "unexpected keyword argument 'unknown'"),
    ],
)
def test_bad_options(library: ModuleType, options: dict[str, Any], error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text):
        getattr(make(library, **options), "default_query")  # noqa: B009 - The official client looks at it late.


@pytest.mark.parametrize(
    ("options", "error", "text"),
    [
        ({"timeout": "x"}, TypeError, "`timeout` must be a number of seconds"),
        ({"timeout": -1}, ValueError, "`timeout` must not be negative"),
        ({"timeout": float("nan")}, ValueError, "`timeout` must not be negative"),
        ({"timeout": tailrace.Timeout(1, read=-2)}, ValueError, r"`timeout\.read` must not be negative"),
        ({"timeout": tailrace.Timeout("x")}, TypeError, r"`timeout\.connect` must be a number"),  # type: ignore[arg-type]
        ({"timeout": (1,)}, TypeError, "as a tuple"),
        ({"timeout": tailrace.Timeout(total=-1)}, ValueError, r"`timeout\.total` must not be negative"),
        ({"deadline": -1}, ValueError, "`deadline` must not be negative"),
        ({"deadline": float("nan")}, ValueError, "`deadline` must not be negative"),
        ({"deadline": float("inf")}, ValueError, "`deadline` must be finite; give None"),
        ({"deadline": "x"}, TypeError, "`deadline` must be a number of seconds"),
        ({"deadline": tailrace.Timeout(1)}, TypeError, "`deadline` must be a number of seconds"),
        ({"api_key": 5}, TypeError, "`api_key` must be a string, not int"),
        ({"organization": 5}, TypeError, "`organization` must be a string"),
        ({"default_headers": [("a", "b")]}, TypeError, "`default_headers` must be a mapping, not list"),
        ({"default_headers": {"a": 5}}, TypeError, "The header 'a' in `default_headers` must be a string"),
        ({"default_headers": {5: "a"}}, TypeError, "header names"),
    ],
)
def test_bad_options_that_the_official_client_notices_late(options: Any, error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text):
        make(tailrace, **options)


def test_a_region_that_is_none(library: ModuleType) -> None:
    with pytest.raises(ValueError, match=r"^Invalid `data_residency`; expected one of 'global', 'us', .*, or 'jp'$"):
        library.OpenAI(api_key="k", data_residency="zz")


def test_options_can_be_assigned(library: ModuleType) -> None:
    client = make(library)
    client.base_url = "http://other/v2"
    client.api_key = "new"
    client.timeout = 5
    assert str(client.base_url) == "http://other/v2/"
    assert client.auth_headers == {"Authorization": "Bearer new"}


def test_urls_of_httpx_are_taken(official: ModuleType) -> None:
    import httpx2

    client = make(tailrace, base_url=httpx2.URL("http://h/v1"))
    assert str(client.base_url) == "http://h/v1/"
    assert client.base_url == httpx2.URL("http://h/v1/")


def test_closing(library: ModuleType) -> None:
    with make(library) as client:
        assert not client.is_closed()
    assert client.is_closed()
    client.close()
    with pytest.raises(RuntimeError, match="the client has been closed"):
        client.chat.completions.create(model="m", messages=[])


def test_closing_an_async_client(library: ModuleType) -> None:
    async def run() -> None:
        async with make(library, "AsyncOpenAI") as client:
            assert not client.is_closed()
        assert client.is_closed()
        await client.close()
        with pytest.raises(RuntimeError, match="the client has been closed"):
            await client.chat.completions.create(model="m", messages=[])

    asyncio.run(run())


def test_resources_are_made_once(library: ModuleType) -> None:
    client = make(library)
    assert client.chat is client.chat
    assert client.chat.completions is client.chat.completions
    assert client.responses is client.responses


def test_no_repr_shows_the_key() -> None:
    client = tailrace.OpenAI(api_key="sk-secret", base_url="http://user:pass-word@h/v1")
    for shown in (repr(client), str(client), repr(client.base_url)):
        assert "sk-secret" not in shown
        assert "pass-word" not in shown
