"""Types of the caller as JSON schemas in their strict form, and JSON text as values of these types."""

from __future__ import annotations

import dataclasses
import inspect
import json
from functools import lru_cache
from typing import TYPE_CHECKING, Any, get_origin

import pydantic
from pydantic.errors import PydanticUserError
from typing_extensions import is_typeddict

from .. import _native
from ._unsupported import place_of_unsupported

if TYPE_CHECKING:
    from typing_extensions import TypeIs

#: Adapters of types that are no models; making one costs a thousand times what using it does.
_MOST_ADAPTERS = 256


def to_strict_json_schema(model: type[pydantic.BaseModel] | pydantic.TypeAdapter[Any]) -> dict[str, Any]:
    """Return the JSON schema of a model in the form that structured outputs ask for.

    Objects take no other properties, every property is required, a default of None is left out, a reference that has
    keywords beside it is replaced by what it points to, and a single schema in an `allOf` is merged.

    Raises:
        TypeError: it is neither a pydantic model nor a `TypeAdapter`, or the schema is no JSON.
        PydanticInvalidForJsonSchema: a field, which the message names, has a type that JSON schemas cannot say.
        RecursionError: references with keywords beside them go round in a circle.
        ValueError: the schema is too large, or has a reference that leads elsewhere.
        KeyError: a reference points to nothing.
    """
    if is_basemodel_type(model):
        return _strict(_schema_of(model, model.model_json_schema), model)
    if isinstance(model, pydantic.TypeAdapter):  # pyright: ignore[reportUnnecessaryIsInstance]
        return _strict(model.json_schema(), model)
    raise TypeError(f"Non BaseModel types are only supported with Pydantic v2 - {model}")


def is_basemodel_type(typ: Any) -> TypeIs[type[pydantic.BaseModel]]:
    """Tell whether it is a pydantic model class."""
    # A generic alias such as `list[int]` is a type for `isinstance` in Python 3.10, and none for `issubclass`.
    return isinstance(typ, type) and get_origin(typ) is None and issubclass(typ, pydantic.BaseModel)


def is_dataclass_like_type(typ: Any) -> bool:
    """Tell whether it is a dataclass of pydantic's."""
    return (
        inspect.isclass(typ)
        and get_origin(typ) is None
        and not is_basemodel_type(typ)
        and hasattr(typ, "__pydantic_config__")
        and dataclasses.is_dataclass(typ)
    )


def is_schema_type(typ: Any) -> bool:
    """Tell whether outputs and arguments can have this type: a pydantic model, a dataclass of any kind, a `TypedDict`.

    The same with types in brackets, where it is generic.
    """
    if is_basemodel_type(typ):
        return True
    plain: Any = get_origin(typ) or typ
    return inspect.isclass(plain) and (dataclasses.is_dataclass(plain) or is_typeddict(plain))


def strict_schema_of(typ: object) -> dict[str, Any]:
    """Return the strict JSON schema of a type for which `is_schema_type` holds.

    Raises what `to_strict_json_schema` raises, and `TypeError` for any other type.
    """
    if is_basemodel_type(typ):
        return to_strict_json_schema(typ)
    if not is_schema_type(typ):
        raise TypeError(f"{typ!r} is no type of structured outputs; pass a pydantic model, a dataclass or a TypedDict.")
    return _strict(_schema_of(typ, lambda: _adapter(typ).json_schema()), typ)


def name_of_type(typ: Any) -> str:
    """Return what a type is called: `Plan`, and `Box` for a dataclass `Box[int]`."""
    return str(typ.__name__ if hasattr(typ, "__name__") else get_origin(typ).__name__)


def parse_json(typ: Any, text: str | bytes) -> Any:
    """Return the value of JSON text, validated as a type for which `is_schema_type` holds.

    Raises `pydantic.ValidationError` for text that is no JSON or not of this type.
    """
    if is_basemodel_type(typ):
        return typ.model_validate_json(text)
    return _adapter(typ).validate_json(text)


@lru_cache(_MOST_ADAPTERS)
def _adapter(typ: Any) -> pydantic.TypeAdapter[Any]:
    return pydantic.TypeAdapter(typ)


def _schema_of(typ: object, schema: Any) -> dict[str, Any]:
    try:
        return schema()
    except PydanticUserError as error:
        place = place_of_unsupported(typ)
        if place is not None:
            error.message = f"{place}: {error.message}"
        raise


def _strict(schema: dict[str, Any], model: object) -> dict[str, Any]:
    def refuse(value: object) -> object:
        raise TypeError(f"The schema of {model} has a value that is no JSON: {value!r}.")

    result = _native.strict_schema(json.dumps(schema, default=refuse))
    if isinstance(result, str):
        return json.loads(result)
    raise _refusal(*result)


def _refusal(
    kind: str, path: list[str], found: str | None, reference: str | None, name: str | None, message: str
) -> Exception:
    value: object = None if found is None else json.loads(found)
    sentence = f"{message[:1].upper()}{message[1:]}."
    if kind == "not_a_schema":
        return TypeError(f"Expected {value} to be a dictionary; path={tuple(path)}")
    if kind == "reference_not_text":
        return AssertionError(f"Received non-string $ref - {value}")
    if kind == "reference_not_local":
        return ValueError(f"Unexpected $ref format {reference!r}; Does not start with #/")
    if kind == "reference_missing":
        return KeyError(name)
    if kind == "reference_not_object":
        return AssertionError(f"encountered non-dictionary entry while resolving {reference} - {value}")
    return RecursionError(sentence) if kind in ("circular", "too_deep") else ValueError(sentence)
