"""Packages of generated code load a module when one of its names is first touched, and nothing before."""

from __future__ import annotations

import subprocess
import sys

import pytest

PRELUDE = """
import sys
from tailrace._lazy import LazyType

def loaded(*prefixes):
    return sorted(name for name in sys.modules if name.startswith(prefixes))
"""


def run(code: str) -> str:
    """What `code` prints in a fresh interpreter."""
    done = subprocess.run([sys.executable, "-c", PRELUDE + code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize(
    "module",
    ["tailrace.types", "tailrace.types.chat", "tailrace.types.responses", "tailrace.types.shared"],
)
def test_importing_a_package_of_types_loads_no_type(module: str) -> None:
    assert run(f"import {module}; dir({module}); print(loaded('pydantic', '{module}.'))") == "[]"


@pytest.mark.parametrize(
    "module", ["resources.chat.completions", "resources.chat.chat", "resources.responses.responses"]
)
def test_importing_a_resource_loads_no_type(module: str) -> None:
    assert run(f"import tailrace.{module}; print(loaded('pydantic', 'tailrace.types'))") == "[]"


def test_a_name_loads_its_module_once() -> None:
    code = """
import tailrace.types.chat as chat
first = chat.ChatCompletion
print(first is chat.ChatCompletion, first.__module__, "ChatCompletion" in vars(chat), "ChatCompletion" in dir(chat))
"""
    assert run(code) == "True tailrace.types.chat.chat_completion True True"


def test_a_name_may_stand_elsewhere_than_where_it_is_offered() -> None:
    code = "import tailrace.types; print(tailrace.types.Reasoning.__module__)"
    assert run(code) == "tailrace.types.shared.reasoning"


def test_submodules_are_attributes() -> None:
    code = "import tailrace.types; print(tailrace.types.chat.completion_create_params.__name__)"
    assert run(code) == "tailrace.types.chat.completion_create_params"


def test_star_import_gives_every_name() -> None:
    code = "from tailrace.types.shared import *; print(ChatModel is not None, Reasoning.__name__)"
    assert run(code) == "True Reasoning"


def test_unknown_names_are_attribute_errors() -> None:
    code = """
import tailrace.types.chat as chat
for name in ("Nothing", "nothing", "_nothing", "__path_of_nothing__"):
    try:
        getattr(chat, name)
    except AttributeError as error:
        print(error)
try:
    from tailrace.types.chat import Nothing
except ImportError as error:
    print(type(error).__name__)
"""
    lines = run(code).splitlines()
    assert lines == [
        f"module 'tailrace.types.chat' has no attribute {name!r}"
        for name in ("Nothing", "nothing", "_nothing", "__path_of_nothing__")
    ] + ["ImportError"]


def test_a_failing_import_inside_a_module_is_not_hidden() -> None:
    code = """
sys.modules["pydantic"] = None
import tailrace.types.chat as chat
for name in ("ChatCompletion", "chat_completion"):
    try:
        getattr(chat, name)
    except ImportError as error:
        print(error.name)
"""
    assert run(code) == "pydantic\npydantic"


def test_a_lazy_type_loads_at_resolve() -> None:
    code = """
reference = LazyType("tailrace.types.chat.chat_completion", "ChatCompletion")
print(reference, loaded("pydantic"))
print(reference.resolve() is reference.resolve(), reference.resolve().__name__)
"""
    assert run(code).splitlines() == [
        "LazyType('tailrace.types.chat.chat_completion', 'ChatCompletion') []",
        "True ChatCompletion",
    ]
