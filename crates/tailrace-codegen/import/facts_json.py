"""Writes facts as JSON whose lines are small enough for a readable diff."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast

WIDTH = 120
LONG_TYPE = 96
OPENING = "[('\""
TYPES = {"type", "returns"}


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


def in_pieces(value: Any) -> Any:
    """`value` with every long type as an array of pieces, so that a member of a union is one line of a diff."""
    if isinstance(value, dict):
        pairs = cast("dict[str, Any]", value).items()
        return {
            key: pieces(member) if key in TYPES and isinstance(member, str) else in_pieces(member)
            for key, member in pairs
        }
    return [in_pieces(member) for member in _members(value)] if isinstance(value, list) else value


def pieces(text: str) -> str | list[str]:
    """Texts whose concatenation is `text`, one for each member of its main list; `text` itself when it is short."""
    if len(text) <= LONG_TYPE:
        return text
    start, end = 0, len(text)
    while True:
        members = _split(text, start, end)
        longest = max(members, key=lambda span: span[1] - span[0])
        opening = text.find("[", *longest)
        closing = _closing(text, opening) if opening >= 0 else opening
        if closing - opening <= (end - start) // 2:
            break
        start, end = opening + 1, closing
    if len(members) == 1:
        return text
    return [text[:start], *(text[first:last] for first, last in members), text[end:]]


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


def _split(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Spans of the members between two brackets, each with the comma and the space behind it."""
    spans: list[tuple[int, int]] = []
    first, position = start, start
    while position < end:
        position = _closing(text, position) + 1 if text[position] in OPENING else position + 1
        if text[position - 1 : position + 1] == ", " and position < end:
            spans.append((first, position + 1))
            first = position + 1
    return [*spans, (first, end)]


def _closing(text: str, opening: int) -> int:
    """Where the bracket or the string that opens at a position closes."""
    if text[opening] in "'\"":
        return text.index(text[opening], opening + 1)
    position = opening + 1
    while text[position] not in ")]":
        position = _closing(text, position) + 1 if text[position] in OPENING else position + 1
    return position
