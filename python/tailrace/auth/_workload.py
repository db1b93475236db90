"""Workload identities: their types, and the token that stands in for a key.

When a token is asked for, and by whom, is decided in Rust (`tailrace-core/src/credentials`).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, Union

from typing_extensions import NotRequired, TypedDict

from .._constants import DEFAULT_TIMEOUT, WORKLOAD_IDENTITY_API_KEY_PLACEHOLDER
from .._exceptions import OAuthError, OpenAIError, error_from, response_from
from .._native import Client, Credentials
from ._subject_tokens import (
    azure_managed_identity_token_provider as _azure,
    gcp_id_token_provider as _gcp,
    k8s_service_account_token_provider as _k8s,
)

if TYPE_CHECKING:
    from .._api_client import APIClient
    from .._native import Failure
    from .._operation import Operation
    from ._exchange import Way

#: Where subject tokens are exchanged.
TOKEN_EXCHANGE_URL = "https://auth.openai.com/oauth/token"  # noqa: S105 - It is no secret.

#: Seconds before its end at which a token is replaced; at most half its life, whatever is given.
DEFAULT_REFRESH_BUFFER = 1200.0

#: What RFC 8693, section 3, calls the types of tokens.
_TOKEN_TYPES = {"jwt": "urn:ietf:params:oauth:token-type:jwt", "id": "urn:ietf:params:oauth:token-type:id_token"}


class SubjectTokenProvider(TypedDict):
    """What proves who a workload is.

    `get_token` returns a fresh token whenever one is exchanged; an async client calls it on a thread.
    """

    token_type: Literal["jwt", "id"]
    get_token: Callable[[], str]


class SubjectTokenWorkloadIdentity(TypedDict):
    """A workload that has a token of somebody else's: of its cluster or its cloud.

    `refresh_buffer_seconds`, 1200 by default, is how long before its end a token is replaced, at most half its life.
    """

    identity_provider_id: str
    service_account_id: str
    provider: SubjectTokenProvider
    refresh_buffer_seconds: NotRequired[float]


WorkloadIdentity = SubjectTokenWorkloadIdentity


class X509WorkloadIdentity(TypedDict):
    """A workload whose HTTP client has a client certificate.

    `refresh_buffer_seconds` is that of `SubjectTokenWorkloadIdentity`.
    """

    type: Literal["x509"]
    identity_provider_id: str
    service_account_id: str
    refresh_buffer_seconds: NotRequired[float]


AnyWorkloadIdentity: TypeAlias = Union[SubjectTokenWorkloadIdentity, X509WorkloadIdentity]


def x509_workload_identity(
    *, identity_provider_id: str, service_account_id: str, refresh_buffer_seconds: float | None = None
) -> X509WorkloadIdentity:
    """Return the identity of a workload that a client certificate proves; the HTTP client has the certificate."""
    identity: X509WorkloadIdentity = {
        "type": "x509",
        "identity_provider_id": identity_provider_id,
        "service_account_id": service_account_id,
    }
    if refresh_buffer_seconds is not None:
        identity["refresh_buffer_seconds"] = refresh_buffer_seconds
    return identity


class _WorkloadIdentityAuth:
    """The token of an identity. Threads, event loops and calls share it; a forked child gets one of its own."""

    workload_identity: Any
    token_exchange_url: str
    #: Attempts of an exchange after the first.
    _most_retries = 0
    _strict = False
    #: Whether calls with the token do.
    follows_redirects = True

    def __init__(self, workload_identity: Any, token_exchange_url: str) -> None:
        self.workload_identity = workload_identity
        self.token_exchange_url = token_exchange_url
        self._held: Credentials | None = None
        self._own_way: Way | None = None

    @property
    def credentials(self) -> Credentials:
        """The native token."""
        held = self._held
        if held is None:
            identity = self.workload_identity
            ids = ("identity_provider_id", "service_account_id")
            ahead = identity.get("refresh_buffer_seconds", DEFAULT_REFRESH_BUFFER)
            held = self._held = Credentials(
                self.token_exchange_url,
                self._token_type(),
                [(name, identity[name]) for name in ids],
                asks_subject=not self._strict,
                ahead=ahead if math.isfinite(ahead) else DEFAULT_REFRESH_BUFFER,
                bearer_only=self._strict,
                falls_back=self._strict,
            )
        return held

    @property
    def _cached_token(self) -> str | None:
        return self.credentials.token()

    def _token_type(self) -> str:
        raise NotImplementedError

    def subject_token(self) -> str:
        """Return what is exchanged; raises what its provider raises."""
        raise NotImplementedError

    def way(self, client: APIClient) -> Way:
        """Return how a call of `client` exchanges."""
        from .._relay import intercepting_client
        from ._exchange import Way

        transport = intercepting_client(asynchronous=client.is_async)
        return Way(client.native, transport, DEFAULT_TIMEOUT, is_async=client.is_async)

    def _standalone(self) -> Way:
        from ._exchange import Way

        way = self._own_way
        if way is None:
            way = self._own_way = Way(Client(), None, DEFAULT_TIMEOUT, is_async=False)
        return way

    def transport_for(self, client: APIClient) -> Any:
        """Return the HTTP client of a caller's that sends a call, or None."""
        return client.transport

    def check_base_url(self, url: object) -> None:
        """Look at a base URL that is assigned to a client; any will do."""

    def needs_token(self, client: APIClient, operation: Operation) -> bool:
        """Whether a request is authenticated by the token, and not by what its caller says."""
        if "bearer_auth" not in operation.security:
            return False
        fields = operation.header_fields([*client.request_headers(None)])
        return not any(
            name.lower() == "authorization" and value != f"Bearer {WORKLOAD_IDENTITY_API_KEY_PLACEHOLDER}"
            for name, value in fields
        )

    def token_for(self, client: APIClient, operation: Operation) -> str | None:
        """Return the token for a request of `client`; None for one that has other credentials.

        Raises:
            OAuthError: the identity was refused.
            APIConnectionError: the token endpoint was not reached.
            OpenAIError: it answered with something else, or the identity cannot be used.
        """
        if not self.needs_token(client, operation):
            return None
        token = self.credentials.token()
        if token is None:
            from ._exchange import exchanged

            token = exchanged(self, self.way(client))
        return token

    async def async_token_for(self, client: APIClient, operation: Operation) -> str | None:
        """Do what `token_for` does; nothing holds up the event loop."""
        if not self.needs_token(client, operation):
            return None
        token = self.credentials.token()
        if token is None:
            from ._exchange import async_exchanged

            token = await async_exchanged(self, self.way(client))
        return token

    def get_token(self) -> str:
        """Return a token, which is exchanged first when there is none or when it is due.

        Raises:
            OAuthError: the identity was refused.
            APIConnectionError: the token endpoint was not reached.
            OpenAIError: it answered with something else.
        """
        from ._exchange import exchanged

        return self.credentials.token() or exchanged(self, self._standalone())

    async def get_token_async(self) -> str:
        """Do what `get_token` does; nothing holds up the event loop."""
        from ._exchange import async_exchanged

        return self.credentials.token() or await async_exchanged(self, self._standalone())

    def invalidate_token(self, token: str | None = None) -> None:
        """Give up `token`, if it is still in use; None gives up whatever is."""
        if token is None:
            self.credentials.discard()
        else:
            self.credentials.refuse(token)

    def failed(self, failure: Failure) -> Exception:
        """Return the exception for an exchange that failed."""
        reply = failure.reply
        if reply is None:
            if failure.code == "invalid_response":
                return OpenAIError(failure.message)
            return error_from(failure, "POST", self.token_exchange_url)
        if reply.status in (400, 401, 403):
            return self._refused(response_from(reply))
        return OpenAIError(f"Token exchange failed with status {reply.status}")

    def _refused(self, response: Any) -> OAuthError:
        try:
            body = response.json()
        except ValueError:
            body = None
        return OAuthError(response=response, body=body)


