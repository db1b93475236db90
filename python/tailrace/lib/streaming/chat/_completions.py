"""`client.chat.completions.stream`: the stream and its context manager, sync and async."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic

from ...._exceptions import SchemaViolationError
from ...._structured.partials import AsyncPartials, Partials
from ..._parsing._completions import ResponseFormatT
from ._reading import ChatReading

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
    from types import TracebackType

    from typing_extensions import Self

    from ...._streaming import AsyncStream, Stream
    from ...._structured.attempts import Attempts
    from ...._types import Omit
    from ....types.chat.chat_completion_chunk import ChatCompletionChunk
    from ....types.chat.chat_completion_tool_union_param import ChatCompletionToolUnionParam
    from ....types.chat.completion_create_params import ResponseFormat
    from ....types.chat.parsed_chat_completion import ParsedChatCompletion
    from ._events import ChatCompletionStreamEvent
    from ._types import ParsedChatCompletionSnapshot


class ChatCompletionStream(Partials[ResponseFormatT], Generic[ResponseFormatT]):
    """The events of a streamed chat completion. Iterate over it, once; leaving its context closes the socket.

    Iterating raises what iterating over a `Stream` raises, and:
        ValueError: what is to be parsed is no JSON, or does not fit (`pydantic.ValidationError`).
        LengthFinishReasonError: what is to be parsed was cut at the token limit.
        ContentFilterFinishReasonError: what is to be parsed was stopped by the content filter.
        SchemaViolationError: `on_invalid` is set, and a choice of the last answer cannot fit its schema any more.
    """

    def __init__(
        self,
        *,
        raw_stream: Stream[ChatCompletionChunk],
        response_format: type[ResponseFormatT] | ResponseFormat | Omit,
        input_tools: Iterable[ChatCompletionToolUnionParam] | Omit,
        attempts: Attempts | None = None,
        again: Callable[[SchemaViolationError], Any] | None = None,
    ) -> None:
        self._raw_stream = raw_stream
        self._response = raw_stream.response
        self._reading = ChatReading(response_format, input_tools, attempts, again)
        self._events = self.__stream__()

    def __next__(self) -> ChatCompletionStreamEvent[ResponseFormatT]:
        return self._events.__next__()

    def __iter__(self) -> Iterator[ChatCompletionStreamEvent[ResponseFormatT]]:
        return self._events

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, exc_tb: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the stream and its socket; closing twice is fine."""
        self._raw_stream.close()

    def get_final_completion(self) -> ParsedChatCompletion[ResponseFormatT]:
        """Read to the end and return the completion, parsed.

        Raises what iterating raises, and what `ChatCompletionStreamState.get_final_completion` raises.
        """
        self.until_done()
        return self._reading.state.get_final_completion()

    def until_done(self) -> Self:
        """Read to the end. Raises what iterating raises."""
        for _ in self._events:
            pass
        return self

    @property
    def current_completion_snapshot(self) -> ParsedChatCompletionSnapshot:
        """The completion so far. Raises `AssertionError` before the first chunk."""
        return self._reading.state.current_completion_snapshot

    def __stream__(self) -> Iterator[ChatCompletionStreamEvent[ResponseFormatT]]:
        reading = self._reading
        while True:
            try:
                for chunk in self._raw_stream:
                    yield from reading.events(chunk)
                reading.finish()
                return
            except SchemaViolationError as error:
                self._raw_stream.close()
                self._raw_stream = reading.retry(error)
                self._response = self._raw_stream.response


