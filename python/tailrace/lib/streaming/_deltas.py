"""Merging the deltas of a stream into what has arrived, by the rules of the official package."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["accumulate_delta", "merge"]


def accumulate_delta(acc: dict[object, object], delta: dict[object, object]) -> dict[object, object]:
    """Merge `delta` into `acc`, which is changed and returned.

    Texts are appended and numbers added; lists of objects merge by `index`; `index` and `type` are replaced; None is
    what has not come yet. A value that fits nothing of this changes nothing.

    Raises:
        TypeError: an item of such a list is no dictionary, or its index no integer.
        RuntimeError: an item of such a list has no index.
    """
    merge(acc, delta, lambda old, piece: old + piece)
    return acc


def merge(acc: dict[Any, Any], delta: dict[Any, Any], append: Callable[[Any, str], Any]) -> bool:
    """Do what `accumulate_delta` does, texts appended by `append`; tell whether an object or a list was put in."""
    nested = False
    for key, value in delta.items():
        known = acc.get(key)
        if known is None:
            acc[key] = _fresh(value, append)
            nested |= isinstance(value, (dict, list))
        elif key in ("index", "type"):
            acc[key] = value
        elif isinstance(value, str):
            if not isinstance(known, (int, float, dict, list)):
                acc[key] = append(known, value)
        elif isinstance(value, (int, float)):
            if isinstance(known, (int, float)):
                acc[key] = known + value
        elif isinstance(value, dict):
            if isinstance(known, dict):
                nested |= merge(known, value, append)  # pyright: ignore[reportUnknownArgumentType]
        elif isinstance(value, list) and isinstance(known, list):
            nested |= _merge_list(acc, key, value, append)  # pyright: ignore[reportUnknownArgumentType]
    return nested


def _fresh(value: Any, append: Callable[[Any, str], Any]) -> Any:
    # A first list may have one index twice, and then its items merge as those of two deltas would.
    if isinstance(value, list) and any(isinstance(item, dict) and "index" in item for item in value):  # pyright: ignore[reportUnknownVariableType]
        merged: list[Any] = []
        for item in value:  # pyright: ignore[reportUnknownVariableType]
            _merge_item(merged, item, append)
        return merged
    return value  # pyright: ignore[reportUnknownVariableType]


def _merge_list(acc: dict[Any, Any], key: Any, items: list[Any], append: Callable[[Any, str], Any]) -> bool:
    known: list[Any] = acc[key]
    if not known:
        acc[key] = _fresh(items, append)
        return True
    if all(isinstance(item, (str, int, float)) for item in known):
        known.extend(items)
        return True
    nested = False
    for item in items:
        nested |= _merge_item(known, item, append)
    return nested


def _merge_item(known: list[Any], item: Any, append: Callable[[Any, str], Any]) -> bool:
    if not isinstance(item, dict):
        raise TypeError(f"Unexpected list delta entry is not a dictionary: {item}")
    entry: dict[Any, Any] = item  # pyright: ignore[reportUnknownVariableType]
    if "index" not in entry:
        raise RuntimeError(f"Expected list delta entry to have an `index` key; {entry}")
    index = entry["index"]
    if not isinstance(index, int):
        raise TypeError(f"Unexpected, list delta entry `index` value is not an integer; {index}")
    try:
        found = known[index]
    except IndexError:
        known.insert(index, entry)
        return True
    if not isinstance(found, dict):
        raise TypeError("not handled yet")
    return merge(found, entry, append)  # pyright: ignore[reportUnknownArgumentType]
