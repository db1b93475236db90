"""Transports of httpx2 and httpx over the Rust transport, beside those of the libraries themselves."""

from __future__ import annotations

import contextlib
import gzip
import importlib
import socket
import sys
import threading
import time
from base64 import b64encode
from collections.abc import Iterator
from typing import Any

import pytest
from lifecycle import FLOWING, STALLED, wait_closed
from transport_setting import PATIENCE, Client, Setting, library, listening, parents, setting

from tailrace import _native
from tailrace.testing import MockServer

__all__ = ["library", "setting"]

BIG = b"0123456789" * 10_000
PACKED = b64encode(gzip.compress(b"packed" * 100)).decode()

#: What a client sends, with what the server answers.
EXCHANGES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "query": ({"method": "GET", "params": {"a": "b c", "d": "é"}}, {"json": {"a": 1}, "headers": {"X-Own": "é"}}),
    "json": ({"method": "POST", "json": {"a": "é"}}, {"status": 201, "json": {}}),
    "nothing": ({"method": "POST"}, {"json": {}}),
    "form": ({"method": "POST", "data": {"a": "1"}, "cookies": {"c": "d"}}, {"json": {}}),
    "file": ({"method": "PUT", "files": {"f": ("n", BIG)}, "data": {"a": "b"}}, {"json": {}}),
    "pieces": ({"method": "POST", "pieces": [b"a", b"", BIG, BIG, BIG, BIG, b"z"]}, {"sse": [{"data": "x"}] * 3}),
    "known": ({"method": "POST", "pieces": [b"ab", b"c"], "headers": {"Content-Length": "3"}}, {"text": "x" * 300_000}),
    "no pieces": ({"method": "POST", "pieces": []}, {"text": ""}),
    "repeated": ({"method": "GET", "headers": [("X-A", "1"), ("x-a", "2")]}, {"json": {}}),
    "bytes": ({"method": "GET", "headers": [(b"x-latin", b"\xe9"), (b"x-utf", b"\xc3\xa9")]}, {"json": {}}),
    "head": ({"method": "HEAD"}, {"headers": {"content-length": "5"}, "content_length": 5, "text": ""}),
    "own method": ({"method": "PROPFIND"}, {"status": 202, "reason": "Accepted", "text": "x"}),
    "no content": ({"method": "DELETE"}, {"status": 204}),
    "refused": ({"method": "GET"}, {"status": 404, "text": "no"}),
    "failed": ({"method": "GET"}, {"status": 500, "headers": {"retry-after": "0"}, "text": "no"}),
    "redirect": ({"method": "GET"}, {"status": 307, "headers": {"location": "{base_url}/z"}, "text": ""}),
    "packed": ({"method": "GET"}, {"base64": PACKED, "headers": {"content-encoding": "gzip"}}),
    "chunks": ({"method": "GET"}, {"chunks": ["a", "b", {"text": "c", "times": 500}]}),
    "authorised": ({"method": "GET", "auth": ("user", "pass")}, {"json": {}}),
}


def observed(server: MockServer, setting: Setting, given: dict[str, Any], answer: dict[str, Any], ours: bool) -> Any:
    """Return what came back and what the server saw."""
    url = server.script({"exchanges": [answer, {"text": "second", "repeat": True}]})
    options: dict[str, Any] = {"headers": {}, **given}
    pieces, cookies, auth = (options.pop(name, None) for name in ("pieces", "cookies", "auth"))
    if pieces is not None:
        options["content"] = setting.content(lambda: pieces)

    async def action(client: Client) -> list[Any]:
        response = await client.send(options.pop("method"), url + "/p", **options)
        again = await client.send("GET", url + "/again")
        headers = [
            (name, value.replace(url, "URL")) for name, value in response.headers.multi_items() if name != "date"
        ]
        kept = (response.reason_phrase, response.http_version, response.is_closed, response.num_bytes_downloaded)
        return [response.status_code, headers, response.content, *kept, again.text]

    # What is merged into each request anyway.
    client = setting.client(setting.transport(ours=ours), cookies=cookies, auth=auth)
    came = setting.run(client, action)
    return came, [seen(request) for request in server.requests(url)]


