"""What both forms of a stream make of each chunk, and what they hold its answers to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pydantic

from ...._structured.reading import Reading
from ..._parsing._completions import ResponseFormatT
from ..._parsing._response_format import asked_type
from ._state import ChatCompletionStreamState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ...._exceptions import SchemaViolationError
    from ...._structured.attempts import Attempts
    from ....types.chat.chat_completion_chunk import ChatCompletionChunk
    from ._events import ChatCompletionStreamEvent


class ChatReading(Reading[ChatCompletionStreamState[ResponseFormatT]]):
    """Reads chunks. The place of an answer is the index of its choice."""

    first_place = 0

    def __init__(
        self,
        response_format: Any,
        input_tools: Any,
        attempts: Attempts | None,
        again: Callable[[SchemaViolationError], Any] | None,
    ) -> None:
        def new_state() -> ChatCompletionStreamState[ResponseFormatT]:
            return ChatCompletionStreamState(response_format=response_format, input_tools=input_tools)

        super().__init__(asked_type(response_format), new_state, attempts, again)

    def events(self, raw: ChatCompletionChunk) -> Iterable[ChatCompletionStreamEvent[ResponseFormatT]]:
        """Take a chunk and return its events."""
        # Some compatible servers put other events between the chunks.
        if raw.object != "chat.completion.chunk":
            return ()
        attempt = self.attempt
        if raw.usage is not None:
            attempt.usage = raw.usage
        for choice in raw.choices:
            answer = attempt.answer(choice.index)
            if choice.delta.refusal:
                answer.release()
            if choice.delta.content:
                answer.push(choice.delta.content)
            if choice.finish_reason == "stop":
                answer.finish()
            elif choice.finish_reason:
                # The state says of an answer that was cut or stopped that it was.
                answer.release()
        try:
            return self.state.handle_chunk(raw)
        except pydantic.ValidationError:
            attempt.check()
            raise

    def finish(self) -> None:
        """Take the stream for ended."""
        self.attempt.finish()
