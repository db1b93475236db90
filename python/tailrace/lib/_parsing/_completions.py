"""Chat completions whose contents and tool arguments are parsed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast

from ..._construct import construct_type
from ..._exceptions import ContentFilterFinishReasonError, LengthFinishReasonError
from ..._types import NotGiven, Omit, omit
from ...types.chat.parsed_chat_completion import ParsedChatCompletion
from ...types.chat.parsed_function_tool_call import ParsedFunctionToolCall
from .._pydantic import is_schema_type, parse_json
from .._tools import PydanticFunctionTool
from ._response_format import (
    ResponseFormatT as ResponseFormatT,
    has_rich_response_format as has_rich_response_format,
    is_response_format_param as is_response_format_param,
    type_to_response_format_param as type_to_response_format_param,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ...types.chat.chat_completion import ChatCompletion
    from ...types.chat.chat_completion_function_tool_param import ChatCompletionFunctionToolParam
    from ...types.chat.chat_completion_message import ChatCompletionMessage
    from ...types.chat.chat_completion_message_function_tool_call import Function
    from ...types.chat.chat_completion_tool_union_param import ChatCompletionToolUnionParam


def is_strict_chat_completion_tool_param(tool: ChatCompletionToolUnionParam) -> bool:
    """Tell whether `tool` is a function whose arguments the API promises to fit its schema."""
    return tool["type"] == "function" and bool(tool["function"].get("strict"))


def select_strict_chat_completion_tools(
    tools: Iterable[ChatCompletionToolUnionParam] | Omit = omit,
) -> Iterable[ChatCompletionFunctionToolParam] | Omit:
    """Return the tools whose arguments can be parsed."""
    if isinstance(tools, (Omit, NotGiven)):
        return omit
    return cast("Any", [tool for tool in tools if is_strict_chat_completion_tool_param(tool)])


def materialize_input_tools(
    tools: Iterable[ChatCompletionToolUnionParam] | Omit = omit,
) -> list[ChatCompletionToolUnionParam] | Omit:
    """Return the tools as a list, so that what can be iterated over once is both sent and remembered."""
    return omit if isinstance(tools, (Omit, NotGiven)) else list(tools)


def validate_input_tools(
    tools: Iterable[ChatCompletionToolUnionParam] | Omit = omit,
) -> list[ChatCompletionFunctionToolParam] | Omit:
    """Return the tools as a list.

    Raises:
        ValueError: one of them is no function, or is not strict, so that its arguments cannot be parsed.
    """
    if isinstance(tools, (Omit, NotGiven)):
        return omit
    listed = list(tools)
    for tool in listed:
        if tool["type"] != "function":
            raise ValueError(f"Currently only `function` tool types support auto-parsing; Received `{tool['type']}`")
        function = tool["function"]
        if function.get("strict") is not True:
            raise ValueError(f"`{function['name']}` is not strict. Only `strict` function tools can be auto-parsed")
    return cast("Any", listed)


def parse_chat_completion(
    *,
    response_format: Any,
    input_tools: Iterable[ChatCompletionToolUnionParam] | Omit,
    chat_completion: ChatCompletion | ParsedChatCompletion[object],
) -> ParsedChatCompletion[Any]:
    """Return a completion with its contents as objects of `response_format` and its tool arguments parsed.

    Raises:
        LengthFinishReasonError: a choice was cut at the token limit.
        ContentFilterFinishReasonError: a choice was stopped by the content filter.
        pydantic.ValidationError: a content, or the arguments of a tool, do not fit.
        json.JSONDecodeError: the arguments of a strict tool without a model are no JSON.
        TypeError: contents cannot become a `response_format`.
    """
    tools: list[Any] = [] if isinstance(input_tools, (Omit, NotGiven)) else list(input_tools)
    choices: list[dict[str, object]] = []
    for choice in chat_completion.choices:
        if choice.finish_reason == "length":
            raise LengthFinishReasonError(completion=chat_completion)
        if choice.finish_reason == "content_filter":
            raise ContentFilterFinishReasonError(completion=chat_completion)
        message: Any = choice.message
        calls = [_parsed_call(call, tools) for call in message.tool_calls or () if _is_kept(call)]
        parsed = {
            **message.to_dict(warnings=False),
            "parsed": maybeparse_content(response_format=response_format, message=message),
            "tool_calls": calls or None,
        }
        choices.append({**choice.to_dict(warnings=False), "message": parsed})
    result_type: Any = ParsedChatCompletion[ResponseFormatT]  # pyright: ignore[reportGeneralTypeIssues]
    return construct_type(result_type, {**chat_completion.to_dict(warnings=False), "choices": choices})


def get_input_tool_by_name(
    *, input_tools: list[ChatCompletionToolUnionParam], name: str
) -> ChatCompletionFunctionToolParam | None:
    """Return the function among the tools that has this name."""
    for tool in input_tools:
        if tool["type"] == "function" and tool["function"].get("name") == name:
            return tool
    return None


def parse_function_tool_arguments(
    *, input_tools: list[ChatCompletionToolUnionParam], function: Function
) -> object | None:
    """Return the arguments of a call: an object of the tool's model, decoded JSON if it is strict, else None."""
    tool = get_input_tool_by_name(input_tools=input_tools, name=function.name)
    if tool is None:
        return None
    definition: Any = tool["function"]
    if isinstance(definition, PydanticFunctionTool):
        return parse_json(definition.model, function.arguments)
    return json.loads(function.arguments) if definition.get("strict") else None


def maybeparse_content(*, response_format: Any, message: ChatCompletionMessage) -> Any:
    """Return the content of a message as an object of `response_format`; None where there is nothing to parse."""
    if has_rich_response_format(response_format) and message.content and not message.refusal:
        return parse_content(response_format, message.content)
    return None


def has_parseable_input(
    *, response_format: Any, input_tools: Iterable[ChatCompletionToolUnionParam] | Omit = omit
) -> bool:
    """Tell whether an answer to these arguments has something to parse."""
    if has_rich_response_format(response_format):
        return True
    return any(is_parseable_tool(tool) for tool in input_tools or ())


def is_parseable_tool(input_tool: ChatCompletionToolUnionParam) -> bool:
    """Tell whether the arguments of calls of this tool are parsed."""
    if input_tool["type"] != "function":
        return False
    definition: Any = input_tool["function"]
    return isinstance(definition, PydanticFunctionTool) or bool(definition.get("strict"))


def parse_content(response_format: Any, content: str) -> Any:
    """Return a content as an object of `response_format`.

    Raises:
        pydantic.ValidationError: it does not fit.
        TypeError: `response_format` is nothing that contents can become.
    """
    if is_schema_type(response_format):
        return parse_json(response_format, content)
    raise TypeError(f"Unable to automatically parse response format type {response_format}")


def _is_kept(call: Any) -> bool:
    if call.type != "custom":
        return True
    from ..._logs import logger

    name = getattr(getattr(call, "custom", None), "name", None)
    logger.warning("Custom tool calls are not callable. Ignoring tool call: %s - %s", call.id, name)
    return False


def _parsed_call(call: Any, tools: list[Any]) -> Any:
    if call.type != "function":
        return call
    parsed = parse_function_tool_arguments(input_tools=tools, function=call.function)
    function = {**call.function.to_dict(warnings=False), "parsed_arguments": parsed}
    return construct_type(ParsedFunctionToolCall, {**call.to_dict(warnings=False), "function": function})
