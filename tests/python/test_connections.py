"""When a connection is used again, what is no answer, and which of a host's addresses is reached: over bare sockets."""

from __future__ import annotations

import asyncio
import errno
import os
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from compared import KINDS

import tailrace
from tailrace._final_request_options import FinalRequestOptions
from tailrace._http_clients import Limits

OK = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}"


class Wire:
    """A server that says the same bytes to every request, and keeps what it heard."""

    def __init__(self, answer: Callable[[int], bytes], host: str = "127.0.0.1") -> None:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.listener = socket.create_server((host, 0), family=family)
        self.port: int = self.listener.getsockname()[1]
        self.answer = answer
        self.heard: list[bytes] = []
        #: Connections that were taken, and those of them whose client has closed.
        self.opened, self.closed = 0, threading.Semaphore(0)
        threading.Thread(target=self._take, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    def _take(self) -> None:
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            self.opened += 1
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        held = b""
        with client:
            while True:
                head, end, rest = held.partition(b"\r\n\r\n")
                if end:
                    held = rest
                    self.heard.append(head)
                    said = self.answer(len(self.heard))
                    client.sendall(said.removesuffix(b"<end>"))
                    if said.endswith(b"<end>"):
                        return
                    continue
                try:
                    piece = client.recv(65536)
                except OSError:
                    piece = b""
                if not piece:
                    self.closed.release()
                    return
                held += piece


@contextmanager
def wire(answer: bytes, host: str = "127.0.0.1") -> Iterator[Wire]:
    server = Wire(lambda number: answer, host)
    try:
        yield server
    finally:
        server.listener.close()


def calls(kind: str, url: str, asks: list[tuple[str, str]], http_client: Any = None, **options: Any) -> list[Any]:
    """Send requests one after the other on one client; return what each gave, or its error."""
    found: list[Any] = []
    options = {"api_key": "k", "base_url": url, "max_retries": 0, **options}
    if http_client is not None:
        names = {"OpenAI": "DefaultHttpxClient", "AsyncOpenAI": "DefaultAsyncHttpxClient"}
        options["http_client"] = getattr(tailrace, names[kind])(**http_client)

    def request(method: str, path: str) -> Any:
        return FinalRequestOptions(method=method, url=path)

    def blocking() -> None:
        with tailrace.OpenAI(**options) as client:
            for method, path in asks:
                try:
                    found.append(client.request(object, request(method, path)))
                except tailrace.APIError as error:
                    found.append(error)

    async def looping() -> None:
        async with tailrace.AsyncOpenAI(**options) as client:
            for method, path in asks:
                try:
                    found.append(await client.request(object, request(method, path)))
                except tailrace.APIError as error:
                    found.append(error)

    blocking() if kind == "OpenAI" else asyncio.run(looping())
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_answers_without_a_body_do_not_desync(kind: str) -> None:
    with wire(b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n") as server:
        found = calls(kind, server.url, [("head", "/x")] * 3)
        assert not any(isinstance(one, Exception) for one in found)
        assert (server.opened, len(server.heard)) == (1, 3)
    with wire(b"HTTP/1.1 304 Not Modified\r\ncontent-length: 99\r\n\r\n") as server:
        found = calls(kind, server.url, [("get", "/x")] * 3)
        assert [one.status_code for one in found] == [304] * 3
        assert server.opened == 1
    with wire(b"HTTP/1.1 204 No Content\r\n\r\n") as server:
        assert not any(isinstance(one, Exception) for one in calls(kind, server.url, [("get", "/x")] * 3))
        assert server.opened == 1


@pytest.mark.parametrize("kind", KINDS)
def test_an_idle_connection_is_closed_when_its_time_has_come(kind: str) -> None:
    limits = Limits(max_connections=9, max_keepalive_connections=9, keepalive_expiry=0.05)
    with wire(OK) as server:
        options: dict[str, Any] = {"limits": limits}
        client: Any = tailrace.DefaultHttpxClient if kind == "OpenAI" else tailrace.DefaultAsyncHttpxClient
        made = getattr(tailrace, kind)(api_key="k", base_url=server.url, http_client=client(**options))
        answer = made.get("/x", cast_to=object)
        assert (answer if kind == "OpenAI" else asyncio.run(_awaited(answer))) == {}
        # The client stays open: what closes the connection is the limit.
        assert server.closed.acquire(timeout=60)


async def _awaited(what: Any) -> Any:
    return await what


SMUGGLING = {
    "both lengths": "content-length: 2\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    "two lengths": "content-length: 2\r\ncontent-length: 3\r\n\r\n{}",
    "a list of lengths": "content-length: 2, 2\r\n\r\n{}",
    "a signed length": "content-length: +2\r\n\r\n{}",
    "a space before the colon": "content-length : 2\r\n\r\n{}",
    "a folded line": "x: a\r\n b\r\ncontent-length: 2\r\n\r\n{}",
    "a bare line feed": "x: a\ncontent-length: 2\r\n\r\n{}",
    "a bare carriage return": "x: a\rb\r\ncontent-length: 2\r\n\r\n{}",
    "a zero byte": "x: a\0b\r\ncontent-length: 2\r\n\r\n{}",
    "chunked and more": "transfer-encoding: chunked, identity\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    "a chunk longer than it says": "transfer-encoding: chunked\r\n\r\n1\r\n{}\r\n0\r\n\r\n",
    "a hexadecimal prefix": "transfer-encoding: chunked\r\n\r\n0x2\r\n{}\r\n0\r\n\r\n",
    "a line feed in an extension": "transfer-encoding: chunked\r\n\r\n2;a\nb\r\n{}\r\n0\r\n\r\n",
    "a head without end": f"x: {'x' * 200_000}\r\n\r\n{{}}",
}


@pytest.mark.parametrize("kind", KINDS)
def test_what_two_readers_could_understand_differently_is_no_answer(kind: str) -> None:
    for name, rest in SMUGGLING.items():
        with wire(f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n{rest}<end>".encode()) as server:
            (found,) = calls(kind, server.url, [("get", "/x")])
            assert isinstance(found, tailrace.APIConnectionError), name
            assert len(server.heard) == 1, name


@pytest.mark.parametrize("kind", KINDS)
def test_what_comes_unasked_is_no_answer_to_the_next_request(kind: str) -> None:
    poison = b'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 12\r\n\r\n["poisoned"]'
    with wire(OK + poison) as server:
        assert calls(kind, server.url, [("get", "/x")] * 3) == [{}] * 3
        assert server.opened == 3


@pytest.mark.parametrize("kind", KINDS)
def test_another_origin_does_not_learn_the_key(kind: str) -> None:
    with wire(OK) as other:
        moved = f"HTTP/1.1 307 Moved\r\nlocation: {other.url}/there\r\ncontent-length: 0\r\n\r\n".encode()
        with wire(moved) as server:
            secret = {"default_headers": {"cookie": "c=secret", "proxy-authorization": "secret"}, "api_key": "secret"}
            assert calls(kind, server.url, [("get", "/x")], **secret) == [{}]
            assert server.heard[0].count(b"secret") == 3
            assert b"secret" not in other.heard[0]
            # Within the origin it stays.
            here = f"HTTP/1.1 307 Moved\r\nlocation: {server.url}/y\r\ncontent-length: 0\r\n\r\n".encode()
            server.answer = lambda number: here if number == 2 else OK
            assert calls(kind, server.url, [("get", "/x")], api_key="secret") == [{}]
            assert b"Bearer secret" in server.heard[-1]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("evil", ["a\r\nx-evil: 1", "a\nx-evil: 1", "a\rx-evil: 1", "a\0x-evil: 1"])
def test_no_part_of_a_request_carries_a_line_of_its_own(kind: str, evil: str) -> None:
    parts: dict[str, dict[str, Any]] = {
        "key": {"api_key": evil}, "organization": {"organization": evil}, "project": {"project": evil},
        "header": {"default_headers": {"x-a": evil}}, "header name": {"default_headers": {evil: "1"}},
        "query": {"default_query": {"a": evil}}, "query name": {"default_query": {evil: "a"}}, "path": {},
    }  # fmt: skip
    with wire(OK) as server:
        for part, options in parts.items():
            before = len(server.heard)
            path = f"/{evil}" if part == "path" else "/x"
            try:
                calls(kind, server.url, [("get", path)], **options)
            except (ValueError, TypeError, tailrace.OpenAIError):
                # It was refused, and nothing was sent.
                assert len(server.heard) == before, part
        for head in server.heard:
            assert not any(line.lower().startswith(b"x-evil") for line in head.replace(b"\r", b"\n").split(b"\n"))
            assert b"\0" not in head


@contextmanager
def dead_and_live(dead: str, live: str, way: str) -> Iterator[Wire]:
    """Serve at one address, on a port at which another one refuses connections or never answers.

    Who is silent listens and takes nobody, with a full queue. A port that somebody has at the other address is left.
    """
    family = socket.AF_INET6 if ":" in dead else socket.AF_INET
    for _ in range(100):
        with ExitStack() as stack:
            server = stack.enter_context(wire(OK, live))
            taken = stack.enter_context(socket.socket(family))
            try:
                taken.bind((dead, server.port))
            except OSError as error:
                if error.errno != errno.EADDRINUSE:
                    raise
                continue
            if way == "silent":
                taken.listen(0)
                for _ in range(4):
                    client = stack.enter_context(socket.socket(family))
                    client.setblocking(False)
                    client.connect_ex((dead, server.port))
            yield server
            return
    raise AssertionError("no port was free at both addresses")


CHILD = """
import asyncio, sys, tailrace
kind, url = sys.argv[1:]
client = getattr(tailrace, kind)(api_key="k", base_url=url, max_retries=0, timeout=tailrace.Timeout(60, connect=15))
async def call():
    return await client.get("/x", cast_to=object)
print(client.get("/x", cast_to=object) if kind == "OpenAI" else asyncio.run(call()))
"""


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("dead", "live"), [("::1", "127.0.0.1"), ("127.0.0.1", "::1"), ("127.0.0.1", "127.0.0.2")], ids=["6", "4", "both 4"]
)
@pytest.mark.parametrize("way", ["silent", "refused"])
def test_a_host_with_a_dead_and_a_live_address_is_reached(
    tmp_path: Path, kind: str, dead: str, live: str, way: str
) -> None:
    if shutil.which("unshare") is None or not sys.platform.startswith("linux"):
        pytest.skip("needs unshare of Linux, so that a name can have two addresses")
    hosts = tmp_path / "hosts"
    hosts.write_text(f"{dead} two-addresses.test\n{live} two-addresses.test\n")
    shell = f'mount --bind {hosts} /etc/hosts && exec "$@"'
    inside = ["unshare", "-mr", "sh", "-c", shell, "sh"]
    if subprocess.run([*inside, "true"], capture_output=True, check=False).returncode != 0:
        pytest.skip("needs the right to a mount namespace of its own, so that a name can have two addresses")
    with ExitStack() as stack:
        try:
            server = stack.enter_context(dead_and_live(dead, live, way))
        except OSError as error:
            pytest.skip(f"needs the address {dead} or {live} on this machine: {error}")
        line = [*inside, sys.executable, "-c", CHILD, kind, f"http://two-addresses.test:{server.port}/v1"]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        done = subprocess.run(line, env=environment, capture_output=True, text=True, timeout=120, check=False)
        assert done.stdout.strip() == "{}", done.stderr
        assert server.opened == 1
