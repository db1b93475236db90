"""Where the events of an input end, and which of them have come before."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, NoReturn

from ...beta.agents._turn import FollowedTurn

if TYPE_CHECKING:
    from ....types.beta.agent_session_event import AgentSessionEvent

__all__ = ["SessionState"]

#: Ids that are remembered: events are sent again soon, if at all, and streams may be long.
_MOST_IDS = 1024


class SessionState(FollowedTurn):
    """The turn of one input, and the ids of the last events.

    Attributes:
        event_ids: The ids, to be found.
        recent_events: The same in their order.
    """

    def __init__(self, session_id: str | None) -> None:
        super().__init__(session_id)
        self.event_ids: set[str] = set()
        self.recent_events: deque[str] = deque()

    def is_repeated(self, event: AgentSessionEvent) -> bool:
        """Whether the event came before; one without an id is new."""
        # The API sends one with each event; what a server leaves out is None.
        id_: str | None = event.event_id
        if id_ in self.event_ids:
            return True
        if id_:
            self.event_ids.add(id_)
            self.recent_events.append(id_)
            if len(self.recent_events) > _MOST_IDS:
                self.event_ids.remove(self.recent_events.popleft())
        return False

    def cut(self) -> NoReturn:
        """Raise `RuntimeError`: the stream ended, and the turn has not."""
        raise RuntimeError("Session event stream ended before the turn reached idle or failed") from None
