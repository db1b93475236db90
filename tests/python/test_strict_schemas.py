"""Types and schemas in their strict form, each beside the result of the official package."""

from __future__ import annotations

import copy
import importlib
import json
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any, cast

import pydantic
import pytest
from strict_models import DATACLASSES, MODELS, NO_TYPES, OTHER_TYPES, UNSUPPORTED, Plain, Star

import tailrace
from tailrace import _native
from tailrace.lib import _pydantic as ours, type_to_response_format_param
from tailrace.lib._parsing._response_format import type_to_text_format_param

DOCUMENTS: list[Any] = json.loads((Path(__file__).parent / "strict_documents.json").read_text(encoding="utf-8"))
TOOLS = ("pydantic_function_tool", "pydantic_responses_function_tool")


def part(library: ModuleType, name: str) -> ModuleType:
    return importlib.import_module(f"{library.__name__}.lib.{name}")


def said(action: Callable[[], Any]) -> Any:
    """The text of what comes back, with its order, or the class and the message of the error."""
    try:
        return json.dumps(action())
    except RecursionError:
        return "RecursionError"
    except Exception as error:  # noqa: BLE001
        return type(error).__name__, str(error)


@pytest.mark.parametrize("name", MODELS)
def test_a_model_has_the_official_schema_and_tools(official: ModuleType, name: str) -> None:
    model = MODELS[name]
    assert said(lambda: ours.to_strict_json_schema(model)) == said(
        lambda: part(official, "_pydantic").to_strict_json_schema(model)
    )
    for make in TOOLS:
        mine, theirs = (getattr(library, make) for library in (tailrace, official))
        assert json.dumps(mine(model)) == json.dumps(theirs(model)), make
    assert said(lambda: type_to_response_format_param(model)) == said(
        lambda: part(official, "_parsing").type_to_response_format_param(model)
    )
    assert said(lambda: type_to_text_format_param(model)) == said(
        lambda: part(official, "_parsing._responses").type_to_text_format_param(model)
    )


@pytest.mark.parametrize("index", range(len(DOCUMENTS)))
def test_a_schema_becomes_what_the_official_package_makes_of_it(official: ModuleType, index: int) -> None:
    def theirs() -> Any:
        schema = copy.deepcopy(DOCUMENTS[index])
        return part(official, "_pydantic")._ensure_strict_json_schema(schema, path=(), root=schema)

    assert said(lambda: ours._strict(DOCUMENTS[index], "it")) == said(theirs)


@pytest.mark.parametrize("name", [*DATACLASSES, *OTHER_TYPES])
def test_other_types_have_the_schema_of_their_adapter(official: ModuleType, name: str) -> None:
    kind = {**DATACLASSES, **OTHER_TYPES}[name]
    adapter: Any = pydantic.TypeAdapter(kind)
    schema = part(official, "_pydantic").to_strict_json_schema(adapter)
    assert json.dumps(ours.to_strict_json_schema(adapter)) == json.dumps(schema)
    assert json.dumps(ours.strict_schema_of(kind)) == json.dumps(schema)
    param: Any = type_to_response_format_param(kind)
    assert param["json_schema"] == {"schema": schema, "name": ours.name_of_type(kind), "strict": True}
    if name in DATACLASSES:
        assert param == part(official, "_parsing").type_to_response_format_param(kind)
    tool: Any = tailrace.pydantic_function_tool(kind, name="n")
    assert tool["function"]["parameters"] == schema
    assert tool["function"].model is kind


def test_text_becomes_a_value_of_each_kind_of_type() -> None:
    text = '{"a": 1, "star": {"name": "Sun"}}'
    assert ours.parse_json(Plain, text) == Plain(a=1, star=Star(name="Sun"))
    assert ours.parse_json(Star, '{"name": "Sun"}') == Star(name="Sun")
    assert ours.parse_json(OTHER_TYPES["typed dict"], '{"a": 1}') == {"a": 1}
    with pytest.raises(pydantic.ValidationError, match="star"):
        ours.parse_json(Plain, '{"a": 1}')


