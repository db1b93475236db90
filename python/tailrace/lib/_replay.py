"""Items of an answer as they are sent again, looked at before anything is done about the answer."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Any, cast, get_args

import pydantic
from pydantic_core import PydanticSerializationError, to_jsonable_python
from typing_extensions import get_type_hints

from ..types.responses.response_input_item_param import ResponseInputItemParam
from ..types.responses.response_output_message_param import ResponseOutputMessageParam
from ._shapes import fits

__all__ = ["ReplayError", "is_native", "native_type", "own_item", "plain", "stored"]

_NOT_JSON = "Response contains replay data that is not plain JSON."
_REFUSED = {
    "message": "Response message requires native assistant content before replay.",
    "reasoning": "Response reasoning requires native fields before replay.",
    "compaction": "Response requires native compaction content before replay.",
}


class ReplayError(ValueError):
    """Something cannot be sent again. Its text names no data."""


def plain(value: object) -> Any:
    """Return a copy of a value of an answer as JSON data; each field of a model is read once.

    Raises:
        ReplayError: it holds what JSON cannot say.
    """
    if value is None or isinstance(value, (str, bool, int)):
        return value
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ReplayError(_NOT_JSON)
        return value
    if isinstance(value, pydantic.BaseModel):
        return {name: plain(one) for name, one in _members(value).items()}
    if isinstance(value, Mapping):
        return {str(name): plain(one) for name, one in cast("Mapping[Any, Any]", value).items()}
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in cast("list[Any]", value)]
    if isinstance(value, date):
        return value.isoformat()
    try:
        return to_jsonable_python(value)
    except PydanticSerializationError:
        raise ReplayError(_NOT_JSON) from None


def stored(model: pydantic.BaseModel) -> dict[str, Any]:
    """Return what a model holds, by the names of the API, without asking its class for anything."""
    held: dict[str, Any] = object.__getattribute__(model, "__dict__")
    return _by_alias(model, {name: held[name] for name in _names(model) if name in held})


def own_item(item: object) -> dict[str, Any]:
    """Return an item of an answer as it is sent again: a copy, without what only answers have.

    Raises:
        ReplayError: it holds what JSON cannot say, or lacks what such an item has to have.
    """
    members = _members(item) if isinstance(item, pydantic.BaseModel) else item
    if not isinstance(members, Mapping):
        raise ReplayError("Response contains a tool the runner cannot execute.")
    fields = dict(cast("Mapping[str, Any]", members))
    kind = fields.get("type")
    fields.pop("created_by", None)
    if kind == "function_call":
        fields.pop("parsed_arguments", None)
        if fields.get("id", "") is None:
            del fields["id"]
    elif kind == "message" and isinstance(fields.get("content"), list):
        fields["content"] = [_unparsed(part) for part in fields["content"]]
    own: dict[str, Any] = plain(fields)
    refused = _REFUSED.get(str(kind))
    if refused is not None and not is_native(own):
        raise ReplayError(refused)
    return own


def is_native(own: dict[str, Any]) -> bool:
    """Whether an item of an answer has all that its type says, and nothing else in its place."""
    declared = native_type(own.get("type"))
    if own.get("type") == "message" and type(own.get("content")) is list:
        own = {**own, "content": [_without_null(part) for part in own["content"]]}
    # What has an optional id as an input has one as an output.
    is_named = own.get("type") != "compaction" or isinstance(own.get("id"), str)
    return declared is not None and is_named and fits(own, declared)


def _without_null(part: Any) -> Any:
    """Return a part of a message without the `logprobs` that nobody asked for, which servers say as null."""
    fields = cast("dict[str, Any]", part if isinstance(part, dict) else {})
    if fields.get("logprobs", "") is not None:
        return cast("Any", part)
    return {name: value for name, value in fields.items() if name != "logprobs"}


def native_type(kind: object) -> Any:
    """Return the typed dictionary of items of this `type`; None when there is none."""
    return _native_types().get(kind)


@cache
def _native_types() -> dict[object, Any]:
    found: dict[object, Any] = {}
    for declared in get_args(ResponseInputItemParam):
        for kind in _literals(get_type_hints(declared)["type"]):
            found[kind] = declared
    return {**found, "message": ResponseOutputMessageParam}


def _literals(annotation: Any) -> list[str]:
    found: list[str] = []
    for one in get_args(annotation):
        found += [one] if isinstance(one, str) else _literals(one)
    return found


def _unparsed(part: Any) -> Any:
    members = _members(part) if isinstance(part, pydantic.BaseModel) else part
    if not isinstance(members, Mapping):
        return part
    return {name: value for name, value in cast("Mapping[str, Any]", members).items() if name != "parsed"}


def _members(model: pydantic.BaseModel) -> dict[str, Any]:
    return _by_alias(model, {name: getattr(model, name) for name in _names(model)})


def _names(model: pydantic.BaseModel) -> list[str]:
    given: set[str] = object.__getattribute__(model, "__pydantic_fields_set__")
    return [name for name in type(model).model_fields if name in given]


def _by_alias(model: pydantic.BaseModel, members: dict[str, Any]) -> dict[str, Any]:
    fields = type(model).model_fields
    extra: dict[str, Any] | None = object.__getattribute__(model, "__pydantic_extra__")
    return {**{fields[name].alias or name: value for name, value in members.items()}, **(extra or {})}
