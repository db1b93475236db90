"""The types of an answer that are not built from JSON: text, numbers, bytes, nothing, and responses themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_origin

from ._wire.response import Response

if TYPE_CHECKING:
    from collections.abc import Callable

_FORMS: dict[Any, Callable[[Response], Any]] = {
    type(None): lambda response: None,
    str: lambda response: response.text,
    bytes: lambda response: response.content,
    int: lambda response: int(response.text),
    float: lambda response: float(response.text),
    # As the official package reads it: any other text is false.
    bool: lambda response: response.text.lower() == "true",
}


def is_form(type_: Any) -> bool:
    """Whether an answer becomes `type_` without being parsed as JSON.

    Raises:
        ValueError: `type_` is a subclass of a response class, which nothing here could make.
    """
    if type_ in _FORMS or hasattr(type_, "from_reply") or _is_response_class(type_) or _is_binary(type_):
        return True
    if isinstance(type_, type) and any(_is_response_class(parent) for parent in type_.__mro__):
        raise ValueError("Subclasses of HTTP response classes cannot be passed to `cast_to`")
    return False


def form_of(response: Response, type_: Any) -> Any:
    """Return a response that was read as `type_`, one for which `is_form` holds.

    Raises:
        ValueError: the text is no number, and a number is asked for.
    """
    make = _FORMS.get(type_)
    if make is not None:
        return make(response)
    return response if _is_response_class(type_) else type_(response)


def _is_response_class(type_: Any) -> bool:
    if type_ is Response:
        return True
    # Those of httpx and httpx2 are known by name, since neither is imported here.
    module = getattr(type_, "__module__", "")
    return getattr(type_, "__name__", "") == "Response" and module.partition(".")[0] in ("httpx", "httpx2")


def _is_binary(type_: Any) -> bool:
    # Known by an attribute, since the module of the class would be imported for every union otherwise.
    return bool(getattr(get_origin(type_) or type_, "is_made_of_a_response", False))
