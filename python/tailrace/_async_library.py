"""asyncio or trio: which of them runs the current task, and what waits in the way of both."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from typing import Any, TypeVar

    _T = TypeVar("_T")

#: Tasks that nobody waits for; a loop of asyncio keeps only weak references to its tasks.
_TASKS: set[Any] = set()


def in_trio_task() -> bool:
    """Whether a task of trio runs now. trio is not imported: where nobody has done so, it runs nothing."""
    trio = sys.modules.get("trio")
    return trio is not None and trio.lowlevel.in_trio_task()


async def sleep(seconds: float) -> None:
    """Wait while other tasks run."""
    if in_trio_task():
        import trio

        await trio.sleep(seconds)
    else:
        import asyncio

        await asyncio.sleep(seconds)


async def to_thread(function: Callable[..., _T], *arguments: Any) -> _T:
    """Return what `function` returns, which runs on a thread while other tasks run; raises what it raises."""
    if in_trio_task():
        import trio

        return await trio.to_thread.run_sync(function, *arguments)
    from asyncio import to_thread as run

    return await run(function, *arguments)


async def to_thread_or_leave(function: Callable[..., _T], *arguments: Any) -> _T:
    """Do what `to_thread` does; who is cancelled does not wait for the thread, whose result is dropped."""
    if in_trio_task():
        import trio

        return await trio.to_thread.run_sync(function, *arguments, abandon_on_cancel=True)
    # A task of asyncio never waits for it.
    return await to_thread(function, *arguments)


async def within(seconds: float | None, awaitable: Awaitable[_T]) -> _T:
    """Return what `awaitable` gives, or raise `TimeoutError` after so many seconds; None waits for ever."""
    if in_trio_task():
        import trio

        with trio.move_on_after(float("inf") if seconds is None else seconds):
            return await awaitable
        raise TimeoutError
    import asyncio

    try:
        return await asyncio.wait_for(awaitable, seconds)
    except asyncio.TimeoutError:
        # Before Python 3.11 it is another class.
        raise TimeoutError from None


async def run_all(functions: Sequence[Callable[[], Awaitable[None]]]) -> None:
    """Run all at once until all are done. What the first failure raises is raised when the others are cancelled."""
    if in_trio_task():
        await _run_all_on_trio(functions)
        return
    import asyncio

    tasks = [asyncio.ensure_future(function()) for function in functions]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def start(function: Callable[..., Awaitable[None]], *arguments: Any) -> None:
    """Run `function` beside the current task, and beyond its end; it must not raise."""
    if in_trio_task():
        import trio

        trio.lowlevel.spawn_system_task(function, *arguments)
        return
    import asyncio

    task = asyncio.ensure_future(function(*arguments))
    _TASKS.add(task)
    task.add_done_callback(_TASKS.discard)


async def until(tell: Callable[[Callable[[], object]], object]) -> None:
    """Wait until the function that `tell` is called with is called, by any thread."""
    if in_trio_task():
        import trio

        event, token = trio.Event(), trio.lowlevel.current_trio_token()
        tell(lambda: token.run_sync_soon(event.set))
        await event.wait()
        return
    import asyncio

    loop, happened = asyncio.get_running_loop(), asyncio.Event()
    tell(lambda: loop.call_soon_threadsafe(happened.set))
    await happened.wait()


async def to_its_end(function: Callable[[], Awaitable[None]]) -> None:
    """Run `function`, which must not raise, to its end, also when the current task is cancelled meanwhile."""

    async def run(wake: Callable[[], object]) -> None:
        await function()
        wake()

    await until(lambda wake: start(run, wake))


async def _run_all_on_trio(functions: Sequence[Callable[[], Awaitable[None]]]) -> None:
    import trio

    failures: list[Exception] = []
    async with trio.open_nursery() as nursery:

        async def run(function: Callable[[], Awaitable[None]]) -> None:
            # A nursery would raise a group of exceptions, which no caller of a call expects.
            try:
                await function()
            except Exception as failure:  # noqa: BLE001 - It is raised below.
                failures.append(failure)
                nursery.cancel_scope.cancel()

        for function in functions:
            nursery.start_soon(run, function)
    if failures:
        raise failures[0]
