"""What is said about a comparison, and whether it is what the committed lists say."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

from wire import Difference, unknown

Listed = list[dict[str, Any]]

#: Lines of a list that are printed; the file has all of them.
SHOWN = 12


def counts(result: dict[str, Any]) -> str:
    found = Counter(case["outcome"] for case in result["cases"].values())
    text = ", ".join(f"{number:,} {outcome}" for outcome, number in sorted(found.items(), reverse=True))
    files = len(result["uncollected"])
    return f"{text or 'no case ran'}{f', {files} files not collected' if files else ''}"


def outcomes(
    reference: dict[str, Any], result: dict[str, Any], mode: str, only: tuple[str, ...], listed: Path, target: Path
) -> bool:
    """Compare what passes. Good is: exactly the cases that the list names for this mode are lost.

    Those of an entry with `sometimes` may pass, too.
    """
    passed = {case for case, end in reference["cases"].items() if end["outcome"] == "passed" and case.startswith(only)}
    lost = {case: why(case, result) for case in sorted(passed)}
    lost = {case: text for case, text in lost.items() if text is not None}
    entries = json.loads(listed.read_text(encoding="utf-8"))
    known = named_by(entries, only, mode, passed)
    known -= named_by([entry for entry in entries if entry.get("sometimes")], only, mode, passed) & passed - set(lost)

    print(f"{mode}: passed {len(passed) - len(lost):,} of the {len(passed):,} that the official package passes")
    grouped(lost, "lost", target)
    return verdict(set(lost), known, listed)


def why(case: str, result: dict[str, Any]) -> str | None:
    """Why a case is lost; nothing when it is not."""
    end = result["cases"].get(case)
    if end is None:
        file = case.partition("::")[0]
        return f"not collected: {result['uncollected'].get(file, 'no such case')}"
    return None if end["outcome"] == "passed" else f"{end['outcome']}: {end['why']}"


def wire(
    reference: dict[str, Any], found: dict[str, list[Difference]], known: Listed, target: Path, whole: bool
) -> bool:
    """Report requests that differ. Good is: every difference is excused, and every excuse is needed."""
    different = {case: list_ for case, list_ in found.items() if list_}
    left, unneeded = unknown(different, known)
    requests = sum(len(reference["records"][case]) for case in found)
    equal, excused = len(found) - len(different), len(different) - len(left)
    print(
        f"wire: {len(found):,} cases with {requests:,} requests: "
        f"{equal:,} equal, {excused:,} excused, {len(left):,} different"
    )
    parts = Counter(name for list_ in left.values() for name in {name for name, _, _ in list_})
    for name, number in parts.most_common():
        print(f"  {number:>5,}  {name}")
    lines: list[str] = []
    for case, list_ in sorted(left.items()):
        lines.append(case)
        for name, official, ours in list_:
            lines += [f"  {name}", f"    official {official[:400]!r}", f"    tailrace {ours[:400]!r}"]
    target.write_text("\n".join([*lines, ""]), encoding="utf-8")
    if lines:
        print("\n".join(lines[: 4 * SHOWN]))
        print(f"all of it: {target}")
    # A part of the suite need not show every excuse.
    if whole and unneeded:
        print("no longer true, still listed in wire.json:\n  " + "\n  ".join(unneeded))
    return not left and not (whole and unneeded)


def grouped(lost: dict[str, str], name: str, target: Path) -> None:
    """Print the reasons with their numbers; write every case below its reason."""
    groups: dict[str, list[str]] = defaultdict(list)
    for case, text in lost.items():
        groups[generalised(text)].append(case)
    ordered = sorted(groups.items(), key=lambda group: -len(group[1]))
    for text, cases in ordered[:SHOWN]:
        print(f"  {len(cases):>5,}  {text}\n         such as {cases[0]}")
    lines = [line for text, cases in ordered for line in (f"{len(cases)} {text}", *(f"  {case}" for case in cases))]
    target.write_text("\n".join([*lines, ""]), encoding="utf-8")
    if ordered:
        print(f"  {len(ordered)} reasons; every case {name}: {target}")


def generalised(text: str) -> str:
    """A reason without what is the case's own: addresses, numbers, quoted values."""
    return re.sub(r"0x[0-9a-f]+|\b\d+\b", "N", text)[:160]


def named_by(listed: Listed, only: tuple[str, ...], mode: str, passed: set[str]) -> set[str]:
    """The cases of the list; `*` in one of it stands for anything, so that it names those of `passed` that fit."""
    names = [name for entry in listed if mode in entry.get("modes", [mode]) for name in entry["cases"]]
    known: set[str] = set()
    for name in names:
        if not name.startswith(only):
            continue
        pattern = re.compile(re.escape(name).replace(r"\*", ".*"), re.DOTALL)
        # What fits nothing is said to be no longer true.
        known |= {case for case in passed if pattern.fullmatch(case)} or {name}
    return known


def verdict(found: set[str], known: set[str], listed: Path) -> bool:
    new, gone = sorted(found - known), sorted(known - found)
    for cases, text in [(new, "not listed in"), (gone, "no longer true, still listed in")]:
        if cases:
            shown = "\n  ".join(cases[:SHOWN])
            print(f"{len(cases):,} {text} {listed.name}, such as\n  {shown}")
    return not new and not gone