class ChatCompletionStreamManager(Generic[ResponseFormatT]):
    """Sends the request when its context is entered, which gives the stream, and closes that when it is left."""

    def __init__(
        self,
        api_request: Callable[[], Stream[ChatCompletionChunk]],
        *,
        response_format: type[ResponseFormatT] | ResponseFormat | Omit,
        input_tools: Iterable[ChatCompletionToolUnionParam] | Omit,
        attempts: Attempts | None = None,
        again: Callable[[SchemaViolationError], Any] | None = None,
    ) -> None:
        self._attempts = attempts
        self._again = again
        self._api_request = api_request
        self._response_format = response_format
        self._input_tools = input_tools
        self._stream: ChatCompletionStream[ResponseFormatT] | None = None

    def __enter__(self) -> ChatCompletionStream[ResponseFormatT]:
        self._stream = ChatCompletionStream(
            raw_stream=self._api_request(),
            response_format=self._response_format,
            input_tools=self._input_tools,
            attempts=self._attempts,
            again=self._again,
        )
        return self._stream

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, exc_tb: TracebackType | None
    ) -> None:
        if self._stream is not None:
            self._stream.close()


class AsyncChatCompletionStream(AsyncPartials[ResponseFormatT], Generic[ResponseFormatT]):
    """The events of a streamed chat completion. Iterate over it with `async for`, once.

    Iterating raises what iterating over a `ChatCompletionStream` raises.
    """

    def __init__(
        self,
        *,
        raw_stream: AsyncStream[ChatCompletionChunk],
        response_format: type[ResponseFormatT] | ResponseFormat | Omit,
        input_tools: Iterable[ChatCompletionToolUnionParam] | Omit,
        attempts: Attempts | None = None,
        again: Callable[[SchemaViolationError], Any] | None = None,
    ) -> None:
        self._raw_stream = raw_stream
        self._response = raw_stream.response
        self._reading = ChatReading(response_format, input_tools, attempts, again)
        self._events = self.__stream__()

    async def __anext__(self) -> ChatCompletionStreamEvent[ResponseFormatT]:
        return await self._events.__anext__()

    def __aiter__(self) -> AsyncIterator[ChatCompletionStreamEvent[ResponseFormatT]]:
        return self._events

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, exc_tb: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the stream and its socket; closing twice is fine."""
        await self._raw_stream.close()

    async def get_final_completion(self) -> ParsedChatCompletion[ResponseFormatT]:
        """Read to the end and return the completion, parsed.

        Raises what iterating raises, and what `ChatCompletionStreamState.get_final_completion` raises.
        """
        await self.until_done()
        return self._reading.state.get_final_completion()

    async def until_done(self) -> Self:
        """Read to the end. Raises what iterating raises."""
        async for _ in self._events:
            pass
        return self

    @property
    def current_completion_snapshot(self) -> ParsedChatCompletionSnapshot:
        """The completion so far. Raises `AssertionError` before the first chunk."""
        return self._reading.state.current_completion_snapshot

    async def __stream__(self) -> AsyncIterator[ChatCompletionStreamEvent[ResponseFormatT]]:
        reading = self._reading
        while True:
            try:
                async for chunk in self._raw_stream:
                    for event in reading.events(chunk):
                        yield event
                reading.finish()
                return
            except SchemaViolationError as error:
                await self._raw_stream.close()
                self._raw_stream = await reading.retry(error)
                self._response = self._raw_stream.response


class AsyncChatCompletionStreamManager(Generic[ResponseFormatT]):
    """Sends the request when its context is entered, which gives the stream, and closes that when it is left."""

    def __init__(
        self,
        api_request: Awaitable[AsyncStream[ChatCompletionChunk]],
        *,
        response_format: type[ResponseFormatT] | ResponseFormat | Omit,
        input_tools: Iterable[ChatCompletionToolUnionParam] | Omit,
        attempts: Attempts | None = None,
        again: Callable[[SchemaViolationError], Any] | None = None,
    ) -> None:
        self._attempts = attempts
        self._again = again
        self._api_request = api_request
        self._response_format = response_format
        self._input_tools = input_tools
        self._stream: AsyncChatCompletionStream[ResponseFormatT] | None = None

    async def __aenter__(self) -> AsyncChatCompletionStream[ResponseFormatT]:
        self._stream = AsyncChatCompletionStream(
            raw_stream=await self._api_request,
            response_format=self._response_format,
            input_tools=self._input_tools,
            attempts=self._attempts,
            again=self._again,
        )
        return self._stream

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, exc_tb: TracebackType | None
    ) -> None:
        if self._stream is not None:
            await self._stream.close()
