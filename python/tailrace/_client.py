"""`OpenAI` and `AsyncOpenAI`: the two clients and their way to the resources."""

from __future__ import annotations

import os

from . import _native
from ._api_client import APIClient

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType

    from typing_extensions import Self

    from .resources.chat.chat import AsyncChat, Chat
    from .resources.responses.responses import AsyncResponses, Responses

if hasattr(os, "register_at_fork"):
    # A child process has none of the threads of its parent, so it starts with a connection pool of its own.
    os.register_at_fork(after_in_child=_native.after_fork_in_child)


class OpenAI(APIClient):
    """The client for blocking calls. It may be shared between threads.

    The arguments are those of `APIClient`. As a context manager it closes itself at the end.
    """

    _chat: Chat | None = None
    _responses: Responses | None = None

    @property
    def chat(self) -> Chat:
        """Chat completions."""
        if self._chat is None:
            from .resources.chat.chat import Chat

            self._chat = Chat(self)
        return self._chat

    @property
    def responses(self) -> Responses:
        """Responses."""
        if self._responses is None:
            from .resources.responses.responses import Responses

            self._responses = Responses(self)
        return self._responses

    def close(self) -> None:
        """Let go of the connections; later requests of this client and its copies raise `RuntimeError`."""
        self._close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._close()


class AsyncOpenAI(APIClient):
    """The client for calls that are awaited, on asyncio or uvloop. Event loops and threads may share it.

    The arguments are those of `APIClient`. As an async context manager it closes itself at the end.
    """

    is_async = True

    _chat: AsyncChat | None = None
    _responses: AsyncResponses | None = None

    @property
    def chat(self) -> AsyncChat:
        """Chat completions."""
        if self._chat is None:
            from .resources.chat.chat import AsyncChat

            self._chat = AsyncChat(self)
        return self._chat

    @property
    def responses(self) -> AsyncResponses:
        """Responses."""
        if self._responses is None:
            from .resources.responses.responses import AsyncResponses

            self._responses = AsyncResponses(self)
        return self._responses

    async def close(self) -> None:
        """Let go of the connections; later requests of this client and its copies raise `RuntimeError`."""
        self._close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._close()


#: Older names.
Client = OpenAI
AsyncClient = AsyncOpenAI
