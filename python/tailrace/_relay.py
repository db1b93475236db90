"""A caller's own `http_client`: it sends each attempt of a call; retries, events and errors stay those of the core.

Clients of httpx2 and of httpx are known by their shape, so that neither is imported.
"""

from __future__ import annotations

import sys
from time import monotonic

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Literal

    from ._call import Call
    from ._native import Exchange, Request

#: Exceptions of an HTTP client by the name of a class, its parents included, to failure code and limit.
_FAILURES = (
    ("ConnectTimeout", "timed_out", "connect"),
    ("PoolTimeout", "timed_out", "pool"),
    ("ReadTimeout", "timed_out", "read"),
    ("WriteTimeout", "timed_out", "write"),
    ("TimeoutException", "timed_out", "read"),
    ("ConnectError", "connect_failed", None),
)

#: The parent of those, and what escapes a library below: of `ssl`, and of anyio.
_FAILURE_NAMES = frozenset(("RequestError", "SSLError", "EndOfStream"))

#: Where the limits of an HTTP client stand in those of a call.
_PLACES = {"connect": 0, "read": 1, "write": 2, "pool": 3}

#: Seconds that the HTTP client waits beyond a limit that it does not know, so that the call first says what passed.
_GRACE = 0.1


def accepted_transport(http_client: Any, *, asynchronous: bool) -> Any:
    """Return a client of httpx2 or httpx that a caller passed as `http_client`, None for what is none.

    Raises:
        TypeError: it is for the other kind of calls.
    """
    if isinstance(http_client, type) or not callable(getattr(http_client, "build_request", None)):
        return None
    if callable(getattr(http_client, "aclose", None)) is not asynchronous:
        wanted = "AsyncClient" if asynchronous else "Client"
        raise TypeError(
            f"Invalid `http_client` argument; Expected an instance of `httpx.{wanted}` or `httpx2.{wanted}` but got "
            f"{type(http_client)}"
        )
    return http_client


def own_timeout(http_client: Any) -> Any:
    """Return the timeout that a caller gave to an HTTP client; None when it has the default of its library."""
    from ._wire.timeout import limits_of

    timeout = getattr(http_client, "timeout", None)
    if timeout is None or limits_of(timeout)[:4] == (5.0, 5.0, 5.0, 5.0):
        return None
    return timeout


def intercepting_client(*, asynchronous: bool) -> Any:
    """Return a default client of httpx2 when somebody has replaced what sends its requests, None otherwise.

    Libraries that mock httpx2 in tests do that, and tests that mock the official package expect to see its requests.
    """
    core = sys.modules.get("httpcore2")
    if core is None:
        return None
    name = "AsyncConnectionPool" if asynchronous else "ConnectionPool"
    method = getattr(getattr(core, name, None), "handle_async_request" if asynchronous else "handle_request", None)
    code = getattr(method, "__code__", None)
    folder = (core.__file__ or "").rpartition("__init__")[0]
    if method is None or (code is not None and code.co_filename.startswith(folder)):
        return None
    import httpx2

    return (httpx2.AsyncClient if asynchronous else httpx2.Client)(follow_redirects=True)


def relay(call: Call, exchange: Exchange) -> None:
    """Send one attempt by the HTTP client of a call, and hand over what it answers."""
    began = monotonic()
    call.cause = None
    try:
        response = call.transport.send(_request(call, exchange, began), stream=True, **_send_options(call))
    except Exception as error:
        # Other exceptions are mistakes, or what a hook of the caller's raises on purpose, and are raised as they are.
        if not is_failure(error):
            raise
        _fail(call, exchange, error)
        return
    call.history = list(getattr(response, "history", ()))
    _expect_body(call, response, began)
    if not exchange.head(*_head(response)):
        response.close()
    elif _is_handed_out(call, response):
        from threading import Thread

        call.relayed = response
        Thread(target=_pump, args=(call, exchange, response), name="tailrace-relay", daemon=True).start()
    else:
        _pump(call, exchange, response)


async def async_relay(call: Call, exchange: Exchange) -> None:
    """Do what `relay` does with an asynchronous client."""
    began = monotonic()
    call.cause = None
    try:
        response = await call.transport.send(_request(call, exchange, began), stream=True, **_send_options(call))
    except Exception as error:
        # Other exceptions are mistakes, or what a hook of the caller's raises on purpose, and are raised as they are.
        if not is_failure(error):
            raise
        _fail(call, exchange, error)
        return
    call.history = list(getattr(response, "history", ()))
    _expect_body(call, response, began)
    if not exchange.head(*_head(response)):
        await response.aclose()
    elif _is_handed_out(call, response):
        from ._async_library import start

        start(_async_pump, call, exchange, response)
    else:
        await _async_pump(call, exchange, response)