def seen(request: dict[str, Any]) -> list[Any]:
    """What a server saw; fields of one name are one, and the framing is looked at by itself."""
    fields: dict[str, str] = {}
    for name, value in request["headers"]:
        fields[name.lower()] = f"{fields[name.lower()]}, {value}" if name.lower() in fields else value
    framing = [fields.pop(name, None) for name in ("content-length", "transfer-encoding")]
    boundary = fields.get("content-type", "").partition("boundary=")[2]
    body = (request["body"] or request.get("body_base64") or "").replace(boundary or "\0", "B")
    shown = [(name, value.replace(boundary or "\0", "B")) for name, value in fields.items()]
    path = request["path"].rpartition("/")[2]
    return [request["method"], path, request["query"], shown, framing, body, request["body_bytes"]]


@pytest.mark.once
@pytest.mark.parametrize("name", EXCHANGES)
def test_the_same_goes_out_and_the_same_comes_back(server: MockServer, setting: Setting, name: str) -> None:
    given, answer = EXCHANGES[name]
    assert observed(server, setting, given, answer, True) == observed(server, setting, given, answer, False)


def test_the_library_follows_redirects_and_gives_its_history(server: MockServer, setting: Setting) -> None:
    url = server.script(
        {"exchanges": [{"status": 302, "headers": {"location": "{base_url}/z"}, "text": "moved"}, {"text": "there"}]}
    )

    async def action(client: Client) -> Any:
        response = await client.send("GET", url, follow_redirects=True)
        return response.text, [past.status_code for past in response.history]

    assert setting.run(setting.client(), action) == ("there", [302])
    assert [request["path"].rpartition("/")[2] for request in server.requests(url)] == ["v1", "z"]


#: What the server does wrong, and the class that this has beside that of the library itself.
FAILURES: dict[str, dict[str, Any]] = {
    "closes without an answer": {"fault": {"kind": "close", "at": "request"}},
    "resets without an answer": {"fault": {"kind": "reset", "at": "request"}},
    "closes inside the head": {"json": {}, "fault": {"kind": "close", "at": "mid_head"}},
    "closes inside the body": {"text": "abcdef", "fault": {"kind": "close", "at": 3}},
    "closes inside a chunk": {"chunks": ["abc", "def"], "fault": {"kind": "close", "at": 4}},
    "speaks something else": {"raw": "SSH-2.0-x\r\n\r\n"},
    "lies about the coding": {"text": "abc", "headers": {"content-encoding": "gzip"}},
}


# The transport of the library leaves a generator behind when its body cannot be decoded.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("name", FAILURES)
def test_failures_are_those_of_the_library(server: MockServer, setting: Setting, name: str) -> None:
    def failed(ours: bool) -> BaseException:
        url = server.script({"exchanges": [FAILURES[name]]})

        async def action(client: Client) -> None:
            await client.send("GET", url)

        with pytest.raises(setting.library.RequestError) as raised:
            setting.run(setting.client(setting.transport(ours=ours)), action)
        assert raised.value.request.url == url
        assert len(server.requests(url)) == 1
        return raised.value

    assert parents(failed(True)) >= parents(failed(False))


def test_nobody_listens_and_names_that_do_not_exist(setting: Setting) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        for url in (f"http://127.0.0.1:{port}/", "http://nobody.invalid/"):

            async def action(client: Client, url: str = url) -> None:
                await client.send("GET", url)

            with pytest.raises(setting.library.ConnectError):
                setting.run(setting.client(), action)


@pytest.mark.parametrize("limit", ["connect", "read", "body", "write", "pool"])
def test_limits_of_the_request(server: MockServer, setting: Setting, limit: str) -> None:
    stalls = {"text": "abc", "fault": {"kind": "stall", "at": 2}}
    script: dict[str, Any] = {"exchanges": [stalls, stalls], "own_port": True}
    if limit == "read":
        script = {"exchanges": [{"json": {}, "delay_ms": 60_000}]}
    if limit == "connect":
        script["listen"] = "silent"
    url = server.script(script)
    allowed = {"body": "read"}.get(limit, limit)
    waits = {**dict.fromkeys(("connect", "read", "write", "pool"), PATIENCE), allowed: 0.2}
    name = {"connect": "ConnectTimeout", "write": "WriteTimeout", "pool": "PoolTimeout"}.get(limit, "ReadTimeout")
    stops = threading.Event()

    async def action(client: Client) -> None:
        if limit == "pool":
            response = await client.send("GET", url, stream=True)
            try:
                await client.send("GET", url)
            finally:
                await client.close(response)
        elif limit == "write":
            with listening(lambda _: (stops.wait(PATIENCE), None)[1]) as deaf:
                try:
                    await client.send("POST", deaf, content=setting.content(lambda: [BIG] * 400))
                finally:
                    stops.set()
        else:
            await client.send("GET", url)

    transport = setting.transport(limits=setting.library.Limits(max_connections=1))
    began = time.monotonic()
    with pytest.raises(getattr(setting.library, name)) as raised:
        setting.run(setting.client(transport, timeout=setting.library.Timeout(**waits)), action)
    assert time.monotonic() - began >= 0.19
    assert raised.value.request is not None


