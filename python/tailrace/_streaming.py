"""`Stream` and `AsyncStream`: the events of a streamed response, as objects."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Generic, TypeVar, get_args, get_origin

from ._construct import construct_type
from ._ending import ended_cleanly, is_final, unclean_end, with_arrived
from ._exceptions import APIError, request_from, response_head
from ._invalid_json import InvalidJSONError
from ._wire.body import UnreadBody

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Iterator
    from types import TracebackType

    from typing_extensions import Self

    from ._answer import Expected
    from ._call import Call
    from ._native import EventStream, Failure, Plan, Reply
    from ._wire.response import Response

_T = TypeVar("_T")


class Stream(Generic[_T]):
    """The objects of a streamed response, in the order in which the server sends them.

    Iterate over it, once. It is a context manager; leaving it, `close()`, or dropping the last reference closes the
    socket at once. `response` is the head of the response.

    Iterating raises:
        APIError: the server sent an error event; `body` holds it. Where the API has a type for such events, the event
            is given first.
        APITimeoutError: nothing came for longer than the read timeout.
        APIConnectionError: the connection ended before the stream did, or the call has `strict_end` and the stream
            ended uncleanly; `events` and `partial` say what had arrived. A connection that ends before the first event
            is a failed attempt, and the request is sent again within `max_retries`; after the first event it never is.
        InvalidJSONError: the data of an event is no JSON.
    """

    response: Response

    def __init__(self, events: EventStream, response: Response, relayed: Any = None) -> None:
        self._events = events
        self.response = response
        self._relayed = relayed

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
        # The thread that reads it may wait for a silent server, and would close it only after the next byte.
        if self._relayed is not None:
            self._relayed.close()

    @property
    def ended_cleanly(self) -> bool | None:
        """Whether the stream came to the end that the API gives it: None until the end was read.

        True after `[DONE]`, and when the body ended in order and its last event is one after which the API sends
        nothing, such as `response.completed`. False when the connection broke, when the body ended without either, as
        that of some compatible servers does, when iterating raised, and when the caller closed the stream before its
        end was read.
        """
        return ended_cleanly(self._events)


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
        await self.close()

    async def close(self) -> None:
        """Close the stream and its socket. Iteration then ends; closing twice is fine."""
        self._events.close()

    async def aclose(self) -> None:
        """Close the stream, as `close()` does; the name that `contextlib.aclosing` calls."""
        await self.close()

    @property
    def ended_cleanly(self) -> bool | None:
        """Whether the stream came to the end that the API gives it, as `Stream.ended_cleanly` says it."""
        return ended_cleanly(self._events)


def open_stream(call: Call, reply: Reply, expected: Expected, response: Response | None = None) -> Any:
    """Return the stream of a reply, for the kind of its client; `response` is its head, where there is one already."""
    events, response = _open(call, reply, expected, response)
    if call.operation.resume:
        from ._resume import resuming

        events = resuming(call, reply, events)
    is_async, wrap = call.client.is_async, call.operation.wrap_stream
    stream = AsyncStream[Any](events, response) if is_async else Stream[Any](events, response, call.relayed)
    return stream if wrap is None else wrap(stream)


def item_type_of(stream_class: Any) -> Any:
    """Return what the events of a class such as `Stream[ChatCompletionChunk]` become.

    Raises:
        TypeError: it is no stream class.
        RuntimeError: it does not name a type.
    """
    for candidate in (stream_class, *getattr(stream_class, "__orig_bases__", ())):
        origin = get_origin(candidate) or candidate
        if isinstance(origin, type) and issubclass(origin, (Stream, AsyncStream)):
            arguments = get_args(candidate)
            if arguments and not isinstance(arguments[0], TypeVar):
                return arguments[0]
    if isinstance(stream_class, type) and issubclass(stream_class, (Stream, AsyncStream)):
        raise RuntimeError(f"{stream_class} does not name the type of its events; write, say, `Stream[object]`.")
    raise TypeError(f"{stream_class} is no stream class; pass, say, `Stream[object]` or `AsyncStream[object]`.")


# Tracebacks and `repr` name the classes by their public place.
Stream.__module__ = AsyncStream.__module__ = "tailrace"


def _open(call: Call, reply: Reply, expected: Expected, response: Response | None) -> tuple[EventStream, Response]:
    item_type, operation = expected.type, call.operation
    named, as_sent, strict = operation.named_events, operation.stream_mode == "events", call.client.strict

    def build(value: object) -> Any:
        if not strict or value is None:
            return construct_type(item_type, value)
        from ._answer import validated

        return validated(value, expected, lambda: response_head(reply))

    # The callback must not reach the events: it belongs to them, and a cycle through Rust would never be collected.
    def decode(event: str, data: bytes) -> object:
        text = data.decode("utf-8", errors="replace")
        try:
            value: Any = json.loads(text)
        except json.JSONDecodeError as cause:
            raise InvalidJSONError(response_head(reply), text, cause) from None
        if as_sent:
            return build(value)
        # The events of the Assistants API carry their name; there an `error` key is part of the object.
        if not event.startswith("thread."):
            error = _member(value, "error")
            if error:
                raise failed(error)
            item = {"data": value, "event": event} if named else value
            if event == "error":
                if not _is_made_for_errors(construct_type(item_type, item)):
                    raise failed(value)
                # A program that looks for the event gets it, and none takes the stream for a whole one.
                return (build(item), failed(value))
            if not named:
                return build(value)
        return build({"data": value, "event": event or None})

    def failed(error: object) -> APIError:
        message = _member(error, "message")
        if not isinstance(message, str) or not message:
            message = "An error occurred during streaming"
        return APIError(message, request_from(reply.request), body=error)

    def plain(event: str, data: bytes) -> Any:
        value: Any = json.loads(data)
        is_named = named or event.startswith("thread.")
        return construct_type(item_type, {"data": value, "event": event or None} if is_named else value)

    def fail(failure: Failure) -> Exception:
        return with_arrived(call.broken(failure), failure.received, plain, reply.header("x-request-id"))

    def judge(*arrived: Any) -> Exception | None:
        if is_final(arrived[3]):
            return None
        error = unclean_end(request_from(reply.request), arrived[0])
        return with_arrived(error, arrived, plain, reply.header("x-request-id"))

    body = response.unread_body if response is not None else None
    if response is None or body is None:
        body = UnreadBody(reply, call.unread)
        response = response_head(reply, body=body)
    # A stream that resumes decides about its end itself.
    judges = call.strict_end and not operation.resume
    decodes = named or as_sent or strict
    return (body.events(_plan(expected), decode, decodes, fail, judge if judges else None), response)


def _plan(expected: Expected) -> Plan:
    if expected.plan is None:
        raise TypeError(f"An event of a stream cannot become {expected.type}; pass a model, a dict, a list or object.")
    return expected.plan


def _is_made_for_errors(item: object) -> bool:
    """Tell whether the class of an item says that it is an error: some APIs describe their error events."""
    fields: Any = getattr(type(item), "model_fields", {})
    return any("error" in get_args(fields[name].annotation) for name in ("type", "event") if name in fields)


def _member(value: Any, name: str) -> Any:
    return value.get(name) if isinstance(value, dict) else None  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType]
