"""Calls beside each other: on threads where the run blocks, as tasks where it is awaited."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor, wait
from contextvars import copy_context
from typing import Any

from ..._helpers.steps import awaited, blocking
from .._tool_lifecycle import not_awaitable
from .stop import RunnerStop

__all__ = ["Tasks", "Threads", "require_value"]

_Steps = Callable[[], Generator[Any, Any, Any]]


def require_value(value: object, message: str | None = None, *, is_async: bool) -> None:
    """Raise where a run that blocks was given something to await, which would then never happen.

    Raises:
        RunnerStop: with `message`.
        TypeError: without one, for what the caller is not told of.
    """
    if is_async or not_awaitable(value):
        return
    raise TypeError("A synchronous run was given something to await.") if message is None else RunnerStop(message)


class Threads:
    """Runs steps on threads; each has the context variables that its beginner had then, as its own."""

    def __init__(self, most: int) -> None:
        """Run at most `most` at a time."""
        self._most = most
        self._pool: ThreadPoolExecutor | None = None
        self._begun: list[Any] = []

    def begin(self, steps: _Steps) -> None:
        """Begin steps, which raise nothing."""
        if self._pool is None:
            self._pool = ThreadPoolExecutor(self._most, thread_name_prefix="tailrace-tools")
        self._begun.append(self._pool.submit(copy_context().run, blocking(steps)))

    def drained(self) -> Any:
        """Wait for all that was begun."""
        if self._begun:
            wait(self._begun)
            self._begun.clear()

    def close(self) -> None:
        """End the threads; what was begun has ended."""
        if self._pool is not None:
            self._pool.shutdown()


class Tasks:
    """Runs steps as tasks of asyncio."""

    def __init__(self, _most: int) -> None:
        self._begun: list[asyncio.Task[Any]] = []

    def begin(self, steps: _Steps) -> None:
        """Begin steps, which raise nothing."""
        self._begun.append(asyncio.create_task(awaited(steps)()))

    async def drained(self) -> None:
        """Wait for all that was begun, also when the waiting task is cancelled meanwhile: what acts is not torn off."""
        cancelled: asyncio.CancelledError | None = None
        while pending := [task for task in self._begun if not task.done()]:
            try:
                await asyncio.wait(pending)
            except asyncio.CancelledError as error:
                cancelled = error
        self._begun.clear()
        if cancelled is not None:
            raise cancelled

    def close(self) -> None:
        """Do nothing: tasks end by themselves."""
