"""What the streams of both APIs offer beside their events: the typed answer so far and its finished elements."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from .answer import Answer, Elements
    from .reading import Reading

__all__ = ["AsyncPartials", "Partials"]

#: The type of the answer; None where none was asked for, and then a plain value may come.
_Type = TypeVar("_Type")


class Partials(Generic[_Type]):
    """Joins a stream that is iterated over and keeps its `Reading`."""

    _reading: Reading[Any]

    @property
    def partial(self) -> _Type | Any | None:
        """The answer so far as an object of its type, made without validation; None before its first byte.

        It is the same object at all times and grows; fields that have not arrived are absent from it. Without a type it
        is the plain value of the JSON text. Of several choices it is the first, of several messages the last. After a
        refused answer it is the new one; `attempt` tells which answer it is.
        """
        return self._reading.answer.partial

    @property
    def attempt(self) -> int:
        """The number of the request whose answer is read: 1 for the first, one more after each refused answer."""
        return self._reading.attempt.number

    def partials(self) -> Iterator[_Type | Any]:
        """Read the stream and return `partial` after each piece that changed it, and at first where it has begun.

        Raises what iterating raises.
        """
        reading = self._reading
        so_far = reading.answer.partial
        if so_far is not None:
            yield so_far
        for _ in _events(self):
            if reading.answer.grew():
                yield reading.answer.partial
        # Another reader may have read the stream to its end meanwhile.
        if reading.answer.grew():
            yield reading.answer.partial

    def items(self, path: str) -> Iterator[Any]:
        """Read the stream and return each element of an array of the answer as soon as it is complete.

        After a refused answer (`on_invalid="retry"`) the elements of the new one come, from its first one on; what of
        the refused one was not taken yet is dropped. `attempt` tells which answer it is.

        Args:
            path: Where the array is: names with dots between (`plan.steps`) or a JSON pointer (`/plan/steps`); `*` is
                any name or index.

        Raises what iterating raises, and `pydantic.ValidationError` if an element does not fit its type.
        """
        items = _Items(self._reading, path)
        yield from items.new()
        for _ in _events(self):
            yield from items.new()
        # Another reader may have read the stream to its end meanwhile.
        yield from items.new()


class AsyncPartials(Generic[_Type]):
    """Joins a stream that is iterated over with `async for` and keeps its `Reading`."""

    _reading: Reading[Any]

    @property
    def partial(self) -> _Type | Any | None:
        """The answer so far, as `Partials.partial` describes it."""
        return self._reading.answer.partial

    @property
    def attempt(self) -> int:
        """The number of the request whose answer is read, as `Partials.attempt` counts."""
        return self._reading.attempt.number

    async def partials(self) -> AsyncIterator[_Type | Any]:
        """Do what `Partials.partials` does."""
        reading = self._reading
        so_far = reading.answer.partial
        if so_far is not None:
            yield so_far
        async for _ in _events(self):
            if reading.answer.grew():
                yield reading.answer.partial
        if reading.answer.grew():
            yield reading.answer.partial

    async def items(self, path: str) -> AsyncIterator[Any]:
        """Do what `Partials.items` does."""
        items = _Items(self._reading, path)
        for element in items.new():
            yield element
        async for _ in _events(self):
            for element in items.new():
                yield element
        for element in items.new():
            yield element


class _Items:
    """The elements of the answer that a stream is at, which becomes another one after a retry."""

    def __init__(self, reading: Reading[Any], path: str) -> None:
        self._reading = reading
        self._path = path
        self._answer: Answer | None = None
        self._elements: Elements | None = None

    def new(self) -> Iterator[Any]:
        """Return those that have ended since the last call, as long as their answer is not refused."""
        reading = self._reading
        attempt = reading.attempt
        if self._elements is None or reading.answer is not self._answer:
            self._answer = reading.answer
            self._elements = reading.answer.elements(self._path)
        for element in self._elements.new():
            yield element
            if reading.attempt is not attempt:
                return


def _events(stream: Any) -> Any:
    # The class that a mixin joins is the one that can be iterated over.
    return stream
