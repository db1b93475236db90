"""A completion that is put together from the chunks of a stream."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic

from ...._construct import construct_type
from ...._exceptions import ContentFilterFinishReasonError, LengthFinishReasonError
from ...._structured.lazy_event import event
from ...._types import omit
from ....types.chat.chat_completion import Moderation
from ..._parsing._completions import (
    ResponseFormatT,
    has_parseable_input,
    materialize_input_tools,
    parse_chat_completion,
)
from ._choice import ChoiceSoFar
from ._events import ChunkEvent
from ._types import ParsedChatCompletionSnapshot

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ...._types import Omit
    from ....types.chat import completion_create_params
    from ....types.chat.chat_completion_chunk import ChatCompletionChunk
    from ....types.chat.chat_completion_tool_union_param import ChatCompletionToolUnionParam
    from ....types.chat.parsed_chat_completion import ParsedChatCompletion
    from ._events import ChatCompletionStreamEvent

_CHUNK_FIELDS = frozenset(("type", "chunk", "snapshot"))


class ChatCompletionStreamState(Generic[ResponseFormatT]):
    """Puts chunks together, whatever stream they come from.

    `handle_chunk` takes each chunk and returns its events; `current_completion_snapshot` is the completion so far, and
    `get_final_completion` the whole one, with what it says parsed.
    """

    def __init__(
        self,
        *,
        input_tools: Iterable[ChatCompletionToolUnionParam] | Omit = omit,
        response_format: type[ResponseFormatT] | completion_create_params.ResponseFormat | Omit = omit,
    ) -> None:
        tools = materialize_input_tools(input_tools)
        self._input_tools: list[Any] = tools if isinstance(tools, list) else []
        self._response_format = response_format
        self._parses = has_parseable_input(response_format=response_format, input_tools=self._input_tools)
        #: What the first chunk says of the whole completion; None before it.
        self._given: dict[str, Any] | None = None
        self._choices: dict[int, ChoiceSoFar] = {}
        #: The choices by index, each with what it takes to show it; what was seen keeps the list.
        self._seen: list[tuple[ChoiceSoFar, tuple[Any, ...]]] = []
        #: What later chunks replace: the chunk with the usage, and the one with the moderation.
        self._latest: ChatCompletionChunk | None = None
        self._moderated: ChatCompletionChunk | None = None
        self._snapshot: ParsedChatCompletionSnapshot | None = None

    def get_final_completion(self) -> ParsedChatCompletion[ResponseFormatT]:
        """Return the completion with its contents and tool arguments parsed.

        Raises:
            AssertionError: no chunk has come.
            LengthFinishReasonError: a choice was cut at the token limit.
            ContentFilterFinishReasonError: a choice was stopped by the content filter.
            pydantic.ValidationError: a content, or the arguments of a tool, do not fit.
        """
        return parse_chat_completion(
            chat_completion=self.current_completion_snapshot,
            response_format=self._response_format,
            input_tools=self._input_tools,
        )

    @property
    def current_completion_snapshot(self) -> ParsedChatCompletionSnapshot:
        """The completion so far. Raises `AssertionError` before the first chunk."""
        if self._snapshot is None:
            assert self._given is not None, "There is no completion yet; no chunk of it has come."
            self._snapshot = self._shown(self._seen, self._latest, self._moderated)
        return self._snapshot

    def handle_chunk(self, chunk: ChatCompletionChunk) -> Iterable[ChatCompletionStreamEvent[ResponseFormatT]]:
        """Take the next chunk and return what it tells.

        Raises:
            ValueError: what is to be parsed is the beginning of no JSON, or is whole and does not fit.
            LengthFinishReasonError: a choice that is to be parsed was cut at the token limit.
            ContentFilterFinishReasonError: a choice that is to be parsed was stopped by the content filter.
        """
        self._snapshot = None
        events: list[Any] = []
        choices = self._choices
        try:
            self._accumulate(chunk)
            for choice in chunk.choices:
                events += choices[choice.index].events(choice)
        finally:
            # What came with an error is part of the completion, too.
            self._see()
        values = {"type": "chunk", "chunk": chunk}
        first = event(ChunkEvent, _CHUNK_FIELDS, values, self._snapshot_of, self._seen, self._latest, self._moderated)
        return [first, *events]

    def _accumulate(self, chunk: ChatCompletionChunk) -> None:
        is_first = self._given is None
        if is_first:
            self._given = chunk.model_dump(exclude_unset=True, exclude={"choices", "obfuscation"}, warnings=False)
            self._given.update(object="chat.completion", system_fingerprint=chunk.system_fingerprint, choices=[])
        for choice in chunk.choices:
            known = self._choices.get(choice.index)
            if known is None:
                known = ChoiceSoFar(choice, self._response_format, self._input_tools)
                self._choices[choice.index] = known
            else:
                known.take(choice)
            if not is_first:
                if self._parses and choice.finish_reason in ("length", "content_filter"):
                    raise self._cut(choice.finish_reason)
                known.parse(choice)
        if not is_first:
            self._latest = chunk
            if chunk.moderation is not None:
                self._moderated = chunk

    def _see(self) -> None:
        choices = self._choices
        indexes = choices if len(choices) < 2 else sorted(choices)
        self._seen = [(choices[index], choices[index].seen()) for index in indexes]

    def _cut(self, reason: str) -> Exception:
        self._see()
        completion = self.current_completion_snapshot
        if reason == "length":
            return LengthFinishReasonError(completion=completion)
        return ContentFilterFinishReasonError(completion=completion)

    def _snapshot_of(self, name: str, seen: Any, latest: Any, moderated: Any) -> ParsedChatCompletionSnapshot:
        if seen is self._seen and latest is self._latest:
            return self.current_completion_snapshot
        return self._shown(seen, latest, moderated)

    def _shown(
        self,
        seen: list[tuple[ChoiceSoFar, tuple[Any, ...]]],
        latest: ChatCompletionChunk | None,
        moderated: ChatCompletionChunk | None,
    ) -> ParsedChatCompletionSnapshot:
        snapshot: ParsedChatCompletionSnapshot = construct_type(ParsedChatCompletionSnapshot, self._given)
        snapshot.choices = [choice.shown(*what) for choice, what in seen]
        if latest is not None:
            snapshot.usage = latest.usage
            snapshot.system_fingerprint = latest.system_fingerprint
        if moderated is not None and moderated.moderation is not None:
            snapshot.moderation = construct_type(Moderation, moderated.moderation.to_dict(warnings=False))
        return snapshot
