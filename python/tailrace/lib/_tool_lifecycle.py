"""Which runs a runner of tools admits, and how it calls the functions that it was given."""

from __future__ import annotations

import functools
import inspect
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal

from typing_extensions import TypedDict

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

__all__ = ["CloseStatus", "ToolLifecycle", "callable_flavor", "invoke", "not_awaitable"]


class CloseStatus(TypedDict):
    """What closing found: a run that goes on to its end (`draining`), or none."""

    status: Literal["closed", "draining"]


class ToolLifecycle:
    """Admits one run at a time, until it is closed."""

    def __init__(self, name: str) -> None:
        """Speak of the runner as `name` in errors."""
        self._name = name
        self._lock = threading.Lock()
        self._is_busy = False
        self._is_closed = False

    @contextmanager
    def admitted(self) -> Generator[None]:
        """Hold the place of a run. Raises `RuntimeError` when the runner is closed, or busy with another run."""
        with self._lock:
            if self._is_closed:
                raise RuntimeError(f"{self._name} is closed.")
            if self._is_busy:
                raise RuntimeError(f"{self._name} is busy with another call.")
            self._is_busy = True
        try:
            yield
        finally:
            with self._lock:
                self._is_busy = False

    def close(self) -> CloseStatus:
        """Admit no further run. One that goes on is not disturbed."""
        with self._lock:
            self._is_closed = True
            return {"status": "draining" if self._is_busy else "closed"}


def callable_flavor(function: Callable[..., Any]) -> Literal["sync", "async"] | None:
    """Return whether what a function returns has to be awaited; None when neither its kind nor its annotation tells."""
    while isinstance(function, functools.partial):
        function = function.func
    plain = inspect.unwrap(function)
    if not (inspect.isroutine(plain) or inspect.isclass(plain)):
        plain = inspect.unwrap(type(plain).__call__)
    if inspect.iscoroutinefunction(plain):
        return "async"
    annotation = getattr(plain, "__annotations__", {}).get("return", Any)
    if annotation in (Any, object, "Any", "object"):
        return None
    text = annotation if isinstance(annotation, str) else repr(annotation)
    return "async" if "Awaitable[" in text or "Coroutine[" in text else "sync"


def invoke(function: Callable[..., Any], *arguments: Any, cancelled: Callable[[], bool] | None) -> Any:
    """Call a function of the caller's, and give it `cancelled` where it has a parameter of that name left."""
    if _takes_cancelled(function, len(arguments)):
        return function(*arguments, cancelled=cancelled)
    return function(*arguments)


def not_awaitable(value: object) -> bool:
    """Whether a function returned something else than an awaitable; a coroutine that nobody will await is closed."""
    if inspect.iscoroutine(value):
        value.close()
    return not inspect.isawaitable(value)


def _takes_cancelled(function: Callable[..., Any], places: int) -> bool:
    try:
        parameters = inspect.signature(function).parameters
    except (TypeError, ValueError):
        # Some functions that are written in C do not tell.
        return False
    parameter = parameters.get("cancelled")
    if parameter is None or parameter.kind is parameter.KEYWORD_ONLY:
        return parameter is not None
    # One that takes an argument by its place is the function's own, whatever its name.
    return parameter.kind is parameter.POSITIONAL_OR_KEYWORD and list(parameters).index("cancelled") >= places
