"""Events whose snapshot is made when somebody asks for it, so that a stream costs time linear in its length.

An event keeps a reference to the text that grows and the length that it had then. Everything that reads the object as
data (comparing, dumping, copying, pickling, printing) goes by its `__dict__`, which completes it first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pydantic

if TYPE_CHECKING:
    from ._growing_text import GrowingText

#: Where the fields of a pydantic model really are.
_FIELDS: Any = pydantic.BaseModel.__dict__["__dict__"]

_PENDING = "__pending__"


class LazySnapshot:
    """Joins a model with the field `snapshot: str`."""

    __slots__ = ()

    if not TYPE_CHECKING:

        @property
        def __dict__(self) -> dict[str, Any]:
            values = _FIELDS.__get__(self)
            if _PENDING in values:
                _complete(values)
            return values

        @__dict__.setter
        def __dict__(self, values: dict[str, Any]) -> None:
            _FIELDS.__set__(self, values)

        def __getattr__(self, name: str) -> Any:
            # It is called for what the fields do not have, so for a snapshot at most once.
            if name == "snapshot":
                values = self.__dict__
                if name in values:
                    return values[name]
            return super().__getattr__(name)


def with_snapshot(class_: Any, fields: tuple[str, ...], source: Any, text: GrowingText, length: int) -> Any:
    """Return an event of `class_`, a `LazySnapshot`, with `fields` of `source` and a snapshot.

    The snapshot is the first `length` characters of `text`, taken when it is asked for.
    What the server sent beyond the fields is left out, as the official package leaves it out.
    """
    event = class_.__new__(class_)
    values = {name: getattr(source, name) for name in fields}
    values[_PENDING] = (text, length)
    _FIELDS.__set__(event, values)
    set_field = object.__setattr__
    set_field(event, "__pydantic_fields_set__", {*fields, "snapshot"})
    set_field(event, "__pydantic_extra__", {})
    set_field(event, "__pydantic_private__", None)
    return event


def _complete(values: dict[str, Any]) -> None:
    pending = values.get(_PENDING)
    if pending is not None:
        text, length = pending
        # The field is there before the mark goes, for another thread that asks at the same time.
        values["snapshot"] = text.until(length)
        values.pop(_PENDING, None)
