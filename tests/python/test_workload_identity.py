"""Workload identities over real sockets, beside the official package: exchanges, who shares them, what a 401 does."""

from __future__ import annotations

import asyncio
import inspect
import io
import json
import logging
import os
import pickle
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from compared import KINDS

import tailrace
from tailrace.testing import MockServer

OK = {"json": {"object": "list", "data": []}, "repeat": True}
REFUSED: dict[str, Any] = {"status": 401, "json": {"error": {"message": "no"}}}
FAILED: dict[str, Any] = {"status": 500, "headers": {"retry-after-ms": "1"}, "json": {}}
SECRETS = ("canary-subject", "canary-token")


def grant(token: str, expires_in: Any = 3600, **options: Any) -> dict[str, Any]:
    return {"json": {"access_token": token, "expires_in": expires_in}, **options}


class Place:
    """A client of either package with an identity, the token endpoint and the API that it talks to."""

    def __init__(
        self, server: MockServer, library: ModuleType, kind: str, tokens: list[Any], calls: list[Any], **options: Any
    ) -> None:
        self.server = server
        self.asked = 0
        self.tokens, self.calls = server.script({"exchanges": tokens}), server.script({"exchanges": calls})
        provider = options.pop("provider", self.subject)
        identity = {
            "identity_provider_id": "idp",
            "service_account_id": "sa",
            "provider": {"get_token": provider, "token_type": options.pop("token_type", "jwt")},
            **options.pop("identity", {}),
        }
        self.client = getattr(library, kind)(
            **{"workload_identity": identity, "base_url": self.calls, "max_retries": 0, **options}
        )
        self.auth = self.client._workload_identity_auth
        self.auth.token_exchange_url = self.tokens

    def subject(self) -> str:
        self.asked += 1
        return f"subject-{self.asked}"

    def run(self, *actions: Callable[[Any], Any]) -> list[Any]:
        """Do one after the other, and close the client; what each came to."""

        async def run() -> list[Any]:
            found: list[Any] = []
            for action in actions:
                try:
                    value = action(self.client)
                    found.append(getattr(await value if inspect.isawaitable(value) else value, "object", "returned"))
                except Exception as error:  # noqa: BLE001 - which error it is, is what is compared.
                    names = ("status_code", "error", "body")
                    found.append((type(error).__name__, str(error), *(getattr(error, name, None) for name in names)))
            await self.close()
            return found

        return asyncio.run(run())

    async def close(self) -> None:
        closed = self.client.close()
        if inspect.isawaitable(closed):
            await closed

    def exchanged(self) -> list[Any]:
        return [json.loads(request["body"]) for request in self.server.requests(self.tokens)]

    def sent(self) -> list[Any]:
        requests = [dict(request["headers"]) for request in self.server.requests(self.calls)]
        fields = [{name.lower(): value for name, value in headers.items()} for headers in requests]
        return [(field.get("authorization"), field.get("x-stainless-retry-count")) for field in fields]


def models(client: Any) -> Any:
    return client.models.list()


@pytest.fixture
def place(server: MockServer, library: ModuleType) -> Iterator[Callable[..., Place]]:
    """Makes a place for blocking calls, which is closed at the end."""
    made: list[Place] = []

    def make(tokens: list[Any], calls: list[Any], **options: Any) -> Place:
        made.append(Place(server, library, "OpenAI", tokens, calls, **options))
        return made[-1]

    yield make
    for one in made:
        one.client.close()


CASES: dict[str, tuple[list[Any], list[Any], dict[str, Any]]] = {
    "one exchange for two calls": ([grant("a")], [OK], {}),
    "an id token": ([grant("a")], [OK], {"token_type": "id"}),
    "refused once": ([grant("a"), grant("b")], [REFUSED, OK], {}),
    "refused twice": ([grant("a"), grant("b"), grant("c")], [REFUSED, REFUSED, OK], {}),
    "refused in each attempt": (
        [grant("a"), grant("b"), grant("c")], [REFUSED, FAILED, REFUSED, OK], {"max_retries": 2},
    ),
    "a retry keeps the token": ([grant("a")], [FAILED, OK], {"max_retries": 1}),
    "the identity is refused": ([{"status": 401, "json": {"error": "invalid_grant"}}, grant("a")], [OK], {}),
    "with a reason": ([{"status": 400, "json": {"error": "x", "error_description": "why"}}, grant("a")], [OK], {}),
    "by a proxy": ([{"status": 403, "text": "<html>"}, grant("a")], [OK], {"max_retries": 2}),
    "the endpoint fails": ([FAILED, grant("a")], [OK], {"max_retries": 2}),
    "it redirects": ([{"status": 302, "headers": {"location": "/x"}, "text": ""}, grant("a")], [OK], {}),
    "no JSON": ([{"text": "nonsense"}, grant("a")], [OK], {}),
    "a list": ([{"json": []}, grant("a")], [OK], {}),
    "no token": ([{"json": {"expires_in": 1}}, grant("a")], [OK], {}),
    "a number as token": ([grant(3), grant("a")], [OK], {}),  # type: ignore[arg-type]
    "no end": ([{"json": {"access_token": "t"}}, grant("a")], [OK], {}),
    "a text as end": ([grant("t", "3600"), grant("a")], [OK], {}),
    "an empty subject": ([grant("a")], [OK], {"provider": lambda: ""}),
    "a provider that fails": ([grant("a")], [OK], {"provider": lambda: 1 / 0}),
    "an unknown kind of token": ([grant("a")], [OK], {"token_type": "saml"}),
    "credentials of the caller": ([grant("a")], [OK], {"default_headers": {"Authorization": "Bearer mine"}}),
}  # fmt: skip


