"""Streams of agent sessions that send an input and call tools."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...._lazy import lazy_exports

if TYPE_CHECKING:
    from ._streams import (
        AgentSessionStream as AgentSessionStream,
        AsyncAgentSessionStream as AsyncAgentSessionStream,
    )
    from ._types import (
        AsyncToolHandler as AsyncToolHandler,
        ToolHandler as ToolHandler,
        ToolOutput as ToolOutput,
    )

lazy_exports(
    globals(),
    {
        "AgentSessionStream": "._streams",
        "AsyncAgentSessionStream": "._streams",
        "AsyncToolHandler": "._types",
        "ToolHandler": "._types",
        "ToolOutput": "._types",
    },
)
