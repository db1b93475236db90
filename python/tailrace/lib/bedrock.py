"""Clients for Amazon Bedrock; they come with a later release."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Union

from .._client import AsyncOpenAI, OpenAI
from .._later import Later

AwsCredentialsProvider = Callable[[], Any]
BedrockTokenProvider = Callable[[], str]
AsyncBedrockTokenProvider = Callable[[], Union[str, Awaitable[str]]]


class BedrockOpenAI(Later, OpenAI, part="Amazon Bedrock"):
    """The client for blocking calls. Not there yet."""


class AsyncBedrockOpenAI(Later, AsyncOpenAI, part="Amazon Bedrock"):
    """The client for calls that are awaited. Not there yet."""
