"""What both forms of a stream make of each event of the API, and what they hold its answers to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pydantic

from ...._structured.reading import Reading
from ..._parsing._response_format import asked_type
from ..._parsing._responses import TextFormatT, answers_of
from ._state import ResponseStreamState

if TYPE_CHECKING:
    from collections.abc import Callable

    from ...._exceptions import SchemaViolationError
    from ...._structured.attempts import Attempts
    from ._events import ResponseStreamEvent

#: The events that tell of the whole response, and so of the tokens that it has used.
_OF_RESPONSE = frozenset(
    f"response.{state}" for state in ("created", "queued", "in_progress", "completed", "incomplete", "failed")
)


class ResponseReading(Reading[ResponseStreamState[TextFormatT]]):
    """Reads events. The place of an answer is the index of its item, and that of its part in the item.

    Events up to the number `starting_after` are read and not returned.
    """

    first_place = (0, 0)

    def __init__(
        self,
        text_format: Any,
        input_tools: Any,
        starting_after: int | None,
        attempts: Attempts | None,
        again: Callable[[SchemaViolationError], Any] | None,
    ) -> None:
        def new_state() -> ResponseStreamState[TextFormatT]:
            return ResponseStreamState(text_format=text_format, input_tools=input_tools)

        super().__init__(asked_type(text_format), new_state, attempts, again)
        self._after = starting_after

    def events(self, raw: Any) -> list[ResponseStreamEvent[TextFormatT]]:
        """Take an event of the API and return what it becomes."""
        try:
            events = self.state.handle_event(raw)
        except pydantic.ValidationError:
            # The schema says more of a text than the type does.
            self._judge(raw)
            self.attempt.check()
            raise
        self._judge(raw)
        after = self._after
        return events if after is None else [event for event in events if event.sequence_number > after]

    def finish(self) -> None:
        """Take the stream for ended, which says nothing of an answer: the events before it do."""

    def _judge(self, raw: Any) -> None:
        kind: str = raw.type
        if kind == "response.output_text.delta":
            text = self.state.answer_at(raw.output_index, raw.content_index)
            if text is not None:
                self.answer = self.attempt.answer((raw.output_index, raw.content_index))
                # A part may come with a text that its deltas add to.
                self.answer.push(raw.delta if self.answer.has_begun else str(text))
        elif kind == "response.output_text.done":
            if self.state.answer_at(raw.output_index, raw.content_index) is not None:
                self.answer = self.attempt.end((raw.output_index, raw.content_index), raw.text)
        elif kind in _OF_RESPONSE:
            self.attempt.usage = raw.response.usage or self.attempt.usage
            if kind == "response.completed":
                for place, text in answers_of(raw.response):
                    self.attempt.end(place, text)
