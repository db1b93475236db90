"""Streams whose events have names, and how errors come in streams, beside the official package."""

from __future__ import annotations

import asyncio
import json
from types import ModuleType
from typing import Any

import pytest
from compared import KINDS, observed

import tailrace
from tailrace.testing import MockServer

ERROR = {"message": "boom", "code": "c"}

STREAMS: dict[str, list[tuple[str | None, Any]]] = {
    "threads": [("thread.created", {"id": "t"}), ("thread.run.created", {"id": "r", "status": "queued"})],
    "an error inside an object": [("thread.run.failed", {"id": "r", "error": ERROR})],
    "no names": [(None, {"id": "t"}), (None, {"data": {}, "event": "thread.created"})],
    "other names": [("ping", {"id": "t"}), ("message", {"id": "q"})],
    "an error member": [(None, {"id": "t"}), (None, {"error": ERROR}), (None, {"id": "late"})],
    "an error member of an error event": [("error", {"error": ERROR})],
    "an error member that is text": [("x", {"error": "text"})],
    "no objects": [("thread.y", "s"), ("q", "s"), ("q", [1]), ("q", 5)],
    "agents": [("agent.error", {"type": "agent.error", "error": ERROR}), ("x", {"type": "x", "error": "s"})],
}

STREAMED: dict[str, Any] = {
    "beta.threads.create_and_run": lambda client: client.beta.threads.create_and_run(assistant_id="a", stream=True),
    "beta.threads.runs.create": lambda client: client.beta.threads.runs.create("t", assistant_id="a", stream=True),
    "chat.completions": lambda client: client.chat.completions.create(model="m", messages=[], stream=True),
    "responses": lambda client: client.responses.create(model="m", input="x", stream=True),
    "beta.agents.sessions.events": lambda client: client.beta.agents.sessions.events.stream("s"),
    "audio.transcriptions": lambda client: client.audio.transcriptions.create(model="m", file=b"x", stream=True),
    "images": lambda client: client.images.generate(prompt="x", stream=True),
}


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("method", STREAMED)
@pytest.mark.parametrize("name", STREAMS)
def test_the_events_are_those_of_the_official_package(
    server: MockServer, official: ModuleType, kind: str, method: str, name: str
) -> None:
    sse = [{"data": json.dumps(data), **({"event": event} if event else {})} for event, data in STREAMS[name]]
    script = {"sse": [*sse, {"data": "[DONE]"}]}

    def collect(found: list[Any], event: Any) -> None:
        found.append((type(event).__name__, repr(event)))

    def read(client: Any) -> Any:
        found: list[Any] = []
        try:
            for event in STREAMED[method](client):
                collect(found, event)
        except Exception as error:  # noqa: BLE001 - which error it is, is what is compared.
            found.append((type(error).__name__, str(error), getattr(error, "body", None)))
        return found

    async def read_async(client: Any) -> Any:
        found: list[Any] = []
        try:
            async for event in await STREAMED[method](client):
                collect(found, event)
        except Exception as error:  # noqa: BLE001 - which error it is, is what is compared.
            found.append((type(error).__name__, str(error), getattr(error, "body", None)))
        return found

    action = read if kind == "OpenAI" else read_async
    found = [observed(server, library, kind, [script], action) for library in (tailrace, official)]
    assert found[0][0][0] == "returned"
    assert found[0] == found[1]


#: The type of the item that comes before the exception, where the API describes its error events.
ERROR_ITEMS = {
    "beta.threads.create_and_run": "ErrorEvent",
    "beta.threads.runs.create": "ErrorEvent",
    "chat.completions": None,
    "responses": "ResponseErrorEvent",
    "audio.transcriptions": None,
    "images": None,
}


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("method", ERROR_ITEMS)
def test_an_error_event_ends_the_stream_with_its_body(server: MockServer, kind: str, method: str) -> None:
    body = {"type": "error", **ERROR, "param": "p"}
    late = {"data": json.dumps({"id": "late"})}
    url = server.script({"exchanges": [{"sse": [{"event": "error", "data": json.dumps(body)}, late, late]}]})
    items: list[Any] = []

    def read() -> None:
        with tailrace.OpenAI(api_key="k", base_url=url) as client:
            for item in STREAMED[method](client):
                items.append(item)

    async def read_async() -> None:
        async with tailrace.AsyncOpenAI(api_key="k", base_url=url) as client:
            async for item in await STREAMED[method](client):
                items.append(item)

    with pytest.raises(tailrace.APIError) as caught:
        read() if kind == "OpenAI" else asyncio.run(read_async())
    error = caught.value
    assert (str(error), error.code, error.param, error.body) == ("boom", "c", "p", body)
    assert error.request.method == "POST"
    expected = ERROR_ITEMS[method]
    assert [type(item).__name__ for item in items] == ([expected] if expected else [])


def test_the_stream_is_over_after_its_error_event(server: MockServer, official: ModuleType) -> None:
    sse = [{"event": "error", "data": json.dumps({"type": "error", "sequence_number": 1, "param": None, **ERROR})}]
    url = server.script({"exchanges": [{"sse": sse, "repeat": True}]})
    stream = STREAMED["responses"](tailrace.OpenAI(api_key="k", base_url=url))
    first = next(stream)
    # The item is that of the official package, which says nothing more.
    [theirs] = STREAMED["responses"](official.OpenAI(api_key="k", base_url=url))
    assert repr(first) == repr(theirs)
    with pytest.raises(tailrace.APIError):
        next(stream)
    assert list(stream) == []


@pytest.mark.parametrize("text", ["overloaded", "", '{"error": '])
def test_an_error_event_that_is_no_json_is_an_api_error_too(server: MockServer, text: str) -> None:
    url = server.script({"exchanges": [{"sse": [{"event": "error", "data": text}]}]})
    stream = STREAMED["chat.completions"](tailrace.OpenAI(api_key="k", base_url=url))
    with pytest.raises(tailrace.APIError) as caught:
        next(stream)
    assert caught.value.body == text


def test_an_error_event_counts_before_strict_validation(server: MockServer) -> None:
    url = server.script({"exchanges": [{"sse": [{"event": "error", "data": json.dumps(ERROR)}]}]})
    client = tailrace.OpenAI(api_key="k", base_url=url, _strict_response_validation=True)
    with pytest.raises(tailrace.APIError, match="boom") as caught:
        next(STREAMED["chat.completions"](client))
    assert type(caught.value) is tailrace.APIError


STRICT: dict[str, list[Any]] = {
    "good": [{"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": []}],
    "a wrong type": [{"id": "c", "object": "chat.completion.chunk", "created": "x", "model": "m", "choices": []}],
    "missing members": [{"id": "c"}],
    "no object": ["text"],
    "an error": [{"error": ERROR}],
}


@pytest.mark.parametrize("name", STRICT)
def test_strict_validation_holds_for_events(server: MockServer, official: ModuleType, name: str) -> None:
    def read(client: Any) -> Any:
        return [repr(event) for event in STREAMED["chat.completions"](client)]

    script = {"sse": [*({"data": json.dumps(data)} for data in STRICT[name]), {"data": "[DONE]"}]}
    found = [
        observed(server, library, "OpenAI", [script], read, _strict_response_validation=True)
        for library in (tailrace, official)
    ]
    assert found[0] == found[1]
