"""What is told of tools that fail."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal

__all__ = ["AgentToolError", "AsyncToolErrorHandler", "ToolErrorHandler", "ToolErrorStage"]

ToolErrorStage = Literal["arguments", "execution", "output"]


@dataclass(frozen=True)
class AgentToolError:
    """A call of a tool that failed here, as `sessions.stream(on_tool_error=...)` gets it. The model is never told.

    Attributes:
        error: What was raised.
        tool_name: The tool.
        session_id: The session.
        turn_id: The turn that called it.
        call_id: The call.
        stage: Whether the arguments were refused, the handler raised, or its result cannot be sent.
    """

    error: Exception
    tool_name: str
    session_id: str
    turn_id: str
    call_id: str
    stage: ToolErrorStage


ToolErrorHandler = Callable[[AgentToolError], None]
AsyncToolErrorHandler = Callable[[AgentToolError], Awaitable[None] | None]

# Tracebacks and `repr` name the class by the place that it is imported from.
AgentToolError.__module__ = "tailrace.lib.beta.agents"
