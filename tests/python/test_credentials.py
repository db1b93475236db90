"""Which key authenticates which request, and functions in place of a key, beside the official package."""

from __future__ import annotations

import asyncio
import threading
from types import ModuleType
from typing import Any

import pytest
from compared import KINDS, observed

import tailrace
from tailrace.testing import MockServer

OK = {"json": {"data": []}, "repeat": True}

ACTIONS: dict[str, Any] = {
    "bearer": lambda client: client.models.list(),
    "admin": lambda client: client.admin.organization.projects.list(),
    "either": lambda client: client.get("/x", cast_to=object),
    "given": lambda client: client.models.list(extra_headers={"Authorization": "mine"}),
    "given to admin": lambda client: client.admin.organization.projects.list(extra_headers={"authorization": "mine"}),
    "bytes": lambda client: client.models.list(extra_headers={"Authorization": b"mine"}),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ACTIONS)
@pytest.mark.parametrize(
    "keys",
    [
        {"api_key": "k", "admin_api_key": "a"}, {"api_key": "k"}, {"api_key": None, "admin_api_key": "a"},
        {"api_key": None, "_enforce_credentials": False}, {"api_key": "", "admin_api_key": "a"},
        {"api_key": "k", "default_headers": {"Authorization": "default"}},
        {"api_key": None, "default_headers": {"Authorization": "default"}, "_enforce_credentials": False},
    ],
)  # fmt: skip
def test_the_key_of_a_request(
    server: MockServer, official: ModuleType, kind: str, name: str, keys: dict[str, Any]
) -> None:
    found: list[Any] = []
    for library in (tailrace, official):

        def read(client: Any) -> Any:
            return ACTIONS[name](client)

        outcome, requests = observed(server, library, kind, [OK], read, **keys)
        # A page of either package is a page.
        found.append((outcome[:2] if outcome[0] == "raised" else "returned", requests))
    if found[0][0] != "returned":
        assert found[0] == (("raised", "TypeError"), [])
    assert found[0] == found[1]


@pytest.mark.parametrize("kind", KINDS)
def test_the_environment_has_keys(
    server: MockServer, library: ModuleType, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "from-env")
    monkeypatch.setenv("OPENAI_ADMIN_KEY", "admin-from-env")
    for name, key in (("bearer", "from-env"), ("admin", "admin-from-env")):
        _, requests = observed(server, library, kind, [OK], ACTIONS[name], api_key=None)
        assert requests[0]["headers"]["authorization"] == f"Bearer {key}"


def test_a_client_without_credentials_is_not_made(library: ModuleType) -> None:
    with pytest.raises(library.OpenAIError, match="Missing credentials"):
        library.OpenAI()
    with pytest.raises(library.OpenAIError, match="Missing credentials"):
        library.AsyncOpenAI()


def counting(kind: str) -> Any:
    """Return a function for `api_key`, which returns another key each time."""
    count = iter(range(1, 100))
    if kind == "OpenAI":
        return lambda: f"key-{next(count)}"

    async def key() -> str:
        await asyncio.sleep(0)
        return f"key-{next(count)}"

    return key


@pytest.mark.parametrize("kind", KINDS)
def test_a_function_is_asked_before_every_attempt(server: MockServer, library: ModuleType, kind: str) -> None:
    failure = {"status": 500, "headers": {"retry-after-ms": "1"}, "json": {}}

    async def twice_async(client: Any) -> Any:
        before = client.api_key
        await client.models.list()
        await client.models.list()
        return [before, client.api_key, client.auth_headers]

    def twice(client: Any) -> Any:
        before = client.api_key
        client.models.list()
        client.models.list()
        return [before, client.api_key, client.auth_headers]

    outcome, requests = observed(
        server, library, kind, [failure, failure, OK], twice if kind == "OpenAI" else twice_async,
        api_key=counting(kind), max_retries=2,
    )  # fmt: skip
    sent = [request["headers"]["authorization"] for request in requests]
    assert sent == ["Bearer key-1", "Bearer key-2", "Bearer key-3", "Bearer key-4"]
    assert outcome[2] == ["", "key-4", {"Authorization": "Bearer key-4"}]


@pytest.mark.parametrize("kind", KINDS)
def test_a_function_is_not_asked_for_the_admin_api(server: MockServer, library: ModuleType, kind: str) -> None:
    def refuse() -> Any:
        raise AssertionError("asked")

    outcome, requests = observed(server, library, kind, [OK], ACTIONS["admin"], api_key=refuse, admin_api_key="a")
    assert outcome[0] == "returned"
    assert requests[0]["headers"]["authorization"] == "Bearer a"


@pytest.mark.parametrize("kind", KINDS)
def test_copies_ask_the_same_function(server: MockServer, library: ModuleType, kind: str) -> None:
    def read(client: Any) -> Any:
        return client.with_options(timeout=3).models.list()

    _, requests = observed(server, library, kind, [OK], read, api_key=counting(kind))
    assert requests[0]["headers"]["authorization"] == "Bearer key-1"


@pytest.mark.parametrize("kind", KINDS)
def test_what_the_function_raises_is_raised(server: MockServer, library: ModuleType, kind: str) -> None:
    class Refused(Exception):
        pass

    def refuse() -> Any:
        raise Refused("no key today")

    outcome, requests = observed(server, library, kind, [], ACTIONS["bearer"], api_key=refuse)
    assert (outcome, requests) == (("raised", "Refused", "no key today"), [])


@pytest.mark.parametrize("kind", KINDS)
def test_what_the_function_raises_between_attempts_ends_the_call(
    server: MockServer, library: ModuleType, kind: str
) -> None:
    asked: list[int] = []

    def key() -> Any:
        asked.append(1)
        if len(asked) > 1:
            raise LookupError("expired")
        return "first"

    async def key_async() -> Any:
        return key()

    failure = {"status": 500, "headers": {"retry-after-ms": "1"}, "json": {}, "repeat": True}
    outcome, requests = observed(
        server, library, kind, [failure], ACTIONS["bearer"],
        api_key=key if kind == "OpenAI" else key_async, max_retries=2,
    )  # fmt: skip
    assert outcome == ("raised", "LookupError", "expired")
    assert len(requests) == 1


@pytest.mark.parametrize("key", ["", None])
def test_a_function_without_a_key(server: MockServer, library: ModuleType, key: Any) -> None:
    outcome, requests = observed(server, library, "OpenAI", [], ACTIONS["bearer"], api_key=lambda: key)
    assert outcome[:2] == ("raised", "TypeError")
    assert outcome[2].startswith("Could not resolve authentication method")
    assert requests == []


def test_a_function_that_returns_no_text_is_refused(server: MockServer) -> None:
    # The official package sends the `repr` of what was returned.
    async def key() -> str:
        return "k"

    for wrong in (lambda: 5, key):
        outcome, requests = observed(server, tailrace, "OpenAI", [], ACTIONS["bearer"], api_key=wrong)
        assert outcome[:2] == ("raised", "TypeError")
        assert requests == []


def test_threads_share_a_client_with_a_function(server: MockServer) -> None:
    base_url = server.script({"exchanges": [OK]})
    client = server.client(base_url, api_key=counting("OpenAI"))
    threads = [threading.Thread(target=client.models.list) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(server.requests(base_url)) == 8


def test_no_key_is_shown(server: MockServer) -> None:
    client = server.client(api_key="secret-key", admin_api_key="secret-admin")
    page = client.models.list()
    for thing in (client, page, client.with_raw_response, client.models.with_raw_response.list()):
        assert "secret" not in repr(thing)
