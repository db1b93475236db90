"""The text of an answer as it arrives: as an object that grows, as finished elements, and held to its schema."""

from __future__ import annotations

import json
from collections import deque
from typing import TYPE_CHECKING, Any

import pydantic

from .._exceptions import SchemaError, SchemaViolationError
from .._native import JsonElements
from .._types import NotGiven, Omit
from ..lib._pydantic import is_schema_type, strict_schema_of
from ._growth import Growth, element_type, path_of
from .schema import compiled, misfit_error

if TYPE_CHECKING:
    from .._native import Prefix, Schema, Violation

__all__ = ["Elements", "TypedAnswer", "checked_policy", "explained", "refused", "schema_of"]

_POLICIES = ("abort", "retry")


class Elements:
    """The elements of one array of an answer, validated, in the order in which they are finished."""

    def __init__(self, type_: Any, path: str) -> None:
        self._path = path_of(path)
        self._adapter: pydantic.TypeAdapter[Any] = pydantic.TypeAdapter(element_type(type_, self._path))
        self._ready: deque[str] = deque()
        self.begin()

    def begin(self) -> None:
        """Read another text from now on."""
        self._json = JsonElements(self._path)

    def push(self, text: str) -> None:
        """Read on."""
        self._ready.extend(self._json.push(text))

    def taken(self) -> list[Any]:
        """Return the elements that were finished since the last time.

        Raises:
            pydantic.ValidationError: one does not fit the type of the array's elements.
        """
        found: list[Any] = []
        while self._ready:
            found.append(self._adapter.validate_json(self._ready.popleft()))
        return found


class TypedAnswer:
    """What is made of one text at a time; `begin` starts with another one. Work is proportional to what is pushed.

    Attributes:
        changed: Whether the object changed since somebody set this to False.
    """

    def __init__(self, type_: Any, schema: Schema | None) -> None:
        """Make one for texts of `type_`; `schema` is what they are held to, None for nothing."""
        self._type: Any = Any if isinstance(type_, (Omit, NotGiven)) or type_ is None else type_
        self._schema = schema
        self._prefix: Prefix | None = None
        self._growth: Growth | None = None
        self._elements: list[Elements] = []
        self.changed = False

    def begin(self) -> None:
        """Read another text from now on."""
        self._prefix = None if self._schema is None else self._schema.prefix()
        if self._growth is not None:
            self._growth = Growth(self._type)
        for elements in self._elements:
            elements.begin()

    def push(self, text: str) -> Violation | None:
        """Read on; return why no completion of the text can be valid, where that is so."""
        if self._growth is not None and self._growth.push(text):
            self.changed = True
        for elements in self._elements:
            elements.push(text)
        return None if self._prefix is None else self._prefix.push(text)

    def whole(self, text: str) -> Violation | None:
        """Return why a whole text is not valid; None where it is, or nothing says what it has to be."""
        return None if self._schema is None else self._schema.violation(text)

    def value(self, so_far: str) -> Any:
        """Return the object; `so_far` is the text that came before anybody asked for one."""
        if self._growth is None:
            self._growth = Growth(self._type)
            self._growth.push(so_far)
        return self._growth.value

    def elements(self, path: str, so_far: str) -> Elements:
        """Return the elements of the array at `path`; `so_far` is the text that has come already."""
        elements = Elements(self._type, path)
        elements.push(so_far)
        self._elements.append(elements)
        return elements


def checked_policy(on_invalid: Any, attempts: Any) -> int:
    """Return the most requests that a policy allows.

    Raises:
        ValueError: there is no such policy, or `attempts` is less than 1.
    """
    if on_invalid is None:
        return 1
    if on_invalid not in _POLICIES:
        raise ValueError(f'`on_invalid` is "abort" or "retry", and not {on_invalid!r}.')
    if isinstance(attempts, bool) or not isinstance(attempts, int) or attempts < 1:
        raise ValueError(f"`attempts` is the number of requests, at least 1, and not {attempts!r}.")
    return attempts if on_invalid == "retry" else 1


def schema_of(type_: Any) -> Schema | None:
    """Return what the texts of a type are held to; None where it has no schema that can be compiled."""
    if not is_schema_type(type_):
        return None
    try:
        return compiled(strict_schema_of(type_))
    except SchemaError:
        return None


def refused(error: pydantic.ValidationError, text: str, attempts: int) -> SchemaViolationError:
    """Return what says of a text that its type refused it, with pydantic's own error as its cause."""
    made = misfit_error(error, text, attempts=attempts)
    made.__cause__ = error
    return made


def explained(error: SchemaViolationError) -> str:
    """Return what the model is told of an answer that was not valid."""
    place = error.pointer or "the top"
    return f"That answer is not valid at {json.dumps(place)}: {error.reason}. Answer again, whole and valid."
