"""Pages and the way from one to the next, beside the official package: usual answers, odd ones, and what they send."""

from __future__ import annotations

import copy
import pickle
from types import ModuleType
from typing import Any

import pytest
from compared import KINDS, observed

import tailrace
from tailrace.testing import MockServer

PAGES = ["Page", "CursorPage", "ConversationCursorPage", "NextCursorPage", "TokenPage"]

ITEMS = [{"id": "a"}, {"id": "b"}]

BODIES: dict[str, Any] = {
    "more": {"data": ITEMS, "has_more": True, "last_id": "L", "next": "N", "object": "list"},
    "no more": {"data": ITEMS, "has_more": False, "last_id": "L", "next": "N"},
    "has_more is null": {"data": ITEMS, "has_more": None, "last_id": "L", "next": "N"},
    "has_more is missing": {"data": ITEMS, "last_id": "L", "next": "N"},
    "has_more is text": {"data": ITEMS, "has_more": "false", "last_id": "L", "next": "N"},
    "has_more is zero": {"data": ITEMS, "has_more": 0, "last_id": "L", "next": "N"},
    "no cursor": {"data": ITEMS, "has_more": True},
    "cursor is null": {"data": ITEMS, "has_more": True, "last_id": None, "next": None},
    "cursor is empty": {"data": ITEMS, "has_more": True, "last_id": "", "next": ""},
    "cursor is a number": {"data": [{"id": 7}], "has_more": True, "last_id": 5, "next": 5},
    "no items": {"data": [], "has_more": True, "last_id": "L", "next": "N"},
    "data is null": {"data": None, "has_more": True, "last_id": "L", "next": "N"},
    "data is missing": {"has_more": True, "last_id": "L", "next": "N"},
    "data is text": {"data": "xyz", "has_more": True},
    "last item has no id": {"data": [{"id": "a"}, {"x": 1}], "has_more": True},
    "id of the last item is null": {"data": [{"id": None}], "has_more": True},
    "items are no objects": {"data": [5, "s", None], "has_more": True},
    "empty": {},
}

LAST = {"data": [{"id": "z"}], "has_more": False}


def page_class(library: ModuleType, kind: str, name: str) -> Any:
    pagination = __import__(f"{library.__name__}.pagination", fromlist=["pagination"])
    page: Any = getattr(pagination, ("Async" if kind == "AsyncOpenAI" else "Sync") + name)
    models = __import__(f"{library.__name__}.types", fromlist=["types"])
    return page[models.FileDeleted]


def result(what: Any) -> Any:
    """Return what a question to a page gives, or how it fails."""
    try:
        return repr(what())
    except Exception as error:  # noqa: BLE001 - which error it is, is what is compared.
        return (type(error).__name__, str(error))


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("body", BODIES)
def test_a_page_says_and_does_what_the_official_one_does(
    server: MockServer, official: ModuleType, name: str, body: str
) -> None:
    found: list[Any] = []
    for library in (tailrace, official):

        def read(client: Any, library: ModuleType = library) -> Any:
            page = client.get_api_list(
                "/x", model=object, page=page_class(library, "OpenAI", name), options={"params": {"after": "q", "n": 1}}
            )
            questions = [
                lambda: page, page.has_next_page, page.next_page_info, page.get_next_page, lambda: list(page),
                lambda: list(page.iter_pages()), page.model_dump,
            ]  # fmt: skip
            return [result(question) for question in questions]

        last = {"json": LAST, "repeat": True}
        found.append(observed(server, library, "OpenAI", [{"json": BODIES[body]}, last], read))
    assert found[0] == found[1]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("resource", "bodies"),
    [
        ("models", [{"data": ITEMS, "object": "list"}]),
        ("files", [{"data": ITEMS, "has_more": True}, {"data": [{"id": "c"}]}, {"data": []}]),
        ("batches", [{"data": ITEMS, "has_more": True}, {"data": [{"id": "c"}], "has_more": False}]),
    ],
)
def test_iterating_over_a_list_asks_for_each_page(
    server: MockServer, library: ModuleType, kind: str, resource: str, bodies: list[Any]
) -> None:
    def read(client: Any) -> Any:
        listed = getattr(client, resource).list(extra_query={"z": "1"}, extra_headers={"x-mine": "yes"})
        if kind == "OpenAI":
            return [item.id for item in listed]

        async def run() -> Any:
            return [item.id async for item in listed]

        return run()

    outcome, requests = observed(server, library, kind, [{"json": body} for body in bodies], read)
    assert outcome == ("returned", "list", [item["id"] for body in bodies for item in body["data"]])
    cursors = [body["data"][-1]["id"] for body in bodies[:-1]]
    assert [request["query"] for request in requests] == ["z=1", *(f"z=1&after={cursor}" for cursor in cursors)]
    assert {request["headers"]["x-mine"] for request in requests} == {"yes"}


