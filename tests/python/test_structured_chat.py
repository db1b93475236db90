"""Streams of chat completions that parse: events, snapshots, parsed values and errors beside the official package."""

from __future__ import annotations

import asyncio
import copy
import dataclasses
import json
import math
import os
import pickle
from pathlib import Path
from types import ModuleType
from typing import Any, Literal, Optional

import pydantic
import pytest
from chat_streams import ANSWER, STREAMS, call, calls, choice, chunk, content, pieces

import tailrace
from tailrace.lib.streaming.chat import ChatCompletionStreamState, ChunkEvent, ContentDeltaEvent
from tailrace.testing import MockServer
from tailrace.types.chat import ChatCompletionChunk

FLAVOURS = ["sync", "async"]


class Step(pydantic.BaseModel):
    text: str
    minutes: float


class Trip(pydantic.BaseModel):
    city: str
    steps: list[Step]
    n: int = 3
    units: Optional[Literal["c", "f"]] = None


def tools(library: Any) -> list[Any]:
    schema = {"type": "object", "properties": {}, "additionalProperties": False}
    return [
        library.pydantic_function_tool(Trip),
        {"type": "function", "function": {"name": "strict", "parameters": schema, "strict": True}},
        {"type": "function", "function": {"name": "loose", "parameters": {"type": "object"}}},
    ]


SETTINGS: dict[str, Any] = {
    "plain": lambda library: {},
    "format": lambda library: {"response_format": Trip},
    "json": lambda library: {"response_format": {"type": "json_object"}},
    "tools": lambda library: {"tools": tools(library)},
}


def picture(value: Any) -> Any:
    """Return class, fields in their order, fields set and extras of a value and of all its parts."""
    if isinstance(value, pydantic.BaseModel):
        return (
            type(value).__name__,
            type(value).__module__.partition(".")[2],
            [(name, picture(item)) for name, item in value.__dict__.items()],
            sorted(value.model_fields_set),
            picture(value.__pydantic_extra__),
        )
    if isinstance(value, dict):
        return [(key, picture(item)) for key, item in value.items()]
    if isinstance(value, list):
        return [picture(item) for item in value]
    if isinstance(value, float) and math.isnan(value):
        return "nan"
    return (type(value).__name__, value)


def forms(event: Any) -> Any:
    return (picture(event), repr(event), str(event), event.to_json(warnings=False))


def failure(error: Exception) -> Any:
    # The texts of what is no JSON are each package's own.
    plain = type(error) is ValueError
    return (type(error).__name__, None if plain else str(error), picture(getattr(error, "completion", None)))


def sse(chunks: list[dict[str, Any]]) -> dict[str, Any]:
    body = "".join(f"data: {json.dumps(item)}\n\n" for item in chunks) + "data: [DONE]\n\n"
    return {"headers": {"content-type": "text/event-stream"}, "text": body, "repeat": True}


def read(library: Any, flavour: str, base_url: str, **arguments: Any) -> list[Any]:
    """Return what came of a stream: each event as it was when it came, the final completion, and errors."""
    options: dict[str, Any] = {"api_key": "k", "base_url": base_url, "max_retries": 0}
    arguments = {"model": "m", "messages": [], **arguments}
    seen: list[Any] = []

    def note(stream: Any, event: Any) -> None:
        seen.append(forms(event))
        seen.append(picture(stream.current_completion_snapshot))

    def sync() -> None:
        with library.OpenAI(**options) as client, client.chat.completions.stream(**arguments) as stream:
            try:
                for event in stream:
                    note(stream, event)
            except Exception as error:  # noqa: BLE001 - Compared.
                seen.append(failure(error))
            seen.append(picture(stream.get_final_completion()))

    async def asynchronous() -> None:
        async with library.AsyncOpenAI(**options) as client, client.chat.completions.stream(**arguments) as stream:
            try:
                async for event in stream:
                    note(stream, event)
            except Exception as error:  # noqa: BLE001 - Compared.
                seen.append(failure(error))
            seen.append(picture(await stream.get_final_completion()))

    try:
        sync() if flavour == "sync" else asyncio.run(asynchronous())
    except Exception as error:  # noqa: BLE001 - Compared.
        seen.append(failure(error))
    return seen


