"""The classes that the generated resources derive from: one method for a call and one for a list, sync and async."""

from __future__ import annotations

from ._call import async_send, send
from ._operation import Operation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from typing_extensions import Unpack

    from ._operation import ListOptions, OperationOptions


class SyncAPIResource:
    """A part of the API, such as `client.chat`, for blocking calls."""

    # The classes of the clients derive from generated ones, so that naming them here would be a circle.
    _client: Any

    def __init__(self, client: Any) -> None:
        self._client = client

    def _request(self, method: str, path: str, **options: Unpack[OperationOptions]) -> Any:
        return send(self._client, Operation(method, path, options))

    def _list(self, method: str, path: str, *, page: Any, **options: Unpack[ListOptions]) -> Any:
        return send(self._client, Operation(method, path, {"cast_to": page, **options}))


class AsyncAPIResource:
    """A part of the API, such as `client.chat`, for calls that are awaited."""

    _client: Any

    def __init__(self, client: Any) -> None:
        self._client = client

    async def _request(self, method: str, path: str, **options: Unpack[OperationOptions]) -> Any:
        return await async_send(self._client, Operation(method, path, options))

    def _list(self, method: str, path: str, *, page: Any, **options: Unpack[ListOptions]) -> Any:
        from .pagination import AsyncPaginator

        paginator: Any = AsyncPaginator
        return paginator(self._client, Operation(method, path, {"cast_to": page, **options}))
