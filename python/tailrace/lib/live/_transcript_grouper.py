"""Groupers: listeners and timers around a transcript, for threads and for asyncio."""

from __future__ import annotations

import asyncio
import inspect
import threading
import time
from collections import deque
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from ..._exceptions import OpenAIError
from ._transcript_state import TranscriptSegment, TranscriptState, Update

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from typing_extensions import Self

    from ...types.live import ServerEvent


class _Grouper:
    def __init__(
        self,
        *,
        min_turn_separation_ms: float | None = None,
        assistant_silence_ms: float | None = None,
        backchannel_max_duration_ms: float | None = None,
        backchannel_isolation_ms: float | None = None,
        additional_acknowledgments: Sequence[str] | None = None,
    ) -> None:
        limits = min_turn_separation_ms, assistant_silence_ms, backchannel_max_duration_ms, backchannel_isolation_ms
        self._state = TranscriptState(self._now, limits, additional_acknowledgments or ())
        #: Registrations, each of an event, its handler, and whether it is for one time.
        self._listeners: list[tuple[str, Any, bool]] = []
        self._updates: deque[Update] = deque()
        self._lock = threading.Lock()
        self._timer: Any = None
        self._timer_generation = 0

    def on(self, event_type: str, handler: Callable[..., Any] | None = None) -> Any:
        """Call a handler with each segment (`segment.updated`) or closing (`segment.closed`); or use as a decorator."""
        return self._listen(event_type, handler, is_once=False)

    def once(self, event_type: str, handler: Callable[..., Any] | None = None) -> Any:
        """Do as `on` does, for the next one only."""
        return self._listen(event_type, handler, is_once=True)

    def off(self, event_type: str, handler: Callable[..., Any]) -> Self:
        """Take back the oldest registration of a handler, if there is one."""
        with self._lock:
            for place, known in enumerate(self._listeners):
                if known[:2] == (event_type, handler):
                    del self._listeners[place]
                    break
        return self

    def _listen(self, event_type: str, handler: Any, *, is_once: bool) -> Any:
        if handler is None:

            def register(handler: Any) -> Any:
                self._listen(event_type, handler, is_once=is_once)
                return handler

            return register
        with self._lock:
            self._listeners.append((event_type, handler, is_once))
        return self

    def _handlers(self, update: Update) -> list[Any]:
        event_type = "segment.updated" if isinstance(update, TranscriptSegment) else "segment.closed"
        with self._lock:
            called = [handler for type, handler, _ in self._listeners if type == event_type]
            self._listeners = [known for known in self._listeners if not (known[0] == event_type and known[2])]
        return called

    def _now(self) -> float:
        return time.monotonic() * 1000

    def _call_later(self, delay_ms: int, callback: Callable[[], None]) -> Any:
        raise NotImplementedError

    def _change(self, change: Callable[..., Iterable[Update] | None], *values: Any) -> bool:
        """Make a change and set the timer to what is due next; whether anything changed."""
        with self._lock:
            updates = change(*values)
            if updates is None:
                return False
            self._updates += updates
            if self._timer is not None:
                self._timer.cancel()
            self._timer_generation = generation = self._timer_generation + 1
            delay = self._state.delay()
            self._timer = None if delay is None else self._call_later(delay, lambda: self._timer_fired(generation))
            return True

    def _finish(self) -> Iterable[Update] | None:
        return None if self._state.closed else self._state.finish()

    def _tick(self, generation: int) -> Iterable[Update] | None:
        # A timer that was cancelled may have been on its way.
        return self._state.tick() if generation == self._timer_generation else None

    def _timer_fired(self, generation: int) -> None:
        raise NotImplementedError


