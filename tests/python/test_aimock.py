"""Faults of aimock, a server that nobody here wrote: the outcome of a call is that of the official package.

`TAILRACE_AIMOCK` names the folder of the npm package `@copilotkit/aimock`; `cargo xtask test` installs it.
"""

from __future__ import annotations

import asyncio
import importlib
import itertools
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from compared import KINDS

import tailrace

SERVER = Path(__file__).parents[1] / "aimock" / "server.mjs"

#: What the server is told to do, by message and by header.
FAULTS: dict[str, tuple[str, dict[str, str]]] = {
    "none": ("whole", {}),
    "tool": ("tool", {}),
    "cut after one chunk": ("cut after one chunk", {}),
    "cut after three chunks": ("cut after three chunks", {}),
    "cut in time": ("cut in time", {}),
    "an error": ("an error", {}),
    "no fixture": ("nobody knows this", {}),
    **{name: ("whole", {f"x-aimock-chaos-{name}": "1"}) for name in ("drop", "malformed", "disconnect", "ratelimit")},
}

#: Made anew for each answer.
RANDOM = {"id", "item_id", "call_id", "created", "created_at", "completed_at", "obfuscation"}


@pytest.fixture(scope="module")
def aimock() -> Iterator[str]:
    folder, node = os.environ.get("TAILRACE_AIMOCK"), shutil.which("node")
    if folder is None or node is None:
        pytest.skip("needs Node, and TAILRACE_AIMOCK, the folder of the npm package @copilotkit/aimock")
    with subprocess.Popen([node, SERVER, folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())["url"] + "/v1"
        process.kill()


def arguments(api: str, fault: str, streams: bool) -> dict[str, Any]:
    message, headers = FAULTS[fault]
    given = {"messages": [{"role": "user", "content": message}]} if api == "chat" else {"input": message}
    return {"model": "m", "stream": streams, "extra_headers": headers, **given}


def outcomes(library: ModuleType, kind: str, url: str, api: str) -> dict[tuple[str, str], tuple[list[Any], Any]]:
    """Return, for each fault, what was read and the exception that ended it, if one did."""
    found: dict[tuple[str, str], tuple[list[Any], Any]] = {}
    options: dict[str, Any] = {"api_key": "k", "base_url": url, "max_retries": 0}

    def method(client: Any) -> Any:
        return (client.chat.completions if api == "chat" else client.responses).create

    def run(client: Any, items: list[Any], fault: str, streams: bool) -> None:
        reply = method(client)(**arguments(api, fault, streams))
        for item in reply if streams else [reply]:
            items.append(item)

    async def run_async(client: Any, items: list[Any], fault: str, streams: bool) -> None:
        reply = await method(client)(**arguments(api, fault, streams))
        if not streams:
            items.append(reply)
            return
        async for item in reply:
            items.append(item)

    async def all_async() -> None:
        async with library.AsyncOpenAI(**options) as client:
            for fault, streams in itertools.product(FAULTS, (True, False)):
                items, error = [], None
                try:
                    await run_async(client, items, fault, streams)
                except Exception as caught:  # noqa: BLE001 - Compared by the test.
                    error = caught
                found[fault, "stream" if streams else "whole"] = (plain(items), error)

    if kind == "AsyncOpenAI":
        asyncio.run(all_async())
        return found
    with library.OpenAI(**options) as client:
        for fault, streams in itertools.product(FAULTS, (True, False)):
            items, error = [], None
            try:
                run(client, items, fault, streams)
            except Exception as caught:  # noqa: BLE001 - Compared by the test.
                error = caught
            found[fault, "stream" if streams else "whole"] = (plain(items), error)
    return found


def plain(items: list[Any]) -> list[Any]:
    return [(type(item).__name__, fixed(item.model_dump(mode="json", warnings=False))) for item in items]


def fixed(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: "any" if key in RANDOM else fixed(part) for key, part in value.items()}
    return [fixed(part) for part in value] if isinstance(value, list) else value


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("api", ["chat", "responses"])
def test_the_outcome_of_each_fault_is_the_official_one(aimock: str, official: ModuleType, api: str, kind: str) -> None:
    found, theirs = (outcomes(library, kind, aimock, api) for library in (tailrace, official))
    assert len(found) == 2 * len(FAULTS)
    for case, (items, error) in found.items():
        official_items, official_error = theirs[case]
        # How many arrive before a cut in time is a matter of time.
        count = min(len(items), len(official_items)) if case[0] == "cut in time" else None
        assert items[:count] == official_items[:count], case
        if official_error is None:
            assert error is None, case
            continue
        # What we raise may be more than what the official package raises, and says more.
        assert type(official_error).__name__ in [kind.__name__ for kind in type(error).__mro__], case
        assert str(error).startswith(str(official_error)), case
        for name in ("status_code", "code", "param", "type", "body"):
            if hasattr(official_error, name):
                assert getattr(error, name) == getattr(official_error, name), (case, name)


def talk(kind: str, url: str, part: str, send: list[tuple[str, dict[str, Any]]], last: str) -> list[Any]:
    """Return what comes over a socket of aimock until an event of type `last`."""
    events: list[Any] = []

    def resource(client: Any) -> Any:
        for name in part.split("."):
            client = getattr(client, name)
        return client.connect(**({} if part == "responses" else {"model": "m"}))

    def method(connection: Any, path: str) -> Any:
        for name in path.split("."):
            connection = getattr(connection, name)
        return connection

    async def run() -> None:
        async with tailrace.AsyncOpenAI(api_key="k", base_url=url) as client, resource(client) as connection:
            for path, given in send:
                await method(connection, path)(**given)
            async for event in connection:
                events.append(event)
                if event.type == last:
                    return

    if kind == "AsyncOpenAI":
        asyncio.run(run())
        return events
    with tailrace.OpenAI(api_key="k", base_url=url) as client, resource(client) as connection:
        for path, given in send:
            method(connection, path)(**given)
        for event in connection:
            events.append(event)
            if event.type == last:
                break
    return events


TEXT = "Water falls, turns the wheel, and runs off down the tailrace – é🌊 – to the river."  # noqa: RUF001 - as the server has it.


def deltas(events: list[Any]) -> str:
    # The server cuts between the halves of a character, as JavaScript counts.
    text = "".join(event.delta for event in events if event.type == "response.output_text.delta")
    return text.encode("utf-16", "surrogatepass").decode("utf-16")


@pytest.mark.parametrize("kind", KINDS)
def test_a_realtime_session(aimock: str, official: ModuleType, kind: str) -> None:
    item = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "whole"}]}
    send = [("conversation.item.create", {"item": item}), ("response.create", {})]
    events = talk(kind, aimock, "realtime", send, "response.done")
    assert deltas(events) == TEXT
    assert [event.type for event in events][:3] == ["session.created", "conversation.item.added", "response.created"]
    assert events[-1].response.output[0].content[0].text == TEXT
    as_official(official, "realtime.realtime_server_event", "RealtimeServerEvent", events)


