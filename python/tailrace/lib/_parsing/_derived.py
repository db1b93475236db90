"""Objects of one model made out of those of another without copying what they hold."""

from __future__ import annotations

from typing import Any


def derived(class_: Any, source: Any, **changes: object) -> Any:
    """Return an instance of `class_` with the fields of `source` and `changes`, not validated.

    `class_` has the fields of the class of `source`, and those in `changes`. What the API sent beyond them is kept.
    """
    model: Any = class_.__new__(class_)
    defaults = {name: field.get_default() for name, field in class_.model_fields.items() if name not in source.__dict__}
    extra = source.__pydantic_extra__
    object.__setattr__(model, "__dict__", {**source.__dict__, **defaults, **changes})
    object.__setattr__(model, "__pydantic_fields_set__", {*source.__pydantic_fields_set__, *changes})
    object.__setattr__(model, "__pydantic_extra__", None if extra is None else dict(extra))
    object.__setattr__(model, "__pydantic_private__", None)
    return model
