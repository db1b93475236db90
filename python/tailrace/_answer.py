"""What the answer of a call becomes: a model by its plan, or one of the types that need none."""

from __future__ import annotations

import gc

from ._exceptions import APIResponseValidationError, response_from
from ._lazy import resolved
from ._native import Plan

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from ._native import Reply
    from ._wire.response import Response


class Expected:
    """A type that an answer, or an event of it, is asked to be."""

    __slots__ = ("adapter", "is_model", "is_page", "plan", "type")

    type: Any
    #: The shape plan, or None for a type that is not built from JSON.
    plan: Plan | None
    is_model: bool
    is_page: bool
    #: What validates it, once that was asked for; making one for a union takes longer than an event takes to come.
    adapter: Any

    def __init__(self, type_: Any) -> None:
        self.type = type_
        self.plan = self.adapter = None
        self.is_model = False
        self.is_page = False
        if _is_json_type(type_):
            from ._construct import construct_type

            self.plan = Plan(type_, construct_type)
            self.is_model = isinstance(type_, type) and hasattr(type_, "model_fields")
            self.is_page = hasattr(type_, "next_page_info")


#: Type or lazy type, as the resource names it, to what it stands for; plans are costly and never change.
_EXPECTED: dict[Any, Expected] = {}


def expected(type_: Any) -> Expected:
    """Return `type_`, a class, a type expression or a lazy type, loaded and with its plan.

    Raises:
        TypeError: it is a pydantic model that does not derive from `BaseModel` of this package.
        ValueError: it is a subclass of a response class.
        RuntimeError: it is no type that an answer can become.
    """
    try:
        found = _EXPECTED.get(type_)
    except TypeError:
        # Type expressions with unhashable metadata are rare, and work all the same.
        return Expected(resolved(type_))
    if found is None:
        found = _EXPECTED[type_] = _loaded(type_)
    return found


def _loaded(type_: Any) -> Expected:
    if not gc.isenabled():
        return Expected(resolved(type_))
    # Modules are objects that stay; looking for garbage among them again and again is a fifteenth of the first call.
    gc.disable()
    try:
        return Expected(resolved(type_))
    finally:
        gc.enable()


def value_of(reply: Reply, expected: Expected, *, strict: bool) -> Any:
    """Return the body of `reply` as what is expected; with `strict`, validated.

    A body that says it is no JSON stays text, as in the official package.

    Raises:
        InvalidJSONError: the body says that it is JSON, and is none.
        APIResponseValidationError: it does not fit, and `strict` is set.
    """
    plan = expected.plan
    if plan is None:
        if hasattr(expected.type, "from_reply"):
            return expected.type.from_reply(reply)
        from ._answer_forms import form_of

        return form_of(response_from(reply), expected.type)
    if not expected.is_model and not _kind(reply.header("content-type")).endswith("json"):
        return _text_of(reply, strict=strict)
    try:
        result = reply.parse(plan)
    except ValueError:
        return _text_of(reply, strict=strict)
    if strict and result is not None:
        import json

        result = validated(json.loads(reply.content), expected, lambda: response_from(reply))
    return result


def validated(data: Any, expected: Expected, response: Callable[[], Response]) -> Any:
    """Return decoded JSON as what is expected, validated by pydantic.

    Raises:
        APIResponseValidationError: it does not fit; the error gets the `response`.
    """
    from pydantic import TypeAdapter, ValidationError

    if expected.type is object:
        return data
    if expected.adapter is None:
        expected.adapter = TypeAdapter(expected.type)
    try:
        return expected.adapter.validate_python(data)
    except ValidationError as cause:
        raise APIResponseValidationError(response(), data) from cause


def no_page(reply: Reply, value: object) -> APIResponseValidationError:
    """Return the exception for an answer that was to be a page of a list and is not even an object."""
    message = f"Expected a page of a list, which is a JSON object, but the answer is of type {type(value).__name__}."
    return APIResponseValidationError(response_from(reply), value, message=message)


def _kind(content_type: str | None) -> str:
    return "*" if content_type is None else content_type.partition(";")[0].strip().lower()


def _text_of(reply: Reply, *, strict: bool) -> str:
    from ._invalid_json import invalid_json

    response = response_from(reply)
    kind = _kind(response.headers.get("content-type"))
    error = invalid_json(response, reply.content) if kind.endswith("json") else None
    if error is not None:
        raise error
    if strict:
        message = f"Expected Content-Type response header to be `application/json` but received `{kind}` instead."
        raise APIResponseValidationError(response, response.text, message=message)
    # Some compatible servers answer in plain text; the official package hands that on as it is.
    return response.text


def _is_json_type(type_: Any) -> bool:
    if type_ is object:
        return True
    if isinstance(type_, type) and hasattr(type_, "model_fields"):
        from ._models import BaseModel

        if issubclass(type_, BaseModel):
            return True
        raise TypeError("Pydantic models must subclass our base model type, e.g. `from tailrace import BaseModel`")
    from ._answer_forms import is_form

    if is_form(type_):
        return False
    from types import UnionType
    from typing import Annotated, Union, get_args, get_origin

    plain: Any = getattr(type_, "__value__", type_)
    if get_origin(plain) is Annotated:
        plain = get_args(plain)[0]
    origin: Any = get_origin(plain) or plain
    if origin is Union or origin is UnionType:
        return True
    if isinstance(origin, type) and (hasattr(origin, "model_fields") or issubclass(origin, (dict, list))):
        return True
    raise RuntimeError(
        f"An answer cannot become {type_}; pass a subclass of `BaseModel`, a dict, a list or a union of those, object, "
        "str, int, float, bool, bytes, NoneType or a response class."
    )
