"""Streams of responses that parse; they come with a later release."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..._later import later_names

later_names(
    globals(),
    "structured outputs",
    classes="""
        AsyncResponseStream AsyncResponseStreamManager ResponseFunctionCallArgumentsDeltaEvent
        ResponseStream ResponseStreamManager ResponseStreamState ResponseTextDeltaEvent
        ResponseTextDoneEvent
    """,
    types="ResponseStreamEvent",
)

if TYPE_CHECKING:

    def __getattr__(name: str) -> Any: ...
