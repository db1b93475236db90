"""Reads type modules: response models, typed dicts and aliases."""

from __future__ import annotations

import ast
from typing import Any

from python_source import Module, Package, names_in

# What type modules import from the package's private modules; the generator knows where ours stand.
RUNTIME = {"BaseModel", "PropertyInfo", "FileTypes", "Base64FileInput", "SequenceNotStr"}


class TypeReader:
    """Reads modules and everything that they refer to."""

    def __init__(self, package: Package) -> None:
        self.package = package
        self.modules: dict[str, dict[str, Any]] = {}

    def read(self, roots: set[str]) -> None:
        waiting = sorted(roots)
        while waiting:
            name = waiting.pop()
            if name in self.modules:
                continue
            self.modules[name] = self._read_module(self.package.module(name))
            waiting += [target.partition(":")[0] for target in self.modules[name].get("imports", {}).values()]

    def facts(self) -> dict[str, Any]:
        """One value a package folder: its exports and its modules, both sorted."""
        folders: dict[str, Any] = {}
        for name in sorted(self.modules):
            folder, _, leaf = name.rpartition(".")
            parts = folder.split(".")
            for depth in range(1, len(parts) + 1):
                above = ".".join(parts[:depth])
                if above not in folders:
                    folders[above] = {"package": above, "exports": self._exports(above), "modules": {}}
            folders[folder]["modules"][leaf] = self.modules[name]
        return {("/".join(name.split(".")[1:]) or "root"): facts for name, facts in folders.items()}

    def _exports(self, name: str) -> dict[str, str]:
        """Public name -> defining `module:Name`, of those names whose module is read."""
        package = self.package.module(name)
        found = {local: self.package.defining(target) for local, target in package.imports.items()}
        return {local: target for local, target in sorted(found.items()) if target.partition(":")[0] in self.modules}

    def _read_module(self, module: Module) -> dict[str, Any]:
        definitions: dict[str, Any] = {}
        self._used: dict[str, None] = {}
        exported: list[str] = []
        for node in module.tree.body:
            if isinstance(node, ast.ClassDef):
                definitions[node.name] = self._read_class(module, node)
            elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value is not None:
                definitions[node.target.id] = {"kind": "alias", "type": self._annotation(node.value)}
            elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                name = node.targets[0].id
                if name == "__all__":
                    exported = ast.literal_eval(node.value)
                elif isinstance(node.value, ast.Call):
                    definitions[name] = self._read_functional_dict(module, node.value)
                else:
                    definitions[name] = {"kind": "alias", "type": self._annotation(node.value)}
            elif isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
                pass  # Names of cyclic imports, which `Package.module` has read.
            elif not isinstance(node, (ast.Import, ast.ImportFrom)) and not _is_text(node):
                module.fail(node, "a statement that is no type")
        return self._module_facts(module, exported, definitions)

    def _module_facts(self, module: Module, exported: list[str], definitions: dict[str, Any]) -> dict[str, Any]:
        imports: dict[str, str] = {}
        again = [name for name in module.exported_again if name not in definitions]
        for used in [*self._used, *exported, *again]:
            local = used.partition(".")[0]
            target = module.imports.get(local)
            if target is None or local in RUNTIME or local in definitions:
                continue
            target = self.package.defining(target)
            imports[local] = target
        facts: dict[str, Any] = {"exports": exported}
        again = [name for name in again if name not in exported]
        if again:
            facts["again"] = again
        if imports:
            facts["imports"] = dict(sorted(imports.items()))
        facts["definitions"] = definitions
        return facts

    def _read_class(self, module: Module, node: ast.ClassDef) -> dict[str, Any]:
        bases = [self._annotation(base) for base in node.bases]
        total = next((ast.literal_eval(k.value) for k in node.keywords if k.arg == "total"), True)
        is_dict = "TypedDict" in bases or any(keyword.arg == "total" for keyword in node.keywords)
        facts: dict[str, Any] = {"kind": "dict" if is_dict else "model"}
        if is_dict and not total:
            facts["total"] = False
        own = [base for base in bases if base not in ("BaseModel", "TypedDict")]
        if own:
            facts["bases"] = own
        fields: list[dict[str, Any]] = []
        for statement in node.body:
            if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
                fields.append(self._read_field(module, statement))
            elif isinstance(statement, ast.FunctionDef) and not is_dict:
                # Only the name is a fact; the body is hand-written on our side and joins as a mixin.
                facts.setdefault("properties", []).append(statement.name)
            elif isinstance(statement, ast.If) and ast.unparse(statement.test) == "TYPE_CHECKING":
                facts["extra"] = self._read_extra(module, statement)
            elif not isinstance(statement, ast.Pass) and not _is_text(statement):
                module.fail(statement, "a class member that is no field")
        facts["fields"] = fields
        return facts

    def _read_field(self, module: Module, node: ast.AnnAssign) -> dict[str, Any]:
        assert isinstance(node.target, ast.Name)
        facts: dict[str, Any] = {"name": node.target.id, "type": self._annotation(node.annotation)}
        if isinstance(node.value, ast.Call) and ast.unparse(node.value.func) == "FieldInfo":
            for keyword in node.value.keywords:
                if keyword.arg == "alias":
                    facts["alias"] = ast.literal_eval(keyword.value)
                elif keyword.arg == "default":
                    facts["default"] = ast.unparse(keyword.value)
                else:
                    module.fail(node, f"FieldInfo with `{keyword.arg}`")
        elif node.value is not None:
            facts["default"] = ast.unparse(node.value)
        return facts

    def _read_extra(self, module: Module, node: ast.If) -> str:
        for statement in node.body:
            if isinstance(statement, ast.AnnAssign) and ast.unparse(statement.target) == "__pydantic_extra__":
                annotation = statement.annotation
                if isinstance(annotation, ast.Subscript) and isinstance(annotation.slice, ast.Tuple):
                    return self._annotation(annotation.slice.elts[1])
        module.fail(node, "a TYPE_CHECKING block without __pydantic_extra__")

    def _read_functional_dict(self, module: Module, call: ast.Call) -> dict[str, Any]:
        if ast.unparse(call.func) != "TypedDict" or not isinstance(call.args[1], ast.Dict):
            module.fail(call, "a call that is no TypedDict")
        facts: dict[str, Any] = {"kind": "dict"}
        if any(k.arg == "total" and ast.literal_eval(k.value) is False for k in call.keywords):
            facts["total"] = False
        pairs = zip(call.args[1].keys, call.args[1].values, strict=True)
        facts["fields"] = [
            {"name": ast.literal_eval(key), "type": self._annotation(value)} for key, value in pairs if key is not None
        ]
        return facts

    def _annotation(self, node: ast.expr) -> str:
        self._used.update(dict.fromkeys(names_in(node)))
        return ast.unparse(node)


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
