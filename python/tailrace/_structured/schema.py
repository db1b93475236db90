"""JSON schemas: `validate`, and compiled ones for texts that arrive in pieces."""

from __future__ import annotations

import json
from functools import lru_cache

from .. import _native
from .._exceptions import SchemaError, SchemaViolationError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    import pydantic
    from pydantic import BaseModel

    from .._native import Violation

#: Compiled schemas that are kept for the next time; a program has a handful.
_KEPT = 64


def validate(schema: Mapping[str, Any] | bool | str | type[BaseModel], text: str | bytes) -> None:
    """Check that a JSON text is an instance of a schema.

    Args:
        schema: A JSON schema (2020-12, or draft 7 where it says so) as a mapping, a bool or JSON text; or a pydantic
            model class, whose `model_json_schema()` is taken.
        text: The JSON text; bytes are UTF-8.

    Raises:
        SchemaViolationError: It is none, or no JSON at all: `pointer`, `offset`, `reason` and `schema_path` say where
            and why.
        SchemaError: The schema is not one, or refers to what is not in it, or is larger than what is compiled.
    """
    if isinstance(text, bytes):
        text = text.decode("utf-8", "replace")
    violation = compiled(schema).violation(text)
    if violation is not None:
        raise violation_error(violation, text)


def compiled(schema: Mapping[str, Any] | bool | str | type[BaseModel]) -> _native.Schema:
    """Return the compiled form of a schema; see `validate` for its argument and SchemaError."""
    if not isinstance(schema, str):
        model_schema = getattr(schema, "model_json_schema", None)
        try:
            schema = json.dumps(schema if model_schema is None else model_schema())
        except (TypeError, ValueError, RecursionError) as error:
            raise SchemaError(f"the schema cannot be written as JSON: {error}", schema_path="") from error
    return _compiled(schema)


@lru_cache(maxsize=_KEPT)
def _compiled(text: str) -> _native.Schema:
    try:
        return _native.Schema(text)
    except UnicodeEncodeError as error:
        raise SchemaError(f"the schema is no text: {error}", schema_path="") from error
    except ValueError as error:
        message, path = error.args
        raise SchemaError(message, schema_path=path) from None


def misfit_error(
    error: pydantic.ValidationError, text: str, *, usage: Any = None, attempts: int = 1
) -> SchemaViolationError:
    """Return the exception for a text that its type refused, though nothing is wrong with it by its schema."""
    first = error.errors(include_url=False)[0]
    pointer = "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in first["loc"])
    violation: Violation = (pointer, len(text.encode("utf-8", "replace")), first["msg"], "")
    return violation_error(violation, text, usage=usage, attempts=attempts)


def violation_error(violation: Violation, text: str, *, usage: Any = None, attempts: int = 1) -> SchemaViolationError:
    """Return the exception for what the native module found in `text`."""
    pointer, offset, reason, schema_path = violation
    return SchemaViolationError(
        pointer=pointer,
        offset=offset,
        reason=reason,
        schema_path=schema_path,
        text=text,
        usage=usage,
        attempts=attempts,
    )
