"""Transcripts of Live sessions as segments that a program can show."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..._lazy import lazy_exports

if TYPE_CHECKING:
    from ._transcript_grouper import (
        AsyncTranscriptGrouper as AsyncTranscriptGrouper,
        TranscriptGrouper as TranscriptGrouper,
    )
    from ._transcript_state import (
        TranscriptSegment as TranscriptSegment,
        TranscriptSegmentClosedEvent as TranscriptSegmentClosedEvent,
        TranscriptSegmentCloseReason as TranscriptSegmentCloseReason,
    )

lazy_exports(
    globals(),
    {
        "AsyncTranscriptGrouper": "._transcript_grouper",
        "TranscriptGrouper": "._transcript_grouper",
        "TranscriptSegment": "._transcript_state",
        "TranscriptSegmentCloseReason": "._transcript_state",
        "TranscriptSegmentClosedEvent": "._transcript_state",
    },
)
