"""One text of an answer while it arrives: held to its schema, as an object that grows, as finished elements."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pydantic

from .._native import JsonElements
from ..lib._pydantic import parse_json
from .growth import Growth, element_type, path_of
from .schema import misfit_error, violation_error

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .._native import Prefix, Schema, Violation
    from .attempts import Attempt

__all__ = ["Answer", "Elements"]


class Answer:
    """One text. Adding a piece costs as much as the piece is long, whatever is asked of it.

    Args:
        type_: What the text will be an object of: a pydantic class or any annotation, `Any` for plain values.
        schema: What the text is held to; None for nothing.
        attempt: The request that it answers; errors carry its number and its usage.
    """

    __slots__ = ("_attempt", "_growth", "_is_whole", "_pieces", "_prefix", "_seen", "_type")

    def __init__(self, type_: Any, schema: Schema | None, attempt: Attempt) -> None:
        self._type = type_
        self._attempt = attempt
        self._prefix: Prefix | None = None if schema is None else schema.prefix()
        self._pieces: list[str] = []
        self._is_whole = False
        self._growth: Growth | None = None
        #: How many pieces the growing object has.
        self._seen = 0

    @property
    def text(self) -> str:
        """What has arrived."""
        return "".join(self._pieces)

    @property
    def has_begun(self) -> bool:
        """Whether anything has arrived."""
        return bool(self._pieces)

    def push(self, piece: str) -> None:
        """Add a piece.

        Raises:
            SchemaViolationError: however the text goes on, it will not fit the schema.
        """
        self._pieces.append(piece)
        if self._prefix is not None:
            self._judge(self._prefix.push(piece))

    def finish(self) -> None:
        """Take the text for whole; an empty one is no answer. Raises `SchemaViolationError` if it does not fit."""
        if self._prefix is not None and self._pieces and not self._is_whole:
            self._is_whole = True
            self._judge(self._prefix.finish())

    def release(self) -> None:
        """Hold the text to nothing any more: it was cut, or is a refusal."""
        self._prefix = None

    def check(self) -> None:
        """Raise `SchemaViolationError` if the text is whole, fits its schema, and its type refuses it."""
        if self._prefix is None or not self._is_whole or self._type is Any:
            return
        try:
            parse_json(self._type, self.text)
        except pydantic.ValidationError as error:
            attempt = self._attempt
            raise misfit_error(error, self.text, usage=attempt.usage, attempts=attempt.number) from error

    @property
    def partial(self) -> Any:
        """The object so far, the same at all times; None before anything of it has come."""
        self.grew()
        return None if self._growth is None else self._growth.value

    def grew(self) -> bool:
        """Bring the object up to date and say whether that changed it."""
        pieces = self._pieces
        if self._growth is None:
            self._growth = Growth(self._type)
        if self._seen == len(pieces):
            return False
        text = "".join(pieces[self._seen :])
        self._seen = len(pieces)
        return self._growth.push(text)

    def elements(self, path: str) -> Elements:
        """Return the elements of the array at `path`, a JSON pointer or names with dots between."""
        return Elements(self._pieces, self._type, path)

    def _judge(self, violation: Violation | None) -> None:
        if violation is not None:
            attempt = self._attempt
            raise violation_error(violation, self.text, usage=attempt.usage, attempts=attempt.number)


class Elements:
    """The finished elements of one array of an answer, each given once."""

    __slots__ = ("_adapter", "_json", "_pieces", "_seen")

    def __init__(self, pieces: list[str], type_: Any, path: str) -> None:
        steps = path_of(path)
        self._pieces = pieces
        self._json = JsonElements(steps)
        self._adapter: pydantic.TypeAdapter[Any] = pydantic.TypeAdapter(element_type(type_, steps))
        self._seen = 0

    def new(self) -> Iterator[Any]:
        """Return those that have ended since the last call, validated.

        Raises:
            pydantic.ValidationError: one does not fit its type.
        """
        pieces = self._pieces
        if self._seen == len(pieces):
            return
        text = "".join(pieces[self._seen :])
        self._seen = len(pieces)
        for element in self._json.push(text):
            yield self._adapter.validate_json(element)
