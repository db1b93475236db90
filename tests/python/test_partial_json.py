"""JSON text that goes on: the value at every byte, the object that grows, and the elements of one array.

The values were taken from the official package, whose `parsed` is what jiter makes of a text that was cut off.
"""

from __future__ import annotations

import json
import math
import sys
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Literal, Optional, Union

import pydantic
import pytest
from pydantic import AliasChoices, BaseModel, ConfigDict, Field

import tailrace
from tailrace._native import JsonElements, PartialJson
from tailrace._structured.growth import Growth, element_type, path_of

# The text, its value without the string at its end, and with it; an exception's class where there is none.
PREFIXES: list[tuple[str, Any, Any]] = [
    ("", ValueError, ValueError),
    ("  ", ValueError, ValueError),
    ("{", {}, {}),
    ('{"a"', {}, {}),
    ('{"a":', {}, {}),
    ('{"a":1', {"a": 1}, {"a": 1}),
    ('{"a":1,"b', {"a": 1}, {"a": 1}),
    ('{"a":1,"b":"x', {"a": 1}, {"a": 1, "b": "x"}),
    ('{"a":{"b":"', {"a": {}}, {"a": {"b": ""}}),
    ('[1,"a","b', [1, "a"], [1, "a", "b"]),
    ("[12", [12], [12]),
    ("[-", [], []),
    ("[1.", [], []),
    ("[1.5", [1.5], [1.5]),
    ("[1.5e", [], []),
    ("[1e5", [100000.0], [100000.0]),
    ("[tru", [], []),
    ("[true", [True], [True]),
    ("[Na", [], []),
    ("[-Infinity", [-math.inf], [-math.inf]),
    ("12", 12, 12),
    ("-", ValueError, ValueError),
    ("1.", ValueError, ValueError),
    ('"abc', ValueError, "abc"),
    ('"abc\\u00', ValueError, "abc"),
    ("nul", ValueError, ValueError),
    ('["\\ud83d', [], [""]),
    ('["\\ud83d\\ude00', [], ["\N{GRINNING FACE}"]),
    # Something that may not follow a value ends the text; anything else is an error.
    ("[1 2]", [1], [1]),
    ("[[1 2],3]", [[1]], [[1]]),
    ('{"a":1} x', {"a": 1}, {"a": 1}),
    ('{"a":{"b":1 "c":2},"d":3}', {"a": {"b": 1}}, {"a": {"b": 1}}),
    ("[1}", [1], [1]),
    ("[1,]", ValueError, ValueError),
    ("{a", ValueError, ValueError),
    ('{"a" 1', ValueError, ValueError),
    ("[01", ValueError, ValueError),
    ("[1e]", ValueError, ValueError),
    ('["\\x', ValueError, ValueError),
    ('["a\n', ValueError, ValueError),
    ("hello", ValueError, ValueError),
    ("\ufeff[", ValueError, ValueError),
    ('{"a":1,"a":2', {"a": 2}, {"a": 2}),
    ('{"a":[1],"a":', {"a": [1]}, {"a": [1]}),
]


@pytest.mark.parametrize(("text", "value", "with_text"), PREFIXES)
def test_the_value_of_a_text_that_goes_on_is_the_official_one(text: str, value: Any, with_text: Any) -> None:
    for trailing_text, expected in ((False, value), (True, with_text)):
        for size in (1, 3, len(text) or 1):
            partial = PartialJson(trailing_text)
            for start in range(0, len(text), size):
                partial.push(text[start : start + size])
            if isinstance(expected, type):
                with pytest.raises(expected):
                    partial.value()
            else:
                assert repr(partial.value()) == repr(expected)


def test_push_says_whether_the_text_can_still_be_json() -> None:
    partial = PartialJson()
    assert [partial.push(piece) for piece in ['{"a"', ":", "-", "x", "1}"]] == [True, True, True, False, False]
    with pytest.raises(ValueError, match="no JSON from byte 6 on: a digit has to come here"):
        partial.value()
    # A value that stays is no error.
    assert PartialJson().push("[1]]") is True


