"""`UnreadBody`: the body of a response that is on the wire until somebody asks for it."""

from __future__ import annotations

from .._native import Failure

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from .._native import ChunkStream, EventStream, Plan, Reply


class StreamError(RuntimeError):
    """A body was asked for in a way that its state does not allow."""


class ResponseNotRead(StreamError):
    """The body was asked for, but it was not read, or it belongs to a stream that hands it out event by event."""


class StreamConsumed(StreamError):
    """The body was handed out piece by piece before, and no second time."""


class StreamClosed(StreamError):
    """The body was asked for after its response was closed."""


class UnreadBody:
    """A body that can be had once: whole, in pieces or as events."""

    __slots__ = ("_fail", "_full", "_needs_loop", "_reply", "_stream", "has_events")

    #: True when the body is handed out as events.
    has_events: bool

    def __init__(self, reply: Reply, fail: Callable[[Failure], BaseException], *, needs_loop: bool = False) -> None:
        """With `needs_loop` a task of the running loop hands the body over, so that blocking would be for ever."""
        self._reply = reply
        self._fail = fail
        self._needs_loop = needs_loop
        self.has_events = False
        self._full: Reply | None = None
        self._stream: ChunkStream | EventStream | None = None

    @property
    def closed(self) -> bool:
        """True when no more of the body will be read."""
        return self._reply.closed if self._stream is None else self._stream.closed

    @property
    def is_consumed(self) -> bool:
        """True when the body was read, or is being handed out."""
        return self._full is not None or self._stream is not None

    def read(self) -> Reply:
        """Return the reply with its whole body, which is read now.

        Raises:
            StreamConsumed, StreamClosed: it cannot be read any more.
            RuntimeError: it can be read by `async` methods only.
            APIError: the connection ended, or a time limit passed.
        """
        if self._full is None:
            self._check(blocks=True)
            self._full = self._settled(self._reply.read_pending().wait())
        return self._full

    async def aread(self) -> Reply:
        """Return what `read` returns."""
        if self._full is None:
            self._check()
            self._full = self._settled(await self._reply.read_pending())
        return self._full

    def chunks(self, *, blocks: bool) -> ChunkStream:
        """Return the body in pieces, for iteration that `blocks` or is async; what goes wrong later is raised there.

        Raises:
            StreamConsumed, StreamClosed: it cannot be read any more.
            RuntimeError: it can be read by `async` methods only.
        """
        self._check(blocks=blocks)
        stream = self._stream = self._reply.chunks(self._fail)
        return stream

    def events(
        self,
        plan: Plan,
        decode: Callable[[str, bytes], object],
        named: bool,
        fail: Callable[[Failure], BaseException],
        judge: Callable[..., BaseException | None] | None,
    ) -> EventStream:
        """Return the body as events; `decode` makes those that `plan` does not, all of them when `named`.

        `fail` makes the exception for a break, and `judge` the one for an end that says nothing, if there is to be one.

        Raises:
            StreamConsumed, StreamClosed: it cannot be read any more.
        """
        self._check()
        self.has_events = True
        stream = self._stream = self._reply.events(plan, decode, fail, named, judge)
        return stream

    def close(self) -> None:
        """Close the body and its socket; closing twice is fine."""
        if self._stream is not None:
            self._stream.close()
        self._reply.close()

    def _check(self, *, blocks: bool = False) -> None:
        if self._stream is not None:
            raise StreamConsumed("The body of this response was streamed before; it can be streamed once.")
        if self._reply.closed:
            raise StreamClosed("The body of this response cannot be read, as the response has been closed.")
        if blocks and self._needs_loop:
            raise RuntimeError(
                "The body of this response comes through an async HTTP client and cannot be read by a blocking method; "
                "use `aread()`, `aiter_bytes()` or their kin."
            )

    def _settled(self, outcome: Any) -> Reply:
        if isinstance(outcome, Failure):
            raise self._fail(outcome)
        return outcome
