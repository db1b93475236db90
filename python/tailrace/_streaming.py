"""`Stream` and `AsyncStream`: the events of a streamed response, as objects."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from ._construct import construct_type
from ._exceptions import APIError, request_from
from ._invalid_json import InvalidJSONError
from ._wire.response import Response

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Iterator
    from types import TracebackType

    from typing_extensions import Self

    from ._call import Call
    from ._native import EventStream, Reply

_T = TypeVar("_T")


class Stream(Generic[_T]):
    """The objects of a streamed response, in the order in which the server sends them.

    Iterate over it, once. It is a context manager; leaving it, `close()`, or dropping the last reference closes the
    socket at once. `response` is the head of the response.

    Iterating raises:
        APIError: the server sent an error event; `body` holds it.
        APITimeoutError: nothing came for longer than the read timeout.
        APIConnectionError: the connection ended before the stream did.
        InvalidJSONError: the data of an event is no JSON.
    """

    response: Response

    def __init__(self, events: EventStream, response: Response) -> None:
        self._events = events
        self.response = response

    def __iter__(self) -> Iterator[_T]:
        # The native iterator itself, so that a loop runs no Python frame for each event.
        return self._events

    def __next__(self) -> _T:
        return self._events.__next__()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the stream and its socket. Iteration then ends; closing twice is fine."""
        self._events.close()


class AsyncStream(Generic[_T]):
    """The objects of a streamed response, in the order in which the server sends them.

    Iterate over it with `async for`, once. It is an async context manager; leaving it, `close()`, or dropping the last
    reference closes the socket at once. `response` is the head of the response.

    Iterating raises what iterating over a `Stream` raises.
    """

    response: Response

    def __init__(self, events: EventStream, response: Response) -> None:
        self._events = events
        self.response = response

    def __aiter__(self) -> AsyncIterator[_T]:
        # The native iterator itself, so that a loop runs no Python frame for each event.
        return self._events  # pyright: ignore[reportReturnType]

    def __anext__(self) -> Awaitable[_T]:
        return self._events.__anext__()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._events.close()

    async def close(self) -> None:
        """Close the stream and its socket. Iteration then ends; closing twice is fine."""
        self._events.close()

    async def aclose(self) -> None:
        """Close the stream, as `close()` does; the name that `contextlib.aclosing` calls."""
        self._events.close()


def open_stream(call: Call, reply: Reply) -> Stream[Any]:
    """Return the stream of a reply."""
    return Stream(*_open(call, reply))


def open_async_stream(call: Call, reply: Reply) -> AsyncStream[Any]:
    """Return the async stream of a reply."""
    return AsyncStream(*_open(call, reply))


# Tracebacks and `repr` name the classes by their public place.
Stream.__module__ = AsyncStream.__module__ = "tailrace"


def _open(call: Call, reply: Reply) -> tuple[EventStream, Response]:
    item_type = call.item_type

    # The callbacks must not reach the events: they belong to them, and a cycle through Rust would never be collected.
    def decode(event: str, data: bytes) -> object:
        text = data.decode("utf-8", errors="replace")
        try:
            value: Any = json.loads(text)
        except json.JSONDecodeError as cause:
            raise InvalidJSONError(_head(reply, None), text, cause) from None
        if event.startswith("thread."):
            # The events of the Assistants API carry their name; there an `error` key is part of the object.
            return construct_type(item_type, {"data": value, "event": event})
        error = _member(value, "error")
        if error:
            message = _member(error, "message")
            if not isinstance(message, str) or not message:
                message = "An error occurred during streaming"
            raise APIError(message, request_from(reply.request), body=error)
        return construct_type(item_type, value)

    events = reply.events(call.plan, decode, call.failure)
    return (events, _head(reply, events))


def _head(reply: Reply, events: EventStream | None) -> Response:
    return Response(
        reply.status,
        headers=reply.headers,
        content=None,
        request=request_from(reply.request),
        reason_phrase=reply.reason,
        http_version=reply.http_version,
        url=reply.url,
        elapsed_seconds=reply.elapsed,
        retries_taken=reply.retries_taken,
        stream=events,
    )


def _member(value: Any, name: str) -> Any:
    return value.get(name) if isinstance(value, dict) else None  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType]
