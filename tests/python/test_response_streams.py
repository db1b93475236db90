"""`responses.parse` and `responses.stream`: parsed answers and typed events, as the official package gives them."""

from __future__ import annotations

import asyncio
import copy
import json
import os
import pickle
import time
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import pydantic
import pytest
from compared import KINDS, both

import tailrace
from tailrace.testing import MockServer

ROOT = Path(__file__).parents[2]
FOLDER = Path(os.environ.get("TAILRACE_RECORDINGS") or ROOT.parent / "shared" / "recordings")
RECORDINGS = sorted(FOLDER.glob("responses-stream-*.json"))

MESSAGE = {"id": "msg", "type": "message", "role": "assistant", "status": "in_progress", "content": []}
CALL = {"id": "fc", "type": "function_call", "call_id": "c", "name": "Plan", "arguments": "", "status": "in_progress"}
TEXT = {"type": "output_text", "text": "", "annotations": [], "logprobs": []}
ANSWER = '{"title": "tea", "steps": ["boil", "pour"]}'


class Plan(pydantic.BaseModel):
    title: str
    steps: list[str]


@dataclass
class PlainPlan:
    title: str
    steps: list[str]


def sse(*events: dict[str, Any]) -> dict[str, Any]:
    return {"sse": [{"data": {**event, "sequence_number": number}} for number, event in enumerate(events)]}


def created(output: Any = ()) -> dict[str, Any]:
    return {"type": "response.created", "response": {"id": "resp", "output": list(output)}}


def ended(output: Any, kind: str = "completed") -> dict[str, Any]:
    return {"type": f"response.{kind}", "response": {"id": "resp", "status": kind, "output": output}}


def added(item: Any, index: int = 0) -> dict[str, Any]:
    return {"type": "response.output_item.added", "output_index": index, "item": item}


def done(item: Any, index: int = 0) -> dict[str, Any]:
    return {"type": "response.output_item.done", "output_index": index, "item": item}


def part(index: int = 0) -> dict[str, Any]:
    return {
        "type": "response.content_part.added",
        "item_id": "msg",
        "output_index": index,
        "content_index": 0,
        "part": TEXT,
    }


def delta(text: str, index: int = 0) -> dict[str, Any]:
    place = {"item_id": "msg", "output_index": index, "content_index": 0}
    return {"type": "response.output_text.delta", **place, "delta": text, "logprobs": [], "obfuscation": "x"}


def text_done(text: str, index: int = 0) -> dict[str, Any]:
    place = {"item_id": "msg", "output_index": index, "content_index": 0}
    return {"type": "response.output_text.done", **place, "text": text, "logprobs": []}


def message(text: str, **more: Any) -> dict[str, Any]:
    return {**MESSAGE, "status": "completed", "content": [{**TEXT, "text": text}], **more}


def spoken(text: str, size: int = 4) -> list[dict[str, Any]]:
    """The events of one message, its text in pieces of `size` characters."""
    pieces = [text[start : start + size] for start in range(0, len(text), size)]
    return [
        created(),
        added(MESSAGE),
        part(),
        *map(delta, pieces),
        text_done(text),
        done(message(text)),
        ended([message(text)]),
    ]


ARGUMENTS = [
    created(),
    added(CALL),
    *(
        {"type": "response.function_call_arguments.delta", "item_id": "fc", "output_index": 0, "delta": piece}
        for piece in (ANSWER[:7], ANSWER[7:])
    ),
    done({**CALL, "arguments": ANSWER, "status": "completed"}),
    ended(None),
]

STREAMS = {
    "text": spoken(ANSWER),
    "arguments": ARGUMENTS,
    "null output": [*spoken(ANSWER)[:-1], ended(None)],
    "cut": [created(), added(MESSAGE), part(), delta('{"ti'), ended(None, "incomplete")],
    "failed": [created(), added(MESSAGE, 3), added(CALL, 1), ended(None, "failed")],
    "refusal": [
        created(),
        added(MESSAGE),
        ended([{**MESSAGE, "content": [{"type": "refusal", "refusal": "no"}]}]),
    ],
    "commentary": [created(), ended([message("Well.", phase="commentary"), message(ANSWER, phase="final_answer")])],
    "not created": [added(MESSAGE)],
    "no item": [created(), delta("x")],
    "no part": [created(), added(MESSAGE), delta("x")],
    "twice": [created(), added(MESSAGE), added(MESSAGE)],
    "unfinished": [created(), added(MESSAGE), ended(None)],
    "another response": [created(), {"type": "response.in_progress", "response": {"id": "other", "output": []}}],
    "another item": [created(), added(MESSAGE), done({**MESSAGE, "id": "other"})],
    "conflict": [created(), done(CALL), done(CALL, 1)],
    "not json": spoken("tea"),
    "another shape": spoken('{"title": 1}'),
    "unknown event": [created(), {"type": "response.news", "x": 1}, ended([])],
    "no events": [],
    "error event": [created(), {"type": "error", "message": "broken", "code": "c", "param": None}],
}


