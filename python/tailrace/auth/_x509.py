"""Workloads that a client certificate proves: the HTTP client presents it, both for the token and for the API.

The token goes to the one origin that the client was made for: other origins, hosts and credentials are refused, and no
redirect is followed.
"""

from __future__ import annotations

import json
import math
from typing import Any

from .._data_residency import region_url
from .._exceptions import OAuthError, OpenAIError
from .._wire.response import Response
from .._wire.url import URL
from ._workload import DEFAULT_REFRESH_BUFFER, _WorkloadIdentityAuth  # pyright: ignore[reportPrivateUsage]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing_extensions import TypeIs

    from .._api_client import APIClient
    from .._operation import Operation
    from ._exchange import Way
    from ._workload import X509WorkloadIdentity

#: Where certificates are exchanged.
X509_TOKEN_EXCHANGE_URL = "https://mtls.auth.openai.com/oauth/token"  # noqa: S105 - It is no secret.

#: Where the API takes client certificates, by region.
MTLS_BASE_URLS = {
    "global": "https://mtls.api.openai.com/v1",
    "us": "https://mtls-us.api.openai.com/v1",
    "eu": "https://mtls-eu.api.openai.com/v1",
}

#: Retries of an exchange, at most those of the client.
_MOST_RETRIES = 2

_IDS = ("identity_provider_id", "service_account_id")
_OTHER_CREDENTIALS = ("api-key", "x-api-key", "proxy-authorization")


def is_x509_workload_identity(identity: Any) -> TypeIs[X509WorkloadIdentity]:
    """Whether `identity` says that it is proved by a certificate."""
    return hasattr(identity, "get") and identity.get("type") == "x509"


def checked(identity: Any) -> dict[str, Any]:
    """Return a copy of `identity`.

    Raises:
        OpenAIError: it has something else than it may, or not what it must; no value is shown.
    """
    if "provider" in identity or "client_id" in identity:
        raise OpenAIError("X.509 workload identity does not accept a subject-token provider or client ID")
    if not set(identity) <= {"type", "refresh_buffer_seconds", *_IDS}:
        raise OpenAIError("X.509 workload identity accepts only identity IDs and an optional refresh buffer")
    if not all(isinstance(identity.get(name), str) and identity[name] for name in _IDS):
        raise OpenAIError("X.509 workload identity requires identity-provider and service-account IDs")
    buffer = identity.get("refresh_buffer_seconds", DEFAULT_REFRESH_BUFFER)
    try:
        good = not isinstance(buffer, bool) and math.isfinite(buffer) and buffer >= 0
    except (TypeError, OverflowError):
        good = False
    if not good:
        raise OpenAIError("X.509 workload identity requires a finite, non-negative refresh buffer")
    return dict(identity)


def require_https(url: object) -> None:
    """Refuse a base URL that would show a token to whoever listens; raises `OpenAIError`."""
    if URL(str(url)).scheme != "https":
        raise OpenAIError("X.509 workload identity requires an HTTPS base URL")


def mtls_base_url(region: str | None) -> str:
    """Return where the API takes certificates in a region; raises `OpenAIError` where it does not."""
    try:
        return MTLS_BASE_URLS[region or "global"]
    except KeyError:
        raise OpenAIError(f"There is no mTLS endpoint for `data_residency` {region!r}; use global, us or eu") from None


def default_base_url(identity: Any, region: str | None) -> str:
    """Return where the API is for a client with this identity, or with none; raises what `mtls_base_url` raises."""
    return mtls_base_url(region) if is_x509_workload_identity(identity) else region_url(region or "global")


def attached_x509(client: APIClient, identity: Any) -> X509WorkloadIdentityAuth:
    """Return the token of a client whose certificate proves who it is, and see that the client may have it."""
    own = checked(identity)
    if client.has_default_place:
        client.base_url = mtls_base_url(client._data_residency)  # pyright: ignore[reportPrivateUsage]
        client.has_default_place = True
    require_https(client.base_url)
    client.workload_identity = own
    client.drop_ambient_authorization()
    kind = AsyncX509WorkloadIdentityAuth if client.is_async else SyncX509WorkloadIdentityAuth
    return kind(own, min(client.max_retries, _MOST_RETRIES))


