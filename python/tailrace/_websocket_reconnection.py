"""What a WebSocket connection tells, and may be told, when it connects again; the connections come later."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from typing_extensions import TypedDict

if TYPE_CHECKING:
    from ._types import Headers, Query

#: Codes after which connecting again may help: going away, none, abnormal, internal error, restart, overload, TLS.
_RECOVERABLE = frozenset((1001, 1005, 1006, 1011, 1012, 1013, 1015))


@dataclass(frozen=True)
class ReconnectingEvent:
    """A connection was lost and is about to be made again: try `attempt` of `max_attempts`, after `delay` seconds."""

    attempt: int
    max_attempts: int
    delay: float
    close_code: int
    extra_query: Query
    extra_headers: Headers


class ReconnectingOverrides(TypedDict, total=False):
    """What a handler of a `ReconnectingEvent` changes; `abort` gives up."""

    extra_query: Query
    extra_headers: Headers
    abort: bool


# Tracebacks and `repr` name the classes by their public place.
ReconnectingEvent.__module__ = ReconnectingOverrides.__module__ = "tailrace"


def is_recoverable_close(code: int) -> bool:
    """Return whether a connection that was closed with `code` may be made again."""
    return code in _RECOVERABLE
