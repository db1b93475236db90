"""Compares all that the official Python package offers with ours: `surface.py` prints every difference.

Both are introspected; nothing of them is copied. A difference is one line that begins with where it is.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import facts

Difference = tuple[str, str]

OFFICIAL, OURS = "openai", "tailrace"


def public_modules() -> list[str]:
    """Paths below the official package of the modules whose names say that they are public; `` is the package."""
    package = importlib.import_module(OFFICIAL)
    found = [info.name.partition(".")[2] for info in pkgutil.walk_packages(package.__path__, OFFICIAL + ".")]
    return ["", *(path for path in found if not any(part.startswith("_") for part in path.split(".")))]


def load(root: str, path: str) -> ModuleType:
    return importlib.import_module(f"{root}.{path}" if path else root)


def names(module: ModuleType) -> list[str]:
    """What a module offers: what it lists or defines, and what a package gathers from its modules."""
    listed: list[str] = list(getattr(module, "__all__", ()))
    is_package = hasattr(module, "__path__")
    for name in dir(module):
        value = inspect.getattr_static(module, name, None)
        # pydantic keeps the parts of generic models in their module, under names that nobody can write.
        if name.startswith("_") or name == "annotations" or not name.isidentifier() or inspect.ismodule(value):
            continue
        place = getattr(value, "__module__", None)
        if place == module.__name__ or (is_package and str(place).partition(".")[0] in (OFFICIAL, OURS, "typing")):
            listed.append(name)
    return list(dict.fromkeys(listed))


def differences() -> Iterator[Difference]:
    """Every difference, as its place and what differs."""
    compared: set[int] = set()
    for path in public_modules():
        theirs = load(OFFICIAL, path)
        try:
            ours = load(OURS, path)
        except ImportError as error:
            yield path, f"no such module ({error})"
            continue
        for name in names(theirs):
            place = f"{path}.{name}" if path else name
            value = getattr(theirs, name)
            try:
                mine = getattr(ours, name)
            except AttributeError:
                yield place, "missing"
                continue
            # A type that packages export again is compared once.
            if id(value) not in compared:
                compared.add(id(value))
                yield from different(place, value, mine)
    for client in ("OpenAI", "AsyncOpenAI"):
        yield from different_resources(client)


def different(place: str, theirs: Any, ours: Any) -> Iterator[Difference]:
    try:
        wanted = facts.of(theirs, OFFICIAL)
    except NameError:
        # An annotation names a package that is not installed here.
        return
    try:
        found = facts.of(ours, OURS, facts.class_members(theirs, OFFICIAL))
    except Exception as error:  # noqa: BLE001 - what cannot be introspected is a difference, whatever it raises.
        yield place, f"cannot be introspected: {type(error).__name__}: {error}"
        return
    for name, fact in wanted.items():
        if name not in found:
            yield f"{place}{name}", "missing"
        elif found[name] != fact:
            yield f"{place}{name}", f"official {fact!r}, ours {found[name]!r}"


def different_resources(client: str) -> Iterator[Difference]:
    """The tree that a client opens: what every resource and its views of responses offer."""
    theirs, ours = (getattr(load(root, ""), client)(api_key="k") for root in (OFFICIAL, OURS))
    yield from walk(client, theirs, ours)


def walk(place: str, theirs: Any, ours: Any) -> Iterator[Difference]:
    for name in dir(theirs):
        if name.startswith("_"):
            continue
        try:
            value = getattr(theirs, name)
        except Exception:  # noqa: BLE001 - a property that this client has no value for.
            continue
        here = f"{place}.{name}"
        try:
            mine = getattr(ours, name)
        except AttributeError:
            yield here, "missing"
            continue
        except Exception as error:  # noqa: BLE001 - as above, but the official one has it.
            yield here, f"raises {type(error).__name__}: {error}"
            continue
        if type(value).__module__.startswith(f"{OFFICIAL}.resources."):
            if type(value).__name__ != type(mine).__name__:
                yield here, f"official {type(value).__name__}, ours {type(mine).__name__}"
            yield from walk(here, value, mine)
        elif callable(value) != callable(mine):
            yield here, "only one of them can be called"


if __name__ == "__main__":
    for place, what in differences():
        print(f"{place}: {what}")
