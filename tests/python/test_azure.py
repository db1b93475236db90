"""Clients of Azure: how they are made, where requests go and what authenticates them, beside the official package."""

from __future__ import annotations

import json
from types import ModuleType
from typing import Any

import pytest
from azure_setting import KINDS, OK, by_turns, function, models, seen

import tailrace
from tailrace.lib.azure import API_KEY_SENTINEL
from tailrace.testing import MockServer

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
