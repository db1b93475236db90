"""Which lane an event belongs to, what waits in each, and what response each is in.

A lane is a value of `stream_id`; the default one has none. It is busy from the `response.create` that is sent, or from
the `response.created` that comes without one, until the end of that response is taken from it.
"""

from __future__ import annotations

import re
import threading
from collections import deque
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from ..._compat import model_copy

if TYPE_CHECKING:
    from collections.abc import Callable

#: What `stream_id` may be, as the API's description has it.
_LANE_ID = re.compile(r"[A-Za-z0-9_.-]{1,256}", re.ASCII)
#: What ends a response.
ENDS = frozenset(("response.completed", "response.failed", "response.incomplete"))


class ResponsesWebSocketError(RuntimeError):
    """The API answered a request with an `error` event, which is `event`."""

    def __init__(self, event: Any) -> None:
        super().__init__("The Responses WebSocket request returned an error event")
        self.event = event


class ResponsesWebSocketBufferError(RuntimeError):
    """More than one of `ResponsesWebSocketLimits` allows was to be kept."""


@dataclass(frozen=True)
class ResponsesWebSocketLimits:
    """How much a session keeps; bytes are those of messages as they came.

    Attributes:
        max_lanes: Lanes at a time, with the default one and closed ones.
        max_events_per_lane: Events that wait in one lane.
        max_events: Events that wait in all lanes.
        max_bytes_per_lane: Bytes of the events that wait in one lane.
        max_bytes: Bytes of the events that wait in all lanes.
        max_response_bytes: Bytes of all events of one response that `get_final_response` is made of; None for no limit.

    Raises:
        ValueError: one is no positive integer.
    """

    max_lanes: int
    max_events_per_lane: int
    max_events: int
    max_bytes_per_lane: int
    max_bytes: int
    max_response_bytes: int | None = None

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            unlimited = value is None and field.name == "max_response_bytes"
            if not unlimited and (type(value) is not int or value < 1):
                raise ValueError(f"WebSocket session limits must be positive integers; {field.name} is {value!r}.")


class LaneState:
    """One lane: the events that wait in it, and the response that it is in."""

    def __init__(self, stream_id: str | None) -> None:
        self.stream_id = stream_id
        self.queue: deque[tuple[Any, int, bool]] = deque()
        self.bytes = 0
        #: Closed by its user, or failed; the socket that it was on then.
        self.closed = False
        self.left_on: Any = None
        self.failure: ResponsesWebSocketBufferError | None = None
        #: Whether a create was sent whose response has not begun; the responses that have begun and not ended.
        self.expects = False
        self.begun: list[Any] = []
        #: Told when something changes; the asynchronous session sets it.
        self.wake: Callable[[], None] | None = None
        #: Whether what was taken last is the end of a response that nobody was given.
        self.at_end = False
        self._start()

    def _start(self) -> None:
        self._items: dict[int, Any] = {}
        self._taken = 0
        self.outcome: Any = None
        self.problem: Exception | None = None

    @property
    def busy(self) -> bool:
        """Whether a response is under way, or its end waits."""
        return self.expects or bool(self.begun)

    def expect(self) -> None:
        """Take note of a create that is sent."""
        self.expects = True
        self._start()

    def saw(self, event: Any) -> None:
        """Take note of an event that came."""
        kind = getattr(event, "type", None)
        if kind == "response.created" or (self.expects and (kind == "error" or kind in ENDS)):
            self.expects = False
            self.begun.append(_response_id(event))

    def took(self, event: Any, size: int, limit: int | None) -> None:
        """Take note of an event that is handed out, and collect what the final response is made of."""
        kind = getattr(event, "type", None)
        if kind == "response.created" and (self.outcome is not None or self.problem is not None):
            self._start()
        self._taken += size
        self.at_end = kind == "error" or kind in ENDS
        if limit is not None and self._taken > limit and self.problem is None:
            self.problem = ResponsesWebSocketBufferError(f"The response is larger than max_response_bytes, {limit}.")
            self._items = {}
        if kind == "error":
            self.problem = self.problem or ResponsesWebSocketError(event)
            del self.begun[:1]
        elif kind == "response.output_item.done" and self.problem is None:
            self._collect(event)
        elif kind in ENDS:
            known = _response_id(event)
            if known in self.begun:
                self.begun.remove(known)
            if self.problem is None:
                self._finish(getattr(event, "response", None))

    def _collect(self, event: Any) -> None:
        index, item = event.output_index, event.item
        known = self._items.setdefault(index, item)
        if getattr(known, "id", None) != getattr(item, "id", None):
            self.problem = RuntimeError(f"Two items of the response say that they are its output {index}.")
        self._items[index] = item

    def _finish(self, response: Any) -> None:
        if response is None:
            self.problem = ValueError("Terminal WebSocket event is missing response")
        elif getattr(response, "output", None) is None and self._items:
            self.outcome = model_copy(response)
            self.outcome.output = [self._items[index] for index in sorted(self._items)]
        else:
            self.outcome = response