def test_an_async_list_is_awaited_for_its_first_page(server: MockServer, library: ModuleType) -> None:
    async def read(client: Any) -> Any:
        page = await client.files.list(limit=2)
        following = await page.get_next_page()
        pages = [len(each.data) async for each in page.iter_pages()]
        return [type(page).__name__, page.has_next_page(), following.data[0].id, pages]

    bodies = [{"json": {"data": ITEMS, "has_more": True}}, {"json": LAST, "repeat": True}]
    outcome, requests = observed(server, library, "AsyncOpenAI", bodies, read)
    assert outcome[2] == ["AsyncCursorPage[FileObject]", True, "z", [2, 1]]
    assert [request["query"] for request in requests] == ["limit=2", "limit=2&after=b", "limit=2&after=b"]


def test_nothing_is_sent_before_an_async_list_is_used(server: MockServer, library: ModuleType) -> None:
    async def read(client: Any) -> Any:
        client.files.list()

    assert observed(server, library, "AsyncOpenAI", [], read)[1] == []


def test_the_raw_response_of_a_list_parses_to_a_page_that_goes_on(server: MockServer, library: ModuleType) -> None:
    def read(client: Any) -> Any:
        raw = client.files.with_raw_response.list(limit=2)
        return [item.id for item in raw.parse()]

    bodies = [{"json": {"data": ITEMS, "has_more": True}}, {"json": LAST}]
    outcome, requests = observed(server, library, "OpenAI", bodies, read)
    assert outcome[2] == ["a", "b", "z"]
    assert ["x-stainless-raw-response" in request["headers"] for request in requests] == [True, False]


def test_an_error_of_a_later_page_is_raised_where_it_is_reached(server: MockServer, library: ModuleType) -> None:
    base_url = server.script({"exchanges": [{"json": {"data": ITEMS, "has_more": True}}, {"status": 404, "json": {}}]})
    with library.OpenAI(api_key="k", base_url=base_url, max_retries=0) as client, pytest.raises(library.NotFoundError):
        list(client.files.list())
    assert len(server.requests(base_url)) == 2


@pytest.mark.parametrize("body", ['[{"id": "a"}]', '"text"', "null", "7"])
def test_what_is_no_page_is_refused(server: MockServer, body: str) -> None:
    # The official package fails with `AttributeError` inside itself.
    base_url = server.script(
        {"exchanges": [{"text": body, "headers": {"content-type": "application/json"}, "repeat": True}]}
    )
    with pytest.raises(tailrace.APIResponseValidationError, match="page of a list"):
        server.client(base_url).files.list()


def test_a_page_can_be_copied_and_pickled(server: MockServer) -> None:
    base_url = server.script({"exchanges": [{"json": {"data": ITEMS, "has_more": True}}, {"json": LAST}]})
    page = server.client(base_url).files.list()
    loaded = pickle.loads(pickle.dumps(page))
    assert type(loaded) is type(page)
    assert loaded.model_dump() == page.model_dump()
    # A pickle holds no credentials, so it cannot ask for more.
    with pytest.raises(RuntimeError, match="unpickled"):
        loaded.get_next_page()
    assert copy.deepcopy(page).get_next_page().data[0].id == "z"
