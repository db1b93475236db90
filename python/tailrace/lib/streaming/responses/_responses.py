"""The streams that `client.responses.stream` opens, and their context managers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic

from ...._exceptions import SchemaViolationError
from ...._structured.partials import AsyncPartials, Partials
from ..._parsing._responses import TextFormatT
from ._reading import ResponseReading
from ._state import ResponseStreamState as ResponseStreamState

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
    from types import TracebackType

    from typing_extensions import Self

    from ...._streaming import AsyncStream, Stream
    from ...._structured.attempts import Attempts
    from ...._types import Omit
    from ....types.responses.parsed_response import ParsedResponse
    from ....types.responses.response_stream_event import ResponseStreamEvent as RawResponseStreamEvent
    from ....types.responses.tool_param import ToolParam
    from ._events import ResponseStreamEvent

__all__ = [
    "AsyncResponseStream",
    "AsyncResponseStreamManager",
    "ResponseStream",
    "ResponseStreamManager",
    "ResponseStreamState",
]

_NOT_COMPLETED = "Didn't receive a `response.completed` event."


class ResponseStream(Partials[TextFormatT], Generic[TextFormatT]):
    """The events of a response, typed, once each.

    Args:
        raw_stream: The events as the API sends them.
        text_format: What the texts become, or `omit`.
        input_tools: The tools of the request, or `omit`.
        starting_after: Events up to this number are read and not handed out; None hands out all.
        attempts: What the answer is held to; None for nothing.
        again: Sends the request again, told what was wrong with the answer.

    Iterating raises what `ResponseStreamState.handle_event` raises, what iterating over a `Stream` raises, and:
        SchemaViolationError: `on_invalid` is set, and a text of the last answer cannot fit its schema any more.
    """

    def __init__(
        self,
        *,
        raw_stream: Stream[RawResponseStreamEvent],
        text_format: type[TextFormatT] | Omit,
        input_tools: Iterable[ToolParam] | Omit,
        starting_after: int | None,
        attempts: Attempts | None = None,
        again: Callable[[SchemaViolationError], Any] | None = None,
    ) -> None:
        self._raw_stream = raw_stream
        self._response = raw_stream.response
        self._reading = ResponseReading(text_format, input_tools, starting_after, attempts, again)
        self._iterator = self.__stream__()

    def __next__(self) -> ResponseStreamEvent[TextFormatT]:
        return self._iterator.__next__()

    def __iter__(self) -> Iterator[ResponseStreamEvent[TextFormatT]]:
        return self._iterator

    def __enter__(self) -> Self:
        return self

    def __stream__(self) -> Iterator[ResponseStreamEvent[TextFormatT]]:
        reading = self._reading
        while True:
            try:
                for raw in self._raw_stream:
                    yield from reading.events(raw)
                reading.finish()
                return
            except SchemaViolationError as error:
                self.close()
                self._raw_stream = reading.retry(error)
                self._response = self._raw_stream.response

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, exc_tb: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the stream and its socket. Iteration then ends; closing twice is fine."""
        self._response.close()

    def get_final_response(self) -> ParsedResponse[TextFormatT]:
        """Read the stream to its end and return the response.

        Raises:
            RuntimeError: the stream ended without `response.completed`.
        """
        self.until_done()
        return _completed(self._reading.state)

    def until_done(self) -> Self:
        """Read the stream to its end."""
        for _ in self:
            pass
        return self


