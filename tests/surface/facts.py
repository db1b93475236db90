"""What can be said about a public object: plain data, equal for two packages where a user cannot tell them apart."""

from __future__ import annotations

import ast
import inspect
import json
import sys
import types
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ForwardRef

import typing_extensions
from pydantic import BaseModel

#: Facts by the name of what they are about, below the object.
Facts = dict[str, Any]

#: What `typing` spelled with a capital before Python 3.9.
OLD_NAMES = {"List": "list", "Dict": "dict", "Type": "type", "Tuple": "tuple", "Set": "set"}


#: Keywords of clients and methods that only this package has.
OWN_KEYWORDS = {
    name
    for names in json.loads((Path(__file__).parent / "own.json").read_text(encoding="utf-8")).values()
    for name in names
}

#: What the first parameter of a method is called.
RECEIVERS = {"self", "cls", "__cls", "_BaseModel__cls"}


def of(value: Any, root: str, names: list[str] | None = None) -> Facts:
    """Everything that a user sees of an object that the package `root` exports; of a class, these members."""
    if inspect.ismodule(value):
        return {"": "module"}
    if typing_extensions.is_typeddict(value):
        return dict(of_typed_dict(value))
    # First, because Python 3.10 takes `collections.abc.Callable[...]` for a class.
    if typing_extensions.get_origin(value) is not None:
        return {"": ("alias", canonical(value, None))}
    if inspect.isclass(value):
        return dict(of_class(value, root, names))
    if inspect.isroutine(value):
        return dict(of_function(value))
    # A proxy or an instance: what it can do is compared where its class is exported.
    return {"": "value"}


def class_members(value: Any, root: str) -> list[str] | None:
    """The members of a class; nothing for what is none."""
    is_class = inspect.isclass(value) and not typing_extensions.is_typeddict(value)
    return members(value, root) if is_class else None


def of_typed_dict(value: Any) -> Iterator[tuple[str, Any]]:
    hints = typing_extensions.get_type_hints(value, include_extras=True)
    owner = sys.modules[value.__module__]
    yield "", ("typed dict", tuple(value.__annotations__))
    for name in value.__annotations__:
        yield f".{name}", (name in value.__required_keys__, canonical(hints[name], owner))


def of_class(value: type, root: str, names: list[str] | None) -> Iterator[tuple[str, Any]]:
    is_model = issubclass(value, BaseModel)
    yield "", ("class", tuple(parents(value, root)))
    if is_model:
        yield from of_model(value)
    for name in members(value, root) if names is None else names:
        member = inspect.getattr_static(value, name, None)
        if isinstance(member, (staticmethod, classmethod)):
            member = member.__func__
        if inspect.isfunction(member):
            yield from ((f".{name}{below}", fact) for below, fact in of_function(member))
        elif isinstance(member, property) or type(member).__name__ == "cached_property":
            yield f".{name}", "property"
        elif member is not None and not is_model:
            yield f".{name}", "attribute"


def parents(value: type, root: str) -> Iterator[str]:
    """The public ancestors: those that the package exports, and Python's exceptions."""
    exported = sys.modules[root]
    for parent in value.__mro__[1:]:
        is_ours = getattr(exported, parent.__name__, None) is parent or is_public(parent, root)
        if is_ours or issubclass(parent, BaseException):
            # A generic model has a class for each of its arguments.
            yield parent.__name__.partition("[")[0]


def is_public(value: type, root: str) -> bool:
    first, *rest = [*value.__module__.split("."), value.__name__]
    return first == root and not any(part.startswith("_") for part in rest)


def members(value: type, root: str) -> list[str]:
    """Public names that the package gives to a class: its own, and those of ancestors that are not compared."""
    exported = sys.modules[root]
    found: set[str] = set()
    for parent in value.__mro__:
        is_package = parent.__module__.partition(".")[0] == root
        is_compared_elsewhere = getattr(exported, parent.__name__, None) is parent or is_public(parent, root)
        if is_package and (parent is value or not is_compared_elsewhere):
            found |= {name for name in vars(parent) if not name.startswith("_")}
    if issubclass(value, BaseModel):
        return sorted(found - set(value.model_fields) - {"model_config"})
    constructor = getattr(value.__init__, "__module__", None) or ""
    return sorted(found | ({"__init__"} if constructor.partition(".")[0] == root else set()))


def of_model(value: type[BaseModel]) -> Iterator[tuple[str, Any]]:
    value.model_rebuild()
    owner = sys.modules[value.__module__]
    yield " fields", tuple(value.model_fields)
    for name, field in value.model_fields.items():
        metadata = [described(item) for item in field.metadata]
        shown = (canonical(field.annotation, owner), metadata, field.alias, field.is_required(), repr(field.default))
        yield f".{name}", shown


def described(item: Any) -> Any:
    """A `PropertyInfo` as plain data."""
    keys = ("alias", "format", "format_template", "discriminator")
    return (type(item).__name__, *(getattr(item, key, None) for key in keys))


def of_function(function: Any) -> Iterator[tuple[str, Any]]:
    inner = inspect.unwrap(function)
    is_async = inspect.iscoroutinefunction(inner)
    yield "()", ("async" if is_async else "plain", hasattr(function, "__deprecated__"))
    yield from of_signature("", function)
    # Python keeps overloads since 3.11, but one alone of those that are deprecated: it tells them apart by their line.
    if sys.version_info >= (3, 11) and not hasattr(function, "__deprecated__"):
        overloads = typing_extensions.get_overloads(inner)
        yield " overloads", len(overloads)
        for at, overload in enumerate(overloads):
            yield from of_signature(f" overload {at + 1}", overload)