@pytest.mark.parametrize("setting", SETTINGS)
@pytest.mark.parametrize("name", STREAMS)
def test_a_stream_is_read_as_the_official_package_reads_it(
    server: MockServer, official: ModuleType, name: str, setting: str
) -> None:
    base_url = server.script({"exchanges": [sse(STREAMS[name])]})
    theirs = read(official, "sync", base_url, **SETTINGS[setting](official))
    # Both flavours read with the same code but for the loop.
    for flavour in FLAVOURS if setting == "format" else ["sync"]:
        ours = read(tailrace, flavour, base_url, **SETTINGS[setting](tailrace))
        assert len(ours) == len(theirs)
        for mine, other in zip(ours, theirs, strict=True):
            assert mine == other
    requests = server.requests(base_url)
    bodies = [json.loads(request["body"]) for request in requests]
    assert all(body == bodies[0] for body in bodies)
    fields = [{field.lower(): value for field, value in request["headers"]} for request in requests]
    assert {each["x-stainless-helper-method"] for each in fields} == {"chat.completions.stream"}


def completions(chunks: list[dict[str, Any]]) -> list[ChatCompletionChunk]:
    return [ChatCompletionChunk.construct(**item) for item in chunks]


@pytest.mark.parametrize("setting", SETTINGS)
@pytest.mark.parametrize("name", STREAMS)
def test_an_event_that_is_asked_later_says_what_it_said_at_once(name: str, setting: str) -> None:
    settings = SETTINGS[setting](tailrace)
    arguments = {"response_format": settings.get("response_format", tailrace.omit)}
    arguments["input_tools"] = settings.get("tools", tailrace.omit)
    at_once, later = ChatCompletionStreamState(**arguments), ChatCompletionStreamState(**arguments)
    said: list[Any] = []
    kept: list[Any] = []
    for item in completions(STREAMS[name]):
        try:
            events = list(at_once.handle_chunk(item))
        except (ValueError, tailrace.OpenAIError):
            with pytest.raises((ValueError, tailrace.OpenAIError)):
                later.handle_chunk(item)
            continue
        said += [forms(event) for event in events]
        kept += later.handle_chunk(item)
    assert [forms(event) for event in reversed(kept)] == said[::-1]


def lazy_events() -> list[Any]:
    state = ChatCompletionStreamState(response_format=Trip)
    return [event for item in completions(content(*pieces(ANSWER, 10))) for event in state.handle_chunk(item)]


def test_an_event_is_whole_whatever_looks_at_it_first() -> None:
    at = 13
    plain = lazy_events()[at].model_dump()
    assert set(plain) == {"type", "delta", "snapshot", "parsed"}
    looks = {
        "dump": lambda event: event.model_dump(),
        "json": lambda event: json.loads(event.model_dump_json()),
        "vars": lambda event: dict(vars(event)),
        "iteration": lambda event: dict(event),
        "copy": lambda event: copy.copy(event).model_dump(),
        "deep copy": lambda event: copy.deepcopy(event).model_dump(),
        "model copy": lambda event: event.model_copy().model_dump(),
        "pickle": lambda event: pickle.loads(pickle.dumps(event)).model_dump(),
        "part of a list": lambda event: pydantic.TypeAdapter(list[ContentDeltaEvent]).dump_python([event])[0],
        "attributes": lambda event: {name: getattr(event, name) for name in ("parsed", "snapshot", "delta", "type")},
    }
    for name, look in looks.items():
        event = lazy_events()[at]
        assert isinstance(event, ContentDeltaEvent)
        assert look(event) == plain, name
        assert list(event.__dict__) == ["type", "delta", "snapshot", "parsed"], name
        assert event == lazy_events()[at], name
        assert repr(event) == repr(lazy_events()[at]), name
    assert lazy_events()[at] != lazy_events()[at + 2]
    with pytest.raises(AttributeError):
        lazy_events()[at].unknown  # noqa: B018 - Asking is the test.


def test_an_event_can_be_made_and_changed_like_any_model() -> None:
    event = ContentDeltaEvent(type="content.delta", delta="a", snapshot="ba")
    assert event.model_dump() == {"type": "content.delta", "delta": "a", "snapshot": "ba", "parsed": None}
    assert ContentDeltaEvent.model_validate(event.model_dump()) == event
    lazy = lazy_events()[13]
    lazy.snapshot = "mine"
    assert lazy.model_dump()["snapshot"] == "mine"
    with pytest.raises(pydantic.ValidationError):
        ContentDeltaEvent.model_validate({"type": "chunk"})


