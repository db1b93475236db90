"""An open WebSocket as the connections use it: `send`, `recv` and `close`, named as in the `websockets` package."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .._native import Closed
from .closing import closed_error

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from .._native import WebSocket

#: As what native code hands out a message: an object, bytes, or as it was sent.
_OBJECT, _BYTES, _AS_SENT = 0, 1, 2
#: What it says of a message that is to be sent.
_FULL, _REFUSED = 1, 2


class _Shared:
    """What both forms share."""

    def __init__(self, native: WebSocket) -> None:
        self._native = native

    def counters(self) -> dict[str, float | None]:
        """Return messages and bytes `sent`, `received`, `queued` (come and not taken) and `waiting` (to be sent).

        `latency` is in seconds from the last ping to its pong, and None before the first.
        """
        return dict(self._native.counters())

    def unsent(self) -> list[str | bytes]:
        """Return what was accepted and never sent, once the connection has ended; once."""
        return self._native.unsent()

    @property
    def closed(self) -> bool:
        """Whether the connection has ended or is being closed."""
        return self._native.closing

    def abort(self) -> None:
        """Close the socket at once, without a close frame."""
        self._native.abort()

    def _refused(self) -> Exception:
        closed = self._native.closed
        if closed is None:
            return RuntimeError("the connection is being closed; send before `close`")
        return closed_error(closed)

    @staticmethod
    def checked(message: Any) -> Any:
        """Return what came; raises `ConnectionClosed` where that is the end of the connection."""
        if isinstance(message, Closed):
            raise closed_error(message)
        return message


class Socket(_Shared):
    """The blocking form."""

    def recv(self, timeout: float | None = None, *, decode: bool | None = None) -> Any:
        """Return the next message: text as str unless `decode` is false, anything else as bytes.

        Raises:
            ConnectionClosed: there is none any more.
            TimeoutError: none came within `timeout` seconds.
        """
        message = self._native.receive_blocking(_BYTES if decode is False else _AS_SENT, timeout)
        if message is None:
            raise TimeoutError("timed out while waiting for a message")
        return self.checked(message)

    def receive(self, timeout: float | None = None) -> Any:
        """Return the next message as an object; raises what `recv` raises, and `ValueError` for what is no JSON."""
        message = self._native.receive_blocking(_OBJECT, timeout)
        # The JSON text `null` is None, too.
        if message is None and timeout is not None:
            raise TimeoutError("timed out while waiting for a message")
        return self.checked(message)

    def send(self, data: str | bytes) -> None:
        """Queue a message; waits while there is no room.

        Raises:
            ConnectionClosed: the connection is closed.
        """
        while sent := self._native.send(data):
            if sent == _REFUSED:
                raise self._refused()
            self._native.wait_room()

    def close(self, code: int = 1000, reason: str = "") -> None:
        """Send what is queued and close; returns when the server has closed, too, or did not in time."""
        self._native.close(code, reason)
        self._native.wait_end()


class AsyncSocket(_Shared):
    """The awaitable form."""

    async def recv(self, decode: bool | None = None) -> Any:
        """Do what `Socket.recv` does."""
        return self.checked(await self._native.receive(_BYTES if decode is False else _AS_SENT))

    def receive(self) -> Awaitable[Any]:
        """Do what `Socket.receive` does, but for the end of the connection, which is for `checked` to see.

        No coroutine, because one for each event is a good part of what an event costs.
        """
        return self._native.receive(_OBJECT)

    async def send(self, data: str | bytes) -> None:
        """Do what `Socket.send` does."""
        while sent := self._native.send(data):
            if sent == _REFUSED:
                raise self._refused()
            await self._native.room()

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """Do what `Socket.close` does."""
        self._native.close(code, reason)
        await self._native.end()
