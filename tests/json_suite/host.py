"""Read the files of the JSONTestSuite as `json` does: `host.py FOLDER`, which `cargo xtask json-suite` runs.

What `json.loads` takes is taken, with the same value; what it refuses is refused. Files that are no UTF-8 have no text,
and are left out.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path

import tailrace


def host(text: str) -> tuple[bool, str]:
    try:
        return True, repr(json.loads(text))
    except (ValueError, RecursionError):
        return False, ""


def ours(text: str) -> tuple[bool, str]:
    try:
        tailrace.validate(True, text)
    except tailrace.SchemaViolationError:
        return False, ""
    return True, repr(tailrace.partial_json(text))


def main(folder: Path) -> int:
    counts: Counter[tuple[str, str]] = Counter()
    wrong = 0
    for path in sorted(folder.glob("*.json")):
        kind = path.name[:2]
        try:
            text = path.read_bytes().decode()
        except UnicodeDecodeError:
            counts[kind, "no text"] += 1
            continue
        theirs, mine = host(text), ours(text)
        counts[kind, "read" if mine[0] else "refused"] += 1
        if theirs != mine:
            wrong += 1
            print(f"{path.name}: json {theirs}, tailrace {mine}")
    print(f"  {'':4} {'read':>6} {'refused':>8} {'no text':>8}")
    for kind in ("y_", "n_", "i_"):
        print(f"  {kind:4} {counts[kind, 'read']:6} {counts[kind, 'refused']:8} {counts[kind, 'no text']:8}")
    return 1 if wrong or not counts["y_", "read"] else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
