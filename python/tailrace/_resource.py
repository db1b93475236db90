"""The classes that the generated resources derive from: one method for a call, sync and async."""

from __future__ import annotations

from ._call import Call
from ._types import not_given

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from ._client import AsyncOpenAI, OpenAI
    from ._types import Body, Headers, Query


class SyncAPIResource:
    """A part of the API, such as `client.chat`, for blocking calls."""

    _client: OpenAI

    def __init__(self, client: OpenAI) -> None:
        self._client = client

    def _post(
        self,
        path: str,
        *,
        body: Mapping[str, object],
        cast_to: Any,
        stream: bool | None = False,
        stream_item: Any = None,
        extra_headers: Headers | None = None,
        extra_query: Query | None = None,
        extra_body: Body | None = None,
        timeout: Any = not_given,
    ) -> Any:
        streamed = bool(stream)
        call = Call(
            self._client, "POST", path, body=body, stream=streamed,
            extra_headers=extra_headers, extra_query=extra_query, extra_body=extra_body, timeout=timeout,
        )  # fmt: skip
        call.expect(stream_item if streamed else cast_to)
        result = call.settle(call.pending.wait())
        if streamed:
            from ._streaming import open_stream

            return open_stream(call, result)
        return result


class AsyncAPIResource:
    """A part of the API, such as `client.chat`, for calls that are awaited."""

    _client: AsyncOpenAI

    def __init__(self, client: AsyncOpenAI) -> None:
        self._client = client

    async def _post(
        self,
        path: str,
        *,
        body: Mapping[str, object],
        cast_to: Any,
        stream: bool | None = False,
        stream_item: Any = None,
        extra_headers: Headers | None = None,
        extra_query: Query | None = None,
        extra_body: Body | None = None,
        timeout: Any = not_given,
    ) -> Any:
        streamed = bool(stream)
        call = Call(
            self._client, "POST", path, body=body, stream=streamed,
            extra_headers=extra_headers, extra_query=extra_query, extra_body=extra_body, timeout=timeout,
        )  # fmt: skip
        call.expect(stream_item if streamed else cast_to)
        result = call.settle(await call.pending)
        if streamed:
            from ._streaming import open_async_stream

            return open_async_stream(call, result)
        return result
