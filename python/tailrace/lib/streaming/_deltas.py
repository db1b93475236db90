"""Merging the deltas of a stream into what has arrived, by the rules of the official package.

The streams of this package merge by `_native.Accumulator`; this is the function of the official package for callers who
merge by themselves.
"""

from __future__ import annotations

from typing import Any

__all__ = ["accumulate_delta"]


def accumulate_delta(acc: dict[object, object], delta: dict[object, object]) -> dict[object, object]:
    """Merge `delta` into `acc`, which is changed and returned.

    Texts are appended and numbers added; lists of objects merge by `index`; `index` and `type` are replaced; None is
    what has not come yet. A value that fits nothing of this changes nothing.

    Raises:
        TypeError: an item of such a list is no dictionary, or its index no integer.
        RuntimeError: an item of such a list has no index.
    """
    for key, value in delta.items():
        known: Any = acc.get(key)
        if known is None:
            acc[key] = _fresh(value)
        elif key in ("index", "type"):
            acc[key] = value
        elif isinstance(value, str):
            if not isinstance(known, (int, float, dict, list)):
                acc[key] = known + value
        elif isinstance(value, (int, float)):
            if isinstance(known, (int, float)):
                acc[key] = known + value
        elif isinstance(value, dict):
            if isinstance(known, dict):
                accumulate_delta(known, value)  # pyright: ignore[reportUnknownArgumentType]
        elif isinstance(value, list) and isinstance(known, list):
            acc[key] = _merged(known, value)  # pyright: ignore[reportUnknownArgumentType]
    return acc


def _fresh(value: Any) -> Any:
    # A first list may have one index twice, and then its items merge as those of two deltas would.
    if isinstance(value, list) and any(isinstance(item, dict) and "index" in item for item in value):  # pyright: ignore[reportUnknownVariableType]
        merged: list[Any] = []
        for item in value:  # pyright: ignore[reportUnknownVariableType]
            _merge_item(merged, item)
        return merged
    return value  # pyright: ignore[reportUnknownVariableType]


def _merged(known: list[Any], items: list[Any]) -> list[Any]:
    if not known:
        return _fresh(items)
    if all(isinstance(item, (str, int, float)) for item in known):
        known.extend(items)
        return known
    for item in items:
        _merge_item(known, item)
    return known


def _merge_item(known: list[Any], item: Any) -> None:
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
        return
    if not isinstance(found, dict):
        raise TypeError("not handled yet")
    accumulate_delta(found, entry)  # pyright: ignore[reportUnknownArgumentType]
