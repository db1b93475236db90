"""A text that arrives in pieces, as a whole at any earlier moment, in time that is linear in its length."""

from __future__ import annotations

from threading import Lock

_JOINING = Lock()


class GrowingText:
    """Pieces that are joined when somebody asks for the text, and never twice.

    Attributes:
        length: Characters so far. Kept by whoever asks later, it names the moment (see `until`).
    """

    __slots__ = ("_joined", "_pieces", "length")

    length: int

    def __init__(self, text: str = "") -> None:
        self._joined = text
        self._pieces: list[str] = []
        self.length = len(text)

    def append(self, piece: str) -> int:
        """Add a piece and return the length."""
        # Adding first lets what is no text raise before anything has changed.
        length = self.length + len(piece)
        self._pieces.append(piece)
        self.length = length
        return length

    def until(self, length: int) -> str:
        """Return the text as it was when it had `length` characters."""
        if length > len(self._joined):
            # An event may be read by another thread than the one that reads the stream.
            with _JOINING:
                count = len(self._pieces)
                self._joined += "".join(self._pieces[:count])
                del self._pieces[:count]
        joined = self._joined
        return joined if length == len(joined) else joined[:length]

    def __str__(self) -> str:
        return self.until(self.length)
