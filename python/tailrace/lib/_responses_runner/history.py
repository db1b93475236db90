"""What a history may hold that is saved, or of which a runner leaves things out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn, cast

from ...types.responses.easy_input_message_param import EasyInputMessageParam
from ...types.responses.response_input_item_param import ComputerCallOutput, ItemReference, Message
from .._replay import is_native, native_type
from .._shapes import fits
from .dispatch import json_object
from .inspection import CALLS, SERVER_ITEMS
from .outputs import own_output

if TYPE_CHECKING:
    from .registry import Registry

__all__ = ["DoneCall", "done_calls"]

_SCHEMA = "Replay history does not match the Responses input schema."
_SERVER = "A server tool requires its native fields before replay."
_OUTPUTS = {"function_call_output": "function_call", "computer_call_output": "computer_call"}


@dataclass
class DoneCall:
    """A call of a history, with the places of it and of its output."""

    item: dict[str, Any]
    place: int
    output: dict[str, Any] | None = None
    output_place: int = -1


def done_calls(history: list[Any], registry: Registry, tools: Iterable[dict[str, Any]]) -> dict[str, DoneCall]:
    """Return the calls of a history by id, in their order.

    Raises:
        ValueError: an item is none that can be sent again, or a call and its output are not both there.
    """
    calls: dict[str, DoneCall] = {}
    ids: set[str] = set()
    containers = {tool["container"] for tool in tools if isinstance(tool.get("container"), str)}
    for place, item in enumerate(history):
        if not isinstance(item, dict):
            _refuse()
        fields = cast("dict[str, Any]", item)
        kind = fields.get("type")
        if kind == "function_call":
            _check_function(fields, registry)
        elif kind == "computer_call":
            _check_computer(fields)
        elif kind in _OUTPUTS:
            _take_output(fields, place, calls)
        elif kind in SERVER_ITEMS:
            _check_server(fields, containers)
        else:
            _check_other(fields)
        if kind not in (None, "item_reference") and kind not in _OUTPUTS and fields.get("id"):
            if fields["id"] in ids:
                raise ValueError("Replay history has a duplicate native output item ID.")
            ids.add(fields["id"])
        if kind in CALLS:
            if fields["call_id"] in calls:
                raise ValueError("Replay history has a duplicate call.")
            calls[fields["call_id"]] = DoneCall(fields, place)
    if any(call.output is None for call in calls.values()):
        raise ValueError("Replay history contains unresolved calls.")
    return calls


def _refuse(message: str = _SCHEMA) -> NoReturn:
    raise ValueError(message)


def _check_function(item: dict[str, Any], registry: Registry) -> None:
    name = item.get("name")
    if not is_native(item) or (name not in registry.functions and name not in registry.members):
        _refuse("Replay history has an unregistered function.")
    try:
        json_object(item["arguments"])
    except ValueError:
        raise ValueError("Registered function arguments require valid JSON.") from None


def _check_computer(item: dict[str, Any]) -> None:
    if not isinstance(item.get("id"), str):
        _refuse("Replay computer call requires its native item ID.")
    has_one = ("action" in item) != ("actions" in item)
    if not has_one or item.get("actions") == [] or not is_native(_with_defaults(item)):
        _refuse("Replay computer actions are malformed.")


def _with_defaults(item: dict[str, Any]) -> dict[str, Any]:
    """Return a call with what newer servers leave out of it."""
    whole: dict[str, Any] = {"pending_safety_checks": [], **item}
    if type(item.get("actions")) is list:
        whole["actions"] = [{"keys": None, **one} if isinstance(one, dict) else one for one in item["actions"]]
    return whole


def _take_output(item: dict[str, Any], place: int, calls: dict[str, DoneCall]) -> None:
    call_id = item.get("call_id")
    call = calls.get(call_id) if isinstance(call_id, str) else None
    if call is None or call.item["type"] != _OUTPUTS[item["type"]] or call.output is not None:
        _refuse("Replay history contains an output without its call.")
    if item["type"] == "function_call_output":
        own_output(item.get("output"))
    else:
        if not fits(item, ComputerCallOutput):
            _refuse("Replay computer output requires its native screenshot.")
        sources = (item["output"].get("image_url"), item["output"].get("file_id"))
        if not any(isinstance(source, str) and source.strip() for source in sources):
            _refuse("Replay computer output requires a screenshot identifier.")
    call.output, call.output_place = item, place


def _check_server(item: dict[str, Any], containers: set[str]) -> None:
    is_done = item.get("status", "completed") == "completed"
    is_elsewhere = "container_id" in item and containers and item["container_id"] not in containers
    if not is_done or is_elsewhere or not is_native(item):
        _refuse(_SERVER)


def _check_other(item: dict[str, Any]) -> None:
    kind = item.get("type")
    if kind == "message" or (kind is None and "role" in item):
        if not any(fits(item, one) for one in (EasyInputMessageParam, Message, native_type("message"))):
            _refuse()
    elif kind in (None, "item_reference"):
        if not fits(item, ItemReference):
            _refuse()
    elif kind == "reasoning":
        if not is_native(item):
            _refuse("Replay history requires native reasoning fields.")
    else:
        known = native_type(kind) if isinstance(kind, str) else None
        if known is None or kind.endswith(("_call", "_output")) or not fits(item, known):  # pyright: ignore[reportOptionalMemberAccess]
            _refuse()
