"""Messages that wait for a WebSocket connection, up to a number of bytes."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import Literal

from ._async_library import until
from ._exceptions import WebSocketConnectionClosedError, WebSocketQueueFullError

_Data = str | bytes


class Frame:
    """A queued message, and what came of it."""

    __slots__ = ("data", "error", "lost", "size")

    def __init__(self, data: _Data, size: int) -> None:
        self.data, self.size = data, size
        #: What sending it raised.
        self.error: BaseException | None = None
        #: Everything that was never sent, this one among it, when the connection has ended.
        self.lost: list[_Data] | None = None

    def settle(self) -> None:
        """Raise what kept it from being sent, if anything did."""
        if self.error is not None:
            raise self.error
        if self.lost is not None:
            raise closed_with(self.lost)


def closed_with(unsent: list[_Data]) -> WebSocketConnectionClosedError:
    """Return the error of a connection that has ended before these messages were sent."""
    return WebSocketConnectionClosedError("WebSocket connection closed with unsent messages", unsent_messages=unsent)


class _Turn(threading.Event):
    """One flush, for which others wait; its end is told to threads and to tasks."""

    def __init__(self) -> None:
        super().__init__()
        self._wakes: list[Callable[[], object]] = []

    def set(self) -> None:
        super().set()
        for wake in self._wakes:
            # The loop of a task that waited is closed.
            with suppress(RuntimeError):
                wake()

    def when_set(self, wake: Callable[[], object]) -> None:
        """Call `wake` when it has ended, from the thread that ends it."""
        self._wakes.append(wake)
        if self.is_set():
            wake()


#: The flush that runs in this thread or task: what it sends with may add a message, and must not wait for itself.
_own_turn: ContextVar[_Turn | None] = ContextVar("_own_turn", default=None)


class SendQueue:
    """A queue that can be filled from any thread; what is being sent counts until it is sent.

    One flush runs at a time, and others wait for it, so that messages stay in order. While the connection is made again
    the queue is held: everything is added to it. When the connection has ended it is retired: what is in it is lost.
    """

    def __init__(self, max_bytes: int = 1048576) -> None:
        """`max_bytes` is in bytes of UTF-8."""
        self._max_bytes = max_bytes
        self._queue: deque[Frame] = deque()
        self._bytes = 0
        self._turn: _Turn | None = None
        self._held = self._retired = False
        self._lock = threading.Lock()

    def enqueue(self, data: _Data, *, only_if_pending: bool = False) -> Frame | Literal[False]:
        """Add a message, and return what will tell its fate; raises `WebSocketQueueFullError` when it does not fit.

        With `only_if_pending` it is added where others go before it or the queue is held, and False is returned else.
        """
        if only_if_pending and not self._pending():
            return False
        # Outside the lock, for it may take long and run code of a subclass.
        frame = Frame(data, _size(data))
        with self._lock:
            if only_if_pending and not self._pending():
                return False
            if self._bytes + frame.size > self._max_bytes:
                raise WebSocketQueueFullError("send queue is full, message discarded")
            self._bytes += frame.size
            self._queue.append(frame)
        return frame

    def put_back(self, messages: list[_Data]) -> None:
        """Add messages that had been accepted before all others, whatever their size."""
        frames = [Frame(data, _size(data)) for data in messages]
        with self._lock:
            self._bytes += sum(frame.size for frame in frames)
            self._queue.extendleft(reversed(frames))

    def flush_sync(
        self,
        send: Callable[[_Data], object],
        *,
        requeue_failed: bool = True,
        prepare_send: Callable[[], Callable[[_Data], object] | None] | None = None,
    ) -> None:
        """Send in order what is queued now; raises what sending a message raises, with those after it still queued.

        A message that fails stays first if `requeue_failed`. `prepare_send` gives what each message is sent with, or
        None to stop; with it, messages that are added meanwhile are sent, too.
        """
        while (other := self._begin_flush()) is not None:
            if other is _own_turn.get():
                return
            other.wait()
        with self._flushing() as batch:
            while (way := send if prepare_send is None else prepare_send()) is not None:
                if (frame := self._next(None if prepare_send else batch)) is None:
                    return
                with self._sending(frame, requeue_failed):
                    way(frame.data)

    async def flush_async(
        self,
        send: Callable[[_Data], Awaitable[object]],
        *,
        requeue_failed: bool = True,
        prepare_send: Callable[[], Callable[[_Data], Awaitable[object]] | None] | None = None,
    ) -> None:
        """Do what `flush_sync` does."""
        while (other := self._begin_flush()) is not None:
            if other is _own_turn.get():
                return
            await until(other.when_set)
        with self._flushing() as batch:
            while (way := send if prepare_send is None else prepare_send()) is not None:
                if (frame := self._next(None if prepare_send else batch)) is None:
                    return
                with self._sending(frame, requeue_failed):
                    await way(frame.data)

    def drain(self) -> list[_Data]:
        """Take all messages out."""
        with self._lock:
            messages = self._lose()
            self._queue.clear()
            self._bytes -= sum(map(_size, messages))
            return messages

    def hold(self) -> None:
        """Take every message until `release` or `resume`: the connection is made again."""
        with self._lock:
            self._held, self._retired = True, False

    def release(self) -> bool:
        """Hold no more, if nothing is queued or being sent; return whether that is so."""
        with self._lock:
            if self._queue or self._turn is not None:
                return False
            self._held = False
            return True

    def resume(self) -> None:
        """Hold no more, whatever is queued."""
        self._held = False

    @property
    def held(self) -> bool:
        """Whether everything is to be queued, for somebody else to send."""
        return self._held

    def retire(self) -> None:
        """Let nothing be sent any more: the connection has ended."""
        with self._lock:
            self._retired, self._held = True, False
            self._lose()

    def __len__(self) -> int:
        return len(self._queue)

    def __bool__(self) -> bool:
        return bool(self._queue)

    def _pending(self) -> bool:
        return not self._retired and (self._held or bool(self._queue) or self._turn is not None)

    def _lose(self) -> list[_Data]:
        messages = [frame.data for frame in self._queue]
        for frame in self._queue:
            frame.lost = messages
        return messages

    def _begin_flush(self) -> _Turn | None:
        """Begin one if none runs; return the one that runs."""
        with self._lock:
            if self._turn is not None:
                return self._turn
            self._turn = _Turn()
            return None

    @contextmanager
    def _flushing(self) -> Generator[set[Frame], None, None]:
        turn = self._turn
        assert turn is not None
        before = _own_turn.get()
        _own_turn.set(turn)
        try:
            with self._lock:
                batch = set(self._queue)
            yield batch
        finally:
            # Not reset by a token: what the collector ends runs in another context.
            _own_turn.set(before)
            self._turn = None
            turn.set()

    def _next(self, batch: set[Frame] | None) -> Frame | None:
        with self._lock:
            first = self._queue[0] if self._queue else None
            if first is None or first.lost is not None or not (batch is None or first in batch):
                return None
            return self._queue.popleft()

    @contextmanager
    def _sending(self, frame: Frame, requeue_failed: bool) -> Generator[None, None, None]:
        try:
            yield
        except BaseException as error:
            with self._lock:
                if requeue_failed:
                    self._queue.appendleft(frame)
                else:
                    frame.error = error
                    self._bytes -= frame.size
            raise
        with self._lock:
            self._bytes -= frame.size


def _size(data: _Data) -> int:
    if type(data) is str and data.isascii():
        return len(data)
    return len(data.encode() if isinstance(data, str) else data)
