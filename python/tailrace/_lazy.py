"""Names that load their module when they are first touched.

`import tailrace` loads neither pydantic nor a module of types; they load while the first request is on the wire.
"""

from __future__ import annotations

import importlib
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["LazyType", "lazy_exports", "resolved"]


class LazyType:
    """A reference to a type whose module loads at the first `resolve()`."""

    __slots__ = ("_item", "_module", "_name", "_type")

    def __init__(self, module: str, name: str, *, item: Any = None) -> None:
        """`name` is looked up in the module with the absolute path `module`.

        `item` stands between its brackets where it is generic: a type, a lazy type, or a tuple of those.
        """
        self._module = module
        self._name = name
        self._item = item

    def resolve(self) -> Any:
        """Return the class or type expression. Raises `ImportError` when its module cannot be loaded."""
        try:
            return self._type
        except AttributeError:
            found = getattr(importlib.import_module(self._module), self._name)
            self._type: Any = found if self._item is None else found[resolved(self._item)]
            return self._type

    def __repr__(self) -> str:
        item = "" if self._item is None else f", item={self._item!r}"
        return f"LazyType({self._module!r}, {self._name!r}{item})"


def resolved(type_: Any) -> Any:
    """Return what `type_` stands for: a lazy type resolved, in a tuple too, and any other type as it is."""
    if isinstance(type_, LazyType):
        return type_.resolve()
    if isinstance(type_, tuple):
        return tuple(resolved(item) for item in type_)  # pyright: ignore[reportUnknownVariableType]
    return type_


def lazy_exports(namespace: dict[str, Any], places: dict[str, str]) -> None:
    """Make the names of `places` attributes of the package with `namespace`, each loaded at first use (PEP 562).

    `places` has public names and where they stand: `.module`, or `.module:name` where the name there is another.

    Submodules are attributes too, as they are of a package that has imported them. Any other name raises
    `AttributeError`, as for every module.
    """
    package: str = namespace["__name__"]

    def load(name: str) -> Any:
        place = places.get(name)
        if place is not None:
            module, _, defined = place.partition(":")
            value = getattr(importlib.import_module(module, package), defined or name)
        else:
            value = _submodule(package, name)
        namespace[name] = value
        return value

    def names() -> list[str]:
        return sorted({*namespace, *places})

    namespace.update(__getattr__=load, __dir__=names, __all__=[*places])


def _submodule(package: str, name: str) -> Any:
    full = f"{package}.{name}"
    # Python asks modules for many names of its own, such as `__path__`; they are never files.
    if not name.startswith("_"):
        try:
            return importlib.import_module(full)
        except ModuleNotFoundError as error:
            # A module that exists but fails to import something else must say so.
            if error.name != full or full in sys.modules:
                raise
    raise AttributeError(f"module {package!r} has no attribute {name!r}")
