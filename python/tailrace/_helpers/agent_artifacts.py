"""Helper methods of `client.beta.agents.sessions.artifacts`: the files that one turn of an agent has written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..lib.beta.agents._artifacts import AgentResultArtifacts, AsyncAgentResultArtifacts

if TYPE_CHECKING:
    from ..lib.beta.agents._result import AgentTurnResult

__all__ = ["async_for_result", "for_result"]


def for_result(artifacts: Any, result: AgentTurnResult[Any]) -> AgentResultArtifacts:
    """Return the artifacts of the turn of `result`."""
    return AgentResultArtifacts(artifacts, result)


def async_for_result(artifacts: Any, result: AgentTurnResult[Any]) -> AsyncAgentResultArtifacts:
    """Return the artifacts of the turn of `result`."""
    return AsyncAgentResultArtifacts(artifacts, result)