def test_finished_parts_are_shared_and_values_of_before_stay() -> None:
    partial = PartialJson()
    partial.push('{"a":{"b":[1,2]},"c":[[3],4')
    first = partial.value()
    assert partial.value() is first
    partial.push(',5],"d":null}')
    second = partial.value()
    assert first == {"a": {"b": [1, 2]}, "c": [[3], 4]}
    assert second == {"a": {"b": [1, 2]}, "c": [[3], 4, 5], "d": None}
    assert second["a"] is first["a"]
    assert second["c"] is not first["c"]
    assert second["c"][0] is first["c"][0]


def test_values_of_earlier_moments_can_be_asked_for_later() -> None:
    text = '{"é":["\N{GRINNING FACE}x",{"b":1.5}],"c":"d"}'
    partial, seen = PartialJson(trailing_text=True), [ValueError]
    for character in text:
        partial.push(character)
        seen.append(partial.value())
    for length, value in enumerate(seen):
        if value is ValueError:
            with pytest.raises(ValueError, match="No JSON value has come yet"):
                partial.value_at(length)
        else:
            assert partial.value_at(length) == value
    assert partial.value_at(1000) == json.loads(text)


# Kinds of documents that parsers disagree on; Python's own decides.
WHOLE = [
    "1e400", "-1e400", "1e-400", "123456789012345678901234567890", "-0", "-0.0", "0.1e1", "1E+2", "1.0", "1e5",
    "NaN", "[Infinity,-Infinity]", "9223372036854775808", "-9223372036854775809", "3.141592653589793238462643",
    '"\\ud800"', '"\\udc00\\ud800"', '"\\ud83d\\ude00"', '"\\uD83D\\u0041"', '{"\\ud800":1,"\\ud801":2}', '"\\u0000"',
    '"\x7f\u2028"', '"\ufeff"', '""', '{"":{}}', '{"a":1,"b":2,"a":3}', "[[[]],{}]", " \t\r\n null \n",
    '"\\/\\b\\f\\n\\r\\t\\"\\\\"', '{"__class__":1,"__proto__":2}', "[" * 150 + "]" * 150,
    "1.7976931348623157e308", "4.9e-324", "2.2250738585072011e-308", "0.30000000000000004", "1e23",
]  # fmt: skip


@pytest.mark.parametrize("text", WHOLE)
def test_whole_texts_are_what_json_loads_makes_of_them(text: str) -> None:
    expected = json.loads(text)
    for size in (1, 2, len(text)):
        partial = PartialJson(trailing_text=True)
        for start in range(0, len(text), size):
            assert partial.push(text[start : start + size])
        assert repr(partial.value()) == repr(expected)
        assert list(map(type, _leaves(partial.value()))) == list(map(type, _leaves(expected)))


