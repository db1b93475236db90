"""Functions as tools of agents, and types as their answers, beside the official package."""

from __future__ import annotations

import datetime
import functools
import importlib
import math
from collections.abc import Callable
from types import ModuleType
from typing import Annotated, Any, Literal

import pydantic
import pytest
from agent_runs import OUTPUTS

import tailrace
from tailrace.lib.beta.agents import agent_text_format, function_tool


class Reading(pydantic.BaseModel):
    """One place.

    And more.
    """

    place: str
    degrees: float = 0.0


@pydantic.dataclasses.dataclass
class Pair:
    place: str
    count: int = 1


class Nested(pydantic.RootModel[Reading]):
    pass


class Several(pydantic.RootModel[list[Reading]]):
    pass


class Station:
    """Functions of an object."""

    class Place(pydantic.BaseModel):
        name: str

    def read(self, place: Place, schema: int, *, model_config: str = "x", unit: Literal["C", "F"] = "C") -> Any:
        """Read it."""
        return [place.name, schema, model_config, unit]

    @classmethod
    def of_all(cls, places: list[Place]) -> Any:
        return len(places)

    @staticmethod
    def plain(place: str | None = None, count: Annotated[int, pydantic.Field(gt=1, description="many")] = 2) -> Any:
        return place, count

    def __call__(self, day: datetime.date) -> Any:
        return str(day)


class Warmer(Station):
    """Has a class of that name, which its parent does not mean."""

    class Place(pydantic.BaseModel):  # pyright: ignore[reportIncompatibleVariableOverride]
        degrees: int


def hidden(_place: str) -> None: ...
def first(place: str, /) -> None: ...
def many(*places: str) -> None: ...
def named(**places: str) -> None: ...
def bare(place) -> None: ...  # pyright: ignore[reportMissingParameterType]
def unknown(place: Nowhere) -> None: ...  # pyright: ignore[reportUndefinedVariable]  # noqa: F821
def shapeless(place: Station) -> None: ...


def returning(value: Any) -> Any:
    def function() -> Any:
        return value

    return function


#: How a tool is made by the module of either package, and with what it is called.
TOOLS: dict[str, tuple[Callable[[Any], Any], Any]] = {
    "method": (lambda m: m.function_tool(Station().read), {"place": {"name": "a"}, "schema": 1}),
    "method of a child": (lambda m: m.function_tool(Warmer().read), {"place": {"name": "a"}, "schema": "2"}),
    "class method": (lambda m: m.function_tool(Warmer.of_all), {"places": [{"name": "a"}]}),
    "static method": (lambda m: m.function_tool(Station.plain), {"count": 3}),
    "wrong": (lambda m: m.function_tool(Station.plain), {"count": 1}),
    "too many": (lambda m: m.function_tool(Station.plain), {"more": 1}),
    "no dictionary": (lambda m: m.function_tool(Station.plain), [1]),
    "decorated": (lambda m: m.function_tool(name="n", description="", defer_loading=True)(Station.plain), {}),
    "empty name": (lambda m: m.function_tool(Station.plain, name=""), {}),
    "lambda": (lambda m: m.function_tool(lambda: 1), {}),
    "built in": (lambda m: m.function_tool(len), {}),
    "nothing": (lambda m: m.function_tool(5), {}),
    **{function.__name__: (lambda m, function=function: m.function_tool(function), {}) for function in (
        hidden, first, many, named, bare, unknown, shapeless,
    )},
    "model": (lambda m: m.pydantic_function_tool(Reading, handler=lambda given: given), {"place": "a"}),
    "model, named": (lambda m: m.pydantic_function_tool(Reading, handler=repr, name="n", description="d"), {}),
    "model in a model": (lambda m: m.pydantic_function_tool(Nested, handler=lambda given: given), {"place": "a"}),
    "list of models": (lambda m: m.pydantic_function_tool(Several, handler=repr), {}),
    "made by hand": (lambda m: m.FunctionTool(Reading, lambda r: r.degrees, name="n", description=""), {"place": "a"}),
    "raises": (lambda m: m.function_tool(lambda: 1 / 0), {}),
    **{f"returns {value!r}": (lambda m, value=value: m.function_tool(returning(value)), {}) for value in (
        *OUTPUTS[:14], {"a": 1.5}, Reading(place="é"), [Reading(place="a")], (1, 2), {1}, datetime.date(2026, 1, 2),
        math.inf, [{"type": "input_text", "text": "x"}], [{"type": "input_image", "image_url": "u"}],
        [{"type": "input_text", "text": 5}], [{"type": "input_file", "file_id": "u"}],
    ) if not isinstance(value, dict) or "a" not in value or value["a"] is not math.nan},
}  # fmt: skip


@pytest.mark.parametrize("name", TOOLS)
def test_a_tool_is_that_of_the_official_package(official: ModuleType, name: str) -> None:
    make, arguments = TOOLS[name]
    found: list[Any] = []
    for library in (tailrace, official):
        facts: list[Any] = []
        found.append(facts)
        try:
            tool = make(importlib.import_module(f"{library.__name__}.lib.beta.agents"))
            facts += [tool.name, tool.definition]
            output = tool(arguments)
            facts += [type(output), output]
        except Exception as error:  # noqa: BLE001 - Which one it is, is compared.
            facts += [type(error).__name__, str(error)]
    assert found[0] == found[1]


def test_a_callable_object_is_a_tool_where_its_annotations_are_text_too() -> None:
    """The official package does not find what they name."""
    assert function_tool(Station(), name="n")({"day": "2026-01-02"}) == "2026-01-02"
    assert function_tool(functools.partial(Station.plain, count=4), name="n")({"place": "a"}) == '["a",4]'
    with pytest.raises(AttributeError, match="__name__"):
        function_tool(Station())


def test_a_format_is_that_of_the_official_package(official: ModuleType) -> None:
    module = importlib.import_module("openai.lib.beta.agents")
    for model in (Reading, Nested, Several, Pair):
        assert agent_text_format(model) == module.agent_text_format(model)
    for other_type in (int, dict, list[Reading], None, Reading(place="a")):
        with pytest.raises(TypeError, match="must be a Pydantic model"):
            agent_text_format(other_type)  # pyright: ignore[reportArgumentType]
