"""`RateLimit`: what the `x-ratelimit-*` fields of a response say.

https://platform.openai.com/docs/guides/rate-limits#rate-limits-in-headers
"""

from __future__ import annotations

import re
from dataclasses import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

#: Seconds of the units in which the API writes when a limit is whole again, such as `6m0s` or `120ms`.
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_PART = r"(\d+(?:\.\d+)?)(ms|s|m|h|d)"


@dataclass(frozen=True)
class Quota:
    """One limit and what is left of it; None for what the response does not say, or says in an unknown form."""

    #: How many are allowed in a period.
    limit: int | None
    #: How many are left of them.
    remaining: int | None
    #: Seconds until `limit` are left again.
    reset: float | None


@dataclass(frozen=True)
class RateLimit:
    """The limits that a request counted against; None for one that the response does not name."""

    requests: Quota | None
    tokens: Quota | None


def rate_limit_of(headers: Mapping[str, str]) -> RateLimit | None:
    """Return what the fields of a response say; None when it has none of them."""
    requests, tokens = (_quota(headers, kind) for kind in ("requests", "tokens"))
    return None if requests is None and tokens is None else RateLimit(requests, tokens)


def _quota(headers: Mapping[str, str], kind: str) -> Quota | None:
    limit, remaining, reset = (headers.get(f"x-ratelimit-{name}-{kind}") for name in ("limit", "remaining", "reset"))
    if limit is None and remaining is None and reset is None:
        return None
    return Quota(_count(limit), _count(remaining), _seconds(reset))


def _count(text: str | None) -> int | None:
    # A number of so many digits is none that an API would count to, and slow to read.
    return int(text) if text is not None and re.fullmatch("[0-9]{1,18}", text) else None


def _seconds(text: str | None) -> float | None:
    if text is None or len(text) > 64:
        return None
    if re.fullmatch(r"[0-9]+(\.[0-9]+)?", text):
        return float(text)
    if not re.fullmatch(f"({_PART})+", text, re.ASCII):
        return None
    return sum(float(number) * _UNITS[unit] for number, unit in re.findall(_PART, text, re.ASCII))
