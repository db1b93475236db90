"""Keys and tokens of Azure: when functions are asked for them, where they go, and that nothing shows them."""

from __future__ import annotations

import asyncio
import inspect
import traceback
from collections.abc import Iterator
from contextvars import ContextVar
from types import ModuleType
from typing import Any

import pytest
from azure_setting import FAILS, KINDS, OK, models, seen

import tailrace
from tailrace.testing import MockServer


@pytest.mark.parametrize("kind", KINDS)
def test_functions_are_asked_before_every_attempt(server: MockServer, library: ModuleType, kind: str) -> None:
    for name, field, prefix in (
        ("api_key", "api-key", ""), ("azure_ad_token_provider", "authorization", "Bearer "),
    ):  # fmt: skip
        count = iter(range(1, 9))

        def source(count: Iterator[int] = count) -> str:
            return f"fresh-{next(count)}"

        async def async_source(source: Any = source) -> str:
            await asyncio.sleep(0)
            return source()

        asked = source if kind == "AzureOpenAI" else async_source
        _, requests = seen(
            server, library, kind, lambda client: client.with_options(timeout=20).models.list(),
            exchanges=(FAILS, FAILS, OK), max_retries=2, **{name: asked},
        )  # fmt: skip
        assert [request[3] for request in requests] == [[(field, f"{prefix}fresh-{n}")] for n in (1, 2, 3)]


@pytest.mark.parametrize("kind", KINDS)
def test_what_the_caller_set_is_kept_in_a_retry(server: MockServer, library: ModuleType, kind: str) -> None:
    def read(client: Any) -> Any:
        return client.models.list(extra_headers={"authorization": "mine"})

    _, requests = seen(
        server, library, kind, read, exchanges=(FAILS, OK), max_retries=1, azure_ad_token_provider=lambda: "p"
    )
    assert [request[3] for request in requests] == [[("authorization", "mine")]] * 2


class Unprintable(str):
    """A text whose every method fails with it."""

    def __bool__(self) -> bool:
        raise TypeError("secret-token")

    __len__ = __format__ = __str__ = __repr__ = __bool__  # type: ignore[assignment]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "value",
    [None, "", 5, {"access_token": "secret-token"}, Unprintable("")],
    ids=["none", "empty", "5", "dict", "text"],
)
def test_a_token_that_is_none_is_refused_and_not_shown(
    server: MockServer, library: ModuleType, kind: str, value: Any
) -> None:
    def read(client: Any) -> Any:
        async def call() -> list[Any]:
            try:
                result = client.models.list()
                if inspect.isawaitable(result):
                    await result
            except ValueError as error:
                shown = "".join(traceback.format_exception(error))
                return [str(error), "secret-token" in shown, error.__context__ is None]
            return []

        return call()

    outcome, requests = seen(server, library, kind, read, azure_ad_token_provider=lambda: value)
    assert outcome == ["Expected `azure_ad_token_provider` argument to return a non-empty string.", False, True]
    assert requests == []


def test_an_asynchronous_provider_is_no_provider_of_a_blocking_client(server: MockServer) -> None:
    async def token() -> str:
        return "t"

    outcome, requests = seen(server, tailrace, "AzureOpenAI", models, azure_ad_token_provider=token)
    assert outcome == ("ValueError", "Expected `azure_ad_token_provider` argument to return a non-empty string.")
    assert requests == []


@pytest.mark.parametrize("value", [Unprintable("t"), "t"], ids=["own class", "text"])
def test_a_token_of_any_class_of_text_is_sent(server: MockServer, value: str) -> None:
    _, requests = seen(server, tailrace, "AzureOpenAI", models, azure_ad_token_provider=lambda: value)
    assert requests[0][3] == [("authorization", "Bearer t")]


def test_what_a_provider_raises_is_raised(server: MockServer, library: ModuleType) -> None:
    def refuse() -> str:
        raise LookupError("no token today")

    assert seen(server, library, "AzureOpenAI", models, azure_ad_token_provider=refuse) == (
        ("LookupError", "no token today"), [],
    )  # fmt: skip