class WorkloadIdentityAuth(_WorkloadIdentityAuth):
    """The token of a workload that has a subject token.

    Args:
        workload_identity: Whose token it is.
        token_exchange_url: Where it is exchanged.
    """

    workload_identity: WorkloadIdentity

    def __init__(
        self,
        *,
        workload_identity: WorkloadIdentity,
        token_exchange_url: str = TOKEN_EXCHANGE_URL,
        _use_httpx2: bool = True,
    ) -> None:
        super().__init__(workload_identity, token_exchange_url)

    def _token_type(self) -> str:
        kind = self.workload_identity["provider"]["token_type"]
        try:
            return _TOKEN_TYPES[kind]
        except (KeyError, TypeError):
            raise OpenAIError(f"Unsupported token type: {kind!r}. Supported types: jwt, id") from None

    def subject_token(self) -> str:
        """Return what the provider gives; raises what it raises, and `OpenAIError` for what is no token."""
        token: Any = self.workload_identity["provider"]["get_token"]()
        if not token:
            raise OpenAIError("The workload identity provider returned an empty subject token")
        if not isinstance(token, str):
            if hasattr(token, "close"):
                token.close()
            raise OpenAIError(
                f"The workload identity provider must return a string as subject token, not {type(token).__name__}"
            )
        return token


