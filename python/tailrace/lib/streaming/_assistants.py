"""The streams of the Assistants API: handlers with callbacks, and the managers that send the requests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

from ._assistant_callbacks import AssistantCallbacks, AsyncAssistantCallbacks
from ._assistant_events import AssistantEvents, SoFar, texts_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Iterable, Iterator
    from types import TracebackType

    from ..._streaming import AsyncStream, Stream
    from ...types.beta.assistant_stream_event import AssistantStreamEvent
    from ...types.beta.threads.message import Message
    from ...types.beta.threads.run import Run
    from ...types.beta.threads.runs.run_step import RunStep

__all__ = [
    "AssistantEventHandler",
    "AssistantEventHandlerT",
    "AssistantStreamManager",
    "AsyncAssistantEventHandler",
    "AsyncAssistantEventHandlerT",
    "AsyncAssistantStreamManager",
]

_NOT_BEGUN = "Stream has not been started yet"
_SHARED = (
    "A single event handler cannot be shared between multiple streams; You will need to construct a new event handler "
    "instance"
)


class AssistantEventHandler(SoFar, AssistantCallbacks):
    """The events of a run, and a callback for each thing that they tell. Iterate over it, once, or override callbacks.

    A handler belongs to one stream, which its manager begins.

    Iterating raises what iterating over a `Stream` raises, what a callback raises, and:
        RuntimeError: the stream has not begun, or has a delta of a message that has not begun.

    `on_exception` (after `on_timeout`, where time ran out) and `on_end` are called before.
    """

    text_deltas: Iterable[str]
    """The pieces of the texts of messages as they come; reading it reads the stream."""

    def __init__(self) -> None:
        self._stream: Stream[AssistantStreamEvent] | None = None
        self._so_far = AssistantEvents()
        self._events = self.__stream__()
        self.text_deltas = self.__text_deltas__()

    def __next__(self) -> AssistantStreamEvent:
        return self._events.__next__()

    def __iter__(self) -> Iterator[AssistantStreamEvent]:
        # More than a plain return of it: leaving a loop early shall not end the events.
        for event in self._events:  # noqa: UP028
            yield event

    def close(self) -> None:
        """Close the stream and its socket; the manager does it when its context is left."""
        if self._stream is not None:
            self._stream.close()

    def until_done(self) -> None:
        """Read to the end. Raises what iterating raises."""
        for _ in self._events:
            pass

    def get_final_run(self) -> Run:
        """Read to the end and return the run.

        Raises what iterating raises, and:
            RuntimeError: there was no run.
        """
        self.until_done()
        return self._so_far.final_run()

    def get_final_run_steps(self) -> list[RunStep]:
        """Read to the end and return the steps.

        Raises what iterating raises, and:
            RuntimeError: there was none.
        """
        self.until_done()
        return self._so_far.final_steps()

    def get_final_messages(self) -> list[Message]:
        """Read to the end and return the messages.

        Raises what iterating raises, and:
            RuntimeError: there was none.
        """
        self.until_done()
        return self._so_far.final_messages()

    def _begin(self, stream: Stream[AssistantStreamEvent]) -> None:
        if self._stream is not None:
            raise RuntimeError(_SHARED)
        self._stream = stream

    def __stream__(self) -> Iterator[AssistantStreamEvent]:
        if self._stream is None:
            raise RuntimeError(_NOT_BEGUN)
        try:
            for event in self._stream:
                for name, arguments in self._so_far.take(event):
                    getattr(self, name)(*arguments)
                self._so_far.event = None
                yield event
        except Exception as error:
            raised, is_late = self._so_far.failed(error)
            if is_late:
                self.on_timeout()
            self.on_exception(raised)
            if raised is error:
                raise
            raise raised from raised.__cause__
        finally:
            self.on_end()

    def __text_deltas__(self) -> Iterator[str]:
        for event in self._events:
            yield from texts_of(event)


AssistantEventHandlerT = TypeVar("AssistantEventHandlerT", bound=AssistantEventHandler)


class AssistantStreamManager(Generic[AssistantEventHandlerT]):
    """Sends the request when its context is entered, which gives the handler, and closes the stream when it is left."""

    def __init__(
        self, api_request: Callable[[], Stream[AssistantStreamEvent]], *, event_handler: AssistantEventHandlerT
    ) -> None:
        """Take the request `api_request` and the handler that shall read its answer."""
        self._stream: Stream[AssistantStreamEvent] | None = None
        self._event_handler = event_handler
        self._api_request = api_request

    def __enter__(self) -> AssistantEventHandlerT:
        self._stream = self._api_request()
        self._event_handler._begin(self._stream)  # pyright: ignore[reportPrivateUsage]
        return self._event_handler

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, exc_tb: TracebackType | None
    ) -> None:
        if self._stream is not None:
            self._stream.close()


class AsyncAssistantEventHandler(SoFar, AsyncAssistantCallbacks):
    """`AssistantEventHandler` for `async for`; its callbacks are awaited, and it raises the same."""

    text_deltas: AsyncIterable[str]
    """The pieces of the texts of messages as they come; reading it reads the stream."""

    def __init__(self) -> None:
        self._stream: AsyncStream[AssistantStreamEvent] | None = None
        self._so_far = AssistantEvents()
        self._events = self.__stream__()
        self.text_deltas = self.__text_deltas__()

    async def __anext__(self) -> AssistantStreamEvent:
        return await self._events.__anext__()

    async def __aiter__(self) -> AsyncIterator[AssistantStreamEvent]:
        async for event in self._events:
            yield event

    async def close(self) -> None:
        """Close the stream and its socket; the manager does it when its context is left."""
        if self._stream is not None:
            await self._stream.close()

    async def until_done(self) -> None:
        """Read to the end. Raises what iterating raises."""
        async for _ in self._events:
            pass

    async def get_final_run(self) -> Run:
        """Read to the end and return the run.

        Raises what iterating raises, and:
            RuntimeError: there was no run.
        """
        await self.until_done()
        return self._so_far.final_run()

    async def get_final_run_steps(self) -> list[RunStep]:
        """Read to the end and return the steps.

        Raises what iterating raises, and:
            RuntimeError: there was none.
        """
        await self.until_done()
        return self._so_far.final_steps()

    async def get_final_messages(self) -> list[Message]:
        """Read to the end and return the messages.

        Raises what iterating raises, and:
            RuntimeError: there was none.
        """
        await self.until_done()
        return self._so_far.final_messages()

    def _begin(self, stream: AsyncStream[AssistantStreamEvent]) -> None:
        if self._stream is not None:
            raise RuntimeError(_SHARED)
        self._stream = stream

    async def __stream__(self) -> AsyncIterator[AssistantStreamEvent]:
        if self._stream is None:
            raise RuntimeError(_NOT_BEGUN)
        try:
            async for event in self._stream:
                for name, arguments in self._so_far.take(event):
                    await getattr(self, name)(*arguments)
                self._so_far.event = None
                yield event
        except Exception as error:
            raised, is_late = self._so_far.failed(error)
            if is_late:
                await self.on_timeout()
            await self.on_exception(raised)
            if raised is error:
                raise
            raise raised from raised.__cause__
        finally:
            await self.on_end()

    async def __text_deltas__(self) -> AsyncIterator[str]:
        async for event in self._events:
            for text in texts_of(event):
                yield text


AsyncAssistantEventHandlerT = TypeVar("AsyncAssistantEventHandlerT", bound=AsyncAssistantEventHandler)


class AsyncAssistantStreamManager(Generic[AsyncAssistantEventHandlerT]):
    """Sends the request when its context is entered, which gives the handler, and closes the stream when it is left."""

    def __init__(
        self, api_request: Awaitable[AsyncStream[AssistantStreamEvent]], *, event_handler: AsyncAssistantEventHandlerT
    ) -> None:
        """Take the request `api_request` and the handler that shall read its answer."""
        self._stream: AsyncStream[AssistantStreamEvent] | None = None
        self._event_handler = event_handler
        self._api_request = api_request

    async def __aenter__(self) -> AsyncAssistantEventHandlerT:
        self._stream = await self._api_request
        self._event_handler._begin(self._stream)  # pyright: ignore[reportPrivateUsage]
        return self._event_handler

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, exc_tb: TracebackType | None
    ) -> None:
        if self._stream is not None:
            await self._stream.close()
