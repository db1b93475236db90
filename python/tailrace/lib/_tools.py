"""Function tools made of types: their arguments have the schema of the type and are parsed to it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, cast

import pydantic

from .._types import NotGiven, Omit, omit
from ._pydantic import is_schema_type, name_of_type, strict_schema_of, to_strict_json_schema

if TYPE_CHECKING:
    from ..types.chat import ChatCompletionFunctionToolParam
    from ..types.responses.function_tool_param import FunctionToolParam as ResponsesFunctionToolParam
    from ..types.shared_params import FunctionDefinition

    _Definition = dict[str, Any]
else:
    # The annotations of the signatures are looked up when somebody asks for them.
    _Definition = dict


class PydanticFunctionTool(_Definition):
    """The `function` of a chat tool, which remembers the type of its arguments."""

    model: type[pydantic.BaseModel]

    def __init__(self, defn: FunctionDefinition, model: type[pydantic.BaseModel]) -> None:
        """Keep the definition `defn` as this dictionary's items."""
        super().__init__(cast(Any, defn))
        self.model = model

    def cast(self) -> FunctionDefinition:
        """Return itself, for type checkers."""
        return cast("FunctionDefinition", self)


class ResponsesPydanticFunctionTool(_Definition):
    """A function tool of the Responses API, which remembers the type of its arguments."""

    model: type[pydantic.BaseModel]

    def __init__(self, tool: ResponsesFunctionToolParam, model: type[pydantic.BaseModel]) -> None:
        """Keep `tool` as this dictionary's items."""
        super().__init__(cast(Any, tool))
        self.model = model

    def cast(self) -> ResponsesFunctionToolParam:
        """Return itself, for type checkers."""
        return cast("ResponsesFunctionToolParam", self)


def pydantic_function_tool(
    model: type[pydantic.BaseModel],
    *,
    name: str | None = None,  # inferred from class name by default
    description: str | None = None,  # inferred from class docstring by default
) -> ChatCompletionFunctionToolParam:
    """Return a strict function tool for chat completions, whose arguments are an instance of `model`.

    `model` is a pydantic model, a dataclass or a `TypedDict`. The tool is called as the class, and its description is
    the docstring of the class, unless `name` and `description` say otherwise.

    Raises what `to_strict_json_schema` raises.
    """
    function = PydanticFunctionTool(cast(Any, _definition(model, name, description, {})), model).cast()
    return {"type": "function", "function": function}


def pydantic_responses_function_tool(
    model: type[pydantic.BaseModel],
    *,
    name: str | None = None,
    description: str | None = None,
    defer_loading: bool | Omit = omit,
) -> ResponsesFunctionToolParam:
    """Return a strict function tool for the Responses API, whose arguments are an instance of `model`.

    The arguments are those of `pydantic_function_tool`; `defer_loading` leaves the tool to be found by tool search.

    Raises what `to_strict_json_schema` raises.
    """
    tool = _definition(model, name, description, {"type": "function"})
    if not isinstance(defer_loading, Omit):
        tool["defer_loading"] = defer_loading
    return ResponsesPydanticFunctionTool(cast(Any, tool), model).cast()


def sendable_tools(tools: Any) -> Any:
    """Return tools as a list that can be read twice, those in the form of chat completions turned into responses' own.

    Raises:
        TypeError: a tool in the form of chat completions is not from `pydantic_function_tool`.
    """
    if tools is None or isinstance(tools, (Omit, NotGiven)):
        return tools
    return [_sendable_tool(tool) for tool in cast("Iterable[Any]", tools)]


def _sendable_tool(tool: Any) -> Any:
    if not isinstance(tool, Mapping):
        return tool
    return _sendable_mapping(cast("Mapping[str, Any]", tool))


def _sendable_mapping(tool: Mapping[str, Any]) -> Any:
    kind = tool.get("type")
    if kind == "namespace":
        return {**tool, "tools": [_sendable_tool(inner) for inner in tool.get("tools") or ()]}
    if kind != "function" or "function" not in tool:
        return tool
    function: Any = tool["function"]
    model = getattr(function, "model", None)
    if model is None:
        raise TypeError(
            "Expected Chat Completions function tool shape to be created using `tailrace.pydantic_function_tool()`"
        )
    known = ("name", "description", "parameters", "strict")
    flat = {"type": "function", **{name: function.get(name) for name in known}}
    flat.update({name: value for name, value in function.items() if name not in known})
    return ResponsesPydanticFunctionTool(cast("Any", flat), model)


def _definition(model: Any, name: str | None, description: str | None, tool: dict[str, Any]) -> dict[str, Any]:
    schema = strict_schema_of(model) if is_schema_type(model) else to_strict_json_schema(model)
    tool.update(name=name or name_of_type(model), strict=True, parameters=schema)
    said = model.__doc__ if description is None else description
    if said or description is not None:
        tool["description"] = said
    return tool