def attached(client: APIClient, identity: Any) -> _WorkloadIdentityAuth:
    """Return the token of a client with `workload_identity=identity`.

    Raises:
        OpenAIError: it is no identity; the message says why.
    """
    if hasattr(identity, "get"):
        if identity.get("type") == "x509":
            from ._x509 import attached_x509

            return attached_x509(client, identity)
        if "provider" in identity:
            return WorkloadIdentityAuth(workload_identity=identity)
    raise OpenAIError("Invalid `workload_identity` configuration: expected an X.509 or subject-token identity")


def k8s_service_account_token_provider(
    token_file_path: str | Path = "/var/run/secrets/kubernetes.io/serviceaccount/token",  # noqa: S107 - It is a path.
) -> SubjectTokenProvider:
    """Return the provider of the service account of a Kubernetes pod, whose token is in a file.

    The file is read at each exchange, because the cluster replaces it.
    """
    return {"token_type": "jwt", "get_token": _k8s(token_file_path)}


def azure_managed_identity_token_provider(
    resource: str = "https://management.azure.com/",
    *,
    object_id: str | None = None,
    client_id: str | None = None,
    msi_res_id: str | None = None,
    api_version: str = "2018-02-01",
    timeout: float = 10.0,
    http_client: Any = None,
) -> SubjectTokenProvider:
    """Return the provider of a managed identity of Azure, whose token the metadata service of the machine gives.

    Args:
        resource: What the token is for.
        object_id: Which identity, where the machine has several; so do `client_id` and `msi_res_id`.
        client_id: The same by its client.
        msi_res_id: The same by its resource.
        api_version: Of the metadata service.
        timeout: Seconds.
        http_client: A client of httpx2 that asks in place of the Rust transport.
    """
    chosen = {"object_id": object_id, "client_id": client_id, "msi_res_id": msi_res_id}
    query = {"api-version": api_version, "resource": resource, **{k: v for k, v in chosen.items() if v is not None}}
    return {"token_type": "jwt", "get_token": _azure(query, timeout, http_client)}


def gcp_id_token_provider(
    audience: str = "https://api.openai.com/v1", *, timeout: float = 10.0, http_client: Any = None
) -> SubjectTokenProvider:
    """Return the provider of the service account of a machine of Google Cloud, whose token its metadata server gives.

    Args:
        audience: Whom the token is for.
        timeout: Seconds.
        http_client: A client of httpx2 that asks in place of the Rust transport.
    """
    return {"token_type": "id", "get_token": _gcp({"audience": audience}, timeout, http_client)}
