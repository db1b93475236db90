"""Every generated type and signature equals the one at the same place in the official package.

The official package is imported beside ours and both are introspected. It is a tool of this test and no dependency.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import json
import pkgutil
import sys
import types
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ForwardRef

import pytest
import typing_extensions
from pydantic import BaseModel

import tailrace
import tailrace.resources
import tailrace.types

openai = pytest.importorskip("openai", reason="compares with the official package, which is not installed here")

OFFICIAL_VERSION = "3.54.0"

#: Keywords of methods that only this package has.
OWN_KEYWORDS = json.loads((Path(__file__).parents[1] / "surface/own.json").read_text(encoding="utf-8"))["methods"]


def modules(package: types.ModuleType) -> list[str]:
    """Paths below `tailrace` of all public modules of a generated package."""
    found = [package.__name__]
    found += [info.name for info in pkgutil.walk_packages(package.__path__, package.__name__ + ".")]
    paths = [name.removeprefix("tailrace.") for name in found]
    return [path for path in paths if "._" not in path]


def pair(path: str) -> tuple[Any, Any]:
    return importlib.import_module(f"tailrace.{path}"), importlib.import_module(f"openai.{path}")


def names(ours: types.ModuleType) -> Iterator[str]:
    """What a generated module defines or offers again."""
    yield from dict.fromkeys(
        [*ours.__all__, *(name for name, value in vars(ours).items() if is_defined_in(ours, value))]
    )


def is_defined_in(module: types.ModuleType, value: object) -> bool:
    return inspect.isclass(value) and value.__module__ == module.__name__


def canonical(annotation: Any, owner: types.ModuleType, nested: bool = False) -> Any:
    """A type as plain data, with the spellings of one type made equal; `nested` for an argument of another type."""
    if isinstance(annotation, (str, ForwardRef)):
        text = annotation if isinstance(annotation, str) else annotation.__forward_arg__
        return canonical(eval(text, {**vars(typing), **vars(owner)}), owner, nested)
    origin, arguments = typing_extensions.get_origin(annotation), typing_extensions.get_args(annotation)
    if origin is typing_extensions.Literal or origin is typing.Literal:
        # `typing` takes two orders of the same values for one type and keeps the one that it has seen first.
        return ("Literal", *sorted((type(value).__name__, value) for value in arguments))
    if origin is typing.Annotated:
        return ("Annotated", canonical(annotation.__origin__, owner), *map(described, annotation.__metadata__))
    if origin in (typing.Union, types.UnionType):
        members = [canonical(argument, owner) for argument in arguments]
        # It does so with two orders of a union, too, when they are arguments of another type.
        return ("Union", *(sorted(members, key=repr) if nested else members))
    if origin is not None:
        return (origin.__qualname__, *(canonical(argument, owner, nested=True) for argument in arguments))
    if inspect.isclass(annotation):
        return f"{annotation.__module__.partition('.')[2]}.{annotation.__qualname__}"
    return repr(annotation)


def described(item: Any) -> Any:
    """A `PropertyInfo` as plain data; other metadata is pydantic's own."""
    if type(item).__name__ != "PropertyInfo":
        return repr(item)
    return type(item).__name__, item.alias, item.format, item.format_template, item.discriminator


def model_facts(cls: type[BaseModel]) -> Any:
    owner = sys.modules[cls.__module__]
    cls.model_rebuild()
    fields = [
        (
            name,
            canonical(field.annotation, owner),
            [described(item) for item in field.metadata],
            field.alias,
            repr(field.default),
            field.is_required(),
        )
        for name, field in cls.model_fields.items()
    ]
    properties = sorted(
        name
        for parent in cls.__mro__
        if parent is not BaseModel and not issubclass(BaseModel, parent) and parent.__name__ != "BaseModel"
        for name, value in vars(parent).items()
        if isinstance(value, property)
    )
    # The official `GenericModel` is what models with type variables needed in pydantic 1.
    bases = [base.__name__ for base in cls.__mro__ if issubclass(base, BaseModel) and base.__name__ != "GenericModel"]
    return fields, properties, bases


def dict_facts(cls: Any) -> Any:
    owner = sys.modules[cls.__module__]
    try:
        hints = typing_extensions.get_type_hints(cls, include_extras=True)
    except NameError:
        # Some official annotations name packages that are imported for type checkers only.
        hints = {}
    return (
        [(name, canonical(hints[name], owner) if hints else None) for name in cls.__annotations__],
        sorted(cls.__required_keys__),
        sorted(cls.__optional_keys__),
    )


