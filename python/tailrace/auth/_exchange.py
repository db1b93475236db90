"""One exchange: what its call wants on the way, and what it settles to."""

from __future__ import annotations

from .._native import Failure
from .._wire.timeout import limits_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .._native import Client, Exchange
    from ._workload import _WorkloadIdentityAuth  # pyright: ignore[reportPrivateUsage]


class Way:
    """How an exchange is made. To the relay it is a call, its operation and its client."""

    follow_redirects = False
    hands_out_body = False
    runtime = None
    due = None

    def __init__(self, native: Client, transport: Any, timeout: Any, *, is_async: bool, retries: int = 0) -> None:
        self.native = native
        self.transport = transport
        self.limits = limits_of(timeout)
        self.is_async = is_async
        self.retries = retries
        self.history: list[Any] = []
        self.cause: BaseException | None = None
        self.operation = self.client = self

    def about_to_relay(self, request: Any) -> None:
        """Nothing is added to the request of an exchange."""

    def start(self, auth: _WorkloadIdentityAuth) -> Any:
        """Start an exchange, or wait for the one that is under way."""
        return auth.credentials.start(self.native, (*self.limits, None), self.retries, self.transport is not None)

    def token(self, auth: _WorkloadIdentityAuth, outcome: str | Failure) -> str:
        """Return the token that a call settled to; raises what `_WorkloadIdentityAuth.failed` makes of a failure."""
        if isinstance(outcome, str):
            return outcome
        error = auth.failed(outcome)
        if self.cause is not None and outcome.reply is None:
            error.__cause__ = self.cause
        raise error


def exchanged(auth: _WorkloadIdentityAuth, way: Way) -> str:
    """Return the token of an exchange that this call makes or waits for."""
    pending = way.start(auth)
    outcome: Any = pending.wait()
    while not isinstance(outcome, (str, Failure)):
        try:
            if outcome is None:
                pending.subject(auth.subject_token())
            else:
                _relay(way, outcome)
        except BaseException:
            pending.cancel()
            raise
        outcome = pending.wait()
    return way.token(auth, outcome)


async def async_exchanged(auth: _WorkloadIdentityAuth, way: Way) -> str:
    """Do what `exchanged` does in an async call."""
    pending = way.start(auth)
    outcome: Any = await pending
    while not isinstance(outcome, (str, Failure)):
        try:
            if outcome is None:
                from .._async_library import to_thread

                pending.subject(await to_thread(auth.subject_token))
            else:
                from .._relay import async_relay

                way.cause = None
                await async_relay(way, outcome)  # type: ignore[arg-type]
        except BaseException:
            pending.cancel()
            raise
        outcome = await pending
    return way.token(auth, outcome)


def _relay(way: Way, exchange: Exchange) -> None:
    from .._relay import relay

    way.cause = None
    relay(way, exchange)  # type: ignore[arg-type]
