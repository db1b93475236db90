"""Streams of assistants: the callbacks, what they see, the results and the errors, beside the official package."""

from __future__ import annotations

import asyncio
import json
from types import ModuleType
from typing import Any

import pytest
from compared import KINDS, both

import tailrace
from tailrace.lib.streaming import AssistantEventHandler, AsyncAssistantEventHandler
from tailrace.testing import MockServer

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

RUN = {"id": "run", "object": "thread.run", "thread_id": "t", "assistant_id": "a", "status": "queued", "model": "m"}
CALL = {"id": "c0", "type": "function", "function": {"name": "f", "arguments": "", "output": None}}
IMAGE = {"type": "image_file", "image_file": {"file_id": "f"}}
CITATION = {
    "index": 0, "type": "file_citation", "text": "x", "start_index": 0, "end_index": 1,
    "file_citation": {"file_id": "f", "quote": "q"},
}  # fmt: skip

#: How the results of a stream are asked for; reading its events tells all of them, so that most streams are read once.
WITH_ALL_WAYS = ("nothing", "texts", "calls", "no delta")
WAYS = ("until_done", "get_final_run", "get_final_run_steps", "get_final_messages", "events", "text_deltas")


def run(kind: str) -> tuple[str, Any]:
    return f"thread.run.{kind}", {**RUN, "status": kind}


def message(kind: str, *content: Any, name: str = "msg", **more: Any) -> tuple[str, Any]:
    value = {"id": name, "object": "thread.message", "thread_id": "t", "role": "assistant", "status": "in_progress"}
    return f"thread.message.{kind}", {**value, "content": list(content), **more}


def said(*content: Any, name: str = "msg") -> tuple[str, Any]:
    delta = {"content": list(content)} if content else {}
    return "thread.message.delta", {"id": name, "object": "thread.message.delta", "delta": delta}


def text(value: str | None, index: int = 0, **more: Any) -> dict[str, Any]:
    part = {"index": index, "type": "text"}
    return part if value is None else {**part, "text": {"value": value, **more}}


def step(kind: str, *calls: Any, name: str = "step", **more: Any) -> tuple[str, Any]:
    value = {"id": name, "object": "thread.run.step", "run_id": "run", "status": kind, "type": "tool_calls"}
    return f"thread.run.step.{kind}", {
        **value, "step_details": {"type": "tool_calls", "tool_calls": list(calls)}, **more
    }  # fmt: skip


def called(*calls: Any, name: str = "step", **details: Any) -> tuple[str, Any]:
    delta = {"step_details": {"type": "tool_calls", "tool_calls": list(calls), **details}}
    return "thread.run.step.delta", {"id": name, "object": "thread.run.step.delta", "delta": delta}


def function(index: int, arguments: str) -> dict[str, Any]:
    return {"index": index, "type": "function", "function": {"arguments": arguments}}


def code(**part: Any) -> dict[str, Any]:
    return {"index": 2, "type": "code_interpreter", "code_interpreter": part}


CALLS = [
    step("created"),
    called({"index": 0, **CALL}),
    called(function(0, "{")),
    called(function(0, "}"), {"index": 1, **CALL, "id": "c1"}),
    called({**code(input="", outputs=[]), "id": "c2"}),
    called(code(input="1+1")),
    called(code(outputs=[{"index": 0, "type": "logs", "logs": "2"}])),
]

