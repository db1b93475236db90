"""What the events of a run come to: the run, its steps and messages so far, and the callbacks that each event fires."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from ..._construct import construct_type
from ..._exceptions import APIConnectionError, APITimeoutError
from ..._lazy import LazyType
from ._deltas import accumulate_delta

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...types.beta.assistant_stream_event import AssistantStreamEvent
    from ...types.beta.threads.message import Message
    from ...types.beta.threads.run import Run
    from ...types.beta.threads.runs.run_step import RunStep
    from ...types.beta.threads.runs.tool_call import ToolCall

__all__ = ["AssistantEvents", "Callback", "SoFar", "texts_of"]

#: The name of a method of a handler, and its arguments.
Callback: TypeAlias = "tuple[str, tuple[Any, ...]]"

_MESSAGE_CONTENT = LazyType("tailrace.types.beta.threads.message_content", "MessageContent")
_RUN_STEP = LazyType("tailrace.types.beta.threads.runs.run_step", "RunStep")

_RUN = "thread.run."
_STEP = "thread.run.step."
_MESSAGE = "thread.message."

#: How runs and steps end. What a run waits for ends its tool call, too.
_STEP_ENDS = frozenset(("completed", "cancelled", "expired", "failed"))
_RUN_ENDS = _STEP_ENDS | {"requires_action", "incomplete"}
_MESSAGE_ENDS = frozenset(("completed", "incomplete"))


class AssistantEvents:
    """What has been read of a stream.

    Attributes:
        event: The event whose callbacks run now; None between events.
        run: The run as its last event told it.
        steps: The steps by id, in the order in which they began.
        messages: The messages by id, in the order in which they began.
    """

    def __init__(self) -> None:
        self.event: AssistantStreamEvent | None = None
        self.run: Run | None = None
        self.steps: dict[str, RunStep] = {}
        self.messages: dict[str, Message] = {}
        self._step: str | None = None
        self._message: Message | None = None
        self._content_index: int | None = None
        self._content: Any = None
        self._tool_call: ToolCall | None = None
        self._tool_call_index: int | None = None

    @property
    def step(self) -> RunStep | None:
        """The step that runs now, as it is now."""
        return self.steps[self._step] if self._step is not None else None

    @property
    def message(self) -> Message | None:
        """The message that came last, as it is now."""
        return self._message

    def failed(self, error: Exception) -> tuple[Exception, bool]:
        """Return what a handler is told of what ended its events, and whether that is time that ran out.

        Over a caller's own HTTP client a broken stream raises what that client did, as in the official package; what a
        callback raises is nothing of the stream's.
        """
        if self.event is not None or not isinstance(error, APIConnectionError):
            return error, False
        cause = error.__cause__
        return cause if isinstance(cause, Exception) else error, isinstance(error, APITimeoutError)

    def take(self, event: Any) -> Iterator[Callback]:
        """Take note of an event and return the callbacks that it fires.

        What is known grows between two callbacks, so that each is to be made before the next is asked for.
        """
        self.event = event
        yield "on_event", (event,)
        name: str = event.event
        if name.startswith(_STEP):
            yield from self._take_step(name[len(_STEP) :], event.data)
        elif name.startswith(_RUN):
            self.run = event.data
            if name[len(_RUN) :] in _RUN_ENDS:
                yield from self._tool_call_done()
        elif name.startswith(_MESSAGE):
            yield from self._take_message(name[len(_MESSAGE) :], event.data)

    def final_run(self) -> Run:
        """Return the run. Raises `RuntimeError` if there was none."""
        if self.run is None:
            raise RuntimeError("No final run object found")
        return self.run

    def final_steps(self) -> list[RunStep]:
        """Return the steps. Raises `RuntimeError` if there was none."""
        if not self.steps:
            raise RuntimeError("No run steps found")
        return list(self.steps.values())

    def final_messages(self) -> list[Message]:
        """Return the messages. Raises `RuntimeError` if there was none."""
        if not self.messages:
            raise RuntimeError("No messages found")
        return list(self.messages.values())

    def _take_message(self, kind: str, data: Any) -> Iterator[Callback]:
        if kind == "delta":
            yield from self._take_message_delta(data)
            return
        if kind == "created":
            self._message = self.messages[data.id] = data
            yield "on_message_created", (data,)
        elif kind in _MESSAGE_ENDS:
            self._message = self.messages[data.id] = data
            if self._content_index is not None:
                yield from _content_done(data.content[self._content_index])
            yield "on_message_done", (data,)

    def _take_message_delta(self, data: Any) -> Iterator[Callback]:
        message = self.messages.get(data.id)
        if message is None:
            raise RuntimeError("Encountered a message delta with no previous snapshot")
        self._message = message
        contents: list[Any] = message.content
        parts: list[Any] = data.delta.content or []
        for content in _merged(contents, parts):
            if content.type == "text":
                yield "on_text_created", (content.text,)
        for part in parts:
            if part.type == "text" and part.text:
                yield "on_text_delta", (part.text, contents[part.index].text)
            if part.index != self._content_index:
                if self._content_index is not None:
                    yield from _content_done(self._content)
                self._content_index = part.index
            self._content = contents[part.index]
        yield "on_message_delta", (data.delta, message)

    def _take_step(self, kind: str, data: Any) -> Iterator[Callback]:
        if kind == "delta":
            yield from self._take_step_delta(data)
            return
        if kind == "created":
            self._step = data.id
            self.steps[data.id] = data
            yield "on_run_step_created", (data,)
        elif kind in _STEP_ENDS:
            yield from self._tool_call_done()
            # The official helper keeps the step as its deltas made it, and gives the whole one to the callback only.
            yield "on_run_step_done", (data,)
            self._step = None
        else:
            self._step = data.id

    def _take_step_delta(self, data: Any) -> Iterator[Callback]:
        known: dict[object, object] = self.steps[data.id].to_dict(warnings=False)  # pyright: ignore[reportAssignmentType]
        merged = accumulate_delta(known, {"step_details": data.delta.to_dict(warnings=False).get("step_details")})
        step: Any = construct_type(_RUN_STEP.resolve(), merged)
        self.steps[data.id] = step
        details = data.delta.step_details
        calls: list[Any] = (details.tool_calls or []) if details is not None and details.type == "tool_calls" else []
        for call in calls:
            so_far = step.step_details.tool_calls[call.index]
            if call.index == self._tool_call_index:
                self._tool_call = so_far
                yield "on_tool_call_delta", (call, so_far)
            else:
                yield from self._tool_call_done()
                self._tool_call_index, self._tool_call = call.index, so_far
                yield "on_tool_call_created", (so_far,)
        yield "on_run_step_delta", (data.delta, step)

    def _tool_call_done(self) -> Iterator[Callback]:
        if self._tool_call is not None:
            yield "on_tool_call_done", (self._tool_call,)


def texts_of(event: Any) -> Iterator[str]:
    """Return the pieces of texts in an event."""
    if event.event == "thread.message.delta":
        for part in event.data.delta.content or ():
            if part.type == "text" and part.text and part.text.value:
                yield part.text.value


def _merged(contents: list[Any], parts: list[Any]) -> list[Any]:
    """Merge the parts of a delta into the contents of a message, and return the contents that are new."""
    new: list[Any] = []
    for part in parts:
        try:
            known = contents[part.index]
        except IndexError:
            content: Any = construct_type(_MESSAGE_CONTENT.resolve(), part.to_dict(warnings=False))
            contents.insert(part.index, content)
            new.append(content)
        else:
            merged = accumulate_delta(known.to_dict(warnings=False), part.to_dict(warnings=False))
            contents[part.index] = construct_type(_MESSAGE_CONTENT.resolve(), merged)
    return new


def _content_done(content: Any) -> Iterator[Callback]:
    if content.type == "text":
        yield "on_text_done", (content.text,)
    elif content.type == "image_file":
        yield "on_image_file_done", (content.image_file,)


class SoFar:
    """What a handler tells of the events that have been read of its stream."""

    _so_far: AssistantEvents

    @property
    def current_event(self) -> AssistantStreamEvent | None:
        """The event whose callbacks run now; None between events."""
        return self._so_far.event

    @property
    def current_run(self) -> Run | None:
        """The run as its last event told it; None before that."""
        return self._so_far.run

    @property
    def current_run_step_snapshot(self) -> RunStep | None:
        """The step that runs, as it is now; None between steps."""
        return self._so_far.step

    @property
    def current_message_snapshot(self) -> Message | None:
        """The last message, as it is now; None before the first."""
        return self._so_far.message
