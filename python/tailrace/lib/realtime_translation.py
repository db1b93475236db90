"""Sessions of live translation: opened once, never made again, and read to their end."""

from __future__ import annotations

import threading
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from .._exceptions import OpenAIError

if TYPE_CHECKING:
    from types import TracebackType

    from .._types import Headers, Query
    from ..resources.realtime.translations.translations import (
        AsyncTranslations,
        AsyncTranslationsConnection,
        Translations,
        TranslationsConnection,
    )
    from ..types.realtime import (
        RealtimeTranslationClientEvent,
        RealtimeTranslationClientEventParam,
        RealtimeTranslationServerEvent,
    )
    from ..types.websocket_connection_options import SyncWebSocketConnectionOptions, WebSocketConnectionOptions

__all__ = ["AsyncTranslationConnection", "AsyncTranslationSession", "TranslationConnection", "TranslationSession"]

_LAST = "session.closed"


def _query(client: Any, model: str, extra: Any) -> dict[str, Any]:
    """Return all of the query, which goes before that of the URL.

    Raises:
        OpenAIError: the client's provider has no translation.
        ValueError: there is no model, or an `intent`.
    """
    from .._websocket.opening import by_name

    if client._provider is not None or hasattr(client, "_azure_deployment"):
        raise OpenAIError("Realtime Translation is not available through this provider.")
    if not model:
        raise ValueError("A translation model is required.")
    urls = (str(url) for url in (client.base_url, client.websocket_base_url) if url is not None)
    base, selected = ([parse_qs(urlsplit(url).query, keep_blank_values=True) for url in urls] + [{}])[:2]
    query = {**base, **client.default_query, **selected, **by_name(extra)}
    if "intent" in query:
        raise ValueError("Realtime Translation does not accept an intent query parameter.")
    return {**query, "model": model}