STREAMS: dict[str, list[tuple[str, Any]]] = {
    "nothing": [],
    "a run": [run(kind) for kind in ("created", "queued", "in_progress", "cancelling", "completed")],
    "texts": [
        run("created"),
        message("created"),
        message("in_progress", metadata={"a": "b"}),
        said(text("Hi", annotations=[])),
        said(text(" you")),
        said(text("two", 1)),
        said(text(" more", 1, annotations=[CITATION])),
        message("completed", text("Hi you"), text("two more", 1)),
        run("completed"),
    ],
    "an image between texts": [
        message("created"),
        said(text("Hi")),
        said({"index": 1, **IMAGE}),
        said(text("after", 2)),
        message("completed", text("Hi"), IMAGE, text("after")),
    ],
    "an image": [message("created"), said({"index": 0, **IMAGE}), message("incomplete", IMAGE)],
    "two parts in a delta": [message("created"), said(text("a"), text("b", 1)), said(text("c", 1)), said(text("d"))],
    "a refusal": [
        message("created"),
        said({"index": 0, "type": "refusal", "refusal": "no"}),
        said({"index": 0, "type": "refusal", "refusal": "pe"}),
        message("completed", {"type": "refusal", "refusal": "nope"}),
    ],
    "deltas of nothing": [
        message("created"), said(), said(text(None)), said(text("x")), step("created"), called(tool_calls=None),
        ("thread.run.step.delta", {"id": "step", "delta": {}}), message("completed", text("x")),
    ],
    "a message that ends shorter": [message("created"), said(text("a"), text("b", 1)), message("completed", text("a"))],
    "two messages": [
        message("created"),
        said(text("a"), text("b", 1)),
        message("completed", text("a"), text("b", 1)),
        message("created", name="other"),
        said(text("B"), name="other"),
        said(text("C", 1), name="other"),
    ],
    "a message that is not empty": [message("created", text("x")), said(text("y")), message("in_progress", name="no")],
    "calls": [*CALLS, run("requires_action")],
    "two steps": [
        *CALLS,
        step("completed", CALL),
        step("created", name="other"),
        step("in_progress", name="step", metadata={"a": "b"}),
        called({"index": 0, **CALL}, name="other"),
        run("completed"),
    ],
    "a step that begins with a call": [step("created", CALL), called(function(0, "{")), called(function(0, "}"))],
    "a step that was not begun": [step("completed", CALL)],
    "a step in progress that was not begun": [step("in_progress")],
    "a delta of no step": [called({"index": 0, **CALL})],
    "a delta of no message": [said(text("x"))],
    "no delta": [message("created"), said(text("x")), said("y")],
    "an error": [run("created"), ("error", {"error": {"message": "boom", "code": "x"}}), run("failed")],
    "a thread": [("thread.created", {"id": "t", "object": "thread"}), run("created")],
    **{f"a step that {end}": [*CALLS, step(end, CALL), run(end)] for end in ("failed", "cancelled", "expired")},
    **{f"a run that is {end}": [*CALLS, run(end)] for end in ("failed", "cancelled", "expired", "incomplete")},
}  # fmt: skip


def sse(events: list[tuple[str, Any]]) -> dict[str, Any]:
    parts = [f"event: {name}\ndata: {json.dumps(data)}\n\n" for name, data in events]
    return {"chunks": [*parts, "data: [DONE]\n\n"]}


def plain(value: Any) -> Any:
    if isinstance(value, list):
        return [plain(item) for item in value]  # pyright: ignore[reportUnknownVariableType]
    if isinstance(value, Exception):
        return type(value).__name__, str(value)
    if hasattr(value, "model_dump"):
        return type(value).__name__, value.model_dump(warnings=False), sorted(value.model_fields_set)
    return value


def seen(handler: Any) -> list[Any]:
    """What the properties of a handler tell; a step that has not begun makes one of them raise."""
    try:
        step = plain(handler.current_run_step_snapshot)
    except KeyError as error:
        step = plain(error)
    return [plain(handler.current_event), plain(handler.current_run), step, plain(handler.current_message_snapshot)]


def handler_of(library: ModuleType, kind: str, log: list[Any], raising: str | None = None) -> Any:
    """A handler that notes each callback with its arguments and with what is known at that moment."""
    streaming = __import__(f"{library.__name__}.lib.streaming", fromlist=["x"])
    parent = streaming.AssistantEventHandler if kind == "OpenAI" else streaming.AsyncAssistantEventHandler

    def note(name: str) -> Any:
        def noted(self: Any, *arguments: Any) -> None:
            log.append((name, plain(list(arguments)), seen(self)))
            if name == raising:
                raise KeyError(name)

        async def awaited(self: Any, *arguments: Any) -> None:
            noted(self, *arguments)

        return noted if kind == "OpenAI" else awaited

    return type("Handler", (parent,), {name: note(name) for name in dir(parent) if name.startswith("on_")})()


def watching(library: ModuleType, kind: str, way: str, raising: str | None = None) -> Any:
    """Return an action that reads a stream in one way and returns all that it saw, errors included."""

    def act(api: Any) -> Any:
        log: list[Any] = []
        handler = handler_of(library, kind, log, raising)
        manager = api.beta.threads.runs.stream(thread_id="t", assistant_id="a", event_handler=handler)
        return _read(manager, way, log) if kind == "OpenAI" else _read_async(manager, way, log)

    return act


