"""Amazon Bedrock: `OpenAI(provider=bedrock(region="us-west-2"))`.

The addresses are those that AWS lists as service endpoints; their form says which service and region they are.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal

from .._exceptions import OpenAIError
from .._provider import Provider
from .._types import NOT_GIVEN, NotGiven

if TYPE_CHECKING:
    from .._provider import Runtime
    from .._wire.url import URL

#: The two services that have OpenAI's API.
BedrockEndpoint = Literal["mantle", "runtime"]

#: Returns a bearer token; for an async client it may be asynchronous.
BedrockTokenProvider = Callable[[], Any]


#: Returns credentials as botocore has them (`access_key`, `secret_key`, `token`); it is asked before every
#: attempt, by an async client on a thread.
AwsCredentialsProvider = Callable[[], object]

#: What a signature is for.
SERVICES = {"mantle": "bedrock-mantle", "runtime": "bedrock"}

#: The domains of the runtime service by the beginning of a region: the usual one and that for both kinds of IP.
_DOMAINS = (
    ("cn-", "amazonaws.com.cn", "api.amazonwebservices.com.cn"),
    ("eusc-", "amazonaws.eu", "api.amazonwebservices.eu"),
    ("us-iso-", "c2s.ic.gov", "api.aws.ic.gov"),
    ("us-isob-", "sc2s.sgov.gov", "api.aws.scloud"),
    ("eu-isoe-", "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk"),
    ("us-isof-", "csp.hci.ic.gov", "api.aws.hci.ic.gov"),
    ("", "amazonaws.com", "api.aws"),
)

_REGION = re.compile(r"[a-z]{2,}(?:-[a-z]+)+-\d+")


def bedrock(
    *,
    endpoint: BedrockEndpoint | None = None,
    region: str | None = None,
    base_url: str | URL | Any | NotGiven | None = NOT_GIVEN,
    api_key: str | NotGiven | None = NOT_GIVEN,
    token_provider: BedrockTokenProvider | None = None,
    access_key_id: str | None = None,
    secret_access_key: str | None = None,
    session_token: str | None = None,
    profile: str | None = None,
    credential_provider: AwsCredentialsProvider | None = None,
) -> Provider:
    """Return what sends the requests of a client to Amazon Bedrock.

    Without credentials it is the bearer token of `AWS_BEARER_TOKEN_BEDROCK`, or else what botocore finds: install
    `botocore` for that, and for `profile`.

    Args:
        endpoint: Which service; otherwise that of the URL, or `mantle`.
        region: Such as `us-west-2`; otherwise `AWS_REGION`, `AWS_DEFAULT_REGION` or that of the profile.
        base_url: In place of the service's own address; otherwise `AWS_BEDROCK_BASE_URL`, which None leaves out.
        api_key: Sent as `Authorization: Bearer`; None leaves out the environment's.
        token_provider: Returns such a token before every attempt; for an async client it may be asynchronous.
        access_key_id: With `secret_access_key`, what signs each attempt.
        secret_access_key: With `access_key_id`.
        session_token: Of temporary keys.
        profile: A name in the files of AWS.
        credential_provider: Returns credentials before every attempt.

    Raises:
        OpenAIError: credentials are incomplete or of more than one kind, or URL, region and endpoint contradict.
    """
    bearer = api_key is not None and not isinstance(api_key, NotGiven)
    if bearer and token_provider is not None:
        raise OpenAIError("The `api_key` and `token_provider` options are mutually exclusive. Configure only one.")
    if bearer and not (isinstance(api_key, str) and api_key.strip()):
        raise OpenAIError("The Bedrock bearer credential must not be empty.")
    keys = (access_key_id, secret_access_key, session_token)
    given_token = bearer or token_provider is not None
    source_name = aws_source(keys, profile, credential_provider, is_bearer=given_token)
    allows_environment = isinstance(api_key, NotGiven) and source_name == "default" and not given_token
    is_bearer = given_token or (allows_environment and bool(environment_token()))
    place = resolve(endpoint, region, configured_url(base_url), is_bearer=is_bearer)

    def configure() -> Runtime:
        from ..lib._bedrock_auth import BedrockAwsAuthConfig
        from ._bedrock_runtime import BedrockRuntime

        source = BedrockAwsAuthConfig(
            region=place.region,
            source=source_name,
            access_key_id=access_key_id,
            secret_access_key=secret_access_key,
            session_token=session_token,
            profile=profile,
            credentials_provider=credential_provider,
        )
        return BedrockRuntime(place, api_key if bearer else None, token_provider, allows_environment, source)

    return Provider("bedrock", configure)


def aws_source(
    keys: tuple[str | None, str | None, str | None], profile: str | None, provider: Any, *, is_bearer: bool
) -> str:
    """Return which credentials of AWS were given: `static`, `profile`, `provider`, or `default` for none.

    Raises:
        OpenAIError: they are incomplete, or more than one kind was given.
    """
    given = ["static"] if any(key is not None for key in keys) else []
    if given and not (keys[0] and keys[1]):
        raise OpenAIError(
            "Static AWS credentials require both `access_key_id` and `secret_access_key`. A `session_token` may only "
            "be used with both."
        )
    given += [name for name, source in (("profile", profile), ("provider", provider)) if source is not None]
    ambiguous = "Bedrock authentication is ambiguous. Configure exactly one explicit"
    if given and is_bearer:
        raise OpenAIError(
            f"{ambiguous} mode: bearer credential, static AWS credentials, profile, or credential provider."
        )
    if len(given) > 1:
        raise OpenAIError(f"{ambiguous} AWS mode: static credentials, profile, or credential provider.")
    return given[0] if given else "default"


def environment_token() -> str | None:
    """Return the bearer token of the environment."""
    return os.environ.get("AWS_BEARER_TOKEN_BEDROCK") or None


def environment_region() -> str | None:
    """Return the region of the environment."""
    return (os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or "").strip() or None


def configured_url(base_url: Any) -> str | None:
    """Return the URL that was given or, when nothing was, that of the environment, without what does not belong to it.

    Raises:
        TypeError: it is neither a string nor a URL object.
    """
    if isinstance(base_url, NotGiven):
        base_url = os.environ.get("AWS_BEDROCK_BASE_URL")
    elif base_url is not None and not isinstance(base_url, str) and type(base_url).__name__ in ("int", "float", "bool"):
        raise TypeError(f"`base_url` must be a string or a URL object, not {type(base_url).__name__}.")
    url = "" if base_url is None else str(base_url).strip().rstrip("/")
    return url.removesuffix("/responses").rstrip("/") or None


class Place:
    """Where the requests of a client go, and what a signature for it names."""

    __slots__ = ("base_url", "endpoint", "region")

    def __init__(self, endpoint: str, region: str | None, base_url: str | None) -> None:
        self.endpoint = endpoint
        #: None when only the files of AWS may have it.
        self.region = region
        #: None for the service's own address.
        self.base_url = base_url

    def url(self) -> str:
        """Return the base URL.

        Raises:
            OpenAIError: there is neither a URL nor a region.
        """
        if self.base_url is not None:
            return self.base_url
        region = self.require_region()
        domain = "api.aws" if self.endpoint == "mantle" else _domains(region)[0]
        return f"https://bedrock-{self.endpoint}.{region}.{domain}/openai/v1"

    def require_region(self) -> str:
        """Return the region; raises `OpenAIError` when there is none."""
        if self.region is None:
            raise OpenAIError(
                "Bedrock requires an AWS region. Pass `region` to `bedrock(...)`, or set `AWS_REGION` or "
                "`AWS_DEFAULT_REGION`."
            )
        return self.region


def resolve(endpoint: str | None, region: str | None, url: str | None, *, is_bearer: bool) -> Place:
    """Return where the requests go, with what the environment has for it.

    Raises:
        OpenAIError: URL, region and endpoint are invalid or contradict.
    """
    if endpoint is not None and endpoint not in SERVICES:
        raise OpenAIError("The Bedrock `endpoint` must be either `mantle` or `runtime`.")
    if region is not None and not region.strip():
        raise OpenAIError("The Bedrock AWS `region` must not be empty.")
    region = None if region is None else region.strip()
    # A token names no region, so that of the environment says nothing about a URL.
    if region is None and not (is_bearer and url is not None):
        region = environment_region()
    checked_region(region)
    known = None if url is None else _known_host(url)
    if known is not None:
        if not str(url).lower().startswith("https:"):
            raise OpenAIError("Canonical Amazon Bedrock endpoints require HTTPS.")
        if endpoint is not None and endpoint != known[0]:
            raise OpenAIError(
                f"The Bedrock {known[0]} hostname does not match the selected `{endpoint}` endpoint. Set "
                f"`endpoint='{known[0]}'` to use this hostname."
            )
        if region is not None and region != known[1]:
            raise OpenAIError(
                f"The Bedrock endpoint region `{known[1]}` does not match the configured AWS region `{region}`."
            )
        endpoint, region = known
    return Place(endpoint or "mantle", region, url)


def checked_region(region: str | None) -> str | None:
    """Return `region`; raises `OpenAIError` when it has not the form of one."""
    if region is not None and _REGION.fullmatch(region) is None:
        raise OpenAIError("The Bedrock AWS `region` is invalid. Use a standard AWS region such as `us-east-1`.")
    return region


def _domains(region: str) -> tuple[str, str]:
    return next((usual, both) for beginning, usual, both in _DOMAINS if region.startswith(beginning))


def _known_host(url: str) -> tuple[str, str] | None:
    """Return service and region of an address of AWS, None for another one."""
    from urllib.parse import urlsplit

    host = (urlsplit(url).hostname or "").rstrip(".")
    service, _, rest = host.partition(".")
    region, _, domain = rest.partition(".")
    if _REGION.fullmatch(region) is None:
        return None
    if service == "bedrock-mantle" and domain == "api.aws":
        return ("mantle", region)
    if service in ("bedrock-runtime", "bedrock-runtime-fips") and domain in _domains(region):
        return ("runtime", region)
    return None
