"""What a response should look like, as the API takes it: from a type of the caller's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from typing_extensions import TypeIs, TypeVar

from ..._types import NotGiven, Omit, omit
from .._pydantic import is_schema_type, name_of_type, strict_schema_of

if TYPE_CHECKING:
    from ...types.chat import completion_create_params
    from ...types.chat.completion_create_params import ResponseFormat as ResponseFormatParam
    from ...types.responses.response_format_text_config_param import ResponseFormatTextConfigParam

#: The type of a parsed answer; None where no type was asked for.
ResponseFormatT = TypeVar("ResponseFormatT", default=None)


def type_to_response_format_param(
    response_format: type | completion_create_params.ResponseFormat | Omit,
) -> ResponseFormatParam | Omit:
    """Return the `response_format` of chat completions for a pydantic model, a dataclass or a `TypedDict`.

    A format that is a dictionary already is returned as it is, and none when none was asked for.

    Raises what `to_strict_json_schema` raises, and `TypeError` for any other type.
    """
    if isinstance(response_format, (Omit, NotGiven)):
        return omit
    if is_response_format_param(response_format):
        return response_format
    return {"type": "json_schema", "json_schema": cast(Any, _named_schema(response_format))}


def type_to_text_format_param(type_: type) -> ResponseFormatTextConfigParam:
    """Return the `text.format` of the Responses API for a pydantic model, a dataclass or a `TypedDict`.

    Raises what `to_strict_json_schema` raises, and `TypeError` for any other type.
    """
    named = _named_schema(type_)
    return {"type": "json_schema", "strict": True, "name": named["name"], "schema": named["schema"]}


def is_response_format_param(response_format: object) -> TypeIs[ResponseFormatParam]:
    """Tell whether it is a format as the API takes it."""
    return isinstance(response_format, dict)


def has_rich_response_format(response_format: object) -> bool:
    """Tell whether a type was asked for, to which the answer is parsed."""
    return not isinstance(response_format, (Omit, NotGiven, dict))


def asked_type(response_format: object) -> Any:
    """Return the type to which the answer is parsed; `Any` where none was asked for."""
    return response_format if response_format is not None and has_rich_response_format(response_format) else Any


def _named_schema(typ: object) -> dict[str, Any]:
    if not is_schema_type(typ):
        raise TypeError(f"Unsupported response_format type - {typ}")
    return {"schema": strict_schema_of(typ), "name": name_of_type(typ), "strict": True}
