"""Calls of a computer, looked at before anything is done."""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, cast

import pydantic

from ...types.responses.response_computer_tool_call import PendingSafetyCheck, ResponseComputerToolCall
from .._replay import plain
from .error import ComputerUseError

__all__ = ["ACTION_NAMES", "OwnCall", "own_call"]

_Test = Callable[[Any], bool]

_BUTTONS = ("left", "right", "wheel", "back", "forward")


def _is_integer(value: Any) -> bool:
    return type(value) is int


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_keys(value: Any) -> bool:
    return all(_is_text(key) for key in _entries(value))


def _is_path(value: Any) -> bool:
    return all(isinstance(one, pydantic.BaseModel) and _fits(one, _PLACE) for one in _entries(value))


def _entries(value: Any) -> list[Any]:
    """Return the entries of a list, or one that nothing accepts."""
    return list(cast("list[Any]", value)) if isinstance(value, (list, tuple)) else [None]


_PLACE: dict[str, _Test] = {"x": _is_integer, "y": _is_integer}

#: What each action has to say.
_ACTIONS: dict[str, dict[str, _Test]] = {
    "click": {**_PLACE, "button": lambda value: value in _BUTTONS},
    "double_click": _PLACE,
    "drag": {"path": _is_path},
    "keypress": {"keys": _is_keys},
    "move": _PLACE,
    "screenshot": {},
    "scroll": {**_PLACE, "scroll_x": _is_integer, "scroll_y": _is_integer},
    "type": {"text": _is_text},
    "wait": {},
}

#: The names of all actions, which are those of a driver's methods.
ACTION_NAMES = tuple(_ACTIONS)


@dataclass(frozen=True)
class OwnCall:
    """A call that can be acted upon and that nobody else holds, its actions and checks, and its JSON for a history."""

    call: ResponseComputerToolCall
    actions: list[Any]
    checks: list[PendingSafetyCheck]
    item: dict[str, Any]


def own_call(call: Any) -> OwnCall:
    """Return a copy of a call of the model; each of its fields is read once, so that what is approved is what is done.

    Raises:
        ComputerUseError: it is not whole, has no action, or one that is none.
        ValueError: it holds what JSON cannot say.
    """
    if not isinstance(call, pydantic.BaseModel):
        raise ComputerUseError("Invalid computer call")
    given = call.model_fields_set
    read = {name: getattr(call, name) for name in ResponseComputerToolCall.model_fields if name in given}
    if read.get("type") != "computer_call" or read.get("status") != "completed":
        raise ComputerUseError("Computer call did not complete")
    for name in ("id", "call_id"):
        if not _is_text(read.get(name)):
            raise ComputerUseError(f"Computer call needs a string {name}")
    actions = _own_actions(read)
    checks = _own_checks(read)
    if not all(_is_action(action) for action in actions):
        raise ComputerUseError("Invalid computer action")
    own = ResponseComputerToolCall.construct(**{name: read[name] for name in ("type", "status", "id", "call_id")})
    if checks is not None:
        own.pending_safety_checks = checks
    if "actions" in read:
        own.actions = actions
    else:
        own.action = actions[0]
    for name, value in (call.__pydantic_extra__ or {}).items():
        # Only answers tell who made an item.
        if name != "created_by":
            setattr(own, name, deepcopy(value))
    item = plain(own.to_dict())
    # A text that is no Unicode would fail when the history is sent, after the actions.
    json.dumps(item, ensure_ascii=False).encode()
    return OwnCall(own, actions, checks or [], item)


def _own_actions(read: dict[str, Any]) -> list[Any]:
    if "action" not in read and "actions" not in read:
        raise ComputerUseError("Computer call has no actions")
    if ("action" in read) == ("actions" in read) or read.get("action", read.get("actions")) is None:
        raise ComputerUseError("Computer call requires exactly one of action or actions")
    actions: Any = read["actions"] if "actions" in read else [read["action"]]
    if not actions:
        raise ComputerUseError("Computer call has no actions")
    return [deepcopy(action) for action in _entries(actions)]


def _own_checks(read: dict[str, Any]) -> list[PendingSafetyCheck] | None:
    """Return what has to be approved. Calls of today may leave it out; those of the preview have it."""
    if "pending_safety_checks" not in read:
        if "action" in read:
            raise ComputerUseError("Legacy computer call is missing safety checks")
        return None
    checks: Any = read["pending_safety_checks"]
    if not isinstance(checks, list):
        raise ComputerUseError("Computer safety checks are malformed")
    return [_own_check(check) for check in checks]  # pyright: ignore[reportUnknownVariableType]


def _own_check(check: Any) -> PendingSafetyCheck:
    if not isinstance(check, pydantic.BaseModel):
        raise ComputerUseError("Computer safety checks are malformed")
    read = {name: getattr(check, name, None) for name in PendingSafetyCheck.model_fields}
    if not _is_text(read["id"]) or not all(value is None or _is_text(value) for value in read.values()):
        raise ComputerUseError("Computer safety checks are malformed")
    return PendingSafetyCheck.construct(**read, **deepcopy(check.__pydantic_extra__ or {}))


def _is_action(action: Any) -> bool:
    if not isinstance(action, pydantic.BaseModel):
        return False
    tests = _ACTIONS.get(getattr(action, "type", ""))
    keys = getattr(action, "keys", None)
    return tests is not None and (keys is None or _is_keys(keys)) and _fits(action, tests)


def _fits(value: Any, tests: dict[str, _Test]) -> bool:
    return all(test(getattr(value, name, None)) for name, test in tests.items())
