"""`BedrockOpenAI`: a client of Amazon Bedrock whose options can be assigned.

New code has more of `OpenAI(provider=bedrock(...))`, which does the same.
"""

# What is an attribute of other clients is made anew here for what was assigned.
# pyright: reportIncompatibleVariableOverride=false

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any, Union

from .._api_client import APIClient
from .._client import AsyncOpenAI, OpenAI
from .._constants import DEFAULT_MAX_RETRIES
from .._exceptions import OpenAIError
from .._options import merged_defaults
from .._provider import Provider
from .._types import NOT_GIVEN, NotGiven
from ..providers._bedrock_runtime import BedrockRuntime
from ..providers.bedrock import (
    AwsCredentialsProvider as AwsCredentialsProvider,
    Place,
    aws_source,
    checked_region,
    configured_url,
    environment_region,
    environment_token,
    resolve,
)
from ._bedrock_auth import BedrockAwsAuthConfig, region_of

if TYPE_CHECKING:
    from typing_extensions import Self

    from .._retry import RetryPolicy
    from .._types import DataResidency, Headers
    from .._wire.timeout import Timeout
    from .._wire.url import URL

BedrockTokenProvider = Callable[[], str]
AsyncBedrockTokenProvider = Callable[[], Union[str, Awaitable[str]]]

#: The options that are credentials of AWS, and what `BedrockAwsAuthConfig` calls them.
_AWS = {
    "aws_profile": "profile", "aws_access_key_id": "access_key_id", "aws_secret_access_key": "secret_access_key",
    "aws_session_token": "session_token", "aws_credentials_provider": "credentials_provider",
}  # fmt: skip


class _State:
    """What a client was told, in its `repr` not."""

    explicit_api_key: str | None
    aws_region: str | None
    region_was_explicit: bool
    aws_profile: str | None
    aws_access_key_id: str | None
    aws_secret_access_key: str | None
    aws_session_token: str | None
    aws_credentials_provider: AwsCredentialsProvider | None
    #: The base URL where it is that of the region, None where one was given.
    derived_url: str | None = None

    @property
    def uses_region_derived_base_url(self) -> bool:
        """Whether the base URL is that of the region."""
        return self.derived_url is not None

    def aws(self) -> dict[str, Any]:
        """Return the options that are credentials of AWS and were given."""
        return {name: value for name in _AWS if (value := getattr(self, name)) is not None}

    def config(self) -> BedrockAwsAuthConfig:
        """Return the same as what signs."""
        names = {"aws_access_key_id": "static", "aws_profile": "profile", "aws_credentials_provider": "provider"}
        given = self.aws()
        source = next((source for name, source in names.items() if name in given), "default")
        options = {_AWS[name]: value for name, value in given.items()}
        return BedrockAwsAuthConfig(region=self.aws_region, source=source, **options)


