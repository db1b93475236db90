"""Streams whose events have names, and how errors come in streams, beside the official package."""

from __future__ import annotations

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
    "an error event": [("error", ERROR)],
    "an error with its type": [("error", {"type": "error", **ERROR})],
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
