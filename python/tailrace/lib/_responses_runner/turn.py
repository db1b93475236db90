"""One answer of a run, as the caller may act on it before its tools run."""

from __future__ import annotations

from typing import Any

from .outputs import supplied_outputs

__all__ = ["TurnControl"]


class TurnControl:
    """What a caller did with a turn.

    Attributes:
        supplied: Outputs in place of running functions, by their calls.
        said: What the user says after this turn.
    """

    def __init__(self, open_calls: frozenset[str], *, is_final: bool, is_settled: bool) -> None:
        """Let outputs of `open_calls` be supplied, unless the turn `is_settled`: all its calls ran as they came."""
        self.supplied: dict[str, dict[str, Any]] = {}
        self.said: list[str] = []
        self._open = open_calls
        self._is_final = is_final
        self._is_settled = is_settled
        self._is_active = True

    def supply(self, outputs: Any) -> None:
        """Replace what was supplied. Raises `ValueError`, and then what was supplied before stays."""
        if not self._is_active or self._is_settled:
            raise ValueError("This turn cannot accept supplied outputs.")
        self.supplied = supplied_outputs(outputs, self._open)

    def append(self, text: Any) -> None:
        """Let the user say something. Raises `ValueError`."""
        if not self._is_active or self._is_final or not isinstance(text, str) or not text.strip():
            raise ValueError("Only an active non-final turn can append user text.")
        self.said.append(text)

    def end(self) -> None:
        """Let nothing more be done with the turn."""
        self._is_active = False
