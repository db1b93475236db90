"""What deltas add up to, now and at earlier positions."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from ._deltas import accumulate_delta


class Accumulator:
    """Keeps the deltas of one object and merges them when somebody asks for its value.

    What was merged for the last value is kept, so that asking after each delta merges each delta once.
    """

    __slots__ = ("_deltas", "_merged", "_merged_count")

    def __init__(self) -> None:
        self._deltas: list[Any] = []
        self._merged: dict[Any, Any] = {}
        self._merged_count = 0

    def push(self, delta: Any) -> int:
        """Take a delta, a model of the API, and return the position after it."""
        fields = delta.__pydantic_fields_set__
        if len(fields) == 1 and not delta.__pydantic_extra__:
            (name,) = fields
            value = delta.__dict__[name]
            if type(value) is str:
                # Nearly every delta is one piece of text, and a model is a lot to keep for that.
                delta = (name, value)
        self._deltas.append(delta)
        return len(self._deltas)

    def value(self, position: int) -> dict[Any, Any]:
        """Return the value after `position`; it belongs to the caller.

        Raises what `accumulate_delta` raises.
        """
        if position < self._merged_count:
            self._merged, self._merged_count = {}, 0
        while self._merged_count < position:
            # A delta that cannot be merged is not tried again.
            delta: Any = self._deltas[self._merged_count]
            self._merged_count += 1
            is_text = isinstance(delta, tuple)
            added: dict[Any, Any] = dict((delta,)) if is_text else delta.to_dict(warnings=False)  # pyright: ignore[reportUnknownArgumentType]
            accumulate_delta(self._merged, added)
        return deepcopy(self._merged)
