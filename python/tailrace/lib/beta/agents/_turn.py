"""The turn that an input begins, followed through the events of its session."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ....types.beta.agent_session_event import AgentSessionEvent
    from ....types.beta.agents.sessions.turn import Turn

__all__ = ["FollowedTurn"]


class FollowedTurn:
    """The first turn that is not one of a subagent.

    Attributes:
        session_id: The session whose budget counts; None for any.
        turn: The turn as the last event showed it; None before it began.
        has_ended: Whether it has completed, failed or been cancelled.
        has_failed: Whether the session has failed.
        is_done: Whether nothing of it will come any more; further events are not looked at.
    """

    def __init__(self, session_id: str | None) -> None:
        self.session_id = session_id
        self.turn: Turn | None = None
        self.has_ended = self.has_failed = self.is_done = False

    def accept(self, event: AgentSessionEvent) -> None:
        """Take the next event."""
        if self.is_done:
            return
        if event.type == "agent.session.turn.created":
            if self.turn is None and event.turn.subagent_id is None:
                self.began(event.turn, event.session_id)
        elif (
            event.type == "agent.session.turn.completed"
            or event.type == "agent.session.turn.failed"
            or event.type == "agent.session.turn.cancelled"
        ):
            if self.turn is not None and event.turn_id == self.turn.id:
                self.ended(event.turn)
        elif event.type == "agent.session.failed":
            self.session_id = event.session.id
            self.has_failed = self.is_done = True
        elif event.type == "agent.session.idle":
            # Sessions are idle before their first turn, too.
            self.is_done = self.has_ended
        elif event.type == "agent.session.budget_reached" and self.session_id in (None, event.session.id):
            # Within a turn it tells of an amount, and the turn goes on.
            self.session_id, self.is_done = event.session.id, self.turn is None or self.has_ended

    def began(self, turn: Turn, session_id: str) -> None:
        """Take the turn for the one to follow."""
        self.turn = turn

    def ended(self, turn: Turn) -> None:
        """Note how the turn ended."""
        self.turn, self.has_ended = turn, True
