"""A plugin of pytest: a recording proxy in front of Steady, one in each process that runs cases.

`TAILRACE_STEADY` is the base URL behind it, `TAILRACE_RECORDS` the folder for what was recorded: a file for each
process, `{case: [{"method", "target", "headers", "body"}]}` with the body in Latin-1. Cases of one process run one
after the other, so a request belongs to the case that runs when it arrives.

Some cases of the suite patch the classes of httpcore2 to answer a request without a socket. Here they do not: the
recorder asks the same routes for the answer, so that both packages really send these requests, too.
"""

from __future__ import annotations

import http.client
import io
import json
import os
import socketserver
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

Headers = list[tuple[str, str]]

#: About one connection and no more than one; a proxy says them for itself.
HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length"}


class Request:
    """A request as it came over the socket, and its case."""

    def __init__(self, stream: io.BufferedIOBase) -> None:
        line = stream.readline().decode("latin-1").split()
        if not line:
            raise EOFError
        self.method, self.target, _ = line
        self.headers = list(read_headers(stream))
        self.body = read_body(stream, dict(self.headers))

    def recorded(self) -> dict[str, Any]:
        return {
            "method": self.method,
            "target": self.target,
            "headers": self.headers,
            "body": self.body.decode("latin-1"),
        }


def read_headers(stream: io.BufferedIOBase) -> Iterator[tuple[str, str]]:
    while line := stream.readline().decode("latin-1").rstrip("\r\n"):
        name, _, value = line.partition(":")
        yield name.lower(), value.strip()


def read_body(stream: io.BufferedIOBase, headers: dict[str, str]) -> bytes:
    if headers.get("transfer-encoding") != "chunked":
        return stream.read(int(headers.get("content-length", "0")))
    body = b""
    while size := int(stream.readline().split(b";")[0], 16):
        body += stream.read(size)
        stream.readline()
    list(read_headers(stream))
    return body


class Connection(socketserver.StreamRequestHandler):
    """One connection of a client: each request is recorded and passed on."""

    disable_nagle_algorithm = True

    def handle(self) -> None:
        proxy = self.server
        assert isinstance(proxy, Proxy)
        try:
            while True:
                request = Request(self.rfile)
                proxy.record(request)
                self.wfile.write(encoded(routed(request, proxy.url) or passed_on(proxy.steady, request)))
        # A client that has what it wanted closes, in the middle of an exchange if it likes.
        except (EOFError, ConnectionError):
            return


Answer = tuple[int, Headers, bytes]


def passed_on(server: str, request: Request) -> Answer:
    # A connection for each request: one that is kept may be closed by the server just when it is used again.
    url = urlsplit(server)
    upstream = http.client.HTTPConnection(url.hostname or "", url.port)
    try:
        upstream.putrequest(request.method, request.target, skip_host=True, skip_accept_encoding=True)
        for name, value in request.headers:
            if name not in HOP_BY_HOP:
                upstream.putheader(name, value)
        if request.body or request.method not in ("GET", "DELETE"):
            upstream.putheader("content-length", str(len(request.body)))
        upstream.endheaders(request.body)
        answer = upstream.getresponse()
        return answer.status, answer.getheaders(), answer.read()
    finally:
        upstream.close()


def routed(request: Request, url: str) -> Answer | None:
    """The answer of the routes that the running case has set, if it has."""
    mocks = sys.modules.get("tests.respx2.mocks")
    if mocks is None or not mocks.HTTPCoreMocker.routers:
        return None
    import httpx2

    asked = httpx2.Request(request.method, url + request.target, headers=request.headers, content=request.body)
    answer = mocks.HTTPCoreMocker.handler(asked)
    return answer.status_code, list(answer.headers.items()), answer.read()


def encoded(answer: Answer) -> bytes:
    status, headers, body = answer
    lines = [f"HTTP/1.1 {status} {http.client.responses.get(status, '')}"]
    lines += [f"{name}: {value}" for name, value in headers if name.lower() not in HOP_BY_HOP]
    # RFC 9110, section 8.6: an answer without content has no length.
    lines += [] if status == 204 else [f"content-length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


class Proxy(socketserver.ThreadingTCPServer):
    """Listens on a free port and keeps what it reads by case."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, steady: str) -> None:
        super().__init__(("127.0.0.1", 0), Connection)
        self.steady = steady
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self.case = "outside of any case"
        self.records: dict[str, list[dict[str, Any]]] = {}
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def record(self, request: Request) -> None:
        record = request.recorded()
        # The recorder of another process has another port.
        address = f"127.0.0.1:{self.server_address[1]}"
        record["headers"] = [(name, "RECORDER" if value == address else value) for name, value in request.headers]
        self.records.setdefault(self.case, []).append(record)


class Recording:
    """Tells the proxy which case runs, and writes what it has recorded."""

    def __init__(self, proxy: Proxy, target: Path) -> None:
        self.proxy = proxy
        self.target = target

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        self.proxy.case = item.nodeid
        self.proxy.records.setdefault(item.nodeid, [])
        return (yield)

    def pytest_collection_finish(self) -> None:
        mocks = sys.modules.get("tests.respx2.mocks")
        if mocks is not None:
            mocks.Mocker.start = classmethod(lambda cls: None)

    def pytest_sessionfinish(self) -> None:
        self.proxy.shutdown()
        self.target.write_text(json.dumps(self.proxy.records), encoding="utf-8")


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Start before the suite's `conftest.py` reads the base URL."""
    if "TAILRACE_STEADY" not in os.environ:
        return
    proxy = Proxy(os.environ["TAILRACE_STEADY"])
    os.environ["TEST_API_BASE_URL"] = proxy.url
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    early_config.pluginmanager.register(Recording(proxy, Path(os.environ["TAILRACE_RECORDS"]) / f"{worker}.json"))
