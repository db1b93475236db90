"""Connections: events over a socket, which may be replaced by another when it breaks."""

from __future__ import annotations

import json
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from .._async_library import sleep
from .._exceptions import OpenAIError, WebSocketConnectionClosedError
from .._native import encode_json
from .._send_queue import SendQueue
from .._types import NotGiven, Omit
from .._websocket_reconnection import ReconnectingEvent, is_recoverable_close
from .closing import close_code, is_orderly
from .handlers import Listening
from .socket import AsyncSocket, Socket

if TYPE_CHECKING:
    from .._lazy import LazyType
    from .._websocket_reconnection import ReconnectingOverrides

_MESSAGE = "WebSocket connection closed with unsent messages"


class _Events:
    """What all connections share: how events are written and read."""

    #: The type of what the server sends.
    _event: LazyType
    _connection: Any

    def parse_event(self, data: str | bytes) -> Any:
        """Return the event that JSON text describes. Raises `ValueError` for what is no JSON."""
        from .._construct import construct_type_unchecked

        return construct_type_unchecked(value=json.loads(data), type_=self._event.resolve())

    @staticmethod
    def _encoded(event: Any) -> str:
        to_json = getattr(event, "to_json", None)
        if to_json is not None:
            return to_json(indent=None, use_api_names=True, exclude_defaults=True, exclude_unset=True)
        return encode_json(event, _json_form).decode()


def _json_form(value: Any) -> Any:
    dump = getattr(value, "model_dump", None)
    if dump is not None:
        return dump(mode="json", by_alias=True, exclude_unset=True)
    isoformat = getattr(value, "isoformat", None)
    if isoformat is not None:
        return isoformat()
    if hasattr(value, "__iter__"):
        return list(value)
    raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")


class PlainConnection(_Events):
    """A blocking connection that is not made again."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def __iter__(self) -> Iterator[Any]:
        """Events until the connection is closed in order; raises what `recv` raises otherwise."""
        while True:
            try:
                event = self.recv()
            except Exception as error:
                if is_orderly(error):
                    return
                raise
            yield event

    def recv(self) -> Any:
        """Wait for the next event.

        Raises:
            ConnectionClosed: the connection is closed.
            ValueError: the server sent what is no JSON.
        """
        socket = self._connection
        return socket.receive() if isinstance(socket, Socket) else self.parse_event(self.recv_bytes())

    def recv_bytes(self) -> bytes:
        """Wait for the next message and return it as it came, text as UTF-8; raises what `recv` raises."""
        data = self._connection.recv(decode=False)
        return data.encode() if isinstance(data, str) else data

    def send(self, event: Any) -> None:
        """Send an event, an object or a dict. Raises `ConnectionClosed` when the connection is closed."""
        self._connection.send(self._encoded(event))

    def close(self, *, code: int = 1000, reason: str = "") -> None:
        """Close the connection once everything was sent, and wait for the server, 10 seconds at most."""
        self._connection.close(code=code, reason=reason)


class AsyncPlainConnection(_Events):
    """The awaitable form of `PlainConnection`."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    async def __aiter__(self) -> AsyncIterator[Any]:
        """Do what `PlainConnection.__iter__` does."""
        while True:
            try:
                event = await self.recv()
            except Exception as error:
                if is_orderly(error):
                    return
                raise
            yield event

    async def recv(self) -> Any:
        """Do what `PlainConnection.recv` does."""
        socket = self._connection
        if isinstance(socket, AsyncSocket):
            return await socket.receive()
        return self.parse_event(await self.recv_bytes())

    async def recv_bytes(self) -> bytes:
        """Do what `PlainConnection.recv_bytes` does."""
        data = await self._connection.recv(decode=False)
        return data.encode() if isinstance(data, str) else data

    async def send(self, event: Any) -> None:
        """Do what `PlainConnection.send` does."""
        await self._connection.send(self._encoded(event))

    async def close(self, *, code: int = 1000, reason: str = "") -> None:
        """Do what `PlainConnection.close` does."""
        await self._connection.close(code=code, reason=reason)


