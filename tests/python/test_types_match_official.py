"""Every generated type and signature equals the one at the same place in the official package.

The official package is imported beside ours and both are introspected. It is a tool of this test and no dependency.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import sys
import types
import typing
from collections.abc import Iterator
from typing import Any, ForwardRef

import pytest
import typing_extensions
from pydantic import BaseModel

import tailrace.resources
import tailrace.types

openai = pytest.importorskip("openai", reason="compares with the official package, which is not installed here")

OFFICIAL_VERSION = "3.54.0"


def modules(package: types.ModuleType) -> list[str]:
    """Paths below `tailrace` of all modules of a generated package."""
    found = [package.__name__]
    found += [info.name for info in pkgutil.walk_packages(package.__path__, package.__name__ + ".")]
    return [name.removeprefix("tailrace.") for name in found]


def pair(path: str) -> tuple[Any, Any]:
    return importlib.import_module(f"tailrace.{path}"), importlib.import_module(f"openai.{path}")


def names(ours: types.ModuleType) -> Iterator[str]:
    """What a generated module defines or offers again."""
    yield from dict.fromkeys(
        [*ours.__all__, *(name for name, value in vars(ours).items() if is_defined_in(ours, value))]
    )


def is_defined_in(module: types.ModuleType, value: object) -> bool:
    return inspect.isclass(value) and value.__module__ == module.__name__


def canonical(annotation: Any, owner: types.ModuleType) -> Any:
    """A type as plain data, with the spellings of one type made equal."""
    if isinstance(annotation, (str, ForwardRef)):
        text = annotation if isinstance(annotation, str) else annotation.__forward_arg__
        return canonical(eval(text, {**vars(typing), **vars(owner)}), owner)
    origin, arguments = typing_extensions.get_origin(annotation), typing_extensions.get_args(annotation)
    if origin is typing_extensions.Literal or origin is typing.Literal:
        # `typing` takes two orders of the same values for one type and keeps the one that it has seen first.
        return ("Literal", *sorted((type(value).__name__, value) for value in arguments))
    if origin is typing.Annotated:
        return ("Annotated", canonical(annotation.__origin__, owner), *map(described, annotation.__metadata__))
    if origin in (typing.Union, types.UnionType):
        return ("Union", *(canonical(argument, owner) for argument in arguments))
    if origin is not None:
        return (origin.__qualname__, *(canonical(argument, owner) for argument in arguments))
    if inspect.isclass(annotation):
        return f"{annotation.__module__.partition('.')[2]}.{annotation.__qualname__}"
    return repr(annotation)


def described(item: Any) -> Any:
    """A `PropertyInfo` as plain data."""
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
    return fields, properties, [base.__name__ for base in cls.__mro__ if issubclass(base, BaseModel)]


def dict_facts(cls: Any) -> Any:
    owner = sys.modules[cls.__module__]
    hints = typing_extensions.get_type_hints(cls, include_extras=True)
    return (
        [(name, canonical(hints[name], owner)) for name in cls.__annotations__],
        sorted(cls.__required_keys__),
        sorted(cls.__optional_keys__),
    )


def facts(value: Any, owner: types.ModuleType) -> Any:
    if inspect.isclass(value) and issubclass(value, BaseModel):
        return ("model", value.__qualname__, *model_facts(value))
    if typing_extensions.is_typeddict(value):
        return ("dict", value.__qualname__, *dict_facts(value))
    return ("alias", canonical(value, owner))


def is_package(path: str) -> bool:
    return hasattr(importlib.import_module(f"tailrace.{path}"), "__path__")


def test_the_installed_official_package_is_the_one_that_the_facts_are_of() -> None:
    assert openai.__version__ == OFFICIAL_VERSION


@pytest.mark.parametrize("path", [path for path in modules(tailrace.types) if not is_package(path)])
def test_types_are_equal(path: str) -> None:
    ours, theirs = pair(path)
    assert sorted(ours.__all__) == sorted(theirs.__all__)
    for name in names(ours):
        assert facts(getattr(ours, name), ours) == facts(getattr(theirs, name), theirs), name


def test_enough_types_are_compared() -> None:
    """The comparison above would also hold for an empty package."""
    compared = [name for path in modules(tailrace.types) if not is_package(path) for name in names(pair(path)[0])]
    assert len(compared) > 800


@pytest.mark.parametrize("path", [path for path in modules(tailrace.types) if is_package(path)])
def test_packages_export_the_same_definitions(path: str) -> None:
    ours, theirs = pair(path)
    for name in ours.__all__:
        value = getattr(ours, name)
        assert facts(value, ours) == facts(getattr(theirs, name), theirs), name


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


def spelling(annotation: str) -> str:
    """An annotation of a signature with the names that differ by design made equal."""

    class Same(ast.NodeTransformer):
        def visit_Name(self, node: ast.Name) -> ast.AST:
            return ast.Name({"List": "list", "Dict": "dict"}.get(node.id, node.id))

        def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
            return ast.Name("Timeout") if ast.unparse(node) == "httpx2.Timeout" else node

    return ast.unparse(Same().visit(ast.parse(annotation, mode="eval")))


def signature_facts(function: Any) -> Any:
    signature = inspect.signature(function)
    parameters = [
        (
            name,
            parameter.kind.name,
            spelling(parameter.annotation) if isinstance(parameter.annotation, str) else None,
            parameter.default
            if parameter.default in (None, inspect.Parameter.empty)
            else type(parameter.default).__name__,
        )
        for name, parameter in signature.parameters.items()
    ]
    return parameters, spelling(signature.return_annotation), inspect.iscoroutinefunction(inspect.unwrap(function))


def methods() -> list[tuple[str, str, str]]:
    found: list[tuple[str, str, str]] = []
    for path in modules(tailrace.resources):
        module = importlib.import_module(f"tailrace.{path}")
        for name in [] if is_package(path) else module.__all__:
            for method, value in vars(getattr(module, name)).items():
                if inspect.isfunction(value) and not method.startswith("_"):
                    found.append((path, name, method))
    return found


def test_methods_are_found() -> None:
    assert ("resources.chat.completions.completions", "Completions", "create") in methods()
    assert ("resources.responses.responses", "AsyncResponses", "create") in methods()


@pytest.mark.parametrize(("path", "name", "method"), methods())
def test_signatures_are_equal(path: str, name: str, method: str) -> None:
    ours, theirs = (getattr(getattr(module, name), method) for module in pair(path))
    assert signature_facts(ours) == signature_facts(theirs)


@pytest.mark.skipif(sys.version_info < (3, 11), reason="typing keeps overloads since Python 3.11")
@pytest.mark.parametrize(("path", "name", "method"), methods())
def test_overloads_are_equal(path: str, name: str, method: str) -> None:
    ours, theirs = (getattr(getattr(module, name), method) for module in pair(path))
    theirs = inspect.unwrap(theirs)
    assert [signature_facts(f) for f in typing_extensions.get_overloads(ours)] == [
        signature_facts(f) for f in typing_extensions.get_overloads(theirs)
    ]