def watched(library: ModuleType, asynchronous: bool, **arguments: Any) -> Any:
    """Return an action that reads a stream and says all that it gave."""

    def seen(event: Any) -> Any:
        return (
            type(event).__name__,
            event.to_dict(mode="json", warnings=False),
            sorted(event.model_fields_set),
            repr(event),
        )

    def final(response: Any) -> Any:
        return (type(response).__name__, response.to_dict(mode="json", warnings=False), repr(response.output_parsed))

    tools = [library.pydantic_function_tool(Plan)]
    arguments = {"tools": tools, "text_format": Plan, "model": "m", "input": "hi", **arguments}

    def read(api: Any) -> Any:
        events: list[Any] = []
        with api.responses.stream(**arguments) as stream:
            try:
                events.extend(seen(event) for event in stream)
                return events, final(stream.get_final_response())
            except Exception as error:  # noqa: BLE001 - which error it is, is what is compared.
                return events, type(error).__name__, _said(error)

    async def read_async(api: Any) -> Any:
        events: list[Any] = []
        async with api.responses.stream(**arguments) as stream:
            try:
                async for event in stream:
                    events.append(seen(event))
                return events, final(await stream.get_final_response())
            except Exception as error:  # noqa: BLE001 - which error it is, is what is compared.
                return events, type(error).__name__, _said(error)

    return read_async if asynchronous else read


def _said(error: Exception) -> str:
    # What Python itself says of a missing part or a wrong shape names internals.
    return str(error) if isinstance(error, (RuntimeError, pydantic.ValidationError, tailrace.OpenAIError)) else ""


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", STREAMS)
def test_a_stream_gives_what_the_official_one_gives(
    server: MockServer, official: ModuleType, kind: str, name: str
) -> None:
    exchanges = [sse(*STREAMS[name])]
    found = [
        _run(library, kind, server.script({"exchanges": exchanges}), watched(library, kind != "OpenAI"))
        for library in (tailrace, official)
    ]
    for ours, theirs in zip(*(events for events, *_ in found), strict=True):
        assert ours == theirs
    assert found[0] == found[1]


@pytest.mark.skipif(not RECORDINGS, reason=f"there are no recordings in {FOLDER}; set TAILRACE_RECORDINGS")
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("path", RECORDINGS, ids=lambda path: path.stem)
def test_recorded_streams_give_equal_events(server: MockServer, official: ModuleType, kind: str, path: Path) -> None:
    response = json.loads(path.read_text(encoding="utf-8"))["response"]
    exchange = {"text": response["body"], "headers": {"content-type": response["content_type"]}}
    found: list[Any] = []
    for library in (tailrace, official):
        action = watched(library, kind != "OpenAI", text_format=library.omit, tools=library.omit)
        found.append(_run(library, kind, server.script({"exchanges": [exchange]}), action))
    assert found[0] == found[1]
    assert len(found[0][0]) > 10


def _run(library: ModuleType, kind: str, base_url: str, action: Any) -> Any:
    options: dict[str, Any] = {"api_key": "k", "base_url": base_url, "max_retries": 0}
    if kind == "OpenAI":
        with library.OpenAI(**options) as api:
            return action(api)

    async def run() -> Any:
        async with library.AsyncOpenAI(**options) as api:
            return await action(api)

    return asyncio.run(run())