def _read(manager: Any, way: str, log: list[Any]) -> list[Any]:
    stream: Any = None
    try:
        with manager as stream:
            if way in ("events", "text_deltas"):
                for one in stream if way == "events" else stream.text_deltas:
                    log.append(("got", plain(one), seen(stream)))
            else:
                log.append(("result", plain(getattr(stream, way)())))
            log.append(seen(stream))
            if way == "events":
                log.append(("steps", plain(stream.get_final_run_steps())))
    except Exception as error:  # noqa: BLE001 - Which error it is, is what is compared.
        log.append(("raised", plain(error), seen(stream)))
    return log


async def _read_async(manager: Any, way: str, log: list[Any]) -> list[Any]:
    stream: Any = None
    try:
        async with manager as stream:
            if way in ("events", "text_deltas"):
                async for one in stream if way == "events" else stream.text_deltas:
                    log.append(("got", plain(one), seen(stream)))
            else:
                log.append(("result", plain(await getattr(stream, way)())))
            log.append(seen(stream))
            if way == "events":
                log.append(("steps", plain(await stream.get_final_run_steps())))
    except Exception as error:  # noqa: BLE001 - Which error it is, is what is compared.
        log.append(("raised", plain(error), seen(stream)))
    return log


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", STREAMS)
def test_every_callback_sees_what_it_sees_in_the_official_package(
    server: MockServer, official: ModuleType, kind: str, name: str
) -> None:
    for way in WAYS if name in WITH_ALL_WAYS else ("events",):
        found: list[Any] = []
        for library in (tailrace, official):
            base_url = server.script({"exchanges": [sse(STREAMS[name])]})
            options: dict[str, Any] = {"api_key": "k", "base_url": base_url, "max_retries": 0}
            action = watching(library, kind, way)
            if kind == "OpenAI":
                with library.OpenAI(**options) as api:
                    found.append(action(api))
            else:
                found.append(asyncio.run(_with_async(library, options, action)))
        for ours, theirs in zip(*found, strict=False):
            assert ours == theirs, way
        assert len(found[0]) == len(found[1]), way
        assert any(one[0] == "on_end" for one in found[0])


async def _with_async(library: ModuleType, options: dict[str, Any], action: Any) -> Any:
    async with library.AsyncOpenAI(**options) as api:
        return await action(api)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("raising", ["on_event", "on_text_delta", "on_message_done", "on_end"])
def test_what_a_callback_raises_ends_the_stream(
    server: MockServer, official: ModuleType, kind: str, raising: str
) -> None:
    exchanges = [sse(STREAMS["texts"])]
    (ours, _), (theirs, _) = (
        both(server, tailrace, tailrace, kind, exchanges, watching(tailrace, kind, "until_done", raising))[0],
        both(server, official, official, kind, exchanges, watching(official, kind, "until_done", raising))[0],
    )
    assert ours == theirs
    assert str(ours).count("raised") == 1


ARGUMENTS: dict[str, Any] = {
    "extra_headers": {"x-mine": "1"}, "extra_query": {"q": "1"}, "extra_body": {"b": 1}, "timeout": 30,
}  # fmt: skip

