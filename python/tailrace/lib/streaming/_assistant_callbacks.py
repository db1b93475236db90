"""The callbacks of the streams of assistants: what a handler may do when something comes. Here they do nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ...types.beta.assistant_stream_event import AssistantStreamEvent
    from ...types.beta.threads.image_file import ImageFile
    from ...types.beta.threads.message import Message
    from ...types.beta.threads.message_delta import MessageDelta
    from ...types.beta.threads.runs.run_step import RunStep
    from ...types.beta.threads.runs.run_step_delta import RunStepDelta
    from ...types.beta.threads.runs.tool_call import ToolCall
    from ...types.beta.threads.runs.tool_call_delta import ToolCallDelta
    from ...types.beta.threads.text import Text
    from ...types.beta.threads.text_delta import TextDelta

__all__ = ["AssistantCallbacks", "AsyncAssistantCallbacks"]


class AssistantCallbacks:
    """The callbacks, to be overridden. What one raises ends the reading and is raised there."""

    def on_end(self) -> None:
        """Take note of the end of the stream, whether it was read to it or an error ended it."""

    def on_event(self, event: AssistantStreamEvent) -> None:
        """Take any event; the callbacks for what it tells follow."""

    def on_run_step_created(self, run_step: RunStep) -> None:
        """Take a step of the run that has begun."""

    def on_run_step_delta(self, delta: RunStepDelta, snapshot: RunStep) -> None:
        """Take more of a step: `delta` is what is new, `snapshot` the step so far."""

    def on_run_step_done(self, run_step: RunStep) -> None:
        """Take a step that has ended: completed, cancelled, failed or expired."""

    def on_tool_call_created(self, tool_call: ToolCall) -> None:
        """Take a call of a tool that the model has begun."""

    def on_tool_call_delta(self, delta: ToolCallDelta, snapshot: ToolCall) -> None:
        """Take more of a call: `delta` is what is new, `snapshot` the call so far."""

    def on_tool_call_done(self, tool_call: ToolCall) -> None:
        """Take a call that is whole: another has begun, its step has ended, or its run has stopped."""

    def on_exception(self, exception: Exception) -> None:
        """Take what the stream or a callback raised; it goes on to whoever reads the stream."""

    def on_timeout(self) -> None:
        """Take note that the time of the request ran out; `on_exception` follows."""

    def on_message_created(self, message: Message) -> None:
        """Take a message that the model has begun."""

    def on_message_delta(self, delta: MessageDelta, snapshot: Message) -> None:
        """Take more of a message: `delta` is what is new, `snapshot` the message so far."""

    def on_message_done(self, message: Message) -> None:
        """Take a message that is whole, or stopped as it is."""

    def on_text_created(self, text: Text) -> None:
        """Take a text of a message that has begun."""

    def on_text_delta(self, delta: TextDelta, snapshot: Text) -> None:
        """Take more of a text: `delta` is what is new, `snapshot` the text so far."""

    def on_text_done(self, text: Text) -> None:
        """Take a text that is whole: other content has begun, or its message has ended."""

    def on_image_file_done(self, image_file: ImageFile) -> None:
        """Take an image that is whole: other content has begun, or its message has ended."""


class AsyncAssistantCallbacks:
    """The same callbacks, awaited one after the other."""

    async def on_end(self) -> None:
        """Take note of the end of the stream, whether it was read to it or an error ended it."""

    async def on_event(self, event: AssistantStreamEvent) -> None:
        """Take any event; the callbacks for what it tells follow."""

    async def on_run_step_created(self, run_step: RunStep) -> None:
        """Take a step of the run that has begun."""

    async def on_run_step_delta(self, delta: RunStepDelta, snapshot: RunStep) -> None:
        """Take more of a step: `delta` is what is new, `snapshot` the step so far."""

    async def on_run_step_done(self, run_step: RunStep) -> None:
        """Take a step that has ended: completed, cancelled, failed or expired."""

    async def on_tool_call_created(self, tool_call: ToolCall) -> None:
        """Take a call of a tool that the model has begun."""

    async def on_tool_call_delta(self, delta: ToolCallDelta, snapshot: ToolCall) -> None:
        """Take more of a call: `delta` is what is new, `snapshot` the call so far."""

    async def on_tool_call_done(self, tool_call: ToolCall) -> None:
        """Take a call that is whole: another has begun, its step has ended, or its run has stopped."""

    async def on_exception(self, exception: Exception) -> None:
        """Take what the stream or a callback raised; it goes on to whoever reads the stream."""

    async def on_timeout(self) -> None:
        """Take note that the time of the request ran out; `on_exception` follows."""

    async def on_message_created(self, message: Message) -> None:
        """Take a message that the model has begun."""

    async def on_message_delta(self, delta: MessageDelta, snapshot: Message) -> None:
        """Take more of a message: `delta` is what is new, `snapshot` the message so far."""

    async def on_message_done(self, message: Message) -> None:
        """Take a message that is whole, or stopped as it is."""

    async def on_text_created(self, text: Text) -> None:
        """Take a text of a message that has begun."""

    async def on_text_delta(self, delta: TextDelta, snapshot: Text) -> None:
        """Take more of a text: `delta` is what is new, `snapshot` the text so far."""

    async def on_text_done(self, text: Text) -> None:
        """Take a text that is whole: other content has begun, or its message has ended."""

    async def on_image_file_done(self, image_file: ImageFile) -> None:
        """Take an image that is whole: other content has begun, or its message has ended."""
