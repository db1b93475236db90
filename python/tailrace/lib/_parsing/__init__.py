"""Answers as types of the caller's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..._lazy import lazy_exports

if TYPE_CHECKING:
    from ._response_format import (
        ResponseFormatT as ResponseFormatT,
        type_to_response_format_param as type_to_response_format_param,
    )

lazy_exports(
    globals(),
    {
        "ResponseFormatT": "._response_format",
        "type_to_response_format_param": "._response_format",
    },
)