# The client of httpx leaves a generator of its own behind when a body is given up.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_body_comes_piece_by_piece_and_closing_it_closes_the_socket(server: MockServer, setting: Setting) -> None:
    for body in (STALLED, FLOWING):
        url = server.script({"exchanges": [body], "own_port": True})

        async def action(client: Client, url: str = url) -> int:
            response = await client.send("GET", url, stream=True)
            size = 0
            pieces = client.pieces(response)
            async for piece in pieces:
                size += len(piece)
                break
            await pieces.aclose()  # pyright: ignore[reportAttributeAccessIssue]
            await client.close(response)
            wait_closed(server, url)
            return size

        assert setting.run(setting.client(), action) > 0


def test_an_unread_body_is_closed_too(server: MockServer, setting: Setting) -> None:
    url = server.script({"exchanges": [STALLED], "own_port": True})

    async def action(client: Client) -> None:
        response = await client.send("GET", url, stream=True)
        assert response.status_code == 200
        await client.close(response)
        wait_closed(server, url)

    setting.run(setting.client(), action)


def test_a_body_goes_up_while_it_is_made(setting: Setting) -> None:
    arrived = threading.Event()

    def serve(connection: socket.socket) -> None:
        said = b""
        while not said.endswith(b"0\r\n\r\n"):
            data = connection.recv(65536)
            if not data:
                return
            said += data
            if b"first" in said:
                arrived.set()
        connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%s" % (said.count(b"last"), b"!"))

    def pieces() -> Iterator[bytes]:
        yield b"first"
        # The loop of an asynchronous client stands still here, and the body goes out all the same.
        assert arrived.wait(PATIENCE), "the first piece was not sent before the second was there"
        yield b"last"

    with listening(serve) as url:

        async def action(client: Client) -> str:
            return (await client.send("POST", url, content=setting.content(pieces))).text

        assert setting.run(setting.client(), action) == "!"


def test_an_early_answer_ends_the_upload(setting: Setting) -> None:
    stops = threading.Event()

    def serve(connection: socket.socket) -> None:
        connection.recv(10)
        connection.sendall(b"HTTP/1.1 413 Content Too Large\r\ncontent-length: 2\r\n\r\nno")
        stops.wait(PATIENCE)

    given: list[int] = []

    def pieces() -> Iterator[bytes]:
        for count in range(100_000):
            given.append(count)
            yield BIG

    with listening(serve) as url:

        async def action(client: Client) -> Any:
            return await client.send("POST", url, content=setting.content(pieces))

        response = setting.run(setting.client(), action)
        stops.set()
    assert (response.status_code, response.text) == (413, "no")
    assert len(given) < 100_000


def test_a_body_that_cannot_be_had_is_the_callers_own_error(server: MockServer, setting: Setting) -> None:
    def broken() -> Iterator[bytes]:
        yield BIG
        raise KeyError("own")

    url = server.script({"exchanges": [{"json": {}, "repeat": True}]})
    lengths = {"5": [b"123", b"456"], "9": [b"123", b"456"]}

    async def action(client: Client) -> None:
        with pytest.raises(KeyError, match="own"):
            await client.send("POST", url, content=setting.content(broken))
        for length, pieces in lengths.items():
            content = setting.content(lambda pieces=pieces: pieces)
            with pytest.raises(setting.library.LocalProtocolError, match=length):
                await client.send("POST", url, content=content, headers={"content-length": length})
        assert (await client.send("POST", url, content=b"x")).status_code == 200

    setting.run(setting.client(), action)
    # None of those was taken for a whole request.
    assert [request["body"] for request in server.requests(url)][-1] == "x"


