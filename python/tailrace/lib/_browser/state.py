"""The state that a driver reports, as it is told: only what is declared, copied without asking its classes."""

from __future__ import annotations

from typing import Any, cast

from .address import origin, shown

__all__ = ["own_state", "plain_text"]

#: The largest counter that JSON has in every language.
_MOST = 9007199254740991
#: In bytes of UTF-8, of what an observed state tells.
_ID_BYTES, _TITLE_BYTES, _URL_BYTES = 128, 1024, 2048

_SOME_TAB = ("tab_opened", "tab_closed", "tab_switched", "navigation")

#: What a change tells beside its tab: the name of the field, its values, and whether there may be no tab.
_CHANGES: dict[str, tuple[str | None, tuple[str, ...], bool]] = {
    **dict.fromkeys(_SOME_TAB, (None, (), False)),
    "navigation_refused": ("reason", ("policy", "unsupported"), True),
    "dialog_dismissed": ("kind", ("alert", "confirm", "prompt", "beforeunload", "other"), False),
    "download": ("status", ("blocked", "started", "completed", "failed"), True),
}


def plain_text(value: object) -> str:
    """Return a text as it is stored. Raises `ValueError` for anything else."""
    if not isinstance(value, str):
        raise ValueError
    return str.__str__(value)


def own_state(value: object, previous: dict[str, Any] | None) -> dict[str, Any]:
    """Return a state as it is told.

    Args:
        value: What the driver returned.
        previous: The observation before, which this one has to go on.

    Raises:
        ValueError: it is no state, or no later one.
    """
    fields = _fields(value)
    is_observed = "observation" in fields
    tabs = [_tab(tab, is_observed) for tab in _entries(fields.get("tabs"))]
    if (tabs and sum(tab["active"] for tab in tabs) != 1) or len({tab["id"] for tab in tabs}) != len(tabs):
        raise ValueError
    if not is_observed:
        if previous is not None:
            raise ValueError
        return {"tabs": tabs}
    observation = _observation(fields["observation"], previous)
    for tab in tabs:
        title: str = tab["title"]
        kept = title.encode()[:_TITLE_BYTES].decode(errors="ignore")
        if kept != title:
            tab["title"] = kept
            observation["title_truncated"] = True
    return {"tabs": tabs, "observation": observation}


def _fields(value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError
    return cast("dict[str, Any]", value)


def _entries(value: object) -> list[Any]:
    """Return the entries of a list, as many as it says once that it has."""
    if not isinstance(value, list):
        raise ValueError
    entries = cast("list[Any]", value)
    return [entries[place] for place in range(len(entries))]


def _tab(value: object, is_observed: bool) -> dict[str, Any]:
    fields = _fields(value)
    name, title, url = (plain_text(fields.get(field)) for field in ("id", "title", "url"))
    url = (origin if is_observed else shown)(url)
    active = fields.get("active")
    if type(active) is not bool or len(url.encode()) > _URL_BYTES:
        raise ValueError
    return {"id": _named(name) if is_observed else name, "title": title, "url": url, "active": active}


def _named(name: str) -> str:
    if not 0 < len(name.encode()) <= _ID_BYTES:
        raise ValueError
    return name


def _counter(value: object) -> int:
    if type(value) is not int or not 0 <= value <= _MOST:
        raise ValueError
    return value


def _observation(value: object, previous: dict[str, Any] | None) -> dict[str, Any]:
    fields = _fields(value)
    version, truncated = fields.get("version"), fields.get("title_truncated")
    sequence, dropped = _counter(fields.get("sequence")), _counter(fields.get("dropped_changes"))
    entries = _entries(fields.get("changes"))
    if type(version) is not int or version != 1 or type(truncated) is not bool or sequence - dropped != len(entries):
        raise ValueError
    changes = [_change(entry, dropped + place) for place, entry in enumerate(entries, 1)]
    if previous is not None:
        if sequence < previous["sequence"] or dropped < previous["dropped_changes"]:
            raise ValueError
        told = {change["sequence"]: change for change in previous["changes"]}
        if any(told.get(change["sequence"], change) != change for change in changes):
            raise ValueError
    counters = {"version": 1, "sequence": sequence, "dropped_changes": dropped}
    return {**counters, "title_truncated": truncated, "changes": changes}


def _change(value: object, sequence: int) -> dict[str, Any]:
    fields = _fields(value)
    kind = plain_text(fields.get("type"))
    if kind not in _CHANGES or _counter(fields.get("sequence")) != sequence:
        raise ValueError
    name, values, may_lack_tab = _CHANGES[kind]
    tab = fields.get("tab_id", ...)
    own: dict[str, Any] = {"type": kind, "sequence": sequence, "tab_id": None}
    if tab is not None or not may_lack_tab:
        own["tab_id"] = _named(plain_text(tab))
    if name is not None:
        own[name] = plain_text(fields.get(name))
        if own[name] not in values:
            raise ValueError
    return own
