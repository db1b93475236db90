"""Several responses over one WebSocket of `client.responses.connect()`, and their progress as it comes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..._lazy import lazy_exports

if TYPE_CHECKING:
    from ._accumulator import (
        ResponsesWebSocketAccumulator as ResponsesWebSocketAccumulator,
        ResponsesWebSocketOutput as ResponsesWebSocketOutput,
        ResponsesWebSocketSnapshot as ResponsesWebSocketSnapshot,
    )
    from ._routing import (
        ResponsesWebSocketBufferError as ResponsesWebSocketBufferError,
        ResponsesWebSocketError as ResponsesWebSocketError,
        ResponsesWebSocketLimits as ResponsesWebSocketLimits,
    )
    from ._session import (
        AsyncResponsesWebSocketLane as AsyncResponsesWebSocketLane,
        AsyncResponsesWebSocketSession as AsyncResponsesWebSocketSession,
        ResponsesWebSocketLane as ResponsesWebSocketLane,
        ResponsesWebSocketSession as ResponsesWebSocketSession,
    )

lazy_exports(
    globals(),
    {
        "AsyncResponsesWebSocketLane": "._session",
        "AsyncResponsesWebSocketSession": "._session",
        "ResponsesWebSocketAccumulator": "._accumulator",
        "ResponsesWebSocketBufferError": "._routing",
        "ResponsesWebSocketError": "._routing",
        "ResponsesWebSocketLane": "._session",
        "ResponsesWebSocketLimits": "._routing",
        "ResponsesWebSocketOutput": "._accumulator",
        "ResponsesWebSocketSession": "._session",
        "ResponsesWebSocketSnapshot": "._accumulator",
    },
)
