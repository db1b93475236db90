"""`client.realtime.calls.create`: an SDP offer alone, or with a session in a form of two parts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .._body import encode_body, mapping_items
from .._lazy import LazyType
from .._types import NotGiven, Omit, omit

if TYPE_CHECKING:
    from collections.abc import Awaitable

__all__ = ["async_create", "create"]

BINARY = LazyType("tailrace._legacy_response", "HttpxBinaryResponseContent")


def create(
    calls: Any,
    *,
    sdp: str,
    session: Any = omit,
    extra_headers: Any = None,
    extra_body: Any = None,
    **options: Any,
) -> Any:
    """Send the offer and return the answer of the server, its SDP as the content.

    Raises:
        TypeError: the offer is no string.
    """
    given: dict[str, Any] = {"sdp": sdp, "session": session}
    if extra_body is not None:
        given.update(
            (name, value) for name, value in mapping_items(extra_body, "extra_body") if not isinstance(value, NotGiven)
        )
    given = {name: value for name, value in given.items() if not isinstance(value, (Omit, NotGiven))}
    # The form of the body decides the content type, whatever the caller says.
    headers = {
        "Accept": "application/sdp",
        **{
            name: value
            for name, value in mapping_items(extra_headers or {}, "extra_headers")
            if name.lower() != "content-type"
        },
    }
    if "sdp" in given and not isinstance(given["sdp"], str):
        raise TypeError(f"`sdp` must be a string, not {type(given['sdp']).__name__}.")
    if given.keys() == {"sdp"}:
        headers["Content-Type"] = "application/sdp"
        return calls._request(
            "POST", "/realtime/calls", cast_to=BINARY, body=given["sdp"].encode(), extra_headers=headers, **options
        )
    if "sdp" in given:
        given["sdp"] = (None, given["sdp"].encode(), "application/sdp")
    if "session" in given:
        # A part without a file name, as the server reads it like a field.
        given["session"] = (None, encode_body(given["session"], None), "application/json")
    return calls._request(
        "POST",
        "/realtime/calls",
        cast_to=BINARY,
        body=given,
        files=[["sdp"], ["session"]],
        extra_headers=headers,
        **options,
    )


def async_create(calls: Any, **arguments: Any) -> Awaitable[Any]:
    """Do what `create` does, awaited."""
    return create(calls, **arguments)
