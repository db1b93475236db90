"""Helper methods of `client.files`."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from .polling import pause
from .steps import awaited, blocking

if TYPE_CHECKING:
    from collections.abc import Generator

__all__ = ["async_wait_for_processing", "wait_for_processing"]


#: States in which nothing more happens to a file.
_SETTLED = frozenset(("processed", "error", "deleted"))


def _wait_for_processing(
    files: Any, id: str, *, poll_interval: float = 5.0, max_wait_seconds: float = 30 * 60
) -> Generator[Any, Any, Any]:
    start = time.monotonic()
    file = yield files.retrieve(id)
    while file.status not in _SETTLED:
        yield pause(files, poll_interval)
        file = yield files.retrieve(id)
        if file.status not in _SETTLED and time.monotonic() - start > max_wait_seconds:
            raise RuntimeError(
                f"Giving up on waiting for file {id} to finish processing after {max_wait_seconds} seconds; raise "
                "`max_wait_seconds` to wait longer."
            )
    return file


wait_for_processing, async_wait_for_processing = blocking(_wait_for_processing), awaited(_wait_for_processing)
