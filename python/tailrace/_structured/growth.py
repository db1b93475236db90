"""Typed objects that grow as their JSON text arrives."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import is_dataclass
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Annotated, Any, Literal, Union, cast, get_args, get_origin

import pydantic
from typing_extensions import TypeIs, is_typeddict

from .._native import GrowingJson

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo

__all__ = ["Growth", "element_type", "path_of"]

#: What the native module knows of a place: `("plain",)`, `("list", place)`, `("dict", place)`,
#: `("model", class, fields, keeps extra)` or `("finished", function, is shown)`.
_Shape = tuple[Any, ...]


class Growth:
    """One object of `type_` that grows; an instance of a pydantic class is made, without validation, at its first byte.

    Fields that have not arrived are absent from `model_fields_set` and `__dict__`. Strings grow; numbers, dates,
    enumerations and the like come when they have ended. Unions are plain values until they have ended.

    Args:
        type_: A pydantic class, or any annotation.
    """

    __slots__ = ("_json",)

    def __init__(self, type_: Any) -> None:
        self._json = GrowingJson(_Shapes(type_).written)

    def push(self, text: str) -> bool:
        """Add text and say whether the object changed. After an error in the JSON it does not grow any more."""
        return self._json.push(text)

    @property
    def value(self) -> Any:
        """The object, the same at all times; None before anything of it has come."""
        return self._json.value


def path_of(path: str) -> list[str]:
    """Return the steps of a path: a JSON pointer (`/plan/steps`) or names with dots between (`plan.steps`); `*` is any.

    The empty path leads to the whole text.
    """
    if path.startswith("/"):
        return [step.replace("~1", "/").replace("~0", "~") for step in path[1:].split("/")]
    return path.split(".") if path else []


def element_type(type_: Any, path: list[str]) -> Any:
    """Return the annotation of the elements of the array at `path` in a `type_`; Any where it says nothing."""
    for step in [*path, "*"]:
        type_ = _step(_plain(type_), step)
    return type_


class _Shapes:
    """The shapes that a type is made of; a class has one, so that it may contain itself."""

    def __init__(self, type_: Any) -> None:
        self.written: list[_Shape] = []
        self._models: dict[type, int] = {}
        self._add(type_)

    def _add(self, type_: Any) -> int:
        type_ = _plain(type_)
        if _is_model(type_) and type_ in self._models:
            return self._models[type_]
        # Its place is taken before those of the shapes that it names.
        place = len(self.written)
        self.written.append(("plain",))
        self.written[place] = self._shape(type_, place)
        return place

    def _shape(self, type_: Any, place: int) -> _Shape:
        origin, arguments = get_origin(type_), get_args(type_)
        if type_ in (Any, object, str, int, bool, NoneType, list, dict):
            return ("plain",)
        if _is_model(type_):
            self._models[type_] = place
            fields: dict[str, tuple[str, int]] = {}
            for name, field in _fields(type_).items():
                shape = self._add(_field_type(field))
                fields.update(dict.fromkeys(_keys(type_, name, field), (name, shape)))
            return ("model", type_, fields, type_.model_config.get("extra") == "allow")
        if origin is list:
            return ("list", self._add(arguments[0]))
        if origin is dict:
            return ("dict", self._add(arguments[1]))
        return ("finished", None if origin is Literal else _finish(type_), _has_parts(type_))


def _finish(type_: Any) -> Callable[[object], object]:
    """Return a function that makes an object of `type_` of a plain value, and leaves one that does not fit as it is."""
    adapter: pydantic.TypeAdapter[object] | None = None

    def finish(value: object) -> object:
        nonlocal adapter
        try:
            adapter = adapter or pydantic.TypeAdapter(type_)
            return adapter.validate_python(value)
        except (pydantic.ValidationError, pydantic.errors.PydanticUserError):
            return value

    return finish


def _has_parts(type_: Any) -> bool:
    """Say whether a part of a value says something: not of a date, an enumeration or a literal."""
    origin: Any = get_origin(type_) or type_
    if origin in (Union, UnionType):
        return any(_has_parts(_plain(member)) for member in get_args(type_))
    if is_dataclass(origin) or is_typeddict(origin):
        return True
    if not isinstance(origin, type) or issubclass(origin, (bytes, bytearray)):
        return False
    return origin is str or (issubclass(origin, (Collection, pydantic.BaseModel)) and not issubclass(origin, str))


def _plain(type_: Any) -> Any:
    """Return a type without what says nothing about its shape: metadata, aliases, and None beside one other type."""
    while True:
        origin = get_origin(type_)
        if origin is Annotated:
            type_ = get_args(type_)[0]
        elif type(origin or type_).__name__ == "TypeAliasType":
            # Its parameters are Any here.
            type_ = (origin or type_).__value__
        elif origin in (Union, UnionType):
            members = [member for member in get_args(type_) if member is not NoneType]
            if len(members) != 1:
                return type_
            type_ = members[0]
        elif type(type_).__name__ == "TypeVar":
            return Any
        else:
            return type_


def _is_model(type_: Any) -> TypeIs[type[pydantic.BaseModel]]:
    # The value of a root model is no object with its fields.
    return (
        isinstance(type_, type) and issubclass(type_, pydantic.BaseModel) and not issubclass(type_, pydantic.RootModel)
    )


def _fields(model: type[pydantic.BaseModel]) -> dict[str, FieldInfo]:
    # Names that were not there yet when the class was made.
    model.model_rebuild(raise_errors=False)
    return model.model_fields


def _field_type(field: FieldInfo) -> Any:
    return Any if field.annotation is None else field.annotation


def _keys(model: type[pydantic.BaseModel], name: str, field: FieldInfo) -> Iterator[str]:
    """Yield the keys of the text whose value a field takes."""
    alias = field.validation_alias
    if alias is None or model.model_config.get("populate_by_name") or model.model_config.get("validate_by_name"):
        yield name
    choices = alias.choices if isinstance(alias, pydantic.AliasChoices) else [alias]
    yield from (choice for choice in choices if isinstance(choice, str))


def _step(type_: Any, step: str) -> Any:
    """Return the type of what `step`, a key or index, leads to in a value of `type_`."""
    if _is_model(type_):
        for name, field in _fields(type_).items():
            if step in _keys(type_, name, field):
                return _field_type(field)
        return Any
    origin, arguments = get_origin(type_), get_args(type_)
    if origin in (Union, UnionType):
        found = [_step(_plain(member), step) for member in arguments]
        return next((member for member in found if member is not Any), Any)
    if not isinstance(origin, type) or not arguments:
        return cast("Any", Any)
    if issubclass(origin, dict):
        return arguments[1]
    if issubclass(origin, tuple) and step.isdigit() and Ellipsis not in arguments:
        return arguments[int(step)] if int(step) < len(arguments) else Any
    return arguments[0] if issubclass(origin, Collection) else Any
