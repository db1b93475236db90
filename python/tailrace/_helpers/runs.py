"""Helper methods of `client.beta.threads` and `client.beta.threads.runs` that wait for a run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .._types import not_given, omit
from .polling import poll_headers, wait_until
from .steps import awaited, blocking

if TYPE_CHECKING:
    from collections.abc import Generator

    from .._types import Omit

__all__ = [
    "async_create_and_poll", "async_create_and_run_poll", "async_poll", "async_submit_tool_outputs_and_poll",
    "create_and_poll", "create_and_run_poll", "poll", "submit_tool_outputs_and_poll",
]  # fmt: skip

#: States in which a run waits for the caller or is over.
_SETTLED = frozenset(("requires_action", "cancelled", "completed", "failed", "expired", "incomplete"))


def _poll(
    runs: Any,
    run_id: str,
    thread_id: str,
    *,
    poll_interval_ms: int | Omit = omit,
    extra_headers: Any = None,
    **options: Any,
) -> Generator[Any, Any, Any]:
    headers = poll_headers(poll_interval_ms, extra_headers)
    return (
        yield from wait_until(
            runs,
            lambda: runs.with_raw_response.retrieve(run_id, thread_id=thread_id, extra_headers=headers, **options),
            lambda run: run.status in _SETTLED,
            poll_interval_ms,
        )
    )


def _followed(
    runs: Any, start: Any, poll_interval_ms: int | Omit, request_options: dict[str, Any]
) -> Generator[Any, Any, Any]:
    run = yield start(**request_options)
    return (yield runs.poll(run.id, thread_id=run.thread_id, poll_interval_ms=poll_interval_ms, **request_options))


def _request_options(options: dict[str, Any]) -> dict[str, Any]:
    """Take out what both the first request and the polling get."""
    defaults: dict[str, Any] = {
        "extra_headers": None, "extra_query": None, "extra_body": None, "timeout": not_given, "deadline": not_given
    }  # fmt: skip
    return {name: options.pop(name, default) for name, default in defaults.items()}


def _create_and_poll(runs: Any, *, poll_interval_ms: int | Omit = omit, **options: Any) -> Generator[Any, Any, Any]:
    request_options = _request_options(options)

    def start(**more: Any) -> Any:
        return runs.create(stream=False, **options, **more)

    return (yield from _followed(runs, start, poll_interval_ms, request_options))


def _submit_tool_outputs_and_poll(
    runs: Any, *, poll_interval_ms: int | Omit = omit, **options: Any
) -> Generator[Any, Any, Any]:
    request_options = _request_options(options)

    def start(**more: Any) -> Any:
        return runs.submit_tool_outputs(stream=False, **options, **more)

    return (yield from _followed(runs, start, poll_interval_ms, request_options))


def _create_and_run_poll(
    threads: Any, *, poll_interval_ms: int | Omit = omit, **options: Any
) -> Generator[Any, Any, Any]:
    request_options = _request_options(options)

    def start(**more: Any) -> Any:
        return threads.create_and_run(stream=False, **options, **more)

    return (yield from _followed(threads.runs, start, poll_interval_ms, request_options))


poll, async_poll = blocking(_poll), awaited(_poll)
create_and_poll, async_create_and_poll = blocking(_create_and_poll), awaited(_create_and_poll)
submit_tool_outputs_and_poll = blocking(_submit_tool_outputs_and_poll)
async_submit_tool_outputs_and_poll = awaited(_submit_tool_outputs_and_poll)
create_and_run_poll, async_create_and_run_poll = blocking(_create_and_run_poll), awaited(_create_and_run_poll)
