"""The installed package is at most half as long as the official one."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

import tailrace

openai = pytest.importorskip("openai", reason="compares with the official package, which is not installed here")


# What is counted is the text of the packages.
pytestmark = pytest.mark.once


def lines(package: str) -> int:
    """Lines of Python source of an installed package, stubs included."""
    folder = Path(importlib.import_module(package).__file__ or "").parent
    files = [path for ending in ("*.py", "*.pyi") for path in folder.rglob(ending)]
    return sum(path.read_bytes().count(b"\n") for path in files)


def test_python_source_is_at_most_half_of_the_official_package() -> None:
    official, ours = lines("openai"), lines(tailrace.__name__)
    assert official > 200_000
    assert ours * 2 <= official, f"{ours:,} lines of {official:,}"
