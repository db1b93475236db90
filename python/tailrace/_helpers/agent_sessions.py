"""`client.beta.agents.sessions.create`: its plain forms; output types and tool handlers come later."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .._later import later
from .._lazy import LazyType

if TYPE_CHECKING:
    from collections.abc import Awaitable

__all__ = ["async_create", "create"]

AGENT_SESSION = LazyType("tailrace.types.beta.agent_session", "AgentSession")
AGENT_SESSION_EVENT = LazyType("tailrace.types.beta.agent_session_event", "AgentSessionEvent")
PARAMS = LazyType("tailrace.types.beta.agents.session_create_params", "SessionCreateParams")

_REQUEST_OPTIONS = ("extra_headers", "extra_query", "extra_body", "timeout", "deadline")


def create(
    sessions: Any,
    *,
    environment: Any,
    output_type: Any = None,
    tool_handlers: Any = None,
    stream: Any,
    **arguments: Any,
) -> Any:
    """Create a session; with `stream=True` return its events.

    Raises:
        TypeError: `output_type` is no pydantic model.
        ValueError: there are `tool_handlers` and no stream that would call them.
        NotImplementedError: output types and tool handlers come with structured outputs.
    """
    if output_type is not None:
        fields = getattr(output_type, "__pydantic_fields__", None)
        if not isinstance(output_type, type) or fields is None:
            raise TypeError("Agents output_type must be a Pydantic model or a Pydantic v2 dataclass")
        raise later("client.beta.agents.sessions.create(output_type=...)", "structured outputs")
    if tool_handlers is not None:
        if not stream:
            raise ValueError("tool_handlers requires stream=True")
        raise later("client.beta.agents.sessions.create(tool_handlers=...)", "tool runners")
    options = {name: arguments.pop(name) for name in _REQUEST_OPTIONS if name in arguments}
    return sessions._request(
        "POST",
        "/agents/sessions",
        cast_to=AGENT_SESSION,
        body={"stream": stream, "environment": environment, **arguments},
        body_type=PARAMS,
        headers={"OpenAI-Beta": "agents=v1"},
        stream=stream or False,
        stream_item=AGENT_SESSION_EVENT,
        stream_mode="events",
        **options,
    )


def async_create(sessions: Any, **arguments: Any) -> Awaitable[Any]:
    """Do what `create` does, awaited."""
    return create(sessions, **arguments)
