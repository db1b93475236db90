"""Calls that begin when they are awaited."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Generator

__all__ = ["Deferred"]


class Deferred:
    """An awaitable that makes its coroutine when it is awaited, so that a stream nobody enters leaves none behind."""

    __slots__ = ("_call",)

    def __init__(self, call: Callable[[], Awaitable[Any]]) -> None:
        self._call = call

    def __await__(self) -> Generator[Any, Any, Any]:
        return self._call().__await__()
