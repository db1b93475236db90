"""What `import tailrace` offers, and what it does not load."""

from __future__ import annotations

import ast
import importlib
import json
import pickle
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

import tailrace
from tailrace import _native

FACTS = Path(__file__).parents[2] / "crates/tailrace-codegen/api/python/root.json"
#: Public modules besides those of types and resources, with their names.
PUBLIC_MODULES: dict[str, list[str]] = json.loads(FACTS.read_text())["modules"]


#: Names of the root that the official package does not have; the transports are there once something has imported them.
OWN = ("TYPE_CHECKING", "annotations", "httpx", "httpx2", "testing")


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
    assert sorted(tailrace.__all__) == sorted(official.__all__)
    #: What the module imports for itself.
    ours_alone = {name for name in dir(official) if name.startswith("_")} | {"annotations"}
    assert set(dir(official)) - set(dir(tailrace)) - ours_alone == set()


def test_every_name_of_the_root_can_be_had_and_is_in_the_stub() -> None:
    stub = ast.parse((Path(tailrace.__file__).parent / "__init__.pyi").read_text())
    typed = {"auth", "helpers", "lib", "pagination", "providers", "version"}
    for node in stub.body:
        if isinstance(node, ast.ImportFrom):
            typed |= {alias.asname or alias.name for alias in node.names}
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            typed.add(node.target.id)
        elif isinstance(node, ast.Assign):
            typed |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    for name in dir(tailrace):
        getattr(tailrace, name)
        # Modules with an underscore are attributes once something has imported them.
        assert name.startswith("_") or name in typed or name in OWN, name


def test_every_public_module_of_the_official_package_has_its_names(official: ModuleType) -> None:
    for path, names in PUBLIC_MODULES.items():
        ours = importlib.import_module(f"tailrace.{path}")
        assert [name for name in names if not hasattr(ours, name)] == [], path
        assert [name for name in names if name not in dir(ours)] == [], path


def test_clients_of_azure_are_clients() -> None:
    assert issubclass(tailrace.AzureOpenAI, tailrace.OpenAI)
    assert issubclass(tailrace.AsyncBedrockOpenAI, tailrace.AsyncOpenAI)


def test_errors_can_be_raised_by_callers_too() -> None:
    from tailrace.lib.azure import MutuallyExclusiveAuthError
    from tailrace.lib.browser import BrowserError

    for error in (MutuallyExclusiveAuthError, BrowserError, tailrace.WebSocketQueueFullError):
        with pytest.raises(error):
            raise error
    closed = tailrace.WebSocketConnectionClosedError("closed", unsent_messages=["a"])
    again = pickle.loads(pickle.dumps(closed))
    assert (str(again), again.unsent_messages) == ("closed", ["a"])


def test_names_from_before_version_1_say_what_took_their_place() -> None:
    with pytest.raises(tailrace.OpenAIError, match=r"use `client\.chat\.completions`"):
        tailrace.ChatCompletion.create()
    with pytest.raises(tailrace.OpenAIError, match="nothing in its place"):
        tailrace.Edit()


@pytest.mark.parametrize("kind", ["OpenAI", "AsyncOpenAI"])
def test_the_default_clients_of_http_are_accepted_and_others_refused(kind: str) -> None:
    client = getattr(tailrace, kind)
    right, wrong = ("DefaultAsyncHttpxClient", "DefaultHttpxClient")[:: 1 if kind == "AsyncOpenAI" else -1]
    assert client(api_key="k", http_client=getattr(tailrace, right)(timeout=7)).timeout == 7
    assert client(api_key="k", http_client=getattr(tailrace, right)(timeout=7), timeout=8).timeout == 8
    assert client(api_key="k", http_client=getattr(tailrace, right)()).timeout == tailrace.DEFAULT_TIMEOUT
    with pytest.raises(TypeError, match="Invalid `http_client` argument"):
        client(api_key="k", http_client=getattr(tailrace, wrong)())
    with pytest.raises(TypeError, match="Invalid `http_client` argument"):
        client(api_key="k", http_client="no client")
    with pytest.raises(TypeError, match="nonsense"):
        getattr(tailrace, right)(nonsense=1)


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
             "platform", "urllib.parse", "asyncio", "logging", "ssl", "socket", "tailrace.types"}  # fmt: skip
    assert not heavy & loaded
    # The client class derives from the list of its resources, and from nothing else of them.
    resources = {name for name in loaded if name.startswith("tailrace.resources")}
    assert resources <= {"tailrace.resources", "tailrace.resources._roots"}


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