class AsyncResponseStream(AsyncPartials[TextFormatT], Generic[TextFormatT]):
    """The events of a response, typed, once each: `ResponseStream` for `async for`."""

    def __init__(
        self,
        *,
        raw_stream: AsyncStream[RawResponseStreamEvent],
        text_format: type[TextFormatT] | Omit,
        input_tools: Iterable[ToolParam] | Omit,
        starting_after: int | None,
        attempts: Attempts | None = None,
        again: Callable[[SchemaViolationError], Any] | None = None,
    ) -> None:
        self._raw_stream = raw_stream
        self._response = raw_stream.response
        self._reading = ResponseReading(text_format, input_tools, starting_after, attempts, again)
        self._iterator = self.__stream__()

    async def __anext__(self) -> ResponseStreamEvent[TextFormatT]:
        return await self._iterator.__anext__()

    def __aiter__(self) -> AsyncIterator[ResponseStreamEvent[TextFormatT]]:
        return self._iterator

    async def __stream__(self) -> AsyncIterator[ResponseStreamEvent[TextFormatT]]:
        reading = self._reading
        while True:
            try:
                async for raw in self._raw_stream:
                    for event in reading.events(raw):
                        yield event
                reading.finish()
                return
            except SchemaViolationError as error:
                await self.close()
                self._raw_stream = await reading.retry(error)
                self._response = self._raw_stream.response

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, exc_tb: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the stream and its socket. Iteration then ends; closing twice is fine."""
        await self._response.aclose()

    async def get_final_response(self) -> ParsedResponse[TextFormatT]:
        """Return what `ResponseStream.get_final_response` returns."""
        await self.until_done()
        return _completed(self._reading.state)

    async def until_done(self) -> Self:
        """Read the stream to its end."""
        async for _ in self:
            pass
        return self


class ResponseStreamManager(Generic[TextFormatT]):
    """What `client.responses.stream` returns: entering it sends the request, leaving it closes the stream."""

    def __init__(
        self,
        api_request: Callable[[], Stream[RawResponseStreamEvent]],
        *,
        text_format: type[TextFormatT] | Omit,
        input_tools: Iterable[ToolParam] | Omit,
        starting_after: int | None,
        attempts: Attempts | None = None,
        again: Callable[[SchemaViolationError], Any] | None = None,
    ) -> None:
        self.__stream: ResponseStream[TextFormatT] | None = None
        self.__api_request = api_request
        self.__text_format = text_format
        self.__input_tools = input_tools
        self.__starting_after = starting_after
        self.__attempts = attempts
        self.__again = again

    def __enter__(self) -> ResponseStream[TextFormatT]:
        self.__stream = ResponseStream(
            raw_stream=self.__api_request(),
            text_format=self.__text_format,
            input_tools=self.__input_tools,
            starting_after=self.__starting_after,
            attempts=self.__attempts,
            again=self.__again,
        )
        return self.__stream

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, exc_tb: TracebackType | None
    ) -> None:
        if self.__stream is not None:
            self.__stream.close()


class AsyncResponseStreamManager(Generic[TextFormatT]):
    """What the async `client.responses.stream` returns: entering it sends the request, leaving it closes the stream."""

    def __init__(
        self,
        api_request: Awaitable[AsyncStream[RawResponseStreamEvent]],
        *,
        text_format: type[TextFormatT] | Omit,
        input_tools: Iterable[ToolParam] | Omit,
        starting_after: int | None,
        attempts: Attempts | None = None,
        again: Callable[[SchemaViolationError], Any] | None = None,
    ) -> None:
        self.__stream: AsyncResponseStream[TextFormatT] | None = None
        self.__api_request = api_request
        self.__text_format = text_format
        self.__input_tools = input_tools
        self.__starting_after = starting_after
        self.__attempts = attempts
        self.__again = again

    async def __aenter__(self) -> AsyncResponseStream[TextFormatT]:
        self.__stream = AsyncResponseStream(
            raw_stream=await self.__api_request,
            text_format=self.__text_format,
            input_tools=self.__input_tools,
            starting_after=self.__starting_after,
            attempts=self.__attempts,
            again=self.__again,
        )
        return self.__stream

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, exc_tb: TracebackType | None
    ) -> None:
        if self.__stream is not None:
            await self.__stream.close()


def _completed(state: Any) -> Any:
    response = state.completed_response
    if response is None:
        raise RuntimeError(_NOT_COMPLETED)
    return response
