"""Helpers written once for blocking and awaited calls.

A helper is a generator that yields each call that it makes, and gets the result back. Yielding the call of a blocking
resource hands its result through; yielding that of an async resource awaits it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Generator

_P = ParamSpec("_P")
_R = TypeVar("_R")


def blocking(steps: Callable[_P, Generator[Any, Any, _R]]) -> Callable[_P, _R]:
    """Return the blocking form of a helper."""

    def run(*args: _P.args, **options: _P.kwargs) -> _R:
        helper = steps(*args, **options)
        result: Any = None
        while True:
            try:
                result = helper.send(result)
            except StopIteration as end:
                return end.value

    run.__doc__ = steps.__doc__
    return run


def awaited(steps: Callable[_P, Generator[Any, Any, _R]]) -> Callable[_P, Coroutine[Any, Any, _R]]:
    """Return the form of a helper that is awaited. An error of an awaited call is raised inside the helper."""

    async def run(*args: _P.args, **options: _P.kwargs) -> _R:
        helper = steps(*args, **options)
        try:
            call = helper.send(None)
            while True:
                try:
                    result = await call
                except BaseException as error:  # noqa: BLE001 - the helper decides; it raises what it does not expect.
                    call = helper.throw(error)
                else:
                    call = helper.send(result)
        except StopIteration as end:
            return end.value
        finally:
            helper.close()

    run.__doc__ = steps.__doc__
    return run
