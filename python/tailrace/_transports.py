"""What `tailrace.httpx2` and `tailrace.httpx` share: the Rust transport as one of those libraries knows it.

A transport sends one request a call, as it is given: headers, retries, redirects, authentication and content codings
are the business of the library above it.
"""

from __future__ import annotations

from importlib import import_module

from ._native import Client, Failure, Sink, Transport
from ._transport_options import DEFAULT_IDLE_SECONDS, native_settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from os import PathLike
    from typing import Any, ClassVar

    from ._native import ChunkStream, Pending, Reply

#: The native client leaves a body unread until it is asked for.
_UNDECIDED = 2

#: What a failure is called in httpx, by its code; `timed_out` by its limit, and `interrupted` is `Interrupted`.
EXCEPTIONS = {
    "invalid_request": "LocalProtocolError", "connect_failed": "ConnectError", "unreadable_body": "LocalProtocolError",
    "cancelled": "ReadError", "status": "TransportError", "invalid_response": "RemoteProtocolError",
    "forked": "ReadError", "internal": "TransportError",
}  # fmt: skip
_TIMEOUTS = {"pool": "PoolTimeout", "connect": "ConnectTimeout", "write": "WriteTimeout"}


def library(name: str) -> Any:
    """Import httpx2 or httpx.

    Raises:
        ImportError: it is not installed.
    """
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        raise ImportError(
            f"`tailrace.{name}` has transports for {name}, which is not installed; install it."
        ) from error


class Body:
    """The body of a response, in its content coding: read while it is iterated over, for both kinds of clients."""

    def __init__(self, reply: Reply, fail: Callable[[Failure], BaseException]) -> None:
        self._reply, self._fail = reply, fail
        self._pieces: ChunkStream | None = None

    def __iter__(self) -> ChunkStream:
        # Whoever iterates again, as the official package does to use up what is left, goes on with the rest.
        if self._pieces is None:
            self._pieces = self._reply.chunks(self._fail)
        return self._pieces

    __aiter__ = __iter__

    def close(self) -> None:
        """Close the socket unless the body was read to its end."""
        (self._pieces or self._reply).close()

    async def aclose(self) -> None:
        """Close the socket unless the body was read to its end."""
        self.close()


class _Carrier:
    """What the transports of both kinds have in common."""

    #: httpx2 or httpx, its class of a response's stream, and its exception for a connection that ended early.
    _library: ClassVar[Any]
    _stream: ClassVar[Any]
    _interrupted: ClassVar[Any]

    def __init__(
        self,
        verify: bool | str | PathLike[str] = True,
        cert: str | tuple[str, str] | None = None,
        *,
        trust_env: bool = True,
        http2: bool = False,
        limits: Any = None,
        proxy: Any = None,
    ) -> None:
        options = {"verify": verify, "cert": cert, "trust_env": trust_env, "http2": http2, "proxy": proxy}
        if limits is not None:
            options["limits"] = limits
        settings = native_settings(options)
        if settings is None:
            wrong = next((name for name in options if native_settings({name: options[name]}) is None), "options")
            raise TypeError(
                f"The Rust transport cannot do what `{wrong}` says; give certificates as paths, a proxy as its URL, "
                "`trust_env=False` without SSL_CERT_FILE and SSL_CERT_DIR, or use the transport of the library."
            )
        most, transport = settings
        # Never the connections of the process, so that closing this closes them.
        self._native: Client | None = Client(
            max_connections=most, transport=transport or Transport(idle_seconds=DEFAULT_IDLE_SECONDS)
        )

    def _started(self, request: Any) -> tuple[Pending, Sink | None, int | None]:
        """Start a request; returns where its body is pushed, and its length where that is known."""
        if self._native is None:
            raise RuntimeError("This transport was closed; make a new one.")
        if request.url.scheme not in ("http", "https"):
            scheme = f"{request.url.scheme}://" if request.url.scheme else ""
            raise self._library.UnsupportedProtocol(
                f"Request URL has {scheme!r} where 'http://' or 'https://' should be.", request=request
            )
        for name in ("sni_hostname", "target"):
            if name in request.extensions:
                raise ValueError(f"The Rust transport has no request extension `{name}`; leave it out.")
        headers = _headers(request)
        content, length = None, None
        if isinstance(request.stream, self._library.ByteStream):
            content = b"".join(request.stream) or None
        else:
            if "transfer-encoding" not in headers and "content-length" in headers:
                length = int(headers["content-length"])
            content = Sink(length)
        waits = request.extensions.get("timeout", {})
        url = str(request.url)
        pending = self._native.request(
            request.method, url, url, None, list(headers.items()), content,
            (waits.get("connect"), waits.get("read"), waits.get("write"), waits.get("pool"), None, None, None, None),
            0, _UNDECIDED, follow_redirects=False, as_it_came=True,
        )  # fmt: skip
        return pending, content if isinstance(content, Sink) else None, length

    def _response(self, request: Any, outcome: Any) -> Any:
        def fail(failure: Failure) -> Exception:
            return self._error(failure, request)

        if isinstance(outcome, Failure):
            raise fail(outcome)
        extensions = {"http_version": outcome.http_version.encode(), "reason_phrase": outcome.reason.encode()}
        headers = [(name.encode(), value.encode()) for name, value in outcome.headers]
        return self._library.Response(
            outcome.status, headers=headers, stream=self._stream(outcome, fail), extensions=extensions
        )

    def _error(self, failure: Failure, request: Any) -> Exception:
        text = ": ".join((failure.message, *failure.causes))
        if failure.code == "interrupted":
            return self._interrupted(text, request=request)
        if failure.code == "timed_out":
            name = _TIMEOUTS.get(failure.limit or "", "ReadTimeout")
        else:
            name = EXCEPTIONS[failure.code]
        return getattr(self._library, name)(text, request=request)

    def _counted(self, sent: int, piece: Any, length: int | None, request: Any) -> tuple[bytes, int]:
        """Return a piece of a body as bytes, and how many were sent with it."""
        data = piece if isinstance(piece, bytes) else bytes(memoryview(piece))
        sent += len(data)
        if length is not None and sent > length:
            # What is beyond would be taken for the next request.
            raise self._mismatch("more", length, request)
        return data, sent

    def _mismatch(self, which: str, length: int, request: Any) -> Exception:
        return self._library.LocalProtocolError(
            f"The body has {which} than the {length} bytes that its Content-Length says; correct the header.",
            request=request,
        )


