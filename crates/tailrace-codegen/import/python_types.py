"""Reads type modules: response models, typed dicts, aliases and type variables."""

from __future__ import annotations

import ast
from typing import Any

from python_source import Module, Package, is_foreign, is_text, names_in

# What type modules import from the package's private modules; the generator knows where ours stand.
RUNTIME = {"BaseModel", "GenericModel", "PropertyInfo", "FileTypes", "Base64FileInput", "SequenceNotStr"}
PLAIN_BASES = {"BaseModel", "GenericModel", "TypedDict"}


class TypeReader:
    """Reads every module below `types`."""

    def __init__(self, package: Package) -> None:
        self.package = package
        self.modules: dict[str, dict[str, Any]] = {}

    def read(self) -> None:
        """Read the modules; packages have nothing but exports."""
        for name in self.package.below("types"):
            module = self.package.module(name)
            if not module.is_package:
                self.modules[name] = _Reader(self.package, module).read()
            elif module.definitions not in ([], ["__all__"]):
                module.fail(module.tree, f"a package of types that defines {module.definitions[0]}")

    def facts(self) -> dict[str, Any]:
        """One value a package folder: its exports and its modules, both sorted."""
        folders: dict[str, Any] = {}
        for name in self.package.below("types"):
            if self.package.module(name).is_package:
                folders[name] = {"package": name, "exports": self._exports(name), "modules": {}}
            else:
                folder, _, leaf = name.rpartition(".")
                folders[folder]["modules"][leaf] = self.modules[name]
        return {("/".join(name.split(".")[1:]) or "root"): facts for name, facts in folders.items()}

    def _exports(self, name: str) -> dict[str, str]:
        """Public name -> defining `module:Name`."""
        package = self.package.module(name)
        found = {local: self.package.defining(target) for local, target in package.imports.items()}
        for local, target in found.items():
            module, _, leaf = target.partition(":")
            if leaf and leaf not in self.package.module(module).definitions:
                package.fail(package.tree, f"the export `{local}`, which {module} does not define")
        return dict(sorted(found.items()))


