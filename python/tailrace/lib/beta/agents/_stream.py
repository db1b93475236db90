"""The events of a session that was just created, with the result of its first turn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic

from ...._streaming import AsyncStream, Stream
from ....types.beta.agent_session_event import AgentSessionEvent
from ._collection import END, advance, async_advance, async_result_of, result_of
from ._result import OutputT

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from typing_extensions import Self

    from ._collection import AgentTurnResultCollection
    from ._result import AgentTurnResult

__all__ = ["AgentSessionEventStream", "AsyncAgentSessionEventStream"]


class AgentSessionEventStream(Stream[AgentSessionEvent], Generic[OutputT]):
    """A `Stream` that runs tools, each after the event that calls it, and can gather the result of the first turn.

    Iterating raises what iterating over a `Stream` raises, and what sending the output of a tool raises.
    """

    def __init__(self, stream: Stream[AgentSessionEvent], collection: AgentTurnResultCollection[OutputT]) -> None:
        super().__init__(stream._events, stream.response, stream._relayed)  # pyright: ignore[reportPrivateUsage]
        self._collection = collection

    def __iter__(self) -> Iterator[AgentSessionEvent]:
        return self

    def __next__(self) -> AgentSessionEvent:
        try:
            event: Any = advance(self._collection, super().__next__)
        except BaseException:
            self.close()
            raise
        if event is END:
            raise StopIteration
        return event

    def with_result_collection(self) -> Self:
        """Gather the result while events are read. Raises `RuntimeError` when one was."""
        self._collection.begin()
        return self

    def get_final_result(self) -> AgentTurnResult[OutputT]:
        """Read on to the end of the first turn and return its result, the same each time.

        Raises:
            AgentTurnResultError: the turn has no result, or its events could not be read.
            AgentOutputParseError: the answer is not of the type that was asked for.
            RuntimeError: events were read without `with_result_collection`.
        """
        return result_of(self._collection, self.__next__)

    def close(self) -> None:
        """Close the stream and its socket. Iteration then ends, and no tool is run."""
        self._collection.is_closed = True
        super().close()


class AsyncAgentSessionEventStream(AsyncStream[AgentSessionEvent], Generic[OutputT]):
    """`AgentSessionEventStream` for `async for`; it raises the same."""

    def __init__(self, stream: AsyncStream[AgentSessionEvent], collection: AgentTurnResultCollection[OutputT]) -> None:
        super().__init__(stream._events, stream.response)  # pyright: ignore[reportPrivateUsage]
        self._collection = collection

    def __aiter__(self) -> AsyncIterator[AgentSessionEvent]:
        return self

    async def __anext__(self) -> AgentSessionEvent:
        try:
            event: Any = await async_advance(self._collection, super().__anext__)
        except BaseException:
            await self.close()
            raise
        if event is END:
            raise StopAsyncIteration
        return event

    def with_result_collection(self) -> Self:
        """Gather the result while events are read. Raises `RuntimeError` when one was."""
        self._collection.begin()
        return self

    async def get_final_result(self) -> AgentTurnResult[OutputT]:
        """Do what `AgentSessionEventStream.get_final_result` does."""
        return await async_result_of(self._collection, self.__anext__)

    async def close(self) -> None:
        """Close the stream and its socket. Iteration then ends, and no tool is run."""
        self._collection.is_closed = True
        await super().close()


# Tracebacks and `repr` name the classes by the place that they are imported from.
for _cls in (AgentSessionEventStream, AsyncAgentSessionEventStream):
    _cls.__module__ = "tailrace.lib.beta.agents"
