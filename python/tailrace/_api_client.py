"""`APIClient`: the options of a client, the environment, `copy`, and what each request takes from them."""

from __future__ import annotations

import os
import sys

from ._authentication import Authentication
from ._constants import (
    COMPATIBLE_VERSION,
    DEFAULT_MAX_CONNECTIONS,
    DEFAULT_MAX_RETRIES,
    DEFAULT_TIMEOUT,
    WORKLOAD_IDENTITY_API_KEY_PLACEHOLDER,
)
from ._hidden import hidden
from ._options import (
    base_url_from,
    checked_deadline,
    checked_retries,
    checked_timeout,
    header_fields,
    headers_with_environment,
    items,
    merged_defaults,
    optional_text,
    text,
)
from ._types import NOT_GIVEN, NotGiven, Omit

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import ModuleType
    from typing import Any

    from typing_extensions import Self

    from ._native import Client as NativeClient
    from ._operation import Operation
    from ._provider import Provider
    from ._query_string import Querystring
    from ._retry import RetryPolicy
    from ._types import DataResidency, Headers
    from ._wire.timeout import Timeout
    from ._wire.url import URL

if os.environ.get("TAILRACE_LOG") or os.environ.get("OPENAI_LOG"):
    from . import _logs

    _logs.set_up(os.environ.get("TAILRACE_LOG") or os.environ["OPENAI_LOG"])


class _Connection:
    """What a client and its copies share: the native client, and whether it was closed."""

    __slots__ = ("closed", "native")

    native: NativeClient | None
    closed: bool

    def __init__(self) -> None:
        self.native = None
        self.closed = False


