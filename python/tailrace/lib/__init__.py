"""What helps with the API beside the client; each part loads when it is first used."""

from __future__ import annotations

from .._lazy import lazy_exports

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ._parsing import (
        ResponseFormatT as ResponseFormatT,
        type_to_response_format_param as type_to_response_format_param,
    )
    from ._tools import (
        pydantic_function_tool as pydantic_function_tool,
        pydantic_responses_function_tool as pydantic_responses_function_tool,
    )
else:
    lazy_exports(
        globals(),
        {
            "ResponseFormatT": "._parsing",
            "pydantic_function_tool": "._tools",
            "pydantic_responses_function_tool": "._tools",
            "type_to_response_format_param": "._parsing",
        },
    )
