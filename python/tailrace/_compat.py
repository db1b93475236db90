"""Questions about pydantic models, under the private names that the tests of the official package import.

The official package also runs on pydantic 1; tailrace runs on pydantic 2 alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing import TypeVar

    import pydantic
    from pydantic.fields import FieldInfo

    _Model = TypeVar("_Model", bound=pydantic.BaseModel)

PYDANTIC_V1 = False


def get_model_fields(model: type[pydantic.BaseModel]) -> dict[str, FieldInfo]:
    """Return the fields of a model by name."""
    return model.model_fields


def field_outer_type(field: FieldInfo) -> Any:
    """Return the annotation of a field."""
    return field.annotation


def model_copy(model: _Model, *, deep: bool = False) -> _Model:
    """Return a copy of a model."""
    return model.model_copy(deep=deep)


def model_parse(model: type[_Model], data: Any) -> _Model:
    """Return `data` as a model, validated. Raises `pydantic.ValidationError`."""
    return model.model_validate(data)


def model_json_schema(model: type[pydantic.BaseModel]) -> dict[str, Any]:
    """Return the JSON schema of a model."""
    return model.model_json_schema()
