"""What a function may give back to the model: text, or a list of parts."""

from __future__ import annotations

from typing import Any, Literal, cast

from ...types.responses.response_input_file_content_param import ResponseInputFileContentParam
from ...types.responses.response_input_image_content_param import ResponseInputImageContentParam
from ...types.responses.response_input_text_content_param import ResponseInputTextContentParam
from .._shapes import fits

__all__ = ["own_output", "supplied_outputs"]

#: The fields of each kind of part, beside its type.
_PARTS: dict[object, tuple[str, ...]] = {
    "input_text": ("text",),
    "input_image": ("detail", "file_id", "image_url"),
    "input_file": ("detail", "file_data", "file_id", "file_url", "filename"),
}
_TYPES: dict[object, Any] = {
    "input_text": ResponseInputTextContentParam,
    "input_image": ResponseInputImageContentParam,
    "input_file": ResponseInputFileContentParam,
}
_BREAKPOINT = "prompt_cache_breakpoint"


def own_output(output: object) -> Any:
    """Return a copy of the output of a function. Raises `ValueError` when it cannot be sent."""
    if type(output) is str:
        return output
    if type(output) is not list:
        raise ValueError("Supplied output must be text or input blocks.")
    return [_own_part(part) for part in cast("list[object]", output)]


def _own_part(part: object) -> dict[str, Any]:
    if type(part) is not dict:
        raise ValueError("Supplied input blocks must be ordinary dictionaries.")
    own = dict(cast("dict[str, Any]", part))
    kind = own.get("type")
    if type(kind) is not str or kind not in _PARTS:
        raise ValueError("Supplied input block type is invalid.")
    names = _PARTS[kind]
    if not own.keys() <= {"type", _BREAKPOINT, *names}:
        raise ValueError("Supplied input block has unknown fields.")
    if _BREAKPOINT in own:
        if not fits(own[_BREAKPOINT], dict[str, Literal["explicit"]]) or own[_BREAKPOINT].keys() != {"mode"}:
            raise ValueError("Supplied cache breakpoint is invalid.")
        own[_BREAKPOINT] = dict(own[_BREAKPOINT])
    if any(not isinstance(own.get(name), (str, type(None))) for name in names):
        raise ValueError("Supplied block values must be strings or null.")
    if "detail" in own and not _has_detail(kind, own):
        raise ValueError("Supplied block detail is invalid.")
    if kind == "input_text" and type(own.get("text")) is not str:
        raise ValueError("Supplied text output requires text.")
    sources = [name for name in names if name in ("file_data", "file_id", "file_url", "image_url")]
    if sources and not any((own.get(name) or "").strip() for name in sources):
        what = "image" if kind == "input_image" else "file"
        raise ValueError(f"Supplied {what} output requires {', '.join(sources[:-1])} or {sources[-1]}.")
    return own


def _has_detail(kind: str, own: dict[str, Any]) -> bool:
    # What has no detail has no other fields that could be wrong here.
    return fits({"type": kind, "text": "", "detail": own["detail"]}, _TYPES[kind])


def supplied_outputs(outputs: object, allowed: frozenset[str]) -> dict[str, dict[str, Any]]:
    """Return the outputs that a caller supplies, by their calls.

    Raises:
        ValueError: an output is none, or its call is not among `allowed`, those that wait for one.
    """
    if type(outputs) is not list:
        raise ValueError("Supplied outputs must be a list.")
    found: dict[str, dict[str, Any]] = {}
    for output in cast("list[object]", outputs):
        fields = cast("dict[str, Any]", output) if type(output) is dict else {}
        is_whole = fields.keys() == {"type", "call_id", "output"}
        if not is_whole or type(fields["call_id"]) is not str or fields["type"] != "function_call_output":
            raise ValueError("Supplied function output fields are invalid.")
        call_id: str = fields["call_id"]
        if call_id in found or call_id not in allowed:
            raise ValueError("Supplied call ID is unknown, duplicated, or not permitted.")
        found[call_id] = {"type": "function_call_output", "call_id": call_id, "output": own_output(fields["output"])}
    return found
