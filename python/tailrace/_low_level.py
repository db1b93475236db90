"""`client.get`, `client.post` and their siblings: requests to paths that no method is made for."""

# ruff: noqa: F811 - Overloads, whose decorator is not the one of `typing` at run time.

from __future__ import annotations

from ._api_client import APIClient

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncIterable, Iterable, Mapping
    from typing import IO, Any, Literal, TypeVar, Union, overload

    from ._final_request_options import FinalRequestOptions
    from ._operation import Operation, OperationOptions
    from ._request_options import RequestOptions
    from ._streaming import AsyncStream, Stream
    from ._types import Body, RequestFiles
    from .pagination import AsyncPaginator, BaseAsyncPage, BaseSyncPage

    ResponseT = TypeVar("ResponseT")
    _StreamT = TypeVar("_StreamT", bound=Stream[Any])
    _AsyncStreamT = TypeVar("_AsyncStreamT", bound=AsyncStream[Any])
    SyncPageT = TypeVar("SyncPageT", bound=BaseSyncPage[Any])
    AsyncPageT = TypeVar("AsyncPageT", bound=BaseAsyncPage[Any])
    _T = TypeVar("_T")
    BinaryTypes = Union[bytes, bytearray, IO[bytes], Iterable[bytes]]
    AsyncBinaryTypes = Union[BinaryTypes, AsyncIterable[bytes]]
else:

    def overload(method: Any) -> None:
        # Only type checkers read overloads, and importing `typing` for them costs more than this package.
        return None


_NO_OPTIONS: RequestOptions = {}


class SyncRequests(APIClient):
    """The low-level methods of `OpenAI`.

    A path is joined to the base URL. `cast_to` says what the answer becomes: a model, a dict, list or union type,
    `object`, `str`, `bytes`, a number, `NoneType`, or a response class. With `stream=True`, `stream_cls` says what its
    events become, such as `Stream[ChatCompletionChunk]`; without it they become what `cast_to` says.

    Each raises what every call raises, `TypeError` for arguments that exclude each other, and `ValueError` or
    `RuntimeError` for a `cast_to` that nothing can become.
    """

    def request(
        self,
        cast_to: type[ResponseT],
        options: FinalRequestOptions,
        *,
        stream: bool = False,
        stream_cls: type[_StreamT] | None = None,
    ) -> ResponseT | _StreamT:
        """Send the request that `options` describe."""
        return _sent(self, *_described(options, cast_to), stream, stream_cls)

    @overload
    def get(
        self, path: str, *, cast_to: type[ResponseT], options: RequestOptions = ..., stream: Literal[False] = False
    ) -> ResponseT: ...

    @overload
    def get(
        self,
        path: str,
        *,
        cast_to: Any,
        options: RequestOptions = ...,
        stream: Literal[True],
        stream_cls: type[_StreamT],
    ) -> _StreamT: ...

    @overload
    def get(
        self,
        path: str,
        *,
        cast_to: Any,
        options: RequestOptions = ...,
        stream: bool = False,
        stream_cls: type[Any] | None = None,
    ) -> Any: ...

    def get(
        self,
        path: str,
        *,
        cast_to: Any,
        options: RequestOptions = _NO_OPTIONS,
        stream: bool = False,
        stream_cls: type[Any] | None = None,
    ) -> Any:
        """Send a `GET` request."""
        return _sent(self, "GET", path, cast_to, options, stream=stream, stream_cls=stream_cls)

    @overload
    def post(
        self,
        path: str,
        *,
        cast_to: type[ResponseT],
        body: Body | None = None,
        content: BinaryTypes | None = None,
        options: RequestOptions = ...,
        files: RequestFiles | None = None,
        stream: Literal[False] = False,
    ) -> ResponseT: ...

    @overload
    def post(
        self,
        path: str,
        *,
        cast_to: Any,
        body: Body | None = None,
        content: BinaryTypes | None = None,
        options: RequestOptions = ...,
        files: RequestFiles | None = None,
        stream: Literal[True],
        stream_cls: type[_StreamT],
    ) -> _StreamT: ...

    @overload
    def post(
        self,
        path: str,
        *,
        cast_to: Any,
        body: Body | None = None,
        content: BinaryTypes | None = None,
        options: RequestOptions = ...,
        files: RequestFiles | None = None,
        stream: bool = False,
        stream_cls: type[Any] | None = None,
    ) -> Any: ...

    def post(
        self,
        path: str,
        *,
        cast_to: Any,
        body: Body | None = None,
        content: BinaryTypes | None = None,
        options: RequestOptions = _NO_OPTIONS,
        files: RequestFiles | None = None,
        stream: bool = False,
        stream_cls: type[Any] | None = None,
    ) -> Any:
        """Send a `POST` request.

        `body` is sent as JSON, `content` as it is, and with `files` the members of `body` are the fields of a form.
        """
        return _sent(self, "POST", path, cast_to, options, body, content, files, stream, stream_cls)

    def patch(
        self,
        path: str,
        *,
        cast_to: type[ResponseT],
        body: Body | None = None,
        content: BinaryTypes | None = None,
        files: RequestFiles | None = None,
        options: RequestOptions = _NO_OPTIONS,
    ) -> ResponseT:
        """Send a `PATCH` request; the arguments are those of `post`."""
        return _sent(self, "PATCH", path, cast_to, options, body, content, files)

    def put(
        self,
        path: str,
        *,
        cast_to: type[ResponseT],
        body: Body | None = None,
        content: BinaryTypes | None = None,
        files: RequestFiles | None = None,
        options: RequestOptions = _NO_OPTIONS,
    ) -> ResponseT:
        """Send a `PUT` request; the arguments are those of `post`."""
        return _sent(self, "PUT", path, cast_to, options, body, content, files)

    def delete(
        self,
        path: str,
        *,
        cast_to: type[ResponseT],
        body: Body | None = None,
        content: BinaryTypes | None = None,
        options: RequestOptions = _NO_OPTIONS,
    ) -> ResponseT:
        """Send a `DELETE` request; the arguments are those of `post`."""
        return _sent(self, "DELETE", path, cast_to, options, body, content)

    def get_api_list(
        self,
        path: str,
        *,
        model: type[object],
        page: type[SyncPageT],
        body: Body | None = None,
        options: RequestOptions = _NO_OPTIONS,
        method: str = "get",
    ) -> SyncPageT:
        """Return the first page of a list, as `page`, such as `SyncCursorPage[FileObject]`; `model` is its item."""
        return _sent(self, method.upper(), path, page, options, body)


