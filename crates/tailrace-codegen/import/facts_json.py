"""Writes facts as JSON whose lines are small enough for a readable diff."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast

WIDTH = 120


def render(value: Any, indent: int = 0, key_width: int = 0) -> str:
    """JSON text of `value`: what fits into one line of 120 columns stays there, the rest has one member a line."""
    flat = json.dumps(value, ensure_ascii=False)
    is_small = indent > 0 and not any(isinstance(member, (dict, list)) for member in _members(value))
    if not value or not isinstance(value, (dict, list)) or (is_small and indent + key_width + len(flat) < WIDTH):
        return flat
    inner = " " * (indent + 2)
    if isinstance(value, dict):
        pairs = cast("dict[str, Any]", value).items()
        rows = [f"{json.dumps(key)}: {render(member, indent + 2, len(key) + 5)}" for key, member in pairs]
        opening, closing = "{}"
    else:
        rows = [render(member, indent + 2) for member in _members(value)]
        opening, closing = "[]"
    return opening + "\n" + ",\n".join(inner + row for row in rows) + "\n" + " " * indent + closing


def write_tree(folder: Path, files: dict[str, Any]) -> None:
    """Make `folder` hold exactly `files` (relative path -> value); files of earlier imports go away."""
    for old in sorted(folder.rglob("*.json")):
        if str(old.relative_to(folder)) not in files:
            old.unlink()
    for name, value in sorted(files.items()):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(render(value) + "\n", encoding="utf-8")


def _members(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(cast("dict[str, Any]", value).values())
    return cast("list[Any]", value) if isinstance(value, list) else []
