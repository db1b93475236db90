"""Connections: events over a socket, which may be replaced by another when it breaks."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, cast

from .._async_library import sleep
from .._exceptions import WebSocketQueueFullError
from .._native import Closed
from .._types import NotGiven, Omit
from .closing import closed_error, is_orderly
from .recovery import Recovery, async_discard, discard, is_own, warn_unsent
from .socket import AsyncSocket, Socket

if TYPE_CHECKING:
    from .._lazy import LazyType
    from .._send_queue import SendQueue
    from .._websocket_reconnection import ReconnectingEvent, ReconnectingOverrides


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
        # With the spaces of the official package, for servers that compare text.
        try:
            return json.dumps(event, default=_json_form)
        except _HasOmitted:
            return json.dumps(_without_omitted(event), default=_json_form)


class _HasOmitted(Exception):
    """A value says that its member is to be left out."""


def _without_omitted(value: Any) -> Any:
    if isinstance(value, dict):
        members = cast("dict[Any, Any]", value)
        return {name: _without_omitted(member) for name, member in members.items() if given(member)}
    if isinstance(value, (list, tuple)):
        return [_without_omitted(item) for item in cast("list[Any]", value) if given(item)]
    return value


def _json_form(value: Any) -> Any:
    if not given(value):
        raise _HasOmitted
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
            return socket.checked(await socket.receive())
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


class SyncConnection(Recovery, PlainConnection):
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
        # A `recv` that somebody put in its place is asked. Ours is not: its calls, and the coroutine of the awaitable
        # one, would be an eighth of what an event costs.
        is_ours = getattr(self.recv, "__func__", None) is SyncConnection.recv
        while True:
            if self._resumption is not None and (event := self._resumption.next()) is not None:
                yield self._came(event)
                continue
            try:
                socket = self._connection
                if is_ours and type(socket) is Socket:
                    event = socket.receive()
                    if self._reconnect_attempt or self._resumption is not None:
                        self._came(event)
                else:
                    event = self.recv()
            except Exception as error:
                if self._is_loss(error) and self._reconnect(error):
                    continue
                if self._ended(error):
                    return
                raise
            yield event

    def recv(self) -> Any:
        """Do what `PlainConnection.recv` does; the connection is not made again."""
        return self._came(super().recv())

    def send(self, event: Any) -> None:
        """Send an event, an object or a dict; what is sent while the connection is made again waits for it.

        Raises:
            ConnectionClosed: the connection is closed.
            WebSocketQueueFullError: too much waits.
        """
        self._write(self._encoded(event))

    def send_raw(self, data: str | bytes) -> None:
        """Send text or bytes as they are; raises what `send` raises."""
        self._write(data)

    def _write(self, data: str | bytes) -> None:
        queue = self._send_queue
        try:
            frame = queue.enqueue(data, only_if_pending=True)
        except WebSocketQueueFullError:
            if not queue.held:
                with suppress(Exception):
                    self._flush_pending()
            raise
        if frame is False:
            self._transmit(data)
        elif not queue.held:
            self._flush_pending()
            frame.settle()

    def _transmit(self, data: str | bytes) -> None:
        if self._resumption is not None:
            self._resumption.sent(data)
        self._connection.send(data)

    def close(self, *, code: int = 1000, reason: str = "") -> None:
        """Do what `PlainConnection.close` does; the connection is not made again."""
        self._end()
        super().close(code=code, reason=reason)

    def dispatch_events(self) -> None:
        """Tell the handlers of each event until the connection is closed; raises what iteration raises.

        Raises:
            OpenAIError: an `error` event came and has no handler.
        """
        for event in self:
            for handler in self._handlers_of(event):
                handler(event)

    def _flush_pending(self) -> None:
        """Send what waits, or leave it to the recovery that has begun."""
        self._send_queue.flush_sync(self._transmit, requeue_failed=False, prepare_send=self._sender)

    def _flush_send_queue(self) -> None:
        """Send what waits over a connection that was just opened; what fails is left to those who send next."""
        try:
            self._send_queue.flush_sync(
                self._transmit, requeue_failed=is_own(self._connection), prepare_send=self._sender
            )
        except Exception:  # noqa: BLE001 - the connection is open.
            warn_unsent()

    def _reconnect(self, error: Exception) -> bool:
        if (make := self._may_reconnect()) is None:
            return False
        code = self._lost(error)
        try:
            while (delay := self._next_delay(code)) is not None:
                self._closing.wait(delay)
                if self._closed:
                    return False
                try:
                    socket = make(self._extra_query, self._extra_headers)
                except Exception:  # noqa: BLE001, S112 - the next attempt is the answer, or the error that began it.
                    continue
                if self._closed:
                    discard(socket)
                    return False
                with self._connection_lock:
                    self._connection = socket
                try:
                    while not self._closed and not self._send_queue.release():
                        self._send_queue.flush_sync(
                            self._transmit, requeue_failed=is_own(socket), prepare_send=self._recovering_sender
                        )
                    return not self._closed
                except Exception as failure:  # noqa: BLE001 - as above.
                    self._keep_unsent()
                    discard(socket)
                    if (again := self._code_after(failure, code)) is None:
                        return False
                    code = again
            return False
        finally:
            self._send_queue.resume()


class AsyncConnection(Recovery, AsyncPlainConnection):
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
        is_ours = getattr(self.recv, "__func__", None) is AsyncConnection.recv
        while True:
            if self._resumption is not None and (event := await self._resumption.async_next()) is not None:
                yield self._came(event)
                continue
            try:
                socket = self._connection
                if is_ours and type(socket) is AsyncSocket:
                    event = await socket.receive()
                    if type(event) is Closed:
                        raise closed_error(event)
                    if self._reconnect_attempt or self._resumption is not None:
                        self._came(event)
                else:
                    event = await self.recv()
            except Exception as error:
                if self._is_loss(error) and await self._reconnect(error):
                    continue
                if self._ended(error):
                    return
                raise
            yield event

    async def recv(self) -> Any:
        """Do what `SyncConnection.recv` does."""
        return self._came(await super().recv())

    async def send(self, event: Any) -> None:
        """Do what `SyncConnection.send` does."""
        await self._write(self._encoded(event))

    async def send_raw(self, data: str | bytes) -> None:
        """Do what `SyncConnection.send_raw` does."""
        await self._write(data)

    async def _write(self, data: str | bytes) -> None:
        queue = self._send_queue
        try:
            frame = queue.enqueue(data, only_if_pending=True)
        except WebSocketQueueFullError:
            if not queue.held:
                with suppress(Exception):
                    await self._flush_pending()
            raise
        if frame is False:
            await self._transmit(data)
        elif not queue.held:
            await self._flush_pending()
            frame.settle()

    async def _transmit(self, data: str | bytes) -> None:
        if self._resumption is not None:
            self._resumption.sent(data)
        await self._connection.send(data)

    async def close(self, *, code: int = 1000, reason: str = "") -> None:
        """Do what `SyncConnection.close` does."""
        self._end()
        await super().close(code=code, reason=reason)

    async def dispatch_events(self) -> None:
        """Do what `SyncConnection.dispatch_events` does; handlers may be coroutine functions."""
        async for event in self:
            for handler in self._handlers_of(event):
                result = handler(event)
                if hasattr(result, "__await__"):
                    await result

    async def _flush_pending(self) -> None:
        """Send what waits, or leave it to the recovery that has begun."""
        await self._send_queue.flush_async(self._transmit, requeue_failed=False, prepare_send=self._sender)

    async def _flush_send_queue(self) -> None:
        """Send what waits over a connection that was just opened; what fails is left to those who send next."""
        try:
            await self._send_queue.flush_async(
                self._transmit, requeue_failed=is_own(self._connection), prepare_send=self._sender
            )
        except Exception:  # noqa: BLE001 - the connection is open.
            warn_unsent()

    async def _reconnect(self, error: Exception) -> bool:
        if (make := self._may_reconnect()) is None:
            return False
        code = self._lost(error)
        try:
            while (delay := self._next_delay(code)) is not None:
                await sleep(delay)
                if self._closed:
                    return False
                try:
                    socket = await make(self._extra_query, self._extra_headers)
                except Exception:  # noqa: BLE001, S112 - the next attempt is the answer, or the error that began it.
                    continue
                if self._closed:
                    await async_discard(socket)
                    return False
                self._connection = socket
                try:
                    while not self._closed and not self._send_queue.release():
                        await self._send_queue.flush_async(
                            self._transmit, requeue_failed=is_own(socket), prepare_send=self._recovering_sender
                        )
                    return not self._closed
                except Exception as failure:  # noqa: BLE001 - as above.
                    self._keep_unsent()
                    await async_discard(socket)
                    if (again := self._code_after(failure, code)) is None:
                        return False
                    code = again
            return False
        finally:
            self._send_queue.resume()


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