def facts(value: Any, owner: types.ModuleType) -> Any:
    if inspect.isclass(value) and issubclass(value, BaseModel):
        return ("model", value.__qualname__, *model_facts(value))
    if typing_extensions.is_typeddict(value):
        return ("dict", value.__qualname__, *dict_facts(value))
    if inspect.isfunction(value):
        return ("function", *signature_facts(value))
    return ("alias", canonical(value, owner))


def defined(module: types.ModuleType) -> list[str]:
    """`__all__`, or what stands for it."""
    listed = getattr(module, "__all__", None)
    return sorted(listed if listed is not None else (name for name in vars(module) if not name.startswith("_")))


def is_package(path: str) -> bool:
    return hasattr(importlib.import_module(f"tailrace.{path}"), "__path__")


def test_the_installed_official_package_is_the_one_that_the_facts_are_of() -> None:
    assert openai.__version__ == OFFICIAL_VERSION


PACKAGES = [path for path in modules(tailrace.types) if is_package(path)]
#: Official modules of names that are imported there for type checkers only.
UNRESOLVED = {"types.websocket_connection_options", "types.websocket_reconnection"}


def modules_of(package: str) -> list[str]:
    folder = importlib.import_module(f"tailrace.{package}").__path__
    return [f"{package}.{info.name}" for info in pkgutil.iter_modules(folder) if not info.ispkg]


@pytest.mark.parametrize("package", PACKAGES)
def test_types_are_equal(package: str) -> None:
    for path in modules_of(package):
        ours, theirs = pair(path)
        assert set(defined(ours)) <= set(defined(theirs)), path
        if hasattr(theirs, "__all__"):
            assert defined(ours) == defined(theirs), path
        for name in [] if path in UNRESOLVED else names(ours):
            assert facts(getattr(ours, name), ours) == facts(getattr(theirs, name), theirs), (path, name)


@pytest.mark.parametrize("package", PACKAGES)
def test_every_model_and_typed_dict_is_complete(package: str) -> None:
    for path in modules_of(package):
        module = importlib.import_module(f"tailrace.{path}")
        for name in [] if path in UNRESOLVED else names(module):
            value = getattr(module, name)
            if inspect.isclass(value) and issubclass(value, BaseModel):
                value.model_rebuild()
                assert value.__pydantic_complete__, (path, name)
            elif typing_extensions.is_typeddict(value):
                typing_extensions.get_type_hints(value)


def test_enough_types_are_compared() -> None:
    """The comparisons above would also hold for an empty package."""
    compared = [name for package in PACKAGES for path in modules_of(package) for name in names(pair(path)[0])]
    assert len(compared) > 5000


@pytest.mark.parametrize("path", PACKAGES)
def test_packages_export_the_same_definitions(path: str) -> None:
    ours, theirs = pair(path)
    official = {
        name for name in dir(theirs) if not name.startswith("_") and not inspect.ismodule(getattr(theirs, name))
    }
    listed = getattr(ours, "__all__", [])
    assert set(listed) == official - {"annotations"}
    for name in listed:
        value, wanted = getattr(ours, name), getattr(theirs, name)
        # The modules above are compared type by type; here it matters which of them a package hands on.
        if inspect.isclass(value):
            assert canonical(value, ours) == canonical(wanted, theirs), name
        else:
            assert facts(value, ours) == facts(wanted, theirs), name


MESSAGE = {"type": "message", "id": "m", "role": "assistant", "status": "completed"}
TEXT = {"type": "output_text", "annotations": []}


@pytest.mark.parametrize(
    "output",
    [
        [],
        [{"type": "reasoning", "id": "r", "summary": []}],
        [{**MESSAGE, "content": [{**TEXT, "text": "a"}, {**TEXT, "text": "b"}]}],
        [
            {**MESSAGE, "content": [{"type": "refusal", "refusal": "no"}, {**TEXT, "text": "c"}]},
            {"type": "web_search_call", "id": "w", "status": "completed"},
            {**MESSAGE, "content": [{**TEXT, "text": "d"}]},
        ],
    ],
)
def test_output_text_is_equal(output: list[dict[str, object]]) -> None:
    ours, theirs = pair("types.responses.response")
    assert ours.Response.construct(output=output).output_text == theirs.Response.construct(output=output).output_text


