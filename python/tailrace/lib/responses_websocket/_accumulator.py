"""The progress of a response, event by event; it comes with a later release."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..._later import later_names

later_names(
    globals(),
    "WebSocket connections",
    classes="ResponsesWebSocketAccumulator ResponsesWebSocketOutput ResponsesWebSocketSnapshot",
)

if TYPE_CHECKING:

    def __getattr__(name: str) -> Any: ...
