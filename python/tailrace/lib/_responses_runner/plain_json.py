"""Copies of what a caller gives, as JSON that nothing of the caller's can change or answer for."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, cast

import pydantic

from ..._types import NotGiven, Omit
from .._replay import plain

__all__ = ["SAFE_INTEGER", "copied", "is_left_out", "json_copy", "json_text", "require_plain"]

#: The greatest whole number that every reader of JSON keeps exactly.
SAFE_INTEGER = 2**53 - 1

_SCALARS = (str, int, float, bool, type(None))


def is_left_out(value: object) -> bool:
    """Whether a value says that its field is not there."""
    return isinstance(value, (NotGiven, Omit))


def copied(value: object) -> Any:
    """Return a copy of an argument: iterables become lists, models become dictionaries of what was set."""
    if isinstance(value, pydantic.BaseModel):
        return plain(value)
    if isinstance(value, Mapping):
        return {name: copied(one) for name, one in cast("Mapping[str, Any]", value).items()}
    if isinstance(value, Iterable) and not isinstance(value, (str, bytes, bytearray)):
        return [copied(one) for one in cast("Iterable[Any]", value)]
    return value


def require_plain(value: object) -> None:
    """Raise `ValueError` unless a value is made of nothing but JSON's own types, not of classes derived from them."""
    if type(value) is dict:
        members = cast("dict[object, object]", value)
        if not all(type(name) is str for name in members):
            raise ValueError("Checkpoint data must be plain JSON values.")
        for one in members.values():
            require_plain(one)
    elif type(value) is list:
        for one in cast("list[object]", value):
            require_plain(one)
    elif type(value) not in _SCALARS:
        raise ValueError("Checkpoint data must be plain JSON values.")


def json_text(value: object) -> str:
    """Return a value as the shortest JSON. Raises `ValueError` for a number that JSON cannot say."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def json_copy(value: object) -> Any:
    """Return a copy of plain JSON data. Raises `ValueError` where it is none."""
    require_plain(value)
    return json.loads(json_text(value))
