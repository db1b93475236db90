"""The events of a responses stream: every type on the fast path, which builds what the rules in Python build."""

from __future__ import annotations

import copy
import json
import random
import types
from collections.abc import Iterator
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import pydantic
import pytest
from test_models import outcome, planned, shown

from tailrace import _native
from tailrace._construct import construct_type
from tailrace.types.responses import ResponseStreamEvent

#: The classes of all events.
EVENTS: tuple[Any, ...] = get_args(get_args(ResponseStreamEvent)[0])

#: Deeper than this, fields that may be left out are.
MOST_DEPTH = 6

#: What takes the place of a value, to see what is made of it.
ODD: list[Any] = [None, True, 5, 1.5, "odd", "7", [], [1], {}, {"type": "odd"}]


def sample(type_: Any, source: random.Random, depth: int = 0) -> Any:
    """Return JSON that `type_` takes."""
    type_ = getattr(type_, "__value__", type_)
    origin = get_origin(type_)
    if origin is Annotated:
        return sample(get_args(type_)[0], source, depth)
    if origin is Union or origin is types.UnionType:
        members = [member for member in get_args(type_) if member is not type(None)]
        return sample(members[-1] if depth > MOST_DEPTH else source.choice(members), source, depth)
    if origin is Literal:
        return source.choice(get_args(type_))
    if origin is list:
        return [sample(get_args(type_)[0], source, depth + 1)] if depth < MOST_DEPTH else []
    if origin is dict:
        return {"key": sample(get_args(type_)[1], source, depth + 1)}
    if isinstance(type_, type) and issubclass(type_, pydantic.BaseModel):
        fields = type_.model_fields.items()
        kept = [
            (name, field)
            for name, field in fields
            if field.is_required() or (depth < MOST_DEPTH and source.random() < 0.7)
        ]
        return {field.alias or name: sample(field.annotation, source, depth + 1) for name, field in kept}
    return {str: "text", int: 3, float: 0.5, bool: True}.get(type_, {"any": [1, None]})


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Yield every container below `value` with each of its keys."""
    keys = list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in keys:
        yield value, key
        yield from places(value[key])


class Counted:
    """A plan, and how often it asked Python."""

    def __init__(self) -> None:
        self.asked = 0
        self.plan = _native.Plan(ResponseStreamEvent, self._construct)

    def _construct(self, type_: Any, value: object) -> Any:
        self.asked += 1
        return construct_type(type_, value)


@pytest.fixture(scope="module")
def counted() -> Counted:
    return Counted()


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.__name__)
def test_every_type_of_event_is_built_without_python(counted: Counted, event: Any) -> None:
    source = random.Random(event.__name__)
    # A response holds unions that only pydantic can decide (input items without a tag, filters of filters).
    has_response = "response" in event.model_fields or "item" in event.model_fields
    for _ in range(1 if has_response else 5):
        value = {"type": get_args(event.model_fields["type"].annotation)[0]}
        if not has_response:
            value = sample(event, source)
        text = json.dumps(value).encode()
        counted.asked = 0
        built = counted.plan.build(text)
        assert counted.asked == 0, value
        assert type(built) is event
        assert shown(built) == outcome(construct_type, ResponseStreamEvent, value)


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.__name__)
def test_an_event_that_is_not_as_declared_is_what_python_makes_of_it(counted: Counted, event: Any) -> None:
    source = random.Random(event.__name__)
    for _ in range(12):
        value = sample(event, source)
        container, key = source.choice(list(places(value)))
        if source.random() < 0.5 and isinstance(container, dict):
            del container[key]
        else:
            container[key] = copy.deepcopy(source.choice(ODD))
        # Twice, since what an event lacked decides how the next one is tried.
        text = json.dumps(value).encode()
        expected = outcome(construct_type, ResponseStreamEvent, value)
        assert planned(counted.plan, text) == expected, value
        assert planned(counted.plan, text) == expected, value


@pytest.mark.parametrize("value", [{"x": 1}, None, 5, [1], "text"])
@pytest.mark.parametrize("type_", [Union[object, None], Union[None, Any]], ids=str)
def test_a_union_of_anything_and_none_is_anything(type_: Any, value: Any) -> None:
    asked: list[Any] = []
    plan = _native.Plan(type_, lambda *call: asked.append(call))
    assert plan.build(json.dumps(value).encode()) == value
    assert asked == []


def test_a_validator_of_a_class_is_asked() -> None:
    import tailrace

    class Checked(tailrace.BaseModel):
        kind: Literal["checked"]
        count: int

        @pydantic.model_validator(mode="before")
        @classmethod
        def fill(cls, data: Any) -> Any:
            return {"count": 7, **data} if isinstance(data, dict) else {"kind": "checked", "count": 0}

    class Plain(tailrace.BaseModel):
        kind: Literal["plain"]

    union: Any = Union[Checked, Plain]
    plan = _native.Plan(union, construct_type)
    for value in ({"kind": "checked"}, {"kind": "plain"}, [1], {"kind": "checked", "count": 1}):
        assert planned(plan, json.dumps(value).encode()) == outcome(construct_type, union, value)
