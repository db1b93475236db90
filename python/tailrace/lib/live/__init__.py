"""Transcripts of Live sessions as segments that a program can show."""

from ._transcript_grouper import (
    AsyncTranscriptGrouper as AsyncTranscriptGrouper,
    TranscriptGrouper as TranscriptGrouper,
)
from ._transcript_state import (
    TranscriptSegment as TranscriptSegment,
    TranscriptSegmentClosedEvent as TranscriptSegmentClosedEvent,
    TranscriptSegmentCloseReason as TranscriptSegmentCloseReason,
)
