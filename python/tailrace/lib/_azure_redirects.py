"""The field `api-key` stays with the origin that it was meant for, also in a caller's own HTTP client.

Such a client takes `Authorization` from a request that a redirect leads to another origin; this field it does not know.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

#: Where the origin of the first request stands among what goes along with a request and those that follow it.
_ORIGIN = "tailrace.azure_origin"


def guard(http_client: Any, *, asynchronous: bool) -> None:
    """Have `http_client` look at every request before it is sent; once, however many clients share it."""
    hooks: Any = getattr(http_client, "event_hooks", None)
    if hooks is None:
        return
    hook = _async_strip if asynchronous else _strip
    if hook not in hooks["request"]:
        hooks["request"].append(hook)


def remember_origin(request: Any) -> None:
    """Say that `request` carries a key for where it goes."""
    extensions = getattr(request, "extensions", None)
    if isinstance(extensions, dict):
        extensions[_ORIGIN] = _origin(request.url)


def _strip(request: Any) -> None:
    # Requests of others that share the HTTP client have no mark, and are left alone.
    origin = request.extensions.get(_ORIGIN)
    if origin is not None and origin != _origin(request.url):
        request.headers.pop("api-key", None)


async def _async_strip(request: Any) -> None:
    _strip(request)


def _origin(url: Any) -> tuple[str, str, int | None]:
    port = url.port
    return (url.scheme, url.host, {"http": 80, "https": 443}.get(url.scheme) if port is None else port)
