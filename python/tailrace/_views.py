"""Methods of raw views: the same call, with the header that asks for a raw response."""

from __future__ import annotations

from functools import partial, wraps
from typing import Any

from ._operation import RAW_RESPONSE_HEADER, RESPONSE_CLASS_HEADER

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


def raw(method: Callable[..., Any], mode: str, response_class: Any = None) -> Any:
    """Return `method`, its answer handed out raw: a `LegacyAPIResponse` in the mode `true`, else an `APIResponse`.

    `stream` leaves the body on the wire. `response_class` replaces the class of the response.
    """

    @wraps(method)
    def call(*arguments: Any, **keywords: Any) -> Any:
        return method(*arguments, **_with_mode(keywords, mode, response_class))

    return call


def entered(method: Callable[..., Any], manager: Callable[[Any], Any], response_class: Any = None) -> Any:
    """Return `method` as a blocking context manager, whose response is read within the block."""

    @wraps(method)
    def call(*arguments: Any, **keywords: Any) -> Any:
        return manager(partial(method, *arguments, **_with_mode(keywords, "stream", response_class)))

    return call


def async_entered(method: Callable[..., Any], manager: Callable[[Any], Any], response_class: Any = None) -> Any:
    """Return `method` as an async context manager, whose response is read within the block."""

    @wraps(method)
    def call(*arguments: Any, **keywords: Any) -> Any:
        return manager(method(*arguments, **_with_mode(keywords, "stream", response_class)))

    return call


def _with_mode(keywords: dict[str, Any], mode: str, response_class: Any) -> dict[str, Any]:
    headers: dict[str, Any] = {**(keywords.get("extra_headers") or {}), RAW_RESPONSE_HEADER: mode}
    if response_class is not None:
        headers[RESPONSE_CLASS_HEADER] = response_class
    return {**keywords, "extra_headers": headers}
