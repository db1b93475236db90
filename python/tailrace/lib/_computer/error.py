"""Why a computer stopped being used."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ...types.responses.response import Response

__all__ = ["ComputerUseError"]


class ComputerUseError(RuntimeError):
    """A use of a computer stopped before it was complete.

    Attributes:
        response: The last answer of a run; None before the first one, and for a call that was executed alone.
    """

    def __init__(self, message: str, response: Response | None = None) -> None:
        super().__init__(message)
        self.response = response


ComputerUseError.__module__ = "tailrace.lib.computer"
