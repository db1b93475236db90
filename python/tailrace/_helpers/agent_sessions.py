"""`client.beta.agents.sessions.create` and `stream`: sessions with tools and typed outputs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .._lazy import LazyType

if TYPE_CHECKING:
    from collections.abc import Awaitable

__all__ = ["async_create", "async_stream", "create", "stream"]

AGENT_SESSION = LazyType("tailrace.types.beta.agent_session", "AgentSession")
AGENT_SESSION_EVENT = LazyType("tailrace.types.beta.agent_session_event", "AgentSessionEvent")
PARAMS = LazyType("tailrace.types.beta.agents.session_create_params", "SessionCreateParams")

_REQUEST_OPTIONS = ("extra_headers", "extra_query", "extra_body", "timeout", "deadline")
_FOR_TOOLS = ("timeout", "deadline")


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
        ValueError: there are `tool_handlers` and no stream that would call them, or `agent` has a format, too.
    """
    return _create(sessions, False, environment, output_type, tool_handlers, stream, arguments)


def async_create(
    sessions: Any,
    *,
    environment: Any,
    output_type: Any = None,
    tool_handlers: Any = None,
    stream: Any,
    **arguments: Any,
) -> Awaitable[Any]:
    """Do what `create` does, awaited."""
    return _create(sessions, True, environment, output_type, tool_handlers, stream, arguments)


def stream(sessions: Any, session_id: str, **arguments: Any) -> Any:
    """Return the stream of what follows an input; entering its context sends the input.

    Raises:
        TypeError: `output_type` is no pydantic model.
        ValueError: the input is empty.
    """
    from ..lib.streaming.agents import AgentSessionStream

    return AgentSessionStream[Any](sessions, session_id, **arguments)


def async_stream(sessions: Any, session_id: str, **arguments: Any) -> Any:
    """Do what `stream` does, for `async with`."""
    from ..lib.streaming.agents import AsyncAgentSessionStream

    return AsyncAgentSessionStream[Any](sessions, session_id, **arguments)


def _create(
    sessions: Any, is_async: bool, environment: Any, output_type: Any, handlers: Any, stream: Any, arguments: Any
) -> Any:
    if handlers is not None and not stream:
        raise ValueError("tool_handlers requires stream=True")
    if output_type is not None:
        from ..lib.beta.agents._output import with_output_format

        arguments["agent"] = with_output_format(arguments.get("agent"), output_type)
    options = {name: arguments.pop(name) for name in _REQUEST_OPTIONS if name in arguments}
    wrap = _wrapping(sessions, is_async, output_type, handlers, options) if stream else None
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
        wrap_stream=wrap,
        **options,
    )


def _wrapping(sessions: Any, is_async: bool, output_type: Any, handlers: Any, options: dict[str, Any]) -> Any:
    """Return how the events of a new session are handed out; raises `TypeError` for handlers that are no mapping."""
    dispatcher: Any = None
    if handlers:
        from ..lib.streaming.agents._dispatch import ToolDispatcher
        from ..lib.streaming.agents._streams import headers_of_all

        own = {name: options[name] for name in _FOR_TOOLS if name in options}
        own["extra_headers"] = headers_of_all(options.get("extra_headers"))
        dispatcher = ToolDispatcher(sessions, handlers, None, own, is_async=is_async)

    def wrap(stream: Any) -> Any:
        from ..lib.beta.agents._collection import AgentTurnResultCollection
        from ..lib.beta.agents._stream import AgentSessionEventStream, AsyncAgentSessionEventStream

        collection = AgentTurnResultCollection[Any](output_type, dispatcher)
        return (AsyncAgentSessionEventStream if is_async else AgentSessionEventStream)(stream, collection)

    return wrap
