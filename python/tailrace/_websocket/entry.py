"""What `connect` returns: it opens a connection when it is entered, and closes it when it is left."""

from __future__ import annotations

from collections.abc import Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, ClassVar

from .._path import path as path_of
from .._send_queue import SendQueue
from .connection import AsyncConnection, SyncConnection, given
from .handlers import Listening
from .recovery import async_discard, discard, is_own

if TYPE_CHECKING:
    from .opening import Opening
    from .socket import AsyncSocket, Socket


class _Entry:
    """Where a connection goes, in both forms."""

    #: The path below the base URL, with the names of arguments in braces.
    _path: ClassVar[str]
    #: The arguments that are sent as the query, and headers that every handshake has.
    _query: ClassVar[tuple[str, ...]] = ()
    _headers: ClassVar[Mapping[str, str]] = {}
    #: The class of the connection.
    _made: ClassVar[Any]
    _follows_redirects: ClassVar[bool]

    def __init__(
        self, *, client: Any, extra_query: Any, extra_headers: Any, websocket_connection_options: Any, **place: Any
    ) -> None:
        self._client, self._extra_query, self._extra_headers = client, extra_query, extra_headers
        self._options, self._place = websocket_connection_options, place
        self._entered: Any = None

    def _opening(self) -> Opening:
        from .opening import Opening

        place = {name: value for name, value in self._place.items() if given(value)}
        query = {name: place[name] for name in self._query if name in place}
        required: dict[str, object] = {}
        # Azure knows deployments in place of models, and wants its version.
        if hasattr(self._client, "_azure_deployment"):
            required["api-version"] = self._client._api_version
            if "model" in query:
                required["deployment"] = self._client._azure_deployment or query["model"]
                del query["model"]
        return Opening(
            self._client,
            path_of(self._path, **{name: place[name] for name in place if f"{{{name}}}" in self._path}),
            query,
            self._options,
            self._made._event.resolve(),
            self._headers,
            required=required,
            follows_redirects=self._follows_redirects,
        )


class PlainEntry(_Entry):
    """Opens a connection that is not made again."""

    # `websockets` follows redirects in its asyncio client only, and so does the official package.
    _follows_redirects = False

    def enter(self) -> Any:
        """Open the connection.

        Raises:
            APIError: the handshake failed, as a call fails.
        """
        self._entered = self._connected(self._connect_ws(self._extra_query, self._extra_headers))
        return self._entered

    __enter__ = enter

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, exc_tb: TracebackType | None
    ) -> None:
        """Close the connection."""
        entered, self._entered = self._entered, None
        if entered is None:
            return
        try:
            entered.close()
        except Exception:
            # What the caller's own code raised says more.
            if exc is None:
                raise

    def _connect_ws(self, extra_query: Any, extra_headers: Any) -> Socket:
        return self._opening().open(extra_query, extra_headers)

    def _connected(self, socket: Socket) -> Any:
        return self._made(socket)


class AsyncPlainEntry(_Entry):
    """The awaitable form of `PlainEntry`."""

    _follows_redirects = True

    async def enter(self) -> Any:
        """Do what `PlainEntry.enter` does."""
        self._entered = await self._connected(await self._connect_ws(self._extra_query, self._extra_headers))
        return self._entered

    __aenter__ = enter

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, exc_tb: TracebackType | None
    ) -> None:
        """Close the connection."""
        entered, self._entered = self._entered, None
        if entered is None:
            return
        try:
            await entered.close()
        except Exception:
            if exc is None:
                raise

    async def _connect_ws(self, extra_query: Any, extra_headers: Any) -> AsyncSocket:
        return await self._opening().async_open(extra_query, extra_headers)

    async def _connected(self, socket: AsyncSocket) -> Any:
        return self._made(socket)


class _Renewing(Listening, _Entry):
    """What waits for a connection, and how it is made again."""

    def __init__(
        self,
        *,
        on_reconnecting: Any = None,
        max_retries: int = 5,
        initial_delay: float = 0.5,
        max_delay: float = 8.0,
        max_queue_size: int = 1048576,
        **options: Any,
    ) -> None:
        Listening.__init__(self)
        _Entry.__init__(self, **options)
        self._renewal = {
            "on_reconnecting": on_reconnecting,
            "max_retries": max_retries,
            "initial_delay": initial_delay,
            "max_delay": max_delay,
        }
        self._send_queue = SendQueue(max_queue_size)

    def send(self, event: Any) -> None:
        """Queue an event until the connection is open; raises `WebSocketQueueFullError` when it does not fit."""
        self._send_queue.enqueue(self._made._encoded(event))

    def _make(self, socket: Any, connect: Any) -> Any:
        connection = self._made(
            socket,
            make_ws=connect,
            extra_query=self._extra_query,
            extra_headers=self._extra_headers,
            send_queue=self._send_queue,
            **self._renewal,
        )
        if self._options.get("resume"):
            if self._path != "/responses":
                raise ValueError("`resume` is for `client.responses.connect()`; other sessions end with their socket.")
            from .resume import Resumption

            connection._resumption = Resumption(connection, self._client)
        self._handlers.merge_into(connection._handlers)
        return connection


class Entry(_Renewing, PlainEntry):
    """Opens a connection that may be made again, with events and handlers that it was given before."""

    def _connected(self, socket: Socket) -> SyncConnection:
        try:
            connection = self._make(socket, self._connect_ws)
            connection._flush_send_queue()
        except BaseException:
            # Who interrupts does not wait for a server.
            socket.abort() if is_own(socket) else discard(socket)
            raise
        return connection


class AsyncEntry(_Renewing, AsyncPlainEntry):
    """The awaitable form of `Entry`."""

    async def _connected(self, socket: AsyncSocket) -> AsyncConnection:
        try:
            connection = self._make(socket, self._connect_ws)
            await connection._flush_send_queue()
        except BaseException:
            socket.abort() if is_own(socket) else await async_discard(socket)
            raise
        return connection
