"""`RetryPolicy`: how often and when a failed attempt is repeated, and a hook that has the last word."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import Any, Literal

    from ._call import Call
    from ._exceptions import APIError
    from ._native import Proposal
    from ._wire.response import Response

    #: None or True goes on as planned, False stops, a number is another delay in seconds.
    Decision = bool | float | None

    #: The two delays in seconds, whether the caller is told of a retry (1) or decides it (2), and what rules one out.
    Rules = tuple[float, float, int, tuple[list[list[str]], str] | None]

#: Where an error of the API has its code, and what it is when money rather than patience is needed.
_QUOTA = ([["error", "code"], ["error", "type"]], "insufficient_quota")

#: What the core is told where the caller has no policy: pauses in seconds, and that each retry is only shown.
_TOLD = (0.5, 8.0, 1, None)


@dataclass(frozen=True)
class RetryAttempt:
    """An attempt that failed and is about to be repeated, as `on_retry` gets it.

    `attempt` counts the requests sent so far, from 1; at most `max_retries` follow the first. `cause` is the exception
    that is raised if nothing follows. `delay` is the planned pause and `elapsed` the time since the call began, in
    seconds.
    """

    attempt: int
    max_retries: int
    cause: APIError
    delay: float
    elapsed: float

    @property
    def response(self) -> Response | None:
        """What the server answered, with its body; None when no answer came."""
        return getattr(self.cause, "response", None)


@dataclass(frozen=True, kw_only=True)
class RetryPolicy:
    """How attempts are repeated, for `OpenAI(retry=...)`, `with_options(retry=...)` and the options of one request.

    What is repeated, and delays that a server asks for, are as ever: connections that fail or break off, time limits,
    408, 409, 429, 5xx and `x-should-retry`.

    Args:
        max_retries: Attempts after the first one; None leaves it to the `max_retries` of the client or the request,
            and that of a request goes before this.
        initial_delay: Seconds before the first retry. It doubles with each one, less up to a quarter by chance.
        max_delay: The longest such pause, in seconds.
        on_retry: Called with a `RetryAttempt` before each retry. It returns None to go on, False to raise the failure
            now, or another delay in seconds. For an async client it may be asynchronous. What it raises ends the call.
            With it a stream is handed out at its first event, so that a break before that is decided here, too.
        insufficient_quota: `fail` raises at once when the API says that the quota is used up, where `retry` repeats it
            like every 429.

    Raises:
        TypeError, ValueError: an argument has the wrong type or value.
    """

    max_retries: int | None = None
    initial_delay: float = 0.5
    max_delay: float = 8.0
    on_retry: Callable[[RetryAttempt], Decision | Awaitable[Decision]] | None = None
    insufficient_quota: Literal["retry", "fail"] = "retry"

    def __post_init__(self) -> None:
        if self.max_retries is not None:
            from ._options import checked_retries

            checked_retries(self.max_retries)
        for name in ("initial_delay", "max_delay"):
            _checked_seconds(getattr(self, name), name)
        if self.on_retry is not None and not callable(self.on_retry):
            raise TypeError(f"`on_retry` must be a function, not {type(self.on_retry).__name__}.")
        if self.insufficient_quota not in ("retry", "fail"):
            raise ValueError(f"`insufficient_quota` must be 'retry' or 'fail', not {self.insufficient_quota!r}.")


def checked_retry(retry: object) -> RetryPolicy | None:
    """Return `retry` when it is a policy or None.

    Raises:
        TypeError: it is something else.
    """
    if retry is None or isinstance(retry, RetryPolicy):
        return retry
    raise TypeError(f"`retry` must be a RetryPolicy, not {type(retry).__name__}; a number goes to `max_retries`.")


def rules_of(policy: RetryPolicy | None, *, logs: bool) -> Rules | None:
    """Return what the core is told of a policy, and of somebody who reads the log; None when there is neither."""
    if policy is None:
        return _TOLD if logs else None
    asked = 2 if policy.on_retry is not None else int(logs)
    quota = _QUOTA if policy.insufficient_quota == "fail" else None
    return (float(policy.initial_delay), float(policy.max_delay), asked, quota)


def decide(call: Call, proposal: Proposal) -> None:
    """Ask the hook of a call about a retry; raises `TypeError` when its answer is none, and what the hook raises."""
    answer = _asked(call, proposal)
    if hasattr(answer, "__await__"):
        if hasattr(answer, "close"):
            answer.close()
        raise TypeError("`on_retry` returned an awaitable to a blocking call; give it a function that is not async.")
    _answer(call, proposal, answer)


async def async_decide(call: Call, proposal: Proposal) -> None:
    """Do what `decide` does in an async call."""
    answer = _asked(call, proposal)
    if hasattr(answer, "__await__"):
        answer = await answer
    _answer(call, proposal, answer)


def _asked(call: Call, proposal: Proposal) -> Any:
    policy = call.retry
    if policy is None or policy.on_retry is None:
        return None
    failure = proposal.failure
    cause: Any = call.failure(failure)
    return policy.on_retry(RetryAttempt(failure.attempts, call.max_retries, cause, proposal.delay, failure.elapsed))


def _answer(call: Call, proposal: Proposal, answer: Any) -> None:
    if answer is False:
        call.pending.decide(None)
        return
    delay = proposal.delay if answer is None or answer is True else _checked_seconds(answer, "what `on_retry` returned")
    if call.client.logs is not None:
        call.client.logs.retried(call.operation.method, call.path, proposal.failure, delay)
    call.pending.decide(delay)


def _checked_seconds(value: Any, name: str) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise TypeError(f"{name} must be a number of seconds, not {type(value).__name__}.")
    if not isfinite(value) or value < 0:
        raise ValueError(f"{name} must be a finite number of seconds that is not negative, not {value}.")
    return value


# `repr` and type checkers' messages name them by their public place.
RetryAttempt.__module__ = RetryPolicy.__module__ = "tailrace"
