"""The official Python package as a set of parsed modules, and the names that each of them imports."""

from __future__ import annotations

import ast
import builtins
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn


class UnknownForm(Exception):
    """The source holds something that the importer has no rule for."""


@dataclass
class Module:
    """One parsed file; `name` is its dotted path below the package, such as `types.chat.chat_completion`."""

    name: str
    path: Path
    tree: ast.Module
    is_package: bool
    imports: dict[str, str] = field(default_factory=dict[str, str])  # local name -> `module:Name`, or `module:`
    exported_again: list[str] = field(default_factory=list[str])  # names of `import X as X`
    externals: dict[str, str] = field(default_factory=dict[str, str])  # local name -> place in another package
    definitions: list[str] = field(default_factory=list[str])  # names that statements of the module bind

    def fail(self, node: ast.AST, what: str) -> NoReturn:
        """End the import with the file, the line and the text of a form that has no rule."""
        raise UnknownForm(f"{self.path}:{getattr(node, 'lineno', 0)}: {what}: {ast.unparse(node)[:80]}")

    def listed(self) -> list[str] | None:
        """`__all__`, with what later statements add to it; None in a module without one."""
        lists: dict[str, list[str]] = {}
        for node in _flat(self.tree.body):
            if isinstance(node, (ast.Assign, ast.AnnAssign)) and node.value is not None:
                target = ast.unparse(node.targets[0] if isinstance(node, ast.Assign) else node.target)
                if isinstance(node.value, ast.List):
                    lists[target] = _texts(node.value)
                elif target == "__all__":
                    lists[target] = lists.get(ast.unparse(node.value)) or self.fail(node, "exports of an unknown form")
            elif isinstance(node, ast.AugAssign) and ast.unparse(node.target) == "__all__":
                lists["__all__"] = lists.get("__all__", []) + _texts(node.value)
        return lists.get("__all__")

    def public(self) -> list[str]:
        """What the module offers: `__all__`, or else the public names that it defines or imports as themselves."""
        names = self.listed()
        if names is None:
            names = [name for name in [*self.definitions, *self.exported_again] if not name.startswith("_")]
        return sorted(set(names))


