"""The requests of a run that only uses a computer: the same parameters each time, with a history that grows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import deepcopy
from typing import Any, cast

import pydantic

__all__ = ["first_request", "owned", "without_force"]

#: What the model needs to go on thinking where it was, without the server keeping the conversation.
_REASONING = "reasoning.encrypted_content"

#: What a run decides itself, so that `extra_body` must not.
_OWN_FIELDS = frozenset((
    "stream", "background", "conversation", "previous_response_id", "tools", "input", "include", "tool_choice",
))  # fmt: skip

#: Arguments that say how a request is sent, and that are read when it is.
_SENDING = ("extra_headers", "extra_query", "timeout")

_COMPUTERS = ("computer", "computer_use_preview")


def first_request(params: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of the first request: a copy with lists as `input` and `tools`.

    Raises:
        ValueError: the parameters ask for something that a run cannot go on with.
        TypeError: `input` is neither a text nor a list.
    """
    extra_body: Any = params.get("extra_body")
    if extra_body is not None and not _OWN_FIELDS.isdisjoint({**extra_body}):
        raise ValueError("ComputerToolset extra_body cannot override runner-owned fields")
    if params.get("stream") or params.get("background"):
        raise ValueError("ComputerToolset requires non-streaming, foreground responses")
    if params.get("conversation") or params.get("previous_response_id"):
        raise ValueError("Pass complete input history; conversation and previous_response_id are not supported")
    sending = {name: params[name] for name in _SENDING if name in params}
    own = owned({name: value for name, value in params.items() if name not in sending})
    tools: Any = own.get("tools", [{"type": "computer"}])
    if not isinstance(tools, list) or [_is(tool, *_COMPUTERS) for tool in cast("list[Any]", tools)] != [True]:
        raise ValueError("ComputerToolset requires exactly one computer tool")
    given = own.get("input", ())
    history = [{"role": "user", "content": given}] if isinstance(given, str) else list(given)
    include: list[Any] = list(own.get("include") or ())
    include += [] if _REASONING in include else [_REASONING]
    return {**own, **sending, "stream": False, "tools": tools, "input": history, "include": include}


def without_force(choice: Any) -> Any:
    """Return a `tool_choice` after a turn: a model that had to use the computer each time would never end."""
    if choice == "required" or _is(choice, *_COMPUTERS, "computer_use"):
        return "auto"
    if _is(choice, "allowed_tools") and choice.get("mode") == "required":
        return {**{name: value for name, value in choice.items() if name != "mode"}, "mode": "auto"}
    return choice


def _is(tool: Any, *kinds: str) -> bool:
    return isinstance(tool, Mapping) and cast("Mapping[str, Any]", tool).get("type") in kinds


def owned(value: Any) -> Any:
    """Return a copy of parameters that nobody else changes; what can be gone through only once becomes a list."""
    if isinstance(value, Mapping):
        return {name: owned(one) for name, one in cast("Mapping[Any, Any]", value).items()}
    if isinstance(value, (str, bytes, pydantic.BaseModel)) or not isinstance(value, Iterable):
        return deepcopy(value)
    return [owned(one) for one in cast("Iterable[Any]", value)]
