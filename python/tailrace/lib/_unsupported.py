"""Which field of a type it is that JSON schemas cannot say."""

from __future__ import annotations

import dataclasses
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import pydantic
from pydantic.errors import PydanticUndefinedAnnotation, PydanticUserError
from typing_extensions import is_typeddict

#: How many types are tried: only a schema that failed is looked into, and a type that goes on for ever is given up.
_MOST_TRIES = 200


def place_of_unsupported(typ: object) -> str | None:
    """Return where in a type, such as `Plan.steps.callback`, the first part without a JSON schema is.

    None when each part has one by itself.
    """
    steps = _Search().below(typ)
    return ".".join([getattr(typ, "__name__", str(typ)), *steps]) if steps else None


class _Search:
    def __init__(self) -> None:
        self.tries = 0
        self.seen: list[object] = []

    def below(self, typ: Any) -> list[str]:
        """Return the names on the way to the part that fails; empty when it is none of the fields."""
        if any(typ is seen for seen in self.seen):
            return []
        self.seen.append(typ)
        for name, part in _fields(typ).items():
            if self.fails(part):
                return [name, *self.below(part)]
        # A union, a list: what stands in its brackets has no name.
        for part in get_args(typ):
            steps = self.below(part)
            if steps:
                return steps
        return []

    def fails(self, typ: Any) -> bool:
        self.tries += 1
        if self.tries > _MOST_TRIES:
            return False
        try:
            pydantic.TypeAdapter[Any](typ).json_schema()
        except (PydanticUserError, PydanticUndefinedAnnotation, TypeError, ValueError):
            return True
        return False


def _fields(typ: Any) -> dict[str, object]:
    plain: Any = get_origin(typ) or typ
    if isinstance(typ, type) and issubclass(plain, pydantic.BaseModel):
        fields = typ.model_fields  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType, reportUnknownVariableType]
        return {name: _annotated(field) for name, field in fields.items()}  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType, reportUnknownArgumentType]
    if not dataclasses.is_dataclass(plain) and not is_typeddict(plain):
        return {}
    try:
        return get_type_hints(plain, include_extras=True)
    except NameError:
        return {}


def _annotated(field: Any) -> object:
    kind: object = field.annotation
    for metadata in field.metadata:
        kind = Annotated[kind, metadata]
    return kind