class _Renewal(Listening):
    """When a connection is made again, and what waits meanwhile."""

    _connection: Any

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
        self._make_ws, self._on_reconnecting, self._max_retries, self._delays = (
            make_ws,
            on_reconnecting,
            max_retries,
            delays,
        )
        self._extra_query, self._extra_headers = extra
        self._send_queue = SendQueue() if send_queue is None else send_queue
        self._reconnect_attempt = 0
        self._reconnecting = self._closed = False

    def _may_reconnect(self, error: Exception) -> int | None:
        """Return the code that the connection was lost with, if it may be made again."""
        code = close_code(error)
        if code is None or self._closed or self._on_reconnecting is None or self._make_ws is None:
            return None
        return code if is_recoverable_close(code) else None

    def _next_delay(self, code: int) -> float | None:
        """Seconds until the next attempt; None when there is none any more, or the caller gives up."""
        if self._reconnect_attempt >= self._max_retries or self._closed or self._on_reconnecting is None:
            return None
        self._reconnect_attempt += 1
        initial, most = self._delays
        delay = min(initial * 2 ** (self._reconnect_attempt - 1), most) * (1 - 0.25 * random.random())  # noqa: S311
        overrides = self._on_reconnecting(
            ReconnectingEvent(
                self._reconnect_attempt, self._max_retries, delay, code, self._extra_query, self._extra_headers
            )
        )
        if overrides:
            if overrides.get("abort"):
                return None
            self._extra_query = overrides.get("extra_query", self._extra_query)
            self._extra_headers = overrides.get("extra_headers", self._extra_headers)
        return delay

    def _came(self, event: Any) -> Any:
        # A server that lets nobody in says so on each new connection, which is no progress.
        if self._reconnect_attempt and getattr(event, "type", None) != "error":
            self._reconnect_attempt = 0
        return event

    def _keep_unsent(self) -> None:
        """Let what the lost socket had accepted go first over the next one."""
        if isinstance(self._connection, (Socket, AsyncSocket)) and (unsent := self._connection.unsent()):
            self._send_queue.put_back(unsent)

    def _ended(self, error: Exception) -> bool:
        """Whether iteration ends; raises when the connection was lost, or messages were."""
        self._keep_unsent()
        if unsent := self._send_queue.drain():
            raise WebSocketConnectionClosedError(_MESSAGE, unsent_messages=unsent) from error
        return is_orderly(error)

    def _handlers_of(self, event: Any) -> list[Callable[..., Any]]:
        kind = getattr(event, "type", "")
        handlers = self._handlers.take(kind)
        if kind == "error" and not handlers:
            raise OpenAIError(f"WebSocket error: {event}")
        return [*handlers, *self._handlers.take("event")]


class SyncConnection(_Renewal, PlainConnection):
    """A blocking connection, which is made again when it breaks if `on_reconnecting` is given."""

    def __init__(
        self,
        connection: Any,
        *,
        make_ws: Callable[[Any, Any], Any] | None = None,
        on_reconnecting: Callable[[ReconnectingEvent], ReconnectingOverrides | None] | None = None,
        max_retries: int = 5,
        initial_delay: float = 0.5,
        max_delay: float = 8.0,
        extra_query: Any = {},  # noqa: B006 - as the official package, and nothing changes it.
        extra_headers: Any = {},  # noqa: B006
        send_queue: SendQueue | None = None,
    ) -> None:
        super().__init__(
            make_ws, on_reconnecting, max_retries, (initial_delay, max_delay), (extra_query, extra_headers), send_queue
        )
        self._connection = connection

    def __iter__(self) -> Iterator[Any]:
        """Events until the connection is closed in order, over as many sockets as it takes.

        Raises:
            ConnectionClosed: the connection was lost and is not made again.
            WebSocketConnectionClosedError: the same, with messages that could not be sent.
            ValueError: the server sent what is no JSON.
        """
        while True:
            try:
                event = self.recv()
            except Exception as error:
                if close_code(error) is None:
                    raise
                if self._reconnect(error):
                    continue
                if self._ended(error):
                    return
                raise
            yield self._came(event)

    def recv(self) -> Any:
        """Do what `PlainConnection.recv` does; the connection is not made again."""
        return self._came(super().recv())

    def send(self, event: Any) -> None:
        """Send an event, an object or a dict; what is sent while the connection is made again waits for it.

        Raises:
            ConnectionClosed: the connection is closed.
            WebSocketQueueFullError: too much waits.
        """
        self.send_raw(self._encoded(event))

    def send_raw(self, data: str | bytes) -> None:
        """Send text or bytes as they are; raises what `send` raises."""
        if self._reconnecting:
            self._send_queue.enqueue(data)
        elif self._send_queue:
            self._send_queue.enqueue(data)
            self._flush_send_queue()
        else:
            self._connection.send(data)

    def close(self, *, code: int = 1000, reason: str = "") -> None:
        """Do what `PlainConnection.close` does; the connection is not made again."""
        self._closed = True
        super().close(code=code, reason=reason)

    def dispatch_events(self) -> None:
        """Tell the handlers of each event until the connection is closed; raises what iteration raises.

        Raises:
            OpenAIError: an `error` event came and has no handler.
        """
        for event in self:
            for handler in self._handlers_of(event):
                handler(event)

    def _flush_send_queue(self) -> None:
        self._send_queue.flush_sync(self._connection.send)

    def _reconnect(self, error: Exception) -> bool:
        code = self._may_reconnect(error)
        if code is None:
            return False
        self._keep_unsent()
        self._reconnecting = True
        try:
            while (delay := self._next_delay(code)) is not None:
                time.sleep(delay)
                try:
                    assert self._make_ws is not None
                    self._connection = self._make_ws(self._extra_query, self._extra_headers)
                    self._flush_send_queue()
                except Exception:  # noqa: BLE001, S112 - the next attempt is the answer, or the error that began it.
                    continue
                return True
            return False
        finally:
            self._reconnecting = False


