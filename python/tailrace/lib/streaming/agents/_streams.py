"""An input to an idle session, and the events up to the end of the turn that it begins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic
from uuid import uuid4

from ...._helpers.steps import awaited, blocking
from ...._types import Omit, not_given, omit
from ...beta.agents._collection import (
    END,
    AgentTurnResultCollection,
    advance,
    async_advance,
    async_result_of,
    result_of,
)
from ...beta.agents._result import OutputT
from ._dispatch import ToolDispatcher
from ._state import SessionState

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Mapping
    from types import TracebackType

    from typing_extensions import Self

    from ...._types import Headers, NotGiven
    from ...._wire.timeout import Timeout
    from ....resources.beta.agents.sessions import AsyncSessions, Sessions
    from ....types.beta.agent_session_event import AgentSessionEvent
    from ....types.beta.agent_session_input_message_param import AgentSessionInputMessageParam
    from ...beta.agents._result import AgentTurnResult
    from ...beta.agents._tool_error import AsyncToolErrorHandler, ToolErrorHandler
    from ._types import AsyncToolHandler, ToolHandler

__all__ = ["AgentSessionStream", "AsyncAgentSessionStream", "headers_of_all"]

_KEY = "idempotency-key"
#: Headers that say something of one request.
_OF_ONE = (_KEY, "x-stainless-raw-response")


class _SessionInput(Generic[OutputT]):
    """What both kinds of streams are: an input, and the events that follow it."""

    _is_async: bool

    def _prepare(
        self, sessions: Any, session_id: str, input: Any, output_type: type[OutputT] | None, tool_handlers: Any,
        on_tool_error: Any, idempotency_key: str | Omit, extra_headers: Any, timeout: Any, deadline: Any,
    ) -> None:  # fmt: skip
        if isinstance(input, str):
            content = [{"type": "input_text", "text": input}]
            messages: list[Any] = [{"role": "user", "content": content}] if input else []
        else:
            messages = list(input)
        if not messages:
            raise ValueError("input must not be empty")
        headers: dict[str, Any] = dict(extra_headers or {})
        options = {"extra_headers": headers_of_all(headers), "timeout": timeout, "deadline": deadline}
        dispatcher: ToolDispatcher | None = None
        if tool_handlers:
            dispatcher = ToolDispatcher(sessions, tool_handlers, on_tool_error, options, is_async=self._is_async)
        self._sessions, self._session_id, self._options = sessions, session_id, options
        self._event = {"type": "agent.session.input.message", "input": messages}
        # Only the input has a key of the caller's; that of a header is the one that counts, and `omit` leaves it out.
        own = {name: value for name, value in headers.items() if name.lower() == _KEY}
        self._input_options: dict[str, Any] = {**options, "extra_headers": {**options["extra_headers"], **own}}
        self._input_options["idempotency_key"] = str(uuid4()) if isinstance(idempotency_key, Omit) else idempotency_key
        self._state = SessionState(session_id)
        self._collection = AgentTurnResultCollection[OutputT](output_type, dispatcher, self._state)
        self._stream: Any = None
        self._has_begun = False

    def _opening(self) -> Generator[Any, Any, None]:
        """Send the input once its events are listened to, as steps."""
        if self._has_begun or self._collection.is_closed:
            raise RuntimeError(f"An {type(self).__name__} can only be entered once")
        self._has_begun = True
        session = yield self._sessions.retrieve(self._session_id, **self._options)
        if session.status != "idle":
            raise ValueError(
                "sessions.stream requires an idle session; use sessions.events.stream to follow an active session"
            )
        events = self._sessions.events
        self._stream = yield events.stream(self._session_id, **self._options)
        yield events.create(self._session_id, events=[self._event], **self._input_options)

    def _require_open(self) -> None:
        if self._stream is None and not self._collection.is_closed:
            raise RuntimeError(f"Use sessions.stream in {'an async' if self._is_async else 'a'} with block")

    def with_result_collection(self) -> Self:
        """Gather the result while events are read. Raises `RuntimeError` when one was."""
        self._collection.begin()
        return self


_open, _async_open = blocking(_SessionInput._opening), awaited(_SessionInput._opening)  # pyright: ignore[reportPrivateUsage]


class AgentSessionStream(_SessionInput[OutputT]):
    """Sends an input to an idle session when its context is entered, and gives the events up to the end of the turn.

    Tools run one after the other, each after the event that calls it; what a handler raises is not told to the model.
    Leaving the context closes the stream, and the turn goes on at the API. Nobody else may send the session an input
    meanwhile.

    Entering the context raises:
        ValueError: the session is not idle.
        APIError: a request failed.
        RuntimeError: it was entered before.

    Iterating raises what iterating over a `Stream` raises, what sending the output of a tool raises, and:
        RuntimeError: the stream ended before the turn did, or the context was not entered.
    """

    _is_async = False

    def __init__(
        self,
        sessions: Sessions,
        session_id: str,
        *,
        input: str | Iterable[AgentSessionInputMessageParam],
        output_type: type[OutputT] | None = None,
        tool_handlers: Mapping[str, ToolHandler] | None = None,
        on_tool_error: ToolErrorHandler | None = None,
        idempotency_key: str | Omit = omit,
        extra_headers: Headers | None = None,
        timeout: float | Timeout | NotGiven | None = not_given,
        deadline: float | NotGiven | None = not_given,
    ) -> None:
        """Take what `client.beta.agents.sessions.stream` takes, and raise what it raises."""
        self._prepare(
            sessions, session_id, input, output_type, tool_handlers, on_tool_error, idempotency_key, extra_headers,
            timeout, deadline,
        )  # fmt: skip

    def __enter__(self) -> Self:
        try:
            _open(self)
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, exc_tb: TracebackType | None
    ) -> None:
        self.close()

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> AgentSessionEvent:
        self._require_open()
        try:
            event: Any = advance(self._collection, lambda: self._stream.__next__())
        except BaseException:
            self.close()
            raise
        if event is END:
            self.close()
            raise StopIteration
        return event

    def until_done(self) -> None:
        """Read to the end. Raises what iterating raises."""
        for _ in self:
            pass

    def get_final_result(self) -> AgentTurnResult[OutputT]:
        """Read to the end and return the result of the turn, the same each time.

        Raises:
            AgentTurnResultError: the turn has no result, or its events could not be read.
            AgentOutputParseError: the answer is not of the type that was asked for.
            RuntimeError: events were read without `with_result_collection`.
        """
        return result_of(self._collection, self.__next__)

    def close(self) -> None:
        """Close the stream and its socket, and run no more tools. The turn goes on."""
        self._collection.is_closed = True
        if self._stream is not None:
            self._stream.close()


class AsyncAgentSessionStream(_SessionInput[OutputT]):
    """`AgentSessionStream` for `async with` and `async for`; it raises the same, and handlers may be awaited."""

    _is_async = True

    def __init__(
        self,
        sessions: AsyncSessions,
        session_id: str,
        *,
        input: str | Iterable[AgentSessionInputMessageParam],
        output_type: type[OutputT] | None = None,
        tool_handlers: Mapping[str, AsyncToolHandler] | None = None,
        on_tool_error: AsyncToolErrorHandler | None = None,
        idempotency_key: str | Omit = omit,
        extra_headers: Headers | None = None,
        timeout: float | Timeout | NotGiven | None = not_given,
        deadline: float | NotGiven | None = not_given,
    ) -> None:
        """Take what `client.beta.agents.sessions.stream` takes, and raise what it raises."""
        self._prepare(
            sessions, session_id, input, output_type, tool_handlers, on_tool_error, idempotency_key, extra_headers,
            timeout, deadline,
        )  # fmt: skip

    async def __aenter__(self) -> Self:
        try:
            await _async_open(self)
        except BaseException:
            await self.close()
            raise
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, exc_tb: TracebackType | None
    ) -> None:
        await self.close()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> AgentSessionEvent:
        self._require_open()
        try:
            event: Any = await async_advance(self._collection, lambda: self._stream.__anext__())
        except BaseException:
            await self.close()
            raise
        if event is END:
            await self.close()
            raise StopAsyncIteration
        return event

    async def until_done(self) -> None:
        """Read to the end. Raises what iterating raises."""
        async for _ in self:
            pass

    async def get_final_result(self) -> AgentTurnResult[OutputT]:
        """Do what `AgentSessionStream.get_final_result` does."""
        return await async_result_of(self._collection, self.__anext__)

    async def close(self) -> None:
        """Close the stream and its socket, and run no more tools. The turn goes on."""
        self._collection.is_closed = True
        if self._stream is not None:
            await self._stream.close()


def headers_of_all(headers: Any) -> dict[str, Any]:
    """Return the headers of the caller's that are sent with each request, not with the first alone."""
    return {name: value for name, value in dict(headers or {}).items() if name.lower() not in _OF_ONE}


# Tracebacks and `repr` name the classes by the place that they are imported from.
for _cls in (AgentSessionStream, AsyncAgentSessionStream):
    _cls.__module__ = "tailrace.lib.streaming.agents"
