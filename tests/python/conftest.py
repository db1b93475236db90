"""Fixtures: a mock server for the session, an environment without `OPENAI_*`, and the official package as oracle."""

from __future__ import annotations

import importlib
import os
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest

import tailrace
from tailrace._constants import COMPATIBLE_VERSION
from tailrace.testing import MockServer


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the machine decides a test: no key, no base URL, no proxy."""
    for name in list(os.environ):
        if name.startswith(("OPENAI_", "AZURE_", "TAILRACE_LOG")) or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def server() -> Iterator[MockServer]:
    with MockServer() as server:
        yield server


@pytest.fixture(scope="session")
def official() -> ModuleType:
    try:
        module: Any = importlib.import_module("openai")
    except ImportError:
        pytest.skip("compares with the official package, which is not installed here")
    if module.__version__ != COMPATIBLE_VERSION:
        pytest.skip(f"compares with openai {COMPATIBLE_VERSION}, and {module.__version__} is installed here")
    return module


@pytest.fixture(params=["tailrace", "openai"])
def library(request: pytest.FixtureRequest) -> ModuleType:
    """Each package in turn, for tests that state what both must do."""
    if request.param == "openai":
        return request.getfixturevalue("official")
    return tailrace