class AsyncRequests(APIClient):
    """The low-level methods of `AsyncOpenAI`; what `SyncRequests` says holds for them."""

    async def request(
        self,
        cast_to: type[ResponseT],
        options: FinalRequestOptions,
        *,
        stream: bool = False,
        stream_cls: type[_AsyncStreamT] | None = None,
    ) -> ResponseT | _AsyncStreamT:
        """Send the request that `options` describe."""
        return await _async_sent(self, *_described(options, cast_to), stream, stream_cls)

    @overload
    async def get(
        self, path: str, *, cast_to: type[ResponseT], options: RequestOptions = ..., stream: Literal[False] = False
    ) -> ResponseT: ...

    @overload
    async def get(
        self,
        path: str,
        *,
        cast_to: Any,
        options: RequestOptions = ...,
        stream: Literal[True],
        stream_cls: type[_AsyncStreamT],
    ) -> _AsyncStreamT: ...

    @overload
    async def get(
        self,
        path: str,
        *,
        cast_to: Any,
        options: RequestOptions = ...,
        stream: bool = False,
        stream_cls: type[Any] | None = None,
    ) -> Any: ...

    async def get(
        self,
        path: str,
        *,
        cast_to: Any,
        options: RequestOptions = _NO_OPTIONS,
        stream: bool = False,
        stream_cls: type[Any] | None = None,
    ) -> Any:
        """Send a `GET` request."""
        return await _async_sent(self, "GET", path, cast_to, options, stream=stream, stream_cls=stream_cls)

    @overload
    async def post(
        self,
        path: str,
        *,
        cast_to: type[ResponseT],
        body: Body | None = None,
        content: AsyncBinaryTypes | None = None,
        files: RequestFiles | None = None,
        options: RequestOptions = ...,
        stream: Literal[False] = False,
    ) -> ResponseT: ...

    @overload
    async def post(
        self,
        path: str,
        *,
        cast_to: Any,
        body: Body | None = None,
        content: AsyncBinaryTypes | None = None,
        files: RequestFiles | None = None,
        options: RequestOptions = ...,
        stream: Literal[True],
        stream_cls: type[_AsyncStreamT],
    ) -> _AsyncStreamT: ...

    @overload
    async def post(
        self,
        path: str,
        *,
        cast_to: Any,
        body: Body | None = None,
        content: AsyncBinaryTypes | None = None,
        files: RequestFiles | None = None,
        options: RequestOptions = ...,
        stream: bool = False,
        stream_cls: type[Any] | None = None,
    ) -> Any: ...

    async def post(
        self,
        path: str,
        *,
        cast_to: Any,
        body: Body | None = None,
        content: AsyncBinaryTypes | None = None,
        files: RequestFiles | None = None,
        options: RequestOptions = _NO_OPTIONS,
        stream: bool = False,
        stream_cls: type[Any] | None = None,
    ) -> Any:
        """Send a `POST` request; the arguments are those of `SyncRequests.post`."""
        return await _async_sent(self, "POST", path, cast_to, options, body, content, files, stream, stream_cls)

    async def patch(
        self,
        path: str,
        *,
        cast_to: type[ResponseT],
        body: Body | None = None,
        content: AsyncBinaryTypes | None = None,
        files: RequestFiles | None = None,
        options: RequestOptions = _NO_OPTIONS,
    ) -> ResponseT:
        """Send a `PATCH` request; the arguments are those of `post`."""
        return await _async_sent(self, "PATCH", path, cast_to, options, body, content, files)

    async def put(
        self,
        path: str,
        *,
        cast_to: type[ResponseT],
        body: Body | None = None,
        content: AsyncBinaryTypes | None = None,
        files: RequestFiles | None = None,
        options: RequestOptions = _NO_OPTIONS,
    ) -> ResponseT:
        """Send a `PUT` request; the arguments are those of `post`."""
        return await _async_sent(self, "PUT", path, cast_to, options, body, content, files)

    async def delete(
        self,
        path: str,
        *,
        cast_to: type[ResponseT],
        body: Body | None = None,
        content: AsyncBinaryTypes | None = None,
        options: RequestOptions = _NO_OPTIONS,
    ) -> ResponseT:
        """Send a `DELETE` request; the arguments are those of `post`."""
        return await _async_sent(self, "DELETE", path, cast_to, options, body, content)

    def get_api_list(
        self,
        path: str,
        *,
        model: type[_T],
        page: type[AsyncPageT],
        body: Body | None = None,
        options: RequestOptions = _NO_OPTIONS,
        method: str = "get",
    ) -> AsyncPaginator[_T, AsyncPageT]:
        """Return a list to be awaited or iterated over, in pages such as `AsyncCursorPage[FileObject]`."""
        from .pagination import AsyncPaginator

        paginator: Any = AsyncPaginator
        return paginator(self, _operation(method.upper(), path, page, options, body))