def test_a_kept_event_of_a_chunk_shows_the_completion_of_its_moment() -> None:
    texts = [event.snapshot.choices[0].message.content for event in lazy_events() if isinstance(event, ChunkEvent)]
    expected = [ANSWER[:end] for end in range(0, len(ANSWER) + 10, 10)]
    assert texts == [*expected, ANSWER]


def test_a_choice_or_a_call_may_begin_anywhere() -> None:
    # The official package raises an IndexError here.
    state = ChatCompletionStreamState()
    stream = [
        chunk(choice({"role": "assistant", "content": "b"}, 5)),
        chunk(choice({"role": "assistant", **calls(call(1, "{}", id="x", type="function", name="f"))}, 0)),
        chunk(choice({"content": "c"}, 5)),
        chunk(choice({}, 0, "tool_calls"), choice({}, 5, "stop")),
    ]
    for item in completions(stream):
        list(state.handle_chunk(item))
    first, second = state.get_final_completion().choices
    assert (first.index, second.index) == (0, 5)
    assert first.message.tool_calls is not None
    assert first.message.tool_calls[0].function.arguments == "{}"
    assert second.message.content == "bc"


def test_a_state_without_a_chunk_says_so() -> None:
    state = ChatCompletionStreamState()
    with pytest.raises(AssertionError):
        state.current_completion_snapshot  # noqa: B018 - Asking is the test.
    with pytest.raises(AssertionError):
        state.get_final_completion()


COMPLETION = {"id": "c", "object": "chat.completion", "created": 1, "model": "m"}


def message(finish: str = "stop", **fields: Any) -> dict[str, Any]:
    choices = [{"index": 0, "message": {"role": "assistant", **fields}, "finish_reason": finish, "logprobs": None}]
    return {**COMPLETION, "choices": choices, "usage": {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}}


def tool_calls(name: str, arguments: str) -> dict[str, Any]:
    return {"tool_calls": [{"id": "i", "type": "function", "function": {"name": name, "arguments": arguments}}]}


ANSWERS: dict[str, dict[str, Any]] = {
    "text": message(content="hello"),
    "json": message(content=ANSWER),
    "does not fit": message(content='{"city":1}'),
    "no json": message(content="no"),
    "refusal": message(content=None, refusal="no"),
    "cut": message("length", content='{"city'),
    "filtered": message("content_filter", content=None),
    "call": message("tool_calls", content=None, **tool_calls("Trip", ANSWER)),
    "strict call": message("tool_calls", content=None, **tool_calls("strict", '{"a":1}')),
    "unknown call": message("tool_calls", content=None, **tool_calls("unknown", "{}")),
    "call that does not fit": message("tool_calls", content=None, **tool_calls("Trip", "{}")),
    "call that is no json": message("tool_calls", content=None, **tool_calls("strict", "{")),
    "no calls": message(content="x", tool_calls=[]),
}


def parsed(library: Any, flavour: str, base_url: str, wrapper: str | None, **arguments: Any) -> Any:
    options: dict[str, Any] = {"api_key": "k", "base_url": base_url, "max_retries": 0}
    arguments = {"model": "m", "messages": [], **arguments}

    def resource(client: Any) -> Any:
        return getattr(client.chat.completions, wrapper) if wrapper else client.chat.completions

    async def asynchronous() -> Any:
        async with library.AsyncOpenAI(**options) as client:
            call = resource(client).parse(**arguments)
            if wrapper == "with_streaming_response":
                async with call as response:
                    return await response.parse()
            result = await call
            return result.parse() if wrapper else result

    def sync() -> Any:
        with library.OpenAI(**options) as client:
            call = resource(client).parse(**arguments)
            if wrapper == "with_streaming_response":
                with call as response:
                    return response.parse()
            return call.parse() if wrapper else call

    try:
        result = sync() if flavour == "sync" else asyncio.run(asynchronous())
        return (picture(result), repr(result), result._request_id)
    except Exception as error:  # noqa: BLE001 - Compared.
        return failure(error)


