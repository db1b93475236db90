"""Messages that wait for a WebSocket connection, up to a number of bytes."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager

from ._exceptions import WebSocketQueueFullError

_Data = str | bytes


class SendQueue:
    """A queue that can be filled from any thread; what is being sent counts until it is sent."""

    def __init__(self, max_bytes: int = 1048576) -> None:
        """`max_bytes` is in bytes of UTF-8."""
        self._max_bytes = max_bytes
        self._queue: deque[_Data] = deque()
        self._bytes = 0
        self._lock = threading.Lock()

    def enqueue(self, data: _Data) -> None:
        """Add a message; raises `WebSocketQueueFullError` when it does not fit."""
        size = _size(data)
        with self._lock:
            if self._bytes + size > self._max_bytes:
                raise WebSocketQueueFullError("send queue is full, message discarded")
            self._bytes += size
            self._queue.append(data)

    def put_back(self, messages: list[_Data]) -> None:
        """Add messages that had been accepted before all others, whatever their size."""
        with self._lock:
            self._bytes += sum(map(_size, messages))
            self._queue.extendleft(reversed(messages))

    def flush_sync(self, send: Callable[[_Data], object]) -> None:
        """Send all messages in order; one that fails stays, with those after it, and its error is raised."""
        while (data := self._next()) is not None:
            with self._kept(data):
                send(data)

    async def flush_async(self, send: Callable[[_Data], Awaitable[object]]) -> None:
        """Do what `flush_sync` does."""
        while (data := self._next()) is not None:
            with self._kept(data):
                await send(data)

    def drain(self) -> list[_Data]:
        """Take all messages out."""
        with self._lock:
            messages = list(self._queue)
            self._queue.clear()
            self._bytes -= sum(map(_size, messages))
            return messages

    def __len__(self) -> int:
        return len(self._queue)

    def __bool__(self) -> bool:
        return bool(self._queue)

    def _next(self) -> _Data | None:
        with self._lock:
            return self._queue.popleft() if self._queue else None

    @contextmanager
    def _kept(self, data: _Data) -> Generator[None, None, None]:
        try:
            yield
        except BaseException:
            with self._lock:
                self._queue.appendleft(data)
            raise
        with self._lock:
            self._bytes -= _size(data)


def _size(data: _Data) -> int:
    return len(data.encode() if isinstance(data, str) else data)
