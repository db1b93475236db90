"""The log probabilities of a choice as far as they have arrived."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...._construct import construct_type
from ....types.chat.chat_completion import ChoiceLogprobs

if TYPE_CHECKING:
    from ....types.chat.chat_completion_chunk import ChoiceLogprobs as ChunkLogprobs
    from ....types.chat.chat_completion_token_logprob import ChatCompletionTokenLogprob


class LogprobsSoFar:
    """Lists that only grow, so that their lengths say what they were; None for a list that has not come."""

    __slots__ = ("_given", "content", "refusal")

    content: list[ChatCompletionTokenLogprob] | None
    refusal: list[ChatCompletionTokenLogprob] | None

    def __init__(self, logprobs: ChunkLogprobs, *, whole: bool) -> None:
        """Begin with what a chunk has; `whole` keeps also what the API sent beside the lists."""
        given: dict[str, Any] = {"content": None, "refusal": None}
        if whole:
            given = {name: None for name in given if name in logprobs.model_fields_set}
            given.update(logprobs.model_extra or {})
        self._given = given
        self.content = None if logprobs.content is None else list(logprobs.content)
        self.refusal = None if logprobs.refusal is None else list(logprobs.refusal)

    def extend(self, logprobs: ChunkLogprobs) -> None:
        """Add what a chunk has."""
        if logprobs.content:
            self.content = self.content if self.content is not None else []
            self.content.extend(logprobs.content)
        if logprobs.refusal:
            self.refusal = self.refusal if self.refusal is not None else []
            self.refusal.extend(logprobs.refusal)

    def lengths(self) -> tuple[int | None, int | None]:
        """Return how many log probabilities there are of the content and of the refusal."""
        content, refusal = self.content, self.refusal
        return (None if content is None else len(content), None if refusal is None else len(refusal))

    def at(self, lengths: tuple[int | None, int | None]) -> ChoiceLogprobs:
        """Return them as they were when there were that many."""
        logprobs: ChoiceLogprobs = construct_type(ChoiceLogprobs, self._given)
        content, refusal = lengths
        if content is not None:
            logprobs.content = (self.content or [])[:content]
        if refusal is not None:
            logprobs.refusal = (self.refusal or [])[:refusal]
        return logprobs
