"""A caller's own HTTP client for calls with a certificate: it sends exchanges bare, and calls only where they may go.

Hooks of the client may change what it is handed, so what it would send is looked at where it leaves: in place of its
transport stands one that checks, and then lets the client's own one send.
"""

from __future__ import annotations

from .._exceptions import OpenAIError
from ._x509 import MTLS_BASE_URLS, check_fields, origin

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


class _Checked:
    """The transports of a client of httpx2 or httpx, each behind a check."""

    def __init__(self, http_client: Any, check: Callable[[Any], None]) -> None:
        self._own = http_client
        self._check = check

    def handle_request(self, request: Any) -> Any:
        """Send a request by the transport that the client has for its URL."""
        self._check(request)
        return self._own._transport_for_url(request.url).handle_request(request)

    async def handle_async_request(self, request: Any) -> Any:
        """Do the same with an asynchronous transport."""
        self._check(request)
        return await self._own._transport_for_url(request.url).handle_async_request(request)

    def close(self) -> None:
        """Leave the transports to their client."""

    async def aclose(self) -> None:
        """Leave the transports to their client."""


def bare(http_client: Any, *, is_async: bool) -> Any:
    """Return a client with the transports of `http_client`, and none of its fields, cookies, hooks and credentials."""
    kind = _library_class(http_client)
    if kind is None:
        return http_client
    # One that has nothing of its own needs no context for certificates, which takes long to make.
    return kind(transport=_Checked(http_client, lambda _: None), trust_env=False)


def guarded(http_client: Any, base_url: str) -> Any:
    """Return a client that does all that `http_client` does, and refuses to send the request `send` got elsewhere.

    Methods that a class of the caller's overrides are not asked: they would see the token.
    """
    kind = _library_class(http_client)
    if kind is None:
        return http_client
    twin = object.__new__(kind)
    twin.__dict__.update(vars(http_client))
    twin._mounts, twin._auth = {}, None
    expected: list[str | None] = []

    def check(request: Any) -> None:
        if request.url.scheme != "https" or origin(request.url) != origin(base_url):
            raise OpenAIError("X.509 requests must go to the configured API origin, over HTTPS; a hook changed that")
        fields = list(request.headers.multi_items())
        check_fields(fields, base_url)
        if [value for name, value in fields if name.lower() == "authorization"] != expected:
            raise OpenAIError("The request authorization cannot be changed by a hook of the HTTP client")
        extensions: dict[str, Any] = request.extensions
        if any(str(base_url).startswith(place) for place in MTLS_BASE_URLS.values()):
            name = extensions.get("sni_hostname")
            if extensions.get("target") is not None or name not in (None, request.url.host):
                raise OpenAIError("The TLS hostname and the target of an X.509 request cannot be changed by a hook")

    def build_request(*arguments: Any, **options: Any) -> Any:
        request = kind.build_request(twin, *arguments, **options)
        expected[:] = [value for name, value in request.headers.multi_items() if name.lower() == "authorization"]
        return request

    twin._transport = _Checked(http_client, check)
    twin.build_request = build_request
    return twin


def _library_class(http_client: Any) -> Any:
    for cls in type(http_client).__mro__:
        if cls.__name__ in ("Client", "AsyncClient") and cls.__module__.partition(".")[0] in ("httpx", "httpx2"):
            return cls if hasattr(http_client, "_transport_for_url") else None
    return None
