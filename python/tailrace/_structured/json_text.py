"""A JSON text that arrives in pieces, and its value at any moment."""

from __future__ import annotations

from typing import Any

from .._native import PartialJson

__all__ = ["JsonText"]


class JsonText:
    """The value so far of a JSON text that grows. Adding a piece costs as much as the piece is long.

    Attributes:
        length: Characters so far. Kept by whoever asks later, it names the moment (see `at`).
        blank: Whether nothing but white space has come.
    """

    __slots__ = ("_json", "_valid", "blank", "length")

    length: int
    blank: bool

    def __init__(self) -> None:
        self._json = PartialJson()
        self._valid = True
        self.length = 0
        self.blank = True

    def push(self, piece: str) -> None:
        """Add a piece."""
        self.length += len(piece)
        if self.blank and piece.strip():
            self.blank = False
        self._valid = self._json.push(piece)

    def check(self) -> None:
        """Raise `ValueError` if what has come is the beginning of no JSON."""
        if not self._valid and not self.blank:
            self._json.value()

    def at(self, length: int) -> Any:
        """Return the value as it was when the text had `length` characters, without what had only begun."""
        return self._json.value() if length == self.length else self._json.value_at(length)