class AsyncConnection(_Renewal, AsyncPlainConnection):
    """The awaitable form of `SyncConnection`, for asyncio and trio."""

    def __init__(
        self,
        connection: Any,
        *,
        make_ws: Callable[[Any, Any], Awaitable[Any]] | None = None,
        on_reconnecting: Callable[[ReconnectingEvent], ReconnectingOverrides | None] | None = None,
        max_retries: int = 5,
        initial_delay: float = 0.5,
        max_delay: float = 8.0,
        extra_query: Any = {},  # noqa: B006 - as the official package, and nothing changes it.
        extra_headers: Any = {},  # noqa: B006
        send_queue: SendQueue | None = None,
    ) -> None:
        super().__init__(
            make_ws, on_reconnecting, max_retries, (initial_delay, max_delay), (extra_query, extra_headers), send_queue
        )
        self._connection = connection

    async def __aiter__(self) -> AsyncIterator[Any]:
        """Do what `SyncConnection.__iter__` does."""
        while True:
            try:
                event = await self.recv()
            except Exception as error:
                if close_code(error) is None:
                    raise
                if await self._reconnect(error):
                    continue
                if self._ended(error):
                    return
                raise
            yield self._came(event)

    async def recv(self) -> Any:
        """Do what `SyncConnection.recv` does."""
        return self._came(await super().recv())

    async def send(self, event: Any) -> None:
        """Do what `SyncConnection.send` does."""
        await self.send_raw(self._encoded(event))

    async def send_raw(self, data: str | bytes) -> None:
        """Do what `SyncConnection.send_raw` does."""
        if self._reconnecting:
            self._send_queue.enqueue(data)
        elif self._send_queue:
            self._send_queue.enqueue(data)
            await self._flush_send_queue()
        else:
            await self._connection.send(data)

    async def close(self, *, code: int = 1000, reason: str = "") -> None:
        """Do what `SyncConnection.close` does."""
        self._closed = True
        await super().close(code=code, reason=reason)

    async def dispatch_events(self) -> None:
        """Do what `SyncConnection.dispatch_events` does; handlers may be coroutine functions."""
        async for event in self:
            for handler in self._handlers_of(event):
                result = handler(event)
                if hasattr(result, "__await__"):
                    await result

    async def _flush_send_queue(self) -> None:
        await self._send_queue.flush_async(self._connection.send)

    async def _reconnect(self, error: Exception) -> bool:
        code = self._may_reconnect(error)
        if code is None:
            return False
        self._keep_unsent()
        self._reconnecting = True
        try:
            while (delay := self._next_delay(code)) is not None:
                await sleep(delay)
                try:
                    assert self._make_ws is not None
                    self._connection = await self._make_ws(self._extra_query, self._extra_headers)
                    await self._flush_send_queue()
                except Exception:  # noqa: BLE001, S112 - the next attempt is the answer, or the error that began it.
                    continue
                return True
            return False
        finally:
            self._reconnecting = False


class ConnectionResource:
    """A part of a connection, such as `connection.session`."""

    _connection: Any

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def _send(self, event_type: str, /, **members: Any) -> Any:
        # What the connection returns is to be awaited where the connection is.
        return self._connection.send(event_of(event_type, members))


def event_of(event_type: str, members: Mapping[str, Any]) -> dict[str, Any]:
    """Return an event with those members that were given."""
    return {"type": event_type} | {name: value for name, value in members.items() if given(value)}


def given(value: object) -> bool:
    """Whether an argument was given."""
    return not isinstance(value, (Omit, NotGiven))
