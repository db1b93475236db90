"""What deltas add up to, now and at earlier positions."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from ._deltas import accumulate_delta


class Accumulator:
    """Keeps the deltas of one object and merges them when somebody asks for its value."""

    def __init__(self) -> None:
        self._deltas: list[dict[Any, Any]] = []

    def push(self, delta: Any) -> int:
        """Take a delta, a model of the API, and return the position after it."""
        self._deltas.append(delta.to_dict(warnings=False))
        return len(self._deltas)

    def value(self, path: tuple[str | int, ...] = (), position: int | None = None) -> Any:
        """Return the value at `path` after `position`, or now. An integer in a path is the `index` of an item."""
        value: Any = {}
        for delta in self._deltas[:position]:
            accumulate_delta(value, deepcopy(delta))
        for step in path:
            value = value[step] if isinstance(step, str) else next(item for item in value if item["index"] == step)
        return value

    def text(self, path: tuple[str | int, ...], position: int | None = None) -> str:
        """Return the text at `path`."""
        return self.value(path, position)
