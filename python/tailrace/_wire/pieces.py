"""Bodies that arrive in pieces: cut to a size, decoded to text, split into lines."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Iterator
    from typing import Any, Protocol

    class Stage(Protocol):
        """Takes what the stage before it gave, and gives what is ready; None is the end of the input."""

        def feed(self, piece: Any) -> Iterable[Any]: ...


class Sized:
    """Bytes or text in pieces of one length, the last one aside."""

    def __init__(self, empty: Any, size: int) -> None:
        """`empty` is `b""` or `""`.

        Raises:
            ValueError: `size` is not positive.
        """
        if size < 1:
            raise ValueError(f"A chunk size must be at least 1, not {size}.")
        self._held = empty
        self._size = size

    def feed(self, piece: Any) -> Iterable[Any]:
        """See `Stage`."""
        held, size = self._held, self._size
        if piece is None:
            if held:
                yield held
            return
        held += piece
        whole = len(held) - len(held) % size
        for start in range(0, whole, size):
            yield held[start : start + size]
        self._held = held[whole:]


class Counted:
    """Bytes as they are, whose numbers are told."""

    def __init__(self, tell: Callable[[int], None]) -> None:
        self._tell = tell

    def feed(self, piece: bytes | None) -> Iterable[bytes]:
        """See `Stage`."""
        if piece is None:
            return ()
        self._tell(len(piece))
        return (piece,)


class Decoded:
    """Bytes as text; bytes that do not fit the charset become U+FFFD."""

    def __init__(self, encoding: str) -> None:
        import codecs

        self._decoder = codecs.getincrementaldecoder(encoding)(errors="replace")

    def feed(self, piece: bytes | None) -> Iterable[str]:
        """See `Stage`."""
        text = self._decoder.decode(b"", True) if piece is None else self._decoder.decode(piece)
        return (text,) if text else ()


class Lines:
    """Text as lines without their ends; the ends are those of `str.splitlines`."""

    def __init__(self) -> None:
        self._held: list[str] = []

    def feed(self, piece: str | None) -> Iterable[str]:
        """See `Stage`."""
        if piece is None:
            yield from "".join(self._held).splitlines()
            return
        # A carriage return may be the first half of an end of line, so it waits for what follows it.
        ready = piece.endswith("\r") is False and piece.splitlines()[-1:] != [piece]
        self._held.append(piece)
        if not ready:
            return
        lines = "".join(self._held).splitlines(keepends=True)
        last = lines[-1]
        self._held = [] if last != last.splitlines()[0] else [lines.pop()]
        for line in lines:
            yield line.splitlines()[0]


def through(pieces: Iterable[bytes], stages: Iterable[Stage]) -> Iterator[Any]:
    """Yield what `pieces` become after `stages`."""
    chain = list(stages)
    for piece in pieces:
        yield from _fed(chain, piece, 0)
    yield from _ended(chain)


async def async_through(pieces: AsyncIterable[bytes], stages: Iterable[Stage]) -> AsyncIterator[Any]:
    """Yield what `pieces` become after `stages`."""
    chain = list(stages)
    async for piece in pieces:
        for item in _fed(chain, piece, 0):
            yield item
    for item in _ended(chain):
        yield item


def _fed(chain: list[Stage], piece: Any, index: int) -> Iterator[Any]:
    if index == len(chain):
        yield piece
        return
    for item in chain[index].feed(piece):
        yield from _fed(chain, item, index + 1)


def _ended(chain: list[Stage]) -> Iterator[Any]:
    for index, stage in enumerate(chain):
        for item in stage.feed(None):
            yield from _fed(chain, item, index + 1)