class _Reader:
    """Reads one module."""

    def __init__(self, package: Package, module: Module) -> None:
        self.package = package
        self.module = module
        self.used: dict[str, None] = {}

    def read(self) -> dict[str, Any]:
        if any(_is_code(node) for node in self.module.tree.body):
            # Only the names are facts; the module is hand-written on our side.
            return {"exports": self.module.public(), "by_hand": self.module.public(), "definitions": {}}
        definitions: dict[str, Any] = {}
        for node in self.module.tree.body:
            if isinstance(node, ast.ClassDef):
                definitions[node.name] = self._class(node)
            elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value is not None:
                definitions[node.target.id] = {"kind": "alias", "type": self._annotation(node.value)}
            elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                name = node.targets[0].id
                if name != "__all__":
                    definitions[name] = self._assigned(name, node.value)
            elif isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING" and not node.orelse:
                pass  # Names of cyclic imports, which `Package.module` has read.
            elif not isinstance(node, (ast.Import, ast.ImportFrom)) and not is_text(node):
                self.module.fail(node, "a statement that is no type")
        return self._facts(definitions)

    def _facts(self, definitions: dict[str, Any]) -> dict[str, Any]:
        module = self.module
        listed = module.listed()
        exported = module.public() if listed is None else listed
        again = [name for name in module.exported_again if name not in definitions and name not in exported]
        imports: dict[str, str] = {}
        outside: dict[str, str] = {}
        for used in [*self.used, *exported, *again]:
            local = used.partition(".")[0]
            target = module.imports.get(local)
            if local in RUNTIME or local in definitions:
                continue
            if target is not None:
                imports[local] = self.package.defining(target)
            elif not is_foreign(module, local):
                module.fail(module.tree, f"the name `{local}`, which nothing defines")
            elif _is_other_package(module.externals.get(local, "")):
                outside[local] = module.externals[local]
        facts: dict[str, Any] = {"exports": exported}
        if again:
            facts["again"] = again
        if imports:
            facts["imports"] = dict(sorted(imports.items()))
        if outside:
            facts["outside"] = dict(sorted(outside.items()))
        facts["definitions"] = definitions
        return facts

    def _assigned(self, name: str, value: ast.expr) -> dict[str, Any]:
        if not isinstance(value, ast.Call):
            return {"kind": "alias", "type": self._annotation(value)}
        function = ast.unparse(value.func)
        if function == "TypedDict":
            return self._functional_dict(value)
        if function != "TypeVar" or len(value.args) != 1 or value.keywords or ast.unparse(value.args[0]) != repr(name):
            self.module.fail(value, "a call that is neither a TypedDict nor a plain TypeVar")
        return {"kind": "typevar"}

    def _class(self, node: ast.ClassDef) -> dict[str, Any]:
        bases = [self._annotation(base) for base in node.bases]
        keywords = {k.arg or "**": ast.literal_eval(k.value) for k in node.keywords}
        if keywords.keys() - {"total"}:
            self.module.fail(node, f"a class with {sorted(keywords)}")
        is_dict = self._is_dict(self.module, node)
        facts: dict[str, Any] = {"kind": "dict" if is_dict else "model"}
        if is_dict and not keywords.get("total", True):
            facts["total"] = False
        own = [base for base in bases if base not in PLAIN_BASES]
        if own:
            facts["bases"] = own
        fields: list[dict[str, Any]] = []
        for statement in node.body:
            if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
                fields.append(self._field(statement))
            elif isinstance(statement, ast.FunctionDef) and not is_dict:
                if ast.unparse(statement.decorator_list[0] if statement.decorator_list else node) != "property":
                    self.module.fail(statement, "a method that is no property")
                # Only the name is a fact; the body is hand-written on our side and joins as a mixin.
                facts.setdefault("properties", []).append(statement.name)
            elif isinstance(statement, ast.If) and ast.unparse(statement.test) == "TYPE_CHECKING":
                self._conditional(statement, facts, fields)
            elif isinstance(statement, ast.Assign) and ast.unparse(statement) == "__test__ = False":
                facts["test"] = False
            elif isinstance(statement, ast.Assign) and ast.unparse(statement.targets[0]) == "__api_exclude__":
                facts["api_exclude"] = sorted(ast.literal_eval(statement.value))
            elif not isinstance(statement, ast.Pass) and not is_text(statement):
                self.module.fail(statement, "a class member that is no field")
        facts["fields"] = fields
        return facts

    def _is_dict(self, module: Module, node: ast.ClassDef) -> bool:
        """Whether a class is a typed dict by itself or by its first base."""
        base = ast.unparse(node.bases[0]) if node.bases else ""
        if base in PLAIN_BASES:
            return base == "TypedDict"
        first, _, rest = base.partition("[")[0].partition(".")
        place, name = module, first
        if first in module.imports:
            target = self.package.defining(module.imports[first] + rest)
            place, name = self.package.module(target.partition(":")[0]), target.partition(":")[2]
        for statement in place.tree.body:
            if isinstance(statement, ast.ClassDef) and statement.name == name:
                return self._is_dict(place, statement)
            if isinstance(statement, ast.Assign) and ast.unparse(statement.targets[0]) == name:
                return isinstance(statement.value, ast.Call) and ast.unparse(statement.value.func) == "TypedDict"
        module.fail(node, "a class whose base is unknown")

    def _field(self, node: ast.AnnAssign) -> dict[str, Any]:
        facts: dict[str, Any] = {"name": ast.unparse(node.target), "type": self._annotation(node.annotation)}
        if isinstance(node.value, ast.Call) and ast.unparse(node.value.func) == "FieldInfo":
            for keyword in node.value.keywords:
                if keyword.arg in ("alias", "repr"):
                    facts[keyword.arg] = ast.literal_eval(keyword.value)
                elif keyword.arg in ("default", "default_factory"):
                    facts[keyword.arg] = ast.unparse(keyword.value)
                else:
                    self.module.fail(node, f"FieldInfo with `{keyword.arg}`")
            if node.value.args:
                self.module.fail(node, "FieldInfo with a positional argument")
        elif node.value is not None:
            facts["default"] = ast.unparse(node.value)
        return facts

    def _conditional(self, node: ast.If, facts: dict[str, Any], fields: list[dict[str, Any]]) -> None:
        """Fields that type checkers see in another way than Python does at run time."""
        shown = [s for s in node.body if isinstance(s, ast.AnnAssign)]
        at_run_time = {ast.unparse(s.target): s for s in node.orelse if isinstance(s, ast.AnnAssign)}
        for statement in shown:
            annotation = statement.annotation
            if ast.unparse(statement.target) == "__pydantic_extra__":
                if not isinstance(annotation, ast.Subscript) or not isinstance(annotation.slice, ast.Tuple):
                    self.module.fail(annotation, "additional fields of an unknown form")
                facts["extra"] = self._annotation(annotation.slice.elts[1])
                continue
            field = self._field(statement)
            other = at_run_time.pop(str(field["name"]), None)
            if other is None or (other.value is None) != (statement.value is None):
                self.module.fail(statement, "a field for type checkers only")
            field["runtime"] = self._annotation(other.annotation)
            fields.append(field)
        at_run_time.pop("__pydantic_extra__", None)
        rest = [s for s in [*node.body, *node.orelse] if not isinstance(s, ast.AnnAssign) and not is_text(s)]
        if at_run_time or any(not isinstance(s, ast.FunctionDef) or s.name != "__getattr__" for s in rest):
            self.module.fail(node, "a TYPE_CHECKING block of an unknown form")

    def _functional_dict(self, call: ast.Call) -> dict[str, Any]:
        if not isinstance(call.args[1], ast.Dict):
            self.module.fail(call, "a typed dict of an unknown form")
        facts: dict[str, Any] = {"kind": "dict"}
        if any(k.arg == "total" and ast.literal_eval(k.value) is False for k in call.keywords):
            facts["total"] = False
        fields: list[dict[str, Any]] = []
        for key, value in zip(call.args[1].keys, call.args[1].values, strict=True):
            if key is None:
                self.module.fail(value, "keys that come from another dict")
            fields.append({"name": ast.literal_eval(key), "type": self._annotation(value)})
        return {**facts, "fields": fields}

    def _annotation(self, node: ast.expr) -> str:
        self.used.update(dict.fromkeys(names_in(node)))
        return ast.unparse(node)


def _is_code(node: ast.stmt) -> bool:
    """Functions and decorated classes are code."""
    return isinstance(node, ast.FunctionDef) or (isinstance(node, ast.ClassDef) and bool(node.decorator_list))


def _is_other_package(place: str) -> bool:
    package = place.partition(":")[0].partition(".")[0]
    return package not in ("", "typing", "typing_extensions", "datetime", "builtins", "pydantic")
