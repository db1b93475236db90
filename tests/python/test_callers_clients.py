"""Hooks, mounts, authentication and errors of a caller's own HTTP client, beside the official package."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable, Generator
from types import ModuleType
from typing import Any

import pytest
from compared import both, json
from transport_setting import library

import tailrace
from tailrace.testing import MockServer

__all__ = ["library"]

KINDS = ["OpenAI", "AsyncOpenAI"]
EMPTY = {"object": "list", "data": []}
CHAT: Any = {"model": "m", "messages": [{"role": "user", "content": "é"}]}
CHUNK = b'data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[]}\n\n'


class With:
    """A package whose clients get an HTTP client of the caller's, made anew for each."""

    def __init__(self, package: ModuleType, make: Callable[[str], Any]) -> None:
        self.package, self.make = package, make

    def __getattr__(self, kind: str) -> Any:
        return lambda **options: getattr(self.package, kind)(http_client=self.make(kind), **options)


def client_of(library: Any, kind: str, **options: Any) -> Any:
    return (library.Client if kind == "OpenAI" else library.AsyncClient)(trust_env=False, **options)


def same(
    server: MockServer, official: ModuleType, kind: str, make: Any, exchanges: list[Any], action: Any
) -> tuple[Any, list[Any]]:
    """Do `action` with clients of both packages over what `make` makes; return what both did and sent."""
    ours: Any = With(tailrace, make)
    theirs: Any = With(official, make)
    (found, sent), (expected, theirs_sent) = both(server, ours, theirs, kind, exchanges, action)
    for request in [*sent, *theirs_sent]:
        # It is over the path, which is another one for each script.
        key = request["headers"].get("authorization", "")
        request["headers"]["authorization"] = key.partition(" uri=")[0]
    assert found == expected
    assert sent == theirs_sent
    return found, sent


def listed(client: Any) -> Any:
    return client.with_options(max_retries=1).get("/models", cast_to=object)


def hook(kind: str, work: Callable[[Any], None]) -> Any:
    async def awaited(message: Any) -> None:
        work(message)

    return work if kind == "OpenAI" else awaited


@pytest.mark.parametrize("kind", KINDS)
def test_hooks_see_and_change_each_attempt(server: MockServer, official: ModuleType, library: Any, kind: str) -> None:
    seen: list[Any] = []

    def make(kind: str) -> Any:
        def asked(request: Any) -> None:
            request.headers["x-hooked"] = request.headers["x-stainless-retry-count"]
            seen.append(request.method)

        def answered(response: Any) -> None:
            seen.append([response.status_code, response.headers["x-own"]])

        hooks = {"request": [hook(kind, asked)], "response": [hook(kind, answered)]}
        return client_of(library, kind, event_hooks=hooks)

    exchanges = [{"status": 500, "headers": {"retry-after-ms": "1", "x-own": "1"}, "text": ""}, json(EMPTY, x_own="2")]
    _, sent = same(server, official, kind, make, exchanges, listed)
    assert [request["headers"]["x-hooked"] for request in sent] == ["0", "1"]
    half = len(seen) // 2
    assert seen[:half] == seen[half:] == ["GET", [500, "1"], "GET", [200, "2"]]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("when", ["request", "response"])
def test_what_a_hook_raises_ends_the_call(
    server: MockServer, official: ModuleType, library: Any, kind: str, when: str
) -> None:
    def refuse(message: Any) -> None:
        raise LookupError("not today")

    def make(kind: str) -> Any:
        return client_of(library, kind, event_hooks={when: [hook(kind, refuse)]})

    found, sent = same(server, official, kind, make, [json(EMPTY)], listed)
    assert found == ("raised", "LookupError", "not today")
    assert len(sent) == (0 if when == "request" else 1)


