"""`tailrace.validate`, its errors, and texts that arrive in pieces."""

from __future__ import annotations

import copy
import json
import pickle
from typing import Literal

import pytest
from pydantic import BaseModel

import tailrace
from tailrace import _native

PLAN = {
    "type": "object",
    "properties": {
        "title": {"type": "string", "maxLength": 20},
        "state": {"enum": ["open", "closed"]},
        "steps": {"type": "array", "items": {"$ref": "#/$defs/step"}},
    },
    "required": ["title", "state", "steps"],
    "additionalProperties": False,
    "$defs": {
        "step": {
            "type": "object",
            "properties": {"minutes": {"type": "integer", "minimum": 0}},
            "required": ["minutes"],
            "additionalProperties": False,
        }
    },
}
GOOD = '{"title": "Tea", "state": "open", "steps": [{"minutes": 3}, {"minutes": 4}]}'


def violation_of(schema: object, text: str | bytes) -> tuple[str, int, str]:
    with pytest.raises(tailrace.SchemaViolationError) as caught:
        tailrace.validate(schema, text)  # type: ignore[arg-type]
    error = caught.value
    assert isinstance(error, tailrace.OpenAIError)
    assert error.reason in str(error)
    assert str(error.offset) in str(error)
    assert error.attempts == 1
    assert error.usage is None
    return (error.pointer, error.offset, error.schema_path)


def test_a_valid_text_passes() -> None:
    assert tailrace.validate(PLAN, GOOD) is None
    assert tailrace.validate(PLAN, GOOD.encode()) is None
    assert tailrace.validate(json.dumps(PLAN), GOOD) is None
    assert tailrace.validate(True, "null") is None


def test_a_violation_says_where_and_why() -> None:
    text = GOOD.replace("open", "lost")
    assert violation_of(PLAN, text) == ("/state", text.index("lost"), "/properties/state/enum")
    text = GOOD.replace('"minutes": 4', '"minutes": "4"')
    assert violation_of(PLAN, text) == ("/steps/1/minutes", text.index('"4"'), "/$defs/step/properties/minutes/type")
    text = GOOD.replace(', "state": "open"', "")
    assert violation_of(PLAN, text) == ("", len(text) - 1, "/required")
    text = GOOD.replace('"title"', '"titles"')
    assert violation_of(PLAN, text) == ("/titles", text.index("s"), "/additionalProperties")
    assert violation_of(PLAN, GOOD[:-1]) == ("/steps", len(GOOD) - 1, "")
    assert violation_of(True, "{]") == ("", 1, "")


def test_offsets_are_bytes_of_utf8() -> None:
    assert violation_of({"maxLength": 2}, '"é€!"') == ("", 6, "/maxLength")


def test_a_pydantic_model_is_a_schema() -> None:
    class Step(BaseModel):
        minutes: int
        kind: Literal["boil", "wait"]

    tailrace.validate(Step, '{"minutes": 3, "kind": "wait"}')
    assert violation_of(Step, '{"minutes": 3, "kind": "sleep"}')[0] == "/kind"


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "text"},
        {"properties": {"a": {"minimum": "1"}}},
        {"$ref": "#/$defs/none"},
        {"$ref": "https://example.com/schema.json"},
        {"pattern": "("},
        "{",
        "[]",
        {"const": object()},
        {"pattern": "((a{1,1000}){1,1000}){1,1000}"},
    ],
)
def test_what_is_no_schema_is_refused(schema: object) -> None:
    with pytest.raises(tailrace.SchemaError) as caught:
        tailrace.validate(schema, "1")  # type: ignore[arg-type]
    assert isinstance(caught.value, ValueError)
    assert isinstance(caught.value, tailrace.OpenAIError)
    assert isinstance(caught.value.schema_path, str)
    assert str(caught.value)


def test_errors_can_be_copied_and_pickled() -> None:
    with pytest.raises(tailrace.SchemaViolationError) as caught:
        tailrace.validate(PLAN, "[]")
    for twin in (pickle.loads(pickle.dumps(caught.value)), copy.copy(caught.value)):
        assert vars(twin) == vars(caught.value)
        assert str(twin) == str(caught.value)


def test_a_text_is_refused_at_the_first_impossible_byte() -> None:
    schema = _native.Schema(json.dumps(PLAN))
    prefix = schema.prefix()
    for character in GOOD:
        assert prefix.push(character) is None
    assert prefix.finish() is None
    prefix = schema.prefix()
    assert prefix.push('{"title": "Tea", "st') is None
    found = prefix.push("o")
    assert found is not None
    assert found[:2] == ("/sto", 20)
    assert prefix.push("whatever") == found
    assert prefix.finish() == found


def test_json_is_read_as_python_reads_it() -> None:
    deep = "[" * 900 + "]" * 900
    for text in ['"\\ud800"', '"\ud800"', "1e400", "NaN", '{"a": 1, "a": 2}', deep, "123456789012345678901234567890"]:
        json.loads(text)
        tailrace.validate({}, text)
        tailrace.validate({"not": {"type": "boolean"}}, text)
    with pytest.raises(tailrace.SchemaViolationError, match="objects and arrays are open"):
        tailrace.validate({}, "[" * 100_000)
    # Of two members with one name the last counts, in a whole text.
    schema = {"properties": {"a": {"type": "integer"}}}
    tailrace.validate(schema, '{"a": "x", "a": 2}')
    assert violation_of(schema, '{"a": 2, "a": "x"}')[0] == "/a"
