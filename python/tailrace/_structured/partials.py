"""What the streams of both APIs offer beside their events: the typed answer so far and its finished elements."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from .answer import Answer

__all__ = ["AsyncPartials", "Partials"]


class Partials:
    """Joins a stream that is iterated over and keeps its `Answer`."""

    _answer: Answer

    @property
    def partial(self) -> Any:
        """The answer so far as an object of its type, made without validation; None before its first byte.

        It is the same object at all times and grows; fields that have not arrived are absent from it. Of several
        choices it is the first. After a retry it is that of the new answer.
        """
        return self._answer.partial

    def partials(self) -> Iterator[Any]:
        """Read the stream and return `partial` after each piece that changed it. Raises what iterating raises."""
        for _ in _events(self):
            if self._answer.grew():
                yield self._answer.partial

    def items(self, path: str) -> Iterator[Any]:
        """Read the stream and return each element of an array of the answer as soon as it is complete.

        After a retry the elements of the new answer come, from its first one on.

        Args:
            path: Where the array is: names with dots between (`plan.steps`) or a JSON pointer (`/plan/steps`).

        Raises what iterating raises, and `pydantic.ValidationError` if an element does not fit its type.
        """
        answer = self._answer
        elements = answer.elements(path)
        yield from elements.new()
        for _ in _events(self):
            if self._answer is not answer:
                answer = self._answer
                elements = answer.elements(path)
            yield from elements.new()


class AsyncPartials:
    """Joins a stream that is iterated over with `async for` and keeps its `Answer`."""

    _answer: Answer

    @property
    def partial(self) -> Any:
        """The answer so far, as `Partials.partial` describes it."""
        return self._answer.partial

    async def partials(self) -> AsyncIterator[Any]:
        """Do what `Partials.partials` does."""
        async for _ in _events(self):
            if self._answer.grew():
                yield self._answer.partial

    async def items(self, path: str) -> AsyncIterator[Any]:
        """Do what `Partials.items` does."""
        answer = self._answer
        elements = answer.elements(path)
        for element in elements.new():
            yield element
        async for _ in _events(self):
            if self._answer is not answer:
                answer = self._answer
                elements = answer.elements(path)
            for element in elements.new():
                yield element


def _events(stream: Any) -> Any:
    # The class that a mixin joins is the one that can be iterated over.
    return stream
