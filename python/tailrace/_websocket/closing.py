"""What is raised when a WebSocket is closed or was never opened, with names and texts of the `websockets` package."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, NamedTuple

from .._exceptions import APIStatusError, OpenAIError, error_from

if TYPE_CHECKING:
    from .._native import Closed, Failure

#: RFC 6455, section 7.4.1, and its registry at IANA.
_MEANINGS = {
    1000: "OK", 1001: "going away", 1002: "protocol error", 1003: "unsupported data",
    1005: "no status received [internal]",
    1006: "abnormal closure [internal]", 1007: "invalid frame payload data", 1008: "policy violation",
    1009: "message too big", 1010: "mandatory extension", 1011: "internal error", 1012: "service restart",
    1013: "try again later", 1014: "bad gateway", 1015: "TLS handshake failure [internal]",
}  # fmt: skip

#: What a connection is closed with when nothing went wrong.
_ORDERLY = (1000, 1001, 1005)


class Close(NamedTuple):
    """A close frame."""

    code: int
    reason: str

    def __str__(self) -> str:
        usual = "private use" if 4000 <= self.code < 5000 else "registered" if 3000 <= self.code < 4000 else "unknown"
        text = f"{self.code} ({_MEANINGS.get(self.code, usual)})"
        return f"{text} {self.reason}" if self.reason else text


class ConnectionClosed(OpenAIError):
    """A connection is closed: `rcvd` and `sent` are the close frames of both sides, None where there was none.

    Where the program has imported `websockets`, what is raised is also an instance of the class of this name there.
    """

    rcvd: Close | None
    sent: Close | None
    rcvd_then_sent: bool | None

    def __init__(self, rcvd: Close | None, sent: Close | None, rcvd_then_sent: bool | None = None) -> None:
        Exception.__init__(self, rcvd, sent, rcvd_then_sent)
        self.rcvd, self.sent, self.rcvd_then_sent = rcvd, sent, rcvd_then_sent

    @property
    def code(self) -> int:
        """The code that the server closed with; 1006 when it said nothing."""
        return 1006 if self.rcvd is None else self.rcvd.code

    @property
    def reason(self) -> str:
        """The reason that the server gave."""
        return "" if self.rcvd is None else self.rcvd.reason

    def __str__(self) -> str:
        received, sent = f"received {self.rcvd}", f"sent {self.sent}"
        if self.rcvd is None:
            return "no close frame received or sent" if self.sent is None else f"{sent}; no close frame received"
        if self.sent is None:
            return f"{received}; no close frame sent"
        return f"{received}; then {sent}" if self.rcvd_then_sent else f"{sent}; then {received}"


class ConnectionClosedOK(ConnectionClosed):
    """It was closed in order, with 1000, 1001 or no code from both sides."""


class ConnectionClosedError(ConnectionClosed):
    """It was closed with another code, or broke; `__cause__` says why where no close frame does."""


def closed_error(closed: Closed) -> ConnectionClosed:
    """Return what a closed connection raises."""
    received = None if closed.received is None else Close(*closed.received)
    sent = None if closed.sent is None else Close(*closed.sent)
    orderly = all(frame is not None and frame.code in _ORDERLY for frame in (received, sent))
    kind = _like_websockets(ConnectionClosedOK if orderly else ConnectionClosedError)
    error = kind(received, sent, closed.received_first)
    if closed.failure is not None:
        error.__cause__ = error_from(closed.failure, "GET", "")
    return error


def handshake_error(failure: Failure, url: str, *, follows: bool) -> Exception:
    """Return the exception for a connection that could not be opened: that of a call that failed.

    Where redirects are followed, one that was not leads to another origin.
    """
    error = error_from(failure, "GET", url)
    if isinstance(error, APIStatusError):
        # Known by `websockets`, too, as what its own handshake would have raised.
        left = follows and error.response.has_redirect_location
        kind = type(error)
        alike = _like_websockets(kind, "SecurityError" if left else "InvalidStatus")
        if alike is not kind:
            error.__class__ = alike
    return error


def close_code(error: BaseException) -> int | None:
    """Return the code that a connection was closed with; None for an error that says something else.

    Errors of `websockets` are known by what they carry.
    """
    if not hasattr(error, "rcvd_then_sent"):
        return None
    received: Any = getattr(error, "rcvd", None)
    return 1006 if received is None else received.code


def is_orderly(error: BaseException) -> bool:
    """Whether the error is one of a connection that was closed in order."""
    return any(kind.__name__ == "ConnectionClosedOK" for kind in type(error).__mro__)


_alike: dict[tuple[type, str], type] = {}


def _like_websockets(kind: type, name: str | None = None) -> Any:
    """`kind`, or a class that is also that of `websockets` with this name, if the program knows that package."""
    known = sys.modules.get("websockets.exceptions")
    name = name or kind.__name__
    if known is None:
        return kind
    place = (kind, name)
    if place not in _alike:
        theirs = getattr(known, name)
        body = {"__module__": kind.__module__, "__doc__": kind.__doc__, "__qualname__": kind.__qualname__}
        _alike[place] = type(kind.__name__, (kind, theirs), body)
    return _alike[place]