def of_signature(prefix: str, function: Any) -> Iterator[tuple[str, Any]]:
    signature = inspect.signature(function)
    parameters = [parameter for parameter in signature.parameters.values() if not is_own(function, parameter)]
    yield f"{prefix} parameters", tuple(called(parameter) for parameter in parameters)
    is_method = bool(parameters) and parameters[0].name in RECEIVERS
    for parameter in parameters[is_method:]:
        shown = (parameter.kind.name, spelled(parameter.annotation), default(parameter.default))
        yield f"{prefix}({called(parameter)})", shown
    result = spelled(signature.return_annotation)
    # A method whose receiver is a variable `T` returns what others write as `Self`.
    receiver = spelled(parameters[0].annotation) if is_method else None
    receiver = receiver[1] if isinstance(receiver, tuple) and receiver[0] == "type" else receiver
    yield f"{prefix} -> ", replaced(result, receiver, "Self")


def is_own(function: Any, parameter: inspect.Parameter) -> bool:
    """Whether it is a keyword that only this package has, and says so."""
    is_ours = function.__module__.partition(".")[0] == "tailrace"
    return is_ours and parameter.kind is parameter.KEYWORD_ONLY and parameter.name in OWN_KEYWORDS


def called(parameter: inspect.Parameter) -> str:
    """The name of a parameter to its callers, who do not see the names of variadic ones."""
    return {parameter.VAR_POSITIONAL: "*", parameter.VAR_KEYWORD: "**"}.get(parameter.kind, parameter.name)


def replaced(fact: Any, old: Any, new: Any) -> Any:
    if fact == old:
        return new
    return tuple(replaced(item, old, new) for item in fact) if isinstance(fact, tuple) else fact


def default(value: object) -> str:
    if value is inspect.Parameter.empty:
        return "required"
    plain = value is None or isinstance(value, (bool, int, float, str, tuple))
    return repr(value) if plain else type(value).__name__


def spelled(annotation: Any) -> Any:
    """An annotation of a signature. Those of resources are text, whose names are imported for type checkers only."""
    if annotation is inspect.Parameter.empty:
        return "unannotated"
    text = annotation if isinstance(annotation, str) else None
    if text is None:
        return canonical(annotation, None)
    return from_syntax(ast.parse(text, mode="eval").body)


def from_syntax(node: ast.expr) -> Any:
    match node:
        case ast.Name(id=name):
            return OLD_NAMES.get(name, name)
        case ast.Attribute(attr=name):
            return OLD_NAMES.get(name, name)
        case ast.Constant(value=str(text)):
            return from_syntax(ast.parse(text, mode="eval").body)
        case ast.Subscript(value=value, slice=inside):
            name = from_syntax(value)
            if name == "Literal":
                return literal([ast.literal_eval(item) for item in elements(inside)])
            arguments = [from_syntax(item) for item in elements(inside)]
            return union([*arguments, "None"] if name == "Optional" else arguments, name)
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            return union([from_syntax(left), from_syntax(right)], "Union")
        case ast.List(elts=items):
            return ("list of", *map(from_syntax, items))
        case _:
            return ast.unparse(node)


def elements(node: ast.expr) -> list[ast.expr]:
    return node.elts if isinstance(node, ast.Tuple) else [node]


def union(arguments: list[Any], name: str) -> Any:
    if name not in ("Union", "Optional"):
        return (name, *map(argument_of, arguments))
    flat: list[Any] = []
    for argument in arguments:
        nested = isinstance(argument, tuple) and argument[:1] == ("Union",)
        flat += argument[1:] if nested else [argument]
    # `Optional[T]` and `T | None` differ in the order of writing only.
    return ("Union", *dict.fromkeys([item for item in flat if item != "None"]), *(["None"] if "None" in flat else []))


def argument_of(fact: Any) -> Any:
    """A fact as an argument of a type, of which `typing` keeps the order of a union that it has seen first."""
    is_union = isinstance(fact, tuple) and fact[:1] == ("Union",)
    return ("Union", *sorted(fact[1:], key=repr)) if is_union else fact


def literal(values: list[Any]) -> Any:
    # `typing` takes two orders of the same values for one type and keeps the one that it has seen first.
    return ("Literal", *sorted((type(value).__name__, value) for value in values))


def canonical(annotation: Any, owner: types.ModuleType | None) -> Any:
    """A type as plain data, with the spellings of one type made equal."""
    if isinstance(annotation, (str, ForwardRef)):
        text = annotation if isinstance(annotation, str) else annotation.__forward_arg__
        return canonical(eval(text, {**vars(typing), **vars(owner)}), owner) if owner else spelled(text)
    origin, arguments = typing_extensions.get_origin(annotation), typing_extensions.get_args(annotation)
    if origin in (typing_extensions.Literal, typing.Literal):
        return literal(list(arguments))
    if origin is typing.Annotated:
        return ("Annotated", canonical(annotation.__origin__, owner), *map(described, annotation.__metadata__))
    if origin in (typing.Union, types.UnionType):
        return union([canonical(argument, owner) for argument in arguments], "Union")
    if origin is not None:
        return (named(origin), *(argument_of(canonical(argument, owner)) for argument in arguments))
    if isinstance(annotation, list):
        return ("list of", *(canonical(item, owner) for item in annotation))
    if annotation is type(None) or annotation is None:
        return "None"
    return named(annotation)


def named(value: Any) -> str:
    """A class by its place in the package where it has one; else by its name alone."""
    if not inspect.isclass(value):
        name = getattr(value, "__name__", None) or repr(value)
        return name.rpartition(".")[2]
    _, _, place = value.__module__.partition(".")
    return f"{place}.{value.__qualname__}" if place.startswith("types.") else value.__qualname__
