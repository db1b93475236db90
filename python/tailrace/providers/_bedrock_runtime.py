"""Bedrock as one client has it: tokens, credentials of AWS, and what signs an attempt."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .._exceptions import OpenAIError
from .._provider import Credentials, Runtime, awaited, given_fields, is_foreign
from ..lib._bedrock_auth import BedrockAwsAuth, BedrockAwsAuthConfig, region_of
from .bedrock import SERVICES, Place, checked_region, environment_token

if TYPE_CHECKING:
    from .._api_client import APIClient
    from .._operation import Operation


class BedrockRuntime(Runtime):
    """Bedrock as one client has it.

    Args:
        place: Where requests go.
        token: The bearer token.
        token_provider: A function that returns it.
        allows_environment: Whether it may come from the environment.
        aws: The credentials of AWS in place of it.

    Raises:
        OpenAIError: the region is missing.
    """

    def __init__(
        self, place: Place, token: Any, token_provider: Any, allows_environment: bool, aws: BedrockAwsAuthConfig
    ) -> None:
        self._token = token
        self._token_provider = token_provider
        self._allows_environment = allows_environment
        if place.region is None and not self.has_token:
            place = Place(place.endpoint, checked_region(region_of(aws)), place.base_url)
            place.require_region()
        aws.region, aws.service = place.region, SERVICES[place.endpoint]
        self._auth = BedrockAwsAuth(aws)
        self.place = place
        self.base_url = place.url()

    @property
    def has_token(self) -> bool:
        """Whether requests have a bearer token, and no signature."""
        if self._token is not None or self._token_provider is not None:
            return True
        return self._allows_environment and environment_token() is not None

    def check(self, client: APIClient, operation: Operation) -> None:
        if is_foreign(client, operation, self.base_url):
            raise OpenAIError(
                "Refusing to authenticate a Bedrock request for an origin other than the configured provider URL."
            )
        if "authorization" in given_fields(client, operation):
            raise OpenAIError(
                "Bedrock provider authentication cannot be combined with a custom `Authorization` header."
            )
        if self.has_token:
            return
        content = operation.content
        if operation.needs_parts and not (operation.form is None and isinstance(content, (bytes, bytearray, str))):
            raise OpenAIError(
                "Bedrock SigV4 authentication requires a replayable request body. Buffer the body before sending or "
                "use bearer authentication."
            )

    def credentials(self, client: APIClient, operation: Operation) -> Credentials:
        if not self.has_token:
            return self._signing()
        token = self._asked()
        if awaited(token):
            raise OpenAIError("An async Bedrock token provider requires `AsyncOpenAI`.")
        return self._bearer(token)

    async def async_credentials(self, client: APIClient, operation: Operation) -> Credentials:
        if not self.has_token:
            from .._async_library import to_thread

            return await to_thread(self._signing)
        token = self._asked()
        if hasattr(token, "__await__"):
            try:
                token = await token
            except Exception as error:
                raise _no_token(error) from error
        return self._bearer(token)

    def _asked(self) -> Any:
        if self._token_provider is None:
            return environment_token() if self._token is None else self._token
        try:
            return self._token_provider()
        except Exception as error:
            raise _no_token(error) from error

    def _bearer(self, token: object) -> Credentials:
        if not isinstance(token, str) or not token:
            asked = " provider must return a non-empty string" if self._token_provider else " must not be empty"
            raise OpenAIError(f"The Bedrock bearer credential{asked}.")
        return Credentials([("Authorization", f"Bearer {token}")])

    def _signing(self) -> Credentials:
        return Credentials([], self._auth.signer())


def _no_token(error: Exception) -> OpenAIError:
    return (
        error if isinstance(error, OpenAIError) else OpenAIError("Failed to resolve a bearer credential for Bedrock.")
    )