@pytest.mark.parametrize("kind", KINDS)
def test_a_realtime_session_of_the_beta_is_refused_by_an_event(aimock: str, official: ModuleType, kind: str) -> None:
    events = talk(kind, aimock, "beta.realtime", [], "error")
    assert [(type(event).__name__, event.error.code) for event in events] == [("ErrorEvent", "beta_api_shape_disabled")]
    as_official(official, "beta.realtime.realtime_server_event", "RealtimeServerEvent", events)


@pytest.mark.parametrize("kind", KINDS)
def test_responses_over_a_socket(aimock: str, official: ModuleType, kind: str) -> None:
    send = [("response.create", {"model": "m", "input": "whole"})]
    events = talk(kind, aimock, "responses", send, "response.completed")
    assert deltas(events) == TEXT
    assert events[-1].response.output[0].content[0].text == TEXT
    as_official(official, "responses.responses_server_event", "ResponsesServerEvent", events)


def as_official(official: ModuleType, place: str, name: str, events: list[Any]) -> None:
    """Compare classes and dumps with what the official package makes of the same JSON."""
    union = getattr(importlib.import_module(f"openai.types.{place}"), name)
    construct: Any = importlib.import_module("openai._models").construct_type_unchecked
    for event in events:
        theirs = construct(value=event.to_dict(), type_=union)
        assert (type(event).__name__, event.to_dict()) == (type(theirs).__name__, theirs.to_dict())