def _pump(call: Call, exchange: Exchange, response: Any) -> None:
    try:
        for piece in response.iter_bytes():
            if not (exchange.push(piece) and exchange.wait_room()):
                break
        else:
            exchange.end()
    except Exception as error:
        # Whoever reads the body raises it; in a thread or a task of its own nobody would see it.
        if not (is_failure(error) or _is_handed_out(call, response)):
            raise
        _fail(call, exchange, error)
    finally:
        response.close()


async def _async_pump(call: Call, exchange: Exchange, response: Any) -> None:
    try:
        async for piece in response.aiter_bytes():
            if not (exchange.push(piece) and await exchange.room()):
                break
        else:
            exchange.end()
    except Exception as error:
        # Whoever reads the body raises it; in a thread or a task of its own nobody would see it.
        if not (is_failure(error) or _is_handed_out(call, response)):
            raise
        _fail(call, exchange, error)
    finally:
        await response.aclose()


def _request(call: Call, exchange: Exchange, began: float) -> Any:
    request: Request = exchange.request
    content = request.content
    # The HTTP client has its own view of these, as it has in the official package.
    headers = [(name, value) for name, value in request.headers if name.lower() not in ("host", "accept-encoding")]
    built = call.transport.build_request(
        request.method,
        request.url,
        headers=headers,
        content=_parts(call, exchange) if content is None else content,
        timeout=_waits(call, began, until="head"),
    )
    call.client.about_to_relay(built)
    call.asked = built
    return built


def _waits(call: Call, began: float, *, until: Literal["head", "end"]) -> tuple[float | None, ...]:
    """Return the limits of connecting, reading, writing and pooling for an attempt that began at `began`.

    The limits that only the call knows end it on time, whatever the HTTP client does; but a client that waits longer
    would keep the caller, or a thread, waiting with it.
    """
    connect, read, write, pool, first_byte, idle, total = call.limits
    silence = first_byte if until == "head" else idle
    ends = [end for end in (call.due, None if total is None else began + total) if end is not None]
    left = max(min(ends) - monotonic(), 0.0) + _GRACE if ends else None
    return (
        _least(connect, left),
        _least(read, left, None if silence is None else silence + _GRACE),
        _least(write, left),
        _least(pool, left),
    )


def _least(*limits: float | None) -> float | None:
    return min((limit for limit in limits if limit is not None), default=None)


def _expect_body(call: Call, response: Any, began: float) -> None:
    # The limit between two reads has been that of the head; the client looks it up again when it reads the body.
    if call.limits[4:] == (None, None, None) and call.due is None:
        return
    extensions: dict[str, Any] = getattr(getattr(response, "request", None), "extensions", {})
    timeout = extensions.get("timeout")
    if isinstance(timeout, dict):
        timeout["read"] = _waits(call, began, until="end")[1]


def _parts(call: Call, exchange: Exchange) -> Any:
    return _AsyncParts(exchange) if call.client.is_async else exchange.parts()


class _AsyncParts:
    """The blocks of a body with files, for an asynchronous client."""

    def __init__(self, exchange: Exchange) -> None:
        self._parts = exchange.parts()

    def __aiter__(self) -> _AsyncParts:
        return self

    async def __anext__(self) -> bytes:
        for part in self._parts:
            return part
        raise StopAsyncIteration


def _send_options(call: Call) -> dict[str, Any]:
    if call.client.runtime is not None:
        # A provider authenticates the request, and that one only.
        return {"follow_redirects": False, "auth": None}
    # Whether redirects are followed is the HTTP client's business unless the caller says otherwise.
    return {} if call.operation.follow_redirects else {"follow_redirects": False}


def _head(response: Any) -> tuple[int, list[tuple[str, str]], str, str]:
    version = getattr(response, "http_version", "HTTP/1.1")
    return (response.status_code, list(response.headers.multi_items()), version, str(response.url))


def _is_handed_out(call: Call, response: Any) -> bool:
    return call.operation.hands_out_body and response.status_code < 300


def is_failure(error: BaseException) -> bool:
    """Whether an exception is an HTTP client's for what became of a request; others are mistakes of the caller's."""
    return any(cls.__name__ in _FAILURE_NAMES for cls in type(error).__mro__)


def _fail(call: Call, exchange: Exchange, error: Exception) -> None:
    call.cause = error
    text = str(error) or type(error).__name__
    parents = {cls.__name__ for cls in type(error).__mro__}
    for name, code, limit in _FAILURES:
        if name in parents:
            seconds = None if limit is None else call.limits[_PLACES[limit]]
            exchange.fail(code, text, limit, seconds)
            return
    exchange.fail("interrupted", text)