@pytest.mark.parametrize("kind", KINDS)
def test_mounts_choose_the_transport(server: MockServer, official: ModuleType, library: Any, kind: str) -> None:
    def make(kind: str) -> Any:
        def reply(request: Any) -> Any:
            return library.Response(200, json={"asked": str(request.url), "key": request.headers["authorization"]})

        return client_of(library, kind, mounts={"all://mounted.test": library.MockTransport(reply)})

    def mounted(client: Any) -> Any:
        return client.get("http://mounted.test:81/v1/x?a=1", cast_to=object)

    found, sent = same(server, official, kind, make, [], mounted)
    assert found[2] == {"asked": "http://mounted.test:81/v1/x?a=1", "key": "Bearer k"}
    assert sent == []
    assert len(same(server, official, kind, make, [json(EMPTY)], listed)[1]) == 1


def asking(library: Any) -> Any:
    class Asking(library.Auth):
        """Asks for a token with the number that the refusal names, and sends the request again with it."""

        requires_response_body = True

        def auth_flow(self, request: Any) -> Generator[Any, Any, None]:
            request.headers["authorization"] = "Bearer stale"
            refused = yield request
            if refused.status_code == 401:
                nonce = refused.json()["nonce"]
                token = yield library.Request("POST", request.url.join("token"), json={"nonce": nonce})
                request.headers["authorization"] = f"Bearer {token.json()['token']}"
                yield request

    return Asking()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("action", ["call", "stream", "upload"])
