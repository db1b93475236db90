"""Sessions that own a connection, read it and hand each event to its lane.

A connection that is made again brings no response back: a lane stays busy with the one that was lost, and what is sent
while it is made again is refused.
"""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress
from time import monotonic
from typing import TYPE_CHECKING, Any

from ..._exceptions import WebSocketConnectionClosedError
from ..._websocket.closing import close_code
from ._routing import LaneState, ResponsesWebSocketLimits, Router

if TYPE_CHECKING:
    from types import TracebackType

    from typing_extensions import Self

    from ...types.responses import Response, ResponsesClientEvent, ResponsesClientEventParam, ResponsesServerEvent

#: Seconds that `close` waits for the thread that reads.
_STOP_LIMIT = 5.0


class _Session:
    """What both forms share."""

    _lane_type: Any

    def __init__(
        self, connection: Any, *, limits: ResponsesWebSocketLimits, isolate_lane_overflow: bool = False
    ) -> None:
        self.connection = connection
        self._router = Router(limits, isolates=isolate_lane_overflow)
        self._active = self._entered = False
        self._lanes: dict[str | None, Any] = {}
        self._add(None)

    @property
    def default(self) -> Any:
        """The lane of events without `stream_id`, or with that of no lane."""
        return self._lanes[None]

    def _add(self, stream_id: str | None) -> Any:
        lane = self._lanes[stream_id] = self._lane_type(self, self._router.register(stream_id))
        return lane

    def _claim(self) -> None:
        if self._entered:
            raise RuntimeError("A WebSocket session can only be entered once")
        if getattr(self.connection, "_session", None) is not None:
            raise RuntimeError("The connection already has a WebSocket session; use that one, or close it first.")
        if self.connection._resumption is not None:
            raise ValueError("A WebSocket session does not resume responses; leave `resume` out of the options.")
        self._entered = self._active = True
        self.connection._session = self

    def _release_connection(self) -> None:
        if getattr(self.connection, "_session", None) is self:
            self.connection._session = None

    def _check_send(self, state: LaneState) -> None:
        if not self._active or self._router.ended or state.closed:
            raise RuntimeError("The WebSocket session or lane is not active")
        if self.connection._is_reconnecting:
            raise RuntimeError("The WebSocket connection is reconnecting; send when an event has come over the new one")

    def _prepare(self, state: LaneState, event: Any) -> tuple[Any, str]:
        """Return the socket for an event and its text, once the lane may send it."""
        socket = self.connection._connection
        self._check_send(state)
        kind = getattr(event, "type", None) or event.get("type")
        if kind == "response.create":
            command: dict[str, Any] = event.to_dict(mode="json") if hasattr(event, "to_dict") else event
            if command.get("stream_id") not in (None, state.stream_id):
                raise ValueError("The command stream_id does not match its lane")
            event = command if state.stream_id is None else {**command, "stream_id": state.stream_id}
        # Iterables of the caller's run here, so nothing may be locked.
        data = self.connection._encoded(event)
        with self.connection._connection_lock:
            self._check_send(state)
            if self.connection._connection is not socket:
                raise RuntimeError("The WebSocket connection was made again; restore state, and send then")
            self._router.prepare(state, kind == "response.create")
        return socket, data

    def _deliver(self, data: str | bytes) -> None:
        event = self.connection._came(self.connection.parse_event(data))
        size = len(data.encode() if isinstance(data, str) else data)
        self._router.deliver(event, size, self.connection._connection)

    def _ending(self, error: Exception) -> BaseException | None:
        try:
            is_orderly = self.connection._ended(error)
        except WebSocketConnectionClosedError as lost:
            return lost
        if is_orderly:
            ended = EOFError("The WebSocket connection closed")
            ended.__cause__ = error
            return ended
        return None if not self._active and close_code(error) is not None else error


class _Lane:
    """What both forms share."""

    def __init__(self, session: Any, state: LaneState) -> None:
        self._session, self._state = session, state

    def close(self) -> None:
        """Leave the lane, with what waits in it; the connection stays open, and the name taken until it is renewed."""
        self._session._router.leave(self._state, self._session.connection._connection)


class ResponsesWebSocketLane(_Lane):
    """One lane of a session; one thread at a time reads it."""

    def send(self, event: ResponsesClientEvent | ResponsesClientEventParam) -> None:
        """Send an event; `response.create` gets the lane's `stream_id`.

        Raises:
            ConnectionClosed: the connection is closed.
            RuntimeError: a response of the lane was not read to its end, the connection is made again just now, or the
                lane or the session is closed.
            ValueError: the event is for another lane.
        """
        socket, data = self._session._prepare(self._state, event)
        socket.send(data)

    def recv(self, *, timeout: float | None = None) -> ResponsesServerEvent:
        """Wait for the next event, `timeout` seconds at most.

        Raises:
            ConnectionClosed: the connection was lost.
            EOFError: it was closed in order, or the lane is.
            ResponsesWebSocketBufferError: there was no room for an event.
            TimeoutError: none came in time.
        """
        router: Router = self._session._router
        with router.condition:
            found: list[Any] = []

            def is_there() -> bool:
                event = router.take(self._state)
                if event is not None:
                    found.append(event)
                return event is not None

            if not router.condition.wait_for(is_there, timeout):
                raise TimeoutError("Timed out waiting for a Responses WebSocket event")
            return found[0]

    def get_final_response(self, *, timeout: float | None = None) -> Response:
        """Read until the response of the lane has ended, and return it; one that failed is returned, too.

        Raises what `recv` raises, and:
            ResponsesWebSocketBufferError: it is larger than `max_response_bytes`.
            ResponsesWebSocketError: an `error` event came.
            ValueError: an event without a response ended it.
        """
        deadline = None if timeout is None else monotonic() + timeout
        while True:
            with self._session._router.condition:
                response = self._session._router.final(self._state)
            if response is not None:
                return response
            self.recv(timeout=None if deadline is None else max(deadline - monotonic(), 0))


