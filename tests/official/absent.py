"""A plugin of pytest: what a test imports of private names that tailrace does not have fails the case that uses it.

Without it one such name would keep a whole file from being collected, with all its cases that use public names only.
Imports of public names, and those that code other than the suite does, fail as ever.
"""

from __future__ import annotations

import builtins
import sys
import types
from collections.abc import Mapping, Sequence
from typing import Any

PACKAGE = "tailrace"
#: What the suite replaces by texts that name the official package, to shorten the pauses between attempts. A stand-in
#: is replaced instead, so that such cases run, with the pauses of tailrace.
PAUSES = {"BaseClient": ("_calculate_retry_timeout",)}


class _Absent(type):
    """The class of what stands for such a name: a class, because some are inherited from."""

    def __getattr__(cls, name: str) -> Any:
        raise AttributeError(f"tailrace has no private `{cls.__name__}`, whose `{name}` is asked for")

    def __call__(cls, *positional: Any, **named: Any) -> Any:
        raise AttributeError(f"tailrace has no private `{cls.__name__}`, which is called")


class _Partly:
    """A module of which a test gets what there is, and stand-ins for the rest."""

    def __init__(self, name: str, module: types.ModuleType | None) -> None:
        self._name, self._module = name, module

    def __getattr__(self, name: str) -> Any:
        if hasattr(self._module, name):
            return getattr(self._module, name)
        return _Absent(f"{self._name}.{name}", (), {})


def is_private(name: str) -> bool:
    """Whether a module of the package, or one that it is in, says that it is nobody's business."""
    return name.startswith(f"{PACKAGE}.") and any(part.startswith("_") for part in name.split("."))


def pytest_configure() -> None:
    original = builtins.__import__

    def imported(
        name: str,
        globals: Mapping[str, object] | None = None,
        locals: Mapping[str, object] | None = None,
        fromlist: Sequence[str] | None = (),
        level: int = 0,
    ) -> Any:
        importer = str((globals or {}).get("__name__", ""))
        if level or not fromlist or not importer.startswith("tests.") or not name.startswith(PACKAGE):
            return original(name, globals, locals, fromlist, level)
        try:
            module = original(name, globals, locals, fromlist, level)
        except ModuleNotFoundError as error:
            if not is_private(error.name or ""):
                raise
            module = None
        absent = [part for part in fromlist if not hasattr(module, part)]
        if absent and (is_private(name) or all(part.startswith("_") for part in absent)):
            return _Partly(name, module)
        return module

    builtins.__import__ = imported
    for name in ("openai", "openai._base_client"):
        sys.modules.setdefault(name, types.ModuleType(name))
    for name, methods in PAUSES.items():
        setattr(sys.modules["openai._base_client"], name, type(name, (), dict.fromkeys(methods)))
