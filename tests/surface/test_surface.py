"""All that the official package offers is in ours, but for what `python.json` names with a reason."""

from __future__ import annotations

import fnmatch
import importlib
import json
import sys
from collections import Counter
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import surface

from tailrace._constants import COMPATIBLE_VERSION

openai = pytest.importorskip("openai", reason="compares with the official package, which is not installed here")

EXCEPTIONS = json.loads((Path(__file__).parent / "python.json").read_text(encoding="utf-8"))

#: Lines of a long list that a failure shows.
SHOWN = 60


@pytest.fixture(scope="module")
def differences() -> list[surface.Difference]:
    # Importing all of it warns of what is deprecated.
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return list(surface.differences())


def test_the_installed_official_package_is_the_one_that_ours_replaces() -> None:
    assert openai.__version__ == COMPATIBLE_VERSION


def test_nothing_is_missing_or_different(differences: list[surface.Difference]) -> None:
    patterns = [pattern for entry in EXCEPTIONS for pattern in entry["places"]]
    new = [
        f"{place}: {what}"
        for place, what in differences
        if not any(fnmatch.fnmatchcase(place, pattern) for pattern in patterns)
    ]
    parts = Counter(line.partition(".")[0].partition(":")[0] for line in new)
    listed = "\n".join([f"{len(new)} differences: {dict(parts.most_common(20))}", *new[:SHOWN]])
    assert not new, listed + "\nall of them: python tests/surface/surface.py"


@pytest.mark.skipif(
    sys.version_info < (3, 11), reason="typing keeps overloads, which some exceptions are of, since Python 3.11"
)
def test_every_exception_is_still_needed(differences: list[surface.Difference]) -> None:
    unneeded = [
        pattern
        for entry in EXCEPTIONS
        for pattern in entry["places"]
        if not any(fnmatch.fnmatchcase(place, pattern) for place, _ in differences)
    ]
    assert unneeded == []


def test_enough_is_compared() -> None:
    """The comparison would also hold for an empty package."""
    modules = surface.public_modules()
    assert len(modules) > 1_900
    names = {name for path in modules for name in surface.names(surface.load("openai", path))}
    assert len(names) > 3_000
    assert importlib.import_module("openai.types.chat").ChatCompletion.__name__ in names
