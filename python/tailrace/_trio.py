"""Waiting on trio: what `hub.rs` asks of an event loop, in terms of `trio.lowlevel`.

Imported only by programs that have imported trio. A task waits inside a coroutine of trio's own, which is driven here
because the awaitables of calls and streams are native and cannot `await`.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary, ref

from trio import RunFinishedError, lowlevel

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

#: The loop object of each run.
_LOOPS: WeakKeyDictionary[Any, TrioLoop] = WeakKeyDictionary()

#: The coroutine in which each waiting task waits.
_WAITS: WeakKeyDictionary[Any, Coroutine[Any, Any, None]] = WeakKeyDictionary()


class TrioLoop:
    """A run of trio, with those methods of an asyncio loop that the hub calls."""

    def __init__(self, token: Any) -> None:
        # The run owns this object by its token, so the token must not be owned in turn.
        self._token = ref(token)

    def create_future(self) -> Waiter:
        """Return what wakes the running task."""
        return Waiter(lowlevel.current_task())

    def add_reader(self, descriptor: int, callback: Callable[[], None]) -> None:
        """Call `callback` whenever `descriptor` can be read, until the run ends."""
        lowlevel.spawn_system_task(_watch, descriptor, callback, name="tailrace")

    def call_soon_threadsafe(self, callback: Callable[[], None]) -> None:
        """Call `callback` in the run, from any thread; a run that has ended needs no call."""
        token = self._token()
        if token is not None:
            with suppress(RunFinishedError):
                token.run_sync_soon(callback)


class Waiter:
    """A task that waits until it is woken or cancelled, whichever comes first."""

    __slots__ = ("_task", "_waits")

    def __init__(self, task: Any) -> None:
        self._task = task
        self._waits = True

    def suspend(self) -> Any:
        """Begin to wait; returns what the task has to yield."""
        return _driven(self._task, lowlevel.wait_task_rescheduled(self._abort), None)

    def set_result(self, _result: None) -> None:
        """Wake the task, if it still waits here."""
        if self._waits:
            self._waits = False
            lowlevel.reschedule(self._task)

    def _abort(self, _raise_cancel: object) -> lowlevel.Abort:
        self._waits = False
        return lowlevel.Abort.SUCCEEDED


def running_loop() -> TrioLoop | None:
    """Return the loop object of the running trio task, None where no trio task runs."""
    if not lowlevel.in_trio_task():
        return None
    token = lowlevel.current_trio_token()
    loop = _LOOPS.get(token)
    if loop is None:
        loop = _LOOPS[token] = TrioLoop(token)
    return loop


def turn() -> Any:
    """Begin to give other tasks a turn; returns what the task has to yield: None outside trio, as asyncio wants it."""
    if not lowlevel.in_trio_task():
        return None
    return _driven(lowlevel.current_task(), lowlevel.checkpoint(), None)


def resumed(value: object) -> Any:
    """Go on with `value`, which trio sent; returns what to yield next, or None when the wait is over.

    Raises:
        trio.Cancelled: the task was cancelled while it waited.
    """
    task = lowlevel.current_task()
    return _driven(task, _WAITS.pop(task), value)


def _driven(task: Any, coroutine: Coroutine[Any, Any, None], value: object) -> Any:
    try:
        wanted = coroutine.send(value)
    except StopIteration:
        return None
    _WAITS[task] = coroutine
    return wanted


async def _watch(descriptor: int, callback: Callable[[], None]) -> None:
    while True:
        await lowlevel.wait_readable(descriptor)
        callback()
