"""Answers as types of the caller's."""

from ._response_format import (
    ResponseFormatT as ResponseFormatT,
    type_to_response_format_param as type_to_response_format_param,
)
