"""Runners of tools for decisions; they come with a later release."""

from __future__ import annotations

from asyncio import CancelledError
from typing import TYPE_CHECKING, Any

from .._later import later_names

later_names(
    globals(),
    "tool runners",
    classes="""
        AsyncDecisionActionCandidate AsyncDecisionsToolRunner DecisionActionCandidate DecisionDoneCandidate
        DecisionsRunResult DecisionsRunnerParams DecisionsToolRunner
    """,
    types="AsyncDecisionCandidate DecisionCandidate DecisionObservation",
    errors={"DecisionsToolRunnerCancelledError": CancelledError, "DecisionsToolRunnerError": RuntimeError},
)

if TYPE_CHECKING:

    def __getattr__(name: str) -> Any: ...
