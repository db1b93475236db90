"""What helps with the API beside the client. Structured outputs come with a later release."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .._later import later_names

later_names(
    globals(),
    "structured outputs",
    functions="pydantic_function_tool pydantic_responses_function_tool type_to_response_format_param",
    types="ResponseFormatT",
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    ResponseFormatT = TypeVar("ResponseFormatT")
    pydantic_function_tool: Callable[..., Any]
    pydantic_responses_function_tool: Callable[..., Any]
    type_to_response_format_param: Callable[..., Any]
