"""Reads signatures: parameters, overloads, return types, and where the names in them come from."""

from __future__ import annotations

import ast
from typing import Any

from python_operations import Function
from python_source import Module, Package, is_foreign, names_in

# Private modules of the package whose names the generator knows by itself.
RUNTIME = {
    "_base_client",
    "_constants",
    "_legacy_response",
    "_models",
    "_resource",
    "_response",
    "_streaming",
    "_types",
    "pagination",
}
MARKERS = {"omit", "not_given", "NOT_GIVEN"}


class Signatures:
    """Reads the signatures of one module and collects the names that they use."""

    def __init__(self, package: Package, module: Module) -> None:
        self.package = package
        self.module = module
        self.imports: dict[str, str] = {}
        self.outside: dict[str, str] = {}

    def parameters(self, node: Function) -> list[dict[str, Any]]:
        """Parameters after `self`, in order."""
        arguments = node.args
        if arguments.vararg or arguments.kwarg or arguments.posonlyargs:
            self.module.fail(arguments, "a signature with packed or position-only arguments")
        positional = arguments.args[1:]
        optional = len(positional) - len(arguments.defaults)
        defaults = [None] * optional + list(arguments.defaults) + list(arguments.kw_defaults)
        found: list[dict[str, Any]] = []
        for position, argument in enumerate([*positional, *arguments.kwonlyargs]):
            if argument.annotation is None:
                self.module.fail(argument, "a parameter without a type")
            parameter: dict[str, Any] = {"name": argument.arg, "type": self.annotation(argument.annotation)}
            default = defaults[position]
            if default is not None:
                parameter["default"] = self._default(default)
            if position < len(positional):
                parameter["positional"] = True
            found.append(parameter)
        return found

    def overload(self, method: dict[str, Any], node: Function) -> dict[str, Any]:
        """What an overload changes: single parameters where its order is "required ones first", or else all of them."""
        shown = self.parameters(node)
        by_name = {p["name"]: p for p in shown}
        usual: list[dict[str, Any]] = method["parameters"]
        changed = {p["name"]: by_name[p["name"]] for p in usual if by_name.get(p["name"], p) != p}
        merged = [changed.get(p["name"], p) for p in usual]
        ordered = [p for p in merged if "default" not in p] + [p for p in merged if "default" in p]
        facts: dict[str, Any] = {"changes": list(changed.values())} if ordered == shown else {"parameters": shown}
        facts["returns"] = self.returns(node)
        return facts

    def returns(self, node: Function) -> str:
        """The return annotation."""
        if node.returns is None:
            self.module.fail(node, "a method without a return type")
        return self.annotation(node.returns)

    def annotation(self, node: ast.expr) -> str:
        """The text of a type; the names in it are noted."""
        for name in names_in(node):
            local = name.partition(".")[0]
            target = self.module.imports.get(local)
            if target is None:
                if local in self.module.definitions:
                    self.outside[local] = f"{self.module.name}:{local}"
                elif not is_foreign(self.module, local):
                    self.module.fail(node, f"the name `{local}`, which nothing defines")
            elif target.startswith(("types.", "types:")):
                self.imports[local] = self.package.defining(target)
            elif target.partition(":")[0] not in RUNTIME:
                self.outside[local] = target
        return ast.unparse(node)

    def target(self, node: ast.expr) -> str:
        """`module:Name` of a class that is written as a name or as `module.Name`."""
        first, _, rest = ast.unparse(node).partition(".")
        target = self.module.imports.get(first)
        if target is None or (rest and not target.endswith(":")) or "." in rest:
            self.module.fail(node, "a class that is not imported")
        return self.package.defining(target + rest)

    def _default(self, node: ast.expr) -> str:
        if isinstance(node, ast.Name) and node.id not in MARKERS:
            return self._constant(self.module, node)
        return ast.unparse(node)

    def _constant(self, module: Module, node: ast.Name) -> str:
        """The value of a named number, which a signature shows to its callers."""
        if node.id in module.imports:
            place, _, name = self.package.defining(module.imports[node.id]).partition(":")
            return self._constant(self.package.module(place), ast.Name(name))
        for statement in module.tree.body:
            if isinstance(statement, (ast.Assign, ast.AnnAssign)) and statement.value is not None:
                targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
                if any(ast.unparse(target) == node.id for target in targets):
                    return str(ast.literal_eval(statement.value))
        module.fail(node, "a default that is no constant")