@pytest.mark.once
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", CASES)
def test_exchanges_are_those_of_the_official_package(
    server: MockServer, official: ModuleType, kind: str, name: str
) -> None:
    tokens, calls, options = CASES[name]
    found: list[Any] = []
    for library in (tailrace, official):
        place = Place(server, library, kind, tokens, calls, **options)
        outcomes = place.run(models, models)
        found.append((outcomes, place.exchanged(), place.sent()))
    assert found[0] == found[1]


@pytest.mark.parametrize("kind", KINDS)
def test_calls_at_once_share_an_exchange(server: MockServer, library: ModuleType, kind: str) -> None:
    place = Place(server, library, kind, [grant("a", delay_ms=150, repeat=True)], [OK])
    if kind == "OpenAI":
        with ThreadPoolExecutor(8) as threads:
            pages = list(threads.map(lambda _: place.client.models.list().object, range(8)))
        place.client.close()
    else:

        async def together() -> list[str]:
            pages = await asyncio.gather(*(place.client.models.list() for _ in range(8)))
            await place.close()
            return [page.object for page in pages]

        pages = asyncio.run(together())
    assert pages == ["list"] * 8
    assert (len(place.exchanged()), place.asked, len(place.sent())) == (1, 1, 8)


async def listed_by(client: Any) -> str:
    return (await client.models.list()).object


def test_event_loops_and_threads_share_an_exchange(server: MockServer) -> None:
    place = Place(server, tailrace, "AsyncOpenAI", [grant("a", delay_ms=150, repeat=True)], [OK])
    with ThreadPoolExecutor(4) as threads:
        listed = threads.map(lambda _: asyncio.run(listed_by(place.client)), range(4))
        assert list(listed) == ["list"] * 4
    assert place.auth.get_token() == "a"
    assert len(place.exchanged()) == 1


