"""What runners of tools tell of themselves: stages and times, and never what was said or done."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import Any, Callable, Literal  # noqa: UP035 - as the official alias is made: to Python 3.10 another is a class.

from typing_extensions import TypedDict

__all__ = ["ToolDiagnostic", "ToolDiagnosticObserver", "ToolDiagnosticUsage"]


class ToolDiagnosticUsage(TypedDict):
    """The tokens of a request, as the API counted them."""

    input_tokens: int
    output_tokens: int
    total_tokens: int


class ToolDiagnostic(TypedDict):
    """A stage of a run that has ended.

    `call_id` names the call or the candidate, `member` the tool of a set; `duration_ms` is in milliseconds. Each is
    None where the stage has none, and only requests have a `usage`.
    """

    api: Literal["responses", "decisions", "browser", "computer"]
    stage: Literal["run", "request", "arguments", "approval", "action", "output", "selection", "verification"]
    reason: Literal[
        "started", "completed", "refused", "cancelled", "invalid_input", "invalid_output", "api_failed",
        "driver_failed", "policy_failed", "step_limit", "busy", "closed",
    ]  # fmt: skip
    call_id: str | None
    member: str | None
    duration_ms: float
    usage: ToolDiagnosticUsage | None


ToolDiagnosticObserver = Callable[[ToolDiagnostic], None]


def emit_tool_diagnostic(
    observer: ToolDiagnosticObserver | None,
    api: Literal["responses", "decisions", "browser", "computer"],
    stage: Literal["run", "request", "arguments", "approval", "action", "output", "selection", "verification"],
    reason: Literal[
        "started", "completed", "refused", "cancelled", "invalid_input", "invalid_output", "api_failed",
        "driver_failed", "policy_failed", "step_limit", "busy", "closed",
    ],
    started: float,
    *,
    call_id: str | None = None,
    member: str | None = None,
    usage: object = None,
) -> None:  # fmt: skip
    """Tell `observer` of a stage that began at `started`, a moment of `time.monotonic()`, and has ended now.

    `usage` is told where it has all counts, and none below 0. What the observer raises or changes is its own.
    """
    if observer is None:
        return
    counts: dict[str, Any] = {name: getattr(usage, name, None) for name in ToolDiagnosticUsage.__annotations__}
    is_told = all(isinstance(count, int) and count >= 0 for count in counts.values())
    report: Any = {
        "api": api,
        "stage": stage,
        "reason": reason,
        "call_id": call_id,
        "member": member,
        "duration_ms": (time.monotonic() - started) * 1000,
        "usage": counts if is_told else None,
    }
    with suppress(Exception):
        observer(report)
