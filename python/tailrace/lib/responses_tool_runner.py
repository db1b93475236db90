"""Runners of tools for responses; they come with a later release."""

from __future__ import annotations

from asyncio import CancelledError
from typing import TYPE_CHECKING, Any

from .._later import later_names

later_names(
    globals(),
    "tool runners",
    classes="""
        AsyncContextBudget AsyncRegisteredFunction AsyncResponsesToolLedger AsyncResponsesToolRunner
        ContextBudget ContextBudgetDecision ContextBudgetSnapshot EarlyExecution RegisteredFunction
        ResponsesRunnerTurn ResponsesToolCheckpoint ResponsesToolLedger ResponsesToolRunner
    """,
    errors={"ToolRunnerCancelledError": CancelledError, "ToolRunnerError": RuntimeError},
)

if TYPE_CHECKING:

    def __getattr__(name: str) -> Any: ...
