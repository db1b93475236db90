"""One choice of a streamed completion: what has arrived of it, what is parsed of that, and the events of a chunk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...._construct import construct_type
from ...._native import Accumulator
from ...._structured.growing_text import GrowingText
from ...._structured.json_text import JsonText
from ...._structured.lazy_event import event
from ....types.chat.parsed_function_tool_call import ParsedFunction
from ..._parsing._completions import (
    get_input_tool_by_name,
    has_rich_response_format,
    is_parseable_tool,
    parse_content,
    parse_function_tool_arguments,
)
from .._deltas import accumulate_delta
from ._events import (
    ContentDeltaEvent,
    ContentDoneEvent,
    FunctionToolCallArgumentsDeltaEvent,
    FunctionToolCallArgumentsDoneEvent,
    LogprobsContentDeltaEvent,
    LogprobsContentDoneEvent,
    LogprobsRefusalDeltaEvent,
    LogprobsRefusalDoneEvent,
    RefusalDeltaEvent,
    RefusalDoneEvent,
)
from ._logprobs import LogprobsSoFar
from ._tool_call import ToolCallSoFar
from ._types import ParsedChatCompletionMessageSnapshot, ParsedChoiceSnapshot

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ....types.chat.chat_completion_chunk import Choice as ChoiceChunk, ChoiceDelta, ChoiceDeltaToolCall

_CONTENT_FIELDS = frozenset(("type", "delta", "snapshot", "parsed"))
_TEXT_FIELDS = frozenset(("type", "delta", "snapshot"))
_CALL_FIELDS = frozenset(("type", "name", "index", "arguments", "parsed_arguments", "arguments_delta"))


class Final:
    """A parsed value that grows no more."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value


