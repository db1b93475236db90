"""A finished turn of an agent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic

from typing_extensions import TypeVar

from ...._later import later

if TYPE_CHECKING:
    from ....types.beta.agent_session_message import AgentSessionMessage
    from ....types.beta.agents.sessions.turn import Turn

_Output = TypeVar("_Output", default=Any)


@dataclass(frozen=True)
class AgentTurnResult(Generic[_Output]):
    """A finished turn and the messages in it."""

    turn: Turn
    messages: list[AgentSessionMessage]
    output_parsed: _Output | None = None

    @property
    def session_id(self) -> str:
        """The session of the turn."""
        return self.turn.session_id

    @property
    def turn_id(self) -> str:
        """The id of the turn."""
        return self.turn.id

    @property
    def output_text(self) -> str:
        """All output text of the messages, joined without a separator."""
        return "".join(message.output_text for message in self.messages)

    def parse(self, output_type: type[Any]) -> AgentTurnResult[Any]:
        """Parse the output; comes with structured outputs."""
        raise later("AgentTurnResult.parse", "structured outputs")


# Tracebacks and `repr` name the class by the place that it is imported from.
AgentTurnResult.__module__ = "tailrace.lib.beta.agents"
