"""The progress of a response, event by event; nothing is read or sent here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..._compat import model_copy
from ..._structured.growing_text import GrowingText
from ._progress import ABSENT, AnswerText, OutputProgress, as_dict, as_list, dumped, index_of, text_of, value_of
from ._routing import ENDS, ResponsesWebSocketError

if TYPE_CHECKING:
    from ...types.responses.response import Response
    from ...types.responses.responses_server_event import ResponsesServerEvent

_LIFECYCLE = ENDS | {"response.created", "response.queued", "response.in_progress"}
#: Events that add to a text of an item, which comes into being by them, and the field that it is.
_INPUTS = {"function_call_arguments": "arguments", "mcp_call_arguments": "arguments", "custom_tool_call_input": "input"}
_GROWING = {**_INPUTS, "output_text": "text", "refusal": "refusal"}
#: Events that bring what is whole.
_WHOLE = frozenset(("output_item", "content_part"))
#: Events about what only items of one type have. Others that are no lifecycle are named after the type.
_RICH = {
    "code_interpreter_call_code": "code_interpreter_call",
    "reasoning_summary_part": "reasoning",
    "reasoning_summary_text": "reasoning",
    "reasoning_text": "reasoning",
    "shell_call_command": "shell_call",
    "shell_call_output_content": "shell_call_output",
}
_STAGES = {
    **dict.fromkeys((*_GROWING, *_RICH), "delta done"),
    **dict.fromkeys((*_WHOLE, "reasoning_summary_part"), "added done"),
    "shell_call_command": "added delta done",
    "code_interpreter_call": "in_progress interpreting completed",
    "file_search_call": "in_progress searching completed",
    "image_generation_call": "in_progress generating completed",
    "mcp_call": "in_progress completed failed",
    "web_search_call": "in_progress searching completed",
}
_OF_ITEMS = {f"response.{name}.{stage}": (name, stage) for name in _STAGES for stage in _STAGES[name].split()}


@dataclass(frozen=True)
class ResponsesWebSocketOutput:
    """One output item as far as it is known; a text is a pair: the index of its part, and what it says."""

    output_index: int
    item_id: str | None
    type: str | None
    name: str | None
    call_id: str | None
    arguments: str
    input: str
    text: tuple[tuple[int, str], ...]


@dataclass(frozen=True)
class ResponsesWebSocketSnapshot:
    """A response as far as it is known; `terminal_type` is that of the event that ended it, None before."""

    stream_id: str | None
    response_id: str | None
    terminal_type: str | None
    output: tuple[ResponsesWebSocketOutput, ...]

    @property
    def output_text(self) -> str:
        """All texts of the answer, in order."""
        return "".join(text for output in self.output for _, text in output.text)


class ResponsesWebSocketAccumulator:
    """Follows the response of one lane: texts, what tools are given, reasoning, code and shells.

    It takes the events that `recv` of a connection or a lane returns, and reads, sends and runs nothing. Adding one
    takes time in proportion to its length. It is for one thread at a time.
    """

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget the response, before the next one of the lane."""
        #: Whether an event has said which lane this is, and whether nothing more may come.
        self._has_lane = self._has_ended = False
        self._stream_id: str | None = None
        self._response_id: str | None = None
        self._response: dict[str, Any] | None = None
        self._rows: dict[int, OutputProgress] = {}
        #: What items were called that others have taken the place of, by that place.
        self._former: dict[int, set[str]] = {}
        self._terminal_type: str | None = None
        self._outcome: Response | Exception = RuntimeError("No terminal response has been received.")

    def add_event(self, event: ResponsesServerEvent) -> None:
        """Take note of an event; those of unknown types say nothing.

        What comes whole replaces what grew. A list of output items, even an empty one, replaces all of them; where it
        is left out or null, they stay.

        Raises:
            ResponsesWebSocketError: it is an `error` event.
            ValueError: it is of another lane or response, or lacks what it has to have; nothing has changed then.
            RuntimeError: the response has ended, and `reset` was not called.
        """
        kind = value_of(event, "type")
        if not isinstance(kind, str):
            return
        family, stage = _OF_ITEMS.get(kind, ("", ""))
        if kind == "response.output_text.annotation.added":
            self._annotated(event)
        elif family or kind in _LIFECYCLE or kind == "error":
            stream_id = value_of(event, "stream_id")
            if stream_id is not None and not isinstance(stream_id, str):
                raise ValueError("WebSocket stream_id must be a string or null.")
            if self._has_lane and stream_id != self._stream_id:
                raise ValueError("Event belongs to another WebSocket lane.")
            if self._has_ended:
                raise RuntimeError("Reset the accumulator before adding another turn.")
            if not family:
                self._told(kind, event)
            elif family in _WHOLE or family in _GROWING:
                self._progressed(family, stage, event)
            else:
                self._enriched(family, stage, event)
                return
            self._has_lane, self._stream_id = True, stream_id

    def snapshot(self) -> ResponsesWebSocketSnapshot:
        """Return the response as it is now; it takes time in proportion to all of it."""
        output = tuple(_output(index, row) for index, row in sorted(self._rows.items()))
        return ResponsesWebSocketSnapshot(self._stream_id, self._response_id, self._terminal_type, output)

    def detailed_snapshot(self) -> dict[str, Any]:
        """Return all that is known as dicts and lists, which are the caller's.

        Items, their parts, annotations and the output of shells are rows with their index, as some may not have come.
        What the server left out is left out, and what it said is null is None.
        """
        return {
            "stream_id": self._stream_id,
            "response_id": self._response_id,
            "terminal_type": self._terminal_type,
            "response": dumped(self._response),
            "output": [row.detailed(index) for index, row in sorted(self._rows.items())],
        }

    def get_final_response(self) -> Response:
        """Return a copy of the response that the server ended with: completed, failed or incomplete.

        Raises:
            ResponsesWebSocketError: an `error` event came instead.
            ValueError: the event that ended it had no valid response.
            RuntimeError: it has not ended.
        """
        if isinstance(self._outcome, Exception):
            raise self._outcome
        return model_copy(self._outcome, deep=True)

    def _told(self, kind: str, event: Any) -> None:
        from ...types.responses.response import Response

        response = value_of(event, "response")
        response_id, known = value_of(response, "id"), self._response_id
        is_other = known and isinstance(response_id, str) and response_id != known
        try:
            if kind == "error":
                raise ResponsesWebSocketError(event)
            if not isinstance(response, Response):
                raise ValueError("WebSocket event is missing a valid response.")
            if response_id is not None and not isinstance(response_id, str):
                raise ValueError("WebSocket response id must be a string or null.")
            if is_other:
                raise ValueError("Event belongs to another response.")
            output: Any = response.output
            if output is not None:
                items = as_list(output)
                if items is None:
                    raise ValueError("WebSocket response output must be a list or null.")
                rows = {index: OutputProgress(item) for index, item in enumerate(items) if item is not None}
                self._rows, self._former = rows, {}
        except Exception as problem:
            if kind == "error" or (kind in ENDS and not is_other):
                self._outcome, self._has_ended = problem, True
            raise
        self._response = {name: value for name, value in dumped(response).items() if name != "output"}
        self._response_id = response_id or known
        if kind in ENDS:
            self._terminal_type, self._outcome, self._has_ended = kind, model_copy(response, deep=True), True

    def _enriched(self, family: str, stage: str, event: Any) -> None:
        row = self._rows.get(index_of(event, "output_index"))
        # Commands of a shell are told without the id of their call.
        is_it = family == "shell_call_command" or text_of(event, "item_id") == (row and row.id)
        if row is not None and is_it and row.item.get("type") == _RICH.get(family, family):
            row.enrich(family, stage, event, self._commands(row) if family == "shell_call_output_content" else None)

    def _commands(self, output: OutputProgress) -> int | None:
        """How many commands the call has that an output is of; None where nothing says so."""
        call_id = output.item.get("call_id")
        for row in reversed(self._rows.values()):
            if call_id is not None and row.item.get("type") == "shell_call" and row.item.get("call_id") == call_id:
                commands = as_list(value_of(as_dict(row.item.get("action")), "commands"))
                if commands is not None:
                    return len(commands)
        return None

    def _annotated(self, event: Any) -> None:
        places = [value_of(event, f"{name}_index") for name in ("output", "content", "annotation")]
        row = self._rows.get(places[0]) if all(type(place) is int and place >= 0 for place in places) else None
        annotation = value_of(event, "annotation", ABSENT)
        if row is None or self._has_ended or annotation is ABSENT or value_of(event, "stream_id") != self._stream_id:
            return
        if row.id == value_of(event, "item_id"):
            row.annotate(places[1], places[2], annotation)

    def _progressed(self, family: str, stage: str, event: Any) -> None:
        """Take an event that brings an item or a part, or adds to one."""
        index, is_done = index_of(event, "output_index"), stage == "done"
        if family == "output_item":
            item = value_of(event, "item")
            row = OutputProgress(item) if item is not None else None
            if row is not None and not self._is_former(index, row.id):
                self._rows[index] = row
            return
        item_id, field = text_of(event, "item_id"), _GROWING.get(family, "")
        place = None if family in _INPUTS else index_of(event, "content_index")
        part, text = value_of(event, "part"), field and text_of(event, field if is_done else "delta")
        if place is not None and not field:
            OutputProgress().take_part(place, part)
        row = self._rows.get(index)
        if (row is not None and not row.accepts(family, item_id)) or self._is_former(index, item_id):
            return
        row = self._rows.setdefault(index, OutputProgress())
        is_named = item_id or not row.id
        if field == "refusal" and is_named and row.parts.get(place or 0, {}).get("type", field) != field:
            return
        row.call(item_id)
        if field:
            logprobs = value_of(event, "logprobs", ABSENT) if field == "text" else ABSENT
            row.grow(field, place, text, logprobs, is_done=is_done)
        else:
            row.take_part(place or 0, part)

    def _is_former(self, index: int, item_id: str | None) -> bool:
        """Whether an item of that id was there before the present one, which goes when it has another id."""
        former, row = self._former.setdefault(index, set()), self._rows.get(index)
        if item_id not in former and row is not None and row.id and item_id and row.id != item_id:
            former.add(row.id)
            del self._rows[index]
        return item_id in former


def _output(index: int, row: OutputProgress) -> ResponsesWebSocketOutput:
    item = row.item
    arguments, input_ = (str(item[n]) if isinstance(item.get(n), GrowingText) else "" for n in ("arguments", "input"))
    texts = ((place, row.parts[place].get("text")) for place in sorted(row.parts))
    answers = tuple((place, str(text)) for place, text in texts if isinstance(text, AnswerText))
    kind, name, call_id = (item.get(field) for field in ("type", "name", "call_id"))
    return ResponsesWebSocketOutput(index, row.id, kind, name, call_id, arguments, input_, answers)
