"""Request bodies: from keyword arguments to JSON bytes."""

from __future__ import annotations

from ._native import encode_json
from ._types import NotGiven, Omit, omit

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any


def encode_body(body: Any, extra_body: object | None) -> bytes:
    """Return the JSON text of `body` with `extra_body` merged over it; left-out arguments are dropped at any depth.

    Pydantic models become objects with the fields that were set, dates become ISO 8601, iterables become arrays. A body
    that is bytes stays what it is.

    Raises:
        TypeError: `extra_body` is no mapping, or a value has no JSON form; the message names its type.
        ValueError: a number is NaN or infinite, or the body contains itself.
        RuntimeError: there is an `extra_body`, and `body` is no mapping.
    """
    if type(body) is dict or extra_body is not None:
        # Most arguments of most calls are left out, and comparing identities is the cheapest way to see it.
        merged = {
            name: value
            for name, value in _members(body)
            if value is not omit and not isinstance(value, (NotGiven, Omit))
        }
        if extra_body is not None:
            lay_over(merged, extra_body)
    elif isinstance(body, bytes):
        return body
    else:
        merged = body
    try:
        return encode_json(merged, _json_form)
    except _LeftOut:
        return encode_json(_without_left_out(merged), _json_form)


def mapping_items(value: object, name: str) -> list[tuple[Any, Any]]:
    """Return the items of a mapping that a caller passed as `name`.

    Raises:
        TypeError: it is no mapping.
    """
    if isinstance(value, dict):
        return list(value.items())  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    items = getattr(value, "items", None)
    if items is None or isinstance(value, type):
        raise TypeError(f"`{name}` must be a mapping, not {type(value).__name__}.")
    return list(items())


def lay_over(body: dict[Any, Any], extra_body: object) -> None:
    """Put the members of `extra_body` into `body`; `omit` as a value takes a member out, `not_given` leaves it.

    Raises:
        TypeError: `extra_body` is no mapping.
    """
    for name, value in mapping_items(extra_body, "extra_body"):
        if isinstance(value, Omit):
            body.pop(name, None)
        elif not isinstance(value, NotGiven):
            body[name] = value


def _members(body: Any) -> Iterable[tuple[Any, Any]]:
    if body is None:
        return ()
    if hasattr(body, "keys"):
        return body.items()
    raise RuntimeError(f"`extra_body` needs a body that is a mapping to be merged with, not {type(body).__name__}.")


class _LeftOut(Exception):
    """Stops the encoder at a left-out argument inside a nested value, which is rare enough to encode twice."""


def _json_form(value: object) -> object:
    if isinstance(value, (NotGiven, Omit)):
        raise _LeftOut
    dump = getattr(value, "model_dump", None)
    if dump is not None and not isinstance(value, type):
        return dump(exclude_unset=True, mode="json", by_alias=True)
    isoformat = getattr(value, "isoformat", None)
    if isoformat is not None and not isinstance(value, type):
        return isoformat()
    kind = type(value).__name__
    from collections.abc import Iterable, Mapping, Set
    from typing import cast

    if isinstance(value, Mapping):
        return dict(cast("Mapping[Any, object]", value))
    # A set has no order, so sending one would send a different body each time.
    if isinstance(value, Iterable) and not isinstance(value, (bytes, bytearray, memoryview, Set)):
        return list(cast("Iterable[object]", value))
    raise TypeError(f"Object of type {kind} is not JSON serializable")


def _without_left_out(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            name: _without_left_out(item)
            for name, item in value.items()  # pyright: ignore[reportUnknownVariableType]
            if not isinstance(item, (NotGiven, Omit))
        }
    if isinstance(value, (list, tuple)):
        return [_without_left_out(item) for item in value if not isinstance(item, (NotGiven, Omit))]  # pyright: ignore[reportUnknownVariableType]
    return value