METHODS: dict[str, Any] = {
    "runs.stream": {"thread_id": "t", "assistant_id": "a", "temperature": 0.5, "include": ["x"]},
    "runs.create_and_stream": {"thread_id": "t", "assistant_id": "a", "tools": []},
    "create_and_run_stream": {"assistant_id": "a", "thread": {"messages": []}},
    "runs.submit_tool_outputs_stream": {"thread_id": "t", "run_id": "r", "tool_outputs": [{"output": "1"}]},
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("custom", [False, True])
@pytest.mark.parametrize("name", METHODS)
def test_the_requests_are_those_of_the_official_package(
    server: MockServer, official: ModuleType, kind: str, name: str, custom: bool
) -> None:
    def act(api: Any) -> Any:
        library = tailrace if type(api).__module__.startswith("tailrace") else official
        handler = {"event_handler": handler_of(library, kind, [])} if custom else {}
        method: Any = api.beta.threads
        for part in name.split("."):
            method = getattr(method, part)
        manager = method(**METHODS[name], **ARGUMENTS, **handler)
        return _read(manager, "until_done", []) if kind == "OpenAI" else _read_async(manager, "until_done", [])

    (ours, our_requests), (theirs, their_requests) = both(
        server, tailrace, official, kind, [sse(STREAMS["a run"])], act
    )
    assert ours == theirs
    assert _parsed(our_requests) == _parsed(their_requests)
    assert len(our_requests) == 1


def _parsed(requests: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The requests with their bodies as values: where `stream` stands among the fields is nobody's business."""
    return [{**request, "body": json.loads(request["body"])} for request in requests]


@pytest.mark.parametrize("kind", KINDS)
def test_the_request_fails(server: MockServer, official: ModuleType, kind: str) -> None:
    def act(api: Any) -> Any:
        manager = api.beta.threads.runs.stream(thread_id="t", assistant_id="a")

        async def enter() -> None:
            async with manager:
                raise AssertionError

        if kind != "OpenAI":
            return enter()
        with manager:
            raise AssertionError

    exchanges = [{"status": 404, "json": {"error": {"message": "no such thread"}}}]
    (ours, our_requests), (theirs, their_requests) = both(server, tailrace, official, kind, exchanges, act)
    assert ours == theirs
    assert _parsed(our_requests) == _parsed(their_requests)
    assert ours[1] == "NotFoundError"


def test_a_handler_belongs_to_one_stream(server: MockServer, official: ModuleType) -> None:
    def act(api: Any) -> Any:
        library = tailrace if type(api).__module__.startswith("tailrace") else official
        handler = handler_of(library, "OpenAI", [])
        for _ in range(2):
            with api.beta.threads.runs.stream(thread_id="t", assistant_id="a", event_handler=handler) as stream:
                stream.until_done()

    exchanges = [sse([]), sse([])]
    (ours, _), (theirs, _) = both(server, tailrace, official, "OpenAI", exchanges, act)
    assert ours == theirs
    assert ours[1] == "RuntimeError"


def test_a_handler_before_its_stream() -> None:
    handler = AssistantEventHandler()
    assert handler.current_event is handler.current_run is handler.current_message_snapshot is None
    handler.close()
    with pytest.raises(RuntimeError, match="Stream has not been started yet"):
        handler.until_done()
    with pytest.raises(RuntimeError, match="Stream has not been started yet"):
        asyncio.run(AsyncAssistantEventHandler().until_done())


@pytest.mark.parametrize("kind", KINDS)
def test_leaving_a_loop_early_leaves_the_rest(server: MockServer, kind: str) -> None:
    base_url = server.script({"exchanges": [sse(STREAMS["texts"])]})
    options: dict[str, Any] = {"api_key": "k", "base_url": base_url, "max_retries": 0}

    async def read() -> list[str]:
        api = tailrace.AsyncOpenAI(**options)
        async with api, api.beta.threads.runs.stream(thread_id="t", assistant_id="a") as stream:
            async for event in stream:
                names.append(event.event)
                break
            async for event in stream:
                names.append(event.event)
        return names

    names: list[str] = []
    if kind == "OpenAI":
        api = tailrace.OpenAI(**options)
        with api, api.beta.threads.runs.stream(thread_id="t", assistant_id="a") as stream:
            for event in stream:
                names.append(event.event)
                break
            names.extend(event.event for event in stream)
    else:
        asyncio.run(read())
    assert names == [name for name, _ in STREAMS["texts"]]


@pytest.mark.parametrize("kind", KINDS)
def test_time_runs_out(server: MockServer, kind: str) -> None:
    log: list[Any] = []
    exchange = {**sse(STREAMS["texts"]), "interval_ms": 20_000}

    def act(api: Any) -> Any:
        handler = handler_of(tailrace, kind, log)
        manager = api.beta.threads.runs.stream(thread_id="t", assistant_id="a", event_handler=handler, timeout=0.3)
        return _read(manager, "until_done", log) if kind == "OpenAI" else _read_async(manager, "until_done", log)

    both(server, tailrace, tailrace, kind, [exchange], act)
    names = [one[0] for one in log][: len(log) // 2]
    assert names[-4:] == ["on_timeout", "on_exception", "on_end", "raised"]
    assert log[-1][1][0] == "APITimeoutError"