class APIClient(Authentication):
    """The options of a client, checked once, and what each request takes from them.

    Every argument is read by name. Those that are left out come from the environment: `OPENAI_API_KEY`,
    `OPENAI_ADMIN_KEY`, `OPENAI_ORG_ID`, `OPENAI_PROJECT_ID`, `OPENAI_BASE_URL`, `OPENAI_WEBHOOK_SECRET`,
    `OPENAI_CUSTOM_HEADERS` (lines of `Name: value`).

    Args:
        api_key: Sent as `Authorization: Bearer`; a string, or a function that returns one and is asked before every
            attempt. For an async client the function may be asynchronous.
        admin_api_key: Sent as `Authorization: Bearer` by the operations of the admin API.
        workload_identity: Who the caller is, in place of `api_key` (see `tailrace.auth`): it is exchanged for a token.
        organization: Sent as `OpenAI-Organization`.
        project: Sent as `OpenAI-Project`.
        webhook_secret: Kept for the verification of webhooks.
        provider: What `tailrace.providers.bedrock()` or `vertex()` returned, in place of keys and `base_url`; then the
            environment has a part in nothing but `webhook_secret`.
        base_url: Where the API is; a string or a URL object. The default is `https://api.openai.com/v1`.
        data_residency: A region, in place of `base_url`.
        websocket_base_url: Kept for sockets.
        timeout: Seconds for each of connecting, reading, writing and waiting for a connection, a `Timeout`, or None
            for no limit. The default is 600 with 5 to connect. It is for each attempt.
        deadline: Seconds for a whole call: its attempts, the pauses between them and a stream to its end; None, the
            default, for no limit.
        max_retries: Attempts after the first one.
        retry: A `RetryPolicy`: other pauses, a hook before each retry, no retry once the quota is used up. Its
            `max_retries` goes before the one here.
        strict_end: Raise `APIConnectionError` at the end of a stream that ended uncleanly (see `Stream.ended_cleanly`).
        default_headers: Sent with every request; `omit` as a value removes a header that is sent otherwise.
        default_query: Sent with every request.
        http_client: A client of httpx2 or httpx that sends the requests in place of the Rust transport, or one of the
            default clients, such as `DefaultHttpxClient(proxy=...)`, whose options say how that transport connects.

    Raises:
        OpenAIError: no credentials were found.
        TypeError, ValueError: an argument has the wrong type or value.
        NotImplementedError: an argument that this release does not support.
    """

    organization: str | None
    project: str | None
    webhook_secret: str | None
    websocket_base_url: str | URL | None
    timeout: float | Timeout | None
    deadline: float | None
    max_retries: int
    #: Whether a stream that ends uncleanly raises.
    strict_end: bool
    retry: RetryPolicy | None = None

    #: Whether calls are awaited.
    is_async = False

    _provider: Provider | None = None
    _transport: Any = None
    _workload_identity_auth: Any = None

    def __init__(
        self,
        *,
        api_key: str | Callable[[], Any] | None = None,
        admin_api_key: str | None = None,
        workload_identity: Any = None,
        organization: str | None = None,
        project: str | None = None,
        webhook_secret: str | None = None,
        provider: Any = None,
        base_url: str | URL | Any | NotGiven | None = NOT_GIVEN,
        data_residency: DataResidency | None = None,
        websocket_base_url: str | URL | Any | None = None,
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
        own = provider is None
        if not own:
            from ._provider import attach

            self._provider = provider
            self.runtime = attach(
                provider,
                data_residency=data_residency,
                api_key=api_key,
                admin_api_key=admin_api_key,
                workload_identity=workload_identity,
                base_url=base_url,
            )
            api_key, base_url = "", self.runtime.base_url
        if workload_identity is not None:
            if api_key is not None:
                from ._exceptions import OpenAIError

                raise OpenAIError("The `api_key` and `workload_identity` arguments are mutually exclusive")
            api_key = WORKLOAD_IDENTITY_API_KEY_PLACEHOLDER
        self.key_source = None
        if callable(api_key):
            self.key_source = api_key
            self.api_key = ""
        else:
            self.api_key = os.environ.get("OPENAI_API_KEY", "") if api_key is None else text(api_key, "api_key")
        self.admin_api_key = optional_text(admin_api_key, "admin_api_key", "OPENAI_ADMIN_KEY" if own else None)
        self.workload_identity = workload_identity
        if own and _enforce_credentials and not self.api_key and not self.key_source and not self.admin_api_key:
            from ._exceptions import OpenAIError

            raise OpenAIError(
                "Missing credentials. Please pass an `api_key`, `workload_identity`, `admin_api_key`, or set the "
                "`OPENAI_API_KEY` or `OPENAI_ADMIN_KEY` environment variable."
            )
        self.organization = optional_text(organization, "organization", "OPENAI_ORG_ID" if own else None)
        self.project = optional_text(project, "project", "OPENAI_PROJECT_ID" if own else None)
        self.webhook_secret = optional_text(webhook_secret, "webhook_secret", "OPENAI_WEBHOOK_SECRET")
        self.websocket_base_url = websocket_base_url
        self._data_residency = data_residency
        self._base_url: str | URL = base_url_from(base_url, data_residency, websocket_base_url)
        self._base_url_text: str | None = None
        given = base_url is not None and not isinstance(base_url, NotGiven)
        #: Whether the base URL is one of this package's own, which another kind of credentials has elsewhere.
        self.has_default_place = not given and (data_residency is not None or "OPENAI_BASE_URL" not in os.environ)
        if http_client is not None:
            http_client, timeout = self._accepted(http_client, timeout)
        self._http_client = http_client
        self.timeout = DEFAULT_TIMEOUT if isinstance(timeout, NotGiven) else checked_timeout(timeout)
        self.deadline = checked_deadline(deadline)
        self.max_retries = checked_retries(max_retries)
        if retry is not None:
            self._take_retry(retry)
        self.strict_end = strict_end
        self._custom_headers: Mapping[str, Any] = headers_with_environment(default_headers, own=own)
        self._given_headers: Mapping[str, Any] = dict(items(default_headers or {}, "default_headers"))
        self._custom_query: Mapping[str, object] = (
            {} if default_query is None else dict(items(default_query, "default_query"))
        )
        self._strict_response_validation = _strict_response_validation
        self._enforce_credentials = _enforce_credentials
        self._connection = _Connection()
        if workload_identity is not None:
            from .auth._workload import attached

            self.identity = self._workload_identity_auth = attached(self, workload_identity)

    def _take_retry(self, retry: RetryPolicy | None) -> None:
        from ._retry import checked_retry

        self.retry = retry = checked_retry(retry)
        if retry is not None and retry.max_retries is not None:
            self.max_retries = retry.max_retries

    def _accepted(self, http_client: Any, timeout: Any) -> tuple[Any, Any]:
        """Return what was passed as `http_client`, and the timeout of this client, which may be that of the other."""
        from ._relay import accepted_transport, own_timeout

        # A default client with options that only httpx2 has is one of httpx2.
        http_client = getattr(http_client, "relayed", None) or http_client
        transport = accepted_transport(http_client, asynchronous=self.is_async)
        if transport is None:
            from ._http_clients import accepted_http_client

            accepted = accepted_http_client(http_client, asynchronous=self.is_async)
            return (accepted, accepted.timeout if isinstance(timeout, NotGiven) else timeout)
        self._transport = transport
        given = own_timeout(transport) if isinstance(timeout, NotGiven) else None
        return (transport, timeout if given is None else given)

    # Options, as attributes.

    @property
    def base_url(self) -> URL:
        """The base URL, ending in `/`. It can be assigned: a string or a URL object."""
        from ._wire.url import URL, with_trailing_slash

        return with_trailing_slash(URL(self._base_url))

    @base_url.setter
    def base_url(self, url: str | URL) -> None:
        if self.identity is not None:
            self.identity.check_base_url(url)
        self.has_default_place = False
        self._base_url = base_url_from(url, None, None)
        self._base_url_text = None

    @property
    def user_agent(self) -> str:
        """The `User-Agent` field."""
        return f"{type(self).__name__}/Python {COMPATIBLE_VERSION}"

    @property
    def qs(self) -> Querystring:
        """What writes a mapping as a query, as the requests of this client have it."""
        from ._query_string import Querystring

        return Querystring()

    @property
    def custom_auth(self) -> None:
        """None: authentication other than by headers belongs to a transport of the caller."""
        return

    def platform_headers(self) -> dict[str, str]:
        """Return the `X-Stainless-*` fields that describe this machine."""
        from ._platform import platform_headers

        return dict(platform_headers())

    @property
    def default_headers(self) -> dict[str, str | Omit]:
        """What every request sends besides credentials; fields with `Omit` are not sent. The dictionary is a copy."""
        from ._platform import async_library, platform_headers
        from ._types import omit

        return {
            "Accept": "application/json",
            "Content-Type": "application/json",
            "User-Agent": self.user_agent,
            **dict(platform_headers()),
            "X-Stainless-Async": async_library(self.is_async),
            "OpenAI-Organization": omit if self.organization is None else self.organization,
            "OpenAI-Project": omit if self.project is None else self.project,
            **self._custom_headers,
        }

    @property
    def default_query(self) -> dict[str, object]:
        """What every request sends in its query. The dictionary is a copy."""
        return dict(self._custom_query)

    # What one request needs; called by `_call`.

    @property
    def base_url_text(self) -> str:
        """The base URL as text."""
        text = self._base_url_text
        if text is None:
            text = self._base_url_text = str(self._base_url)
        return text

    @property
    def strict(self) -> bool:
        """Whether responses are validated."""
        return self._strict_response_validation

    @property
    def logs(self) -> ModuleType | None:
        """The module that logs, when somebody may listen, else None."""
        # Importing `logging` costs more than this package, and where nobody imported it nobody has a handler.
        if "logging" not in sys.modules:
            return None
        from . import _logs

        return _logs

    @property
    def transport(self) -> Any:
        """The HTTP client of the caller's that sends requests in place of the Rust transport, or None."""
        if self._transport is None and "httpcore2" in sys.modules:
            from ._relay import intercepting_client

            return intercepting_client(asynchronous=self.is_async)
        return self._transport

    @property
    def _client(self) -> Any:
        # Private in the official package, too, where many look at it: the HTTP client that was passed.
        return self._http_client

    @property
    def native(self) -> NativeClient:
        """The native client; made at the first request and shared with copies.

        Raises:
            RuntimeError: the client was closed.
        """
        connection = self._connection
        if connection.closed:
            raise RuntimeError("Cannot send a request, as the client has been closed.")
        native = connection.native
        if native is None:
            from ._native import Client

            make = getattr(self._http_client, "_native_client", None)
            native = connection.native = make() if make else Client(max_connections=DEFAULT_MAX_CONNECTIONS)
        return native

    def request_headers(self, read_timeout: float | None) -> list[tuple[str, str | None]]:
        """Return the header fields of a request without its credentials, in rising precedence."""
        from ._platform import async_library, platform_headers

        fields: list[tuple[str, str | None]] = [
            ("Accept", "application/json"),
            ("Content-Type", "application/json"),
            ("User-Agent", self.user_agent),
            *platform_headers(),
            ("X-Stainless-Async", async_library(self.is_async)),
            ("OpenAI-Organization", self.organization),
            ("OpenAI-Project", self.project),
        ]
        if self._custom_headers:
            fields += header_fields(self._custom_headers, "default_headers")
        if read_timeout is not None:
            fields.append(("x-stainless-read-timeout", str(read_timeout)))
        return fields

    def query_with(self, query: Mapping[str, object] | None) -> Mapping[str, object]:
        """Return the query of a request: the default one with `query` over it, without what was left out."""
        default = self._custom_query
        merged = default if query is None else {**default, **query} if default else query
        if any(isinstance(value, (NotGiven, Omit)) for value in merged.values()):
            return {name: value for name, value in merged.items() if not isinstance(value, (NotGiven, Omit))}
        return merged

    def target(self, operation: Operation) -> tuple[str, str]:
        """Return the base URL of a request and its path below that."""
        return (self.base_url_text, operation.path)

    # Copies and the end.

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

        `default_headers` and `default_query` are merged over those of this client; `set_default_headers` and
        `set_default_query` replace them.

        Another `provider`, or None in place of one, inherits no credentials, headers, organization or project.

        Raises:
            OpenAIError: `provider` or what it excludes was given, see `_provider.attach`.
            ValueError: both forms were given for the headers or for the query.
        """
        api_key, admin_api_key, webhook_secret = hidden(api_key), hidden(admin_api_key), hidden(webhook_secret)
        # A key takes the place of an identity, and the other way round.
        identity = workload_identity if workload_identity is not None or api_key is not None else self.workload_identity
        # What belongs to one provider is nothing for another, nor for the API itself.
        kept = self._provider if isinstance(provider, NotGiven) else provider
        inherits = kept is self._provider
        own = inherits and kept is None
        headers: Mapping[str, Any] = self._given_headers if inherits else {}
        headers = merged_defaults(headers, default_headers, set_default_headers, "headers")
        query = merged_defaults(self._custom_query, default_query, set_default_query, "query")
        place: dict[str, Any] = {} if kept is None else {"provider": kept}
        if data_residency is not None:
            place["data_residency"] = data_residency
            place["base_url"] = base_url
        elif base_url is not None and not isinstance(base_url, NotGiven):
            place["base_url"] = base_url
        elif own:
            place["base_url"] = self._place_for(identity)
        copied = self.__class__(
            api_key=(api_key or self.key_source or self.api_key) if own and identity is None else api_key,
            admin_api_key=(admin_api_key or self.admin_api_key) if own else admin_api_key,
            workload_identity=identity if own else workload_identity,
            organization=organization or (self.organization if inherits else None),
            project=project or (self.project if inherits else None),
            webhook_secret=webhook_secret or self.webhook_secret,
            websocket_base_url=websocket_base_url or (self.websocket_base_url if data_residency is None else None),
            timeout=self.timeout if isinstance(timeout, NotGiven) else timeout,
            deadline=self.deadline if isinstance(deadline, NotGiven) else deadline,
            http_client=self._http_client if http_client is None else http_client,
            max_retries=self.max_retries if isinstance(max_retries, NotGiven) else max_retries,
            default_headers=headers,
            default_query=query,
            _strict_response_validation=self._strict_response_validation,
            _enforce_credentials=self._enforce_credentials if _enforce_credentials is None else _enforce_credentials,
            **place,
            **_extra_kwargs,
        )
        copied._connection = self._connection
        if own and data_residency is None and (base_url is None or isinstance(base_url, NotGiven)):
            copied.has_default_place, copied._data_residency = self.has_default_place, self._data_residency
        # Set here rather than passed, because a subclass may have a constructor with the official arguments.
        copied.strict_end = self.strict_end if isinstance(strict_end, NotGiven) else strict_end
        copied.retry = self.retry
        if not isinstance(retry, NotGiven):
            copied._take_retry(retry)
        return copied

    def drop_ambient_authorization(self) -> None:
        """Forget an `Authorization` that only `OPENAI_CUSTOM_HEADERS` has."""
        given = self._given_headers
        self._custom_headers = {
            name: value
            for name, value in self._custom_headers.items()
            if name.lower() != "authorization" or name in given
        }

    def _place_for(self, identity: Any) -> str | URL:
        if not self.has_default_place or (identity is None and self.identity is None):
            return self._base_url
        from .auth._x509 import default_base_url

        return default_base_url(identity, self._data_residency)

    #: Another name of `copy`, which reads better in front of a call: `client.with_options(timeout=5).chat...`.
    with_options = copy

    def is_closed(self) -> bool:
        """Whether `close()` was called on this client or on one that shares its connections."""
        return self._connection.closed or bool(getattr(self._http_client, "is_closed", False))

    def _close(self) -> None:
        self._connection.closed = True
        self._connection.native = None
