"""How a stream ended: in order or cut, what of it had arrived, and the exceptions that say so."""

from __future__ import annotations

import json
import sys
from contextlib import suppress

from ._exceptions import APIConnectionError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from ._native import Arrived, Failure, NamedData

#: Types of the events after which the API sends nothing more. Streams of chat and text completions and of assistants
#: have none, because `[DONE]` ends them; those of agent sessions have none at all. The facts of the API do not mark
#: these events, so this list and the one in `node/src/internal/ending.ts` are written by hand; a test holds them
#: together, and against the types of the events. An event named `error` is none: it raises.
FINAL_EVENTS = frozenset(
    (
        "image_edit.completed",
        "image_generation.completed",
        "response.completed",
        "response.failed",
        "response.incomplete",
        "speech.audio.done",
        "transcript.text.done",
    )
)

#: What httpx2 and httpx raise where a body breaks off, by failure code. The official package has let these through.
_LEAKS = {"interrupted": ("RemoteProtocolError", "ReadError"), "timed_out": ("ReadTimeout",)}

_LEAK_CLASSES: dict[tuple[type, ...], type] = {}


class Partial:
    """What of a stream had arrived when it broke off.

    It holds two events and two numbers, however long the stream was. The events in between were handed out as they came
    and belong to whoever took them: keeping them all here would make every stream cost the memory of its whole answer.

    Attributes:
        events: How many events were handed out.
        bytes: Bytes of data in them.
        first: The first event, as the stream handed it out; it names the answer (`id`, or `response.id`). None when
            there was none.
        last: The last event; it says how far the answer had come (`sequence_number`, for one).
        request_id: The `x-request-id` of the response, for a report to its operator.
    """

    events: int
    bytes: int
    first: Any
    last: Any
    request_id: str | None

    __slots__ = ("bytes", "events", "first", "last", "request_id")

    def __init__(self, events: int, bytes: int, first: Any, last: Any, request_id: str | None) -> None:
        self.events = events
        self.bytes = bytes
        self.first = first
        self.last = last
        self.request_id = request_id

    def __repr__(self) -> str:
        # The events hold what a model said, which is not for logs.
        return f"Partial(events={self.events}, bytes={self.bytes}, request_id={self.request_id!r})"


def ended_cleanly(events: Any) -> bool | None:
    """Return what `Stream.ended_cleanly` says, for a native stream or one that resumes."""
    ended = events.ended
    if ended is None:
        return None
    return ended == "done" or (ended == "input" and is_final(events.received[3]))


def is_final(event: NamedData | None) -> bool:
    """Whether an event, given by name and data, is one after which the API sends nothing more."""
    if event is None:
        return False
    name, data = event
    if name in FINAL_EVENTS:
        return True
    with suppress(ValueError):
        value: Any = json.loads(data)
        return isinstance(value, dict) and value.get("type") in FINAL_EVENTS  # pyright: ignore[reportUnknownMemberType]
    return False


def unclean_end(request: Any, events: int) -> APIConnectionError:
    """Return the exception of `strict_end` for a stream that ended in order after `events` events, none final."""
    message = (
        f"Connection error. The stream ended after {events} events with neither `[DONE]` nor a final event, so it may "
        "have been cut; leave out `strict_end` for servers that end their streams like this."
    )
    return APIConnectionError(message=message, request=request)


def with_arrived(
    error: Exception, arrived: Arrived | None, build: Callable[[str, bytes], Any], request_id: str | None
) -> Exception:
    """Return `error` with `events` and `partial` set, where it is about a connection and something is known."""
    if arrived is not None and isinstance(error, APIConnectionError):
        events, size, first, last = arrived
        error.events = events
        error.partial = Partial(events, size, _built(first, build), _built(last, build), request_id)
    return error


def broken(error: Exception, failure: Failure) -> Exception:
    """Return `error`, that of a body that broke off, as an instance of what HTTP libraries raise there, too.

    Code that was written against the official package may catch `httpx.RemoteProtocolError` around a stream, because
    releases of it let that through. The libraries are looked for among the loaded modules and never imported: code that
    names their classes has loaded them. A copy or a pickle of the exception is one of this package only.
    """
    names = _LEAKS.get(failure.code)
    if names is not None and isinstance(error, APIConnectionError):
        classes = tuple(_leaked(names))
        if classes:
            with suppress(TypeError):
                error.__class__ = _also(type(error), classes)
    return error


def _leaked(names: tuple[str, ...]) -> list[type]:
    modules = [sys.modules.get("httpx2"), sys.modules.get("httpx")]
    found = [getattr(module, name, None) for module in modules if module is not None for name in names]
    # One module may stand for the other, and then gives the same classes.
    return list(dict.fromkeys(class_ for class_ in found if isinstance(class_, type) and issubclass(class_, Exception)))


def _also(class_: type[APIConnectionError], others: tuple[type, ...]) -> type[APIConnectionError]:
    key = (class_, *others)
    made = _LEAK_CLASSES.get(key)
    if made is None:

        def reduce(error: APIConnectionError) -> tuple[Any, ...]:
            rebuild, (_, *rest) = class_.__reduce__(error)
            return (rebuild, (class_, *rest))

        members: dict[str, Any] = {
            "__module__": class_.__module__,
            "__doc__": class_.__doc__,
            "__reduce__": reduce,
            # Theirs is a property over an attribute that their constructor sets.
            "request": None,
        }
        made = _LEAK_CLASSES[key] = type(class_.__name__, key, members)
    return made


def _built(event: NamedData | None, build: Callable[[str, bytes], Any]) -> Any:
    if event is None:
        return None
    # An event that is no JSON was raised about when it came.
    with suppress(Exception):
        return build(*event)
    return None
