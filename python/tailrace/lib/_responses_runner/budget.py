"""How much a run sends with each request; what it leaves out stays in its history."""

from __future__ import annotations

import inspect
from collections.abc import Generator
from typing import TYPE_CHECKING, Any, cast

from .history import DoneCall, done_calls
from .lanes import require_value
from .plain_json import SAFE_INTEGER, json_copy, json_text
from .stop import RunnerStop

if TYPE_CHECKING:
    from .registry import Registry

__all__ = ["Budget"]

#: Screenshots that are not left out, unless the caller says otherwise; the number is that of the official package.
_RECENT_SCREENSHOTS = 1
_FIELDS = frozenset(("max_input_bytes", "max_input_images", "keep_recent_screenshots", "compact"))
_IMAGES = ("input_image", "computer_screenshot")
_BLOCKING = "A sync context_budget requires a synchronous compact callback."
_DECISION = "Invalid context_budget decision."


class Budget:
    """Limits of what is sent, as they were when the run began."""

    def __init__(self, given: object, request: dict[str, Any], registry: Registry, *, is_async: bool) -> None:
        """Read a budget. Raises `ValueError` for a bound that is none, or when the server leaves things out itself."""
        if type(given) is not dict or not given.keys() <= _FIELDS:  # pyright: ignore[reportUnknownMemberType]
            raise ValueError("Unknown context_budget fields.")
        fields = cast("dict[str, Any]", given)
        self._bytes = _limit(fields.get("max_input_bytes"), 1)
        self._images = _limit(fields.get("max_input_images"), 0)
        self._recent = _limit(fields.get("keep_recent_screenshots", _RECENT_SCREENSHOTS), 1)
        self._compact: Any = fields.get("compact")
        if "compact" in fields and not callable(self._compact):
            raise ValueError("context_budget.compact must be callable.")
        if request.get("truncation") == "auto" or request.get("context_management"):
            raise ValueError("context_budget cannot use server truncation or context management.")
        self._registry = registry
        self._tools = request["tools"]
        self._is_async = is_async

    def input(self, history: list[Any]) -> Generator[Any, Any, list[Any]]:
        """Return what is sent of a history. Raises `RunnerStop` when it is too large, also without what is left out."""
        size, images = _size(history)
        if size <= self._bytes and images <= self._images:
            return history
        if self._compact is None:
            raise RunnerStop("Native request input exceeds context_budget.")
        calls = done_calls(history, self._registry, self._tools)
        eligible = self._eligible(calls)
        snapshot = {
            "history": json_copy(history),
            "eligible_call_ids": list(eligible),
            "input_bytes": size,
            "input_images": images,
        }
        choice = self._compact(snapshot)
        require_value(choice, _BLOCKING, is_async=self._is_async)
        if inspect.isawaitable(choice):
            choice = yield choice
        shorter = _shortened(history, calls, choice, eligible)
        size, images = _size(shorter)
        if size > self._bytes or images > self._images:
            raise RunnerStop("Native request input still exceeds context_budget.")
        return shorter

    def _eligible(self, calls: dict[str, DoneCall]) -> list[str]:
        """Return the calls that may be left out: all but those that show how things are now, and what was confirmed."""
        computer = [id_ for id_, call in calls.items() if call.item["type"] == "computer_call"]
        browser = [id_ for id_, call in calls.items() if call.item.get("name") in self._registry.members]
        pictures = [id_ for id_ in browser if _images(calls[id_].output)]
        kept = {*computer[-self._recent :], *pictures[-self._recent :], *browser[-1:]}
        kept |= {id_ for id_ in computer if calls[id_].item.get("pending_safety_checks")}
        return [id_ for id_ in calls if id_ not in kept]


def _limit(value: object, least: int) -> int:
    if type(value) is not int or not least <= value <= SAFE_INTEGER:
        raise ValueError("Invalid context_budget limit.")
    return value


def _size(value: list[Any]) -> tuple[int, int]:
    return len(json_text(value).encode()), _images(value)


def _images(value: object) -> int:
    if isinstance(value, dict):
        members = cast("dict[str, object]", value)
        return (members.get("type") in _IMAGES) + sum(_images(one) for one in members.values())
    return sum(_images(one) for one in cast("list[object]", value)) if isinstance(value, list) else 0


def _shortened(history: list[Any], calls: dict[str, DoneCall], choice: object, eligible: list[str]) -> list[Any]:
    """Return a history in which the calls that were chosen are one sentence each."""
    fields = cast("dict[str, Any]", choice) if type(choice) is dict else {}
    drop, summary = fields.get("drop_call_ids"), fields.get("summary")
    if not fields.keys() <= {"drop_call_ids", "summary"} or type(drop) is not list:
        raise RunnerStop(_DECISION)
    ids = cast("list[Any]", drop)
    is_known = all(type(id_) is str and id_ in eligible for id_ in ids)
    if not is_known or len(set(ids)) < len(ids) or ("summary" in fields and type(summary) is not str):
        raise RunnerStop(_DECISION)
    gone = [call for id_, call in calls.items() if id_ in ids]
    places = {place for call in gone for place in (call.place, call.output_place)}
    said: list[str] = [] if summary is None else [f"Caller summary of omitted completed tool results: {summary}"]
    said += [_receipts(gone)] if gone else []
    shorter = [item for place, item in enumerate(history) if place not in places]
    return [*({"role": "user", "content": text} for text in said), *shorter]


def _receipts(gone: list[DoneCall]) -> str:
    """Return what the model reads in place of calls; the sentence is that of the official package."""
    names = {"call_id": "call_id", "kind": "type", "name": "name"}
    told = [{key: call.item[name] for key, name in names.items() if name in call.item} for call in gone]
    return (
        f"Omitted completed tool receipts: {json_text(told)}. "
        "Output is present in the runner's full history; external success is unverified."
    )
