"""Raw responses: `with_raw_response` and `with_streaming_response`, and the classes that they give."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Generic, TypeVar, get_args, get_origin, overload

from ._answer import expected
from ._exceptions import OpenAIError, response_from, response_head
from ._views import async_entered, entered, raw
from ._wire.body import StreamConsumed, UnreadBody

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
    from datetime import timedelta
    from types import TracebackType

    from typing_extensions import ParamSpec

    from ._call import Call
    from ._native import Reply
    from ._rate_limit import RateLimit
    from ._wire.headers import Headers
    from ._wire.request import Request
    from ._wire.response import Response
    from ._wire.url import URL

    P = ParamSpec("P")

R = TypeVar("R")
_T = TypeVar("_T")
ResponseT = TypeVar("ResponseT", bound="APIResponse[Any]")
AsyncResponseT = TypeVar("AsyncResponseT", bound="AsyncAPIResponse[Any]")


class BaseAPIResponse(Generic[R]):
    """A response beside what it becomes: its head at once, its body parsed when `parse()` is called.

    `http_response` is the whole response, `retries_taken` the number of attempts before the one that gave it.
    """

    http_response: Response
    retries_taken: int

    def __init__(self, *, raw: Response, call: Call, reply: Reply, cast_to: Any) -> None:
        self.http_response = raw
        self.retries_taken = raw.retries_taken
        self._call = call
        self._reply = reply
        self._cast_to = cast_to
        self._parsed_by_type: dict[Any, Any] = {}

    @property
    def headers(self) -> Headers:
        """The header fields."""
        return self.http_response.headers

    @property
    def http_request(self) -> Request:
        """The request that this answers."""
        return self.http_response.request

    @property
    def status_code(self) -> int:
        """The status."""
        return self.http_response.status_code

    @property
    def url(self) -> URL:
        """The URL that answered."""
        return self.http_response.url

    @property
    def method(self) -> str:
        """The method of the request."""
        return self.http_request.method

    @property
    def http_version(self) -> str:
        """The version of the protocol, such as `HTTP/1.1`."""
        return self.http_response.http_version

    @property
    def elapsed(self) -> timedelta:
        """Time from sending the request to the end of the response, or to its head where the body was not read."""
        return self.http_response.elapsed

    @property
    def is_closed(self) -> bool:
        """True when no more of the body will be read."""
        return self.http_response.is_closed

    @property
    def request_id(self) -> str | None:
        """The `x-request-id` of the response."""
        return self.http_response.headers.get("x-request-id")

    @property
    def rate_limit(self) -> RateLimit | None:
        """The limits that the request counted against, from the `x-ratelimit-*` fields; None when there are none."""
        from ._rate_limit import rate_limit_of

        return rate_limit_of(self.http_response.headers)

    def __repr__(self) -> str:
        status = f"{self.status_code} {self.http_response.reason_phrase}"
        return f"<{type(self).__name__} [{status}] type={getattr(self._cast_to, 'resolve', lambda: self._cast_to)()}>"

    def _parse(self, to: Any) -> Any:
        cast_to = self._cast_to if to is None else to
        try:
            return self._parsed_by_type[cast_to]
        except KeyError:
            parsed = self._parsed_by_type[cast_to] = self._parsed(to, cast_to)
            return parsed

    def _parsed(self, to: Any, cast_to: Any) -> Any:
        operation = self._call.operation
        if operation.stream:
            from ._streaming import item_type_of, open_stream

            item = operation.stream_item if to is None else item_type_of(to)
            return open_stream(self._call, self._reply, expected(item), self.http_response)
        body = self.http_response.unread_body
        reply = self._reply if body is None else body.read()
        return self._call.value(reply, expected(cast_to))


class APIResponse(BaseAPIResponse[R]):
    """A response of `with_streaming_response`; its body is read when it is asked for."""

    @overload
    def parse(self, *, to: type[_T]) -> _T: ...

    @overload
    def parse(self) -> R: ...

    def parse(self, *, to: type[_T] | None = None) -> R | _T:
        """Return the body as what the method returns, or as `to`: a model, dict, list, object, str, a stream class...

        Raises:
            StreamAlreadyConsumed: the body was handed out piece by piece before.
            TypeError, ValueError, RuntimeError: `to` is no type that an answer can become.
        """
        if not self._call.operation.stream:
            self.read()
        return self._parse(to)

    def read(self) -> bytes:
        """Return the body as bytes, read to its end.

        Raises:
            StreamAlreadyConsumed: it was handed out piece by piece before.
        """
        try:
            return self.http_response.read()
        except StreamConsumed as cause:
            raise StreamAlreadyConsumed from cause

    def text(self) -> str:
        """Return the body as text; raises what `read` raises."""
        self.read()
        return self.http_response.text

    def json(self) -> object:
        """Return the body as decoded JSON; raises what `read` raises, and `json.JSONDecodeError`."""
        self.read()
        return self.http_response.json()

    def close(self) -> None:
        """Close the response and its socket."""
        self.http_response.close()

    def iter_bytes(self, chunk_size: int | None = None) -> Iterator[bytes]:
        """Yield the body in pieces of `chunk_size` bytes, or as they come."""
        yield from self.http_response.iter_bytes(chunk_size)

    def iter_text(self, chunk_size: int | None = None) -> Iterator[str]:
        """Yield the body as text in pieces of `chunk_size` characters, or as they come."""
        yield from self.http_response.iter_text(chunk_size)

    def iter_lines(self) -> Iterator[str]:
        """Yield the lines of the body without their ends."""
        yield from self.http_response.iter_lines()


class AsyncAPIResponse(BaseAPIResponse[R]):
    """A response of an async `with_streaming_response`; its body is read when it is asked for."""

    @overload
    async def parse(self, *, to: type[_T]) -> _T: ...

    @overload
    async def parse(self) -> R: ...

    async def parse(self, *, to: type[_T] | None = None) -> R | _T:
        """Return what `APIResponse.parse` returns."""
        if not self._call.operation.stream:
            await self.read()
        return self._parse(to)

    async def read(self) -> bytes:
        """Return what `APIResponse.read` returns."""
        try:
            return await self.http_response.aread()
        except StreamConsumed as cause:
            raise StreamAlreadyConsumed from cause

    async def text(self) -> str:
        """Return what `APIResponse.text` returns."""
        await self.read()
        return self.http_response.text

    async def json(self) -> object:
        """Return what `APIResponse.json` returns."""
        await self.read()
        return self.http_response.json()

    async def close(self) -> None:
        """Close the response and its socket."""
        await self.http_response.aclose()

    async def iter_bytes(self, chunk_size: int | None = None) -> AsyncIterator[bytes]:
        """Yield what `APIResponse.iter_bytes` yields."""
        async for piece in self.http_response.aiter_bytes(chunk_size):
            yield piece

    async def iter_text(self, chunk_size: int | None = None) -> AsyncIterator[str]:
        """Yield what `APIResponse.iter_text` yields."""
        async for piece in self.http_response.aiter_text(chunk_size):
            yield piece

    async def iter_lines(self) -> AsyncIterator[str]:
        """Yield what `APIResponse.iter_lines` yields."""
        async for line in self.http_response.aiter_lines():
            yield line


class BinaryAPIResponse(APIResponse[bytes]):
    """A response whose body is a file, read before it is handed out."""

    def write_to_file(self, file: str | os.PathLike[str]) -> None:
        """Write the body to `file`, which is made or replaced. Raises `OSError`."""
        with open(file, "wb") as output:
            output.writelines(self.iter_bytes())


class AsyncBinaryAPIResponse(AsyncAPIResponse[bytes]):
    """A response whose body is a file, read before it is handed out."""

    async def write_to_file(self, file: str | os.PathLike[str]) -> None:
        """Write the body to `file`, which is made or replaced. Raises `OSError`."""
        await _write(file, self.iter_bytes())


class StreamedBinaryAPIResponse(APIResponse[bytes]):
    """A response whose body is a file that is still on the wire."""

    def stream_to_file(self, file: str | os.PathLike[str], *, chunk_size: int | None = None) -> None:
        """Write the body to `file` as it comes, in pieces of `chunk_size` bytes. Raises `OSError`."""
        with open(file, "wb") as output:
            output.writelines(self.iter_bytes(chunk_size))


class AsyncStreamedBinaryAPIResponse(AsyncAPIResponse[bytes]):
    """A response whose body is a file that is still on the wire."""

    async def stream_to_file(self, file: str | os.PathLike[str], *, chunk_size: int | None = None) -> None:
        """Write the body to `file` as it comes, in pieces of `chunk_size` bytes. Raises `OSError`."""
        await _write(file, self.iter_bytes(chunk_size))


class MissingStreamClassError(TypeError):
    """A call asks for a stream and does not say of what class."""

    def __init__(self) -> None:
        super().__init__("A call with `stream=True` needs a `stream_cls`, such as `Stream[ChatCompletionChunk]`.")


class StreamAlreadyConsumed(OpenAIError):
    """The body of a response was handed out piece by piece, and is asked for again."""

    def __init__(self) -> None:
        super().__init__(
            "The body of this response has been streamed already; call `.read()` before streaming it to keep it."
        )


class ResponseContextManager(Generic[ResponseT]):
    """What `with_streaming_response` gives: entering it sends the request, leaving it closes the response."""

    def __init__(self, request_func: Callable[[], ResponseT]) -> None:
        self._request_func = request_func
        self._response: ResponseT | None = None

    def __enter__(self) -> ResponseT:
        self._response = self._request_func()
        return self._response

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, exc_tb: TracebackType | None
    ) -> None:
        if self._response is not None:
            self._response.close()


class AsyncResponseContextManager(Generic[AsyncResponseT]):
    """What an async `with_streaming_response` gives: entering it sends the request, leaving it closes the response."""

    def __init__(self, api_request: Awaitable[AsyncResponseT]) -> None:
        self._api_request = api_request
        self._response: AsyncResponseT | None = None

    async def __aenter__(self) -> AsyncResponseT:
        self._response = await self._api_request
        return self._response

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, exc_tb: TracebackType | None
    ) -> None:
        if self._response is not None:
            await self._response.close()


def to_streamed_response_wrapper(func: Callable[P, R]) -> Callable[P, ResponseContextManager[APIResponse[R]]]:
    """Return a method whose response is entered, and read within the block."""
    return entered(func, ResponseContextManager)


def async_to_streamed_response_wrapper(
    func: Callable[P, Awaitable[R]],
) -> Callable[P, AsyncResponseContextManager[AsyncAPIResponse[R]]]:
    """Return an async method whose response is entered, and read within the block."""
    return async_entered(func, AsyncResponseContextManager)


def to_custom_streamed_response_wrapper(
    func: Callable[P, object], response_cls: type[ResponseT]
) -> Callable[P, ResponseContextManager[ResponseT]]:
    """Return a method whose response is of a class of its own."""
    return entered(func, ResponseContextManager, response_cls)


def async_to_custom_streamed_response_wrapper(
    func: Callable[P, Awaitable[object]], response_cls: type[AsyncResponseT]
) -> Callable[P, AsyncResponseContextManager[AsyncResponseT]]:
    """Return an async method whose response is of a class of its own."""
    return async_entered(func, AsyncResponseContextManager, response_cls)


def to_raw_response_wrapper(func: Callable[P, R]) -> Callable[P, APIResponse[R]]:
    """Return a method that gives an `APIResponse`, its body read."""
    return raw(func, "raw")


def async_to_raw_response_wrapper(func: Callable[P, Awaitable[R]]) -> Callable[P, Awaitable[AsyncAPIResponse[R]]]:
    """Return an async method that gives an `AsyncAPIResponse`, its body read."""
    return raw(func, "raw")


def to_custom_raw_response_wrapper(func: Callable[P, object], response_cls: type[ResponseT]) -> Callable[P, ResponseT]:
    """Return a method that gives a response of a class of its own, its body read."""
    return raw(func, "raw", response_cls)


def async_to_custom_raw_response_wrapper(
    func: Callable[P, Awaitable[object]], response_cls: type[AsyncResponseT]
) -> Callable[P, Awaitable[AsyncResponseT]]:
    """Return an async method that gives a response of a class of its own, its body read."""
    return raw(func, "raw", response_cls)


def extract_response_type(typ: type[BaseAPIResponse[Any]]) -> Any:
    """Return what a class such as `class FileResponse(APIResponse[bytes])` says its body becomes.

    Raises:
        TypeError: it says nothing.
    """
    candidates = [typ, *(base for cls in getattr(typ, "__mro__", ()) for base in getattr(cls, "__orig_bases__", ()))]
    for candidate in candidates:
        origin = get_origin(candidate)
        if isinstance(origin, type) and issubclass(origin, BaseAPIResponse):
            (argument,) = get_args(candidate)
            if not isinstance(argument, TypeVar):
                return argument
    raise TypeError(f"The class {typ} does not say what its body becomes; derive it from, say, `APIResponse[bytes]`.")


def response_class_of(cast_to: Any) -> Any:
    """Return the class of raw responses that `cast_to` is, with or without a type in brackets; None when it is none."""
    origin: Any = get_origin(cast_to) or cast_to
    if isinstance(origin, type) and issubclass(origin, BaseAPIResponse):
        return origin  # pyright: ignore[reportUnknownVariableType]
    return None


def raw_response(call: Call, reply: Reply) -> Any:
    """Return the raw response of a settled call, of the class that the call asked for."""
    operation = call.operation
    if reply.closed:
        response = response_from(reply)
    else:
        needs_loop = call.transport is not None and call.client.is_async
        response = response_head(reply, body=UnreadBody(reply, call.unread, needs_loop=needs_loop))
    response.history = call.history
    class_: Any = response_class_of(operation.cast_to)
    if class_ is not None:
        return class_(raw=response, call=call, reply=reply, cast_to=extract_response_type(operation.cast_to))
    if operation.raw == "true":
        from ._legacy_response import LegacyAPIResponse

        class_ = LegacyAPIResponse
    else:
        class_ = AsyncAPIResponse if call.client.is_async else APIResponse
    return class_(raw=response, call=call, reply=reply, cast_to=operation.cast_to)


async def _write(file: str | os.PathLike[str], pieces: AsyncIterator[bytes]) -> None:
    with open(file, "wb") as output:
        async for piece in pieces:
            output.write(piece)