ANSWERED = {
    "id": "resp",
    "output": [
        message("Well.", phase="commentary"),
        {**message(ANSWER), "content": [{**TEXT, "text": ANSWER}, {"type": "refusal", "refusal": "no"}]},
        {**CALL, "arguments": ANSWER},
    ],
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "arguments",
    [
        {"text_format": Plan},
        {},
        {"text_format": Plan, "text": {"verbosity": "low"}},
        {"text_format": Plan, "parse_as": None},
        {"parse_as": Plan},
        {"text_format": int},
        {"text_format": Plan, "text": {"format": {"type": "text"}}},
        {"text_format": Plan, "input": [{"type": "configuration_update", "text": {"format": {"type": "text"}}}]},
        {"text_format": Plan, "input": [{"type": "configuration_update", "text": {"format": {"type": "json_object"}}}]},
        {"parse_as": Plan, "input": [{"type": "configuration_update", "text": {"format": {"type": "text"}}}]},
        {"tools": [{"type": "function", "name": "Plan", "strict": True, "parameters": {}}]},
        {"tools": [{"type": "function", "name": "Plan", "parameters": {}}]},
    ],
)
def test_a_whole_answer_is_parsed(
    server: MockServer, official: ModuleType, kind: str, arguments: dict[str, Any]
) -> None:
    exchanges = [{"json": ANSWERED, "headers": {"x-request-id": "req"}}]
    (ours, ours_sent), (theirs, theirs_sent) = both(
        server,
        tailrace,
        official,
        kind,
        exchanges,
        lambda api: api.responses.parse(**{"model": "m", "input": "hi", **arguments}),
    )
    assert ours == theirs
    assert [json.loads(request["body"]) for request in ours_sent] == [
        json.loads(request["body"]) for request in theirs_sent
    ]


def api_of(server: MockServer, *exchanges: dict[str, Any], **options: Any) -> Any:
    base_url = server.script({"exchanges": list(exchanges)})
    return tailrace.OpenAI(api_key="k", base_url=base_url, max_retries=0, **options)


def test_arguments_become_the_model_of_their_tool(server: MockServer) -> None:
    for tool in (tailrace.pydantic_function_tool(Plan), tailrace.pydantic_responses_function_tool(Plan)):
        api = api_of(server, {"json": ANSWERED})
        response = api.responses.parse(model="m", input="hi", tools=[tool])
        assert response.output[2].parsed_arguments == Plan(title="tea", steps=["boil", "pour"])


def test_dataclasses_are_formats_too(server: MockServer) -> None:
    response = api_of(server, {"json": ANSWERED}).responses.parse(model="m", input="hi", text_format=PlainPlan)
    assert response.output_parsed == PlainPlan("tea", ["boil", "pour"])


def test_a_raw_response_parses(server: MockServer) -> None:
    api = api_of(server, {"json": ANSWERED, "headers": {"x-request-id": "req"}})
    raw = api.responses.with_raw_response.parse(model="m", input="hi", text_format=Plan)
    assert raw.headers["x-request-id"] == "req"
    assert raw.parse().output_parsed == Plan(title="tea", steps=["boil", "pour"])


def test_a_whole_answer_is_asked_for_without_a_stream(server: MockServer) -> None:
    with pytest.raises(TypeError, match=r"responses\.stream"):
        api_of(server, {"json": ANSWERED}).responses.parse(model="m", input="hi", stream=True)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"starting_after": 2},
        {"input": "hi"},
        {"response_id": "resp", "input": "hi"},
        {"response_id": "resp", "model": "m", "temperature": 1, "metadata": {}},
        {"input": "hi", "model": "m", "text_format": int},
        {"input": "hi", "model": "m", "text_format": Plan, "text": {"format": {"type": "text"}}},
    ],
)
def test_a_stream_that_cannot_be_asked_for(
    server: MockServer, official: ModuleType, kind: str, arguments: dict[str, Any]
) -> None:
    (ours, _), (theirs, _) = both(server, tailrace, official, kind, [], lambda api: api.responses.stream(**arguments))
    assert ours == theirs
    assert ours[0] == "raised"


def test_a_stream_needs_input_in_both_forms(server: MockServer) -> None:
    # The official async form sends the request without it.
    base_url = server.script({"exchanges": [sse()]})
    for api in (tailrace.OpenAI(api_key="k", base_url=base_url), tailrace.AsyncOpenAI(api_key="k", base_url=base_url)):
        with pytest.raises(ValueError, match="input must be provided"):
            api.responses.stream(model="m")  # pyright: ignore[reportCallIssue]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("after", [None, 0, 3])
