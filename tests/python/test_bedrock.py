"""Amazon Bedrock: where requests go and what authenticates them, beside the official package and by AWS's rules."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import inspect
import json
import sys
import threading
from types import ModuleType, SimpleNamespace
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import pytest
from provider_setting import FAILS, KINDS, OK, factory, given, models, seen

import tailrace
from tailrace.providers import bedrock
from tailrace.testing import MockServer

LEGACY = ("BedrockOpenAI", "AsyncBedrockOpenAI")
KEYS: Any = {"access_key_id": "AKIDEXAMPLE", "secret_access_key": "the secret", "region": "us-west-2"}
NAMES = (
    "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_BEDROCK_BASE_URL", "AWS_BEARER_TOKEN_BEDROCK", "OPENAI_API_KEY",
    "OPENAI_BASE_URL", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID", "OPENAI_CUSTOM_HEADERS", "OPENAI_ADMIN_KEY",
)  # fmt: skip


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)


def raises(*_: object) -> Any:
    raise ValueError("why")


async def later_token() -> str:
    return "later"


TOKENS = {
    "key": {"api_key": "k"},
    "function": {"token_provider": lambda: "f"},
    "function that raises": {"token_provider": raises},
    "function without a token": {"token_provider": lambda: ""},
    "function with a number": {"token_provider": lambda: 5},
    "asynchronous function": {"token_provider": later_token},
}
ACTIONS = {
    "list": models,
    "admin": lambda client: client.admin.organization.users.retrieve("u"),
    "own field": given(Authorization="A"),
    "another origin": lambda client: client.get("https://127.0.0.1:1/x", cast_to=object),
    "same origin": lambda client: client.get(str(client.base_url) + "deep/x", cast_to=object),
    "assigned origin": lambda client: setattr(client, "base_url", "http://127.0.0.1:1/") or client.models.list(),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", TOKENS)
def test_tokens_beside_the_official_package(server: MockServer, official: ModuleType, kind: str, name: str) -> None:
    actions = ACTIONS if name in ("key", "function") else {"list": models}
    for what, action in actions.items():
        ours, theirs = (seen(server, library, kind, action, **TOKENS[name]) for library in (tailrace, official))
        assert ours == theirs, what


def test_fields_that_belong_to_openai_stay_away(
    server: MockServer, official: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_ORG_ID", "o")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "X-A: 1\nAuthorization: Bearer stolen")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("AWS_BEARER_TOKEN_BEDROCK", "env")
    for kind, options in ((KINDS[0], {}), (KINDS[0], {"organization": "own"}), (LEGACY[0], {}), (LEGACY[1], {})):
        ours, theirs = (seen(server, library, kind, models, **options) for library in (tailrace, official))
        assert ours == theirs
        assert ("authorization", "Bearer env") in ours[1][0][3]


@pytest.mark.parametrize("kind", [*KINDS, *LEGACY])
def test_a_token_is_asked_for_before_every_attempt(server: MockServer, official: ModuleType, kind: str) -> None:
    for library in (tailrace, official):
        tokens = iter(("first", "second", "third"))
        name = "token_provider" if kind in KINDS else "bedrock_token_provider"
        source: dict[str, Any] = {name: lambda it=tokens: next(it)}
        _, requests = seen(server, library, kind, models, exchanges=(FAILS, FAILS, OK), max_retries=2, **source)
        assert [dict(request[3])["authorization"] for request in requests] == [
            "Bearer first", "Bearer second", "Bearer third",
        ]  # fmt: skip


URL = "https://bedrock-runtime.us-east-1.amazonaws.com/openai/v1"
PLACES: list[dict[str, Any]] = [
    {}, {"region": "us-east-1"}, {"region": "local"}, {"region": " "}, {"region": "a/../b"}, {"endpoint": "runtime"},
    {"endpoint": "x"}, {"region": "cn-north-1", "endpoint": "runtime"},
    {"region": "us-isob-east-1", "endpoint": "runtime"},
    {"base_url": URL}, {"base_url": URL, "region": "us-west-2"}, {"base_url": URL, "endpoint": "mantle"},
    {"base_url": URL.replace("https", "http")}, {"base_url": URL.replace(".com/", ".com./")},
    {"base_url": "https://bedrock-mantle.eu-west-1.api.aws/openai/v1/responses/", "region": "eu-west-1"},
    {"base_url": "https://bedrock-mantle.us-west-2.api.aws/x", "region": "eu-west-1"}, {"base_url": None},
    {"base_url": "https://proxy.example/v1/"}, {"base_url": "https://proxy.example/v1", "region": "eu-west-1"},
    {"api_key": ""}, {"api_key": " "}, {"api_key": "k", "token_provider": raises}, {"access_key_id": "a"},
    {"session_token": "t"}, {"access_key_id": "a", "secret_access_key": "b", "api_key": "k"},
    {"profile": "p", "credential_provider": raises}, {"api_key": "k", "profile": "p"},
]  # fmt: skip
ENVIRONMENTS: list[dict[str, str]] = [
    {}, {"AWS_REGION": "us-west-2"}, {"AWS_DEFAULT_REGION": "us-east-1", "AWS_REGION": ""}, {"AWS_REGION": "local"},
    {"AWS_BEDROCK_BASE_URL": "https://env.example/v1/responses"}, {"AWS_BEARER_TOKEN_BEDROCK": "t"},
    {"AWS_BEDROCK_BASE_URL": URL, "AWS_REGION": "us-west-2", "AWS_BEARER_TOKEN_BEDROCK": "t"},
]  # fmt: skip


@pytest.mark.parametrize("environment", ENVIRONMENTS, ids=str)
def test_places_beside_the_official_package(
    official: ModuleType, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    for options in PLACES:
        credentials = set(options) & {"api_key", "access_key_id", "session_token", "profile", "token_provider"}
        for added in ({}, {"api_key": "k"}) if not credentials else ({},):
            # What needs a package of AWS is no comparison.
            if not added and not credentials and "AWS_BEARER_TOKEN_BEDROCK" not in environment:
                continue
            found: list[Any] = []
            for library in (tailrace, official):
                try:
                    client = library.OpenAI(provider=factory(library)(**options, **added))
                    found.append(str(client.base_url))
                except Exception as error:  # noqa: BLE001 - which error it is, is what is compared.
                    found.append((type(error).__name__, str(error)))
            assert found[0] == found[1], (options, added)


TOP = (
    {"api_key": "k"}, {"admin_api_key": "k"}, {"base_url": "http://x"}, {"data_residency": "eu"}, {"organization": "o"},
    {"workload_identity": {}}, {"websocket_base_url": "wss://x"},
)  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_arguments_that_a_provider_replaces(official: ModuleType, kind: str) -> None:
    for options in TOP:
        found: list[Any] = []
        for library in (tailrace, official):
            provider = factory(library)(region="us-east-1", api_key="k")
            results: list[Any] = []
            for make in (
                lambda lib=library, p=provider, given=options: getattr(lib, kind)(provider=p, **given),
                lambda lib=library, p=provider, given=options: getattr(lib, kind)(provider=p).copy(**given),
                lambda lib=library, p=provider, given=options: getattr(lib, kind)(api_key="x").copy(
                    provider=p, **given
                ),
            ):
                try:
                    client = make()
                    results.append((str(client.base_url), client.organization, client.api_key))
                except Exception as error:  # noqa: BLE001 - which error it is, is what is compared.
                    results.append((type(error).__name__, str(error)))
            found.append(results)
        assert found[0] == found[1], options
    with pytest.raises(tailrace.OpenAIError, match="Invalid provider"):
        getattr(tailrace, kind)(provider=object())


def test_a_copy_for_another_provider_inherits_nothing_of_the_first(official: ModuleType) -> None:
    found: list[Any] = []
    for library in (tailrace, official):
        first, second = (factory(library)(region=region, api_key="k") for region in ("us-east-1", "eu-west-1"))
        fields = {"default_headers": {"X-A": "1"}, "default_query": {"q": "1"}, "organization": "o", "project": "p"}
        results: list[Any] = []
        for client in (
            library.OpenAI(provider=first, **fields),
            library.OpenAI(api_key="x", base_url="http://own", **fields),
        ):
            for options in (
                {}, {"provider": first}, {"provider": second}, {"provider": None, "api_key": "y"},
                {"provider": second, "organization": "new", "default_headers": {"X-B": "2"}},
            ):  # fmt: skip
                copy = client.copy(**options)
                results.append((
                    str(copy.base_url), copy.organization, copy.project, copy.default_headers.get("X-A"),
                    copy.default_headers.get("X-B"), copy.default_query, copy.api_key,
                ))  # fmt: skip
        found.append(results)
    assert found[0] == found[1]


# Signatures.


def signature(request: dict[str, Any], secret: str) -> str:
    """Return the signature that AWS computes for a request as the server got it."""
    fields = {name.lower(): value for name, value in request["headers"]}
    _, _, rest = fields["authorization"].partition("Credential=")
    scope, names = rest.split(", ")[0].split("/", 1)[1], rest.split("SignedHeaders=")[1].split(",")[0]
    pairs = sorted(
        (quote(unquote(name), safe="-_.~"), quote(unquote(value), safe="-_.~"))
        for name, _, value in (pair.partition("=") for pair in (request["query"] or "").split("&") if pair)
    )
    body = base64.b64decode(request["body_base64"] or "")
    canonical = "\n".join((
        request["method"],
        quote(request["path"], safe="/-_.~"),
        "&".join(f"{name}={value}" for name, value in pairs),
        *(f"{name}:{' '.join(fields[name].split())}" for name in names.split(";")),
        "",
        names,
        hashlib.sha256(body).hexdigest(),
    ))  # fmt: skip
    text = "\n".join((
        "AWS4-HMAC-SHA256", fields["x-amz-date"], scope, hashlib.sha256(canonical.encode()).hexdigest(),
    ))  # fmt: skip
    key = f"AWS4{secret}".encode()
    for part in (*scope.split("/"), text):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return key.hex()


def sent(server: MockServer, url: str) -> list[dict[str, Any]]:
    # The server tells the scripts apart by the beginning of the path.
    beginning = urlsplit(url).path.removesuffix("/v1")
    return [{**request, "path": beginning + request["path"]} for request in server.requests(url)]


def authorization(request: dict[str, Any]) -> str:
    return next(value for name, value in request["headers"] if name.lower() == "authorization")


@pytest.mark.parametrize("kind", [*KINDS, *LEGACY])
@pytest.mark.parametrize("transport", [False, True], ids=["rust", "httpx2"])
def test_what_is_sent_is_what_is_signed(server: MockServer, kind: str, transport: bool) -> None:
    url = server.script({"exchanges": [FAILS, OK]})
    counted = iter(range(10))

    def credentials() -> Any:
        number = next(counted)
        return SimpleNamespace(access_key=f"key-{number}", secret_key=f"secret-{number}", token=f"token-{number}")

    async def run() -> None:
        options: dict[str, Any] = {"base_url": url, "credential_provider": credentials, "region": "eu-west-1"}
        if kind in KINDS:
            options = {"provider": bedrock(**options)}
        else:
            options = {"base_url": url, "aws_region": "eu-west-1", "aws_credentials_provider": credentials}
        if transport:
            import httpx2

            options["http_client"] = (httpx2.AsyncClient if "Async" in kind else httpx2.Client)(
                auth=("user", "password")
            )
        client = getattr(tailrace, kind)(max_retries=3, **options)
        call = client.post(
            "/a b/ü%20c", cast_to=object, body={"text": "ä"}, options={"params": {"q": "a b+c/é", "p": [1]}}
        )
        assert (await call if inspect.isawaitable(call) else call)["id"] == "x"
        closed = client.close()
        if inspect.isawaitable(closed):
            await closed

    asyncio.run(run())
    requests = sent(server, url)
    assert len(requests) == 2
    for number, request in enumerate(requests):
        fields = {name.lower(): value for name, value in request["headers"]}
        assert fields["x-amz-security-token"] == f"token-{number}"
        assert authorization(request).startswith(f"AWS4-HMAC-SHA256 Credential=key-{number}/")
        assert "/eu-west-1/bedrock-mantle/aws4_request" in authorization(request)
        assert authorization(request).endswith(f"Signature={signature(request, f'secret-{number}')}")
        assert "x-stainless-retry-count" in authorization(request)


@pytest.mark.parametrize("kind", KINDS)
def test_a_stream_is_signed_and_credentials_come_from_a_thread(server: MockServer, kind: str) -> None:
    url = server.script({"exchanges": [{"sse": [{"data": "{}"}, {"data": "[DONE]"}]}]})
    threads: list[int] = []

    def credentials() -> Any:
        threads.append(threading.get_ident())
        return SimpleNamespace(access_key="a", secret_key="b", token=None)

    provider = bedrock(base_url=url, endpoint="runtime", region="us-east-1", credential_provider=credentials)
    create: dict[str, Any] = {"model": "m", "messages": [], "stream": True}

    async def run() -> None:
        client = tailrace.AsyncOpenAI(provider=provider)
        assert [chunk async for chunk in await client.chat.completions.create(**create)] != []

    if kind == "AsyncOpenAI":
        asyncio.run(run())
        assert threads[0] != threading.get_ident()
    else:
        assert list(tailrace.OpenAI(provider=provider).chat.completions.create(**create)) != []
    (request,) = sent(server, url)
    assert "/us-east-1/bedrock/aws4_request" in authorization(request)
    assert authorization(request).endswith(signature(request, "b"))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("credentials", [{"api_key": "k", "region": "us-west-2"}, KEYS], ids=["token", "keys"])
def test_redirects_are_not_followed(server: MockServer, kind: str, credentials: Any) -> None:
    goal = server.script({"exchanges": [OK]})
    for status in (301, 302, 307, 308):
        outcome, requests = seen(
            server,
            tailrace,
            kind,
            models,
            exchanges=({"status": status, "headers": {"location": goal}},),
            **credentials,
        )
        assert outcome[0] == "APIStatusError"
        assert len(requests) == 1
    assert sent(server, goal) == []


@pytest.mark.parametrize("kind", KINDS)
def test_bodies_that_cannot_be_signed_are_refused_before_credentials_are_looked_for(
    server: MockServer, kind: str
) -> None:
    asked: list[int] = []
    provider = {"region": "us-west-2", "credential_provider": lambda: asked.append(1)}
    for action in (
        lambda client: client.post("/x", cast_to=object, content=iter([b"x"])),
        lambda client: client.files.create(file=b"x", purpose="batch"),
    ):
        outcome, requests = seen(server, tailrace, kind, action, **provider)
        assert outcome[0] == "OpenAIError"
        assert "replayable" in outcome[1]
        assert (requests, asked) == ([], [])
    outcome, requests = seen(
        server, tailrace, kind, lambda client: client.post("/x", cast_to=object, content=b"x"), **KEYS
    )
    assert (outcome, len(requests)) == ({"data": [], "id": "x", "choices": []}, 1)


@pytest.mark.parametrize("kind", KINDS)
def test_credentials_that_are_not_found(server: MockServer, kind: str) -> None:
    class Boom(Exception):
        pass

    def boom() -> Any:
        raise Boom

    empty = SimpleNamespace(access_key="a", secret_key="", token=None)
    for provider, words in (
        (boom, "Failed to resolve AWS"),
        (lambda: None, "Could not find"),
        (lambda: empty, "Could not"),
    ):
        outcome, requests = seen(server, tailrace, kind, models, region="us-west-2", credential_provider=provider)
        assert outcome[0] == "OpenAIError"
        assert outcome[1].startswith(words)
        assert requests == []


class Session:
    """What this package uses of botocore's session; the real one runs in the official suite."""

    def __init__(self, profile: str | None = None) -> None:
        self.profile = profile

    def get_config_variable(self, name: str) -> str | None:
        if self.profile == "missing":
            raise LookupError(name)
        return {None: "us-east-2", "west": "us-west-1"}.get(self.profile)

    def get_credentials(self) -> Any:
        frozen = SimpleNamespace(access_key=f"of-{self.profile}", secret_key="s", token=None)
        return SimpleNamespace(get_frozen_credentials=lambda: frozen)


