"""Reading the structured outputs of the Responses API: texts into types, arguments of tools into models."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from ..._types import NotGiven, Omit
from ...types.responses.parsed_response import (
    ParsedResponse,
    ParsedResponseFunctionToolCall,
    ParsedResponseOutputMessage,
    ParsedResponseOutputText,
)
from .._pydantic import is_schema_type, parse_json
from ._derived import derived
from ._response_format import type_to_text_format_param as type_to_text_format_param

if TYPE_CHECKING:
    from ...types.responses.response import Response
    from ...types.responses.response_function_tool_call import ResponseFunctionToolCall
    from ...types.responses.tool_param import ToolParam

__all__ = [
    "FINAL_PHASES",
    "TextFormatT",
    "answers_of",
    "get_input_tool_by_name",
    "parse_function_tool_arguments",
    "parse_response",
    "parse_text",
    "type_to_text_format_param",
]

TextFormatT = TypeVar("TextFormatT")

#: Phases of a message whose text is the answer; None is a message of a model that names no phases.
FINAL_PHASES = (None, "final_answer")


def parse_response(
    *,
    text_format: type[TextFormatT] | Omit | None,
    input_tools: Iterable[ToolParam] | Omit | None,
    response: Response | ParsedResponse[object],
) -> ParsedResponse[TextFormatT]:
    """Return `response` with `parsed` in its texts and `parsed_arguments` in its calls of functions.

    Args:
        text_format: What the texts become: a pydantic model, a dataclass or a typed dictionary; left out or None leaves
            them unparsed.
        input_tools: The tools of the request. Calls of those that are pydantic models or `strict` are parsed.
        response: It stays as it is.

    Raises:
        pydantic.ValidationError: a text, or the arguments for a model, do not fit.
        json.JSONDecodeError: the arguments for a strict tool are no JSON.
        TypeError: no text becomes a `text_format`.
    """
    tools = _listed(input_tools)
    output = [_parsed_item(item, text_format, tools) for item in response.output or ()]
    return derived(ParsedResponse, response, output=output)


def parse_text(text: str, text_format: type[TextFormatT] | Omit | None, *, phase: str | None) -> TextFormatT | None:
    """Return a text as what it was asked to be; None where nothing was asked, or in a message that is not the answer.

    Raises:
        pydantic.ValidationError: the text does not fit.
        TypeError: no text becomes a `text_format`.
    """
    if phase not in FINAL_PHASES or text_format is None or isinstance(text_format, (Omit, NotGiven)):
        return None
    return _read(text_format, text)


def answers_of(response: Response) -> Iterator[tuple[tuple[int, int], str]]:
    """Yield the texts that are the answer, each with its place: the index of its item, and of its part in that.

    A response that is not completed has none: its texts may be cut.
    """
    if response.status not in (None, "completed"):
        return
    for item_index, item in enumerate(response.output or ()):
        if item.type != "message" or getattr(item, "phase", None) not in FINAL_PHASES:
            continue
        for part_index, part in enumerate(item.content or ()):
            if part.type == "output_text":
                yield (item_index, part_index), part.text


def get_input_tool_by_name(
    *, input_tools: Iterable[ToolParam], name: str, namespace: str | None = None
) -> Mapping[str, Any] | None:
    """Return the function among the tools of a request that a call names; None when there is none.

    A call may name a namespace: one of the tools, or, for a tool that was loaded when it was needed, its own name.
    """
    spaces: list[Mapping[str, Any]] = []
    functions: list[Mapping[str, Any]] = []
    for tool in cast("Iterable[Mapping[str, Any]]", input_tools):
        kind = tool["type"]
        if kind == "function":
            functions.append(tool)
        elif kind == "namespace" and tool.get("name") == namespace:
            spaces.append(tool)
    if spaces:
        functions = [tool for space in spaces for tool in space["tools"] if tool["type"] == "function"]
    elif namespace is not None and namespace != name:
        return None
    return next((tool for tool in functions if tool.get("name") == name), None)


def parse_function_tool_arguments(
    *,
    input_tools: Iterable[ToolParam] | Omit | None,
    function_call: ParsedResponseFunctionToolCall | ResponseFunctionToolCall,
) -> object:
    """Return the arguments of a call as what its tool says: a model, a dictionary of a strict tool, else None.

    Raises:
        pydantic.ValidationError: they do not fit the model.
        json.JSONDecodeError: they are no JSON, for a strict tool.
    """
    tools = _listed(input_tools)
    if tools is None:
        return None
    tool = get_input_tool_by_name(
        input_tools=tools, name=function_call.name, namespace=getattr(function_call, "namespace", None)
    )
    if tool is None:
        return None
    model = getattr(tool, "model", None)
    if model is not None:
        return _read(model, function_call.arguments)
    if not tool.get("strict"):
        return None
    return json.loads(function_call.arguments)


def _parsed_item(item: Any, text_format: Any, tools: list[ToolParam] | None) -> Any:
    kind = item.type
    if kind == "message":
        phase = getattr(item, "phase", None)
        content = [_parsed_part(part, text_format, phase) for part in item.content or ()]
        return derived(ParsedResponseOutputMessage, item, content=content)
    if kind == "function_call":
        arguments = parse_function_tool_arguments(input_tools=tools, function_call=item)
        return derived(ParsedResponseFunctionToolCall, item, parsed_arguments=arguments)
    return item


def _parsed_part(part: Any, text_format: Any, phase: str | None) -> Any:
    if part.type != "output_text":
        return part
    return derived(ParsedResponseOutputText, part, parsed=parse_text(part.text, text_format, phase=phase))


def _listed(tools: Iterable[ToolParam] | Omit | None) -> list[ToolParam] | None:
    if tools is None or isinstance(tools, (Omit, NotGiven)):
        return None
    return tools if isinstance(tools, list) else list(tools)  # pyright: ignore[reportUnknownVariableType]


def _read(type_: Any, text: str) -> Any:
    if not is_schema_type(type_):
        raise TypeError(f"Unable to automatically parse response format type {type_}")
    return parse_json(type_, text)
