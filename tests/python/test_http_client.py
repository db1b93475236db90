"""A caller's own `http_client`, and libraries that mock httpx2, beside the official package."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import pytest

import tailrace
from tailrace.testing import MockServer

httpx2: Any = pytest.importorskip("httpx2", reason="passes clients of httpx2, which is not installed here")

KINDS = ["OpenAI", "AsyncOpenAI"]
COMPLETION = {"id": "c", "object": "chat.completion", "choices": []}


def client_of(library: ModuleType, kind: str, handler: Callable[[Any], Any], **options: Any) -> Any:
    make = httpx2.Client if kind == "OpenAI" else httpx2.AsyncClient
    http_client = make(transport=httpx2.MockTransport(handler), **options.pop("http", {}))
    return getattr(library, kind)(
        **{"api_key": "k", "base_url": "http://mocked/v1", "max_retries": 0, "http_client": http_client, **options}
    )


def run(value: Any) -> Any:
    if not hasattr(value, "__await__"):
        return value

    async def awaited() -> Any:
        return await value

    return asyncio.run(awaited())


@pytest.mark.parametrize("kind", KINDS)
def test_every_request_goes_through_it(official: ModuleType, kind: str) -> None:
    found: list[Any] = []
    for library in (tailrace, official):
        seen: list[Any] = []

        def handler(request: Any, seen: list[Any] = seen) -> Any:
            seen.append([request.method, str(request.url), sorted(request.headers.items()), request.content])
            return httpx2.Response(200, json={"id": "x", "data": [], "choices": []}, headers={"x-request-id": "r"})

        client = client_of(library, kind, handler, http={"headers": {"x-own": "1", "user-agent": "own"}})
        results = [
            run(client.chat.completions.create(model="m", messages=[{"role": "user", "content": "é"}])),
            run(client.post("/x", cast_to=object)), run(client.delete("/x", cast_to=object)),
            run(client.models.list(extra_query={"a": [1, 2]})), run(client.files.create(file=b"1", purpose="batch")),
        ]  # fmt: skip
        assert results[0]._request_id == "r"
        for request in seen:
            boundary = dict(request[2])["content-type"].partition("boundary=")[2] if request[0] == "POST" else ""
            if boundary:
                request[3] = request[3].replace(boundary.encode(), b"B")
                request[2] = [(name, value.replace(boundary, "B")) for name, value in request[2]]
        found.append(seen)
    assert found[0] == found[1]


@pytest.mark.parametrize("kind", KINDS)
def test_attempts_are_repeated_by_the_same_rules(library: ModuleType, kind: str) -> None:
    replies = iter([
        httpx2.Response(500, headers={"retry-after-ms": "1"}), httpx2.ConnectError("refused"),
        httpx2.Response(200, json=COMPLETION),
    ])  # fmt: skip
    counts: list[str] = []

    def handler(request: Any) -> Any:
        counts.append(request.headers["x-stainless-retry-count"])
        reply = next(replies)
        if isinstance(reply, Exception):
            raise reply
        return reply

    client = client_of(library, kind, handler, max_retries=3)
    assert run(client.chat.completions.create(model="m", messages=[])).id == "c"
    assert counts == ["0", "1", "2"]


FAILURES: dict[str, tuple[Callable[[], Exception], str]] = {
    "refused": (lambda: httpx2.ConnectError("refused"), "APIConnectionError"),
    "connect timeout": (lambda: httpx2.ConnectTimeout("late"), "APITimeoutError"),
    "read timeout": (lambda: httpx2.ReadTimeout("late"), "APITimeoutError"),
    "pool timeout": (lambda: httpx2.PoolTimeout("full"), "APITimeoutError"),
    "read error": (lambda: httpx2.ReadError("reset"), "APIConnectionError"),
    "too many redirects": (lambda: httpx2.TooManyRedirects("round"), "APIConnectionError"),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", FAILURES)
def test_what_it_raises_becomes_the_official_error(library: ModuleType, kind: str, name: str) -> None:
    make, expected = FAILURES[name]

    def handler(request: Any) -> Any:
        raise make()

    client = client_of(library, kind, handler)
    with pytest.raises(library.APIConnectionError) as caught:
        run(client.models.list()) if kind == "OpenAI" else run(client.models.retrieve("m"))
    assert type(caught.value).__name__ == expected
    assert type(caught.value.__cause__) is type(make())


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_no_failure_of_a_request_is_raised_as_it_is(library: ModuleType, kind: str) -> None:
    asked: list[int] = []

    def handler(request: Any) -> Any:
        asked.append(1)
        raise LookupError("a mistake of the caller's")

    client = client_of(library, kind, handler, max_retries=2)
    with pytest.raises(LookupError):
        run(client.models.retrieve("m"))
    assert len(asked) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_error_statuses(library: ModuleType, kind: str) -> None:
    client = client_of(
        library, kind, lambda request: httpx2.Response(404, json={"error": {"message": "no", "code": "c"}})
    )
    with pytest.raises(library.NotFoundError) as caught:
        run(client.models.retrieve("m"))
    assert (caught.value.code, caught.value.status_code) == ("c", 404)


def events(count: int) -> Iterator[bytes]:
    for number in range(count):
        yield b"data: " + json.dumps({"id": str(number), "choices": []}).encode() + b"\n\n"
    yield b"data: [DONE]\n\n"


class Body(httpx2.SyncByteStream, httpx2.AsyncByteStream):
    """A body of either kind, which remembers that it was closed."""

    def __init__(self, pieces: Any) -> None:
        self.pieces = pieces
        self.closed = threading.Event()

    def __iter__(self) -> Any:
        yield from self.pieces

    async def __aiter__(self) -> Any:
        for piece in self.pieces:
            await asyncio.sleep(0)
            yield piece

    def close(self) -> None:
        self.closed.set()

    async def aclose(self) -> None:
        self.closed.set()


@pytest.mark.parametrize("kind", KINDS)
def test_streams(library: ModuleType, kind: str) -> None:
    body = Body(events(2000))
    client = client_of(library, kind, lambda request: httpx2.Response(200, stream=body))
    if kind == "OpenAI":
        ids = [event.id for event in client.chat.completions.create(model="m", messages=[], stream=True)]
    else:

        async def read() -> list[str]:
            stream = await client.chat.completions.create(model="m", messages=[], stream=True)
            return [event.id async for event in stream]

        ids = asyncio.run(read())
    assert ids == [str(number) for number in range(2000)]
    assert body.closed.wait(60)


def endless() -> Iterator[bytes]:
    number = 0
    while True:
        number += 1
        yield b"data: " + json.dumps({"id": str(number), "choices": [], "pad": "x" * 4096}).encode() + b"\n\n"


def test_a_stream_that_is_closed_closes_the_response() -> None:
    body = Body(endless())
    client = client_of(tailrace, "OpenAI", lambda request: httpx2.Response(200, stream=body))
    with client.chat.completions.create(model="m", messages=[], stream=True) as stream:
        assert next(stream).id == "1"
    assert body.closed.wait(60)


def test_a_stream_that_is_closed_does_not_wait_for_a_silent_server() -> None:
    def pieces() -> Iterator[bytes]:
        yield next(iter(endless()))
        # Nothing more comes until the response is closed.
        body.closed.wait(60)

    body = Body(pieces())
    client = client_of(tailrace, "OpenAI", lambda request: httpx2.Response(200, stream=body))
    with client.chat.completions.create(model="m", messages=[], stream=True) as stream:
        assert next(stream).id == "1"
    assert body.closed.wait(30)


def test_an_async_stream_that_is_closed_closes_the_response() -> None:
    body = Body(endless())
    client = client_of(tailrace, "AsyncOpenAI", lambda request: httpx2.Response(200, stream=body))

    async def read() -> None:
        async with await client.chat.completions.create(model="m", messages=[], stream=True) as stream:
            assert (await stream.__anext__()).id == "1"
        for _ in range(6000):
            if body.closed.is_set():
                return
            await asyncio.sleep(0.01)

    asyncio.run(read())
    assert body.closed.is_set()


def test_a_stream_that_breaks_off_raises() -> None:
    def breaking() -> Iterator[bytes]:
        yield b'data: {"id": "0", "choices": []}\n\n'
        raise httpx2.ReadError("reset")

    client = client_of(tailrace, "OpenAI", lambda request: httpx2.Response(200, stream=Body(breaking())))
    stream = client.chat.completions.create(model="m", messages=[], stream=True)
    assert next(stream).id == "0"
    with pytest.raises(tailrace.APIConnectionError) as caught:
        next(stream)
    assert isinstance(caught.value.__cause__, httpx2.ReadError)


@pytest.mark.parametrize("kind", KINDS)
def test_raw_and_streaming_responses(library: ModuleType, kind: str) -> None:
    client = client_of(library, kind, lambda request: httpx2.Response(200, content=b"abcd"))

    async def read() -> Any:
        raw = await client.files.with_raw_response.content("f")
        async with client.files.with_streaming_response.content("f") as response:
            return [raw.content, [piece async for piece in response.iter_bytes(3)]]

    if kind == "AsyncOpenAI":
        found = asyncio.run(read())
    else:
        with client.files.with_streaming_response.content("f") as response:
            found = [client.files.with_raw_response.content("f").content, list(response.iter_bytes(3))]
    assert found == [b"abcd", [b"abc", b"d"]]


def test_a_real_client_talks_to_a_real_server(server: MockServer, library: ModuleType) -> None:
    base_url = server.script({"exchanges": [{"json": COMPLETION, "repeat": True}]})
    with httpx2.Client() as http_client:
        client = library.OpenAI(api_key="k", base_url=base_url, http_client=http_client)
        for _ in range(3):
            assert client.chat.completions.create(model="m", messages=[]).id == "c"
    assert len(server.connections(base_url)) == 1


def test_its_timeout_is_taken_over(library: ModuleType) -> None:
    assert library.OpenAI(api_key="k", http_client=httpx2.Client(timeout=7)).timeout == httpx2.Timeout(7)
    assert library.OpenAI(api_key="k", http_client=httpx2.Client()).timeout.read == 600
    assert library.OpenAI(api_key="k", timeout=3, http_client=httpx2.Client(timeout=7)).timeout == 3


def test_the_other_kind_is_refused(library: ModuleType) -> None:
    with pytest.raises(TypeError, match="Invalid `http_client` argument"):
        library.OpenAI(api_key="k", http_client=httpx2.AsyncClient())
    with pytest.raises(TypeError, match="Invalid `http_client` argument"):
        library.AsyncOpenAI(api_key="k", http_client=httpx2.Client())


def test_closing_closes_it(library: ModuleType) -> None:
    http_client = httpx2.Client()
    client = library.OpenAI(api_key="k", http_client=http_client)
    copied = client.copy(timeout=3)
    client.close()
    assert http_client.is_closed
    assert copied.is_closed()


def test_a_function_for_the_key_is_asked_for_each_attempt_of_it(library: ModuleType) -> None:
    keys = iter(["one", "two"])
    seen: list[str] = []

    def handler(request: Any) -> Any:
        seen.append(request.headers["authorization"])
        return httpx2.Response(500 if len(seen) == 1 else 200, json=COMPLETION, headers={"retry-after-ms": "1"})

    client = client_of(library, "OpenAI", handler, api_key=lambda: next(keys), max_retries=1)
    client.chat.completions.create(model="m", messages=[])
    assert seen == ["Bearer one", "Bearer two"]


@pytest.mark.parametrize("kind", KINDS)
def test_requests_are_seen_by_what_mocks_httpx2(
    library: ModuleType, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import httpcore2

    def reply() -> Any:
        return httpcore2.Response(200, headers=[("content-type", "application/json")], content=b'{"id": "mocked"}')

    def handle(self: Any, request: Any) -> Any:
        return reply()

    async def handle_async(self: Any, request: Any) -> Any:
        return reply()

    monkeypatch.setattr(httpcore2.ConnectionPool, "handle_request", handle)
    monkeypatch.setattr(httpcore2.AsyncConnectionPool, "handle_async_request", handle_async)
    client = getattr(library, kind)(api_key="k", base_url="http://nowhere.invalid/v1", max_retries=0)
    assert run(client.models.retrieve("m")).id == "mocked"


@pytest.mark.parametrize("kind", KINDS)
def test_a_raw_response_tells_of_redirects(library: ModuleType, kind: str) -> None:
    def handler(request: Any) -> Any:
        if request.url.path == "/v1/models":
            return httpx2.Response(307, headers={"location": "/elsewhere"})
        return httpx2.Response(200, json={"data": []})

    client = client_of(library, kind, handler, http={"follow_redirects": True})
    response = run(client.models.with_raw_response.list()).http_response
    assert [passed.status_code for passed in response.history] == [307]
    assert (response.status_code, response.url.path) == (200, "/elsewhere")
