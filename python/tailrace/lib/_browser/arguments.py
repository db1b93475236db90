"""The arguments of a call, as the model wrote them, looked at before anything is done."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, cast

from .error import BrowserError
from .members import parameters

__all__ = ["read_arguments"]

_KINDS: dict[str, type] = {
    "string": str,
    "integer": int,
    "boolean": bool,
    "array": list,
    "object": dict,
    "null": type(None),
}


def read_arguments(member: str, text: object) -> dict[str, Any]:
    """Return the arguments of a call.

    Raises:
        BrowserError: they are no JSON, or not those of this tool.
        UnicodeEncodeError: a text whose bytes are counted has a lone surrogate.
    """
    try:
        given = json.loads(cast("str", text))
    except (ValueError, TypeError, RecursionError):
        raise BrowserError("Browser arguments must be valid JSON.") from None
    schema = parameters(member)
    if type(given) is not dict or cast("dict[str, Any]", given).keys() != schema["properties"].keys():
        raise BrowserError("Browser arguments do not match the requested tool.")
    arguments = cast("dict[str, Any]", given)
    rules = _RULES.get(member, {})
    if not _fits(arguments, schema) or not all(rule(arguments[name]) for name, rule in rules.items()):
        raise BrowserError("Browser argument has an invalid value.")
    return arguments


def _fits(value: Any, schema: dict[str, Any]) -> bool:
    """Whether a value is what a schema of a tool says; a number with a point, or a truth value, is no integer."""
    named: Any = schema["type"]
    kinds: list[str] = [named] if isinstance(named, str) else named
    if type(value) not in [_KINDS[kind] for kind in kinds]:
        return False
    if value not in schema.get("enum", [value]):
        return False
    if type(value) is int:
        return schema.get("minimum", value) <= value <= schema.get("maximum", value)
    if isinstance(value, list):
        entries = cast("list[Any]", value)
        size = len(entries)
        is_long = schema.get("minItems", 0) <= size <= schema.get("maxItems", size)
        return is_long and all(_fits(one, schema["items"]) for one in entries)
    if isinstance(value, dict):
        properties: dict[str, Any] = schema["properties"]
        fields = cast("dict[str, Any]", value)
        return fields.keys() == properties.keys() and all(_fits(fields[name], properties[name]) for name in properties)
    return True


def _has_bytes(text: str, most: int) -> bool:
    return 0 < len(text.encode()) <= most


def _is_unique(keys: list[str]) -> bool:
    return len(set(keys)) == len(keys)


def _is_unicode(text: str) -> bool:
    return text != "" and all(not "\ud800" <= one <= "\udfff" for one in text)


#: What a schema cannot say; the numbers are those of the official package.
_RULES: dict[str, dict[str, Callable[[Any], bool]]] = {
    "zoom": {"region": lambda corners: corners[0] < corners[2] and corners[1] < corners[3]},
    "wait_for": {"text": lambda text: _has_bytes(text.strip(), 256)},
    "click_at": {"keys": _is_unique},
    "drag_path": {"keys": _is_unique},
    "hold_keys": {"keys": lambda keys: _is_unique(keys) and all(_has_bytes(key, 64) for key in keys)},
    "read_page_scoped": {"root": lambda root: root is None or _has_bytes(root, 256)},
    "run_script": {"source": _is_unicode},
    "upload_file": {"grant_id": lambda grant: _has_bytes(grant, 256)},
    "download_file": {"grant_id": lambda grant: _has_bytes(grant, 256)},
}
