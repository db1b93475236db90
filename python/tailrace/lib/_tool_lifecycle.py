"""Which runs a runner of tools admits."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal

from typing_extensions import TypedDict

if TYPE_CHECKING:
    from collections.abc import Generator

__all__ = ["CloseStatus", "ToolLifecycle"]


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