def test_authentication_that_needs_the_response(
    server: MockServer, official: ModuleType, library: Any, kind: str, action: str
) -> None:
    refused, token = {"status": 401, "json": {"nonce": 7}}, json({"token": "fresh"})
    streamed = {"sse": [{"data": CHUNK.decode()[6:].strip()}] * 3 + [{"data": "[DONE]"}]}
    last = streamed if action == "stream" else json({"id": "f"})
    actions: dict[str, Any] = {
        "call": lambda client: client.chat.completions.create(**CHAT),
        "stream": lambda client: drained(client.chat.completions.create(**CHAT, stream=True)),
        "upload": lambda client: client.files.create(file=("n", b"0123456789" * 9000), purpose="batch"),
    }

    def make(kind: str) -> Any:
        return client_of(library, kind, auth=asking(library))

    _, sent = same(server, official, kind, make, [refused, token, last], actions[action])
    keys = [request["headers"]["authorization"] for request in sent]
    assert keys == ["Bearer stale", "", "Bearer fresh"]
    assert sent[0]["body"] == sent[2]["body"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("auth", [("user", "password"), "digest"])
def test_authentication_of_the_library(
    server: MockServer, official: ModuleType, library: Any, kind: str, auth: Any
) -> None:
    challenge = {"www-authenticate": 'Digest realm="r", nonce="n", algorithm=SHA-256'}
    exchanges = [{"status": 401, "headers": challenge, "text": ""}] if auth == "digest" else []

    def make(kind: str) -> Any:
        return client_of(library, kind, auth=library.DigestAuth("user", "password") if auth == "digest" else auth)

    _, sent = same(server, official, kind, make, [*exchanges, json(EMPTY)], listed)
    assert sent[-1]["headers"]["authorization"].startswith("Digest " if auth == "digest" else "Basic ")


def drained(stream: Any) -> Any:
    if not inspect.isawaitable(stream):
        return [event.id for event in stream]

    async def read() -> Any:
        return [event.id async for event in await stream]  # type: ignore[attr-defined]

    return read()


@pytest.mark.parametrize("kind", KINDS)
def test_respx_answers_and_sees(official: ModuleType, kind: str) -> None:
    respx: Any = pytest.importorskip("respx", reason="answers by respx, which is not installed here")
    httpx: Any = pytest.importorskip("httpx", reason="respx is for httpx, which is not installed here")

    def answers(package: ModuleType) -> Any:
        with respx.mock(base_url="http://respx.test/v1") as router:
            models = router.get("/models").mock(
                side_effect=[httpx.Response(500, headers={"retry-after-ms": "1"}), httpx.Response(200, json=EMPTY)]
            )
            chat = router.post("/chat/completions").mock(httpx.Response(200, content=CHUNK * 2 + b"data: [DONE]\n\n"))
            refused = router.get("/files").mock(side_effect=httpx.ConnectError("nobody is there"))
            client = getattr(package, kind)(
                api_key="k", base_url="http://respx.test/v1", max_retries=1, http_client=client_of(httpx, kind)
            )
            found = [finished(lambda: listed(client))]
            found.append(finished(lambda: drained(client.chat.completions.create(**CHAT, stream=True))))
            quick = client.with_options(max_retries=0)
            with pytest.raises(package.APIConnectionError) as caught:
                finished(lambda: quick.get("/files", cast_to=object))
            assert isinstance(caught.value.__cause__, httpx.ConnectError)
            sent = [(call.request.method, str(call.request.url), call.request.content) for call in router.calls]
            return found, sent, [route.call_count for route in (models, chat, refused)]

    found, sent, counts = answers(tailrace)
    assert (found, sent, counts) == answers(official)
    assert counts == [2, 1, 1]


def finished(start: Callable[[], Any]) -> Any:
    """Run `start`, and what it returns when that is to be awaited, on a loop of its own."""

    async def run() -> Any:
        value = start()
        return await value if inspect.isawaitable(value) else value

    return asyncio.run(run())


def reader(client: Any, name: str) -> Any:
    """Read a body in one of the ways that there are; with an async client, what has to be awaited."""
    if name == "call":
        return client.chat.completions.create(**CHAT)
    if name == "stream":
        return drained(client.chat.completions.create(**CHAT, stream=True))
    opened = client.chat.completions.with_streaming_response.create(**CHAT)

    async def read() -> None:
        async with opened as response:
            made = getattr(response, name)()
            if inspect.isawaitable(made):
                await made
            else:
                assert [piece async for piece in made]

    if hasattr(opened, "__aenter__"):
        return read()
    with opened as response:
        made = getattr(response, name)()
        return list(made) if name.startswith("iter_") else made


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("way", ["call", "stream", "iter_bytes", "iter_lines", "read", "parse"])
@pytest.mark.parametrize("failure", ["ReadError", "RemoteProtocolError", "ReadTimeout", "DecodingError", "LookupError"])
def test_what_a_body_that_breaks_off_raises(
    official: ModuleType, library: Any, kind: str, way: str, failure: str
) -> None:
    class Breaking(library.SyncByteStream, library.AsyncByteStream):
        closed = False

        def __iter__(self) -> Any:
            yield b"no gzip" if failure == "DecodingError" else CHUNK
            raise LookupError("own") if failure == "LookupError" else getattr(library, failure)("broken")

        async def __aiter__(self) -> Any:
            for piece in iter(self):
                yield piece

        def close(self) -> None:
            self.closed = True

        async def aclose(self) -> None:
            self.closed = True

    def ends(package: ModuleType) -> list[Any]:
        bodies: list[Any] = []

        def reply(request: Any) -> Any:
            bodies.append(Breaking())
            coding = {"content-encoding": "gzip"} if failure == "DecodingError" else {}
            return library.Response(200, headers={"content-type": "text/event-stream", **coding}, stream=bodies[-1])

        http_client = client_of(library, kind, transport=library.MockTransport(reply))
        client = getattr(package, kind)(api_key="k", base_url="http://b.test", max_retries=0, http_client=http_client)
        with pytest.raises(Exception) as caught:  # noqa: PT011 - Which one it is, is what is compared.
            finished(lambda: reader(client, way))
        chain = []
        error: BaseException | None = caught.value
        while error is not None:
            # A broken stream's is also an instance of what a library raises, which its name does not tell.
            chain.append(type(error).__name__)
            error = error.__cause__
        return [chain, [body.closed for body in bodies]]

    found = ends(tailrace)
    assert found == ends(official)
    assert found[1] == [True]
