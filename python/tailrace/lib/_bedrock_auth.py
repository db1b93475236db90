"""Credentials of AWS as botocore finds them, and what signs an attempt with them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .._exceptions import OpenAIError

if TYPE_CHECKING:
    from .._native import Signer


class BedrockAwsAuthConfig:
    """Which credentials sign, and what for. Nothing of it appears in its `repr`.

    Args:
        region: As a signature names it; without signatures there may be none.
        source: `static` for the keys, `profile`, `provider` for the function, `default` for what botocore finds.
        service: As a signature names it.
    """

    def __init__(
        self,
        *,
        region: str | None,
        source: str = "default",
        access_key_id: str | None = None,
        secret_access_key: str | None = None,
        session_token: str | None = None,
        profile: str | None = None,
        credentials_provider: Any = None,
        service: str = "bedrock-mantle",
    ) -> None:
        self.region = region
        self.source = source
        self.access_key_id = access_key_id
        self.secret_access_key = secret_access_key
        self.session_token = session_token
        self.profile = profile
        self.credentials_provider = credentials_provider
        self.service = service


class BedrockAwsAuth:
    """Credentials of AWS; those that expire are renewed by botocore."""

    def __init__(self, config: BedrockAwsAuthConfig) -> None:
        self.config = config
        self._found: Any = None
        self._session: Any = None

    def signer(self) -> Signer:
        """Return what signs the next attempt. This may read files, ask servers and run programs.

        Raises:
            OpenAIError: there are no credentials.
        """
        try:
            keys = self._keys()
        except Exception as error:
            raise _unresolved(error) from error
        if keys is None or not (keys[0] and keys[1]):
            raise OpenAIError(
                "Could not find credentials for Bedrock. Pass a bearer credential or AWS credentials to "
                "`bedrock(...)`, set `AWS_BEARER_TOKEN_BEDROCK`, or configure the default AWS credential chain."
            )
        from .._native import Signer

        return Signer(*keys, self.config.region or "", self.config.service)

    def _keys(self) -> tuple[str, str, str | None] | None:
        config = self.config
        if config.source == "static":
            return (config.access_key_id or "", config.secret_access_key or "", config.session_token)
        if config.source == "provider":
            found = config.credentials_provider()
        else:
            if self._found is None:
                self._found = self._botocore_session().get_credentials()
            found = self._found
        if found is None:
            return None
        # Another thread may renew such credentials; those that are frozen belong together.
        freeze = getattr(found, "get_frozen_credentials", None)
        found = found if freeze is None else freeze()
        return (found.access_key, found.secret_key, found.token)

    def _botocore_session(self) -> Any:
        if self._session is None:
            self._session = _load_botocore()(profile=self.config.profile)
        return self._session


def region_of(config: BedrockAwsAuthConfig) -> str | None:
    """Return the region in the files of AWS, None when there is none or botocore is not installed.

    Raises:
        OpenAIError: there is no such profile.
    """
    try:
        session = _load_botocore()(profile=config.profile)
    except OpenAIError:
        return None
    try:
        return session.get_config_variable("region")
    except Exception as error:
        raise _unresolved(error) from error


def _load_botocore() -> Any:
    try:
        from botocore.session import Session  # pyright: ignore
    except ImportError as error:
        raise OpenAIError(
            "Bedrock AWS authentication requires optional AWS dependencies. Install them with "
            "`pip install tailrace[bedrock]`, or `pip install botocore`, and try again."
        ) from error
    return Session  # pyright: ignore


def _unresolved(error: Exception) -> OpenAIError:
    if isinstance(error, OpenAIError):
        return error
    return OpenAIError(
        "Failed to resolve AWS credentials for Bedrock. Verify your AWS profile, environment variables, or runtime "
        "identity configuration and try again."
    )