def test_what_the_transport_does_not_do_is_refused(server: MockServer, setting: Setting) -> None:
    import ssl

    url = server.script({"exchanges": [{"json": {}, "repeat": True}]})

    async def action(client: Client) -> None:
        with pytest.raises(setting.library.UnsupportedProtocol, match="ftp://"):
            await client.send("GET", "ftp://127.0.0.1/")
        with pytest.raises(ValueError, match="sni_hostname"):
            await client.send("GET", url, extensions={"sni_hostname": "x"})
        for headers in ({"x-a": "1\r\nx-b: 2"}, {"x a": "1"}):
            with pytest.raises(setting.library.LocalProtocolError):
                await client.send("GET", url, headers=headers)

    setting.run(setting.client(), action)
    assert server.requests(url) == []
    with pytest.raises(TypeError, match="`verify`"):
        setting.transport(verify=ssl.create_default_context())
    with pytest.raises(TypeError, match="`proxy`"):
        setting.transport(proxy=object())
    with pytest.raises(ValueError, match="proxy"):
        setting.transport(proxy="nonsense://x")
    with pytest.raises(FileNotFoundError):
        setting.transport(verify="/nowhere/roots.pem")


def test_connections_are_kept_and_closed_with_the_transport(server: MockServer, setting: Setting) -> None:
    url = server.script({"exchanges": [{"json": {}, "repeat": True}], "own_port": True})
    transport = setting.transport()

    async def action(client: Client) -> None:
        for _ in range(3):
            await client.send("POST", url, json={})

    setting.run(setting.client(transport), action)
    (connection,) = server.connections(url)
    began = time.monotonic()
    while connection["closed_ms"] is None:
        assert time.monotonic() - began < PATIENCE, "the connection stayed open"
        time.sleep(0.002)
        (connection,) = server.connections(url)
    assert connection["closed_by"] == "client"
    with pytest.raises(RuntimeError, match="closed"):
        setting.run(setting.client(transport), action)


@pytest.mark.parametrize("during", ["head", "upload", "body"])
def test_cancelling_closes_the_socket(server: MockServer, setting: Setting, during: str) -> None:
    if not setting.is_async:
        pytest.skip("only tasks can be cancelled")
    import anyio

    url = server.script({"exchanges": [STALLED if during == "body" else {"delay_ms": 60_000}], "own_port": True})
    gone, stops, accepted = threading.Event(), threading.Event(), threading.Event()

    def deaf(connection: socket.socket) -> None:
        accepted.set()
        stops.wait(PATIENCE)
        with contextlib.suppress(OSError):
            while connection.recv(1 << 20):
                pass
        gone.set()

    async def action(client: Client) -> None:
        began = anyio.Event()

        def endless() -> Iterator[bytes]:
            while True:
                yield BIG

        async def call() -> None:
            if during == "body":
                response = await client.send("GET", url, stream=True)
                async for _ in client.pieces(response):
                    began.set()
            elif during == "head":
                await client.send("GET", url)
            else:
                await client.send("POST", upload, content=setting.content(endless))
            raise AssertionError("nothing was cancelled")

        async with anyio.create_task_group() as group:
            group.start_soon(call)
            if during == "head":
                while not server.requests(url):
                    await anyio.sleep(0.002)
            elif during == "upload":
                # What is pushed before the connection is there would be given up without one.
                while not accepted.is_set():
                    await anyio.sleep(0.002)
            else:
                await began.wait()
            group.cancel_scope.cancel()
        if during == "upload":
            stops.set()
            assert gone.wait(PATIENCE)
        else:
            wait_closed(server, url)

    with listening(deaf) as upload:
        setting.run(setting.client(), action)
        stops.set()


def test_every_code_of_a_failure_has_an_exception(library: Any) -> None:
    table = importlib.import_module("tailrace._transports").EXCEPTIONS
    assert {*table, "timed_out", "interrupted"} == set(_native.error_codes())
    for name in table.values():
        assert issubclass(getattr(library, name), library.TransportError)


@pytest.mark.parametrize("name", ["httpx2", "httpx"])
def test_a_library_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.delitem(sys.modules, f"tailrace.{name}", raising=False)
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(ImportError, match=f"transports for {name}, which is not installed"):
        importlib.import_module(f"tailrace.{name}")
