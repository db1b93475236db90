"""`client.responses.stream`: typed events, their snapshots and the parsed response."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...._lazy import lazy_exports

if TYPE_CHECKING:
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

lazy_exports(
    globals(),
    {
        "AsyncResponseStream": "._responses",
        "AsyncResponseStreamManager": "._responses",
        "ResponseFunctionCallArgumentsDeltaEvent": "._events",
        "ResponseStream": "._responses",
        "ResponseStreamEvent": "._events",
        "ResponseStreamManager": "._responses",
        "ResponseStreamState": "._responses",
        "ResponseTextDeltaEvent": "._events",
        "ResponseTextDoneEvent": "._events",
    },
)