@pytest.mark.parametrize("kind", [*KINDS, *LEGACY])
def test_credentials_of_botocore(server: MockServer, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "botocore", ModuleType("botocore"))
    monkeypatch.setitem(sys.modules, "botocore.session", SimpleNamespace(Session=Session))  # type: ignore[arg-type]
    name = "profile" if kind in KINDS else "aws_profile"
    for options, scope in (({}, ("of-None", "us-east-2")), ({name: "west"}, ("of-west", "us-west-1"))):
        outcome, requests = seen(server, tailrace, kind, models, **options)
        assert outcome == "returned"
        value = dict(requests[0][3])["authorization"]
        assert f"Credential={scope[0]}/" in value
        assert f"/{scope[1]}/bedrock-mantle/" in value
    outcome, requests = seen(server, tailrace, kind, models, **{name: "missing"})
    assert (outcome[0], outcome[2], requests) == ("OpenAIError", "LookupError", [])


@pytest.mark.parametrize("kind", KINDS)
def test_botocore_is_asked_for_only_where_it_is_needed(
    server: MockServer, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "botocore", None)
    assert seen(server, tailrace, kind, models, **KEYS)[0] == "returned"
    outcome, requests = seen(server, tailrace, kind, models, region="us-east-1")
    assert (outcome[0], requests) == ("OpenAIError", [])
    assert "pip install" in outcome[1]


