"""When a lost connection is made again, and what becomes of the messages that wait meanwhile."""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from .._async_library import to_its_end
from .._exceptions import OpenAIError
from .._send_queue import SendQueue, closed_with
from .._websocket_reconnection import ReconnectingEvent, is_recoverable_close
from .closing import close_code, is_orderly
from .handlers import Listening
from .socket import AsyncSocket, Socket

if TYPE_CHECKING:
    from .._websocket_reconnection import ReconnectingOverrides
    from .resume import Resumption

_log = logging.getLogger(__name__)


class Recovery(Listening):
    """What both forms of a connection know of being made again."""

    _connection: Any
    if TYPE_CHECKING:

        def _transmit(self, data: str | bytes) -> Any: ...

    #: Fetches what is missing of responses after a break, where that is asked for.
    _resumption: Resumption | None = None

    def __init__(
        self,
        make_ws: Callable[[Any, Any], Any] | None,
        on_reconnecting: Callable[[ReconnectingEvent], ReconnectingOverrides | None] | None,
        max_retries: int,
        delays: tuple[float, float],
        extra: tuple[Any, Any],
        send_queue: SendQueue | None,
    ) -> None:
        super().__init__()
        self._make_ws, self._on_reconnecting = make_ws, on_reconnecting
        self._max_retries, self._delays = max_retries, delays
        self._extra_query, self._extra_headers = extra
        self._send_queue = SendQueue() if send_queue is None else send_queue
        self._reconnect_attempt = 0
        self._closed = False
        #: Held while the socket is replaced, and told when nobody wants another one.
        self._connection_lock = threading.Lock()
        self._closing = threading.Event()

    @property
    def _is_reconnecting(self) -> bool:
        return self._send_queue.held

    def _is_loss(self, error: Exception) -> bool:
        """Whether it says that the connection was lost, and may be made again."""
        code = close_code(error)
        if code == 1000 and self._resumption is not None and self._resumption.needed:
            # In order, and in the middle of a response.
            return True
        return code is not None and is_recoverable_close(code)

    def _may_reconnect(self) -> Callable[[Any, Any], Any] | None:
        """Return what opens another socket, if one is wanted."""
        return None if self._closed or not (self._on_reconnecting or self._resumption) else self._make_ws

    def _lost(self, error: Exception) -> int:
        """Queue everything from now on; return the code that the connection was lost with."""
        self._send_queue.hold()
        self._keep_unsent()
        code = close_code(error)
        return 1006 if code is None else code

    def _next_delay(self, code: int) -> float | None:
        """Seconds until the next attempt; None when there is none any more, or the caller gives up."""
        if self._reconnect_attempt >= self._max_retries or self._closed:
            return None
        self._reconnect_attempt += 1
        initial, most = self._delays
        delay = min(initial * 2 ** (self._reconnect_attempt - 1), most) * (1 - 0.25 * random.random())  # noqa: S311
        if self._on_reconnecting is None:
            return delay
        event = ReconnectingEvent(
            self._reconnect_attempt, self._max_retries, delay, code, self._extra_query, self._extra_headers
        )
        try:
            overrides = self._on_reconnecting(event)
        except Exception:  # noqa: BLE001 - what the connection was lost with says more to who reads from it.
            _log.warning("on_reconnecting failed, and the connection is not made again", exc_info=True)
            return None
        if overrides:
            if overrides.get("abort"):
                return None
            self._extra_query = overrides.get("extra_query", self._extra_query)
            self._extra_headers = overrides.get("extra_headers", self._extra_headers)
        return delay

    def _code_after(self, failure: Exception, code: int) -> int | None:
        """Return the code to go on with when what waited could not be sent; None where that ends the recovery."""
        found = close_code(failure)
        if found is None:
            return code
        return found if is_recoverable_close(found) else None

    def _came(self, event: Any) -> Any:
        # A server that lets nobody in says so on each new connection, which is no progress.
        if self._reconnect_attempt and getattr(event, "type", None) != "error":
            self._reconnect_attempt = 0
        if self._resumption is not None:
            self._resumption.came(event)
        return event

    def _keep_unsent(self) -> None:
        """Let what the lost socket had accepted go first over the next one."""
        unsent: list[str | bytes] = self._connection.unsent() if is_own(self._connection) else []
        if unsent:
            self._send_queue.put_back(unsent)
        if self._resumption is not None:
            self._resumption.broke(unsent)

    def _sender(self) -> Any:
        """Return what waiting messages are sent with; None while the connection is made again, and after its end."""
        return None if self._closed or self._send_queue.held else self._transmit

    def _recovering_sender(self) -> Any:
        return None if self._closed else self._transmit

    def _end(self) -> None:
        """Take note that the caller closes the connection."""
        self._closed = True
        self._closing.set()
        self._send_queue.retire()

    def _ended(self, error: Exception) -> bool:
        """Whether iteration ends without an error; raises when messages were lost."""
        if close_code(error) is None:
            return False
        self._keep_unsent()
        self._send_queue.retire()
        if unsent := self._send_queue.drain():
            raise closed_with(unsent) from error
        return is_orderly(error)

    def _handlers_of(self, event: Any) -> list[Callable[..., Any]]:
        kind = getattr(event, "type", "")
        handlers = [*self._handlers.take(kind), *self._handlers.take("event")]
        if kind == "error" and not handlers:
            raise OpenAIError(f"WebSocket error: {event}")
        return handlers


def is_own(socket: Any) -> bool:
    """Whether it is one of ours, which either accepts a message or refuses it."""
    return isinstance(socket, (Socket, AsyncSocket))


def warn_unsent() -> None:
    """Say that queued events stay in the queue, and go out before the next one."""
    _log.warning("Queued events could not be sent over the new connection", exc_info=True)


def discard(socket: Any) -> None:
    """Close a socket that nobody needs; the error that made it useless is the one to raise."""
    with suppress(Exception):
        socket.close()


async def async_discard(socket: Any) -> None:
    """Do what `discard` does, also when the current task is cancelled meanwhile."""

    async def close() -> None:
        with suppress(Exception):
            await socket.close()

    await to_its_end(close)