class BaseBedrockClient(APIClient):
    """What the two clients share.

    Every argument is read by name. What is left out comes from the environment: `AWS_BEARER_TOKEN_BEDROCK`,
    `AWS_REGION` or `AWS_DEFAULT_REGION`, `AWS_BEDROCK_BASE_URL`, `OPENAI_WEBHOOK_SECRET`; without a token botocore
    looks for credentials. What is not described here is as for `APIClient`. `api_key`, `aws_region` and `base_url` can
    be assigned.

    Args:
        api_key: Sent as `Authorization: Bearer`.
        bedrock_token_provider: A function that returns such a token and is asked before every attempt; for an async
            client it may be asynchronous.
        aws_region: Such as `us-west-2`.
        aws_profile: A name in the files of AWS; the credentials of AWS sign each attempt in place of a token.
        aws_access_key_id: Together with `aws_secret_access_key`, and `aws_session_token` where they are temporary.
        aws_credentials_provider: A function that returns credentials as botocore has them, before every attempt.
        base_url: Where the API is, in place of the address of the service in the region.

    Raises:
        OpenAIError: the region is missing, or credentials are incomplete or of more than one kind.
    """

    _bedrock_token_provider: Callable[[], Any] | None
    _runtime: BedrockRuntime | None = None
    _made_for: tuple[str, str | None, str] | None = None

    def __init__(
        self,
        *,
        api_key: str | None = None,
        bedrock_token_provider: Callable[[], Any] | None = None,
        aws_region: str | None = None,
        aws_profile: str | None = None,
        aws_access_key_id: str | None = None,
        aws_secret_access_key: str | None = None,
        aws_session_token: str | None = None,
        aws_credentials_provider: AwsCredentialsProvider | None = None,
        organization: str | None = None,
        project: str | None = None,
        webhook_secret: str | None = None,
        base_url: str | URL | Any | None = None,
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
        _refuse_function(api_key)
        if api_key is not None and not api_key.strip():
            raise OpenAIError("The `api_key` argument must not be empty.")
        keys = (aws_access_key_id, aws_secret_access_key, aws_session_token)
        tokens = [token for token in (api_key, bedrock_token_provider) if token is not None]
        # Two tokens are as ambiguous as a token and a key.
        source = aws_source(keys, aws_profile, aws_credentials_provider or (tokens[1:] or None), is_bearer=bool(tokens))
        state = self._bedrock_state = _State()
        given = (aws_profile, *keys, aws_credentials_provider)
        state.__dict__.update(zip(_AWS, given, strict=True), explicit_api_key=api_key)
        if api_key is None and bedrock_token_provider is None and source == "default":
            api_key = environment_token()
        self._is_bearer = api_key is not None or bedrock_token_provider is not None
        self._bedrock_token_provider = bedrock_token_provider
        url = configured_url(NOT_GIVEN if base_url is None else base_url)
        place = resolve(None, aws_region, url, is_bearer=self._is_bearer)
        state.region_was_explicit = aws_region is not None
        state.aws_region = environment_region() or place.region if aws_region is None else place.region
        if state.aws_region is None and not self._is_bearer:
            state.aws_region = checked_region(region_of(state.config()))
        state.derived_url = None if url else Place(place.endpoint, state.aws_region, None).url()
        super().__init__(
            provider=Provider("BedrockOpenAI", lambda: self._made(api_key or "", url or state.derived_url)),
            organization=organization,
            project=project,
            webhook_secret=webhook_secret,
            websocket_base_url=websocket_base_url,
            timeout=timeout,
            max_retries=max_retries,
            strict_end=strict_end,
            default_headers=default_headers,
            default_query=default_query,
            http_client=http_client,
            deadline=deadline,
            retry=retry,
            _strict_response_validation=_strict_response_validation,
            _enforce_credentials=_enforce_credentials,
        )
        # That was the one for the constructor.
        self.api_key, self._runtime = api_key or "", None

    @property
    def aws_region(self) -> str | None:
        """The region. Assigning it changes the base URL too, unless one was given; None is that of the profile."""
        state = self._bedrock_state
        if state.aws_region is None and not self._is_bearer:
            state.aws_region = checked_region(region_of(state.config()))
        return state.aws_region

    @aws_region.setter
    def aws_region(self, region: str | None) -> None:
        state, derived = self._bedrock_state, self._is_derived
        state.aws_region, state.region_was_explicit = checked_region(region), region is not None
        if derived and self.aws_region is not None:
            self.base_url = state.derived_url = Place("mantle", state.aws_region, None).url()

    @property
    def _is_derived(self) -> bool:
        return self.base_url_text.rstrip("/") == self._bedrock_state.derived_url

    def _uses_aws_auth(self) -> bool:
        return not (self._is_bearer or self.api_key)

    def _refresh_api_key(self) -> Any:
        return self.api_key if self._bedrock_token_provider is None else self._bedrock_token_provider()

    # What `OpenAI(provider=...)` has once, this client has anew for what was assigned.

    @property
    def runtime(self) -> BedrockRuntime:
        """Where requests go now, and what authenticates them."""
        if self._runtime is not None and self._made_for is None:
            return self._runtime
        state = (self.base_url_text.rstrip("/"), self._bedrock_state.aws_region, self.api_key)
        if self._runtime is None or self._made_for != state:
            self._runtime, self._made_for = self._made(self.api_key, state[0]), state
        return self._runtime

    @runtime.setter
    def runtime(self, runtime: BedrockRuntime) -> None:
        self._runtime = runtime

    def _made(self, token: str, url: str | None) -> BedrockRuntime:
        is_bearer = bool(self._is_bearer or token)
        # The region of the environment says nothing about a token.
        state = self._bedrock_state
        region = None if is_bearer and not state.region_was_explicit else state.aws_region
        place = resolve(None, region, url, is_bearer=is_bearer)
        return BedrockRuntime(
            place, token or "" if is_bearer else None, self._bedrock_token_provider, False, state.config()
        )

    def copy(
        self,
        *,
        api_key: str | Callable[[], Any] | None = None,
        admin_api_key: str | None = None,
        workload_identity: Any = None,
        provider: Any = NOT_GIVEN,
        bedrock_token_provider: Callable[[], Any] | None = None,
        aws_region: str | None = None,
        aws_profile: str | None = None,
        aws_access_key_id: str | None = None,
        aws_secret_access_key: str | None = None,
        aws_session_token: str | None = None,
        aws_credentials_provider: AwsCredentialsProvider | None = None,
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

        Credentials of one kind replace those of another. A region replaces the base URL, too, unless that was given; a
        blank `base_url` is that of the region.

        Raises:
            OpenAIError: credentials are incomplete, of more than one kind, or not of Bedrock.
            ValueError: both forms were given for the headers or for the query.
        """
        prefix = "Async" if self.is_async else ""
        if not isinstance(provider, NotGiven):
            raise OpenAIError(
                f"Configure `provider` on `{prefix}OpenAI`, not on `{prefix}BedrockOpenAI.with_options()`."
            )
        if admin_api_key is not None or workload_identity is not None:
            raise OpenAIError(
                f"{prefix}BedrockOpenAI only supports Bedrock bearer token or AWS credential authentication."
            )
        if data_residency is not None:
            raise OpenAIError("`data_residency` is only supported by OpenAI clients")
        _refuse_function(api_key)
        given = (aws_profile, aws_access_key_id, aws_secret_access_key, aws_session_token, aws_credentials_provider)
        options: dict[str, Any] = {name: value for name, value in zip(_AWS, given, strict=True) if value is not None}
        options |= {"api_key": api_key} if api_key is not None else {}
        options |= {"bedrock_token_provider": bedrock_token_provider} if bedrock_token_provider is not None else {}
        inherits = not options
        if inherits:
            key = {"api_key": self.api_key} if self.api_key else self._bedrock_state.aws()
            options = (
                key
                if self._bedrock_token_provider is None
                else {"bedrock_token_provider": self._bedrock_token_provider}
            )
        is_bearer = "api_key" in options or "bedrock_token_provider" in options
        state = self._bedrock_state
        region, region_given = aws_region or self.aws_region, aws_region is not None or state.region_was_explicit
        if aws_profile is not None and not region_given:
            config = BedrockAwsAuthConfig(region=None, profile=aws_profile)
            region = environment_region() or checked_region(region_of(config))
        named = base_url is not None and not isinstance(base_url, NotGiven)
        url = configured_url(base_url) if named else None if self._is_derived else self.base_url_text
        derived_url = Place("mantle", region, None).url() if url is None else None
        if region_given or not is_bearer:
            options["aws_region"] = region
        copied = self.__class__(
            organization=organization or self.organization,
            project=project or self.project,
            webhook_secret=webhook_secret or self.webhook_secret,
            websocket_base_url=websocket_base_url or self.websocket_base_url,
            base_url=url or derived_url,
            timeout=self.timeout if isinstance(timeout, NotGiven) else timeout,
            max_retries=self.max_retries if isinstance(max_retries, NotGiven) else max_retries,
            default_headers=merged_defaults(self._custom_headers, default_headers, set_default_headers, "headers"),
            default_query=merged_defaults(self._custom_query, default_query, set_default_query, "query"),
            http_client=self._http_client if http_client is None else http_client,
            **options,
            **_extra_kwargs,
        )
        copied._connection = self._connection
        # Set here rather than passed, because a subclass may have a constructor with the official arguments, and
        # because the environment may have changed.
        copied.strict_end = self.strict_end if isinstance(strict_end, NotGiven) else strict_end
        if isinstance(retry, NotGiven):
            copied.retry = self.retry
        else:
            copied._take_retry(retry)
        copied.deadline = self.deadline if isinstance(deadline, NotGiven) else deadline
        copied._strict_response_validation = self._strict_response_validation
        state = copied._bedrock_state
        state.aws_region, state.region_was_explicit, state.derived_url = region, region_given, derived_url
        if inherits:
            copied.api_key, copied._is_bearer = self.api_key, self._is_bearer
        return copied

    #: Another name of `copy`, which reads better in front of a call: `client.with_options(timeout=5).chat...`.
    with_options = copy


class BedrockOpenAI(BaseBedrockClient, OpenAI):
    """The client of Bedrock for blocking calls. It may be shared between threads.

    The arguments are those of `BaseBedrockClient`. As a context manager it closes itself at the end.
    """


class AsyncBedrockOpenAI(BaseBedrockClient, AsyncOpenAI):
    """The client of Bedrock for calls that are awaited, on asyncio, uvloop or trio.

    The arguments are those of `BaseBedrockClient`. As an async context manager it closes itself at the end.
    """


def _refuse_function(api_key: object) -> None:
    if callable(api_key):
        raise OpenAIError("Pass refreshable Bedrock credentials via `bedrock_token_provider`, not `api_key`.")
