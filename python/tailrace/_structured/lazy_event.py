"""Events of a stream with parts that are made when somebody asks for them.

An event that shows all that has arrived so far costs as much as the answer is long; made for every delta, the whole
stream costs the square of that. Such a part is a function here, called at the first look.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import pydantic

from .._models import BaseModel

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["LazyEvent", "event"]

_Event = TypeVar("_Event", bound="LazyEvent")

# The slots of an instance, reached past the class: `LazyEvent` shows something else as `__dict__`.
_set_fields_set = pydantic.BaseModel.__dict__["__pydantic_fields_set__"].__set__
_set_extra = pydantic.BaseModel.__dict__["__pydantic_extra__"].__set__
_set_private = pydantic.BaseModel.__dict__["__pydantic_private__"].__set__
_values: Any = pydantic.BaseModel.__dict__["__dict__"]
_get_values, _set_values = _values.__get__, _values.__set__


class LazyEvent(BaseModel):
    """A pydantic model some of whose fields are made at the first look, by its `_maker`.

    Everything that looks at all fields makes all of them: dumping, `repr`, comparing, copying, pickling and `vars`,
    because pydantic takes them from `__dict__`, in Python and in Rust.
    """

    __slots__ = ("_maker",)

    if not TYPE_CHECKING:

        @property
        def __dict__(self) -> dict[str, Any]:
            values = _get_values(self)
            maker = _get_maker(self)
            if maker is not None:
                _set_maker(self, None)
                make, arguments = maker
                # The order of the fields is that of the class, whichever of them was looked at first.
                known = dict(values)
                values.clear()
                for name in type(self).model_fields:
                    values[name] = known.pop(name) if name in known else make(name, *arguments)
                values.update(known)
            return values

        @__dict__.setter
        def __dict__(self, values: dict[str, Any]) -> None:
            _set_values(self, values)

        def __getattr__(self, name: str) -> Any:
            # Python asks here only for what the instance does not have.
            maker = _get_maker(self)
            if maker is not None and name in type(self).model_fields:
                make, arguments = maker
                value = _get_values(self)[name] = make(name, *arguments)
                return value
            return super().__getattr__(name)


_maker_slot: Any = LazyEvent.__dict__["_maker"]
_set_maker = _maker_slot.__set__


def _get_maker(instance: LazyEvent) -> tuple[Callable[..., Any], tuple[Any, ...]] | None:
    try:
        return _maker_slot.__get__(instance)
    except AttributeError:
        # An instance that was validated, copied or unpickled has all its fields.
        return None


def event(
    cls: type[_Event], fields_set: frozenset[str], values: dict[str, Any], make: Callable[..., Any], *arguments: Any
) -> _Event:
    """Return an event of `cls` that has `values`, without validation; the other fields are `make(name, *arguments)`.

    The event keeps `values`. `fields_set` names the fields that count as given.
    """
    made = cls.__new__(cls)
    _set_values(made, values)
    _set_fields_set(made, set(fields_set))
    _set_extra(made, {})
    _set_private(made, None)
    _set_maker(made, (make, arguments))
    return made
