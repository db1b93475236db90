"""Files and results of agent sessions. Typed outputs, tools and collected streams come with a later release."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...._exceptions import OpenAIError
from ...._later import later_names
from ._artifacts import AgentResultArtifacts, AsyncAgentResultArtifacts
from ._files import AgentFilePreparationError, AgentFileStagingError, PreparedAgentFiles, StagedAgentFile
from ._result import AgentTurnResult

__all__ = [
    "AgentFilePreparationError",
    "AgentFileStagingError",
    "AgentResultArtifacts",
    "AgentTurnResult",
    "AsyncAgentResultArtifacts",
    "PreparedAgentFiles",
    "StagedAgentFile",
]

later_names(
    globals(),
    "structured outputs",
    classes="AgentSessionEventStream AgentToolError AsyncAgentSessionEventStream FunctionTool",
    functions="agent_text_format function_tool pydantic_function_tool",
    errors={"AgentOutputParseError": OpenAIError, "AgentTurnResultError": OpenAIError},
)

if TYPE_CHECKING:

    def __getattr__(name: str) -> Any: ...
