"""A finished turn of an agent, and how it is gathered from the events of its session."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, Literal, cast

import pydantic
from typing_extensions import TypeVar

from ...._construct import construct_type
from ...._exceptions import OpenAIError
from ....types.beta.agent_session_message import AgentSessionMessage
from ..._pydantic import parse_json
from ._turn import FollowedTurn

if TYPE_CHECKING:
    from ....types.beta.agent_session import RequiredAction
    from ....types.beta.agent_session_assistant_message import AgentSessionAssistantMessage
    from ....types.beta.agent_session_event import AgentSessionEvent
    from ....types.beta.agents.sessions.turn import Turn

OutputT = TypeVar("OutputT", default=Any)
ParseT = TypeVar("ParseT")

ResultErrorReason = Literal["failed", "cancelled", "requires_action", "incomplete", "observation_failed"]

_EXPECTED = {"string_type": "a string", "list_type": "a list"}


@dataclass(frozen=True)
class AgentTurnResult(Generic[OutputT]):
    """A finished turn and the messages in it; `output_parsed` is the answer where a type was asked for."""

    turn: Turn
    messages: list[AgentSessionMessage]
    output_parsed: OutputT | None = None

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

    def parse(self, output_type: type[ParseT]) -> AgentTurnResult[ParseT]:
        """Return the same turn with the first of its texts as an `output_type`.

        Raises:
            AgentOutputParseError: there is no text, or one that is no `output_type`.
        """
        texts = [part.text for message in self.messages for part in message.content if part.type == "output_text"]
        try:
            parsed: list[ParseT] = [parse_json(output_type, text) for text in texts]
        except Exception:  # noqa: BLE001 - What a validator raises may quote the answer, which is nobody's to log.
            parsed = []
        if not parsed:
            raise AgentOutputParseError(AgentTurnResult(self.turn, self.messages))
        return AgentTurnResult(self.turn, self.messages, parsed[0])


class AgentTurnResultError(OpenAIError):
    """There is no result of a turn; `reason` says why, and the rest is what is known of it.

    `observation_failed` says nothing about the turn: its events could not be read, for the reason in `__cause__`.
    """

    reason: ResultErrorReason
    turn: Turn | None
    session_id: str | None
    turn_id: str | None
    messages: list[AgentSessionMessage]
    required_actions: list[RequiredAction]

    def __init__(
        self,
        reason: ResultErrorReason,
        *,
        turn: Turn | None,
        session_id: str | None,
        messages: list[AgentSessionMessage],
        required_actions: list[RequiredAction],
    ) -> None:
        super().__init__(f"Could not collect the agent turn result: {reason}")
        self.reason = reason
        self.turn = turn
        self.session_id = session_id
        self.turn_id = None if turn is None else turn.id
        self.messages = messages
        self.required_actions = required_actions


class AgentOutputParseError(OpenAIError):
    """The turn has completed, and its answer is not of the type that was asked for; `result` is the turn, unparsed."""

    result: AgentTurnResult

    def __init__(self, result: AgentTurnResult) -> None:
        super().__init__("Could not parse the completed agent output")
        self.result = result


class AgentTurnResultCollector(FollowedTurn):
    """Gathers the result of a turn; what it has gathered goes over into the result or the error.

    Attributes:
        required_actions: What the session waits for.
    """

    def __init__(self, session_id: str | None = None) -> None:
        """Follow the first turn of the session, of any if None."""
        super().__init__(session_id)
        self.required_actions: list[RequiredAction] = []
        self._messages: dict[str, tuple[int, AgentSessionMessage]] = {}
        self._result: AgentTurnResult[Any] | AgentTurnResultError | None = None

    def accept(self, event: AgentSessionEvent) -> None:
        """Take the next event. A message that is not as described is kept, with a `UserWarning` for each flaw."""
        if self.is_done:
            return
        if event.type == "agent.session.turn.item.done":
            if event.item.type == "message" and self.turn is not None and event.item.turn_id == self.turn.id:
                self._keep(event.item, event.output_index)
        elif event.type == "agent.session.requires_action":
            self.session_id, self.required_actions = event.session.id, event.session.required_actions
        elif event.type == "agent.session.in_progress":
            self.required_actions = []
        elif event.type == "agent.session.created":
            self.session_id = event.session.id
        else:
            super().accept(event)

    def began(self, turn: Turn, session_id: str) -> None:
        """Take the turn for the one to follow, and its session for the one to look at."""
        self.turn, self.session_id = turn, session_id

    def ended(self, turn: Turn) -> None:
        """Note how the turn ended; it waits for nothing then."""
        super().ended(turn)
        self.required_actions = []

    def messages(self) -> list[AgentSessionMessage]:
        """Return the final messages so far, in their order."""
        return [message for _, message in sorted(self._messages.values(), key=lambda kept: kept[0])]

    def error(self, reason: ResultErrorReason) -> AgentTurnResultError:
        """Return the error for `reason`, which is the outcome from now on."""
        error = AgentTurnResultError(
            reason,
            turn=self.turn,
            session_id=self.session_id,
            messages=self.messages(),
            required_actions=self.required_actions,
        )
        self._result, self.turn, self.required_actions = error, None, []
        self._messages.clear()
        return error

    def check_outcome(self, handled_tools: Iterable[str] = ()) -> None:
        """Raise `AgentTurnResultError` where there will be no result, or one of other tools is waited for."""
        if isinstance(self._result, AgentTurnResultError):
            raise self._result
        if self._result is not None:
            return
        if self.has_failed:
            raise self.error("failed")
        if self.has_ended and self.turn is not None and self.turn.status in ("failed", "cancelled"):
            raise self.error(self.turn.status)
        names = set(handled_tools)
        if not self.is_done and any(
            action.type != "function_call" or action.name not in names for action in self.required_actions
        ):
            raise self.error("requires_action")

    def result(self) -> AgentTurnResult[Any]:
        """Return the result, the same each time. Raises `AgentTurnResultError`, the same too, if there is none."""
        self.check_outcome()
        if self._result is None:
            if not self.is_done or self.turn is None or self.turn.status != "completed":
                raise self.error("incomplete")
            self._result = AgentTurnResult(self.turn, self.messages())
            self._messages.clear()
        return cast("AgentTurnResult[Any]", self._result)

    def _keep(self, item: AgentSessionAssistantMessage, index: int) -> None:
        if item.phase == "commentary" or item.status != "completed":
            return
        facts = item.to_dict(warnings=False)
        for flaw in _flaws(type(item), facts):
            warnings.warn(flaw, UserWarning, stacklevel=2)
        self._messages[item.id] = (index, cast("AgentSessionMessage", construct_type(AgentSessionMessage, facts)))


def _flaws(kind: type[pydantic.BaseModel], facts: dict[str, object]) -> list[str]:
    """Say where a message is not as it is described, without a word of what it says."""
    found: list[Any] = []
    try:
        kind.model_validate(facts)
    except pydantic.ValidationError as error:
        found = error.errors()
    flaws: list[str] = []
    for one in found:
        place = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in one["loc"])[1:]
        if one["type"] in _EXPECTED:
            flaws.append(f"Unexpected response type at {place}: expected {_EXPECTED[one['type']]}.")
        else:
            flaws.append(f"Unexpected response value at {place}: {one['type']}.")
    return flaws


# Tracebacks and `repr` name the classes by the place that they are imported from.
for _cls in (AgentTurnResult, AgentTurnResultError, AgentOutputParseError):
    _cls.__module__ = "tailrace.lib.beta.agents"
