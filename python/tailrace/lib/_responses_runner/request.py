"""The requests of a run: the same parameters each time, with a history that grows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from ..._transform import transform
from ...types.responses.response_create_params import ResponseCreateParamsNonStreaming
from .plain_json import copied, is_left_out, json_text, require_plain

__all__ = ["COMPUTERS", "OVERRIDES", "first_request", "is_server_tool"]

#: Tools that are a computer.
COMPUTERS = frozenset(("computer", "computer_use", "computer_use_preview"))
#: Tools that run on the server, so that a runner only hands their items on.
_SERVER_TOOLS = frozenset(("web_search", "file_search", "code_interpreter", "image_generation", "mcp"))
#: Parameters of a request that are not part of its body.
OVERRIDES = frozenset(("extra_headers", "extra_query", "extra_body", "timeout"))
#: What the model needs to go on thinking where it was, without the server keeping the conversation.
_REASONING = "reasoning.encrypted_content"

_OWNED = frozenset((
    "input", "tools", "tool_choice", "include", "stream", "store", "background", "previous_response_id", "conversation",
))  # fmt: skip


def is_server_tool(kind: str) -> bool:
    """Whether a tool of this type runs on the server."""
    return kind in _SERVER_TOOLS or kind.startswith("web_search_")


def first_request(
    given: Any, functions: list[dict[str, Any]], *, has_computer: bool, is_saved: bool, is_sized: bool
) -> dict[str, Any]:
    """Return a copy of the parameters of a run, with lists as `input`, `tools` and `include`.

    Args:
        given: The parameters.
        functions: The declarations of the functions of the runner.
        has_computer: Whether the runner has a computer, which is declared unless the parameters do it.
        is_saved: Whether the run is saved, so that it has to be JSON.
        is_sized: Whether its requests are measured.

    Raises:
        ValueError: the parameters ask for something that a runner cannot go on with.
        KeyError: a tool lacks its type, or a server its label.
        TypeError: the input is None.
    """
    params = cast("Mapping[str, Any]", given)
    is_plain = type(given) is dict and type(params.get("input", "")) in (str, list)
    if (is_saved or is_sized) and not is_plain:
        raise ValueError("Saved or budgeted requests require native body parameters.")
    if is_saved and not OVERRIDES.isdisjoint(params):
        raise ValueError("Ledger requests require native body parameters without request overrides.")
    body = {name: value for name, value in params.items() if not is_left_out(value)}
    _require_own_fields(body)
    if body.get("input", "") is None:
        raise TypeError("The input of a run must be a text or a list of items, not None.")
    options = {name: body.pop(name) for name in OVERRIDES & body.keys()}
    if any(body.get(name) for name in ("background", "stream", "previous_response_id", "conversation")):
        raise ValueError("Use explicit input history and foreground responses. Select streaming on run().")
    own: dict[str, Any] = copied(body)
    if is_saved or is_sized:
        own = transform(own, ResponseCreateParamsNonStreaming)
        functions = cast("list[Any]", transform({"tools": functions}, ResponseCreateParamsNonStreaming)["tools"])
        require_plain([own, functions])
        json_text([own, functions])
    tools = _tools(own, has_computer=has_computer)
    _require_end(own.get("tool_choice"), tools)
    input_ = own.get("input")
    include: list[Any] = own.get("include") or []
    return {
        **own,
        **options,
        "input": [{"role": "user", "content": input_}] if isinstance(input_, str) else list(input_ or []),
        "include": include if _REASONING in include else [*include, _REASONING],
        "tools": [*functions, *tools],
    }


def _require_own_fields(body: Mapping[str, Any]) -> None:
    extra = body.get("extra_body")
    if isinstance(extra, Mapping) and not _OWNED.isdisjoint(cast("Mapping[str, Any]", extra)):
        raise ValueError("ResponsesToolRunner extra_body cannot override runner-owned fields.")


def _tools(own: dict[str, Any], *, has_computer: bool) -> list[dict[str, Any]]:
    tools: list[dict[str, Any]] = list(own.get("tools") or [])
    computers = [tool for tool in tools if tool["type"] in COMPUTERS]
    if not all(tool in computers or is_server_tool(tool["type"]) for tool in tools):
        raise ValueError("Only supported declared server tools and registered computer tools are accepted in params.")
    if len(computers) > 1 or (computers and not has_computer):
        raise ValueError("A single declared computer requires a registered computer driver.")
    labels = [tool["server_label"] for tool in tools if tool["type"] == "mcp"]
    if not all(labels) or len(set(labels)) < len(labels):
        raise ValueError("MCP server labels must be nonempty and unique.")
    if own.get("store") is False and any(tool["type"] == "image_generation" for tool in tools):
        raise ValueError(
            "This runner requires stored responses to continue after image generation. "
            "Set store to true or use responses.create for a single request."
        )
    return [*tools, {"type": "computer"}] if has_computer and not computers else tools


def _require_end(choice: Any, tools: list[dict[str, Any]]) -> None:
    """Raise `ValueError` when every answer has to call a tool that is run here, so that a run could never end."""
    kinds = COMPUTERS | {"function"}
    is_forced = choice == "required" and not any(is_server_tool(tool["type"]) for tool in tools)
    if isinstance(choice, dict):
        fields = cast("dict[str, Any]", choice)
        if fields.get("type") == "allowed_tools":
            chosen: Any = fields.get("tools") or []
            is_forced = fields.get("mode") == "required" and all(tool.get("type") in kinds for tool in chosen)
        else:
            is_forced = fields.get("type") in kinds
    if is_forced:
        raise ValueError(
            "ResponsesToolRunner cannot finish when tool_choice always requires a local tool. "
            "Use auto or responses.create for a single forced request."
        )
