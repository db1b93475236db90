"""Questions about types, under the private names that the tests of the official package import.

The one module here with a name that says little: it exists so that those tests run with only the import changed.
"""

from __future__ import annotations

import collections.abc
import inspect
import logging
from types import UnionType
from typing import TYPE_CHECKING, Annotated, Any, Union, get_args, get_origin

import typing_extensions

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from typing import TypeGuard


class SensitiveHeadersFilter(logging.Filter):
    """Lets every record pass, because those of this package hold no value of a header that may be secret."""


def is_dict(obj: object) -> TypeGuard[dict[object, object]]:
    """Whether `obj` is a dictionary."""
    return isinstance(obj, dict)


def is_list(obj: object) -> TypeGuard[list[object]]:
    """Whether `obj` is a list."""
    return isinstance(obj, list)


def is_list_type(typ: Any) -> bool:
    """Whether `typ` is `list`, with or without a type in brackets."""
    return (get_origin(typ) or typ) is list


def is_sequence_type(typ: Any) -> bool:
    """Whether `typ` is `Sequence`, with or without a type in brackets."""
    return (get_origin(typ) or typ) is collections.abc.Sequence


def is_union_type(typ: Any) -> bool:
    """Whether `typ` is a union, `Optional` included."""
    origin = get_origin(typ)
    return origin is Union or origin is UnionType


def is_annotated_type(typ: Any) -> bool:
    """Whether `typ` is `Annotated[...]`."""
    return get_origin(typ) is Annotated


def is_type_alias_type(tp: Any, /) -> bool:
    """Whether `tp` is an alias made by `TypeAliasType` or a `type` statement."""
    return isinstance(tp, typing_extensions.TypeAliasType)


def extract_type_arg(typ: Any, index: int) -> Any:
    """Return the type at `index` in the brackets of `typ`.

    Raises:
        RuntimeError: there is none.
    """
    arguments = get_args(typ)
    if index >= len(arguments):
        raise RuntimeError(f"Expected type {typ} to have a type argument at index {index} but it did not")
    return arguments[index]


def assert_signatures_in_sync(
    source_func: Callable[..., Any],
    check_func: Callable[..., Any],
    *,
    exclude_params: set[str] = frozenset(),  # type: ignore[assignment]  # pyright: ignore[reportArgumentType]
    description: str = "",
) -> None:
    """Check that `check_func` has the parameters of `source_func`, with the same annotations.

    Raises:
        AssertionError: it does not; the message has a line for each difference.
    """
    checked = inspect.signature(check_func).parameters
    errors: list[str] = []
    for name, parameter in inspect.signature(source_func).parameters.items():
        if name in exclude_params:
            continue
        other = checked.get(name)
        if other is None:
            errors.append(f"the `{name}` param is missing")
        elif other.annotation != parameter.annotation:
            errors.append(f"the `{name}` param is {other.annotation!r} and should be {parameter.annotation!r}")
    if errors:
        title = f"{len(errors)} errors encountered when comparing signatures{description}:"
        raise AssertionError("\n\n".join([title, *errors]))


def consume_sync_iterator(iterator: Iterator[Any]) -> None:
    """Read an iterator to its end."""
    for _ in iterator:
        pass


async def consume_async_iterator(iterator: AsyncIterator[Any]) -> None:
    """Read an asynchronous iterator to its end."""
    async for _ in iterator:
        pass
