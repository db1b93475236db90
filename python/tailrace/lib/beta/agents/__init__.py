"""Files and results of agent sessions. Typed outputs, tools and collected streams come with a later release."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...._exceptions import OpenAIError
from ...._later import later_names
from ...._lazy import lazy_exports

if TYPE_CHECKING:
    from ._artifacts import (
        AgentResultArtifacts as AgentResultArtifacts,
        AsyncAgentResultArtifacts as AsyncAgentResultArtifacts,
    )
    from ._files import (
        AgentFilePreparationError as AgentFilePreparationError,
        AgentFileStagingError as AgentFileStagingError,
        PreparedAgentFiles as PreparedAgentFiles,
        StagedAgentFile as StagedAgentFile,
    )
    from ._result import AgentTurnResult as AgentTurnResult

lazy_exports(
    globals(),
    {
        "AgentFilePreparationError": "._files",
        "AgentFileStagingError": "._files",
        "AgentResultArtifacts": "._artifacts",
        "AgentTurnResult": "._result",
        "AsyncAgentResultArtifacts": "._artifacts",
        "PreparedAgentFiles": "._files",
        "StagedAgentFile": "._files",
    },
)
later_names(
    globals(),
    "structured outputs",
    classes="AgentSessionEventStream AgentToolError AsyncAgentSessionEventStream FunctionTool",
    functions="agent_text_format function_tool pydantic_function_tool",
    errors={"AgentOutputParseError": OpenAIError, "AgentTurnResultError": OpenAIError},
)

if TYPE_CHECKING:

    def __getattr__(name: str) -> Any: ...