class Sender(_Carrier):
    """A transport for blocking clients."""

    def handle_request(self, request: Any) -> Any:
        """Send a request; returns its response, whose body is unread."""
        pending, sink, length = self._started(request)
        try:
            if sink is not None:
                self._push(request, pending, sink, length)
            outcome = pending.wait()
        except BaseException:
            pending.cancel()
            raise
        return self._response(request, outcome)

    def _push(self, request: Any, pending: Pending, sink: Sink, length: int | None) -> None:
        sent = 0
        for piece in request.stream:
            data, sent = self._counted(sent, piece, length, request)
            if not (sink.push(data) and sink.wait_room(pending)):
                return
        if length is not None and sent < length:
            raise self._mismatch("fewer", length, request)
        sink.end()

    def close(self) -> None:
        """Let go of the connections; responses that are being read keep theirs. Requests after this are refused."""
        self._native = None


class AsyncSender(_Carrier):
    """A transport for asynchronous clients, on asyncio and on trio."""

    async def handle_async_request(self, request: Any) -> Any:
        """Send a request; returns its response, whose body is unread."""
        pending, sink, length = self._started(request)
        try:
            if sink is not None:
                await self._push(request, pending, sink, length)
            outcome = await pending
        except BaseException:
            pending.cancel()
            raise
        return self._response(request, outcome)

    async def _push(self, request: Any, pending: Pending, sink: Sink, length: int | None) -> None:
        sent = 0
        pieces = aiter(request.stream)
        try:
            async for piece in pieces:
                data, sent = self._counted(sent, piece, length, request)
                if not (sink.push(data) and await sink.room(pending)):
                    return
        finally:
            # A generator that is left to the collector is a warning on trio.
            if hasattr(pieces, "aclose"):
                await pieces.aclose()
        if length is not None and sent < length:
            raise self._mismatch("fewer", length, request)
        sink.end()

    async def aclose(self) -> None:
        """Let go of the connections; responses that are being read keep theirs. Requests after this are refused."""
        self._native = None


def _headers(request: Any) -> dict[str, str]:
    """Return the headers by name in lower case, several of one name joined as RFC 9110 (5.3) and 9113 (8.2.3) say."""
    headers: dict[str, str] = {}
    for name, value in request.headers.raw:
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        joint = "; " if key == "cookie" else ", "
        headers[key] = f"{headers[key]}{joint}{text}" if key in headers else text
    # What the client does not ask for it may not be able to decode.
    headers.setdefault("accept-encoding", "identity")
    return headers
