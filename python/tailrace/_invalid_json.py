"""The exception for text that should have been JSON. Apart from `_exceptions` because it imports `json`."""

from __future__ import annotations

import json

from ._exceptions import APIError, APIResponseValidationError
from ._wire.response import Response

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class InvalidJSONError(APIResponseValidationError, json.JSONDecodeError):
    """The body of a response, or the data of one event, is no JSON.

    The official package lets `json.JSONDecodeError` through here. This is both that and an `APIError`, so code written
    for either catches it. `doc` and `body` hold the text; `msg`, `pos`, `lineno` and `colno` say what is wrong where.
    """

    def __init__(self, response: Response, text: str, cause: json.JSONDecodeError) -> None:
        # The two constructors cannot be chained: each takes what follows it for a plain `Exception`.
        json.JSONDecodeError.__init__(self, cause.msg, text, cause.pos)
        self.message = str(cause)
        self.request = response.request
        self.response = response
        self.status_code = response.status_code
        self.body = text

    def __reduce__(self) -> tuple[Any, ...]:
        return APIError.__reduce__(self)


def invalid_json(response: Response, data: bytes) -> InvalidJSONError | None:
    """Return the exception for `data` when it is no JSON, None when it is."""
    try:
        json.loads(data)
    except json.JSONDecodeError as cause:
        return InvalidJSONError(response, cause.doc, cause)
    except UnicodeDecodeError as cause:
        text = data.decode(cause.encoding, errors="replace")
        return InvalidJSONError(response, text, json.JSONDecodeError("Invalid bytes in text", text, cause.start))
    return None
