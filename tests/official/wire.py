"""What two packages sent for the same case, compared part by part."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

Record = dict[str, Any]

#: Differences of one case: what differs, and the two sides.
Difference = tuple[str, str, str]

BOUNDARY = re.compile(r"boundary=\"?([^\";,]+)\"?")


def differences(official: list[Record], ours: list[Record], ignored: set[str]) -> list[Difference]:
    """Compare the requests of a case in their order; `ignored` names headers."""
    if len(official) != len(ours):
        return [("number of requests", described(official), described(ours))]
    found: list[Difference] = []
    for theirs, mine in zip(official, ours, strict=True):
        found += different_parts(parts(theirs, ignored), parts(mine, ignored))
    return found


def unknown(
    found: dict[str, list[Difference]], known: list[dict[str, Any]]
) -> tuple[dict[str, list[Difference]], list[str]]:
    """The differences that no entry of the list excuses, and the reasons of entries that excuse none."""
    needed: set[int] = set()
    left: dict[str, list[Difference]] = {}
    for case, list_ in found.items():
        for difference in list_:
            excuses = [at for at, entry in enumerate(known) if is_excused(case, difference, entry)]
            needed.update(excuses)
            if not excuses:
                left.setdefault(case, []).append(difference)
    return left, [entry["why"] for at, entry in enumerate(known) if at not in needed]


def is_excused(case: str, difference: Difference, entry: dict[str, Any]) -> bool:
    part, official, ours = difference
    wanted = {"official": official, "tailrace": ours}
    return (
        any(fnmatch.fnmatchcase(case, pattern) for pattern in entry["cases"])
        and part == entry["part"]
        and all(entry.get(side, value) == value for side, value in wanted.items())
    )


def described(records: list[Record]) -> str:
    return "; ".join(f"{record['method']} {record['target']}" for record in records) or "none"


def different_parts(official: dict[str, str], ours: dict[str, str]) -> Iterator[Difference]:
    for name in dict.fromkeys([*official, *ours]):
        theirs, mine = official.get(name, "(absent)"), ours.get(name, "(absent)")
        if theirs != mine:
            yield name, theirs, mine


def parts(record: Record, ignored: set[str]) -> dict[str, str]:
    """A request by named parts, each comparable as text. The boundary of a multipart body is a fixed word."""
    url = urlsplit(record["target"])
    found = {"method": record["method"], "path": url.path, "query": url.query}
    boundary = boundary_of(record)
    for name, value in record["headers"]:
        if name in ignored or (boundary and name == "content-length"):
            continue
        key = f"header {name}"
        value = value.replace(boundary, "BOUNDARY") if boundary else value
        found[key] = f"{found[key]}, {value}" if key in found else value
    found["body"] = record["body"].replace(boundary, "BOUNDARY") if boundary else record["body"]
    return found


def boundary_of(record: Record) -> str | None:
    for name, value in record["headers"]:
        if name == "content-type" and value.startswith("multipart/"):
            match = BOUNDARY.search(value)
            return match[1] if match else None
    return None
