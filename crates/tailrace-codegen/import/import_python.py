"""Imports the facts of the official Python package into `api/operations` and `api/python`.

    python import_python.py SITE_PACKAGES

`SITE_PACKAGES` is the folder that holds `openai` and its `dist-info`. The package is read with `ast` and never run.
What is taken: names, module paths, fields, annotations, aliases, defaults, signatures, overloads, verbs, paths and the
order of body keys. What is not taken: docstrings, comments and code. A form that this script does not know ends the
import with its file and line, so that nothing is dropped in silence.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from facts_json import write_tree
from python_resources import ResourceReader
from python_source import Package
from python_types import TypeReader

API = Path(__file__).resolve().parent.parent / "api"


def main(arguments: list[str]) -> int:
    if len(arguments) != 1:
        print("usage: import_python.py SITE_PACKAGES", file=sys.stderr)
        return 2
    package = Package.find(Path(arguments[0]))
    roots: dict[str, list[str]] = json.loads((API / "roots.json").read_text(encoding="utf-8"))

    resources = ResourceReader(package, roots["operations"])
    resources.read()
    types = TypeReader(package)
    types.read(resources.type_modules | {*roots["python_types"]})

    operations: dict[str, Any] = {f"{name}.json": methods for name, methods in sorted(resources.operations.items())}
    python: dict[str, Any] = {"source.json": {"package": "openai", "version": package.version}}
    python["packages.json"] = resources.packages()
    for name, facts in resources.facts.items():
        python[f"resources/{name}.json"] = facts
    for name, facts in types.facts().items():
        python[f"types/{name}.json"] = facts
    write_tree(API / "operations", operations)
    write_tree(API / "python", python)
    print(f"openai {package.version}: {len(resources.facts)} resources, {len(types.modules)} type modules")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
