"""Why a run stops, and what its caller is told."""

from __future__ import annotations

from asyncio import CancelledError

__all__ = ["CANCELLED", "LIMIT", "RunnerStop", "ToolRunnerCancelledError", "ToolRunnerError"]

CANCELLED = "Tool run was cancelled."
LIMIT = "Tool run reached max_steps before completion."


class RunnerStop(Exception):
    """Its text goes to the caller; that of any other error does not, because it may tell what a tool has seen."""


class ToolRunnerError(RuntimeError):
    """A run stopped. It keeps no error of a tool, because that may tell what the tool has seen.

    Attributes:
        attempted_call_ids: Calls that were begun, also those that failed: they may have done their work.
        completed_call_ids: Calls that gave an output.
    """

    def __init__(self, message: str, attempted_call_ids: list[str], completed_call_ids: list[str]) -> None:
        super().__init__(message)
        self.attempted_call_ids = tuple(attempted_call_ids)
        self.completed_call_ids = tuple(completed_call_ids)


class ToolRunnerCancelledError(CancelledError):
    """The task of a run was cancelled. Attributes as of `ToolRunnerError`."""

    def __init__(self, attempted_call_ids: list[str], completed_call_ids: list[str]) -> None:
        super().__init__(CANCELLED)
        self.attempted_call_ids = tuple(attempted_call_ids)
        self.completed_call_ids = tuple(completed_call_ids)