class ChoiceSoFar:
    """A choice as far as it has arrived.

    A parsed value is a `Final` one, or the length that its text had, or None where nothing is parsed.
    """

    def __init__(self, choice: ChoiceChunk, response_format: Any, tools: list[Any]) -> None:
        self._response_format = response_format
        self._tools = tools
        self._given = choice.model_dump(exclude_unset=True, exclude={"delta", "logprobs"}, warnings=False)
        if "logprobs" in choice.model_fields_set:
            self._given["logprobs"] = None
        self._message = Accumulator()
        self._content = JsonText() if has_rich_response_format(response_format) else None
        self._text = GrowingText()
        self._refusal = GrowingText()
        self._calls: dict[int, ToolCallSoFar] = {}
        self._current_call: int | None = None
        self._done: set[object] = set()
        self._logprobs: LogprobsSoFar | None = None
        self._parsed: int | Final | None = None
        # What was seen keeps the dictionary, so a change makes a new one.
        self._arguments: dict[int, int | Final] = {}
        self._finish_reason = choice.finish_reason
        self._before: int | None = None
        self._delta = choice.delta
        if choice.logprobs is not None:
            self._logprobs = LogprobsSoFar(choice.logprobs, whole=True)
        self._position = self._add(choice.delta)

    def take(self, choice: ChoiceChunk) -> None:
        """Add what a chunk has of it."""
        self._before = self._position
        self._delta = choice.delta
        self._position = self._add(choice.delta)
        self._parsed = None
        if choice.finish_reason:
            self._finish_reason = choice.finish_reason

    def parse(self, choice: ChoiceChunk) -> None:
        """Look at what can be parsed so far. The first chunk of a stream is not looked at, as in the official package.

        Raises:
            ValueError: that is the beginning of no JSON.
        """
        if choice.logprobs is not None:
            if self._logprobs is None:
                self._logprobs = LogprobsSoFar(choice.logprobs, whole=False)
            else:
                # The official package puts in twice what a choice begins with after the first chunk.
                self._logprobs.extend(choice.logprobs)
        content = self._content
        if content is not None and not content.blank and not self._refusal.length:
            content.check()
            self._parsed = content.length
        for delta in choice.delta.tool_calls or ():
            self._parse_arguments(delta.index)

    def events(self, choice: ChoiceChunk) -> Iterator[Any]:
        """Return what a chunk tells about the choice, after it was taken."""
        delta = choice.delta
        if delta.content is not None:
            values: dict[str, Any] = {"type": "content.delta", "delta": delta.content}
            parsed = self._parsed
            if parsed is None:
                values["parsed"] = None
            yield event(ContentDeltaEvent, _CONTENT_FIELDS, values, self._content_at, self._text.length, parsed)
        if delta.refusal is not None:
            values = {"type": "refusal.delta", "delta": delta.refusal}
            yield event(RefusalDeltaEvent, _TEXT_FIELDS, values, self._refusal_at, self._refusal.length)
        for call in delta.tool_calls or ():
            yield from self._call_event(call)
        if choice.logprobs is not None and self._logprobs is not None:
            yield from _logprobs_events(choice.logprobs, self._logprobs)
        if self._finish_reason:
            yield from self._done_events()
        for call in delta.tool_calls or ():
            if self._current_call is not None and self._current_call != call.index:
                yield from self._call_done(self._current_call)
            self._current_call = call.index

    def seen(self) -> tuple[Any, ...]:
        """Return what `shown` takes, so that it can show the choice as it is now at any time."""
        logprobs = self._logprobs
        return (
            self._finish_reason,
            self._before,
            self._delta,
            self._position,
            self._parsed,
            self._arguments,
            None if logprobs is None else logprobs.lengths(),
        )

    def shown(
        self,
        finish_reason: str | None,
        before: int | None,
        delta: ChoiceDelta,
        position: int,
        parsed: int | Final | None,
        arguments: dict[int, int | Final],
        logprobs: tuple[int | None, int | None] | None,
    ) -> ParsedChoiceSnapshot:
        """Return the choice as it was after a chunk."""
        message = self._message_at(before, delta, position)
        if parsed is not None:
            message.parsed = self._value(parsed, self._content)
        for call in message.tool_calls or ():
            # Fields of the API that the type of a call does not have.
            index: Any = getattr(call, "index", None)
            if index in arguments:
                text = self._calls[index].arguments
                call.function.parsed_arguments = self._value(arguments[index], text)
        choice: ParsedChoiceSnapshot = construct_type(ParsedChoiceSnapshot, {**self._given, "message": {}})
        choice.message = message
        if finish_reason is not None:
            choice.finish_reason = finish_reason  # pyright: ignore[reportAttributeAccessIssue]
        if logprobs is not None and self._logprobs is not None:
            choice.logprobs = self._logprobs.at(logprobs)
        return choice

    def _add(self, delta: ChoiceDelta) -> int:
        if delta.content:
            self._text.append(delta.content)
            if self._content is not None:
                self._content.push(delta.content)
        if delta.refusal:
            self._refusal.append(delta.refusal)
        for call in delta.tool_calls or ():
            known = self._calls.get(call.index)
            if known is None:
                known = self._calls[call.index] = ToolCallSoFar()
            known.take(call)
        return self._message.push(delta)

    def _message_at(self, before: int | None, delta: ChoiceDelta, position: int) -> ParsedChatCompletionMessageSnapshot:
        if before is None:
            return construct_type(ParsedChatCompletionMessageSnapshot, self._message.value(position))
        # A field counts as given when it was not there at an earlier chunk either, as in the official package.
        known = construct_type(ParsedChatCompletionMessageSnapshot, self._message.value(before))
        values: dict[Any, Any] = known.model_dump(exclude={"parsed"}, warnings=False)
        added: dict[Any, Any] = delta.to_dict(warnings=False)
        return construct_type(ParsedChatCompletionMessageSnapshot, accumulate_delta(values, added))

    def _value(self, parsed: int | Final | None, text: JsonText | None) -> Any:
        if isinstance(parsed, Final):
            return parsed.value
        return None if parsed is None or text is None else text.at(parsed)

    def _content_at(self, name: str, length: int, parsed: int | None) -> Any:
        return self._text.until(length) if name == "snapshot" else self._value(parsed, self._content)

    def _refusal_at(self, name: str, length: int) -> str:
        return self._refusal.until(length)

    def _parse_arguments(self, index: int) -> None:
        call = self._calls[index]
        text = call.arguments
        if call.kind != "function" or text is None or text.blank:
            return
        tool = None if call.name is None else get_input_tool_by_name(input_tools=self._tools, name=call.name)
        if tool is not None and is_parseable_tool(tool):
            text.check()
            self._arguments = {**self._arguments, index: text.length}

    def _call_event(self, delta: ChoiceDeltaToolCall) -> Iterator[Any]:
        index = delta.index
        call = self._calls[index]
        if call.kind != "function":
            return
        function = delta.function
        values = {
            "type": "tool_calls.function.arguments.delta",
            "name": call.name,
            "index": index,
            "arguments_delta": (function.arguments if function is not None else None) or "",
        }
        if call.arguments is None:
            values["arguments"] = None
        parsed = self._arguments.get(index)
        if not isinstance(parsed, int):
            values["parsed_arguments"] = parsed.value if parsed is not None else None
        yield event(
            FunctionToolCallArgumentsDeltaEvent,
            _CALL_FIELDS,
            values,
            _arguments_at,
            call,
            0 if call.arguments is None else call.arguments.length,
            parsed,
        )

    def _done_events(self) -> Iterator[Any]:
        if self._text.length and self._begin_done("content"):
            text = str(self._text)
            parsed = None
            if self._content is not None and not self._refusal.length:
                parsed = parse_content(self._response_format, text)
            self._parsed = Final(parsed)
            yield ContentDoneEvent.construct(type="content.done", content=text, parsed=parsed)
        if self._refusal.length and self._begin_done("refusal"):
            yield RefusalDoneEvent.construct(type="refusal.done", refusal=str(self._refusal))
        logprobs = self._logprobs
        if logprobs is not None:
            if logprobs.content and self._begin_done("logprobs.content"):
                yield LogprobsContentDoneEvent.construct(type="logprobs.content.done", content=list(logprobs.content))
            if logprobs.refusal and self._begin_done("logprobs.refusal"):
                yield LogprobsRefusalDoneEvent.construct(type="logprobs.refusal.done", refusal=list(logprobs.refusal))
        if self._current_call is not None:
            yield from self._call_done(self._current_call)

    def _call_done(self, index: int) -> Iterator[Any]:
        call = self._calls[index]
        if call.kind != "function" or not self._begin_done(index):
            return
        text = None if call.arguments is None else str(call.text)
        function: Any = ParsedFunction.construct(name=call.name, arguments=text)
        parsed = parse_function_tool_arguments(input_tools=self._tools, function=function)
        self._arguments = {**self._arguments, index: Final(parsed)}
        yield FunctionToolCallArgumentsDoneEvent.construct(
            type="tool_calls.function.arguments.done",
            index=index,
            name=call.name,
            arguments=text,
            parsed_arguments=parsed,
        )

    def _begin_done(self, what: object) -> bool:
        if what in self._done:
            return False
        self._done.add(what)
        return True


def _logprobs_events(delta: Any, logprobs: LogprobsSoFar) -> Iterator[Any]:
    lengths = logprobs.lengths()
    if delta.content:
        values = {"type": "logprobs.content.delta", "content": delta.content}
        fields = frozenset(("type", "content", "snapshot"))
        yield event(LogprobsContentDeltaEvent, fields, values, _tokens_at, logprobs.content, lengths[0])
    if delta.refusal:
        values = {"type": "logprobs.refusal.delta", "refusal": delta.refusal}
        fields = frozenset(("type", "refusal", "snapshot"))
        yield event(LogprobsRefusalDeltaEvent, fields, values, _tokens_at, logprobs.refusal, lengths[1])


def _arguments_at(name: str, call: ToolCallSoFar, length: int, parsed: int | None) -> Any:
    if name == "arguments":
        return call.text.until(length)
    return None if parsed is None or call.arguments is None else call.arguments.at(parsed)


def _tokens_at(name: str, tokens: list[Any], length: int) -> list[Any]:
    return tokens[:length]
