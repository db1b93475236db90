"""What a driver returns, as it is told: only what is declared, copied without asking its classes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from .state import plain_text

__all__ = ["ACTION_RESULT", "own_result"]

#: In bytes of UTF-8.
_NAME_BYTES, _VALUE_BYTES = 256, 512

_ROLES = ("button", "textbox", "combobox", "checkbox", "radio", "slider", "listbox")
_OMISSIONS = (
    "report_limit", "text_limit", "target_limit", "work_limit", "frame_limit", "unsupported_root",
    "unsupported_control", "remote_action", "private", "value", "name_limit",
)  # fmt: skip

#: What a transfer of a file did, by how it ended.
_EFFECTS = {
    "completed": ("completed",), "refused": ("none",), "unknown": ("unknown",), "interrupted": ("none", "unknown"),
}  # fmt: skip
_CLEANUPS = ("not_started", "pending", "completed")

_IMAGE_FIELDS = ("type", "image_url", "file_id", "detail", "prompt_cache_breakpoint")
_DETAILS = (None, "low", "high", "auto", "original")

ACTION_RESULT = "Browser actions must return a string or None."
_READ = "Browser read report failed."


def own_result(member: str, value: object) -> tuple[Any, str | None]:
    """Return what a tool returned as it is told, or, as the second, why it cannot be."""
    read, failure = _RESULTS.get(member, (_said, ACTION_RESULT))
    try:
        return read(value), None
    except Exception:  # noqa: BLE001 - Keys of a driver's own may raise anything, with data in it.
        return None, failure


def _said(value: object) -> str | None:
    return None if value is None else plain_text(value)


def _dict(value: object) -> dict[str, Any]:
    if type(value) is not dict:
        raise ValueError
    return cast("dict[str, Any]", value)


def _list(value: object) -> list[Any]:
    if type(value) is not list:
        raise ValueError
    return list(cast("list[Any]", value))


def _text(value: object, most: int | None = None, least: int = 1) -> str:
    if type(value) is not str:
        raise ValueError
    size = len(value.encode())
    if most is not None and not least <= size <= most:
        raise ValueError
    return value


def _flag(value: object) -> bool:
    if type(value) is not bool:
        raise ValueError
    return value


def _one_of(value: object, values: tuple[str, ...]) -> str:
    if type(value) is not str or value not in values:
        raise ValueError
    return value


def _version(value: object) -> int:
    if type(value) is not int or value != 1:
        raise ValueError
    return value


def _rich(value: object) -> Any:
    return str.__str__(value) if isinstance(value, str) else None if value is None else _report(value)


def _without_targets(value: object) -> Any:
    report = _rich(value)
    if isinstance(report, dict) and report["elements"]:
        raise ValueError
    return report  # pyright: ignore[reportUnknownVariableType]


def _diagnostics(value: object) -> Any:
    return _without_targets(_dict(value))


def _report(value: object) -> dict[str, Any]:
    fields = _dict(value)
    elements, omitted = _list(fields.get("elements")), _list(fields.get("omitted"))
    version, text = _version(fields.get("version")), _text(fields.get("text"))
    own = [_element(_dict(element)) for element in elements]
    reasons = [_one_of(reason, _OMISSIONS) for reason in omitted]
    if len({element["ref"] for element in own}) != len(own) or len(set(reasons)) != len(reasons):
        raise ValueError
    return {"version": version, "text": text, "elements": own, "omitted": reasons}


def _scoped(value: object) -> dict[str, Any]:
    fields = _dict(value)
    entries = [_dict(scope) for scope in _list(fields.get("scopes"))]
    report = _report(fields)
    scopes = [{name: _text(entry.get(name), _NAME_BYTES) for name in ("ref", "label")} for entry in entries]
    refs = [named["ref"] for named in (*scopes, *report["elements"])]
    if len(set(refs)) != len(refs):
        raise ValueError
    return {**report, "scopes": scopes}


def _element(fields: dict[str, Any]) -> dict[str, Any]:
    role = _one_of(fields.get("role"), _ROLES)
    ref, label = (_text(fields.get(name), _NAME_BYTES) for name in ("ref", "label"))
    own: dict[str, Any] = {"ref": ref, "role": role, "label": label}
    if role in ("checkbox", "radio") and "checked" in fields:
        own["checked"] = _flag(fields["checked"])
    if "value" in fields:
        own["value"] = _text(fields["value"], _VALUE_BYTES, 0)
    if "options" in fields:
        options = [_dict(option) for option in _list(fields["options"])]
        own["options"] = [_option(option, role) for option in options]
    return own


def _option(fields: dict[str, Any], role: str) -> dict[str, Any]:
    label, value = _text(fields.get("label"), _NAME_BYTES), _text(fields.get("value"), _VALUE_BYTES, 0)
    own: dict[str, Any] = {"label": label, "value": value}
    if role == "listbox" and "selected" in fields:
        own["selected"] = _flag(fields["selected"])
    return own


def _script(value: object) -> str:
    text = plain_text(value)
    text.encode()
    return text


def _file(value: object) -> dict[str, Any]:
    fields = _dict(value)
    if any(type(name) is not str for name in fields) or fields.keys() != {"version", "status", "effect", "cleanup"}:
        raise ValueError
    status = _one_of(fields["status"], tuple(_EFFECTS))
    effect, cleanup = _one_of(fields["effect"], _EFFECTS[status]), _one_of(fields["cleanup"], _CLEANUPS)
    return {"version": _version(fields["version"]), "status": status, "effect": effect, "cleanup": cleanup}


def _image(value: object) -> dict[str, Any]:
    fields = _dict(value)
    if not fields.keys() <= set(_IMAGE_FIELDS) or plain_text(fields.get("type")) != "input_image":
        raise ValueError
    own: dict[str, Any] = {name: fields[name] for name in _IMAGE_FIELDS if name in fields}
    for name in ("type", "image_url", "file_id", "detail"):
        if own.get(name) is not None:
            own[name] = plain_text(own[name])
    sources = [own[name] for name in ("image_url", "file_id") if own.get(name) is not None]
    if not sources or not all(source.strip() for source in sources) or own.get("detail") not in _DETAILS:
        raise ValueError
    point = own.get("prompt_cache_breakpoint")
    if point is not None:
        own["prompt_cache_breakpoint"] = dict(_dict(point))
        if point != {"mode": "explicit"}:
            raise ValueError
    return own


_SHOT = "Browser screenshot must be input_image with at least one valid image_url or file_id."
_FILE = "Browser file result failed."

_RESULTS: dict[str, tuple[Callable[[object], Any], str]] = {
    "read_page": (_rich, _READ),
    "find": (_rich, _READ),
    "get_page_text": (_without_targets, _READ),
    "read_page_scoped": (_scoped, _READ),
    "read_diagnostics": (_diagnostics, _READ),
    "run_script": (_script, "Browser script result failed."),
    "screenshot": (_image, _SHOT),
    "zoom": (_image, "Browser zoom must return a valid input_image."),
    "upload_file": (_file, _FILE),
    "download_file": (_file, _FILE),
}
