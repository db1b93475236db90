"""Clients for Azure OpenAI: where their requests go, and what authenticates them."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any, Union

from .._api_client import APIClient
from .._client import AsyncOpenAI, OpenAI
from .._constants import DEFAULT_MAX_RETRIES
from .._exceptions import OpenAIError
from .._hidden import hidden
from .._path import path as path_of
from .._types import NOT_GIVEN, NotGiven, Omit
from ._azure_redirects import guard, remember_origin

if TYPE_CHECKING:
    from typing_extensions import Self

    from .._operation import Operation
    from .._retry import RetryPolicy
    from .._types import DataResidency, Headers
    from .._wire.timeout import Timeout
    from .._wire.url import URL

    _Fields = list[tuple[str, str | None]]

#: Operations that a deployment serves: their paths stand below `/deployments/{name}`.
_deployments_endpoints = frozenset((
    "/completions",
    "/chat/completions",
    "/embeddings",
    "/audio/transcriptions",
    "/audio/translations",
    "/audio/speech",
    "/images/generations",
    "/images/edits",
))  # fmt: skip

#: The header fields that may authenticate a request, in lower case.
_CREDENTIALS = ("api-key", "authorization")

#: What an API key is where none was given.
API_KEY_SENTINEL = "<missing API key>"

AzureADTokenProvider = Callable[[], str]
AsyncAzureADTokenProvider = Callable[[], Union[str, Awaitable[str]]]


class MutuallyExclusiveAuthError(OpenAIError):
    """More than one kind of credentials was given."""

    def __init__(self) -> None:
        super().__init__(
            "The `api_key`, `azure_ad_token` and `azure_ad_token_provider` arguments are mutually exclusive; Only one "
            "can be passed at a time"
        )


class BaseAzureClient(APIClient):
    """What the two clients share.

    Every argument is read by name. Those that are left out come from the environment: `AZURE_OPENAI_API_KEY` or
    `AZURE_OPENAI_AD_TOKEN` (the token wins), `OPENAI_API_VERSION`, `AZURE_OPENAI_ENDPOINT`, `OPENAI_ORG_ID`,
    `OPENAI_PROJECT_ID`, `OPENAI_WEBHOOK_SECRET`, `OPENAI_CUSTOM_HEADERS`. What is not described here is as for
    `APIClient`.

    Args:
        api_version: Sent as the query parameter `api-version` of every request.
        azure_endpoint: The resource, such as `https://example-resource.azure.openai.com`; not together with `base_url`.
        azure_deployment: The deployment that serves what deployments serve; without it, it is the `model` of each
            request. It counts together with `azure_endpoint` only.
        api_key: Sent as `api-key`; a string, or a function that returns one and is asked before every attempt.
        azure_ad_token: A token of Microsoft Entra, sent as `Authorization: Bearer`.
        azure_ad_token_provider: A function that returns such a token and is asked before every attempt; for an async
            client it may be asynchronous.
        base_url: Where the API is, in place of `{azure_endpoint}/openai`.

    Raises:
        MutuallyExclusiveAuthError: more than one of `api_key`, `azure_ad_token` and `azure_ad_token_provider`.
        OpenAIError: no credentials were found.
        ValueError: no version or no endpoint was found, or both an endpoint and a base URL were given.
    """

    _api_version: str
    _azure_endpoint: URL | None
    _azure_deployment: str | None
    _azure_ad_token: str | None
    _azure_ad_token_provider: Callable[[], Any] | None

    def __init__(
        self,
        *,
        api_version: str | None = None,
        azure_endpoint: str | None = None,
        azure_deployment: str | None = None,
        api_key: str | Callable[[], Any] | None = None,
        admin_api_key: str | None = None,
        workload_identity: Any = None,
        azure_ad_token: str | None = None,
        azure_ad_token_provider: Callable[[], Any] | None = None,
        organization: str | None = None,
        project: str | None = None,
        webhook_secret: str | None = None,
        websocket_base_url: str | URL | Any | None = None,
        base_url: str | URL | Any | None = None,
        timeout: float | Timeout | Any | NotGiven | None = NOT_GIVEN,
        max_retries: int = DEFAULT_MAX_RETRIES,
        strict_end: bool = False,
        default_headers: Mapping[str, Any] | None = None,
        default_query: Mapping[str, object] | None = None,
        http_client: Any = None,
        deadline: float | None = None,
        retry: RetryPolicy | None = None,
        _strict_response_validation: bool = False,
        _enforce_credentials: bool = True,
    ) -> None:
        api_key, admin_api_key, webhook_secret = hidden(api_key), hidden(admin_api_key), hidden(webhook_secret)
        azure_ad_token = hidden(azure_ad_token)
        if hasattr(workload_identity, "get") and workload_identity.get("type") == "x509":
            raise OpenAIError("X.509 workload identity is not supported by Azure clients")
        api_key, azure_ad_token = _credentials(api_key, azure_ad_token, azure_ad_token_provider, _enforce_credentials)
        version = os.environ.get("OPENAI_API_VERSION") if api_version is None else api_version
        if version is None:
            raise ValueError(
                "Must provide either the `api_version` argument or the `OPENAI_API_VERSION` environment variable"
            )
        endpoint = None
        if base_url is None:
            endpoint = os.environ.get("AZURE_OPENAI_ENDPOINT") if azure_endpoint is None else azure_endpoint
            if endpoint is None:
                raise ValueError(
                    "Must provide one of the `base_url` or `azure_endpoint` arguments, or the `AZURE_OPENAI_ENDPOINT` "
                    "environment variable"
                )
            base_url = _root(endpoint)
            if azure_deployment is not None:
                base_url += path_of("/deployments/{azure_deployment}", azure_deployment=azure_deployment)
        elif azure_endpoint is not None:
            raise ValueError("base_url and azure_endpoint are mutually exclusive")
        super().__init__(
            api_key=api_key,
            admin_api_key=admin_api_key,
            workload_identity=workload_identity,
            organization=organization,
            project=project,
            webhook_secret=webhook_secret,
            websocket_base_url=websocket_base_url,
            base_url=base_url,
            timeout=timeout,
            max_retries=max_retries,
            strict_end=strict_end,
            default_headers=default_headers,
            default_query={**(default_query or {}), "api-version": version},
            http_client=http_client,
            deadline=deadline,
            retry=retry,
            _strict_response_validation=_strict_response_validation,
            _enforce_credentials=_enforce_credentials,
        )
        self._api_version = version
        self._azure_ad_token = azure_ad_token
        self._azure_ad_token_provider = azure_ad_token_provider
        if azure_ad_token_provider is not None:
            self.key_source = azure_ad_token_provider
        self._place(endpoint, azure_deployment)
        if self._transport is not None:
            guard(self._transport, asynchronous=self.is_async)

    def _place(self, endpoint: Any, deployment: str | None) -> None:
        from .._wire.url import URL

        self._azure_endpoint = None if endpoint is None else URL(endpoint)
        self._azure_deployment = None if endpoint is None else deployment

    # Where a request goes.

    def target(self, operation: Operation) -> tuple[str, str]:
        """Return the base URL of a request and its path below that, in a deployment if one serves it.

        Raises:
            ValueError: the model cannot be the name of a deployment.
        """
        base_url, path = self.base_url_text, operation.path
        if path in _deployments_endpoints and not _has_deployment(base_url):
            body: Any = operation.body
            model = body.get("model") if hasattr(body, "get") else None
            if model is not None and not isinstance(model, (NotGiven, Omit)):
                path = path_of("/deployments/{model}", model=model) + path
        if self._azure_deployment is not None and path not in _deployments_endpoints:
            # The base URL is that of the deployment, which has nothing else.
            base_url = _root(str(self._azure_endpoint))
        return (base_url, path)

    # Who asks.

    def asks_for_key(self, security: tuple[str, ...]) -> bool:
        """Whether a function gives the credentials of a request, whatever its schemes."""
        return self.key_source is not None

    def accept_key(self, key: object) -> str:
        """Return what the function returned; raises `ValueError` for what is no token, without showing it."""
        if self._azure_ad_token_provider is None:
            return super().accept_key(key)
        # A class of the caller's may have methods that show the token or fail.
        if isinstance(key, str) and str.__len__(key) > 0:
            return hidden(str.__str__(key))
        close = getattr(key, "close", None) if hasattr(key, "__await__") else None
        if close is not None:
            close()
        raise ValueError("Expected `azure_ad_token_provider` argument to return a non-empty string.")

    def credential(self, security: tuple[str, ...], key: str | None) -> tuple[str, str | None]:
        """Return the header field that authenticates a request: a token if there is one, the key otherwise."""
        token = self._azure_ad_token if self._azure_ad_token_provider is None else key
        if token is not None or self._azure_ad_token_provider is not None:
            return ("Authorization", None if token is None else hidden(f"Bearer {token}"))
        if key is None:
            key = self.api_key
        return ("api-key", hidden(key) if key and key != API_KEY_SENTINEL else None)

    def header_fields(self, operation: Operation, read_timeout: float | None, key: str | None) -> tuple[_Fields, bool]:
        """Return the fields of a request in rising precedence, and whether the function is asked again for a retry.

        Credentials of the client win over its default headers (realtime sockets apart), the caller's over both.

        Raises:
            ValueError: nothing authenticates the request.
            TypeError: the same, with a default header that was left out on purpose.
        """
        name, value = self.credential(operation.security, key)
        given = {str(field).lower() for field in operation.extra_headers or ()}
        fields = self.request_headers(read_timeout)
        if value is not None:
            # Realtime sockets alone have them below the default headers, as in the official package.
            fields.insert(0 if operation.path == "/realtime" else len(fields), (name, value))
        elif given.isdisjoint(_CREDENTIALS):
            _require_credentials(fields)
        asks = self.asks_for_key(operation.security) and name.lower() not in given
        return (operation.header_fields(fields), asks)

    def about_to_relay(self, request: Any) -> None:
        """Note where a request goes, so that its key goes nowhere else."""
        remember_origin(request)

    @property
    def auth_headers(self) -> dict[str, str]:
        """The credentials as header fields; empty where a function gives them."""
        name, value = self.credential((), None)
        return {} if value is None else {name: value}

    def copy(
        self,
        *,
        api_key: str | Callable[[], Any] | None = None,
        admin_api_key: str | None = None,
        workload_identity: Any = None,
        provider: Any = NOT_GIVEN,
        organization: str | None = None,
        project: str | None = None,
        webhook_secret: str | None = None,
        websocket_base_url: str | URL | Any | None = None,
        api_version: str | None = None,
        azure_ad_token: str | None = None,
        azure_ad_token_provider: Callable[[], Any] | None = None,
        base_url: str | URL | Any | NotGiven | None = NOT_GIVEN,
        data_residency: DataResidency | None = None,
        timeout: float | Timeout | Any | NotGiven | None = NOT_GIVEN,
        http_client: Any = None,
        max_retries: int | NotGiven = NOT_GIVEN,
        strict_end: bool | NotGiven = NOT_GIVEN,
        default_headers: Headers | None = None,
        set_default_headers: Headers | None = None,
        default_query: Mapping[str, object] | None = None,
        set_default_query: Mapping[str, object] | None = None,
        deadline: float | NotGiven | None = NOT_GIVEN,
        retry: RetryPolicy | NotGiven | None = NOT_GIVEN,
        _enforce_credentials: bool | None = None,
        _extra_kwargs: Mapping[str, Any] = {},
    ) -> Self:
        """Return a client with these options replaced; it shares its connections with this one.

        Credentials of one kind replace those of another. A `base_url` takes the place of endpoint and deployment.

        Raises:
            MutuallyExclusiveAuthError: more than one kind of credentials was given.
            OpenAIError: `provider` or `data_residency` was given.
            ValueError: both forms were given for the headers or for the query.
        """
        if provider is not None and not isinstance(provider, NotGiven):
            prefix = "Async" if self.is_async else ""
            raise OpenAIError(f"Configure `provider` on `{prefix}OpenAI`, not on `{prefix}AzureOpenAI.with_options()`.")
        if data_residency is not None:
            raise OpenAIError("`data_residency` is only supported by OpenAI clients")
        api_key, azure_ad_token = hidden(api_key), hidden(azure_ad_token)
        if api_key is None and azure_ad_token is None and azure_ad_token_provider is None:
            azure_ad_token, azure_ad_token_provider = self._azure_ad_token, self._azure_ad_token_provider
            if azure_ad_token is None and azure_ad_token_provider is None:
                api_key = self.key_source or self.api_key
        copied = super().copy(
            # The key of this client is not that of a copy with a token.
            api_key=api_key or API_KEY_SENTINEL,
            admin_api_key=admin_api_key,
            workload_identity=workload_identity,
            organization=organization,
            project=project,
            webhook_secret=webhook_secret,
            websocket_base_url=websocket_base_url,
            base_url=base_url,
            timeout=timeout,
            http_client=http_client,
            max_retries=max_retries,
            strict_end=strict_end,
            default_headers=default_headers,
            set_default_headers=set_default_headers,
            default_query=default_query,
            set_default_query=set_default_query,
            deadline=deadline,
            retry=retry,
            _enforce_credentials=_enforce_credentials,
            _extra_kwargs={
                "api_version": api_version or self._api_version,
                "azure_ad_token": azure_ad_token,
                "azure_ad_token_provider": azure_ad_token_provider,
                **_extra_kwargs,
            },
        )
        if base_url is None or isinstance(base_url, NotGiven):
            copied._azure_endpoint, copied._azure_deployment = self._azure_endpoint, self._azure_deployment
        return copied

    #: Another name of `copy`, which reads better in front of a call: `client.with_options(timeout=5).chat...`.
    with_options = copy


class AzureOpenAI(BaseAzureClient, OpenAI):
    """The client of Azure for blocking calls. It may be shared between threads.

    The arguments are those of `BaseAzureClient`. As a context manager it closes itself at the end.
    """


class AsyncAzureOpenAI(BaseAzureClient, AsyncOpenAI):
    """The client of Azure for calls that are awaited, on asyncio, uvloop or trio.

    The arguments are those of `BaseAzureClient`. As an async context manager it closes itself at the end.
    """


def _credentials(key: Any, token: Any, provider: Any, enforced: bool) -> tuple[Any, Any]:
    """Return the key and the token that the arguments and the environment give."""
    missing = key == API_KEY_SENTINEL
    if [not missing and key is not None, token is not None, provider is not None].count(True) > 1:
        raise MutuallyExclusiveAuthError
    if key is None and token is None and provider is None:
        token = os.environ.get("AZURE_OPENAI_AD_TOKEN")
        if token is None:
            key = os.environ.get("AZURE_OPENAI_API_KEY")
            if key is None and enforced:
                raise OpenAIError(
                    "Missing credentials. Please pass one of `api_key`, `azure_ad_token`, `azure_ad_token_provider`, "
                    "or the `AZURE_OPENAI_API_KEY` or `AZURE_OPENAI_AD_TOKEN` environment variables."
                )
    return (API_KEY_SENTINEL if key is None else key, token)


def _root(endpoint: Any) -> str:
    return f"{str(endpoint).rstrip('/')}/openai"


def _has_deployment(base_url: str) -> bool:
    # The name of a host may have the word in it, too.
    return "/deployments" in base_url.partition("://")[2]


def _require_credentials(fields: _Fields) -> None:
    found = {name.lower(): value for name, value in fields if name.lower() in _CREDENTIALS}
    if any(value is not None for value in found.values()):
        return
    if not found:
        raise ValueError("Unable to handle auth")
    raise TypeError(
        '"Could not resolve authentication method. Expected either api_key, azure_ad_token or azure_ad_token_provider '
        'to be set. Or for one of the `Authorization` or `api-key` headers to be explicitly supplied or omitted"'
    )
