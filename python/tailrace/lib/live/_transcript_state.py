"""Events of a Live session as segments; which words make one is decided in Rust."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Any, Literal, Union

from ..._exceptions import OpenAIError
from ..._native import Transcript

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

TranscriptSegmentCloseReason = Literal["speaker_change", "inactivity", "timestamp_reset", "session_closed", "manual"]


@dataclass(frozen=True)
class TranscriptSegment:
    """What one speaker said without a break, as far as it is known.

    Times are milliseconds of the session, not of what was played. `id` and `previous_id` are the grouper's own.
    """

    id: str
    previous_id: str | None
    speaker: Literal["user", "assistant"]
    text: str
    start_ms: int
    end_ms: int


@dataclass(frozen=True)
class TranscriptSegmentClosedEvent:
    """The last form of a segment, and why nothing is added to it."""

    segment: TranscriptSegment
    reason: TranscriptSegmentCloseReason


Update = Union[TranscriptSegment, TranscriptSegmentClosedEvent]
_MOST_MS, _MOST_SAFE = 2**31 - 1, 2**53 - 1
_LIMITS = {
    "min_turn_separation_ms": 500,
    "assistant_silence_ms": 2000,
    "backchannel_max_duration_ms": 1000,
    "backchannel_isolation_ms": 2000,
}
_DELTAS = ("session.output_transcript.delta", "session.input_transcript.delta")
_ids = count()


class TranscriptState:
    """One session. `now` gives milliseconds of a clock that never goes back; callers take turns."""

    def __init__(self, now: Callable[[], float], limits: Iterable[Any], additional: Iterable[str]) -> None:
        limits = [_LIMITS[name] if limit is None else limit for name, limit in zip(_LIMITS, limits, strict=True)]
        for name, limit in zip(_LIMITS, limits, strict=True):
            if not _is_number(limit, _MOST_MS):
                raise OpenAIError(f"`{name}` must be a finite number of milliseconds from 0 to {_MOST_MS}.")
        self._transcript, self._prefix = Transcript(limits, [*additional]), f"segment_{next(_ids)}_"
        self._now = now
        self._seen: set[str] = set()
        self.closed = False

    def push(self, event: Any) -> list[Update] | None:
        """Take an event; None when it changes nothing, not even what is due."""
        if self.closed:
            raise OpenAIError("`push` was called after closing the transcript grouper; make one for each session.")
        if event.type == "session.closed":
            return self.finish(event.type)
        if event.type not in _DELTAS:
            return None
        fields: list[Any] = [getattr(event, name, None) for name in ("event_id", "delta", "start_ms", "end_ms")]
        id, text, start, end = fields
        is_text = isinstance(id, str) and id and isinstance(text, str)
        if not (is_text and _is_time(start) and _is_time(end) and start <= end):
            needs = "a text, an `event_id`, and `start_ms` and `end_ms` in order, whole and below 2**53"
            raise OpenAIError(f"Invalid public Live transcript delta: it needs {needs}.")
        if id in self._seen:
            return None
        self._seen.add(id)
        is_user = bool(_DELTAS.index(event.type))
        return self._updates(self._transcript.push(is_user, text, start, end, self._now())) if text else None

    def finish(self, why: str = "manual") -> list[Update]:
        """Close what is open, for good."""
        self.closed = True
        return self._updates(self._transcript.finish(why.replace(".", "_"), self._now()))

    def tick(self) -> list[Update]:
        """Do what is due by the clock."""
        return self._updates(self._transcript.tick(self._now()))

    def delay(self) -> int | None:
        """Return the whole milliseconds until `tick` is to be called, if it is."""
        return self._transcript.delay(self._now())

    def _updates(self, told: Iterable[tuple[Any, ...]]) -> list[Update]:
        updates: list[Update] = []
        for id, previous, is_user, text, start, end, reason in told:
            before = None if previous is None else f"{self._prefix}{previous}"
            speaker = "user" if is_user else "assistant"
            segment = TranscriptSegment(f"{self._prefix}{id}", before, speaker, text, start, end)
            updates.append(TranscriptSegmentClosedEvent(segment, reason) if reason else segment)
        return updates


def _is_number(value: Any, most: int) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= most


def _is_time(value: Any) -> bool:
    return _is_number(value, _MOST_SAFE) and value == int(value)
