"""Streams of agent sessions with tools; they come with a later release."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..._later import later_names

later_names(
    globals(),
    "tool runners",
    classes="AgentSessionStream AsyncAgentSessionStream",
    types="AsyncToolHandler ToolHandler ToolOutput",
)

if TYPE_CHECKING:

    def __getattr__(name: str) -> Any: ...
