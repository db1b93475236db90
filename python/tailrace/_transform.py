"""Arguments as the API wants them: wire names and formats that the typed dictionaries of the parameters declare.

Loaded only for the few calls whose parameters have such a field at some depth.
"""

from __future__ import annotations

import types
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Annotated, Any, Literal, Union, cast, get_args, get_origin

from typing_extensions import NotRequired, Required, get_type_hints, is_typeddict

from ._types import NotGiven, Omit, PropertyInfo

_SCALARS = (str, bytes, bytearray, int, float, bool, type(None))
_ITERABLES = (list, Iterable, Sequence, tuple, set)


def transform(data: Mapping[str, object], type_: Any) -> dict[str, Any]:
    """Return `data` with the wire names and in the formats that `type_`, a typed dictionary, declares.

    The keys of `data` itself may be parameter names or wire names. Left-out values are dropped, unknown keys are
    kept, iterables become lists, and pydantic models become dictionaries of the fields that were set.

    Raises:
        RuntimeError: a value that must become base64 is no file.
        OSError: a file cannot be read.
    """
    return _left_in(_value(data, type_, type_))


async def async_transform(data: Mapping[str, object], type_: Any) -> dict[str, Any]:
    """Return what `transform` returns; where it reads files it does so on a thread."""
    if _reads_files(type_):
        from ._async_library import to_thread

        return await to_thread(transform, data, type_)
    return transform(data, type_)


def transform_value(value: Any, annotation: Any) -> Any:
    """Return a value of any type as its annotation declares it; the format of an `Annotated` type counts."""
    return _value(value, annotation, annotation)


def _left_in(data: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in data.items() if not isinstance(value, (NotGiven, Omit))}


def _fields(data: Mapping[str, Any], type_: Any) -> dict[str, Any]:
    hints = _hints(type_)
    by_wire_name = _by_wire_name(type_)
    result: dict[str, Any] = {}
    for key, value in _left_in(data).items():
        field = key if key in hints else by_wire_name.get(key)
        if field is None:
            result[key] = value
        else:
            result[_wire_name(field, hints[field])] = _value(value, hints[field], hints[field])
    return result


def _value(value: Any, annotation: Any, outer: Any) -> Any:
    """Return `value` as `annotation` declares it.

    `outer` is the annotation with the format, which also counts for the items of a list and in a union.
    """
    bare = _bare(annotation)
    origin, arguments = get_origin(bare) or bare, get_args(bare)
    if is_typeddict(bare) and isinstance(value, Mapping):
        return _fields(cast("Mapping[str, Any]", value), bare)
    if origin in (dict, Mapping) and isinstance(value, Mapping):
        item = arguments[1] if len(arguments) == 2 else Any
        return {key: _value(entry, item, item) for key, entry in cast("Mapping[str, Any]", value).items()}
    if origin in _ITERABLES and isinstance(value, Iterable) and not isinstance(value, (str, bytes, Mapping)):
        item = arguments[0] if arguments else Any
        if _bare(item) in _SCALARS:
            return value if isinstance(value, list) else list(cast("Iterable[Any]", value))  # pyright: ignore[reportUnknownVariableType]
        return [_value(entry, item, outer) for entry in cast("Iterable[Any]", value)]
    if origin in (Union, types.UnionType):
        return _through(value, arguments, outer)
    return _formatted(value, outer)  # pyright: ignore[reportUnknownArgumentType]


def _through(value: Any, members: tuple[Any, ...], outer: Any) -> Any:
    # A value goes through every member, as which of them it is cannot be told; each changes only what it knows.
    for member in members:
        value = _value(value, member, outer)
    return value


def _formatted(value: Any, annotation: Any) -> Any:
    dump = getattr(value, "model_dump", None)
    if dump is not None and not isinstance(value, type):
        return dump(exclude_unset=True, mode="json", by_alias=True, exclude=getattr(value, "__api_exclude__", None))
    info = _info(annotation)
    if info is None or info.format is None or value is None:
        return value
    if info.format == "base64":
        return _base64(value)
    if info.format == "custom" and info.format_template is not None:
        strftime = getattr(value, "strftime", None)
        return value if strftime is None else strftime(info.format_template)
    isoformat = getattr(value, "isoformat", None) if info.format == "iso8601" else None
    return value if isoformat is None else isoformat()


def _base64(value: Any) -> Any:
    import io
    import os
    from base64 import b64encode

    if not isinstance(value, (io.IOBase, os.PathLike)):
        return value
    if isinstance(value, io.IOBase):
        content: Any = cast("Any", value).read()
    else:
        with open(cast("os.PathLike[str]", value), "rb") as file:
            content = file.read()
    if isinstance(content, str):
        content = content.encode()
    if not isinstance(content, bytes):
        raise RuntimeError(f"Could not read bytes from {value!r}; received {type(content).__name__}.")
    return b64encode(content).decode("ascii")


@lru_cache(maxsize=4096)
def _hints(type_: Any) -> dict[str, Any]:
    return get_type_hints(type_, include_extras=True) if is_typeddict(type_) else {}


@lru_cache(maxsize=4096)
def _by_wire_name(type_: Any) -> dict[str, str]:
    return {_wire_name(field, annotation): field for field, annotation in _hints(type_).items()}


def _wire_name(field: str, annotation: Any) -> str:
    info = _info(annotation)
    return field if info is None or info.alias is None else info.alias


def _info(annotation: Any) -> PropertyInfo | None:
    while get_origin(annotation) in (Required, NotRequired):
        annotation = get_args(annotation)[0]
    if get_origin(annotation) is not Annotated:
        return None
    return next((item for item in get_args(annotation)[1:] if isinstance(item, PropertyInfo)), None)


def _bare(annotation: Any) -> Any:
    while True:
        origin = get_origin(annotation)
        if origin not in (Required, NotRequired, Annotated):
            # An alias of the `type` statement stands for its value.
            alias = getattr(annotation, "__value__", None)
            if alias is None:
                return annotation
            annotation = alias
        else:
            annotation = get_args(annotation)[0]


def _reads_files(annotation: Any, seen: set[Any] | None = None) -> bool:
    seen = set() if seen is None else seen
    info = _info(annotation)
    if info is not None and info.format == "base64":
        return True
    bare = _bare(annotation)
    if get_origin(bare) is Literal:
        return False
    if is_typeddict(bare):
        if bare in seen:
            return False
        seen.add(bare)
        return any(_reads_files(hint, seen) for hint in _hints(bare).values())
    return any(_reads_files(argument, seen) for argument in get_args(bare))
