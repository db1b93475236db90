"""`stream.partial`, `partials()`, `items()` and `on_invalid` of chat completions, sync and async."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import AsyncIterator
from typing import Any, Literal

import pydantic
import pytest
from chat_streams import ANSWER, USAGE, choice, chunk, content, pieces

import tailrace
from tailrace import SchemaViolationError
from tailrace.testing import MockServer

FLAVOURS = ["sync", "async"]


class Step(pydantic.BaseModel):
    text: str
    minutes: float


class Trip(pydantic.BaseModel):
    city: str
    steps: list[Step]
    n: int


class Unit(pydantic.BaseModel):
    unit: Literal["celsius", "fahrenheit"]
    degrees: int

    @pydantic.field_validator("degrees")
    @classmethod
    def is_possible(cls, degrees: int) -> int:
        if degrees < -273:
            raise ValueError("colder than possible")
        return degrees


VALID = '{"unit":"celsius","degrees":21}'
#: Not a byte of it can be valid after `k` of `kelvin`.
INVALID = '{"unit":"kelvin","degrees":294}'


def sse(chunks: list[dict[str, Any]], **fields: Any) -> dict[str, Any]:
    body = "".join(f"data: {json.dumps(item)}\n\n" for item in chunks) + "data: [DONE]\n\n"
    return {"headers": {"content-type": "text/event-stream"}, "text": body, **fields}


def use(server: MockServer, flavour: str, exchanges: list[dict[str, Any]], act: Any, **arguments: Any) -> Any:
    """Return what `act` returns for a stream, and the bodies of the requests; `act` is async for both flavours."""
    base_url = server.script({"exchanges": exchanges})
    options: dict[str, Any] = {"api_key": "k", "base_url": base_url, "max_retries": 0}
    arguments = {"model": "m", "messages": [{"role": "user", "content": "q"}], **arguments}

    async def run() -> Any:
        if flavour == "sync":
            with tailrace.OpenAI(**options) as client, client.chat.completions.stream(**arguments) as stream:
                return await act(stream)
        async with tailrace.AsyncOpenAI(**options) as client, client.chat.completions.stream(**arguments) as stream:
            return await act(stream)

    try:
        result = asyncio.run(run())
    except SchemaViolationError as error:
        result = error
    return result, [json.loads(request["body"]) for request in server.requests(base_url)]


async def each(iterator: Any) -> AsyncIterator[Any]:
    """Iterate over what either flavour returns."""
    if hasattr(iterator, "__aiter__"):
        async for item in iterator:
            yield item
    else:
        for item in iterator:
            yield item


async def final(stream: Any) -> Any:
    done = stream.get_final_completion()
    return await done if asyncio.iscoroutine(done) else done


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_the_partial_object_grows_with_the_answer(server: MockServer, flavour: str) -> None:
    async def act(stream: Any) -> Any:
        assert stream.partial is None
        seen = []
        async for event in each(stream):
            if event.type == "content.delta" and stream.partial is not None:
                seen.append((stream.partial, stream.partial.model_dump(), set(stream.partial.model_fields_set)))
        return seen, (await final(stream)).choices[0].message.parsed

    (seen, parsed), _ = use(server, flavour, [sse(content(*pieces(ANSWER, 1)))], act, response_format=Trip)
    assert isinstance(seen[0][0], Trip)
    assert all(one is seen[0][0] for one, _, _ in seen)
    assert seen[0][1:] == ({}, set())
    assert next(fields for _, _, fields in seen if fields) == {"city"}
    cities = [dump["city"] for _, dump, _ in seen if "city" in dump]
    assert all(later.startswith(earlier) for earlier, later in itertools.pairwise(cities))
    assert seen[-1][0] == parsed == Trip.model_validate_json(ANSWER)
    assert all(isinstance(step, Step) for step in seen[-1][0].steps)


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_partials_come_after_each_change(server: MockServer, flavour: str) -> None:
    async def act(stream: Any) -> Any:
        return [one.model_dump() async for one in each(stream.partials())]

    dumps, _ = use(server, flavour, [sse(content(*pieces(ANSWER, 1)))], act, response_format=Trip)
    assert dumps[0] == {}
    assert dumps[-1] == Trip.model_validate_json(ANSWER).model_dump()
    assert all(one != other for one, other in itertools.pairwise(dumps))
    assert 20 < len(dumps) < len(ANSWER)


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_items_come_as_soon_as_they_are_complete(server: MockServer, flavour: str) -> None:
    async def act(stream: Any) -> Any:
        found = []
        async for step in each(stream.items("steps")):
            found.append((step, stream.current_completion_snapshot.choices[0].message.content))
        return found

    found, _ = use(server, flavour, [sse(content(*pieces(ANSWER, 1)))], act, response_format=Trip)
    assert [step for step, _ in found] == Trip.model_validate_json(ANSWER).steps
    # At the very byte that ends it.
    for _, text in found:
        assert text.endswith("}")
        assert ANSWER.startswith(text)


def test_items_that_are_asked_late_begin_with_the_first(server: MockServer) -> None:
    async def act(stream: Any) -> Any:
        for event in stream:
            if event.type == "content.delta" and event.snapshot.endswith("},"):
                break
        return [*stream.items("/steps")]

    found, _ = use(server, "sync", [sse(content(*pieces(ANSWER, 1)))], act, response_format=Trip)
    assert found == Trip.model_validate_json(ANSWER).steps


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_what_waits_of_a_refused_answer_is_dropped(server: MockServer, flavour: str) -> None:
    refused = '{"city":"x","steps":[{"text":"a","minutes":1},{"text":"b","minutes":2}'

    async def act(stream: Any) -> Any:
        assert stream.attempt == 1
        steps = each(stream.items("steps"))
        first = await steps.__anext__()
        assert (first.text, stream.attempt) == ("a", 1)
        # Somebody else reads on, past the end of the answer that is refused.
        async for _ in each(stream):
            pass
        assert stream.attempt == 2
        return [step async for step in steps]

    exchanges = [sse(content(refused, ",1")), sse(content(*pieces(ANSWER, 4)))]
    found, _ = use(server, flavour, exchanges, act, response_format=Trip, on_invalid="retry")
    assert found == Trip.model_validate_json(ANSWER).steps


def test_without_a_type_the_partial_is_plain(server: MockServer) -> None:
    async def act(stream: Any) -> Any:
        return stream.until_done().partial

    whole, _ = use(server, "sync", [sse(content(ANSWER))], act, response_format={"type": "json_object"})
    assert whole == json.loads(ANSWER)
    nothing, _ = use(server, "sync", [sse(content("Sorry"))], act)
    assert nothing is None


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_abort_stops_at_the_first_impossible_byte(server: MockServer, flavour: str) -> None:
    chunks = [{**item, "usage": USAGE} for item in content(*pieces(INVALID, 1))]
    arrived = []

    async def act(stream: Any) -> Any:
        async for event in each(stream):
            arrived.append(event)

    # The rest of the answer never comes: the request is given up without waiting for it.
    body = "".join(f"data: {json.dumps(item)}\n\n" for item in chunks)
    at = body.index("\n\n", body.index('"content": "k"')) + 2
    stalled = {"headers": {"content-type": "text/event-stream"}, "text": body, "fault": {"kind": "stall", "at": at}}
    error, bodies = use(server, flavour, [stalled], act, response_format=Unit, on_invalid="abort")
    assert isinstance(error, SchemaViolationError)
    assert error.text == '{"unit":"k'
    assert (error.pointer, error.offset, error.attempts) == ("/unit", 9, 1)
    assert error.reason
    assert error.schema_path
    assert error.usage.total_tokens == 3
    assert arrived[-1].delta == '"'
    assert len(bodies) == 1


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_retry_asks_again_with_the_reason(server: MockServer, flavour: str) -> None:
    async def act(stream: Any) -> Any:
        items = [one.model_dump() async for one in each(stream.partials())]
        return items, await final(stream)

    exchanges = [sse(content(*pieces(INVALID, 3))), sse(content(*pieces(VALID, 3)))]
    (dumps, done), bodies = use(server, flavour, exchanges, act, response_format=Unit, on_invalid="retry", attempts=2)
    assert done.choices[0].message.parsed == Unit(unit="celsius", degrees=21)
    assert dumps[-1] == {"unit": "celsius", "degrees": 21}
    first, second = bodies
    assert second["messages"][:-2] == first["messages"]
    answer, correction = second["messages"][-2:]
    assert answer["role"] == "assistant"
    assert INVALID.startswith(answer["content"])
    assert correction["role"] == "user"
    assert correction["content"].startswith("This answer does not fit the JSON schema: /unit, byte 9: ")
    assert correction["content"].endswith(
        "Answer again from the beginning, with the whole corrected JSON and nothing else."
    )
    assert {name: value for name, value in second.items() if name != "messages"} == {
        name: value for name, value in first.items() if name != "messages"
    }


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_the_last_attempt_raises(server: MockServer, flavour: str) -> None:
    exchanges = [sse(content(INVALID), repeat=True)]
    error, bodies = use(server, flavour, exchanges, final, response_format=Unit, on_invalid="retry", attempts=3)
    assert isinstance(error, SchemaViolationError)
    assert error.attempts == len(bodies) == 3
    # What was wrong with each answer before is said.
    assert [len(body["messages"]) for body in bodies] == [1, 3, 5]
    assert error.usage is None


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_what_only_the_type_refuses_is_asked_again_too(server: MockServer, flavour: str) -> None:
    cold = '{"unit":"celsius","degrees":-300}'
    exchanges = [sse(content(cold)), sse(content(VALID))]
    done, bodies = use(server, flavour, exchanges, final, response_format=Unit, on_invalid="retry")
    assert done.choices[0].message.parsed.degrees == 21
    assert "colder than possible" in bodies[1]["messages"][-1]["content"]
    error, _ = use(server, flavour, [sse(content(cold))], final, response_format=Unit, on_invalid="abort")
    assert (error.pointer, error.offset, error.text) == ("/degrees", len(cold), cold)
    assert isinstance(error.__cause__, pydantic.ValidationError)


def test_an_answer_that_ends_too_early_is_invalid_and_one_that_was_cut_is_cut(server: MockServer) -> None:
    half = VALID[:12]
    error, _ = use(server, "sync", [sse(content(half))], final, response_format=Unit, on_invalid="abort")
    assert isinstance(error, SchemaViolationError)
    assert error.text == half
    with pytest.raises(tailrace.LengthFinishReasonError):
        use(server, "sync", [sse(content(half, finish="length"))], final, response_format=Unit, on_invalid="retry")
    with pytest.raises(tailrace.ContentFilterFinishReasonError):
        use(
            server,
            "sync",
            [sse(content(half, finish="content_filter"))],
            final,
            response_format=Unit,
            on_invalid="abort",
        )


FORMAT = {"type": "json_schema", "json_schema": {"name": "Unit", "schema": Unit.model_json_schema()}}


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_an_answer_without_a_type_is_held_to_its_schema_and_cut_where_it_was_cut(
    server: MockServer, flavour: str
) -> None:
    arguments: dict[str, Any] = {"response_format": FORMAT, "on_invalid": "abort"}
    error, _ = use(server, flavour, [sse(content(*pieces(INVALID, 1)))], final, **arguments)
    assert (error.pointer, error.text) == ("/unit", INVALID[:10])
    error, _ = use(server, flavour, [sse(content(VALID[:12]))], final, **arguments)
    assert error.text == VALID[:12]
    with pytest.raises(tailrace.LengthFinishReasonError):
        use(server, flavour, [sse(content(VALID[:12], finish="length"))], final, **arguments)


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_every_choice_is_held_to_the_schema(server: MockServer, flavour: str) -> None:
    def beside(one: str, other: str) -> list[dict[str, Any]]:
        texts = [chunk(choice({"content": text}, index)) for index, text in enumerate((one, other))]
        return [*texts, chunk(choice({}, 0, "stop"), choice({}, 1, "stop"))]

    arguments: dict[str, Any] = {"response_format": Unit, "n": 2}
    error, _ = use(server, flavour, [sse(beside(VALID, INVALID))], final, **arguments, on_invalid="abort")
    assert (error.text, error.offset) == (INVALID, 9)
    cold = VALID.replace("21", "-300")
    error, _ = use(server, flavour, [sse(beside(VALID, cold))], final, **arguments, on_invalid="abort")
    assert (error.text, error.pointer) == (cold, "/degrees")
    exchanges = [sse(beside(VALID, INVALID)), sse(beside(VALID, VALID))]
    done, _ = use(server, flavour, exchanges, final, **arguments, on_invalid="retry")
    assert [one.message.parsed.degrees for one in done.choices] == [21, 21]
    both = answer(VALID)
    both["json"]["choices"].append({**both["json"]["choices"][0], "index": 1, "message": {"content": INVALID}})
    error, _ = parse(server, flavour, [both], **arguments, on_invalid="abort")
    assert (error.text, error.offset, error.usage.total_tokens) == (INVALID, 9, 3)


def test_a_refusal_is_no_violation(server: MockServer) -> None:
    stream = [chunk({"index": 0, "delta": {"role": "assistant", "refusal": "no"}, "finish_reason": "stop"})]
    done, _ = use(server, "sync", [sse(stream)], final, response_format=Unit, on_invalid="abort")
    assert done.choices[0].message.refusal == "no"
    assert done.choices[0].message.parsed is None


def test_arguments_of_a_tool_are_not_the_answer(server: MockServer) -> None:
    function = {"name": "Trip", "arguments": "{}"}
    call = {"index": 0, "id": "i", "type": "function", "function": function}
    stream = [
        chunk({"index": 0, "delta": {"role": "assistant", "tool_calls": [call]}, "finish_reason": None}),
        chunk({"index": 0, "delta": {}, "finish_reason": "tool_calls"}),
    ]
    arguments = {"response_format": Unit, "tools": [tailrace.pydantic_function_tool(Trip)], "on_invalid": "retry"}
    with pytest.raises(pydantic.ValidationError):
        use(server, "sync", [sse(stream)], final, **arguments)


def answer(text: str, finish: str = "stop") -> dict[str, Any]:
    message = {"role": "assistant", "content": text}
    choices = [{"index": 0, "message": message, "finish_reason": finish, "logprobs": None}]
    fields = {"id": "c", "object": "chat.completion", "created": 1, "model": "m"}
    return {"json": {**fields, "choices": choices, "usage": USAGE}}


def parse(server: MockServer, flavour: str, exchanges: list[dict[str, Any]], **arguments: Any) -> Any:
    base_url = server.script({"exchanges": exchanges})
    options: dict[str, Any] = {"api_key": "k", "base_url": base_url, "max_retries": 0}
    # Messages that can be read once only.
    arguments = {"model": "m", "messages": iter([{"role": "user", "content": "q"}]), **arguments}

    async def asynchronous() -> Any:
        async with tailrace.AsyncOpenAI(**options) as client:
            return await client.chat.completions.parse(**arguments)

    try:
        if flavour == "sync":
            with tailrace.OpenAI(**options) as client:
                result = client.chat.completions.parse(**arguments)
        else:
            result = asyncio.run(asynchronous())
    except tailrace.OpenAIError as error:
        result = error
    return result, [json.loads(request["body"]) for request in server.requests(base_url)]


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_parsed_call_asks_again_too(server: MockServer, flavour: str) -> None:
    settings: dict[str, Any] = {"response_format": Unit, "on_invalid": "retry"}
    done, bodies = parse(server, flavour, [answer(INVALID), answer(VALID)], **settings)
    assert done.choices[0].message.parsed.degrees == 21
    assert [message["role"] for message in bodies[1]["messages"]] == ["user", "assistant", "user"]
    assert bodies[1]["messages"][1]["content"] == INVALID
    error, bodies = parse(server, flavour, [answer(INVALID), answer("no")], **settings)
    assert isinstance(error, SchemaViolationError)
    assert (error.attempts, error.offset, error.text, len(bodies)) == (2, 0, "no", 2)
    assert error.usage.total_tokens == 3
    settings["on_invalid"] = "abort"
    error, bodies = parse(server, flavour, [answer(INVALID)], **settings)
    assert (error.pointer, error.attempts, len(bodies)) == ("/unit", 1, 1)
    error, _ = parse(server, flavour, [answer(VALID[:9], "length")], **settings)
    assert isinstance(error, tailrace.LengthFinishReasonError)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"on_invalid": "stop", "response_format": Unit}, "'abort'"),
        ({"on_invalid": "abort"}, "schema"),
        ({"on_invalid": "abort", "response_format": {"type": "json_object"}}, "schema"),
        ({"on_invalid": "retry", "attempts": 0, "response_format": Unit}, "attempts"),
        ({"on_invalid": "retry", "attempts": True, "response_format": Unit}, "attempts"),
    ],
)
def test_options_that_make_no_sense_are_refused(settings: dict[str, Any], words: str) -> None:
    with tailrace.OpenAI(api_key="k", base_url="http://127.0.0.1:9") as client:
        for method in (client.chat.completions.parse, client.chat.completions.stream):
            with pytest.raises(ValueError, match=words):
                method(model="m", messages=[], **settings)
