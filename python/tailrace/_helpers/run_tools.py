"""`run_tools` of chat completions and of responses, beside the official methods."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .._types import omit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from .._structured.run_tools.runner import AsyncToolRunner, ToolRunner
    from .._structured.run_tools.steps import ToolCall, ToolResult, ToolStep
    from .._types import Omit
    from ..types.chat.chat_completion import ChatCompletion
    from ..types.chat.chat_completion_message_param import ChatCompletionMessageParam
    from ..types.responses.response import Response
    from ..types.responses.response_input_param import ResponseInputParam

__all__ = ["AsyncChatTools", "AsyncResponsesTools", "ChatTools", "ResponsesTools"]


class ChatTools:
    """Joins `Completions`."""

    def run_tools(
        self,
        *,
        messages: Iterable[ChatCompletionMessageParam],
        model: str,
        tools: Iterable[Any],
        max_steps: int = 10,
        parallel: bool = True,
        on_step: Callable[[ToolStep[ChatCompletion]], Any] | None = None,
        on_tool_call: Callable[[ToolCall], Any] | None = None,
        on_tool_result: Callable[[ToolResult], Any] | None = None,
        **options: Any,
    ) -> ToolRunner[ChatCompletion]:
        """Let a model call Python functions until it answers. Nothing is sent before the runner is waited for.

        Args:
            messages: The conversation so far.
            model: Of every request.
            tools: Functions, whose parameters have annotations and whose docstrings say what they are for; pydantic
                classes with `__call__`; what `pydantic_function_tool` makes of those; or dictionaries, whose
                `function` may have a function under `function`. Others are sent as they are, and a call of one ends
                the run.
            max_steps: The most requests.
            parallel: Whether the calls of one answer run at the same time, each on a thread, or one after another.
            on_step: Called after each step.
            on_tool_call: Called before each call; one that raises `ToolError` refuses it.
            on_tool_result: Called after each call.
            options: The other parameters of `create`. A `response_format` that is a type is parsed. A `tool_choice`
                that forces a call holds for the first request only.

        Returns:
            A `ToolRunner`: wait for it with `until_done()`, `final_content()`, `final_answer()` or `final_parsed()`, or
            iterate over its steps.

        Raises:
            TypeError: A tool has no schema, or the calls of an async function would have to be awaited.
            ValueError: `max_steps` is less than 1.
        """
        hooks = {"on_step": on_step, "on_tool_call": on_tool_call, "on_tool_result": on_tool_result}
        return _chat(self, messages, tools, {"model": model, **options}, False, max_steps, parallel, hooks)


class AsyncChatTools:
    """Joins `AsyncCompletions`."""

    def run_tools(
        self,
        *,
        messages: Iterable[ChatCompletionMessageParam],
        model: str,
        tools: Iterable[Any],
        max_steps: int = 10,
        parallel: bool = True,
        on_step: Callable[[ToolStep[ChatCompletion]], Any] | None = None,
        on_tool_call: Callable[[ToolCall], Any] | None = None,
        on_tool_result: Callable[[ToolResult], Any] | None = None,
        **options: Any,
    ) -> AsyncToolRunner[ChatCompletion]:
        """Do what `Completions.run_tools` does, awaited. Tools and hooks may be async; others run on threads."""
        hooks = {"on_step": on_step, "on_tool_call": on_tool_call, "on_tool_result": on_tool_result}
        return _chat(self, messages, tools, {"model": model, **options}, True, max_steps, parallel, hooks)


class ResponsesTools:
    """Joins `Responses`."""

    def run_tools(
        self,
        *,
        model: str,
        tools: Iterable[Any],
        input: str | ResponseInputParam | Omit = omit,
        max_steps: int = 10,
        parallel: bool = True,
        on_step: Callable[[ToolStep[Response]], Any] | None = None,
        on_tool_call: Callable[[ToolCall], Any] | None = None,
        on_tool_result: Callable[[ToolResult], Any] | None = None,
        **options: Any,
    ) -> ToolRunner[Response]:
        """Let a model call Python functions until it answers. Nothing is sent before the runner is waited for.

        The arguments are those of `client.chat.completions.run_tools`, `input` in place of the messages and
        `text_format` in place of the format. With `previous_response_id` or `conversation` only what is new is sent.
        """
        hooks = {"on_step": on_step, "on_tool_call": on_tool_call, "on_tool_result": on_tool_result}
        return _responses(self, input, tools, {"model": model, **options}, False, max_steps, parallel, hooks)


class AsyncResponsesTools:
    """Joins `AsyncResponses`."""

    def run_tools(
        self,
        *,
        model: str,
        tools: Iterable[Any],
        input: str | ResponseInputParam | Omit = omit,
        max_steps: int = 10,
        parallel: bool = True,
        on_step: Callable[[ToolStep[Response]], Any] | None = None,
        on_tool_call: Callable[[ToolCall], Any] | None = None,
        on_tool_result: Callable[[ToolResult], Any] | None = None,
        **options: Any,
    ) -> AsyncToolRunner[Response]:
        """Do what `Responses.run_tools` does, awaited. Tools and hooks may be async; others run on threads."""
        hooks = {"on_step": on_step, "on_tool_call": on_tool_call, "on_tool_result": on_tool_result}
        return _responses(self, input, tools, {"model": model, **options}, True, max_steps, parallel, hooks)


def _chat(resource: Any, messages: Any, tools: Any, options: dict[str, Any], *rest: Any) -> Any:
    from .._structured.run_tools.conversations import ChatConversation

    return _runner(resource, ChatConversation, messages, tools, options, *rest)


def _responses(resource: Any, input: Any, tools: Any, options: dict[str, Any], *rest: Any) -> Any:
    from .._structured.run_tools.conversations import ResponsesConversation

    return _runner(resource, ResponsesConversation, input, tools, options, *rest)


def _runner(
    resource: Any,
    conversation: Any,
    said: Any,
    tools: Any,
    options: dict[str, Any],
    is_async: bool,
    max_steps: int,
    parallel: bool,
    hooks: dict[str, Any],
) -> Any:
    from .._structured.run_tools.functions import tools_of
    from .._structured.run_tools.runner import AsyncToolRunner, ToolRunner

    if options.get("stream"):
        raise TypeError("`run_tools` waits for whole answers; leave out `stream`, and iterate over the steps instead.")
    functions, sent = tools_of(tools)
    for name, tool in functions.items():
        if tool.is_async and not is_async:
            raise TypeError(f"The tool `{name}` is async, and nothing here awaits it; use `AsyncOpenAI`.")
    runner: Any = AsyncToolRunner if is_async else ToolRunner
    return runner(
        resource,
        conversation(said, functions, sent, options),
        functions,
        unrun=frozenset(name for name in map(_name_of, sent) if name is not None),
        max_steps=max_steps,
        parallel=parallel,
        **hooks,
    )


def _name_of(tool: Any) -> str | None:
    """Return the name of a function that is only sent; None for any other tool."""
    return tool.get("function", tool).get("name") if tool.get("type") == "function" else None