@pytest.mark.parametrize("first", ["key-A", ""])
def test_a_call_never_borrows_the_key_of_another(server: MockServer, first: str) -> None:
    caller: ContextVar[str] = ContextVar("caller")
    asked: list[str] = []
    url = server.script({"exchanges": [OK]})

    async def run() -> None:
        both = asyncio.Event()

        async def key() -> str:
            name = caller.get()
            asked.append(name)
            if len(asked) == 2:
                both.set()
            await both.wait()
            return first if name == "A" else f"key-{name}"

        async def call(client: Any, name: str) -> None:
            caller.set(name)
            # A body of files is made after the key was asked for, while others ask for theirs.
            await client.audio.transcriptions.create(
                model="w", file=(f"{name}.mp3", b"x"), extra_headers={"X-Caller": name}
            )

        async with tailrace.AsyncAzureOpenAI(
            azure_endpoint=url, api_version="v", api_key=key, default_headers={"Authorization": "default"}
        ) as client:
            await asyncio.gather(call(client, "A"), call(client, "B"))

    asyncio.run(run())
    sent = {}
    for request in server.requests(url):
        headers = {name.lower(): value for name, value in request["headers"]}
        sent[headers["x-caller"]] = headers.get("api-key")
    assert sent == {"A": first or None, "B": "key-B"}


def transports(kind: str) -> list[Any]:
    import httpx2

    made = httpx2.AsyncClient if kind == "AsyncAzureOpenAI" else httpx2.Client
    return [None, made(follow_redirects=True, trust_env=False)]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("own", [False, True], ids=["rust", "httpx2"])
def test_a_key_stays_with_its_origin(server: MockServer, library: ModuleType, kind: str, own: bool) -> None:
    if own:
        pytest.importorskip("httpx2")
    with MockServer() as other:
        away = other.script({"exchanges": [OK]})
        for location, keeps in ((f"{away}/end", False), ("END", True)):
            home = server.script({"exchanges": [OK]})
            location = location.replace("END", f"{home}/end")
            options = {"http_client": transports(kind)[1]} if own else {}
            begin = {"status": 307, "headers": {"location": location}, "json": {}}
            seen(
                server, library, kind, lambda client: client.get("/x", cast_to=object),
                exchanges=(begin,), api_key="k", **options,
            )  # fmt: skip
            (request,) = other.requests(away) if not keeps else server.requests(home)
            names = {name.lower() for name, _ in request["headers"]}
            assert ("api-key" in names) is keeps


def test_an_http_client_is_watched_once_and_others_use_it_as_before(server: MockServer) -> None:
    httpx2 = pytest.importorskip("httpx2")
    with MockServer() as other, httpx2.Client(follow_redirects=True, trust_env=False) as http_client:
        away = other.script({"exchanges": [OK]})
        url = server.script({"exchanges": [{"status": 307, "headers": {"location": f"{away}/end"}, "json": {}}]})
        client = tailrace.AzureOpenAI(azure_endpoint=url, api_version="v", api_key="k", http_client=http_client)
        client.copy()
        assert len(http_client.event_hooks["request"]) == 1
        http_client.get(f"{url}/x", headers={"api-key": "of somebody else"})
        assert ["api-key", "of somebody else"] in [list(field) for field in other.requests(away)[0]["headers"]]


def test_no_key_and_no_token_is_shown(server: MockServer) -> None:
    url = server.script({"exchanges": [{"status": 401, "json": {}, "repeat": True}]})
    every: list[dict[str, Any]] = [
        {"api_key": "secret-k"}, {"azure_ad_token": "secret-t"}, {"azure_ad_token_provider": lambda: "secret-p"},
    ]  # fmt: skip
    for credentials in every:
        client = tailrace.AzureOpenAI(azure_endpoint=url, api_version="v", **credentials)
        with pytest.raises(tailrace.AuthenticationError) as caught:
            client.models.list()
        shown = [
            repr(client),
            str(client),
            repr(client.with_raw_response),
            repr(caught.value),
            repr(caught.value.request),
        ]
        assert not [text for text in (*shown, "".join(traceback.format_exception(caught.value))) if "secret" in text]


@pytest.mark.parametrize("form", ["realtime", "beta.realtime", "responses"])
def test_default_headers_win_over_credentials_of_realtime_sockets(
    server: MockServer, library: ModuleType, form: str
) -> None:
    for own, options in (("authorization", {"azure_ad_token_provider": lambda: "t"}), ("api-key", {"api_key": "k"})):
        base_url = server.script({"exchanges": [{"websocket": ["echo"], "repeat": True}]})
        headers = {own: "own"}
        client: Any = library.AzureOpenAI(api_version="v", base_url=base_url, default_headers=headers, **options)
        client.websocket_base_url = base_url.replace("http", "ws")
        part = client
        for name in form.split("."):
            part = getattr(part, name)
        with part.connect(**({} if form == "responses" else {"model": "m"})):
            pass
        (request,) = server.requests(base_url)
        sent = [value for name, value in request["headers"] if name.lower() == own]
        assert sent == ([{"authorization": "Bearer t", "api-key": "k"}[own]] if form == "responses" else ["own"])
