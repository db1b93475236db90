"""Paths of requests: a template and the arguments that fill it."""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_PLACEHOLDER = re.compile(r"\{(\+?)(\w+)\}")
#: What a path segment may hold besides letters, digits and `-._~` (RFC 3986, section 3.3).
_SAFE = "!$&'()*+,;=:@"


def path(template: str, /, **segments: Any) -> str:
    """Return `template` with each `{name}` replaced by its argument, percent-encoded so that it stays one segment.

    `{+name}` takes the argument as it is, slashes included.

    Raises:
        ValueError: an argument is empty or None, or the path would contain the segment `.` or `..`, which servers and
            proxies take for a way up.
    """
    from urllib.parse import quote

    for name, value in segments.items():
        if not value:
            raise ValueError(f"Expected a non-empty value for `{name}` but received {value!r}")

    def filled(match: re.Match[str]) -> str:
        value = segments[match[2]]
        if value is True:
            value = "true"
        return str(value) if match[1] else quote(str(value), safe=_SAFE)

    result = _PLACEHOLDER.sub(filled, template)
    plain = result.partition("?")[0]
    for segment in plain.split("/"):
        if segment in (".", ".."):
            raise ValueError(f"Constructed path '{plain}' contains dot-segment '{segment}' which is not allowed")
    return result
