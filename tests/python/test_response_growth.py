"""What `responses.stream` and `responses.parse` have beyond the official ones: growing objects, elements, policies."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pydantic
import pytest
from compared import KINDS
from test_response_streams import ANSWER, Plan, created, delta, ended, message, spoken, sse

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
    assert "/steps/1" in reason["content"]


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


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"on_invalid": "ignore"}, "abort"),
        ({"on_invalid": "retry", "attempts": 0}, "at least 1"),
    ],
)
def test_a_policy_that_is_none_is_refused(server: MockServer, arguments: dict[str, Any], told: str) -> None:
    api = tailrace.OpenAI(api_key="k", base_url="http://127.0.0.1:9/v1")
    for method in (api.responses.parse, api.responses.stream):
        with pytest.raises(ValueError, match=told):
            method(model="m", input="hi", **arguments)
    with pytest.raises(ValueError, match="cannot be asked again"):
        api.responses.stream(response_id="resp", on_invalid="retry")