class Package:
    """Parses modules on demand and resolves imported names to the module that defines them."""

    def __init__(self, root: Path, version: str) -> None:
        self.root = root
        self.version = version
        self._modules: dict[str, Module] = {}

    @classmethod
    def find(cls, site_packages: Path) -> Package:
        """The package `openai` that is installed (or unpacked) in a folder, with the version of its `dist-info`."""
        found = sorted(site_packages.glob("openai-*.dist-info"))
        if not found or not (site_packages / "openai").is_dir():
            raise SystemExit(f"no installed `openai` package in {site_packages}; pass its site-packages folder")
        return cls(site_packages / "openai", found[0].name.removeprefix("openai-").removesuffix(".dist-info"))

    def has(self, name: str) -> bool:
        """Whether a dotted path is a module."""
        path = self.root.joinpath(*name.split("."))
        return path.with_suffix(".py").is_file() or (path / "__init__.py").is_file()

    def below(self, *folders: str) -> list[str]:
        """Dotted paths of all modules in folders of the package, the packages among them included, sorted."""
        found: set[str] = set()
        for folder in folders:
            for file in (self.root / folder).rglob("*.py"):
                parts = file.relative_to(self.root).with_suffix("").parts
                found.add(".".join(parts[:-1] if parts[-1] == "__init__" else parts))
        return sorted(found - {""})

    def module(self, name: str) -> Module:
        """Parse a module; the empty name is the package's own `__init__`."""
        if name not in self._modules:
            path = self.root.joinpath(*name.split(".")) if name else self.root
            is_package = not name or not path.with_suffix(".py").is_file()
            file = path / "__init__.py" if is_package else path.with_suffix(".py")
            if not file.is_file():
                raise UnknownForm(f"{file}: a module that is imported and does not exist")
            module = Module(name, file, ast.parse(file.read_text(encoding="utf-8")), is_package)
            self._read_names(module, module.tree.body)
            self._modules[name] = module
        return self._modules[name]

    def defining(self, target: str) -> str:
        """Follow re-exports from `module:Name` to the module whose file holds the definition."""
        module_name, _, name = target.partition(":")
        if name:
            module = self.module(module_name)
            if name in module.imports and name not in module.definitions:
                return self.defining(module.imports[name])
            origin = self._same_class_below(module, name)
            if origin:
                return self.defining(origin)
        return target

    def _same_class_below(self, module: Module, name: str) -> str | None:
        """The class that a package hands on as an empty subclass of the same name: `class X(_X): pass`."""
        for node in module.tree.body if module.is_package else []:
            if isinstance(node, ast.ClassDef) and node.name == name and len(node.bases) == 1:
                target = module.imports.get(ast.unparse(node.bases[0]), "")
                is_empty = all(isinstance(member, ast.Pass) or is_text(member) for member in node.body)
                if is_empty and target.partition(":")[2] == name:
                    return target
        return None

    def _read_names(self, module: Module, body: list[ast.stmt]) -> None:
        """Note what statements bind; some cyclic imports stand behind `TYPE_CHECKING` or below the classes."""
        for node in body:
            if isinstance(node, ast.ImportFrom) and node.level > 0:
                self._read_import(module, node)
            elif isinstance(node, (ast.Import, ast.ImportFrom)):
                _read_external(module, node)
            elif isinstance(node, (ast.If, ast.Try)):
                self._read_names(module, node.body)
            else:
                _read_definition(module, node)

    def _read_import(self, module: Module, node: ast.ImportFrom) -> None:
        above = module.name.split(".") if module.name else []
        above = above[: len(above) - node.level + (1 if module.is_package else 0)]
        source = ".".join(above + (node.module.split(".") if node.module else []))
        for name in node.names:
            if name.name == "*":
                again = self.module(source).public()
                module.imports.update({star: f"{source}:{star}" for star in again})
                module.exported_again += again
                continue
            submodule = f"{source}.{name.name}" if source else name.name
            target = f"{submodule}:" if self.has(submodule) else f"{source}:{name.name}"
            module.imports[name.asname or name.name] = target
            if name.asname == name.name:
                module.exported_again.append(name.name)


def names_in(annotation: ast.expr) -> list[str]:
    """Every name that an annotation refers to, dotted ones as `module.Name`; values inside `Literal[...]` are none."""
    found: list[str] = []

    def visit(node: ast.AST) -> None:
        if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name) and node.value.id == "Literal":
            return
        if isinstance(node, ast.Attribute):
            found.append(ast.unparse(node))
        elif isinstance(node, ast.Name):
            found.append(node.id)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            visit(ast.parse(node.value, mode="eval").body)
        elif isinstance(node, ast.Call):
            return  # PropertyInfo(...) holds values, no types.
        else:
            for child in ast.iter_child_nodes(node):
                visit(child)

    visit(annotation)
    return found


def is_foreign(module: Module, name: str) -> bool:
    """Whether a name comes from Python itself or from another package."""
    return name in module.externals or hasattr(builtins, name)


def is_text(node: ast.stmt) -> bool:
    """Whether a statement is a docstring or `...`, neither of which is read."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _flat(body: list[ast.stmt]) -> list[ast.stmt]:
    """Statements with those of conditions among them; what stands behind `else` comes last, as at run time."""
    found: list[ast.stmt] = []
    for node in body:
        found += _flat(node.body) + _flat(node.orelse) if isinstance(node, ast.If) else [node]
    return found


def _texts(node: ast.expr) -> list[str]:
    members = node.elts if isinstance(node, ast.List) else []
    return [member.value for member in members if isinstance(member, ast.Constant) and isinstance(member.value, str)]


def _read_external(module: Module, node: ast.Import | ast.ImportFrom) -> None:
    for name in node.names:
        place = f"{node.module}:{name.name}" if isinstance(node, ast.ImportFrom) else f"{name.name}:"
        module.externals[name.asname or name.name.partition(".")[0]] = place


def _read_definition(module: Module, node: ast.stmt) -> None:
    if isinstance(node, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
        module.definitions.append(node.name)
    elif isinstance(node, ast.Assign):
        module.definitions += [target.id for target in node.targets if isinstance(target, ast.Name)]
    elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        module.definitions.append(node.target.id)
