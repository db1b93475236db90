"""Questions about pydantic models, under the private names that the tests of the official package import.

The official package also runs on pydantic 1; tailrace runs on pydantic 2 alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pydantic
    from pydantic.fields import FieldInfo

PYDANTIC_V1 = False


def get_model_fields(model: type[pydantic.BaseModel]) -> dict[str, FieldInfo]:
    """Return the fields of a model by name."""
    return model.model_fields


def field_outer_type(field: FieldInfo) -> Any:
    """Return the annotation of a field."""
    return field.annotation
