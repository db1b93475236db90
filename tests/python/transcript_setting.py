"""Groupers of both packages over a clock that a test moves, and what they said as plain data."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any


class Clock:
    """Milliseconds that pass when somebody says so, and timers that fire then."""

    def __init__(self) -> None:
        self.now = 0.0
        self.timers: list[Timer] = []

    def pending(self) -> list[Timer]:
        return sorted((timer for timer in self.timers if not timer.is_over), key=lambda timer: timer.due)

    def wait(self, milliseconds: float) -> None:
        end, fired = self.now + milliseconds, 0
        while (pending := self.pending()) and pending[0].due <= end:
            fired += 1
            assert fired < 1000, "timers that come to no end"
            self.now = pending[0].due
            pending[0].is_over = True
            pending[0].callback()
        self.now = end


class Timer:
    def __init__(self, due: float, callback: Callable[[], None]) -> None:
        self.due, self.callback, self.is_over = due, callback, False

    def cancel(self) -> None:
        self.is_over = True


def grouper(kind: Any, clock: Clock, said: list[Any] | None = None, **options: Any) -> Any:
    """A grouper of a class of either package whose timers are those of `clock`; what it says is added to `said`."""

    class Clocked(kind):
        def _now(self) -> float:
            return clock.now

        def _call_later(self, delay_ms: int, callback: Callable[[], None]) -> Timer:
            assert isinstance(delay_ms, int)
            if said is not None:
                said.append(("timer", delay_ms))
            clock.timers.append(Timer(clock.now + delay_ms, callback))
            return clock.timers[-1]

    made = Clocked(**options)
    if said is not None:
        made.on("segment.updated", lambda segment: said.append(plain(segment)))
        made.on("segment.closed", lambda event: said.append((event.reason, plain(event.segment))))
    return made


def plain(segment: Any) -> tuple[Any, ...]:
    """A segment without the number of its grouper, which counts those of a process."""
    number = [part and part.split("_")[0] + "_" + part.split("_")[2] for part in (segment.id, segment.previous_id)]
    assert isinstance(segment.start_ms, int)
    # The official package leaves the halves of a character that came in two deltas as they are.
    text = segment.text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")
    return (*number, segment.speaker, text, segment.start_ms, segment.end_ms)


def delta(speaker: str, text: Any, start: Any, end: Any, id: Any) -> Any:
    direction = {"user": "input", "assistant": "output"}[speaker]
    kind = f"session.{direction}_transcript.delta"
    return SimpleNamespace(type=kind, event_id=id, delta=text, start_ms=start, end_ms=end)


async def settled(value: Any) -> Any:
    """What a call of either kind of grouper gives."""
    return await value if inspect.isawaitable(value) else value