def _sent(client: SyncRequests, *arguments: Any, **options: Any) -> Any:
    # The modules of a call load with the first one; a client alone does not need them.
    from ._call import send

    return send(client, _operation(*arguments, **options))


async def _async_sent(client: AsyncRequests, *arguments: Any, **options: Any) -> Any:
    from ._call import async_send

    return await async_send(client, _operation(*arguments, **options))


def _described(options: FinalRequestOptions, cast_to: Any) -> tuple[Any, ...]:
    method, path = options.method.upper(), options.url
    return (method, path, cast_to, options.as_options(), options.json_data, options.content, options.files)


def _operation(
    method: str,
    path: str,
    cast_to: Any,
    options: Mapping[str, Any],
    body: Any = None,
    content: Any = None,
    files: Any = None,
    stream: bool = False,
    stream_cls: Any = None,
) -> Operation:
    from ._operation import ANY_KEY, Operation

    if content is not None:
        for name, value in (("body", body), ("files", files)):
            if value is not None:
                raise TypeError(f"Passing both `{name}` and `content` is not supported")
    if isinstance(body, bytes):
        import warnings

        # People tell warnings apart by their text.
        warnings.warn(
            "Passing raw bytes as `body` is deprecated and will be removed in a future version. Please pass raw bytes "
            "via the `content` parameter instead.",
            DeprecationWarning,
            stacklevel=4,
        )
    item = cast_to
    if stream and stream_cls is not None:
        from ._streaming import item_type_of

        item = item_type_of(stream_cls)
    retries = options.get("max_retries")
    if "max_retries" in options:
        from ._options import checked_retries

        checked_retries(retries)
    security = options.get("security")
    headers = options.get("headers")
    if files is None and method != "GET" and headers and _asks_for_form(headers):
        files = {}
    made: OperationOptions = {
        "cast_to": cast_to,
        "body": body,
        "content": content,
        "form": files,
        "stream": stream,
        "stream_item": item,
        "security": ANY_KEY if security is None else tuple(security),
        "named_events": bool(options.get("synthesize_event_and_data")),
        "stream_mode": options.get("stream_mode", "legacy"),
        "post_parser": options.get("post_parser"),
        "extra_headers": headers,
        "extra_query": options.get("params"),
        "extra_body": options.get("extra_json"),
        "max_retries": retries,
        "follow_redirects": options.get("follow_redirects") is not False,
    }
    for name in ("timeout", "deadline", "strict_end", "retry"):
        if name in options:
            made[name] = options[name]
    operation = Operation(method, path, made)
    if operation.raw is None and isinstance(cast_to, type) is False and not stream:
        _ask_for_class(operation)
    return operation


def _asks_for_form(headers: Mapping[str, Any]) -> bool:
    return any(
        name.lower() == "content-type" and isinstance(value, str) and value.startswith("multipart/form-data")
        for name, value in headers.items()
    )


def _ask_for_class(operation: Operation) -> None:
    # Only a type in brackets, such as `APIResponse[Model]`, gets here, or a model in a union or a list.
    from ._response import response_class_of

    if response_class_of(operation.cast_to) is not None:
        operation.raw = "true"
