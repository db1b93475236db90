"""What stands for an HTTP client of the caller: the default ones, which here mean the Rust transport.

tailrace has its own transport, and takes these classes so that code which names them keeps working. Options that only
httpx2 can honour make a client of httpx2, which sends in its place, as a caller's own client does (`_relay`).
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType
    from typing import Any, TypeAlias, Union

    from typing_extensions import Self

    ProxiesTypes: TypeAlias = Union[str, Any, dict[str, Any]]


class Limits:
    """Numbers of connections: open ones, idle ones, and the seconds that an idle one is kept."""

    __slots__ = ("keepalive_expiry", "max_connections", "max_keepalive_connections")

    def __init__(
        self,
        *,
        max_connections: int | None = None,
        max_keepalive_connections: int | None = None,
        keepalive_expiry: float | None = 5.0,
    ) -> None:
        self.max_connections = max_connections
        self.max_keepalive_connections = max_keepalive_connections
        self.keepalive_expiry = keepalive_expiry

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Limits) and all(
            getattr(self, name) == getattr(other, name) for name in Limits.__slots__
        )

    def __hash__(self) -> int:
        return hash((self.max_connections, self.max_keepalive_connections, self.keepalive_expiry))

    def __repr__(self) -> str:
        return (
            f"Limits(max_connections={self.max_connections}, "
            f"max_keepalive_connections={self.max_keepalive_connections}, keepalive_expiry={self.keepalive_expiry})"
        )


#: The limits of the official package; tailrace opens at most as many connections.
DEFAULT_CONNECTION_LIMITS = Limits(max_connections=1000, max_keepalive_connections=100)


class Transport:
    """The parent of transports that a caller writes. A client of httpx2 takes them."""

    def handle_request(self, request: Any) -> Any:
        """Send a request and return its response."""
        raise NotImplementedError("The 'handle_request' method must be implemented.")

    def close(self) -> None:
        """Let go of the connections."""


class _DefaultClient:
    """A client with the defaults of the official package, and its options.

    The Rust transport does what `timeout`, `limits`, `max_decoded_bytes`, `verify` (a bool, or the path of a file or
    folder of certificates), `cert` (one path or two), `proxy` (a URL), `trust_env` and `http2` say. Any other option,
    such as `mounts`, `auth`, `event_hooks` or an `ssl.SSLContext`, makes a client of httpx2 that sends instead.

    Args:
        max_decoded_bytes: The most bytes that a compressed body may grow to, for the Rust transport; None for 1 GiB. A
            body that would grow beyond it is an `APIConnectionError`, without a retry.
        timeout: Seconds, a `Timeout`, or None for no limit; the client that takes this one takes it over unless it
            has a timeout of its own.
        limits: Numbers of connections; those of the official package stand for the Rust transport's own.
        options: What a client of httpx2 takes.

    Raises:
        ValueError: a certificate, a key, the URL of a proxy or a number of bytes cannot be used.
        OSError: a file of certificates cannot be read.
        ImportError: an option needs httpx2, which is not installed.
        TypeError: httpx2 has no such option, as it has no `max_decoded_bytes`, or a subclass redefines how requests are
            sent.
    """

    #: The client of httpx2 that sends the requests, None for the Rust transport.
    relayed: Any = None

    def __init__(self, **options: Any) -> None:
        from ._transport_options import native_settings
        from ._types import not_given

        for name in ("send", "request", "stream", "build_request", "_init_transport", "_transport_for_url"):
            if hasattr(type(self), name):
                raise TypeError(
                    f"`{type(self).__name__}` redefines `{name}`, which the Rust transport would never call; make it a "
                    "subclass of a client of httpx2."
                )
        self._closed = False
        self._native: Any = None
        self.timeout: Any = options.get("timeout", not_given)
        self._settings = native_settings({name: options[name] for name in options if name != "timeout"})
        if self._settings is None:
            self.relayed = _library_client(options, asynchronous=isinstance(self, DefaultAsyncHttpxClient))

    @property
    def is_closed(self) -> bool:
        """Whether it was closed."""
        return self._closed if self.relayed is None else self.relayed.is_closed

    def _native_client(self) -> Any:
        """Return the native client, which all clients share that take this one."""
        if self._native is None and self._settings is not None:
            from ._native import Client

            most, transport = self._settings
            self._native = Client(max_connections=most, transport=transport)
        return self._native


def _library_client(options: dict[str, Any], *, asynchronous: bool) -> Any:
    if options.pop("max_decoded_bytes", None) is not None:
        raise TypeError(
            "`max_decoded_bytes` limits bodies of the Rust transport, and another of the options "
            f"{', '.join(f'`{name}`' for name in options)} is for a client of httpx2; give one or the other."
        )
    try:
        import httpx2
    except ImportError as error:
        raise ImportError(
            f"One of the options {', '.join(f'`{name}`' for name in options)} is for a client of httpx2, which is not "
            "installed; install httpx2, or leave out what the Rust transport does not have."
        ) from error
    from ._constants import DEFAULT_TIMEOUT
    from ._wire.timeout import limits_of

    connect, read, write, pool = limits_of(options.get("timeout", DEFAULT_TIMEOUT))[:4]
    options["timeout"] = httpx2.Timeout(connect=connect, read=read, write=write, pool=pool)
    options.setdefault("limits", DEFAULT_CONNECTION_LIMITS)
    options.setdefault("follow_redirects", True)
    return (httpx2.AsyncClient if asynchronous else httpx2.Client)(**options)


class DefaultHttpxClient(_DefaultClient):
    """The default client for `OpenAI(http_client=...)`."""

    def close(self) -> None:
        """Let go of the connections."""
        self._closed, self._native = True, None
        if self.relayed is not None:
            self.relayed.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


class DefaultAsyncHttpxClient(_DefaultClient):
    """The default client for `AsyncOpenAI(http_client=...)`."""

    async def aclose(self) -> None:
        """Let go of the connections."""
        self._closed, self._native = True, None
        if self.relayed is not None:
            await self.relayed.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.aclose()


class DefaultHttpx2Client(DefaultHttpxClient):
    """Another name of `DefaultHttpxClient`, which the official package tells apart by its transport."""


class DefaultAsyncHttpx2Client(DefaultAsyncHttpxClient):
    """Another name of `DefaultAsyncHttpxClient`, which the official package tells apart by its transport."""


class DefaultAioHttpClient(DefaultAsyncHttpxClient):
    """Another name of `DefaultAsyncHttpxClient`, which the official package tells apart by its transport."""


# Tracebacks and `repr` name the classes by their public place.
for _cls in (
    Limits, Transport, DefaultHttpxClient, DefaultAsyncHttpxClient, DefaultHttpx2Client, DefaultAsyncHttpx2Client,
    DefaultAioHttpClient,
):  # fmt: skip
    _cls.__module__ = "tailrace"


def accepted_http_client(http_client: object, *, asynchronous: bool) -> DefaultHttpxClient | DefaultAsyncHttpxClient:
    """Return a client that a caller passed as `http_client`.

    Raises:
        TypeError: it is for the other kind of calls, or is neither one of these nor a client of httpx2 or httpx.
    """
    if isinstance(http_client, (DefaultHttpxClient, DefaultAsyncHttpxClient)):
        if isinstance(http_client, DefaultAsyncHttpxClient) is asynchronous:
            return http_client
        right, wrong = ("Async", "") if asynchronous else ("", "Async")
        raise TypeError(
            f"Invalid `http_client` argument; `{right}OpenAI` takes a `Default{right}HttpxClient`, not a "
            f"`Default{wrong}HttpxClient`."
        )
    raise TypeError(
        "Invalid `http_client` argument; Expected a client of httpx2 or httpx but got "
        f"{type(http_client)}; leave it out, or pass `Default{'Async' if asynchronous else ''}HttpxClient()`."
    )


def __getattr__(name: str) -> Any:
    if name != "ProxiesTypes":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from typing import Any, Union

    globals()["ProxiesTypes"] = Union[str, Any, dict[str, Any]]
    return globals()["ProxiesTypes"]
