"""Responses over WebSocket connections; they come with a later release."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .._later import later_names

later_names(
    globals(),
    "WebSocket connections",
    classes="""
        AsyncResponsesWebSocketLane AsyncResponsesWebSocketSession ResponsesWebSocketAccumulator
        ResponsesWebSocketLane ResponsesWebSocketLimits ResponsesWebSocketOutput ResponsesWebSocketSession
        ResponsesWebSocketSnapshot
    """,
    errors={"ResponsesWebSocketBufferError": RuntimeError, "ResponsesWebSocketError": RuntimeError},
)

if TYPE_CHECKING:

    def __getattr__(name: str) -> Any: ...
