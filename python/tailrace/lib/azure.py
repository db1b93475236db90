"""Clients for Azure OpenAI; they come with a later release."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Union

from .._client import AsyncOpenAI, OpenAI
from .._exceptions import OpenAIError
from .._later import Later

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


class BaseAzureClient(Later, part="Azure OpenAI"):
    """What the two clients share."""


class AzureOpenAI(BaseAzureClient, OpenAI):
    """The client for blocking calls. Not there yet."""


class AsyncAzureOpenAI(BaseAzureClient, AsyncOpenAI):
    """The client for calls that are awaited. Not there yet."""
