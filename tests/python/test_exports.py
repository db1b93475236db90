"""What `import tailrace` offers, and what it does not load."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

import tailrace
from tailrace import _native

#: Names of the official `__all__` that wait for the part of the API that they belong to.
LATER = {
    "Transport", "ProxiesTypes", "RequestOptions", "BedrockOpenAI", "AsyncBedrockOpenAI", "file_from_path",
    "DEFAULT_CONNECTION_LIMITS", "DefaultHttpxClient", "DefaultAsyncHttpxClient", "DefaultAioHttpClient",
    "DefaultHttpx2Client", "DefaultAsyncHttpx2Client", "ReconnectingEvent", "ReconnectingOverrides",
    "WebSocketQueueFullError", "WebSocketConnectionClosedError", "ComputerToolset", "AsyncComputerToolset",
    "ComputerDriver", "AsyncComputerDriver",
}  # fmt: skip


def in_new_interpreter(code: str) -> str:
    # `-S` keeps `.pth` files of the environment from loading modules of their own.
    paths = [path for path in sys.path if path]
    prelude = f"import sys; sys.path[:] = {paths!r}\n"
    done = subprocess.run([sys.executable, "-S", "-c", prelude + code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_every_name_in_all_can_be_had() -> None:
    for name in tailrace.__all__:
        assert getattr(tailrace, name) is not None


def test_names_are_those_of_the_official_package(official: ModuleType) -> None:
    assert set(official.__all__) - set(tailrace.__all__) == LATER
    assert set(tailrace.__all__) <= set(official.__all__)


def test_an_unknown_name_raises_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = tailrace.nonsense  # pyright: ignore[reportAttributeAccessIssue]


def test_a_star_import_works() -> None:
    assert "BadRequestError" in in_new_interpreter("from tailrace import *\nprint(BadRequestError.__name__)")


def test_import_and_client_load_no_heavy_module() -> None:
    code = "import tailrace\n"
    code += "tailrace.OpenAI(api_key='x'); tailrace.AsyncOpenAI(api_key='x')\nprint('\\n'.join(sys.modules))"
    loaded = set(in_new_interpreter(code).split())
    assert "tailrace._native" in loaded
    heavy = {"pydantic", "typing", "typing_extensions", "inspect", "dataclasses", "enum", "re", "json", "email",
             "platform", "urllib.parse", "asyncio", "logging", "ssl", "socket", "tailrace.types",
             "tailrace.resources"}  # fmt: skip
    assert not heavy & loaded


def test_resources_load_no_model_before_a_call() -> None:
    code = "import tailrace\nc = tailrace.OpenAI(api_key='x'); c.chat.completions; c.responses\n"
    loaded = in_new_interpreter(code + "print('\\n'.join(sys.modules))").split()
    assert "pydantic" not in loaded
    assert "tailrace.types.chat.chat_completion" not in loaded


def test_the_stub_of_the_native_module_names_what_the_module_has() -> None:
    stub = ast.parse((Path(tailrace.__file__).parent / "_native.pyi").read_text())
    declared: dict[str, set[str]] = {}
    for node in stub.body:
        if isinstance(node, ast.ClassDef):
            members = {item.name for item in node.body if isinstance(item, ast.FunctionDef)}
            declared[node.name] = {name for name in members if not name.startswith("__")}
        elif isinstance(node, ast.FunctionDef):
            declared[node.name] = set()
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            declared[node.target.id] = set()
    built = {
        name: {member for member in vars(value) if not member.startswith("_")} if isinstance(value, type) else set()
        for name, value in vars(_native).items()
        if not name.startswith("_")
    }
    assert declared == built


def test_the_wheel_says_that_it_is_typed() -> None:
    assert (Path(tailrace.__file__).parent / "py.typed").exists()


def test_the_version_is_that_of_the_native_module() -> None:
    assert json.dumps(tailrace.__version__) == json.dumps(_native.version)
