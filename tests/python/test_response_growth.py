"""What `responses.stream` and `responses.parse` have beyond the official ones: growing objects, elements, policies."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pydantic
import pytest
from compared import KINDS
from test_response_streams import (
    ANSWER,
    CALL,
    Plan,
    added,
    created,
    delta,
    done,
    ended,
    message,
    part,
    spoken,
    sse,
    text_done,
)

import tailrace
from tailrace.testing import MockServer

BAD = '{"title": "tea", "steps": ["boil", 7, "pour"]}'


class Step(pydantic.BaseModel):
    name: str
    minutes: int


class Recipe(pydantic.BaseModel):
    steps: list[Step]
    note: str


RECIPE = json.dumps({"steps": [{"name": "boil", "minutes": 3}, {"name": "pour", "minutes": 1}], "note": "hot"})


def gathered(server: MockServer, kind: str, exchanges: list[Any], look: Any, **arguments: Any) -> Any:
    """Return what `look` finds in a stream, and the requests that were sent; an exception counts as found."""
    base_url = server.script({"exchanges": exchanges})
    options: dict[str, Any] = {"api_key": "k", "base_url": base_url, "max_retries": 0}
    arguments = {"model": "m", "input": "hi", **arguments}

    async def run() -> Any:
        api = tailrace.AsyncOpenAI(**options)
        async with api, api.responses.stream(**arguments) as stream:
            found = look(stream)
            return [one async for one in found]

    try:
        if kind == "OpenAI":
            api = tailrace.OpenAI(**options)
            with api, api.responses.stream(**arguments) as stream:
                found = list(look(stream))
        else:
            found = asyncio.run(run())
    except tailrace.OpenAIError as error:
        found = error
    return found, [json.loads(request["body"]) for request in server.requests(base_url)]


@pytest.mark.parametrize("kind", KINDS)
def test_the_object_grows(server: MockServer, kind: str) -> None:
    seen: list[Any] = []

    def look(stream: Any) -> Any:
        assert stream.partial is None
        if kind == "OpenAI":
            return (seen.append((id(one), one.model_dump(), set(one.model_fields_set))) for one in stream.partials())
        return (seen.append((id(one), one.model_dump(), set(one.model_fields_set))) async for one in stream.partials())

    gathered(server, kind, [sse(*spoken(ANSWER))], look, text_format=Plan)
    assert len({identity for identity, *_ in seen}) == 1
    assert seen[-1][1] == json.loads(ANSWER)
    assert any(fields == {"title"} for *_, fields in seen)
    lengths = [len(json.dumps(plain)) for _, plain, _ in seen]
    assert lengths == sorted(lengths)
    assert len(lengths) > 5


@pytest.mark.parametrize("kind", KINDS)
def test_elements_come_when_they_are_finished(server: MockServer, kind: str) -> None:
    # The second step ends only in the last events.
    found, _ = gathered(server, kind, [sse(*spoken(RECIPE))], lambda stream: stream.items("steps"), text_format=Recipe)
    assert found == [Step(name="boil", minutes=3), Step(name="pour", minutes=1)]


def test_an_element_does_not_wait_for_the_next(server: MockServer) -> None:
    cut = RECIPE.index("}") + 1
    events = [*spoken(RECIPE[:cut], cut)[:-3], ended(None, "incomplete")]
    found, _ = gathered(server, "OpenAI", [sse(*events)], lambda stream: stream.items("/steps"), text_format=Recipe)
    assert found == [Step(name="boil", minutes=3)]


def test_looking_late_finds_what_has_come(server: MockServer) -> None:
    base_url = server.script({"exchanges": [sse(*spoken(RECIPE))]})
    api = tailrace.OpenAI(api_key="k", base_url=base_url)
    with api.responses.stream(model="m", input="hi", text_format=Recipe) as stream:
        for _ in range(15):
            next(stream)
        partial: Any = stream.partial
        assert partial.steps[0].name == "boil"
        assert len(list(stream.items("steps"))) == 2
        assert partial is stream.partial
        assert partial.note == "hot"


def test_what_is_no_answer_does_not_grow(server: MockServer) -> None:
    said = message("Well, then.", phase="commentary")
    events = [
        created(),
        {**spoken("x")[1], "item": {**said, "content": []}},
        spoken("x")[2],
        delta("Well"),
        ended([said]),
    ]
    found, _ = gathered(server, "OpenAI", [sse(*events)], lambda stream: stream.partials(), text_format=Plan)
    assert found == []


@pytest.mark.parametrize("kind", KINDS)
def test_an_answer_is_stopped_at_the_byte_that_made_it_impossible(server: MockServer, kind: str) -> None:
    error, _ = gathered(server, kind, [sse(*spoken(BAD))], lambda stream: stream, text_format=Plan, on_invalid="abort")
    assert isinstance(error, tailrace.SchemaViolationError)
    assert (error.pointer, error.offset) == ("/steps/1", BAD.index("7"))
    # Nothing after the delta with that byte was read.
    assert error.text == BAD[: (BAD.index("7") // 4 + 1) * 4]
    assert error.attempts == 1


@pytest.mark.parametrize("kind", KINDS)
def test_an_answer_is_asked_for_again_with_the_reason(server: MockServer, kind: str) -> None:
    exchanges = [sse(*spoken(BAD)), sse(*spoken(ANSWER))]
    found, (first, second) = gathered(
        server, kind, exchanges, lambda stream: stream, text_format=Plan, on_invalid="retry"
    )
    assert found[-1].response.output_parsed == Plan(title="tea", steps=["boil", "pour"])
    user, answer, reason = second.pop("input")
    assert (user["content"], first.pop("input")) == ("hi", "hi")
    assert first == second
    assert BAD.startswith(answer["content"])
    assert answer["role"] == "assistant"
    assert reason["content"].startswith(f"This answer does not fit the JSON schema: /steps/1, byte {BAD.index('7')}: ")
    assert reason["content"].endswith(
        "Answer again from the beginning, with the whole corrected JSON and nothing else."
    )


@pytest.mark.parametrize("kind", KINDS)
def test_the_attempts_have_an_end(server: MockServer, kind: str) -> None:
    exchanges = [sse(*spoken(BAD))] * 3
    error, sent = gathered(
        server, kind, exchanges, lambda stream: stream, text_format=Plan, on_invalid="retry", attempts=3
    )
    assert isinstance(error, tailrace.SchemaViolationError)
    assert (error.attempts, len(sent), len(sent[-1]["input"])) == (3, 3, 5)


def whole(text: str) -> dict[str, Any]:
    usage = {"input_tokens": 1, "output_tokens": 2, "total_tokens": 3}
    return {"json": {"id": "resp", "output": [message(text)], "usage": usage}}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("policy", ["abort", "retry"])
def test_a_whole_answer_follows_the_same_policy(server: MockServer, kind: str, policy: str) -> None:
    base_url = server.script({"exchanges": [whole(BAD), whole(ANSWER)]})
    options: dict[str, Any] = {"api_key": "k", "base_url": base_url, "max_retries": 0}
    asked: dict[str, Any] = {"model": "m", "input": "hi", "text_format": Plan, "on_invalid": policy}

    async def run() -> Any:
        async with tailrace.AsyncOpenAI(**options) as api:
            return await api.responses.parse(**asked)

    def parse() -> Any:
        return tailrace.OpenAI(**options).responses.parse(**asked) if kind == "OpenAI" else asyncio.run(run())

    if policy == "retry":
        assert parse().output_parsed == Plan(title="tea", steps=["boil", "pour"])
        assert len(server.requests(base_url)) == 2
        return
    with pytest.raises(tailrace.SchemaViolationError) as caught:
        parse()
    assert (caught.value.pointer, caught.value.text, caught.value.usage.total_tokens) == ("/steps/1", BAD, 3)
    assert len(server.requests(base_url)) == 1


def test_what_only_pydantic_refuses_is_asked_for_again(server: MockServer) -> None:
    class Short(pydantic.BaseModel):
        title: str

        @pydantic.field_validator("title")
        @classmethod
        def short(cls, title: str) -> str:
            if len(title) > 3:
                raise ValueError("too long")
            return title

    exchanges = [sse(*spoken('{"title": "coffee"}')), sse(*spoken('{"title": "tea"}'))]
    found, sent = gathered(server, "OpenAI", exchanges, lambda stream: stream, text_format=Short, on_invalid="retry")
    assert found[-1].response.output_parsed == Short(title="tea")
    assert "too long" in sent[1]["input"][-1]["content"]


FORMAT = {"type": "json_schema", "name": "Plan", "schema": Plan.model_json_schema()}
USAGE = {"input_tokens": 1, "output_tokens": 2, "total_tokens": 3}


@pytest.mark.parametrize("kind", KINDS)
def test_a_schema_without_a_type_is_one_to_judge_by(server: MockServer, kind: str) -> None:
    arguments: dict[str, Any] = {"text": {"format": FORMAT}, "on_invalid": "retry"}
    found, sent = gathered(server, kind, [sse(*spoken(BAD)), sse(*spoken(ANSWER))], lambda stream: stream, **arguments)
    assert found[-1].response.output_text == ANSWER
    assert len(sent) == 2
    base_url = server.script({"exchanges": [whole(BAD), whole(ANSWER)]})
    api = tailrace.OpenAI(api_key="k", base_url=base_url)
    assert api.responses.parse(model="m", input="hi", **arguments).output_text == ANSWER
    assert len(server.requests(base_url)) == 2


def test_each_text_of_a_response_is_held_to_the_schema_by_itself(server: MockServer) -> None:
    half = len(ANSWER) // 2
    first = [created(), spoken("x")[1], spoken("x")[2], added(message("", id="other"), 1), part(1)]
    pieces = [delta(ANSWER[:half]), delta(ANSWER[:half], 1), delta(ANSWER[half:]), delta(ANSWER[half:], 1)]
    last = [text_done(ANSWER), text_done(ANSWER, 1), ended([message(ANSWER), message(ANSWER, id="other")])]
    arguments: dict[str, Any] = {"text_format": Plan, "on_invalid": "abort"}
    found, _ = gathered(server, "OpenAI", [sse(*first, *pieces, *last)], lambda stream: stream, **arguments)
    assert found[-1].response.output_parsed == Plan(title="tea", steps=["boil", "pour"])
    wrong = [*pieces[:3], delta('"', 1)]
    error, _ = gathered(server, "OpenAI", [sse(*first, *wrong)], lambda stream: stream, **arguments)
    assert error.text == ANSWER[:half] + '"'


@pytest.mark.parametrize("kind", KINDS)
def test_a_text_that_comes_without_deltas_is_held_to_the_schema_too(server: MockServer, kind: str) -> None:
    begun = spoken("x")[:3]
    arguments: dict[str, Any] = {"text_format": Plan, "on_invalid": "abort"}
    error, _ = gathered(server, kind, [sse(*begun, text_done(BAD))], lambda stream: stream, **arguments)
    assert (error.text, error.pointer, error.usage) == (BAD, "/steps/1", None)
    end = ended([message(BAD)])
    end["response"]["usage"] = USAGE
    error, _ = gathered(server, kind, [sse(created(), end)], lambda stream: stream, **arguments)
    assert (error.text, error.pointer, error.usage.total_tokens) == (BAD, "/steps/1", 3)


def test_a_part_may_begin_with_a_text(server: MockServer) -> None:
    begun = spoken("x")[:3]
    begun[2] = {**part(), "part": {**part()["part"], "text": ANSWER[:5]}}
    events = [*begun, delta(ANSWER[5:9]), delta(ANSWER[9:]), text_done(ANSWER), ended([message(ANSWER)])]
    found, _ = gathered(
        server, "OpenAI", [sse(*events)], lambda stream: stream.partials(), text_format=Plan, on_invalid="abort"
    )
    assert found[-1] == Plan(title="tea", steps=["boil", "pour"])


def test_arguments_of_a_tool_are_not_the_answer(server: MockServer) -> None:
    call = {**CALL, "arguments": "{}", "status": "completed"}
    events = [*spoken(ANSWER)[:-1], added(call, 1), done(call, 1), ended([message(ANSWER), call])]
    tools = [tailrace.pydantic_function_tool(Plan)]
    with pytest.raises(pydantic.ValidationError):
        gathered(
            server,
            "OpenAI",
            [sse(*events)],
            lambda stream: stream,
            text_format=Plan,
            tools=tools,
            on_invalid="retry",
        )


def test_an_answer_that_was_cut_is_not_asked_for_again(server: MockServer) -> None:
    cut = whole(ANSWER[:9])
    cut["json"]["status"] = "incomplete"
    base_url = server.script({"exchanges": [cut]})
    api = tailrace.OpenAI(api_key="k", base_url=base_url)
    with pytest.raises(pydantic.ValidationError):
        api.responses.parse(model="m", input="hi", text_format=Plan, on_invalid="retry")
    assert len(server.requests(base_url)) == 1


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"on_invalid": "ignore"}, "abort"),
        ({"on_invalid": "retry", "attempts": 0}, "at least 1"),
        ({"on_invalid": "abort"}, "needs a schema"),
        ({"on_invalid": "retry", "text": {"format": {"type": "json_object"}}}, "needs a schema"),
    ],
)
def test_a_policy_that_is_none_is_refused(server: MockServer, arguments: dict[str, Any], told: str) -> None:
    api = tailrace.OpenAI(api_key="k", base_url="http://127.0.0.1:9/v1")
    for method in (api.responses.parse, api.responses.stream):
        with pytest.raises(ValueError, match=told):
            method(model="m", input="hi", **arguments)
    with pytest.raises(ValueError, match="needs a schema"):
        api.responses.stream(response_id="resp", on_invalid="abort")
    with pytest.raises(ValueError, match="cannot be asked again"):
        api.responses.stream(response_id="resp", on_invalid="retry")
