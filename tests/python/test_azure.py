"""Clients of Azure: where requests go, what authenticates them, and what is refused, beside the official package."""

from __future__ import annotations

import asyncio
import inspect
import json
import os
import traceback
from collections.abc import Iterable, Iterator
from contextvars import ContextVar
from types import ModuleType
from typing import Any

import pytest

import tailrace
from tailrace.lib.azure import API_KEY_SENTINEL
from tailrace.testing import MockServer

KINDS = ("AzureOpenAI", "AsyncAzureOpenAI")
OK = {"json": {"data": [], "id": "x", "choices": []}, "repeat": True}
FAILS = {"status": 500, "headers": {"retry-after-ms": "1"}, "json": {}}


@pytest.fixture(autouse=True)
def no_azure(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("AZURE_"):
            monkeypatch.delenv(name)


def seen(
    server: MockServer, library: ModuleType, kind: str, action: Any, *, exchanges: Any = (OK,), **options: Any
) -> tuple[Any, list[Any]]:
    """Return what `action` did with a client of `library`, and its requests: method, path, query, credentials."""
    url = server.script({"exchanges": list(exchanges)})

    async def run() -> Any:
        given = {
            name: value.replace("URL", url) if isinstance(value, str) else value for name, value in options.items()
        }
        place = {} if "base_url" in given or "azure_endpoint" in given else {"azure_endpoint": url}
        client = getattr(library, kind)(**{"api_version": "v1", "max_retries": 0, **place, **given})
        client.test_url = url
        value = action(client)
        value = await value if inspect.isawaitable(value) else value
        closed = client.close()
        if inspect.isawaitable(closed):
            await closed
        return value

    try:
        value = asyncio.run(run())
        outcome: Any = value if isinstance(value, (str, list, dict)) else "returned"
    except Exception as error:  # noqa: BLE001 - which error it is, is what is compared.
        outcome = (type(error).__name__, str(error))
    prefix = url.partition("//")[2].partition("/")[2]
    return outcome, [
        (
            request["method"],
            request["path"].removeprefix(f"/{prefix}"),
            request["query"],
            sorted((n.lower(), v) for n, v in request["headers"] if n.lower() in ("api-key", "authorization")),
            [v for n, v in request["headers"] if n.lower() == "user-agent"],
        )
        for request in server.requests(url)
    ]


def models(client: Any) -> Any:
    return client.models.list()


def by_turns(names: Iterable[str]) -> list[tuple[str, str]]:
    """Return each name with one of the two kinds of clients, which share what these tests are about."""
    return [(name, KINDS[number % 2]) for number, name in enumerate(names)]


def function(kind: str, value: Any) -> Any:
    """Return a function for a key, which official async clients want to be asynchronous."""
    if kind == "AzureOpenAI":
        return lambda: value

    async def key() -> Any:
        return value

    return key


CREDENTIALS: dict[str, Any] = {
    "key": lambda kind: {"api_key": "k"},
    "token": lambda kind: {"azure_ad_token": "t"},
    "provider": lambda kind: {"azure_ad_token_provider": lambda: "p"},
    "async provider": lambda kind: {"azure_ad_token_provider": function(kind, "p")},
    "function": lambda kind: {"api_key": function(kind, "f")},
    "function without a key": lambda kind: {"api_key": function(kind, "")},
    "none": lambda kind: {"_enforce_credentials": False},
}
HEADERS: list[tuple[Any, Any]] = [
    (None, None), (None, {"Authorization": "A"}), (None, {"authorization": "a"}), (None, {"api-key": "K"}),
    (None, {"Api-Key": "U"}), (None, {"Authorization": None}), (None, {"api-key": None}),
    ({"Authorization": "A"}, None), ({"api-key": "K"}, None), ({"Authorization": None}, None),
    ({"api-key": None}, None), ({"Authorization": "A"}, {"api-key": "K"}), ({"api-key": "K"}, {"Authorization": None}),
    ({"Authorization": "A", "api-key": "K"}, None),
]  # fmt: skip


@pytest.mark.parametrize(("name", "kind"), [*by_turns(CREDENTIALS), ("provider", KINDS[1]), ("key", KINDS[1])])
def test_what_authenticates_a_request(server: MockServer, official: ModuleType, kind: str, name: str) -> None:
    for default, given in HEADERS:
        found: list[Any] = []
        for library in (tailrace, official):
            omit = library.omit
            default_headers, extra = (
                None if fields is None else {key: omit if value is None else value for key, value in fields.items()}
                for fields in (default, given)
            )

            def read(client: Any, extra: Any = extra) -> Any:
                return client.models.list(extra_headers=extra)

            found.append(seen(server, library, kind, read, **CREDENTIALS[name](kind), default_headers=default_headers))
        assert found[0] == found[1], (default, given)


def post(path: str, body: Any = None, **changes: Any) -> Any:
    def action(client: Any) -> Any:
        for name, value in changes.items():
            setattr(client, name, value.replace("URL", client.test_url))
        return client.post(path, cast_to=object, body=body)

    return action


PATHS = (
    "/completions", "/chat/completions", "/embeddings", "/audio/transcriptions", "/audio/translations", "/audio/speech",
    "/images/generations", "/images/edits", "/images/variations", "/responses", "/models", "/batches", "/assistants",
    "/moderations", "/files", "/realtime", "/chat/completions/x", "/chat/completions?x=1", "chat/completions", "x",
)  # fmt: skip
MODELS = (
    "a/b", "%2e", "a b", "ü", ".", "..", "...", ".hidden", "a?b=c", "a#b", "a\\b", "a\r\n/b", "../other#", "%252e", 5,
    None,
)  # fmt: skip
BASES = ("URL/p", "URL/openai/deployments/q/", "URL/openai/deployments/q", "URL/deployments/a/b", "URL/openai")

PLACES: dict[str, Any] = {
    **{
        f"{path} of {name}": (post(path, {"model": "m"}), {"azure_deployment": name})
        for path in PATHS for name in (None, "d")
    },
    **{f"model {model!r}": (post("/chat/completions", {"model": model}), {}) for model in MODELS},
    **{
        f"{path} at {base} of {name}": (
            post(path, {"model": "m"}),
            {"base_url": base, "azure_deployment": name},
        )
        for path in ("/chat/completions", "/models") for base in BASES for name in (None, "d")
    },
    **{
        f"{path} moved to {base} of {name}": (post(path, {"model": "m"}, base_url=base), {"azure_deployment": name})
        for path in ("/chat/completions", "/models") for base in BASES for name in (None, "d")
    },
    **{
        f"{path} of a copy at {base} of {name}": (
            lambda client, path=path, base=base: client.copy(base_url=base.replace("URL", client.test_url)).copy().post(
                path, cast_to=object, body={"model": "m"}
            ),
            {"azure_deployment": name},
        )
        for path in ("/chat/completions", "/models") for base in BASES for name in (None, "d")
    },
    "a deployment in the name of the host": (
        lambda client: str(client.base_url), {"azure_endpoint": "https://deployments.azure.test"},
    ),
    "an endpoint with a slash": (models, {"azure_endpoint": "URL/"}),
    "an endpoint with a path": (models, {"azure_endpoint": "URL/a/b/"}),
    "no body": (post("/chat/completions"), {}),
    "a body that is a list": (post("/chat/completions", [1]), {}),
    "a body without a model": (post("/chat/completions", {"q": 1}), {}),
    "a model of the caller's": (
        lambda client: client.chat.completions.create(model="m", messages=[], extra_body={"model": "other"}), {},
    ),
    "chat": (lambda client: client.chat.completions.create(model="m", messages=[]), {}),
    "chat in a deployment": (
        lambda client: client.chat.completions.create(model="m", messages=[]), {"azure_deployment": "d"},
    ),
    "stored chats": (lambda client: client.chat.completions.list(), {"azure_deployment": "d"}),
    "a response": (lambda client: client.responses.create(model="m", input="x"), {"azure_deployment": "d"}),
    "a file": (lambda client: client.audio.transcriptions.create(model="w", file=("a.mp3", b"x")), {}),
    "an image": (lambda client: client.images.edit(model="i", prompt="p", image=("a.png", b"x")), {}),
    "an image without a model": (lambda client: client.images.edit(prompt="p", image=("a.png", b"x")), {}),
    "embeddings": (lambda client: client.embeddings.create(model="e", input="x", encoding_format="float"), {}),
    "a raw response": (
        lambda client: client.chat.completions.with_raw_response.create(model="m", messages=[]),
        {"azure_deployment": "d"},
    ),
    "a whole URL": (lambda client: client.get(f"{client.test_url}/x", cast_to=object), {"azure_deployment": "d"}),
    "an operation of administrators": (
        lambda client: client.admin.organization.projects.list(), {"admin_api_key": "a"},
    ),
    "another version": (lambda client: client.copy(api_version="v9").models.list(), {}),
    "a default query": (models, {"default_query": {"api-version": "mine", "z": "1"}}),
    "a query over the other": (
        lambda client: client.copy(default_query={"b": "2"}).models.list(), {"default_query": {"a": "1"}},
    ),
    "a query in place of the other": (
        lambda client: client.copy(set_default_query={"b": "2"}, api_version="v9").models.list(),
        {"default_query": {"a": "1"}},
    ),
    "headers of the environment": (models, {"organization": "o"}),
}  # fmt: skip


@pytest.mark.parametrize(("name", "kind"), by_turns(PLACES))
def test_where_a_request_goes(server: MockServer, official: ModuleType, kind: str, name: str) -> None:
    action, options = PLACES[name]
    ours, theirs = (seen(server, library, kind, action, api_key="k", **options) for library in (tailrace, official))
    assert ours == theirs


def copying(**options: Any) -> Any:
    return lambda client: client.copy(**options).with_options(timeout=5).models.list()


COPIES: dict[str, Any] = {
    "a key after a token": (copying(api_key="k"), {"azure_ad_token": "t"}),
    "a token after a key": (copying(azure_ad_token="t"), {"api_key": "k"}),
    "a provider after a key": (copying(azure_ad_token_provider=lambda: "p"), {"api_key": "k"}),
    "a key after a provider": (copying(api_key="k"), {"azure_ad_token_provider": lambda: "p"}),
    "two kinds": (copying(api_key="k", azure_ad_token="t"), {"api_key": "k"}),
    "an empty key": (copying(api_key=""), {"api_key": "k"}),
    "a provider": (copying(), {"azure_ad_token_provider": lambda: "p"}),
    "a key that was assigned": (
        lambda client: (setattr(client, "api_key", "new"), client.copy().models.list())[1], {"api_key": "k"},
    ),
    "a client that is moved": (
        lambda client: (
            setattr(client, "base_url", f"{client.test_url}/deployments/q"),
            client.copy().post("/chat/completions", cast_to=object, body={"model": "m"}),
        )[1],
        {"api_key": "k", "azure_deployment": "d"},
    ),
    "another provider": (copying(provider=object()), {"api_key": "k"}),
    "a region": (copying(data_residency="eu"), {"api_key": "k"}),
    "both queries": (copying(default_query={}, set_default_query={}), {"api_key": "k"}),
    "a client without credentials": (copying(api_key="k"), {"_enforce_credentials": False}),
}  # fmt: skip


@pytest.mark.parametrize(("name", "kind"), by_turns(COPIES))
def test_copies(server: MockServer, official: ModuleType, kind: str, name: str) -> None:
    action, options = COPIES[name]
    ours, theirs = (seen(server, library, kind, action, **options) for library in (tailrace, official))
    assert ours == theirs


KEY = {"AZURE_OPENAI_API_KEY": "env-key"}
TOKEN = {"AZURE_OPENAI_AD_TOKEN": "env-token"}
REST = {"OPENAI_API_VERSION": "env-version", "AZURE_OPENAI_ENDPOINT": "URL"}

MADE: dict[str, tuple[dict[str, Any], dict[str, str]]] = {
    "nothing": ({"api_version": None, "azure_endpoint": None}, {}),
    "a key": ({"api_version": None, "azure_endpoint": None, "api_key": "k"}, {}),
    "a key and a version": ({"azure_endpoint": None, "api_key": "k"}, {}),
    "a key and an endpoint": ({"api_version": None, "api_key": "k"}, {}),
    "endpoint and base URL": ({"azure_endpoint": "URL", "base_url": "URL", "api_key": "k"}, {}),
    "a base URL": ({"base_url": "URL/x", "api_key": "k"}, {}),
    "a base URL of the environment": ({"azure_endpoint": None, "api_key": "k"}, {"OPENAI_BASE_URL": "https://x"}),
    "a base URL and an endpoint of the environment": ({"base_url": "URL/x", "api_key": "k"}, REST),
    "the environment with a key": ({"api_version": None, "azure_endpoint": None}, {**REST, **KEY}),
    "the environment with both": ({"api_version": None, "azure_endpoint": None}, {**REST, **KEY, **TOKEN}),
    "a key over the environment": ({"api_key": "k"}, {**KEY, **TOKEN}),
    "a token over the environment": ({"azure_ad_token": "t"}, {**KEY, **TOKEN}),
    "a key of the other API": ({}, {"OPENAI_API_KEY": "x", "OPENAI_ADMIN_KEY": "y"}),
    "an admin key": ({"admin_api_key": "a"}, {}),
    "an empty key": ({"api_key": ""}, KEY),
    "an empty key of the environment": ({}, {"AZURE_OPENAI_API_KEY": ""}),
    "an empty version": ({"api_key": "k", "api_version": ""}, {}),
    "a key and a token": ({"api_key": "k", "azure_ad_token": "t"}, {}),
    "a key and a provider": ({"api_key": "k", "azure_ad_token_provider": lambda: "p"}, {}),
    "a token and a provider": ({"azure_ad_token": "t", "azure_ad_token_provider": lambda: "p"}, {}),
    "the mark of no key, and a provider": ({"api_key": API_KEY_SENTINEL, "azure_ad_token_provider": lambda: "p"}, {}),
    "the mark of no key": ({"api_key": API_KEY_SENTINEL}, {}),
    "no credentials on purpose": ({"_enforce_credentials": False}, {}),
    "headers and ids of the environment": (
        {"api_key": "k"}, {"OPENAI_CUSTOM_HEADERS": "Authorization: custom", "OPENAI_ORG_ID": "o"},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("name", "kind"), by_turns(MADE))
def test_how_a_client_is_made(
    server: MockServer, official: ModuleType, kind: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    options, environment = MADE[name]
    found: list[Any] = []
    for library in (tailrace, official):
        url = server.script({"exchanges": [OK]})
        for variable, value in environment.items():
            monkeypatch.setenv(variable, value.replace("URL", url))
        outcome, requests = seen(server, library, kind, models, **options)
        if "AZURE_OPENAI_ENDPOINT" in environment and not requests:
            requests = [(request["path"].partition("/v1")[2], request["query"]) for request in server.requests(url)]
        found.append((outcome, requests))
    assert found[0] == found[1]


@pytest.mark.parametrize("kind", KINDS)
def test_what_a_client_says_of_itself(library: ModuleType, kind: str) -> None:
    make = getattr(library, kind)
    place = {"azure_endpoint": "https://az.test", "api_version": "v1"}
    client = make(**place, azure_deployment="d", api_key="k")
    assert str(client.base_url) == "https://az.test/openai/deployments/d/"
    assert client.auth_headers == {"api-key": "k"}
    assert client.default_query == {"api-version": "v1"}
    assert client.copy().base_url == client.base_url
    assert make(**place, azure_ad_token="t").auth_headers == {"Authorization": "Bearer t"}
    assert make(**place, azure_ad_token_provider=lambda: "p").auth_headers == {}
    assert make(**place, azure_ad_token="t").api_key == API_KEY_SENTINEL
    assert (
        make(base_url="https://az.test/x", api_version="v", api_key="k", azure_deployment="d").base_url
        == "https://az.test/x/"
    )


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


def test_a_stream_and_an_error_of_a_deployment(server: MockServer, library: ModuleType) -> None:
    chunk = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": []}
    url = server.script(
        {
            "exchanges": [
                {"sse": [{"data": json.dumps(chunk)}, {"data": json.dumps(chunk)}, {"data": "[DONE]"}]},
                {"status": 404, "json": {"error": {"message": "gone"}}},
            ]
        }
    )
    client = library.AzureOpenAI(azure_endpoint=url, api_version="v", api_key="k", azure_deployment="d")
    assert len(list(client.chat.completions.create(model="m", messages=[], stream=True))) == 2
    with pytest.raises(library.NotFoundError) as caught:
        client.responses.create(model="m", input="x")
    assert str(caught.value.request.url).partition("?")[0] == f"{url}/openai/responses"


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


@pytest.mark.parametrize("name", ["", ".", ".."])
def test_names_that_no_deployment_has_are_refused(server: MockServer, name: str) -> None:
    with pytest.raises(ValueError, match=r"azure_deployment|dot-segment"):
        tailrace.AzureOpenAI(azure_endpoint="https://a", api_version="v", api_key="k", azure_deployment=name)
    outcome, requests = seen(server, tailrace, "AzureOpenAI", post("/chat/completions", {"model": name}), api_key="k")
    assert outcome[0] == "ValueError"
    assert requests == []


def test_the_name_of_a_deployment_is_one_segment() -> None:
    client = tailrace.AzureOpenAI(
        azure_endpoint="https://a.test", api_version="v", api_key="k", azure_deployment="d/e?f#g"
    )
    assert str(client.base_url) == "https://a.test/openai/deployments/d%2Fe%3Ff%23g/"
