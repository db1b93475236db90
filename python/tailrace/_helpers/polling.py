"""Waiting until something on the server is done: when to ask again, and when to give up."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, Any

from .._types import NotGiven, Omit

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping

#: Milliseconds between two questions when neither the caller nor the server says; as in the official package.
DEFAULT_INTERVAL_MS = 1000


def poll_headers(poll_interval_ms: int | Omit, extra_headers: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return the header fields by which the server knows a polling helper, with the fields of the caller."""
    headers: dict[str, Any] = {"X-Stainless-Poll-Helper": "true", **(extra_headers or {})}
    if not isinstance(poll_interval_ms, (Omit, NotGiven)):
        headers["X-Stainless-Custom-Poll-Interval"] = str(poll_interval_ms)
    return headers


def deadline_of(max_wait_seconds: float | Omit) -> float | None:
    """Return the time of `time.monotonic` at which waiting ends, or None for never.

    Raises:
        ValueError: the number is negative, infinite or NaN.
    """
    check_wait(max_wait_seconds)
    return None if isinstance(max_wait_seconds, (Omit, NotGiven)) else time.monotonic() + max_wait_seconds


def check_wait(max_wait_seconds: float | Omit) -> None:
    """Raise what `deadline_of` raises, before anything is sent."""
    if isinstance(max_wait_seconds, (Omit, NotGiven)):
        return
    if not math.isfinite(max_wait_seconds) or max_wait_seconds < 0:
        raise ValueError(f"Expected a finite, non-negative value for `max_wait_seconds`, not {max_wait_seconds}.")


def pause(resource: Any, seconds: float) -> Any:
    """Wait; what comes back is to be awaited where the calls of `resource` are."""
    if resource._client.is_async:
        from .._async_library import sleep

        return sleep(seconds)
    time.sleep(seconds)
    return None


def wait_until(
    resource: Any,
    ask: Callable[[], Any],
    is_done: Callable[[Any], bool],
    poll_interval_ms: int | Omit,
    *,
    deadline: float | None = None,
    timeout_message: str = "",
) -> Generator[Any, Any, Any]:
    """Ask until `is_done`; `ask` makes a raw call of `resource`, so that the header with the interval can be read.

    The first answer that is not done sets the interval, unless the caller has: `openai-poll-after-ms`, or a second.

    Raises:
        TimeoutError: the deadline passed.
    """
    interval_ms = None if isinstance(poll_interval_ms, (Omit, NotGiven)) else poll_interval_ms
    while True:
        if deadline is not None and time.monotonic() >= deadline:
            raise TimeoutError(timeout_message)
        response = yield ask()
        result = response.parse()
        if is_done(result):
            return result
        if interval_ms is None:
            interval_ms = _server_interval_ms(response.headers)
        seconds = interval_ms / 1000
        if deadline is not None:
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError(timeout_message)
            seconds = min(seconds, left)
        yield pause(resource, seconds)


def _server_interval_ms(headers: Mapping[str, str]) -> int:
    text = headers.get("openai-poll-after-ms")
    # A proxy may have put anything there; asking each second is never wrong.
    return int(text) if text is not None and text.isascii() and text.isdigit() else DEFAULT_INTERVAL_MS
