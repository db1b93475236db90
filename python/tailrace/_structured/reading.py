"""What a stream has read, whichever API it comes from: its state, and the answer that is held to its schema."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar

from .attempts import Attempts

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable

    from .._exceptions import SchemaViolationError
    from .answer import Answer
    from .attempts import Attempt

__all__ = ["Reading"]

_State = TypeVar("_State")


class Reading(Generic[_State]):
    """What the sync and the async form of a stream share; each API has its own.

    Args:
        type_: What the answer will be an object of; `Any` for plain values.
        new_state: Makes what puts together the events of one request.
        attempts: What the answer is held to; None for nothing.
        again: Sends the request again, told what was wrong with the answer, and returns the events of the new one, or
            what waits for them.

    Attributes:
        attempt: The request that is read.
        state: What `new_state` made for it.
        answer: The text that `partial` and `items` look at.
    """

    #: The place of the text that is looked at before any has come.
    first_place: Hashable

    attempt: Attempt
    state: _State
    answer: Answer

    def __init__(
        self,
        type_: Any,
        new_state: Callable[[], _State],
        attempts: Attempts | None,
        again: Callable[[SchemaViolationError], Any] | None,
    ) -> None:
        self._new_state = new_state
        self._attempts = Attempts(type_, None, None, 1) if attempts is None else attempts
        self._again = again
        self._begin()

    def events(self, raw: Any) -> Iterable[Any]:
        """Take what the API has sent and return the events that it becomes.

        Raises what the state raises, and:
            SchemaViolationError: the answer cannot fit its schema any more.
        """
        raise NotImplementedError

    def finish(self) -> None:
        """Take the stream for ended. Raises `SchemaViolationError` if the answer ended before it fitted."""
        raise NotImplementedError

    def retry(self, error: SchemaViolationError) -> Any:
        """Begin anew and return what `again` returns. Raises `error` where no more requests are to be made."""
        if self._again is None or not self._attempts.goes_on:
            raise error
        self._begin()
        return self._again(error)

    def _begin(self) -> None:
        self.attempt = self._attempts.begin()
        self.state = self._new_state()
        self.answer = self.attempt.answer(self.first_place)
