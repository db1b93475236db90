"""`OpenAI` and `AsyncOpenAI`: the two clients and their way to the resources."""

from __future__ import annotations

import os

from . import _native
from ._constants import WORKLOAD_IDENTITY_API_KEY_PLACEHOLDER as WORKLOAD_IDENTITY_API_KEY_PLACEHOLDER
from ._low_level import AsyncRequests, SyncRequests
from .resources._roots import AsyncResources, SyncResources

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType
    from typing import Any

    from typing_extensions import Self

    from .resources._root_views import (
        AsyncOpenAIWithRawResponse as AsyncOpenAIWithRawResponse,
        AsyncOpenAIWithStreamedResponse as AsyncOpenAIWithStreamedResponse,
        OpenAIWithRawResponse as OpenAIWithRawResponse,
        OpenAIWithStreamedResponse as OpenAIWithStreamedResponse,
    )

if hasattr(os, "register_at_fork"):
    # A child process has none of the threads of its parent, so it starts with a connection pool of its own.
    os.register_at_fork(after_in_child=_native.after_fork_in_child)


class OpenAI(SyncResources, SyncRequests):
    """The client for blocking calls. It may be shared between threads.

    The arguments are those of `APIClient`. As a context manager it closes itself at the end.
    """

    @property
    def with_raw_response(self) -> OpenAIWithRawResponse:
        """The same methods, each of which returns the response itself beside its parsed form."""
        return _views().OpenAIWithRawResponse(self)

    @property
    def with_streaming_response(self) -> OpenAIWithStreamedResponse:
        """The same methods as context managers, each of which leaves the body of the response on the wire."""
        return _views().OpenAIWithStreamedResponse(self)

    def close(self) -> None:
        """Let go of the connections; later requests of this client and its copies raise `RuntimeError`."""
        self._close()
        if self._http_client is not None:
            self._http_client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


class AsyncOpenAI(AsyncResources, AsyncRequests):
    """The client for calls that are awaited, on asyncio, uvloop or trio. Event loops and threads may share it.

    The arguments are those of `APIClient`. As an async context manager it closes itself at the end.
    """

    is_async = True

    @property
    def with_raw_response(self) -> AsyncOpenAIWithRawResponse:
        """The same methods, each of which returns the response itself beside its parsed form."""
        return _views().AsyncOpenAIWithRawResponse(self)

    @property
    def with_streaming_response(self) -> AsyncOpenAIWithStreamedResponse:
        """The same methods as context managers, each of which leaves the body of the response on the wire."""
        return _views().AsyncOpenAIWithStreamedResponse(self)

    async def close(self) -> None:
        """Let go of the connections; later requests of this client and its copies raise `RuntimeError`."""
        self._close()
        if self._http_client is not None:
            await self._http_client.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()


#: Older names.
Client = OpenAI
AsyncClient = AsyncOpenAI

_VIEWS = (
    "OpenAIWithRawResponse",
    "AsyncOpenAIWithRawResponse",
    "OpenAIWithStreamedResponse",
    "AsyncOpenAIWithStreamedResponse",
)


def _views() -> Any:
    from .resources import _root_views

    return _root_views


def __getattr__(name: str) -> Any:
    if name not in _VIEWS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(_views(), name)
