"""The logger `tailrace`: what is sent, and how every attempt ended, without anything that may be secret.

Queries, bodies, header values and messages of servers are left out: a handler may keep what it gets. The variable
`TAILRACE_LOG`, or else `OPENAI_LOG`, sends the records to stderr; an application does it through `logging`.
"""

from __future__ import annotations

import logging

from ._native import Failure

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ._native import Reply

#: The header fields whose values are shown, besides those that begin with `x-stainless-`.
_SHOWN = frozenset(("accept", "content-type", "user-agent"))

#: The methods that are shown; another one is a caller's own word.
_METHODS = frozenset(("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"))

_LEVELS = ("debug", "info", "warning", "error", "critical")

logger = logging.getLogger("tailrace")


def set_up(level: str) -> None:
    """Send records from `level` on to stderr; a word that is none of the levels of `logging` changes nothing."""
    if level not in _LEVELS:
        return
    logging.basicConfig(
        format="[%(asctime)s - %(name)s:%(lineno)d - %(levelname)s] %(message)s", datefmt="%Y-%m-%d %H:%M:%S"
    )
    logger.setLevel(level.upper())


def request(method: str, path: str, headers: list[tuple[str, str | None]]) -> None:
    """Log at debug level what is about to be sent."""
    if logger.isEnabledFor(logging.DEBUG):
        method = _method(method)
        logger.debug("%s %s is sent", method, _shown(path))
        shown = {name: _value(name, value) for name, value in headers if value is not None}
        logger.debug("Request options: %s", {"method": method, "url": _shown(path), "headers": shown})


def tells_outcomes() -> bool:
    """Whether anybody may read how attempts and calls ended."""
    return logger.isEnabledFor(logging.INFO)


def retried(method: str, path: str, failure: Failure, delay: float) -> None:
    """Log at info level how an attempt ended that is repeated after `delay` seconds."""
    _tell("failed", method, path, failure, f"; tried again in {delay:.3f} s")


def outcome(method: str, path: str, result: Reply | Failure) -> None:
    """Log at info level how a call ended."""
    _tell("failed" if isinstance(result, Failure) else "succeeded", method, path, result, "")


def _tell(how: str, method: str, path: str, result: Reply | Failure, then: str) -> None:
    if not tells_outcomes():
        return
    if isinstance(result, Failure):
        reply, what, retries = result.reply, result.code, result.attempts - 1
    else:
        reply, what, retries = result, "", result.retries_taken
    logger.info(
        "%s %s %s: %s after %d retries in %.3f s, request id %s%s",
        _method(method),
        _shown(path),
        how,
        reply.status if reply else what,
        retries,
        result.elapsed,
        reply.header("x-request-id") if reply else None,
        then,
    )


def _method(method: str) -> str:
    return method if method in _METHODS else "<custom>"


def _shown(path: str) -> str:
    """Return a path, or a whole URL, without its query and without credentials."""
    plain = path.partition("?")[0].partition("#")[0]
    scheme, mark, rest = plain.partition("://")
    if not mark:
        return plain
    place, slash, below = rest.partition("/")
    return f"{scheme}://{place.rpartition('@')[2]}{slash}{below}"


def _value(name: str, value: str) -> str:
    name = name.lower()
    return value if name in _SHOWN or name.startswith("x-stainless-") else "<redacted>"