def test_a_stream_goes_on_by_its_id(server: MockServer, kind: str, after: int | None) -> None:
    base_url = server.script({"exchanges": [sse(*spoken(ANSWER))]})
    arguments: dict[str, Any] = {} if after is None else {"starting_after": after}
    options: dict[str, Any] = {"api_key": "k", "base_url": base_url}

    def numbers(events: list[Any]) -> list[int]:
        return [event.sequence_number for event in events]

    async def run() -> Any:
        api = tailrace.AsyncOpenAI(**options)
        async with api, api.responses.stream(response_id="resp", text_format=Plan, **arguments) as stream:
            return numbers([event async for event in stream]), await stream.get_final_response()

    if kind == "OpenAI":
        api = tailrace.OpenAI(**options)
        with api, api.responses.stream(response_id="resp", text_format=Plan, **arguments) as stream:
            found, final = numbers(list(stream)), stream.get_final_response()
    else:
        found, final = asyncio.run(run())
    assert found == list(range(0 if after is None else after + 1, len(spoken(ANSWER))))
    assert final.output_parsed == Plan(title="tea", steps=["boil", "pour"])
    (request,) = server.requests(base_url)
    assert (request["method"], request["path"].rpartition("/")[2]) == ("GET", "resp")


def test_a_snapshot_is_that_of_its_moment_whenever_it_is_asked_for(server: MockServer) -> None:
    with api_of(server, sse(*spoken(ANSWER))).responses.stream(model="m", input="hi") as stream:
        events = [event for event in stream if event.type == "response.output_text.delta"]
    whole = [ANSWER[: 4 * (number + 1)] for number in range(len(events))]
    assert [event.snapshot for event in reversed(events[1::2])] == whole[1::2][::-1]
    assert [event.to_dict()["snapshot"] for event in events] == whole
    assert [event.snapshot for event in events] == whole


def test_an_event_is_whole_for_everything_that_looks_at_it(server: MockServer) -> None:
    def event() -> Any:
        with api_of(server, sse(*spoken(ANSWER))).responses.stream(model="m", input="hi") as stream:
            return next(event for event in stream if event.type == "response.output_text.delta")

    asked = event()
    assert asked.snapshot == '{"ti'
    fields = {"content_index", "delta", "item_id", "logprobs", "output_index", "sequence_number", "snapshot", "type"}
    assert set(asked.to_dict()) == fields
    looks: list[Any] = [
        lambda one: one == asked,
        lambda one: asked == one,
        lambda one: repr(one) == repr(asked),
        lambda one: one.model_dump() == asked.model_dump(),
        lambda one: one.model_dump_json() == asked.model_dump_json(),
        lambda one: dict(one) == dict(asked),
        lambda one: vars(one) == vars(asked),
        lambda one: copy.copy(one) == asked,
        lambda one: copy.deepcopy(one) == asked,
        lambda one: one.model_copy() == asked,
        lambda one: pickle.loads(pickle.dumps(one)) == asked,
        lambda one: type(one).model_validate(one.model_dump()) == asked,
        lambda one: "snapshot" in one.model_fields_set,
        lambda one: pydantic.TypeAdapter(list[Any]).dump_python([one]) == [asked.model_dump()],
    ]
    for look in looks:
        assert look(event())
    with pytest.raises(AttributeError, match="nothing"):
        _ = event().nothing


def test_leaving_a_stream_early_closes_it(server: MockServer) -> None:
    with api_of(server, sse(*spoken(ANSWER))).responses.stream(model="m", input="hi") as stream:
        next(stream)
    assert list(stream) == []
    with pytest.raises(RuntimeError, match=r"response\.completed"):
        stream.get_final_response()


def test_twice_the_text_costs_twice_the_time() -> None:
    from tailrace._construct import construct_type
    from tailrace._types import omit
    from tailrace.lib.streaming.responses import ResponseStreamState
    from tailrace.types.responses import ResponseStreamEvent

    def events(size: int) -> list[Any]:
        body = [*spoken("x" * size)[:3], *[delta("xxxx")] * (size // 4)]
        return [construct_type(ResponseStreamEvent, {**event, "sequence_number": 1}) for event in body]

    def cost(given: list[Any]) -> float:
        state: Any = ResponseStreamState(text_format=omit, input_tools=omit)
        began = time.process_time()
        for event in given:
            state.handle_event(event)
        return time.process_time() - began

    short, long = events(20_000), events(80_000)
    # The best of some: a neighbour on the machine can only add time.
    ratio = min(cost(long) for _ in range(4)) / min(cost(short) for _ in range(4))
    assert ratio < 8, f"four times the text cost {ratio:.1f} times the time"