def spelling(annotation: object) -> str:
    """An annotation of a signature with the names that differ by design made equal."""

    class Same(ast.NodeTransformer):
        def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
            # Modules through which a name is reached are another matter.
            outer = node.value.id if isinstance(node.value, ast.Name) else ""
            return ast.Name(node.attr) if outer in {"httpx2", "_legacy_response", "os"} else node

    return ast.unparse(Same().visit(ast.parse(str(annotation), mode="eval")))


def signature_facts(function: Any) -> Any:
    signature = inspect.signature(function)
    parameters = [
        (name, parameter.kind.name, spelling(parameter.annotation), default_facts(parameter.default))
        for name, parameter in signature.parameters.items()
        if name != "self"
    ]
    return parameters, spelling(signature.return_annotation), inspect.iscoroutinefunction(inspect.unwrap(function))


def default_facts(default: object) -> object:
    """Sentinels are instances of classes of the same name."""
    return default if default is None or isinstance(default, (str, int, float, list, dict)) else type(default).__name__


RESOURCES = [path for path in modules(tailrace.resources) if not is_package(path)]


def methods(path: str) -> Iterator[tuple[str, Any, Any]]:
    """Every method of both classes of a resource, ours beside the official one."""
    ours, theirs = pair(path)
    assert ours.__all__ == theirs.__all__, path
    for name in ours.__all__:
        mine, official = vars(getattr(ours, name)), vars(getattr(theirs, name))
        public = {key for key, value in official.items() if inspect.isfunction(value) and not key.startswith("_")}
        assert public <= mine.keys(), (name, public - mine.keys())
        for method in sorted(public):
            yield f"{path}:{name}.{method}", mine[method], official[method]


def without_own(signature: Any) -> Any:
    """A signature without the keywords that only this package has; each is one of the named, and can be left out."""
    parameters, *rest = signature
    own = [parameter for parameter in parameters if parameter[0] in OWN_KEYWORDS]
    nothing = default_facts(inspect.Parameter.empty)
    assert all(kind == "KEYWORD_ONLY" and default != nothing for _, kind, _, default in own), own
    return ([parameter for parameter in parameters if parameter not in own], *rest)


@pytest.mark.parametrize("path", RESOURCES)
def test_signatures_are_equal(path: str) -> None:
    for place, mine, official in methods(path):
        found, wanted = without_own(signature_facts(mine)), signature_facts(official)
        assert found == wanted, place
        assert bool(getattr(mine, "__deprecated__", "")) == bool(getattr(official, "__deprecated__", "")), place
        assert mine.__doc__, place


@pytest.mark.skipif(sys.version_info < (3, 11), reason="typing keeps overloads since Python 3.11")
@pytest.mark.parametrize("path", RESOURCES)
def test_overloads_are_equal(path: str) -> None:
    for place, mine, official in methods(path):
        found, wanted = (
            [signature_facts(overload) for overload in typing_extensions.get_overloads(inspect.unwrap(function))]
            for function in (mine, official)
        )
        found = [without_own(signature) for signature in found]
        if place.endswith("stream") and getattr(official, "__deprecated__", ""):
            # Python keeps an overload for each line of code, and these official ones share that of their decorator.
            assert len(found) == 2, place
            found = found[-1:]
        assert list(found) == list(wanted), place


@pytest.mark.parametrize("path", RESOURCES)
def test_views_have_the_same_methods(path: str) -> None:
    ours, theirs = pair(path)
    for name in ours.__all__:
        for view in ("with_raw_response", "with_streaming_response"):
            client = tailrace.OpenAI(api_key="k"), openai.OpenAI(api_key="k")
            official = getattr(getattr(theirs, name)(client[1]), view, None)
            if official is not None:
                mine = getattr(getattr(ours, name)(client[0]), view)
                assert type(mine).__name__ == type(official).__name__
                assert public_names(mine) == public_names(official), (name, view)


def public_names(view: object) -> list[str]:
    return sorted(name for name in dir(view) if not name.startswith("_"))


@pytest.mark.parametrize("path", [path for path in modules(tailrace.resources) if is_package(path)])
def test_packages_of_resources_export_the_same_classes(path: str) -> None:
    ours, theirs = pair(path)
    assert sorted(getattr(ours, "__all__", [])) == sorted(getattr(theirs, "__all__", []))
    for name in getattr(ours, "__all__", []):
        # The official package of `webhooks` subclasses its generated class; ours has a helper in it.
        assert getattr(ours, name).__qualname__ == getattr(theirs, name).__qualname__


def test_all_methods_are_compared() -> None:
    found = [place for path in RESOURCES for place, _, _ in methods(path)]
    assert len(found) == 2 * 428
    assert "resources.chat.completions.completions:Completions.create" in found
