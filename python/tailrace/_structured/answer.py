"""An answer that arrives in pieces: its object so far, the finished elements of an array, the schema it must fit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pydantic

from .._native import JsonElements
from ._growth import Growth, element_type, path_of
from .schema import compiled, misfit_error, violation_error

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from .._native import Prefix, Violation

__all__ = ["Answer", "Elements"]


class Answer:
    """The text of one answer. Adding a piece costs as much as the piece is long, whatever is asked of it.

    Args:
        type_: What the text will be an object of: a pydantic class or any annotation, `Any` for plain values.
        schema: A JSON schema that is checked at each piece, or None for none.

    Attributes:
        usage: What the API has said of tokens so far; errors carry it.
        attempt: Which request it answers; 1 for the first.
    """

    __slots__ = ("_growth", "_pieces", "_prefix", "_seen", "_type", "attempt", "usage")

    usage: Any
    attempt: int

    def __init__(self, type_: Any, schema: Mapping[str, Any] | None = None, *, attempt: int = 1) -> None:
        self._type = type_
        self._pieces: list[str] = []
        self._prefix: Prefix | None = None if schema is None else compiled(schema).prefix()
        self._growth: Growth | None = None
        #: How many pieces the growing object has.
        self._seen = 0
        self.usage = None
        self.attempt = attempt

    @property
    def text(self) -> str:
        """What has arrived."""
        return "".join(self._pieces)

    def push(self, piece: str) -> None:
        """Add a piece.

        Raises:
            SchemaViolationError: however the text goes on, it will not fit the schema.
        """
        self._pieces.append(piece)
        if self._prefix is not None:
            self._judge(self._prefix.push(piece))

    def finish(self) -> None:
        """Take the text for whole. Raises `SchemaViolationError` if it does not fit the schema."""
        if self._prefix is not None and self._pieces:
            self._judge(self._prefix.finish())

    def check(self, parse: Callable[[str], Any]) -> None:
        """Raise `SchemaViolationError` if `parse` refuses the text, which fits its schema, with a `ValidationError`."""
        if not self._pieces:
            return
        try:
            parse(self.text)
        except pydantic.ValidationError as error:
            raise misfit_error(error, self.text, usage=self.usage, attempts=self.attempt) from error

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
            raise violation_error(violation, self.text, usage=self.usage, attempts=self.attempt)


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