class Refusing(BaseHTTPRequestHandler):
    """Refuses the token `a`, to all who have it once all have come."""

    together: threading.Barrier
    seen: list[str]

    def do_GET(self) -> None:
        token = self.headers["authorization"]
        self.seen.append(token)
        is_refused = token == "Bearer a"
        if is_refused:
            self.together.wait(60)
        body = b'{"object": "list", "data": []}'
        self.send_response(401 if is_refused else 200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


def test_calls_that_were_refused_together_replace_the_token_once(place: Callable[..., Place]) -> None:
    handler = type("Handler", (Refusing,), {"together": threading.Barrier(4), "seen": []})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as api:
        threading.Thread(target=api.serve_forever, daemon=True).start()
        here = place(
            [grant("a"), grant("b"), grant("c", repeat=True)], [OK], base_url=f"http://127.0.0.1:{api.server_port}"
        )
        with ThreadPoolExecutor(4) as threads:
            assert list(threads.map(lambda _: here.client.models.list().object, range(4))) == ["list"] * 4
        api.shutdown()
    assert sorted(handler.seen) == ["Bearer a"] * 4 + ["Bearer b"] * 4
    assert len(here.exchanged()) == 2


def test_a_call_that_is_cancelled_leaves_its_exchange_to_the_next(server: MockServer, library: ModuleType) -> None:
    place = Place(server, library, "AsyncOpenAI", [grant("a", delay_ms=300, repeat=True)], [OK])

    async def run() -> Any:
        first = asyncio.ensure_future(place.client.models.list())
        while not place.exchanged():
            await asyncio.sleep(0.01)
        second = asyncio.ensure_future(place.client.models.list())
        await asyncio.sleep(0)
        first.cancel()
        settled = await asyncio.gather(first, second, return_exceptions=True)
        await place.close()
        return settled

    first, second = asyncio.run(run())
    assert isinstance(first, asyncio.CancelledError)
    assert second.object == "list"


@pytest.mark.parametrize("kind", KINDS)
def test_an_expired_token_is_not_used(server: MockServer, kind: str) -> None:
    def later(client: Any) -> Any:
        time.sleep(0.06)
        return client.models.list()

    place = Place(server, tailrace, kind, [grant("a", 0.05), grant("b")], [OK])
    assert place.run(models, later, models) == ["list"] * 3
    assert [auth for auth, _ in place.sent()] == ["Bearer a", "Bearer b", "Bearer b"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_forked_child_exchanges_for_itself(server: MockServer) -> None:
    place = Place(server, tailrace, "OpenAI", [grant("a", repeat=True)], [OK])
    assert models(place.client).object == "list"
    child = os.fork()
    if child == 0:
        try:
            os._exit(0 if place.client.models.list().object == "list" else 1)
        finally:
            os._exit(2)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert models(place.client).object == "list"
    assert len(place.exchanged()) == 2


def test_on_trio(server: MockServer) -> None:
    trio = pytest.importorskip("trio")
    place = Place(server, tailrace, "AsyncOpenAI", [grant("a"), grant("b")], [REFUSED, OK])

    assert trio.run(listed_by, place.client) == "list"
    assert [auth for auth, _ in place.sent()] == ["Bearer a", "Bearer b"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_form_is_sent_again(server: MockServer, library: ModuleType, kind: str) -> None:
    def upload(client: Any) -> Any:
        return client.files.create(file=("a.txt", io.BytesIO(b"text")), purpose="batch")

    done = {"json": {"id": "f", "object": "file"}, "repeat": True}
    place = Place(server, library, kind, [grant("a"), grant("b")], [REFUSED, done])
    assert place.run(upload) == ["file"]
    assert [auth for auth, _ in place.sent()] == ["Bearer a", "Bearer b"]


def test_streams_and_raw_responses_are_refused_and_sent_again(place: Callable[..., Place]) -> None:
    for action in (
        lambda client: client.models.with_raw_response.list().parse(),
        lambda client: list(client.chat.completions.create(model="m", messages=[], stream=True)),
    ):
        answer = {"sse": [{"data": '{"id": "x", "choices": []}'}, {"data": "[DONE]"}]}
        calls = [REFUSED, OK if action.__code__.co_names[0] == "models" else answer]
        here = place([grant("a"), grant("b")], calls)
        action(here.client)
        assert [auth for auth, _ in here.sent()] == ["Bearer a", "Bearer b"]


def test_a_copy_has_its_own_token(place: Callable[..., Place]) -> None:
    here = place([grant("a", repeat=True)], [OK])
    copied = here.client.with_options(timeout=30)
    assert copied.workload_identity is here.client.workload_identity
    assert copied._workload_identity_auth is not here.auth
    keyed = copied.with_options(api_key="key")
    assert (keyed.api_key, keyed.workload_identity) == ("key", None)
    keyed.models.list()
    assert here.sent()[-1][0] == "Bearer key"
    back = keyed.with_options(workload_identity=copied.workload_identity)
    assert back.workload_identity is copied.workload_identity
    assert here.exchanged() == []


def test_what_is_no_identity_is_refused(library: ModuleType) -> None:
    identity = {"identity_provider_id": "i", "service_account_id": "s", "provider": {}}
    with pytest.raises(library.OpenAIError, match="mutually exclusive"):
        library.OpenAI(api_key="k", workload_identity=identity)
    for wrong in ({}, {"identity_provider_id": "i"}, {"type": "x590", "service_account_id": "s"}):
        with pytest.raises(library.OpenAIError, match="Invalid `workload_identity`"):
            library.OpenAI(workload_identity=wrong)


def test_the_token_by_itself(place: Callable[..., Place]) -> None:
    here = place([grant("a"), grant("b"), grant("c")], [OK])
    auth_type = type(here.auth)
    assert auth_type.__name__ == "WorkloadIdentityAuth"
    auth = auth_type(workload_identity=here.auth.workload_identity, token_exchange_url=here.tokens)
    assert (auth.get_token(), asyncio.run(auth.get_token_async())) == ("a", "a")
    auth.invalidate_token("other")
    assert auth.get_token() == "a"
    auth.invalidate_token("a")
    assert asyncio.run(auth.get_token_async()) == "b"
    auth.invalidate_token()
    assert auth.get_token() == "c"


def test_a_caller_s_own_http_client_sends_no_subject_token(server: MockServer, library: ModuleType) -> None:
    httpx2 = pytest.importorskip("httpx2")
    seen: list[str] = []
    client = httpx2.Client(event_hooks={"request": [lambda request: seen.append(str(request.url))]})
    place = Place(server, library, "OpenAI", [grant("a"), grant("b")], [REFUSED, OK], http_client=client)
    assert place.run(models) == ["list"]
    assert seen == [f"{place.calls}/models"] * 2
    assert [body["subject_token"] for body in place.exchanged()] == ["subject-1", "subject-2"]


def test_nothing_shows_a_token(server: MockServer, caplog: pytest.LogCaptureFixture) -> None:
    subject, token = SECRETS
    refusals = [{"status": status, "json": {"error": "x"}} for status in (401, 500)]
    tokens = [*refusals, {"json": {"access_token": f"{token}\n", "expires_in": 5}}, grant(token, repeat=True)]
    place = Place(server, tailrace, "OpenAI", tokens, [REFUSED, REFUSED, OK], provider=lambda: subject)
    shown = [repr(place.auth), repr(place.client), repr(place.auth.credentials)]
    with caplog.at_level(logging.DEBUG):
        for _ in range(5):
            try:
                place.client.models.list()
            except tailrace.OpenAIError as error:
                request = getattr(error, "request", None)
                shown += [repr(error), str(error), "".join(traceback.format_exception(error)), repr(request)]
                if not isinstance(error, tailrace.AuthenticationError) or isinstance(error, tailrace.OAuthError):
                    shown += [repr(pickle.dumps(error)), repr(vars(error))]
    shown.append(caplog.text)
    assert len(place.exchanged()) == 6
    assert [text for text in shown if subject in text or token in text] == []


def test_where_subject_tokens_come_from(server: MockServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from tailrace import auth
    from tailrace._exceptions import SubjectTokenProviderError
    from tailrace.auth import _subject_tokens

    file = tmp_path / "token"
    kubernetes = auth.k8s_service_account_token_provider(file)
    with pytest.raises(SubjectTokenProviderError, match="Failed to read the token file"):
        kubernetes["get_token"]()
    for text in ("one\n", "two"):
        file.write_text(text)
        assert kubernetes["get_token"]() == text.strip()
    file.write_text(" \n")
    with pytest.raises(SubjectTokenProviderError, match="is empty"):
        kubernetes["get_token"]()

    for name, provider, good, bad in (
        (
            "AZURE_URL",
            auth.azure_managed_identity_token_provider("r", client_id="c"),
            '{"access_token": "cloud"}',
            "{}",
        ),
        ("GCP_URL", auth.gcp_id_token_provider("https://x"), " cloud\n", " "),
    ):
        url = server.script({"exchanges": [{"text": good}, {"text": bad}, {"status": 404, "text": "no"}]})
        monkeypatch.setattr(_subject_tokens, name, url)
        assert provider["get_token"]() == "cloud"
        for message in ("", "HTTP 404"):
            with pytest.raises(SubjectTokenProviderError, match=f"Failed to fetch.*{message}"):
                provider["get_token"]()
        headers = [{name.lower(): value for name, value in request["headers"]} for request in server.requests(url)]
        assert headers[0].get("metadata", headers[0].get("metadata-flavor")) in ("true", "Google")
        assert "client_id=c" in server.requests(url)[0]["query"] or name == "GCP_URL"


def test_providers_ask_what_those_of_the_official_package_ask(library: ModuleType) -> None:
    httpx2 = pytest.importorskip("httpx2")
    import importlib

    auth = importlib.import_module(f"{library.__name__}.auth")
    seen: list[Any] = []

    def answer(request: Any) -> Any:
        seen.append((str(request.url), request.headers.get("metadata"), request.headers.get("metadata-flavor")))
        return httpx2.Response(200, json={"access_token": "t"})

    client = httpx2.Client(transport=httpx2.MockTransport(answer))
    auth.azure_managed_identity_token_provider(
        "r", object_id="o", client_id="c", msi_res_id="m", api_version="v", http_client=client
    )["get_token"]()
    auth.gcp_id_token_provider("a b", http_client=client)["get_token"]()
    assert seen == [
        (
            "http://169.254.169.254/metadata/identity/oauth2/token"
            "?api-version=v&resource=r&object_id=o&client_id=c&msi_res_id=m", "true", None,
        ),
        (
            "http://metadata.google.internal/computeMetadata/v1/instance/service-accounts/default/identity?audience=a+b",
            None, "Google",
        ),
    ]  # fmt: skip
