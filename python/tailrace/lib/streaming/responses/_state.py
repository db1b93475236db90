"""What a stream of a response has told so far, and the events that it makes of what the API sends."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Generic

from ...._structured.growing_text import GrowingText
from ...._structured.lazy_event import event as lazy_event
from ...._types import Omit
from ....types.responses.parsed_response import ParsedResponse
from ..._parsing._derived import derived
from ..._parsing._responses import TextFormatT, parse_response, parse_text
from ._events import (
    ResponseCompletedEvent,
    ResponseFunctionCallArgumentsDeltaEvent,
    ResponseTextDeltaEvent,
    ResponseTextDoneEvent,
)
from ._items import LiveItem, OutputItems

if TYPE_CHECKING:
    from ....types.responses.response_stream_event import ResponseStreamEvent as RawResponseStreamEvent
    from ....types.responses.tool_param import ToolParam
    from ._events import ResponseStreamEvent
    from ._types import ParsedResponseSnapshot

_TEXT_FIELDS = ("content_index", "delta", "item_id", "logprobs", "output_index", "sequence_number", "type")
_ARGUMENTS_FIELDS = ("delta", "item_id", "output_index", "sequence_number", "type")
_DONE_FIELDS = ("content_index", "item_id", "logprobs", "output_index", "sequence_number", "text", "type")


class ResponseStreamState(Generic[TextFormatT]):
    """Makes typed events of those of the API. A delta costs time in proportion to its own length.

    Args:
        text_format: What the texts of the answer become, or `omit`.
        input_tools: The tools of the request, or `omit`.
    """

    def __init__(self, *, input_tools: Iterable[ToolParam] | Omit, text_format: type[TextFormatT] | Omit) -> None:
        self._text_format = text_format
        self._input_tools = list(input_tools) if input_tools and not isinstance(input_tools, Omit) else []
        self._items = OutputItems()
        #: The response of the last event that had one; None before `response.created`.
        self._response: Any = None
        self._completed_response: ParsedResponse[TextFormatT] | None = None
        self._snapshot: ParsedResponseSnapshot | None = None
        self._handlers: dict[str, Callable[[Any], Any]] = {
            "response.output_text.delta": self._text_delta,
            "response.function_call_arguments.delta": self._arguments_delta,
            "response.output_text.done": self._text_done,
            "response.content_part.added": self._part_added,
            "response.output_item.added": self._item_added,
            "response.output_item.done": self._item_done,
            "response.created": self._told,
            "response.queued": self._told,
            "response.in_progress": self._told,
            "response.failed": self._cut,
            "response.incomplete": self._cut,
            "response.completed": self._completed,
        }

    def answer_at(self, output_index: int, content_index: int) -> GrowingText | None:
        """Return the text of a part; None where it is not the answer, but what the model says on its way there."""
        live = self._items.live_item(output_index)
        return live.text(content_index) if live.is_answer else None

    @property
    def completed_response(self) -> ParsedResponse[TextFormatT] | None:
        """The parsed response of `response.completed`; None before it."""
        return self._completed_response

    def handle_event(self, event: RawResponseStreamEvent) -> list[ResponseStreamEvent[TextFormatT]]:
        """Take an event of the API and return what it becomes; an item that is null becomes nothing.

        Raises:
            RuntimeError: the events contradict each other: the first is not `response.created`, a piece belongs to no
                item, an item changes its identity, or a response is complete and one of its items is not.
            pydantic.ValidationError: a whole text or the arguments of a call do not fit their type.
        """
        made = self._made(event)
        return [] if made is None else [made]

    def accumulate_event(self, event: RawResponseStreamEvent) -> ParsedResponseSnapshot:
        """Take an event of the API and return the response so far; raises what `handle_event` raises."""
        self._made(event)
        snapshot = self._snapshot
        if snapshot is None:
            snapshot = self._snapshot = derived(ParsedResponse, self._response, output=self._items.live())
        return snapshot

    def _made(self, event: Any) -> Any:
        kind = event.type
        if self._response is None and kind != "response.created":
            raise RuntimeError(f"Expected to have received `response.created` before `{kind}`")
        handler = self._handlers.get(kind)
        return event if handler is None else handler(event)

    def _text_delta(self, event: Any) -> Any:
        text = self._live(event).text(event.content_index)
        length = text.append(event.delta)
        return _with_snapshot(ResponseTextDeltaEvent, _TEXT_FIELDS, event, text, length)

    def _arguments_delta(self, event: Any) -> Any:
        text: GrowingText = self._live(event).arguments()
        length = text.append(event.delta)
        return _with_snapshot(ResponseFunctionCallArgumentsDeltaEvent, _ARGUMENTS_FIELDS, event, text, length)

    def _text_done(self, event: Any) -> Any:
        live = self._live(event)
        live.text(event.content_index)
        parsed = parse_text(event.text, self._text_format, phase=live.phase)
        values = {name: getattr(event, name) for name in _DONE_FIELDS}
        class_: Any = ResponseTextDoneEvent
        return class_.model_construct(**values, parsed=parsed)

    def _part_added(self, event: Any) -> Any:
        self._live(event).add_part(event.part)
        return event

    def _item_added(self, event: Any) -> Any:
        if event.item is None:
            return None
        self._snapshot = None
        self._items.add(event.output_index, event.item)
        return _captured(event)

    def _item_done(self, event: Any) -> Any:
        captured = _captured(event)
        self._items.finish(captured.output_index, captured.item)
        return captured

    def _told(self, event: Any) -> Any:
        response = self._same(event)
        if self._response is None:
            self._items.begin(response.output or [])
        else:
            self._items.tell(response.output or [])
        return _with_response(event, self._kept(response, response.output or []))

    def _cut(self, event: Any) -> Any:
        response = self._same(event)
        output = response.output
        return _with_response(event, self._kept(response, self._items.partial() if output is None else output))

    def _completed(self, event: Any) -> Any:
        response = self._same(event)
        output = self._items.complete(response.output)
        parsed: ParsedResponse[TextFormatT] = parse_response(
            text_format=self._text_format,
            input_tools=self._input_tools,
            response=self._kept(response, output),
        )
        self._completed_response = parsed
        class_: Any = ResponseCompletedEvent
        return class_.model_construct(sequence_number=event.sequence_number, type="response.completed", response=parsed)

    def _live(self, event: Any) -> LiveItem:
        self._snapshot = None
        return self._items.live_item(event.output_index)

    def _same(self, event: Any) -> Any:
        """Return the response of an event, which is the one that this stream is about."""
        response = event.response
        if self._response is not None and getattr(response, "id", None) != self._response.id:
            raise RuntimeError("Lifecycle response identity changed.")
        return response

    def _kept(self, response: Any, output: list[Any]) -> Any:
        self._snapshot = None
        self._response = response if response.output is output else derived(type(response), response, output=output)
        return self._response


def _with_snapshot(class_: Any, fields: tuple[str, ...], source: Any, text: GrowingText, length: int) -> Any:
    """Return an event of `class_` with `fields` of `source`, whose snapshot is the first `length` characters of `text`.

    What the server sent beyond the fields is left out, as the official package leaves it out.
    """
    values = {name: getattr(source, name) for name in fields}
    return lazy_event(class_, frozenset((*fields, "snapshot")), values, _until, text, length)


def _until(_name: str, text: GrowingText, length: int) -> str:
    return text.until(length)


def _captured(event: Any) -> Any:
    """Return an event about an item as it is now: a class of the caller's may say something else later."""
    if "__getattribute__" not in type(event).__dict__:
        return event
    return derived(type(event).__mro__[1], event, item=event.item, output_index=event.output_index)


def _with_response(event: Any, response: Any) -> Any:
    return event if event.response is response else derived(type(event), event, response=response)
