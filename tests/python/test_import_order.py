"""What loads at first use loads in one order, so that threads whose first calls come at once never wait for each other.

Python has a lock for each module, takes that of a submodule before that of its package, and raises where two threads
wait for each other: a circle of imports that one thread passes unharmed is an error for two.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import tailrace

PACKAGE = Path(tailrace.__file__).parent
LOADED = """
import sys, tailrace
tailrace.OpenAI(api_key="k")
print(*(name for name in sys.modules if name.partition(".")[0] == "tailrace"))
"""


def modules() -> dict[str, Path]:
    found: dict[str, Path] = {}
    for path in PACKAGE.rglob("*.py"):
        parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imports(body: list[ast.stmt]) -> Iterator[ast.Import | ast.ImportFrom]:
    """Yield the imports that run when the module does: not those of functions, nor those for type checkers."""
    for statement in body:
        if isinstance(statement, (ast.Import, ast.ImportFrom)):
            yield statement
        elif isinstance(statement, ast.If):
            if not (isinstance(statement.test, ast.Name) and statement.test.id == "TYPE_CHECKING"):
                yield from imports(statement.body)
            yield from imports(statement.orelse)
        elif isinstance(statement, ast.Try):
            handlers = [each for handler in statement.handlers for each in handler.body]
            yield from imports([*statement.body, *handlers, *statement.orelse, *statement.finalbody])
        elif isinstance(statement, ast.ClassDef):
            yield from imports(statement.body)


def needs(name: str, path: Path) -> Iterator[str]:
    """Yield the names of the modules that a module needs while it loads, and of members that may be modules."""
    yield name.rpartition(".")[0]
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    for statement in imports(ast.parse(path.read_text()).body):
        if isinstance(statement, ast.Import):
            yield from (alias.name for alias in statement.names)
            continue
        parts = package.split(".")
        base = (
            [*parts[: len(parts) - statement.level + 1], *filter(None, [statement.module])] if statement.level else []
        )
        source = ".".join(base) or str(statement.module)
        yield source
        yield from (f"{source}.{alias.name}" for alias in statement.names)


@pytest.mark.once
def test_modules_that_load_at_first_use_need_each_other_in_no_circle() -> None:
    command = [sys.executable, "-c", LOADED]
    loaded = set(subprocess.run(command, check=True, capture_output=True, text=True).stdout.split())
    found = {name: path for name, path in modules().items() if name not in loaded}
    graph = {
        name: {each for each in needs(name, path) if each in found and each != name} for name, path in found.items()
    }
    assert sum(map(len, graph.values())) > len(graph) > 1000
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(f"{' -> '.join(error.args[1])}; let the package name what it exports by `lazy_exports`")
