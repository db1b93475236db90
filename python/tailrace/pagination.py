"""Pages of lists: their items, and the way from one page to the next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, List, Optional, Protocol, TypeVar, cast, runtime_checkable  # noqa: UP035 - Evaluated by pydantic.

from ._call import async_send, send
from ._models import BaseModel
from ._types import NOT_GIVEN, NotGiven

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Generator, Iterator, Mapping

    from typing_extensions import Self

    from ._api_client import APIClient
    from ._operation import Operation

__all__ = [
    "AsyncConversationCursorPage",
    "AsyncCursorPage",
    "AsyncNextCursorPage",
    "AsyncPage",
    "AsyncTokenPage",
    "SyncConversationCursorPage",
    "SyncCursorPage",
    "SyncNextCursorPage",
    "SyncPage",
    "SyncTokenPage",
]

_T = TypeVar("_T")
_Page = TypeVar("_Page", bound="BaseAsyncPage[Any]")


@runtime_checkable
class CursorPageItem(Protocol):
    """An item that a cursor can be made of."""

    id: Optional[str]


class PageInfo:
    """What the request for the next page changes: its URL, its query or its body."""

    url: Any
    params: Mapping[str, object] | NotGiven
    json: Any

    def __init__(
        self,
        *,
        url: Any = NOT_GIVEN,
        json: Any = NOT_GIVEN,
        params: Mapping[str, object] | NotGiven = NOT_GIVEN,
    ) -> None:
        self.url = url
        self.json = json
        self.params = params

    def __repr__(self) -> str:
        name = type(self).__name__
        if self.url:
            return f"{name}(url={self.url})"
        if self.json:
            return f"{name}(json={self.json})"
        return f"{name}(params={self.params})"


class _Source:
    """Where a page came from, which is what it takes to ask for the next one."""

    __slots__ = ("client", "operation")

    def __init__(self, client: APIClient, operation: Operation) -> None:
        self.client = client
        self.operation = operation

    def __deepcopy__(self, memo: dict[int, Any]) -> _Source:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        # A pickle holds the items of a page; sockets and credentials stay behind.
        return (type(None), ())


class BasePage(BaseModel, Generic[_T]):
    """One page of a list. Iterating goes over the items of this page and of those that follow it.

    A subclass says where its items are, and how the next page is asked for.
    """

    def has_next_page(self) -> bool:
        """Whether there are items here and a page to ask for after them."""
        return bool(self._get_page_items()) and self.next_page_info() is not None

    def next_page_info(self) -> PageInfo | None:
        """Return what the request for the next page changes; None when this is the last page."""
        raise NotImplementedError(f"{type(self).__name__} does not say how its next page is asked for.")

    def _get_page_items(self) -> Any:
        return getattr(self, "data", None) or []

    def _set_source(self, client: APIClient, operation: Operation) -> None:
        vars(self)["_source"] = _Source(client, operation)

    def _next(self) -> tuple[APIClient, Operation]:
        info = self.next_page_info()
        if info is None:
            raise RuntimeError(
                "No next page expected; please check `.has_next_page()` before calling `.get_next_page()`."
            )
        source: _Source | None = self.__dict__.get("_source")
        if source is None:
            raise RuntimeError("This page was not returned by a call, or was unpickled, so it cannot ask for the next.")
        operation = source.operation
        if not isinstance(info.params, NotGiven):
            operation = operation.with_query(info.params)
        if not isinstance(info.url, NotGiven):
            operation = operation.with_path(str(info.url))
        if not isinstance(info.json, NotGiven):
            operation = operation.with_body(info.json)
        return (source.client, operation)

    def __reduce__(self) -> tuple[Any, ...]:
        # A class with a type in its brackets is made at run time, and pickle would look for it by name.
        generic = type(self).__pydantic_generic_metadata__
        return (_unpickled, (generic["origin"] or type(self), generic["args"], self.__getstate__()))


def _unpickled(cls: Any, arguments: tuple[Any, ...], state: dict[Any, Any]) -> Any:
    page_class: Any = cls[arguments] if arguments else cls
    page = page_class.__new__(page_class)
    page.__setstate__(state)
    return page


class BaseSyncPage(BasePage[_T], Generic[_T]):
    """A page of a client for blocking calls."""

    def __iter__(self) -> Iterator[_T]:  # type: ignore[override]  # pyright: ignore[reportIncompatibleMethodOverride]
        for page in self.iter_pages():
            yield from page._get_page_items()

    def iter_pages(self) -> Iterator[Self]:
        """Yield this page and those that follow it, each asked for when it is reached."""
        page = self
        yield page
        while page.has_next_page():
            page = page.get_next_page()
            yield page

    def get_next_page(self) -> Self:
        """Return the page after this one.

        Raises:
            RuntimeError: this is the last one.
            APIError: the request failed.
        """
        return send(*self._next())


class BaseAsyncPage(BasePage[_T], Generic[_T]):
    """A page of an async client."""

    async def __aiter__(self) -> AsyncIterator[_T]:
        async for page in self.iter_pages():
            for item in page._get_page_items():
                yield item

    async def iter_pages(self) -> AsyncIterator[Self]:
        """Yield this page and those that follow it, each asked for when it is reached."""
        page = self
        yield page
        while page.has_next_page():
            page = await page.get_next_page()
            yield page

    async def get_next_page(self) -> Self:
        """Return the page after this one; raises what `BaseSyncPage.get_next_page` raises."""
        return await async_send(*self._next())


class AsyncPaginator(Generic[_T, _Page]):
    """A list that was asked for and not yet sent: await it for its first page, or iterate over all its items."""

    def __init__(self, client: APIClient, operation: Operation) -> None:
        self._client = client
        self._operation = operation

    def __await__(self) -> Generator[Any, None, _Page]:
        return async_send(self._client, self._operation).__await__()

    async def __aiter__(self) -> AsyncIterator[_T]:
        page = await self
        async for item in page:
            yield item


class _Whole:
    """A list that comes whole."""

    def next_page_info(self) -> None:
        """Return None: there is no other page."""
        return


class _Part:
    """A part of a list that says whether more follows."""

    def has_next_page(self) -> bool:
        """Whether there are items here and a page after them, unless the server says that there is none."""
        return getattr(self, "has_more", None) is not False and cast("Any", super()).has_next_page()


class _AfterLastItem(_Part):
    """The next part begins after the `id` of the last item."""

    def next_page_info(self) -> PageInfo | None:
        """Return the cursor of the next page; None when there are no items or the last one has no id."""
        items = cast("Any", self).data
        # The field `id`, not an extra member of that name: the official package looks for the declared one, too.
        cursor = getattr(items[-1], "__dict__", {}).get("id") if items else None
        return None if cursor is None else PageInfo(params={"after": cursor})


class _AfterLastId(_Part):
    """The next part begins after `last_id`."""

    def next_page_info(self) -> PageInfo | None:
        """Return the cursor of the next page; None when the server gave none."""
        cursor = cast("Any", self).last_id
        return PageInfo(params={"after": cursor}) if cursor else None


class _AfterNext(_Part):
    """The next part begins after `next`."""

    def next_page_info(self) -> PageInfo | None:
        """Return the cursor of the next page; None when the server gave none."""
        cursor = cast("Any", self).next
        return PageInfo(params={"after": cursor}) if cursor else None


class _OfToken(_Part):
    """The next part has the token `next`."""

    def next_page_info(self) -> PageInfo | None:
        """Return the token of the next page; None when the server gave none."""
        token = cast("Any", self).next
        return PageInfo(params={"page": token}) if token else None


class SyncPage(_Whole, BaseSyncPage[_T], Generic[_T]):
    """A list that comes whole."""

    data: List[_T]  # noqa: UP006
    object: str


class AsyncPage(_Whole, BaseAsyncPage[_T], Generic[_T]):
    """A list that comes whole, for an async client."""

    data: List[_T]  # noqa: UP006
    object: str


class SyncCursorPage(_AfterLastItem, BaseSyncPage[_T], Generic[_T]):
    """A part of a list; the next one begins after its last item."""

    data: List[_T]  # noqa: UP006
    has_more: Optional[bool] = None


class AsyncCursorPage(_AfterLastItem, BaseAsyncPage[_T], Generic[_T]):
    """A part of a list; the next one begins after its last item, for an async client."""

    data: List[_T]  # noqa: UP006
    has_more: Optional[bool] = None


class SyncConversationCursorPage(_AfterLastId, BaseSyncPage[_T], Generic[_T]):
    """A part of a list that names the id of its last item."""

    data: List[_T]  # noqa: UP006
    has_more: Optional[bool] = None
    last_id: Optional[str] = None


class AsyncConversationCursorPage(_AfterLastId, BaseAsyncPage[_T], Generic[_T]):
    """A part of a list that names the id of its last item, for an async client."""

    data: List[_T]  # noqa: UP006
    has_more: Optional[bool] = None
    last_id: Optional[str] = None


class SyncNextCursorPage(_AfterNext, BaseSyncPage[_T], Generic[_T]):
    """A part of a list that names the item where the next one begins."""

    data: List[_T]  # noqa: UP006
    has_more: Optional[bool] = None
    next: Optional[str] = None


class AsyncNextCursorPage(_AfterNext, BaseAsyncPage[_T], Generic[_T]):
    """A part of a list that names the item where the next one begins, for an async client."""

    data: List[_T]  # noqa: UP006
    has_more: Optional[bool] = None
    next: Optional[str] = None


class SyncTokenPage(_OfToken, BaseSyncPage[_T], Generic[_T]):
    """A part of a list that names the token of the next one."""

    data: List[_T]  # noqa: UP006
    has_more: Optional[bool] = None
    next: Optional[str] = None


class AsyncTokenPage(_OfToken, BaseAsyncPage[_T], Generic[_T]):
    """A part of a list that names the token of the next one, for an async client."""

    data: List[_T]  # noqa: UP006
    has_more: Optional[bool] = None
    next: Optional[str] = None
