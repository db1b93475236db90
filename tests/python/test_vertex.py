"""Google Vertex: where requests go and what authenticates them, beside the official package."""

from __future__ import annotations

import asyncio
import sys
import threading
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from provider_setting import FAILS, KINDS, OK, factory, given, models, seen

import tailrace
from tailrace.providers import vertex
from tailrace.testing import MockServer

VERTEX: Any = {"name": "vertex"}


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GOOGLE_CLOUD_PROJECT", "GOOGLE_CLOUD_LOCATION"):
        monkeypatch.delenv(name, raising=False)


def raises(*_: object) -> Any:
    raise ValueError("the token")


async def later_token() -> str:
    return "later"


async def later_failure() -> str:
    raise ValueError("the token")


TOKENS: dict[str, Any] = {
    "function": lambda: "f", "raises": raises, "empty": lambda: "", "number": lambda: 5, "line break": lambda: "a\nb",
    "blank": lambda: "a b", "asynchronous": later_token, "asynchronous failure": later_failure,
}  # fmt: skip
ACTIONS: dict[str, Any] = {
    "list": models,
    "response": lambda client: client.responses.retrieve("r/1"),
    "admin": lambda client: client.admin.organization.users.retrieve("u"),
    "own field": given(Authorization="A"),
    "own key": given(api_key="A"),
    "organization": given(OpenAI_Organization="o"),
    "another origin": lambda client: client.get("https://127.0.0.1:1/x", cast_to=object),
    "same origin": lambda client: client.get(str(client.base_url) + "deep/x", cast_to=object),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", TOKENS)
def test_tokens_beside_the_official_package(server: MockServer, official: ModuleType, kind: str, name: str) -> None:
    for what, action in (ACTIONS if name == "function" else {"list": models}).items():
        ours, theirs = (
            seen(server, library, kind, action, **VERTEX, token_provider=TOKENS[name])
            for library in (tailrace, official)
        )
        assert ours == theirs, what
        assert "the token" not in str(ours)


@pytest.mark.parametrize("kind", KINDS)
def test_a_token_is_asked_for_before_every_attempt_and_no_redirect_is_followed(
    server: MockServer, official: ModuleType, kind: str
) -> None:
    for library in (tailrace, official):
        tokens = iter(("first", "second", "third"))
        _, requests = seen(
            server, library, kind, models, exchanges=(FAILS, FAILS, OK), max_retries=2, **VERTEX,
            token_provider=lambda it=tokens: next(it),
        )  # fmt: skip
        assert [dict(request[3])["authorization"] for request in requests] == [
            "Bearer first", "Bearer second", "Bearer third",
        ]  # fmt: skip
        goal = server.script({"exchanges": [OK]})
        redirect = {"status": 307, "headers": {"location": goal}}
        outcome, requests = seen(
            server, library, kind, models, exchanges=(redirect,), **VERTEX, token_provider=lambda: "t"
        )
        assert (outcome[0], len(requests), server.requests(goal)) == ("APIStatusError", 1, [])


PLACES: list[dict[str, Any]] = [
    {}, {"project": "p"}, {"location": "global"}, {"project": "p", "location": "global"},
    {"project": "", "location": "us"},
    {"project": "p", "location": "us-east5"}, {"project": "p", "location": "a/b"},
    {"project": "..", "location": "global"},
    {"project": "example.com:my-project", "location": "eu"}, {"project": "P Q", "location": "eu"},
    {"project": "p", "location": ""}, {"base_url": ""}, {"base_url": "nonsense"}, {"base_url": "ftp://a/b"},
    {"base_url": "https://a/b/"}, {"base_url": "https://a/b?c=d"}, {"base_url": "https://a/b#c"},
    {"base_url": "https://u:p@a/b"}, {"base_url": "http://aiplatform.googleapis.com/v1"}, {"base_url": "http://a:80/v1"},
    {"base_url": "http://googleapis.com./v1"}, {"base_url": "https://googleapis.com/v1"},
    {"base_url": "https://a", "credentials": 1, "token_provider": raises},
]  # fmt: skip


@pytest.mark.parametrize(
    "environment", [{}, {"GOOGLE_CLOUD_PROJECT": "env", "GOOGLE_CLOUD_LOCATION": "us-west1"}], ids=str
)
def test_places_beside_the_official_package(
    official: ModuleType, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    for options in PLACES:
        found: list[Any] = []
        for library in (tailrace, official):
            try:
                provider = factory(library, "vertex")(**options)
                found.append(str(library.OpenAI(provider=provider).base_url))
            except Exception as error:  # noqa: BLE001 - which error it is, is what is compared.
                found.append((type(error).__name__, str(error)))
        assert found[0] == found[1], options


def test_a_token_that_takes_too_long_ends_the_call(server: MockServer) -> None:
    asked: list[int] = []

    async def never() -> str:
        asked.append(1)
        await asyncio.Event().wait()
        return "t"

    outcome, requests = seen(
        server, tailrace, "AsyncOpenAI", models, **VERTEX, token_provider=never, timeout=0.05, max_retries=3
    )
    assert (outcome[0], requests, asked) == ("APITimeoutError", [], [1])


class Timeout(Exception):
    """Of `requests`, by name."""


def google(monkeypatch: pytest.MonkeyPatch, credentials: Any, found: list[Any]) -> None:
    """Put what this package uses of google-auth in place; the real one runs in the official suite."""

    class Request:
        def __call__(self, url: str, **options: Any) -> Any:
            found.append((url, options))
            if url == "slow":
                raise RuntimeError("the token") from Timeout()

    def default(*, scopes: list[str]) -> Any:
        found.append(scopes)
        return (credentials, "project")

    def scoped(given: Any, scopes: list[str]) -> Any:
        found.append(scopes)
        return given

    auth = SimpleNamespace(default=default)
    for name, module in {
        "google": SimpleNamespace(auth=auth), "google.auth": auth, "google.auth.transport": SimpleNamespace(),
        "google.auth.credentials": SimpleNamespace(with_scopes_if_required=scoped),
        "google.auth.transport.requests": SimpleNamespace(Request=Request),
    }.items():  # fmt: skip
        monkeypatch.setitem(sys.modules, name, module)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("is_given", [False, True])
def test_credentials_of_google_auth(
    server: MockServer, kind: str, is_given: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    found: list[Any] = []
    threads: list[int] = []

    class Given:
        def before_request(self, request: Any, method: str, url: str, headers: dict[str, str]) -> None:
            threads.append(threading.get_ident())
            request("https://token", method="POST", timeout=120)
            headers.update({"authorization": f"Bearer {method}-{len(threads)}", "x-a": url.rpartition("/")[2]})

    credentials = Given()
    google(monkeypatch, credentials, found)
    options: dict[str, Any] = {"credentials": credentials} if is_given else {}
    outcome, requests = seen(server, tailrace, kind, models, exchanges=(FAILS, OK), max_retries=1, **VERTEX, **options)
    assert outcome == "returned"
    assert [dict(request[3])["authorization"] for request in requests] == ["Bearer GET-1", "Bearer GET-2"]
    assert [dict(request[3])["x-a"] for request in requests] == ["models", "models"]
    scope = ["https://www.googleapis.com/auth/cloud-platform"]
    asked = ("https://token", {"method": "POST", "timeout": (5, 600)})
    assert found == [scope, asked, asked]
    assert (threading.get_ident() in threads) is (kind == "OpenAI")


@pytest.mark.parametrize("kind", KINDS)
def test_failures_of_google_auth(server: MockServer, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    found: list[Any] = []
    for url, error in (("slow", "APITimeoutError"), ("fast", "OpenAIError")):

        class Failing:
            def before_request(self, request: Any, *_: Any, url: str = url) -> None:
                request(url)
                raise ValueError("the token")

        google(monkeypatch, Failing(), found)
        outcome, requests = seen(server, tailrace, kind, models, max_retries=2, **VERTEX)
        assert (outcome[0], requests) == (error, [])
        assert "the token" not in str(outcome)
    monkeypatch.setitem(sys.modules, "google.auth", None)
    monkeypatch.setitem(sys.modules, "google", None)
    outcome, requests = seen(server, tailrace, kind, models, **VERTEX)
    assert (outcome[0], "pip install" in outcome[1], requests) == ("OpenAIError", True, [])


def test_nothing_secret_is_shown() -> None:
    provider = vertex(base_url="https://a", token_provider=lambda: "the token")
    client = tailrace.OpenAI(provider=provider)
    assert "the token" not in repr(provider) + repr(client) + repr(client.runtime)
