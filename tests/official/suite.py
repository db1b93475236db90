"""The official test suite as files: unpacked from the source distribution, with the name of the package changed.

The rule is one: a Python name `openai` that begins a dotted name or stands in an import statement becomes `tailrace`.
Names are found by Python's own tokenizer, so strings, comments, attributes and keyword arguments stay as they are.
"""

from __future__ import annotations

import io
import shutil
import tarfile
import tokenize
from collections import Counter
from pathlib import Path
from typing import Any

OFFICIAL = "openai"


def unpack(archive: Path, target: Path) -> Path:
    """Unpack a source distribution and return its only folder. What was unpacked before is taken as it is."""
    done = target / f"{archive.name}.unpacked"
    if not done.exists():
        shutil.rmtree(target, ignore_errors=True)
        with tarfile.open(archive) as packed:
            packed.extractall(target, filter="data")
        done.touch()
    (folder,) = (entry for entry in target.iterdir() if entry.is_dir())
    return folder


def undecided(source: Path, files: dict[str, Any]) -> list[str]:
    """The files of tests about which `files.json` says nothing or two things, and what it has and is not there."""
    found = Counter(path.relative_to(source).as_posix() for path in source.glob("tests/**/test_*.py"))
    said = Counter([*files["run"], *(file for entry in files["left"] for file in entry["files"])])
    resources = "tests/api_resources/"
    return sorted(file for file in {*found, *said} if found[file] != said[file] and not file.startswith(resources))


def copy(source: Path, target: Path, package: str) -> Path:
    """Copy `tests/`, what some of them run or upload, and the options of pytest, for the package of this name."""
    shutil.rmtree(target, ignore_errors=True)
    for folder in ("tests", "examples"):
        shutil.copytree(source / folder, target / folder)
    shutil.copy(source / "README.md", target / "README.md")
    # Only its `[tool.pytest.ini_options]` matters: how async tests run, and that a warning is an error.
    shutil.copy(source / "pyproject.toml", target / "pyproject.toml")
    if package != OFFICIAL:
        for path in (*target.glob("tests/**/*.py"), *target.glob("examples/**/*.py")):
            path.write_text(renamed(path.read_text(encoding="utf-8"), package), encoding="utf-8")
    return target


def renamed(text: str, package: str) -> str:
    """Return Python source in which the name of the official package is that of another one."""
    lines = text.splitlines(keepends=True)
    tokens = list(tokenize.generate_tokens(io.StringIO(text).readline))
    found: list[tuple[int, int]] = []
    for before, token, after in zip([None, *tokens[:-1]], tokens, [*tokens[1:], None], strict=True):
        if token.type != tokenize.NAME or token.string != OFFICIAL:
            continue
        is_attribute = before is not None and before.string == "."
        is_keyword = after is not None and after.string == "="
        if not is_attribute and not is_keyword:
            found.append(token.start)
    for row, column in reversed(found):
        line = lines[row - 1]
        lines[row - 1] = line[:column] + package + line[column + len(OFFICIAL) :]
    return "".join(lines)
