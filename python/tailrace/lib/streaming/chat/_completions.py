"""`client.chat.completions.stream`: the stream and its context manager, sync and async."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Generic

import pydantic

from ...._exceptions import SchemaViolationError
from ...._structured.attempts import Attempts
from ...._structured.partials import AsyncPartials, Partials
from ..._parsing._completions import ResponseFormatT, has_rich_response_format, parse_content
from ._state import ChatCompletionStreamState

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
    from types import TracebackType

    from typing_extensions import Self

    from ...._streaming import AsyncStream, Stream
    from ...._types import Omit
    from ....types.chat.chat_completion_chunk import ChatCompletionChunk
    from ....types.chat.chat_completion_tool_union_param import ChatCompletionToolUnionParam
    from ....types.chat.completion_create_params import ResponseFormat
    from ....types.chat.parsed_chat_completion import ParsedChatCompletion
    from ._events import ChatCompletionStreamEvent
    from ._types import ParsedChatCompletionSnapshot


class Again:
    """How a stream judges its answer and asks for it anew."""

    __slots__ = ("attempts", "request")

    def __init__(self, attempts: Attempts, request: Callable[[SchemaViolationError], Callable[[], Any]]) -> None:
        self.attempts = attempts
        #: Makes of an error the function that sends the request that tells the model of it.
        self.request = request


class _Reading:
    """What a stream has read: the completion and, of its first choice, the answer."""

    def __init__(self, response_format: Any, input_tools: Any, again: Again | None) -> None:
        self._response_format = response_format
        self._input_tools = input_tools
        self._again = again
        type_ = response_format if has_rich_response_format(response_format) else Any
        self._attempts = again.attempts if again is not None else Attempts(type_, None, None, 1)
        self._begin()

    def take(self, chunk: ChatCompletionChunk) -> Iterable[Any]:
        """Take a chunk and return its events. Raises `SchemaViolationError` if the answer cannot fit any more."""
        answer = self.answer
        if chunk.usage is not None:
            answer.usage = chunk.usage
        for choice in chunk.choices:
            if choice.index == 0:
                if choice.delta.content:
                    answer.push(choice.delta.content)
                if choice.finish_reason == "stop":
                    answer.finish()
        if self._attempts.on_invalid is None:
            return self.state.handle_chunk(chunk)
        try:
            return self.state.handle_chunk(chunk)
        except pydantic.ValidationError:
            # It may have been the arguments of a tool that did not fit.
            answer.check(partial(parse_content, self._response_format))
            raise

    def finish(self) -> None:
        """Take the stream for ended. Raises `SchemaViolationError` if the answer ended before it fitted."""
        self.answer.finish()

    def next(self, error: SchemaViolationError) -> Callable[[], Any] | None:
        """Begin a new answer and return what sends the request for it; None when no more is to be made."""
        if self._again is None or not self._attempts.goes_on:
            return None
        self._begin()
        return self._again.request(error)

    def _begin(self) -> None:
        self.answer = self._attempts.begin()
        self.state: ChatCompletionStreamState[Any] = ChatCompletionStreamState(
            response_format=self._response_format, input_tools=self._input_tools
        )


class ChatCompletionStream(Partials, Generic[ResponseFormatT]):
    """The events of a streamed chat completion. Iterate over it, once; leaving its context closes the socket.

    Iterating raises what iterating over a `Stream` raises, and:
        ValueError: what is to be parsed is no JSON, or does not fit (`pydantic.ValidationError`).
        LengthFinishReasonError: what is to be parsed was cut at the token limit.
        ContentFilterFinishReasonError: what is to be parsed was stopped by the content filter.
    """

    def __init__(
        self,
        *,
        raw_stream: Stream[ChatCompletionChunk],
        response_format: type[ResponseFormatT] | ResponseFormat | Omit,
        input_tools: Iterable[ChatCompletionToolUnionParam] | Omit,
        again: Again | None = None,
    ) -> None:
        self._raw_stream = raw_stream
        self._response = raw_stream.response
        self._reading = _Reading(response_format, input_tools, again)
        self._answer = self._reading.answer
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
                    # Some compatible servers put other events between the chunks.
                    if chunk.object == "chat.completion.chunk":
                        yield from reading.take(chunk)
                reading.finish()
                return
            except SchemaViolationError as error:
                self._raw_stream.close()
                request = reading.next(error)
                if request is None:
                    raise
                self._raw_stream = request()
                self._response = self._raw_stream.response
                self._answer = reading.answer


class ChatCompletionStreamManager(Generic[ResponseFormatT]):
    """Sends the request when its context is entered, which gives the stream, and closes that when it is left."""

    def __init__(
        self,
        api_request: Callable[[], Stream[ChatCompletionChunk]],
        *,
        response_format: type[ResponseFormatT] | ResponseFormat | Omit,
        input_tools: Iterable[ChatCompletionToolUnionParam] | Omit,
        again: Again | None = None,
    ) -> None:
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
            again=self._again,
        )
        return self._stream

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, exc_tb: TracebackType | None
    ) -> None:
        if self._stream is not None:
            self._stream.close()


class AsyncChatCompletionStream(AsyncPartials, Generic[ResponseFormatT]):
    """The events of a streamed chat completion. Iterate over it with `async for`, once.

    Iterating raises what iterating over a `ChatCompletionStream` raises.
    """

    def __init__(
        self,
        *,
        raw_stream: AsyncStream[ChatCompletionChunk],
        response_format: type[ResponseFormatT] | ResponseFormat | Omit,
        input_tools: Iterable[ChatCompletionToolUnionParam] | Omit,
        again: Again | None = None,
    ) -> None:
        self._raw_stream = raw_stream
        self._response = raw_stream.response
        self._reading = _Reading(response_format, input_tools, again)
        self._answer = self._reading.answer
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
                    # Some compatible servers put other events between the chunks.
                    if chunk.object == "chat.completion.chunk":
                        for event in reading.take(chunk):
                            yield event
                reading.finish()
                return
            except SchemaViolationError as error:
                await self._raw_stream.close()
                request = reading.next(error)
                if request is None:
                    raise
                self._raw_stream = await request()
                self._response = self._raw_stream.response
                self._answer = reading.answer


class AsyncChatCompletionStreamManager(Generic[ResponseFormatT]):
    """Sends the request when its context is entered, which gives the stream, and closes that when it is left."""

    def __init__(
        self,
        api_request: Awaitable[AsyncStream[ChatCompletionChunk]],
        *,
        response_format: type[ResponseFormatT] | ResponseFormat | Omit,
        input_tools: Iterable[ChatCompletionToolUnionParam] | Omit,
        again: Again | None = None,
    ) -> None:
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
            again=self._again,
        )
        return self._stream

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, exc_tb: TracebackType | None
    ) -> None:
        if self._stream is not None:
            await self._stream.close()