class Router:
    """All lanes of a session."""

    def __init__(self, limits: ResponsesWebSocketLimits, *, isolates: bool) -> None:
        self.limits, self._isolates = limits, isolates
        self.condition = threading.Condition()
        self.lanes: dict[str | None, LaneState] = {}
        self._bytes = self._events = 0
        self.ended = False
        self.error: BaseException | None = None

    def register(self, stream_id: Any) -> LaneState:
        """Add a lane; raises `ValueError` for a wrong or known `stream_id`, and for too many lanes."""
        with self.condition:
            if stream_id is not None and not (isinstance(stream_id, str) and _LANE_ID.fullmatch(stream_id)):
                raise ValueError(
                    "stream_id must be None or 1–256 ASCII letters, digits, underscores, hyphens or periods"  # noqa: RUF001
                )
            if self.ended:
                raise RuntimeError("The WebSocket session has ended")
            if stream_id in self.lanes:
                raise ValueError(f"The lane {stream_id!r} is already registered, until the connection is made again.")
            if len(self.lanes) >= self.limits.max_lanes:
                raise ResponsesWebSocketBufferError(f"There are max_lanes lanes, {self.limits.max_lanes}, already.")
            self.lanes[stream_id] = state = LaneState(stream_id)
            return state

    def prepare(self, state: LaneState, is_create: bool) -> None:
        """Make a lane busy with the create that is about to be sent; raises `RuntimeError` when it is."""
        with self.condition:
            if is_create:
                if state.busy:
                    raise RuntimeError("Consume the current response before sending another create on this lane")
                state.expect()

    def leave(self, state: LaneState, socket: Any) -> None:
        """Close a lane that its user wants no more; its name stays taken while there is that socket."""
        with self.condition:
            if not state.closed:
                self._shut(state, socket)
                self.changed(state)

    def reconnected(self, socket: Any) -> None:
        """Forget lanes that were closed on an earlier socket."""
        with self.condition:
            for name, state in list(self.lanes.items()):
                if state.closed and state.left_on is not socket:
                    del self.lanes[name]
            self.condition.notify_all()

    def deliver(self, event: Any, size: int, socket: Any) -> None:
        """Queue an event; raises `ResponsesWebSocketBufferError` when there is no room and the session ends of it."""
        with self.condition:
            name = getattr(event, "stream_id", None)
            state = self.lanes.get(name if isinstance(name, str) else None)
            if state is not None and state.failure is not None:
                return
            own = state is not None and not state.closed
            if not own:
                # What nobody else reads can be looked at in the default lane, and says nothing of its response.
                state = self.lanes.get(None)
                if state is None or state.closed:
                    return
            assert state is not None
            own = own and (name is None or state.stream_id is not None)
            if not self._has_room(state, size, socket):
                return
            state.queue.append((event, size, own))
            state.bytes += size
            self._bytes, self._events = self._bytes + size, self._events + 1
            if own:
                state.saw(event)
            self.changed(state)

    def take(self, state: LaneState) -> Any:
        """Return the next event of a lane, None when there is none yet; raises what ended the lane."""
        if state.failure is not None:
            raise state.failure
        if state.closed:
            raise EOFError("The WebSocket lane is detached")
        if state.queue:
            event, size, own = state.queue.popleft()
            state.bytes -= size
            self._bytes, self._events = self._bytes - size, self._events - 1
            if own:
                state.took(event, size, self.limits.max_response_bytes)
            return event
        if self.ended:
            raise self.error or EOFError("The WebSocket connection closed")
        return None

    def final(self, state: LaneState) -> Any:
        """Return the final response of a lane; None while there is none. Raises what came in its place."""
        if state.failure is not None:
            raise state.failure
        if state.problem is not None:
            raise state.problem
        # A response that has begun meanwhile is the next one's.
        at_end, state.at_end = state.at_end, False
        return state.outcome if at_end or not state.busy else None

    def end(self, error: BaseException | None) -> None:
        """Let all lanes end after what waits in them."""
        with self.condition:
            if not self.ended:
                self.ended, self.error = True, error
            for state in self.lanes.values():
                self.changed(state)

    def changed(self, state: LaneState) -> None:
        """Wake who waits for a lane."""
        self.condition.notify_all()
        if state.wake is not None:
            state.wake()

    def _shut(self, state: LaneState, socket: Any) -> None:
        self._bytes, self._events = self._bytes - state.bytes, self._events - len(state.queue)
        state.queue.clear()
        state.bytes, state.closed, state.left_on = 0, True, socket

    def _has_room(self, state: LaneState, size: int, socket: Any) -> bool:
        """Whether there is room for an event; lanes fail until there is, where they fail by themselves."""
        limits = self.limits
        while True:
            own = len(state.queue) + 1 > limits.max_events_per_lane or state.bytes + size > limits.max_bytes_per_lane
            events, bytes_ = self._events + 1 > limits.max_events, self._bytes + size > limits.max_bytes
            if not (own or events or bytes_):
                return True
            error = ResponsesWebSocketBufferError(
                "A buffered event does not fit: read the lanes faster, or allow more by ResponsesWebSocketLimits."
            )
            if not self._isolates:
                raise error
            victim = state
            if not own and size <= limits.max_bytes:
                # The lane with the longest backlog, and of those with the same the oldest.
                backlog: Callable[[LaneState], int] = (lambda lane: len(lane.queue)) if events else _bytes_of
                victim = max(self.lanes.values(), key=backlog)
            victim.failure = error
            self._shut(victim, socket)
            self.changed(victim)
            if victim is state:
                return False


def _bytes_of(state: LaneState) -> int:
    return state.bytes


def _response_id(event: Any) -> Any:
    return getattr(getattr(event, "response", None), "id", None)
