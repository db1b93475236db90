"""`RequestOptions`: what `client.get(..., options=...)` and its siblings accept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from typing_extensions import TypedDict

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, Literal

    from ._retry import RetryPolicy
    from ._types import Headers, Query
    from ._wire.timeout import Timeout


class RequestOptions(TypedDict, total=False):
    """Options of one request.

    `timeout`, for each attempt, and `deadline`, for the whole call, are in seconds. `strict_end` raises at the end of
    a stream that ended uncleanly. `retry` replaces the policy of the client; `max_retries` goes before the number in
    it. `params` goes over the default query, `headers` over the default fields. `extra_json` is merged over the body.
    """

    headers: Headers
    max_retries: int
    retry: RetryPolicy | None
    timeout: float | Timeout | None
    deadline: float | None
    strict_end: bool
    params: Query
    extra_json: Mapping[str, object]
    idempotency_key: str
    follow_redirects: bool
    security: Any
    synthesize_event_and_data: bool
    stream_mode: Literal["legacy", "events"]


# `repr` and type checkers' messages name it by its public place.
RequestOptions.__module__ = "tailrace"