class ResponsesWebSocketSession(_Session):
    """Owns a connection of `client.responses.connect()` and reads it on a thread, for `with`.

    The connection's own `recv`, iteration and handlers are not to be used meanwhile; closing the session closes it.
    """

    _lane_type = ResponsesWebSocketLane

    def __enter__(self) -> Self:
        """Begin to read. Raises `RuntimeError` where the connection has a session, or this one was entered before."""
        self._claim()
        self._thread = threading.Thread(target=self._read, name="tailrace-responses", daemon=True)
        try:
            self._thread.start()
        except BaseException:
            self._release_connection()
            raise
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close the session."""
        try:
            self.close()
        except Exception:
            if exc is None:
                raise

    def lane(self, stream_id: str | None = None) -> ResponsesWebSocketLane:
        """Add a lane, before something is sent for it.

        Raises:
            ResponsesWebSocketBufferError: there are `max_lanes` already.
            ValueError: there is that lane already, or was since the connection was made.
        """
        return self._add(stream_id)

    def close(self) -> None:
        """Close the connection and stop reading. Raises `RuntimeError` when the reader does not stop."""
        self._active = False
        if not self._entered:
            return
        try:
            if self.connection._session is self:
                self.connection.close()
        finally:
            self._router.end(None)
            if self._thread is not threading.current_thread():
                self._thread.join(timeout=_STOP_LIMIT)
        if self._thread.is_alive():
            raise RuntimeError("The WebSocket session's reader did not stop; a handshake or a handler holds it.")

    def _read(self) -> None:
        error: BaseException | None = None
        try:
            while True:
                try:
                    data = self.connection._connection.recv()
                except Exception as failure:  # noqa: BLE001 - told to all lanes.
                    if self.connection._is_loss(failure) and self.connection._reconnect(failure):
                        self._router.reconnected(self.connection._connection)
                        continue
                    error = self._ending(failure)
                    return
                self._deliver(data)
        except BaseException as failure:  # noqa: BLE001 - told to all lanes.
            error = failure
        finally:
            self._router.end(error)
            if error is not None and close_code(error) is None and not isinstance(error, EOFError):
                with suppress(Exception):
                    self.connection.close()
            self._release_connection()


class AsyncResponsesWebSocketLane(_Lane):
    """One lane of an asynchronous session; one task at a time reads it. Giving up waiting loses nothing."""

    def __init__(self, session: Any, state: LaneState) -> None:
        super().__init__(session, state)
        self._changed = asyncio.Event()
        state.wake = self._changed.set

    async def send(self, event: ResponsesClientEvent | ResponsesClientEventParam) -> None:
        """Do what `ResponsesWebSocketLane.send` does."""
        socket, data = self._session._prepare(self._state, event)
        await socket.send(data)

    async def recv(self) -> ResponsesServerEvent:
        """Do what `ResponsesWebSocketLane.recv` does, for as long as it takes."""
        while (event := self._session._router.take(self._state)) is None:
            self._changed.clear()
            await self._changed.wait()
        return event

    async def get_final_response(self) -> Response:
        """Do what `ResponsesWebSocketLane.get_final_response` does, for as long as it takes."""
        while (response := self._session._router.final(self._state)) is None:
            await self.recv()
        return response


class AsyncResponsesWebSocketSession(_Session):
    """The awaitable form of `ResponsesWebSocketSession`, for asyncio: a task reads the connection."""

    _lane_type = AsyncResponsesWebSocketLane
    _task: asyncio.Task[None] | None = None
    _closing: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        """Do what `ResponsesWebSocketSession.__enter__` does."""
        self._claim()
        self._task = asyncio.create_task(self._read())
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close the session."""
        try:
            await self.close()
        except Exception:
            if exc is None:
                raise

    def lane(self, stream_id: str | None = None) -> AsyncResponsesWebSocketLane:
        """Do what `ResponsesWebSocketSession.lane` does."""
        return self._add(stream_id)

    async def close(self) -> None:
        """Close the connection and stop reading; giving up waiting for that does not stop it."""
        self._active = False
        if self._task is None:
            return
        if self._closing is None:
            self._closing = asyncio.create_task(self._close(self._task))
        await asyncio.shield(self._closing)

    async def _close(self, reader: asyncio.Task[None]) -> None:
        try:
            await self.connection.close()
        finally:
            self._router.end(None)
            reader.cancel()
            await asyncio.wait((reader,))
            self._release_connection()

    async def _read(self) -> None:
        error: BaseException | None = None
        try:
            while True:
                try:
                    data = await self.connection._connection.recv()
                except Exception as failure:  # noqa: BLE001 - told to all lanes.
                    if self.connection._is_loss(failure) and await self.connection._reconnect(failure):
                        self._router.reconnected(self.connection._connection)
                        continue
                    error = self._ending(failure)
                    return
                self._deliver(data)
        except Exception as failure:  # noqa: BLE001 - told to all lanes.
            error = failure
            self._router.end(error)
            # What waits can still be read; nothing more is to come.
            with suppress(Exception):
                await self.connection.close()
        finally:
            self._router.end(error)
