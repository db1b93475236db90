"""What stands for an HTTP client of the caller: the default ones, which here all mean the Rust transport.

tailrace has its own transport, and takes these classes so that code which names them keeps working. A caller's own
client of httpx2 or httpx sends in its place (`_relay`).
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
    """A client with the defaults. It holds nothing: connections belong to `OpenAI` and `AsyncOpenAI`.

    Args:
        timeout: Seconds, a `Timeout`, or None for no limit; the client that takes this one takes it over unless it
            has a timeout of its own.
        limits: `DEFAULT_CONNECTION_LIMITS`, the only limits that there are.
        follow_redirects: True, as redirects are followed.

    Raises:
        NotImplementedError: another argument of the official package, or another value.
    """

    def __init__(self, **options: Any) -> None:
        from ._types import not_given

        self.is_closed = False
        self.timeout: Any = options.pop("timeout", not_given)
        if options.get("follow_redirects") is True:
            del options["follow_redirects"]
        if options.get("limits") == DEFAULT_CONNECTION_LIMITS:
            del options["limits"]
        for name in options:
            raise NotImplementedError(
                f"tailrace does not support the argument `{name}` of `{type(self).__name__}` yet; leave it out."
            )


class DefaultHttpxClient(_DefaultClient):
    """The default client for `OpenAI(http_client=...)`."""

    def close(self) -> None:
        """Do nothing but remember it, as there is nothing to let go of."""
        self.is_closed = True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


class DefaultAsyncHttpxClient(_DefaultClient):
    """The default client for `AsyncOpenAI(http_client=...)`."""

    async def aclose(self) -> None:
        """Do nothing but remember it, as there is nothing to let go of."""
        self.is_closed = True

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
