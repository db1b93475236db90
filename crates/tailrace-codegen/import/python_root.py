"""Reads what stands at the root of the package: names, settings of the module-level client, public modules."""

from __future__ import annotations

import ast
from typing import Any

from python_source import Module, Package


def read_root(package: Package, children: dict[str, str]) -> dict[str, Any]:
    """Facts of the root: the client's resources in official order, exports, settings and public modules."""
    root = package.module("")
    settings = {
        node.target.id: ast.unparse(node.annotation)
        for node in root.tree.body
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.target.id[0] != "_"
    }
    names = {local: place for local, place in root.externals.items() if not place.startswith("__future__")}
    names |= {local: package.defining(target) for local, target in root.imports.items()}
    return {
        "children": children,
        "exports": sorted(root.listed() or []),
        "names": {local: target for local, target in sorted(names.items()) if local[0] != "_"},
        "settings": settings,
        "modules": _public_modules(package),
    }


def _public_modules(package: Package) -> dict[str, list[str]]:
    """Names that every public module besides types and resources offers."""
    found: dict[str, list[str]] = {}
    for name in package.below("."):
        parts = name.split(".")
        if parts[0] not in ("types", "resources") and not any(part.startswith("_") for part in parts):
            found[name] = _offered(package.module(name))
    return found


def _offered(module: Module) -> list[str]:
    if module.listed() is not None:
        return module.public()
    return [name for name in module.public() if name not in module.externals]
