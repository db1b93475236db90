"""Imports the facts of the official Python package into `api/operations` and `api/python`.

    python import_python.py SITE_PACKAGES [API]

`SITE_PACKAGES` is the folder that holds `openai` and its `dist-info`; `API` is the folder to write, `../api` when it is
left out. The package is read with `ast` and never run.
What is taken: names, module paths, fields, annotations, aliases, defaults, signatures, overloads, verbs, paths, the
order of what is sent, constant headers, the encoding of files. What is not taken: docstrings, comments and code. A form
that this script does not know ends the import with its file and line, so that nothing is dropped in silence.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from facts_json import in_pieces, write_tree
from python_resources import ResourceReader
from python_root import read_root
from python_source import Package, UnknownForm
from python_types import TypeReader

API = Path(__file__).resolve().parent.parent / "api"


def main(arguments: list[str]) -> int:
    """Import the package that the arguments name; 0 when it was read as a whole."""
    if len(arguments) not in (1, 2):
        print("usage: import_python.py SITE_PACKAGES [API]", file=sys.stderr)
        return 2
    package = Package.find(Path(arguments[0]))
    api = Path(arguments[1]) if len(arguments) == 2 else API
    try:
        resources = ResourceReader(package)
        resources.read()
        types = TypeReader(package)
        types.read()
        python: dict[str, Any] = {"source.json": {"package": "openai", "version": package.version}}
        python["packages.json"] = resources.packages()
        python["root.json"] = read_root(package, resources.children)
        python |= {f"resources/{name}.json": in_pieces(facts) for name, facts in resources.facts.items()}
        python |= {f"types/{name}.json": in_pieces(facts) for name, facts in types.facts().items()}
    except UnknownForm as error:
        print(f"openai {package.version}: {error}", file=sys.stderr)
        return 1
    write_tree(api / "operations", {f"{name}.json": methods for name, methods in resources.operations.items()})
    write_tree(api / "python", python)
    methods = sum(len(facts["methods"]) for facts in resources.facts.values())
    print(f"openai {package.version}: {len(resources.facts)} resources, {methods} methods, {len(types.modules)} types")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
