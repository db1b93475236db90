"""What `DIVERGENCES.md` names as proof is there, and what the conformance cases diverge in is listed there."""

import json
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "DIVERGENCES.md").read_text()
DIVERGENCES = json.loads((ROOT / "tests/conformance/divergences.json").read_text())["divergences"]


def test_every_divergence_of_a_case_is_a_row() -> None:
    assert [entry["id"] for entry in DIVERGENCES if f"`{entry['id']}`" not in TEXT] == []


def test_cases_that_are_named_exist() -> None:
    named = re.findall(r"`((?:cancellation|errors|headers|http|json|retry|sse|streaming|timeouts)/[a-z0-9-]+)`", TEXT)
    assert named
    assert [name for name in named if not (ROOT / f"tests/conformance/cases/{name}.json").exists()] == []


def test_tests_that_are_named_exist() -> None:
    python = re.findall(r"`(test_\w+\.py)(?:::(\w+))?`", TEXT)
    missing = [
        (file, name)
        for file, name in python
        if not (ROOT / "tests/python" / file).exists()
        or (name and f"def {name}(" not in (ROOT / "tests/python" / file).read_text())
    ]
    assert python
    assert missing == []
    node = re.findall(r"`(tests/node/[\w./-]+)`", TEXT)
    assert node
    assert [file for file in node if not (ROOT / file).exists()] == []
    rust = [name.rpartition(":")[2] for name in re.findall(r"Rust test `([\w:]+)`", TEXT)]
    sources = "".join(path.read_text() for path in (ROOT / "crates").glob("*/**/*.rs"))
    assert rust
    assert [name for name in rust if f"fn {name}(" not in sources] == []