@pytest.mark.parametrize("wrapper", [None, "with_raw_response", "with_streaming_response"])
@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_is_parsed_as_the_official_package_parses_it(
    server: MockServer, official: ModuleType, name: str, wrapper: str | None
) -> None:
    exchange = {"json": ANSWERS[name], "headers": {"x-request-id": "req_1"}, "repeat": True}
    for setting in SETTINGS:
        base_url = server.script({"exchanges": [exchange]})

        def arguments(library: Any, setting: str = setting) -> dict[str, Any]:
            settings = SETTINGS[setting](library)
            # A tool that is not strict cannot be parsed.
            return {**settings, "tools": settings["tools"][:2]} if "tools" in settings else settings

        theirs = parsed(official, "sync", base_url, wrapper, **arguments(official))
        for flavour in FLAVOURS:
            assert parsed(tailrace, flavour, base_url, wrapper, **arguments(tailrace)) == theirs
        requests = server.requests(base_url)
        bodies = [json.loads(request["body"]) for request in requests]
        assert bodies[0] == bodies[1] == bodies[2]
        for request in requests:
            fields = {field.lower(): value for field, value in request["headers"]}
            assert fields["x-stainless-helper-method"] == "chat.completions.parse"


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_what_cannot_be_parsed_is_refused_before_anything_is_sent(
    server: MockServer, library: ModuleType, flavour: str
) -> None:
    base_url = server.script({"exchanges": [{"status": 500, "json": {}, "repeat": True}]})
    refused = [
        {"tools": tools(library)},
        {"tools": [{"type": "custom", "custom": {"name": "c"}}]},
        {"response_format": int},
        {"response_format": list[int]},
    ]
    kinds = [parsed(library, flavour, base_url, None, **arguments)[:2] for arguments in refused]
    assert [kind for kind, _ in kinds] == ["ValueError", "ValueError", "TypeError", "TypeError"]
    assert "Unsupported response_format type - " in kinds[2][1]
    assert not server.requests(base_url)


def test_a_dataclass_is_a_format(server: MockServer) -> None:
    @pydantic.dataclasses.dataclass
    class Place:
        city: str

    @dataclasses.dataclass
    class Plain:
        city: str

    base_url = server.script({"exchanges": [{"json": message(content='{"city":"x"}'), "repeat": True}]})
    with tailrace.OpenAI(api_key="k", base_url=base_url) as client:
        for kind in (Place, Plain):
            done = client.chat.completions.parse(model="m", messages=[], response_format=kind)
            assert done.choices[0].message.parsed == kind(city="x")


def test_leaving_the_context_closes_the_stream(server: MockServer) -> None:
    base_url = server.script({"exchanges": [sse(STREAMS["json by one"])]})
    with tailrace.OpenAI(api_key="k", base_url=base_url) as client:
        manager = client.chat.completions.stream(model="m", messages=[], response_format=Trip)
        with manager as stream:
            assert next(stream).type == "chunk"
            assert stream.until_done() is stream
        with client.chat.completions.stream(model="m", messages=[]) as stream:
            assert next(stream).type == "chunk"
        # What the chunk that was read has told is still there, and nothing more.
        assert [event.type for event in stream] == ["content.delta"]
    assert len(server.requests(base_url)) == 2


FOLDER = Path(os.environ.get("TAILRACE_RECORDINGS") or Path(__file__).parents[3] / "shared" / "recordings")
RECORDINGS = sorted(FOLDER.glob("chat-*.json"))


@pytest.mark.skipif(not RECORDINGS, reason=f"there are no recordings in {FOLDER}; set TAILRACE_RECORDINGS")
def test_recorded_traffic_is_read_as_the_official_package_reads_it(server: MockServer, official: ModuleType) -> None:
    streamed = 0
    for path in RECORDINGS:
        recording = json.loads(path.read_text())
        arguments, response = dict(recording["request"]["body"]), recording["response"]
        fields = {"content-type": response["content_type"]}
        base_url = server.script({"exchanges": [{"headers": fields, "text": response["body"], "repeat": True}]})
        if arguments.pop("stream", False):
            streamed += 1
            theirs = read(official, "sync", base_url, **arguments)
            assert all(read(tailrace, flavour, base_url, **arguments) == theirs for flavour in FLAVOURS), path.stem
        else:
            theirs = parsed(official, "sync", base_url, None, **arguments)
            assert parsed(tailrace, "sync", base_url, None, **arguments) == theirs, path.stem
    assert streamed
