"""Why a run stops, where the caller is told the reason."""

from __future__ import annotations

__all__ = ["CANCELLED", "LIMIT", "RunnerStop"]

CANCELLED = "Tool run was cancelled."
LIMIT = "Tool run reached max_steps before completion."


class RunnerStop(Exception):
    """Its text goes to the caller; that of any other error does not, because it may tell what a tool has seen."""