class X509WorkloadIdentityAuth(_WorkloadIdentityAuth):
    """The token of a workload with a client certificate, which the HTTP client of its calls presents."""

    _strict = True
    follows_redirects = False

    def __init__(self, identity: dict[str, Any], retries: int) -> None:
        super().__init__(identity, X509_TOKEN_EXCHANGE_URL)
        self._original = dict(identity)
        self._retries = retries

    def _token_type(self) -> str:
        return "urn:openai:params:oauth:token-type:x509"

    def check_base_url(self, url: object) -> None:
        """Refuse another base URL that is not HTTPS."""
        require_https(url)

    def way(self, client: APIClient) -> Way:
        """Return how a call of `client` exchanges: over its own HTTP client, without what that adds to requests."""
        from ._exchange import Way
        from ._x509_transport import bare

        transport = client.transport
        if transport is not None:
            transport = bare(transport, is_async=client.is_async)
        return Way(client.native, transport, client.timeout, is_async=client.is_async, retries=self._retries)

    def transport_for(self, client: APIClient) -> Any:
        """Return the HTTP client of a caller's that sends a call, and refuses what hooks make of it."""
        from ._x509_transport import guarded

        transport = client.transport
        return None if transport is None else guarded(transport, client.base_url_text)

    def needs_token(self, client: APIClient, operation: Operation) -> bool:
        """Refuse what must not have the token; then as for other identities."""
        if dict(self.workload_identity) != self._original:
            raise OpenAIError("The X.509 workload identity of a client cannot be changed; make another client")
        base_url, path = client.target(operation)
        url = path if "://" in path else base_url
        if "\\" in url or origin(url) != origin(base_url):
            raise OpenAIError("X.509 workload identity credentials go to the configured API origin only, over HTTPS")
        fields = operation.header_fields(client.request_headers(None))
        transport = client.transport
        if transport is not None:
            fields = [*transport.headers.items(), *fields]
        check_fields(fields, url)
        return super().needs_token(client, operation)

    def _refused(self, response: Any) -> OAuthError:
        # What an issuer writes beside the code may quote the certificate or the token.
        try:
            code = response.json()["error"]
        except (ValueError, TypeError, KeyError):
            code = None
        body = {"error": code} if isinstance(code, str) else None
        clean = Response(
            response.status_code,
            headers=[("content-type", "application/json")],
            content=json.dumps(body).encode(),
            request=response.request,
        )
        return OAuthError(response=clean, body=body)


class SyncX509WorkloadIdentityAuth(X509WorkloadIdentityAuth):
    """That of a client for blocking calls."""


class AsyncX509WorkloadIdentityAuth(X509WorkloadIdentityAuth):
    """That of a client for calls that are awaited."""


def origin(url: object) -> tuple[str, bytes, int | None]:
    """Return scheme, user and host with port of a URL, where equal origins are equal."""
    parts = URL(str(url))
    return (parts.scheme, parts.userinfo + b"@" + parts.host.encode(), parts.port)


def check_fields(fields: list[tuple[str, Any]], url: object) -> None:
    """Refuse fields that carry other credentials, or that name another host than `url`; raises `OpenAIError`."""
    for name, value in fields:
        lowered = name.lower().replace("_", "-")
        if value is not None and lowered in _OTHER_CREDENTIALS:
            raise OpenAIError("X.509 workload identity requests cannot carry an API key or proxy credentials")
        if lowered == "host" and value is not None and not _names(str(value), URL(str(url))):
            raise OpenAIError("The Host header of an X.509 request must be the authority of the configured API origin")


def _names(host: str, url: URL) -> bool:
    own = url.netloc.decode().lower()
    return host.lower() in (own, f"{own}:443" if url.port is None else own)
