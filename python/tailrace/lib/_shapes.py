"""Whether data have the shape that a type of a parameter says, without turning anything into something else."""

from __future__ import annotations

import types
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Annotated, Any, Literal, Union, cast, get_args, get_origin

from typing_extensions import NotRequired, Required, get_type_hints, is_typeddict

__all__ = ["fits"]

_LISTS: frozenset[Any] = frozenset((list, Iterable, Sequence))
_MARKS: frozenset[Any] = frozenset((Annotated, Required, NotRequired))


def fits(value: object, annotation: Any) -> bool:
    """Whether `value`, decoded JSON, is what `annotation` says.

    A number with a point may be a whole one; apart from that each type is exactly itself, so True is no number. Keys
    that a typed dictionary does not name are let through: a server may say more than its description.
    """
    if annotation is Any or annotation is object:
        return True
    if annotation is None:
        return value is None
    origin = get_origin(annotation)
    if origin is Union or origin is types.UnionType:
        return any(fits(value, one) for one in get_args(annotation))
    if origin is Literal:
        return any(type(value) is type(one) and value == one for one in get_args(annotation))
    if origin in _MARKS:
        return fits(value, get_args(annotation)[0])
    if origin in _LISTS:
        (item,) = get_args(annotation)
        return type(value) is list and all(fits(one, item) for one in cast("list[object]", value))
    if origin in (dict, Mapping):
        entry = get_args(annotation)[1]
        return type(value) is dict and all(fits(one, entry) for one in cast("dict[str, object]", value).values())
    if is_typeddict(annotation):
        return type(value) is dict and _has_fields(cast("dict[str, object]", value), annotation)
    return type(value) is annotation or (annotation is float and type(value) is int)


def _has_fields(value: dict[str, object], annotation: Any) -> bool:
    fields = _fields(annotation)
    return all(
        fits(value[name], field) if name in value else not is_required for name, (field, is_required) in fields.items()
    )


@cache
def _fields(annotation: Any) -> dict[str, tuple[Any, bool]]:
    """Return the fields of a typed dictionary, and whether each has to be there."""
    hints = get_type_hints(annotation, include_extras=True)
    total: bool = annotation.__total__
    return {
        name: (hint, get_origin(hint) is Required or (total and get_origin(hint) is not NotRequired))
        for name, hint in hints.items()
    }
