"""Streams of responses that run in the background: after a break they go on where they were.

The API keeps the events of such a response and numbers them, so that `GET /responses/{id}?starting_after=N` gives those
that follow number N.
"""

from __future__ import annotations

from ._call import async_send, send
from ._ending import ended_cleanly, unclean_end
from ._exceptions import APIConnectionError, request_from
from ._types import NotGiven

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from typing_extensions import Self

    from ._call import Call
    from ._native import Arrived, EventStream, Reply
    from ._operation import Operation


def require_resumable(operation: Operation) -> None:
    """Check that the stream of an operation can be resumed.

    Raises:
        ValueError: it is no stream, or that of a response that does not run in the background.
    """
    if not operation.stream:
        raise ValueError("`resume=True` needs `stream=True`, because there is nothing to resume in a whole answer.")
    if operation.method == "GET":
        return
    if not _member(operation.extra_body, "background", _member(operation.body, "background", None)):
        raise ValueError(
            "`resume=True` needs `background=True`, because the API keeps the events of a response only when it runs "
            "in the background."
        )


def resuming(call: Call, reply: Reply, events: EventStream) -> EventStream:
    """Return `events`, those of `reply`, as a stream that goes on after a break."""
    kind: Any = AsyncResumingEvents if call.client.is_async else ResumingEvents
    return kind(call, reply, events)


class _Resuming:
    """What the two forms share: how far the stream has come, and whether it may go on."""

    def __init__(self, call: Call, reply: Reply, events: EventStream) -> None:
        from time import monotonic

        self._client = call.client
        self._operation = operation = call.operation
        self._strict_end = call.strict_end
        self._request = reply.request
        self._path, _, self._extra_query = operation.path.partition("?")
        #: Known from the start for a stream that retrieves a response; the first event of one that creates it says it.
        self._response_id: str | None = None
        if operation.method == "GET":
            self._path, _, self._response_id = self._path.rpartition("/")
        #: The number of the last event.
        self._sequence: int | None = None
        self._count = 0
        #: Whether an event came over the present connection. One that brought none has used up the retries.
        self._has_moved = False
        self._closed = False
        self._clock = monotonic
        self._started = monotonic() - reply.elapsed
        self._events = events

    @property
    def closed(self) -> bool:
        return self._closed or self._events.closed

    @property
    def ended(self) -> str | None:
        return self._events.ended

    @property
    def received(self) -> Arrived:
        return self._events.received

    def close(self) -> None:
        self._closed = True
        self._events.close()

    def _is_new(self, event: Any) -> bool:
        """Take note of an event; False when it came before."""
        self._has_moved = True
        number = getattr(event, "sequence_number", None)
        if isinstance(number, int):
            if self._sequence is not None and number <= self._sequence:
                return False
            self._sequence = number
        if self._response_id is None:
            self._response_id = getattr(getattr(event, "response", None), "id", None)
        self._count += 1
        return True

    def _rest(self, error: APIConnectionError | None) -> Operation | None:
        """Return the request for what is left after a break, or after an end in order where `error` is None.

        Returns None at an end after which nothing is left, and raises where the stream cannot go on.
        """
        if self._closed or (error is None and ended_cleanly(self._events)):
            return None
        retries = self._client.max_retries if self._operation.max_retries is None else self._operation.max_retries
        deadline = self._deadline()
        late = deadline is not None and deadline <= 0
        if self._response_id is None or self._sequence is None or not self._has_moved or retries < 1 or late:
            if error is not None:
                error.events = self._count
                raise error
            if self._strict_end:
                raise unclean_end(request_from(self._request), self._count)
            return None
        self._has_moved = False
        path = f"{self._path}/{self._response_id}" + (f"?{self._extra_query}" if self._extra_query else "")
        return self._operation.continued(path, self._query(), retries - 1, deadline)

    def _go_on(self, stream: Any) -> None:
        self._events = stream._events
        # It may have been closed while the request was under way.
        if self._closed:
            self._events.close()

    def _deadline(self) -> float | None:
        """Return the seconds that are left for the whole call."""
        deadline = self._operation.deadline
        if isinstance(deadline, NotGiven):
            deadline = self._client.deadline
        return None if deadline is None else deadline - (self._clock() - self._started)

    def _query(self) -> Mapping[str, object]:
        operation = self._operation
        if operation.method == "GET":
            return {**(operation.query_parameters() or {}), "starting_after": self._sequence, "stream": True}
        query: dict[str, object] = {"starting_after": self._sequence, "stream": True}
        # What was asked for beyond the usual events is asked for again.
        for name, holder in (("include", operation.body), ("include_obfuscation", _options(operation.body))):
            value = _member(holder, name, None)
            if value is not None:
                query[name] = value
        return query


class ResumingEvents(_Resuming):
    """The events of a response in the background, for blocking iteration."""

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Any:
        while True:
            try:
                event = next(self._events)
            except StopIteration:
                rest = self._rest(None)
                if rest is None:
                    raise
            except APIConnectionError as error:
                rest = self._rest(error)
                if rest is None:
                    raise StopIteration from None
            else:
                if self._is_new(event):
                    return event
                continue
            self._go_on(send(self._client, rest))


class AsyncResumingEvents(_Resuming):
    """The events of a response in the background, for async iteration."""

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Any:
        while True:
            try:
                event = await self._events.__anext__()
            except StopAsyncIteration:
                rest = self._rest(None)
                if rest is None:
                    raise
            except APIConnectionError as error:
                rest = self._rest(error)
                if rest is None:
                    raise StopAsyncIteration from None
            else:
                if self._is_new(event):
                    return event
                continue
            self._go_on(await async_send(self._client, rest))


def _options(body: Any) -> Any:
    return _member(body, "stream_options", None)


def _member(holder: Any, name: str, default: Any) -> Any:
    value = holder.get(name, default) if hasattr(holder, "get") else default
    # What was left out is a sentinel, which is false.
    return value or default