class _Input:
    """What may still be sent."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self._ending = self._ended = False

    def _is_sent(self, event: Any) -> bool:
        """Whether an event is to be sent; the wish to end is, once. Raises `OpenAIError` for input after it."""
        ends = (getattr(event, "type", None) or event["type"]) == "session.close"
        if self._ended or (self._ending and not ends):
            raise OpenAIError("The translation's input is closed; open another session to send more.")
        sent = not self._ending
        self._ending = self._ending or ends
        return sent

    def _read(self, event: Any) -> Any:
        if getattr(event, "type", None) == _LAST:
            # An end that is not whole is none, because what follows it would be lost.
            event.__class__.model_validate(event.to_dict())
            self._ended = True
        return event


class TranslationConnection(_Input):
    """The connection of a `TranslationSession`."""

    def __init__(self, connection: TranslationsConnection) -> None:
        super().__init__(connection)
        self._lock = threading.Lock()
        self._closing: Future[None] | None = None

    def send(self, event: RealtimeTranslationClientEvent | RealtimeTranslationClientEventParam) -> None:
        """Send an event; a second `session.close` is not sent.

        Raises:
            OpenAIError: `session.close` was sent or `session.closed` has come.
            ConnectionClosed: the connection is closed.
        """
        if self._is_sent(event):
            self._connection.send(event)

    def recv(self, *, timeout: float | None = None) -> RealtimeTranslationServerEvent:
        """Wait for the next event, `timeout` seconds at most; `session.closed` closes the connection.

        Raises:
            TimeoutError: none came in time.
            ConnectionClosed: the connection is closed.
            ValueError: the server sent what is no event.
        """
        event = self._read(self._connection._connection.receive(timeout))
        if self._ended:
            if timeout is None:
                self.close()
            else:
                # Who waits for an event for some time does not wait for the server's goodbye, too.
                self._close_behind()
        return event

    def close(self) -> None:
        """Close the connection, once; everybody who closes it waits for that and is told how it failed."""
        closing, mine = self._claim()
        if mine:
            self._run(closing)
        closing.result()

    def _claim(self) -> tuple[Future[None], bool]:
        with self._lock:
            mine = self._closing is None
            if self._closing is None:
                self._closing = Future()
            return self._closing, mine

    def _run(self, closing: Future[None]) -> None:
        self._ended = True
        try:
            self._connection.close()
        except BaseException as error:  # noqa: BLE001 - raised by whoever asks for the result.
            closing.set_exception(error)
        else:
            closing.set_result(None)

    def _close_behind(self) -> None:
        closing, mine = self._claim()
        if not mine:
            return
        try:
            threading.Thread(target=self._run, args=(closing,), daemon=True).start()
        except BaseException:
            self._run(closing)
            raise


class AsyncTranslationConnection(_Input):
    """The awaitable form of `TranslationConnection`; give up waiting with `asyncio.wait_for`."""

    def __init__(self, connection: AsyncTranslationsConnection) -> None:
        super().__init__(connection)

    async def send(self, event: RealtimeTranslationClientEvent | RealtimeTranslationClientEventParam) -> None:
        """Do what `TranslationConnection.send` does."""
        if self._is_sent(event):
            await self._connection.send(event)

    async def recv(self) -> RealtimeTranslationServerEvent:
        """Do what `TranslationConnection.recv` does without `timeout`."""
        socket = self._connection._connection
        event = self._read(socket.checked(await socket.receive()))
        if self._ended:
            await self.close()
        return event

    async def close(self) -> None:
        """Close the connection."""
        self._ended = True
        await self._connection.close()


class _Session:
    """Where a session goes."""

    def _to(self, resource: Any, model: str, query: Query, headers: Headers, options: Any) -> None:
        self._resource, self._model, self._query = resource, model, query
        self._options = {"extra_headers": headers, "websocket_connection_options": options}
        self._used = False
        self._entered: Any = None

    def _manager(self) -> Any:
        if self._used:
            raise RuntimeError("Translation sessions may only be entered once; make another one.")
        self._used = True
        query = _query(self._resource._client, self._model, self._query)
        return self._resource.connect(model=self._model, extra_query=query, **self._options)

    def _raise(self, closing: BaseException, body: BaseException | None) -> None:
        # What the caller's own code raised says more.
        if body is None:
            raise closing
        if body is not closing:
            raise body from closing


class TranslationSession(_Session):
    """A session of live translation, `client.realtime.translations`, for `with`; its connection is never made again.

    Send `session.close` and read until `session.closed` to have all of the translation; leaving closes the connection.
    """

    def __init__(
        self,
        resource: Translations,
        *,
        model: str,
        extra_query: Query = {},  # noqa: B006 - as the official package, and nothing changes it.
        extra_headers: Headers = {},  # noqa: B006
        websocket_connection_options: SyncWebSocketConnectionOptions = {},  # noqa: B006
    ) -> None:
        self._to(resource, model, extra_query, extra_headers, websocket_connection_options)

    def enter(self) -> TranslationConnection:
        """Open the connection.

        Raises:
            APIError: the handshake failed, as a call fails.
            OpenAIError: the client's provider has no translation.
            RuntimeError: it was entered before.
            ValueError: there is no model, or an `intent` in the query.
        """
        self._entered = TranslationConnection(self._manager().enter())
        return self._entered

    __enter__ = enter

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, exc_tb: TracebackType | None
    ) -> None:
        """Close the connection."""
        entered, self._entered = self._entered, None
        try:
            if entered is not None:
                entered.close()
        except BaseException as error:  # noqa: BLE001
            self._raise(error, exc)


class AsyncTranslationSession(_Session):
    """The awaitable form of `TranslationSession`."""

    def __init__(
        self,
        resource: AsyncTranslations,
        *,
        model: str,
        extra_query: Query = {},  # noqa: B006 - as the official package, and nothing changes it.
        extra_headers: Headers = {},  # noqa: B006
        websocket_connection_options: WebSocketConnectionOptions = {},  # noqa: B006
    ) -> None:
        self._to(resource, model, extra_query, extra_headers, websocket_connection_options)

    async def enter(self) -> AsyncTranslationConnection:
        """Do what `TranslationSession.enter` does."""
        self._entered = AsyncTranslationConnection(await self._manager().enter())
        return self._entered

    __aenter__ = enter

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, exc_tb: TracebackType | None
    ) -> None:
        """Close the connection."""
        entered, self._entered = self._entered, None
        try:
            if entered is not None:
                await entered.close()
        except Exception as error:  # noqa: BLE001
            self._raise(error, exc)
