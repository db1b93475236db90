"""`client.beta.threads.runs.stream`, `create_and_run_stream` and `submit_tool_outputs_stream`: runs with handlers."""

from __future__ import annotations

from typing import Any

__all__ = [
    "async_create_and_run_stream", "async_create_and_stream", "async_stream", "async_submit_tool_outputs_stream",
    "create_and_run_stream", "create_and_stream", "stream", "submit_tool_outputs_stream",
]  # fmt: skip


def create_and_run_stream(threads: Any, **arguments: Any) -> Any:
    """Create a thread, run it and return the manager of the stream."""
    return _stream(threads.create_and_run, "threads.create_and_run_stream", arguments)


def async_create_and_run_stream(threads: Any, **arguments: Any) -> Any:
    """Do what `create_and_run_stream` does, for `async with`."""
    return _async_stream(threads.create_and_run, "threads.create_and_run_stream", arguments)


def stream(runs: Any, **arguments: Any) -> Any:
    """Run a thread and return the manager of the stream."""
    return _stream(runs.create, "threads.runs.create_and_stream", arguments)


def async_stream(runs: Any, **arguments: Any) -> Any:
    """Do what `stream` does, for `async with`."""
    return _async_stream(runs.create, "threads.runs.create_and_stream", arguments)


# The older name of the same.
create_and_stream, async_create_and_stream = stream, async_stream


def submit_tool_outputs_stream(runs: Any, **arguments: Any) -> Any:
    """Hand a run the outputs of its tools and return the manager of the stream of what follows."""
    return _stream(runs.submit_tool_outputs, "threads.runs.submit_tool_outputs_stream", arguments)


def async_submit_tool_outputs_stream(runs: Any, **arguments: Any) -> Any:
    """Do what `submit_tool_outputs_stream` does, for `async with`."""
    return _async_stream(runs.submit_tool_outputs, "threads.runs.submit_tool_outputs_stream", arguments)


def _stream(method: Any, helper: str, arguments: dict[str, Any]) -> Any:
    from ..lib.streaming import AssistantEventHandler, AssistantStreamManager

    handler = arguments.pop("event_handler", None)
    request = _request(method, helper, handler, arguments)
    return AssistantStreamManager(request, event_handler=AssistantEventHandler() if handler is None else handler)


def _async_stream(method: Any, helper: str, arguments: dict[str, Any]) -> Any:
    from .._structured.deferred import Deferred
    from ..lib.streaming import AsyncAssistantEventHandler, AsyncAssistantStreamManager

    handler = arguments.pop("event_handler", None)
    request = Deferred(_request(method, helper, handler, arguments))
    return AsyncAssistantStreamManager(
        request, event_handler=AsyncAssistantEventHandler() if handler is None else handler
    )


def _request(method: Any, helper: str, handler: Any, arguments: dict[str, Any]) -> Any:
    headers: dict[str, Any] = {
        "OpenAI-Beta": "assistants=v2",
        "X-Stainless-Stream-Helper": helper,
        "X-Stainless-Custom-Event-Handler": "true" if handler is not None else "false",
        **(arguments.pop("extra_headers", None) or {}),
    }
    return lambda: method(**arguments, stream=True, extra_headers=headers)
