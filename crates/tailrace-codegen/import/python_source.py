"""The official Python package as a set of parsed modules, and the names that each of them imports."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

# Names of the standard library and of `typing_extensions` that the generator writes itself.
TYPING = {
    "typing",
    "typing_extensions",
    "datetime",
    "pydantic",
    "__future__",
}


class UnknownForm(Exception):
    """The source holds something that the importer has no rule for."""


@dataclass
class Module:
    name: str  # dotted path below the package, such as `types.chat.chat_completion`
    path: Path
    tree: ast.Module
    is_package: bool
    imports: dict[str, str] = field(default_factory=dict)  # local name -> `module:Name`, or `module:` for a module
    exported_again: list[str] = field(default_factory=list)  # names of `import X as X`

    def fail(self, node: ast.AST, what: str) -> NoReturn:
        raise UnknownForm(f"{self.path}:{getattr(node, 'lineno', 0)}: {what}: {ast.unparse(node)[:80]}")


class Package:
    """Parses modules on demand and resolves imported names to the module that defines them."""

    def __init__(self, root: Path, version: str) -> None:
        self.root = root
        self.version = version
        self._modules: dict[str, Module] = {}

    @classmethod
    def find(cls, site_packages: Path) -> Package:
        found = sorted(site_packages.glob("openai-*.dist-info"))
        if not found or not (site_packages / "openai").is_dir():
            raise SystemExit(f"no installed `openai` package in {site_packages}; pass its site-packages folder")
        return cls(site_packages / "openai", found[0].name.removeprefix("openai-").removesuffix(".dist-info"))

    def has(self, name: str) -> bool:
        path = self.root.joinpath(*name.split("."))
        return path.with_suffix(".py").is_file() or (path / "__init__.py").is_file()

    def module(self, name: str) -> Module:
        if name not in self._modules:
            path = self.root.joinpath(*name.split("."))
            is_package = not path.with_suffix(".py").is_file()
            file = path / "__init__.py" if is_package else path.with_suffix(".py")
            module = Module(name, file, ast.parse(file.read_text(encoding="utf-8")), is_package)
            # Some cyclic imports stand behind `TYPE_CHECKING` or below the classes, so all of the file is searched.
            for node in ast.walk(module.tree):
                if isinstance(node, ast.ImportFrom):
                    self._read_import(module, node)
            self._modules[name] = module
        return self._modules[name]

    def defining(self, target: str) -> str:
        """Follow re-exports from `module:Name` to the module whose file holds the definition."""
        module_name, _, name = target.partition(":")
        if name:
            module = self.module(module_name)
            if name in module.imports and module.imports[name] != target:
                return self.defining(module.imports[name])
        return target

    def _read_import(self, module: Module, node: ast.ImportFrom) -> None:
        if node.level == 0:
            return
        above = module.name.split(".")
        above = above[: len(above) - node.level + (1 if module.is_package else 0)]
        source = ".".join(above + (node.module.split(".") if node.module else []))
        for name in node.names:
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
