"""Going on from a checkpoint: what has to be as it was."""

from __future__ import annotations

from typing import Any, cast

from .history import DoneCall
from .plain_json import SAFE_INTEGER, json_copy

__all__ = ["check_fresh", "check_resume", "own_checkpoint"]

_FIELDS = frozenset((
    "version", "run_id", "revision", "phase", "max_steps", "consumed_requests", "tools", "output_override_names",
    "history", "attempted_call_ids", "returned_call_ids", "pending_items", "returned_outputs", "final_response",
))  # fmt: skip
_MISMATCH = "Only a matching completed boundary can resume; reconcile pending work externally."
_RECEIPTS = "A boundary cannot contain unresolved call receipts."


def own_checkpoint(given: object) -> dict[str, Any]:
    """Return a copy of a checkpoint. Raises `ValueError` unless it is one of a run in which nothing is under way."""
    if type(given) is not dict or given.keys() != _FIELDS:  # pyright: ignore[reportUnknownMemberType]
        raise ValueError(_MISMATCH)
    own: dict[str, Any] = json_copy(cast("object", given))
    lists = ("tools", "output_override_names", "history", "attempted_call_ids", "returned_call_ids")
    is_boundary = type(own["version"]) is int and own["version"] == 1 and own["phase"] == "boundary"
    is_settled = own["pending_items"] == own["returned_outputs"] == [] and own["final_response"] is None
    is_boundary = is_boundary and is_settled and _is_count(own["revision"], 1)
    if not is_boundary or not all(type(own[name]) is list for name in lists):
        raise ValueError(_MISMATCH)
    most, used = own["max_steps"], own["consumed_requests"]
    if not _is_count(most, 1):
        raise ValueError("max_steps must be a positive integer.")
    if not _is_count(used, 0) or used > most or own["revision"] > SAFE_INTEGER:
        raise ValueError("Checkpoint revision or original request budget is invalid.")
    attempted, returned = own["attempted_call_ids"], own["returned_call_ids"]
    is_text = all(type(id_) is str for id_ in [*attempted, *returned])
    if not is_text or sorted(attempted) != sorted(returned) or len(set(returned)) < len(returned):
        raise ValueError(_RECEIPTS)
    return own


def check_resume(own: dict[str, Any], run_id: str, identity: dict[str, Any], calls: dict[str, DoneCall]) -> None:
    """Raise `ValueError` unless the run is the same one.

    Args:
        own: The checkpoint.
        run_id: What the run is called now.
        identity: What has to be as in the checkpoint.
        calls: Those of its history.
    """
    if own["run_id"] != run_id or any(own[name] != value for name, value in identity.items()):
        raise ValueError(_MISMATCH)
    approved = {item["approval_request_id"] for item in own["history"] if item.get("type") == "mcp_approval_response"}
    if not {*own["returned_call_ids"]} <= calls.keys() | approved:
        raise ValueError(_RECEIPTS)


def check_fresh(fresh: list[Any]) -> None:
    """Raise `ValueError` unless an input is something new that the user says or shows."""
    if not fresh or not all(_is_said(item) for item in fresh):
        raise ValueError("Resume requires a nonempty current observation in params.input.")


def _is_count(value: object, least: int) -> bool:
    return type(value) is int and value >= least


def _is_said(item: Any) -> bool:
    """Whether an item is something that the user says or shows."""
    if item.get("type", "message") != "message" or item.get("role") != "user":
        return False
    content = item.get("content")
    if isinstance(content, str):
        return bool(content.strip())
    parts = cast("list[Any]", content) if isinstance(content, list) else []
    return bool(parts) and all(_is_shown(part) for part in parts)


def _is_shown(part: Any) -> bool:
    if part.get("type") == "input_text":
        return isinstance(part.get("text"), str) and bool(part["text"].strip())
    return part.get("type") in ("input_image", "input_file")
