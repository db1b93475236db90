"""Transcripts of live sessions; they come with a later release."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .._later import later_names

later_names(
    globals(),
    "live sessions",
    classes="AsyncTranscriptGrouper TranscriptGrouper TranscriptSegment TranscriptSegmentClosedEvent",
    types="TranscriptSegmentCloseReason",
)

if TYPE_CHECKING:

    def __getattr__(name: str) -> Any: ...