def test_nothing_secret_is_shown(server: MockServer) -> None:
    provider = bedrock(**KEYS, session_token="the token")
    client = tailrace.OpenAI(provider=provider)
    legacy = tailrace.BedrockOpenAI(
        aws_region="us-west-2", aws_access_key_id="AKIDEXAMPLE", aws_secret_access_key="the secret"
    )
    from tailrace._native import Signer

    signer = Signer("AKIDEXAMPLE", "the secret", "the token", "r", "s")
    shown = " ".join(map(repr, (provider, client, client.runtime, legacy, legacy._bedrock_state, signer)))
    shown += json.dumps(sorted(dir(signer))) + str(vars(client))
    for secret in ("the secret", "the token", "AKIDEXAMPLE"):
        assert secret not in shown
    with pytest.raises(tailrace.APIConnectionError) as caught:
        tailrace.OpenAI(
            provider=bedrock(
                base_url=server.url, region="us-west-2", access_key_id="a\nb", secret_access_key="the secret"
            ),
            max_retries=0,
        ).models.list()
    assert "the secret" not in repr(caught.value)
    assert "a\nb" not in str(caught.value)


# The older clients, whose options can be assigned.


@pytest.mark.parametrize("kind", LEGACY)
def test_options_of_the_older_clients_can_be_assigned(official: ModuleType, kind: str) -> None:
    def steps(library: ModuleType) -> list[Any]:
        found: list[Any] = []

        def note(client: Any) -> Any:
            found.append((str(client.base_url), client.aws_region, client.api_key, client._uses_aws_auth()))
            return client

        client = note(getattr(library, kind)(api_key="one", aws_region="us-east-1"))
        note(client.copy(aws_region="us-west-2").copy(timeout=1))
        client.api_key = "two"
        note(client.copy())
        client.aws_region = "eu-west-1"
        note(client.copy())
        signed = note(client.copy(aws_access_key_id="a", aws_secret_access_key="b"))
        note(signed.copy(timeout=3))
        note(signed.copy(api_key="three"))
        client.base_url = "https://own.example/v1"
        note(client.copy())
        note(client.copy(aws_region="us-west-2"))
        note(client.copy(base_url=" "))
        for options in (
            {"api_key": ""}, {"api_key": lambda: "x"}, {"provider": None}, {"admin_api_key": "x"},
            {"data_residency": "eu"},
            {"api_key": "x", "aws_access_key_id": "a", "aws_secret_access_key": "b"}, {"workload_identity": {}},
            {"api_key": "x", "bedrock_token_provider": lambda: "y"}, {"aws_access_key_id": "a"},
        ):  # fmt: skip
            try:
                note(client.copy(**options))
            except Exception as error:  # noqa: BLE001 - which error it is, is what is compared.
                found.append((type(error).__name__, str(error)))
        return found

    assert steps(tailrace) == steps(official)


def test_a_copy_shares_connections_and_keeps_what_it_was_told() -> None:
    client = tailrace.BedrockOpenAI(api_key="k", aws_region="us-east-1", strict_end=True, deadline=3, max_retries=7)
    copy = client.copy()
    assert copy._connection is client._connection
    assert (copy.strict_end, copy.deadline, copy.max_retries) == (True, 3, 7)
    with pytest.raises(ValueError, match="mutually exclusive"):
        client.copy(default_headers={}, set_default_headers={})


@pytest.mark.parametrize("first", ["providers.bedrock", "providers", "lib.bedrock"])
def test_the_name_is_the_function_whatever_was_imported_first(first: str) -> None:
    import subprocess

    code = f"import tailrace.{first}\nfrom tailrace.providers import bedrock, vertex\n"
    code += "print(callable(bedrock), callable(vertex))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60)
    assert done.stdout == "True True\n", done.stderr