class TranscriptGrouper(_Grouper):
    """Groups the transcript events of one Live session into segments to show.

    Words of one speaker are one segment, which is `segment.updated` with all of its text each time and `segment.closed`
    once. A new speaker's words wait up to 50 ms; the assistant's segment closes after `assistant_silence_ms` (2,000 ms
    unless given) of silence; its answer begins `min_turn_separation_ms` (500) after the user's words. An acknowledgment
    such as "mhm", or one of `additional_acknowledgments`, is left out where the user talks on, or nothing comes within
    `backchannel_isolation_ms` (2,000); `backchannel_max_duration_ms` (1,000) is how long one may be, and 0 keeps all.

    Handlers are called one after the other, by whoever pushes, or by a daemon thread when time has passed; what they
    raise is raised by `push` and `close`, or goes to `threading.excepthook`.

    Raises:
        OpenAIError: a limit is no number from 0 to 2,147,483,647.
    """

    _is_dispatching = False

    def push(self, event: ServerEvent) -> None:
        """Take an event of the session; those of other kinds, and what came before, change nothing.

        Raises:
            OpenAIError: a transcript has no text, id or times, or the grouper is closed.
        """
        if self._change(self._state.push, event):
            self._dispatch()

    def close(self) -> None:
        """Close what is open; the connection stays as it is."""
        self._change(self._finish)
        self._dispatch()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _call_later(self, delay_ms: int, callback: Callable[[], None]) -> Any:
        timer = threading.Timer(delay_ms / 1000, callback)
        timer.daemon = True
        timer.start()
        return timer

    def _timer_fired(self, generation: int) -> None:
        if self._change(self._tick, generation):
            self._dispatch()

    def _dispatch(self) -> None:
        with self._lock:
            # Whoever is at it, this thread among them, goes on with what was added.
            if self._is_dispatching:
                return
            self._is_dispatching = True
        try:
            while update := self._next_update():
                for handler in self._handlers(update):
                    handler(update)
        except BaseException:
            self._is_dispatching = False
            raise

    def _next_update(self) -> Update | None:
        with self._lock:
            self._is_dispatching = bool(self._updates)
            return self._updates.popleft() if self._updates else None


class _Dispatch:
    task: asyncio.Task[None]
    waiters = 0


_current: ContextVar[_Dispatch | None] = ContextVar("dispatch", default=None)


class AsyncTranscriptGrouper(_Grouper):
    """`TranscriptGrouper` for asyncio: on the loop of its first use, with handlers that may be `async`.

    A task that stops waiting for `push` or `close` stops no handler. What is raised while nobody waits goes to the
    loop's exception handler.
    """

    _loop: asyncio.AbstractEventLoop | None = None
    _dispatch_run: _Dispatch | None = None

    async def push(self, event: ServerEvent) -> None:
        """Do as `TranscriptGrouper.push` does, and wait for the handlers."""
        self._bind()
        if self._change(self._state.push, event):
            await self._dispatch()

    async def close(self) -> None:
        """Do as `TranscriptGrouper.close` does, and wait for the handlers."""
        self._bind()
        self._change(self._finish)
        await self._dispatch()

    async def __aenter__(self) -> Self:
        self._bind()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def _bind(self) -> None:
        loop = asyncio.get_running_loop()
        self._loop = self._loop or loop
        if self._loop is not loop:
            raise OpenAIError("A grouper belongs to the event loop of its first use; make another one for this loop.")

    def _call_later(self, delay_ms: int, callback: Callable[[], None]) -> Any:
        return asyncio.get_running_loop().call_later(delay_ms / 1000, callback)

    def _timer_fired(self, generation: int) -> None:
        if self._change(self._tick, generation):
            self._start()

    def _start(self) -> _Dispatch | None:
        run = self._dispatch_run
        if run and not run.task.done():
            return run
        if not self._updates:
            return None
        self._dispatch_run = run = _Dispatch()
        run.task = asyncio.get_running_loop().create_task(self._deliver(run))
        run.task.add_done_callback(lambda task: None if run.waiters or task.cancelled() else _report(task))
        return run

    async def _dispatch(self) -> None:
        run = self._start()
        # A handler that waited for itself, or a task of its own that did, would never end.
        if run is None or _current.get() is run:
            return
        run.waiters += 1
        try:
            await asyncio.wait([run.task])
        finally:
            run.waiters -= 1
        run.task.result()

    async def _deliver(self, run: _Dispatch) -> None:
        _current.set(run)
        while self._updates:
            update = self._updates.popleft()
            for handler in self._handlers(update):
                result = handler(update)
                if inspect.isawaitable(result):
                    await result


def _report(task: asyncio.Task[None]) -> None:
    if error := task.exception():
        context = {"message": "A handler of a Live transcript failed.", "exception": error, "task": task}
        task.get_loop().call_exception_handler(context)