@pytest.mark.parametrize("name", NO_TYPES)
def test_what_is_no_type_is_refused_as_officially(official: ModuleType, name: str) -> None:
    value = NO_TYPES[name]
    assert said(lambda: ours.to_strict_json_schema(value)) == said(
        lambda: part(official, "_pydantic").to_strict_json_schema(value)
    )
    assert said(lambda: type_to_response_format_param(value)) == said(
        lambda: part(official, "_parsing").type_to_response_format_param(value)
    )
    for question in ("is_basemodel_type", "is_dataclass_like_type"):
        assert getattr(ours, question)(value) == getattr(part(official, "_pydantic"), question)(value)


@pytest.mark.parametrize("name", UNSUPPORTED)
def test_an_unsupported_type_is_named_by_its_place(official: ModuleType, name: str) -> None:
    model = UNSUPPORTED[name]
    with pytest.raises(pydantic.errors.PydanticInvalidForJsonSchema) as theirs:
        part(official, "_pydantic").to_strict_json_schema(model)
    with pytest.raises(pydantic.errors.PydanticInvalidForJsonSchema, match=rf"^{model.__name__}\.x(\.x)?: ") as mine:
        ours.to_strict_json_schema(model)
    assert mine.value.message.endswith(theirs.value.message)
    assert mine.value.code == theirs.value.code


NAMING: list[dict[str, Any]] = [{}, {"name": "n"}, {"name": ""}, {"description": "d"}, {"description": ""}]
LOADING: list[dict[str, Any]] = [{"defer_loading": True}, {"defer_loading": False}, {"defer_loading": None}]


@pytest.mark.parametrize("options", [*NAMING, *LOADING])
@pytest.mark.parametrize("name", ["Star", "Galaxy"])
def test_a_tool_is_called_and_described_as_asked(official: ModuleType, name: str, options: dict[str, Any]) -> None:
    for make in TOOLS if options in NAMING else TOOLS[1:]:
        mine, theirs = (getattr(library, make)(MODELS[name], **options) for library in (tailrace, official))
        assert json.dumps(mine) == json.dumps(theirs)


def test_a_tool_remembers_its_model() -> None:
    tool: Any = tailrace.pydantic_responses_function_tool(Star)
    assert tool.model is Star
    assert tool.cast() is tool
    function: Any = tailrace.pydantic_function_tool(Star)["function"]
    assert function.model is Star
    assert function.cast() is function


def test_a_format_that_is_one_already_stays(official: ModuleType) -> None:
    given: Any = {"type": "json_object"}
    assert type_to_response_format_param(given) is given
    assert type_to_response_format_param(tailrace.omit) is tailrace.omit
    not_given: Any = tailrace.NOT_GIVEN
    assert type_to_response_format_param(not_given) is tailrace.omit


def test_values_that_are_no_json_are_refused() -> None:
    class Odd(pydantic.BaseModel):
        model_config = pydantic.ConfigDict(json_schema_extra=cast(Any, {"examples": [{1, 2}]}))

    with pytest.raises(TypeError, match=r"Odd'> has a value that is no JSON: \{1, 2\}"):
        ours.to_strict_json_schema(Odd)


def deep(levels: int) -> str:
    return '{"items":' * levels + "{}" + "}" * levels


def test_hostile_schemas_are_refused_in_bounded_time() -> None:
    doubled: dict[str, Any] = {
        f"d{level}": {"properties": {side: {"$ref": f"#/$defs/d{level + 1}", "x": 1} for side in "ab"}}
        for level in range(60)
    }
    began = time.process_time()
    kinds = {
        "circular": '{"$defs":{"a":{"items":{"$ref":"#/$defs/a","x":1}}}}',
        "too_deep": deep(100_000),
        "too_large": json.dumps({"$defs": {"end": {}, **doubled, "d60": {}}, "$ref": "#/$defs/d0", "x": 1}),
        "not_json": '{"a":',
    }
    for kind, text in kinds.items():
        result: Any = _native.strict_schema(text)
        assert result[0] == kind, kind
    assert json.loads(str(_native.strict_schema(deep(300))))
    wide = json.dumps({"properties": {f"p{number}": {"type": "string"} for number in range(100_000)}})
    assert len(json.loads(str(_native.strict_schema(wide)))["required"]) == 100_000
    assert time.process_time() - began < 20
