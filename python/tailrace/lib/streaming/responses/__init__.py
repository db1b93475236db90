"""`client.responses.stream`: typed events, their snapshots and the parsed response."""

from __future__ import annotations

from ._events import (
    ResponseFunctionCallArgumentsDeltaEvent as ResponseFunctionCallArgumentsDeltaEvent,
    ResponseStreamEvent as ResponseStreamEvent,
    ResponseTextDeltaEvent as ResponseTextDeltaEvent,
    ResponseTextDoneEvent as ResponseTextDoneEvent,
)
from ._responses import (
    AsyncResponseStream as AsyncResponseStream,
    AsyncResponseStreamManager as AsyncResponseStreamManager,
    ResponseStream as ResponseStream,
    ResponseStreamManager as ResponseStreamManager,
    ResponseStreamState as ResponseStreamState,
)