def _leaves(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [leaf for item in value.items() for leaf in _leaves(list(item))]
    return [leaf for item in value for leaf in _leaves(item)] if isinstance(value, list) else [value]


def test_halves_of_pairs_in_the_text_itself_stay_what_they_are() -> None:
    text = '["\ud83d", "\ude00"]'
    assert tailrace.partial_json(text) == json.loads(text)


def test_numbers_and_depth_beyond_pythons_limits_raise_what_json_loads_raises() -> None:
    digits = "1" * (sys.get_int_max_str_digits() + 1)
    deep = "[" * (sys.getrecursionlimit() + 1)
    for text, error in ((digits, ValueError), (f"[{digits}]", ValueError), (deep, RecursionError)):
        with pytest.raises(error):
            tailrace.partial_json(text)
    with pytest.raises(RecursionError, match="nests more than"):
        tailrace.partial_json(deep)


def test_partial_json_is_public_and_gives_none_before_a_value() -> None:
    assert tailrace.partial_json('{"plan": {"steps": ["wash", "dr') == {"plan": {"steps": ["wash", "dr"]}}
    assert tailrace.partial_json('["wash", "dr', trailing_text=False) == ["wash"]
    for text in ("", "\n", "-", "nul"):
        assert tailrace.partial_json(text) is None
    with pytest.raises(ValueError, match="byte 1"):
        tailrace.partial_json("[}")


class Color(Enum):
    RED = "red"


class Step(BaseModel):
    title: str
    minutes: Optional[int] = None
    parts: list[Step] = []


class Cat(BaseModel):
    kind: Literal["cat"]
    lives: int


class Dog(BaseModel):
    kind: Literal["dog"]
    name: str


@dataclass
class Place:
    city: str


class Plan(BaseModel):
    name: Annotated[str, Field(min_length=3)]
    steps: list[Step]
    main: Optional[Step] = None
    by_name: dict[str, Step] = {}
    color: Color = Color.RED
    day: Optional[date] = None
    price: Decimal = Decimal(0)
    share: float = 0.0
    pet: Union[Cat, Dog, None] = None
    place: Optional[Place] = None
    size: Literal["small", "large"] = "small"
    tags: set[str] = set()
    anything: Any = None
    aliased: str = Field("", validation_alias=AliasChoices("al", "alias"))


def test_a_pydantic_object_grows_in_place() -> None:
    growth = Growth(Plan)
    assert growth.value is None
    assert growth.push(" ") is False
    assert growth.push("{") is True
    plan = growth.value
    assert type(plan) is Plan
    assert plan.model_fields_set == set()
    assert not hasattr(plan, "name")
    assert growth.push('"na') is False
    growth.push('me":"Tri')
    assert plan.name == "Tri"
    assert plan.model_fields_set == {"name"}
    growth.push('p","steps":[{"title":"wa')
    step = plan.steps[0]
    assert type(step) is Step
    assert step.title == "wa"
    growth.push("sh")
    assert plan.steps[0] is step
    assert step.title == "wash"
    growth.push('","minutes":1')
    assert not hasattr(step, "minutes")
    growth.push('5,"parts":[{"title":"soak"}]},')
    assert step.minutes == 15
    assert type(step.parts[0]) is Step
    growth.push('{}],"main":{"title":"x","minutes":null},"by_name":{"a":{"title":"y')
    assert type(plan.main) is Step
    assert plan.main.__dict__ == {"title": "x", "minutes": None}
    assert type(plan.by_name["a"]) is Step
    assert growth.value is plan


def test_what_has_no_parts_comes_when_it_has_ended() -> None:
    growth = Growth(Plan)
    growth.push('{"color":"re')
    plan = growth.value
    assert "color" not in plan.model_fields_set
    growth.push('d","day":"2026-11-22","price":1.50,"share":1,"size":"lar')
    assert (plan.color, plan.day, plan.price) == (Color.RED, date(2026, 11, 22), Decimal("1.5"))
    assert type(plan.share) is float
    assert not hasattr(plan, "size")
    growth.push('ge","tags":["a","b"')
    assert plan.size == "large"
    assert plan.tags == ["a", "b"]
    growth.push('],"anything":{"a":["b')
    assert plan.tags == {"a", "b"}
    assert plan.anything == {"a": ["b"]}


def test_a_union_is_plain_until_it_has_ended() -> None:
    growth = Growth(Plan)
    growth.push('{"pet":{"kind":"dog","name":"Re')
    plan = growth.value
    assert plan.pet == {"kind": "dog", "name": "Re"}
    growth.push('x"},"place":{"city":"Bon')
    assert plan.pet == Dog(kind="dog", name="Rex")
    assert plan.place == {"city": "Bon"}
    growth.push('n"}')
    assert plan.place == Place("Bonn")


def test_keys_are_found_by_alias_and_others_go_where_the_class_says() -> None:
    class Open(BaseModel):
        model_config = ConfigDict(extra="allow")
        a: int

    growth = Growth(Open)
    growth.push('{"a":1,"b":{"c":"d')
    assert growth.value.b == {"c": "d"}
    assert growth.value.model_fields_set == {"a"}
    assert growth.value.model_extra == {"b": {"c": "d"}}
    growth = Growth(Plan)
    growth.push('{"unknown":{"x":["y"]},"alias":"found","aliased":"no"}')
    assert growth.value.__dict__ == {"aliased": "found"}
    assert growth.value.model_extra is None


def test_what_does_not_fit_is_there_as_the_text_says_it() -> None:
    growth = Growth(Plan)
    growth.push('{"name":[1],"steps":"none","main":3,"day":"never","pet":{"kind":"cow"},"share":"x"}')
    assert growth.value.__dict__ == {
        "name": [1], "steps": "none", "main": 3, "day": "never", "pet": {"kind": "cow"}, "share": "x",
    }  # fmt: skip


def test_an_error_in_the_text_ends_the_growth() -> None:
    growth = Growth(Step)
    assert growth.push('{"title":"a",x')
    assert growth.push('"minutes":1}') is False
    assert growth.value.__dict__ == {"title": "a"}


@pytest.mark.parametrize(
    ("type_", "text", "value"),
    [
        (list[Step], '[{"title":"a"},{"title":"b', [{"title": "a"}, {"title": "b"}]),
        (Any, '{"a":["b', {"a": ["b"]}),
        (str, '"abc', "abc"),
        (int, "12 ", 12),
        (Optional[Step], "null", None),
        (dict[str, list[int]], '{"a":[1,2', {"a": [1]}),
    ],
)
def test_any_type_can_grow(type_: Any, text: str, value: Any) -> None:
    for size in (1, len(text)):
        growth = Growth(type_)
        for start in range(0, len(text), size):
            growth.push(text[start : start + size])
        assert pydantic.RootModel[Any](growth.value).model_dump(exclude_unset=True) == value


def test_a_text_that_somebody_keeps_does_not_change() -> None:
    growth = Growth(Step)
    growth.push('{"title":"one')
    kept = growth.value.title
    growth.push(" two")
    assert (kept, growth.value.title) == ("one", "one two")
    growth.push(" \\ud83d")
    growth.push("\\ude00 \N{SNOWMAN}")
    assert growth.value.title == "one two \N{GRINNING FACE} \N{SNOWMAN}"


def test_elements_come_as_they_end() -> None:
    elements = JsonElements(["plan", "steps"])
    pieces = ['{"plan":{"steps":[{"a":', '1}, "b', 'c"', ",3", "]", ',"x":[4]}}']
    assert [elements.push(piece) for piece in pieces] == [[], ['{"a":1}'], ['"bc"'], [], ["3"], []]
    late = JsonElements(["plan", "steps"])
    assert late.push("".join(pieces)) == ['{"a":1}', '"bc"', "3"]
    broken = JsonElements([])
    assert broken.push("[1,x") == ["1"]
    with pytest.raises(ValueError, match="byte 3"):
        broken.push("2")


def test_paths_and_the_types_that_they_lead_to() -> None:
    assert path_of("steps") == ["steps"]
    assert path_of("plan.steps.*.parts") == ["plan", "steps", "*", "parts"]
    assert path_of("/a~1b/c~0d/0") == ["a/b", "c~d", "0"]
    assert path_of("") == []
    assert element_type(Plan, ["steps"]) is Step
    assert element_type(Plan, ["steps", "*", "parts"]) is Step
    assert element_type(Plan, ["main", "parts"]) is Step
    assert element_type(list[int], []) is int
    assert element_type(Plan, ["nowhere"]) is Any
    assert element_type(Plan, ["alias"]) is Any
