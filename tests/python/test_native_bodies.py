"""The native module alone: forms and files on the wire, undecided replies, pieces, renewed headers."""

from __future__ import annotations

import asyncio
import base64
import gc
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import tailrace
from tailrace import _native
from tailrace.testing import MockServer

BUFFERED, EVENTS, UNDECIDED = 0, 1, 2
# Connect, read, write, pool, first byte, idle, total, deadline.
LIMITS = (5.0, 10.0, 10.0, 5.0, None, None, None, None)
PACKAGE = str(Path(tailrace.__file__).parents[1])

Field = tuple[str, str | None, list[tuple[str, str]], "bytes | _native.FileSource"]

posix = pytest.mark.skipif(os.name != "posix", reason="files are sent by descriptor, which belongs to POSIX")


class Broken(Exception):
    """What a failure becomes in these tests."""

    def __init__(self, failure: _native.Failure) -> None:
        super().__init__(failure.code)
        self.code = failure.code


def start(base_url: str, body: bytes | _native.Multipart | None = b"{}", mode: int = BUFFERED, **options: Any) -> Any:
    options = {"max_retries": 0, "timeout": LIMITS, "headers": [], **options}
    return _native.Client().request(
        "POST",
        base_url,
        "/files",
        None,
        options.pop("headers"),
        body,
        options.pop("timeout"),
        options.pop("max_retries"),
        mode,
        **options,
    )


def settled(pending: Any) -> Any:
    outcome = pending.wait()
    assert isinstance(outcome, _native.Reply), outcome
    return outcome


def received(server: MockServer, base_url: str) -> list[tuple[dict[str, str], bytes]]:
    """The headers and the body of each request; the boundary of a form reads `B`."""
    requests: list[tuple[dict[str, str], bytes]] = []
    for request in server.requests(base_url):
        headers = {name.lower(): value for name, value in request["headers"]}
        body = base64.b64decode(request["body_base64"])
        boundary = re.search("boundary=(.+)", headers.get("content-type", ""))
        if boundary:
            headers["content-type"] = headers["content-type"].replace(boundary[1], "B")
            body = body.replace(boundary[1].encode(), b"B")
        requests.append((headers, body))
    return requests


def eventually(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline, "not in time"
        time.sleep(0.01)


def source(path: Path, offset: int = 0, length: int | None = None) -> _native.FileSource:
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size - offset
        return _native.FileSource(file.fileno(), offset, size if length is None else length)


# ---- forms


NAMES = [
    "plain.txt",
    'qu"ote.txt',
    "line\nbreak\r.txt",
    "back\\slash.txt",
    "per%cent%22.txt",
    "ünïcode 日本😀.txt",
    "".join(map(chr, range(1, 32))) + "\x7f\x80",
    "semi;colon'.txt",
    "",
]


@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_names_are_written_as_the_official_package_writes_them(
    server: MockServer, official: ModuleType, name: str
) -> None:
    content_type = "text/plain"
    headers = [("X-One", "1"), ("Content-Type", content_type)]
    fields: list[Field] = [(f"v{name}", None, [], b"a\nb"), (f"f{name}", name, headers, b"DATA")]
    ours, theirs = (server.script({"exchanges": [{"json": {}}]}) for _ in range(2))
    settled(start(ours, _native.Multipart(fields)))
    client = official.OpenAI(api_key="k", base_url=theirs, max_retries=0)
    client.post(
        "/files",
        cast_to=object,
        body={f"v{name}": "a\nb"},
        files=[(f"f{name}", (name, b"DATA", content_type, {"X-One": "1"}))],
        options={"headers": {"Content-Type": "multipart/form-data"}},
    )
    [(our_headers, our_body)], [(their_headers, their_body)] = received(server, ours), received(server, theirs)
    assert our_body == their_body
    for header in ["content-type", "content-length", "transfer-encoding"]:
        assert our_headers.get(header) == their_headers.get(header)


@pytest.mark.parametrize("headers", [[("X-\n", "1")], [("Content-Type", "te\nxt")], [("Content-Type", "te\x7fxt")]])
def test_a_header_that_would_break_a_form_is_a_value_error(
    headers: list[tuple[str, str]], official: ModuleType
) -> None:
    with pytest.raises(ValueError, match="multipart field"):
        _native.Multipart([("file", "a", headers, b"")])
    client = official.OpenAI(api_key="k", base_url="http://127.0.0.1:1", max_retries=0)
    with pytest.raises(ValueError, match="multipart header"):
        client.post(
            "/files",
            cast_to=object,
            files=[("file", ("a", b"", None, dict(headers)))],
            options={"headers": {"Content-Type": "multipart/form-data"}},
        )


def test_a_boundary_of_the_caller_is_used(server: MockServer) -> None:
    base_url = server.script({"exchanges": [{"json": {}}]})
    given = [("Content-Type", 'multipart/form-data; boundary="mine"')]
    reply = settled(start(base_url, _native.Multipart([("a", None, [], b"1")]), headers=given))
    [request] = server.requests(base_url)
    assert request["body"] == '--mine\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--mine--\r\n'
    assert reply.request.content == request["body"].encode()


# ---- files


@posix
def test_a_file_is_read_by_position_from_a_descriptor_of_its_own(server: MockServer, tmp_path: Path) -> None:
    base_url = server.script({"exchanges": [{"status": 503, "headers": {"retry-after-ms": "1"}}, {"json": {}}]})
    path = tmp_path / "file.bin"
    path.write_bytes(content := os.urandom(300_000))
    with path.open("rb") as file:
        file.seek(7)
        part = _native.FileSource(file.fileno(), 5, 299_000)
        assert part.length == 299_000
        whole = _native.FileSource(file.fileno(), 0, 300_000)
        form = _native.Multipart([("a", "a", [], part), ("b", "b", [], whole)])
        pending = start(base_url, form, max_retries=1)
        assert file.tell() == 7
    # Neither the caller's file nor its name is needed any more.
    path.unlink()
    reply = settled(pending)
    assert reply.retries_taken == 1
    assert reply.request.content is None
    first, second = received(server, base_url)
    assert first[1] == second[1]
    parts = first[1].split(b"\r\n\r\n", 2)
    assert parts[1].startswith(content[5:299_005] + b"\r\n--B\r\n")
    assert parts[2] == content + b"\r\n--B--\r\n"
    assert int(first[0]["content-length"]) == server.requests(base_url)[0]["body_bytes"]


@posix
@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="counts descriptors in /proc")
def test_descriptors_are_closed(server: MockServer, tmp_path: Path) -> None:
    base_url = server.script({"exchanges": [{"json": {}, "repeat": True}]})
    path = tmp_path / "counted.bin"
    path.write_bytes(b"x" * 100_000)

    def open_here() -> int:
        descriptors = Path("/proc/self/fd").iterdir()
        return sum(os.path.realpath(descriptor) == str(path) for descriptor in descriptors)

    form = _native.Multipart([("a", "a", [], source(path))])
    assert open_here() == 1
    settled(start(base_url, form))
    pending = start(base_url, form)
    pending.cancel()
    del form, pending
    gc.collect()
    eventually(lambda: open_here() == 0)


@posix
def test_a_file_that_became_shorter_is_a_failure_at_once(server: MockServer, tmp_path: Path) -> None:
    base_url = server.script({"exchanges": [{"json": {}, "repeat": True}]})
    path = tmp_path / "shorter.bin"
    path.write_bytes(b"x" * 100)
    form = _native.Multipart([("a", "a", [], source(path, length=200))])
    failure = start(base_url, form, max_retries=2).wait()
    assert (failure.code, failure.attempts) == ("unreadable_body", 1)
    assert "200 bytes" in failure.message
    assert server.requests(base_url) == []


@posix
def test_a_descriptor_that_is_none_is_an_os_error() -> None:
    with tempfile.TemporaryFile() as file:
        closed = file.fileno()
    for descriptor in (closed, -1):
        with pytest.raises(OSError, match="Bad file descriptor"):
            _native.FileSource(descriptor, 0, 1)
    with pytest.raises(OverflowError):
        _native.FileSource(0, -1, 1)


# ---- undecided replies


PIECES = {"chunks": [{"text": "one"}, {"text": "two", "delay_ms": 50}, {"text": "three", "delay_ms": 50}]}


def test_an_undecided_reply_is_read_whole(server: MockServer) -> None:
    base_url = server.script({"exchanges": [{**PIECES, "repeat": True}]})
    reply = settled(start(base_url, mode=UNDECIDED))
    assert (reply.status, reply.content, reply.closed) == (200, b"", False)
    whole = settled(reply.read_pending())
    assert (whole.status, whole.content, whole.closed, reply.closed) == (200, b"onetwothree", True, True)
    assert whole.elapsed > reply.elapsed

    async def read() -> bytes:
        reply = await start(base_url, mode=UNDECIDED)
        return (await reply.read_pending()).content

    assert asyncio.run(read()) == b"onetwothree"


def test_pieces_come_as_they_were_sent(server: MockServer) -> None:
    # The pause is longer than a machine may stand still; what is sent while the reader does comes as one piece.
    pieces = [{"text": "one"}, {"text": "two", "delay_ms": 4000}]
    base_url = server.script({"exchanges": [{"chunks": pieces, "repeat": True}]})

    def blocking() -> None:
        stream = settled(start(base_url, mode=UNDECIDED)).chunks(Broken)
        assert not stream.closed
        assert list(stream) == [b"one", b"two"]
        assert stream.closed
        assert list(stream) == []

    async def awaited() -> list[bytes]:
        reply = await start(base_url, mode=UNDECIDED)
        return [piece async for piece in reply.chunks(Broken)]

    with ThreadPoolExecutor() as threads:
        beside = threads.submit(blocking)
        assert asyncio.run(awaited()) == [b"one", b"two"]
        beside.result()


def test_the_choice_is_made_once(server: MockServer) -> None:
    base_url = server.script({"exchanges": [{"json": {}, "repeat": True}]})
    plan = _native.Plan(object, lambda value, _type: value)

    def ways(reply: _native.Reply) -> list[Callable[[], object]]:
        return [
            reply.read_pending,
            lambda: reply.chunks(Broken),
            lambda: reply.events(plan, print, Broken),
            reply.close,
        ]

    for first in range(4):
        reply = settled(start(base_url, mode=UNDECIDED))
        kept = ways(reply)[first]()
        for again in ways(reply)[:3]:
            with pytest.raises(RuntimeError, match="can be read once"):
                again()
        reply.close()
        del kept
    for mode in (BUFFERED, EVENTS):
        with pytest.raises(RuntimeError):
            settled(start(base_url, mode=mode)).chunks(Broken)
    with pytest.raises(ValueError, match="mode"):
        start(base_url, mode=7)


def test_a_body_that_breaks_off(server: MockServer) -> None:
    broken = {"text": "0123456789", "framing": "length", "fault": {"kind": "reset", "at": 5}, "repeat": True}
    base_url = server.script({"exchanges": [broken]})
    stream = settled(start(base_url, mode=UNDECIDED)).chunks(Broken)
    with pytest.raises(Broken, match="interrupted"):
        list(stream)
    assert stream.closed
    failure = settled(start(base_url, mode=UNDECIDED)).read_pending().wait()
    assert failure.code == "interrupted"


@pytest.mark.parametrize("way", ["close", "drop", "close stream", "drop stream", "cancel"])
def test_giving_up_closes_the_socket(server: MockServer, way: str) -> None:
    endless = {"chunks": [{"text": "x", "delay_ms": 10, "times": 10_000}]}
    base_url = server.script({"exchanges": [endless], "own_port": True})

    async def cancelled() -> None:
        async def consume() -> None:
            stream = (await start(base_url, mode=UNDECIDED)).chunks(Broken)
            async for _ in stream:
                reading.set()

        reading = asyncio.Event()
        task = asyncio.create_task(consume())
        await reading.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    if way == "cancel":
        asyncio.run(cancelled())
    else:
        reply = settled(start(base_url, mode=UNDECIDED))
        stream = reply.chunks(Broken) if "stream" in way else None
        if stream is not None:
            next(stream)
        kept = stream or reply
        if "close" in way:
            kept.close()
            kept.close()
            assert kept.closed
        else:
            del reply, stream, kept
            gc.collect()
    eventually(lambda: [one["closed_by"] for one in server.connections(base_url)] == ["client"])


def test_other_threads_run_while_one_waits_for_a_piece() -> None:
    waits = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            accepted, _ = listener.accept()
            with accepted:
                accepted.recv(65_536)
                accepted.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\na")
                waits.wait()
                time.sleep(0.1)
                # What the other thread waits for comes from this one, which would never run if it kept the GIL.
                accepted.sendall(b"b")

        thread = threading.Thread(target=serve)
        thread.start()
        port = listener.getsockname()[1]
        stream = settled(start(f"http://127.0.0.1:{port}", mode=UNDECIDED)).chunks(Broken)
        next(stream)
        waits.set()
        assert next(stream) == b"b"
        thread.join()


@posix
def test_control_c_interrupts_the_wait_for_a_piece(server: MockServer) -> None:
    base_url = server.script({"exchanges": [{"chunks": [{"text": "a"}, {"text": "b", "delay_ms": 60_000}]}]})
    code = """
import signal, sys
from tailrace import _native
# A shell starts what runs in its background with SIGINT ignored, and processes inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)
pending = _native.Client().request("POST", sys.argv[1], "/x", None, [], b"{}", (None,) * 8, 0, 2)
stream = pending.wait().chunks(Exception)
print(next(stream), flush=True)
try:
    next(stream)
except KeyboardInterrupt:
    print("interrupted", stream.closed, flush=True)
"""
    environment = {**os.environ, "PYTHONPATH": PACKAGE}
    with subprocess.Popen(
        [sys.executable, "-c", code, base_url], stdout=subprocess.PIPE, text=True, env=environment
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "b'a'\n"
        time.sleep(0.2)
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=50)
    assert output == "interrupted False\n"


def test_named_events_all_go_to_decode(server: MockServer) -> None:
    events = [{"event": "a", "data": "{}"}, {"data": "{}"}, {"data": "[DONE]"}]
    base_url = server.script({"exchanges": [{"sse": events, "repeat": True}]})
    plan = _native.Plan(dict, lambda value, _type: value)
    for named, expected in ((True, [["a", b"{}"], ["", b"{}"]]), (False, [{}, {}])):
        reply = settled(start(base_url, mode=UNDECIDED))
        assert list(reply.events(plan, lambda name, data: [name, data], Broken, named)) == expected


# ---- attempts


def test_headers_are_renewed_before_each_attempt_but_the_first(server: MockServer) -> None:
    busy = {"status": 503, "headers": {"retry-after-ms": "1"}}
    script = {"exchanges": [busy, busy, {"json": {}}]}
    headers: list[tuple[str, str | None]] = [("authorization", "Bearer 1"), ("x-old", "1")]

    def sync(base_url: str) -> list[Any]:
        pending = start(base_url, headers=headers, max_retries=2, renews=True)
        outcomes = [pending.wait()]
        while outcomes[-1] is None:
            pending.renew([("authorization", f"Bearer {len(outcomes) + 1}"), ("x-old", None)])
            outcomes.append(pending.wait())
        with pytest.raises(RuntimeError, match="does not wait for headers"):
            pending.renew([])
        return outcomes

    async def unsync(base_url: str) -> list[Any]:
        pending = start(base_url, headers=headers, max_retries=2, renews=True)
        outcomes = [await pending]
        while outcomes[-1] is None:
            await asyncio.sleep(0.01)
            pending.renew([("authorization", f"Bearer {len(outcomes) + 1}"), ("x-old", None)])
            outcomes.append(await pending)
        return outcomes

    for run in (sync, lambda base_url: asyncio.run(unsync(base_url))):
        base_url = server.script(script)
        *asked, reply = run(base_url)
        assert asked == [None, None]
        assert reply.retries_taken == 2
        sent = [headers for headers, _ in received(server, base_url)]
        assert [one["authorization"] for one in sent] == ["Bearer 1", "Bearer 2", "Bearer 3"]
        assert ["x-old" in one for one in sent] == [True, False, False]


def test_a_redirect_is_a_failure_where_none_is_followed(server: MockServer) -> None:
    base_url = server.script({"exchanges": [{"status": 307, "headers": {"location": "{base_url}/x"}}, {"json": {}}]})
    failure = start(base_url, follow_redirects=False).wait()
    assert (failure.code, failure.reply.status) == ("status", 307)


@pytest.mark.parametrize(("method", "expected"), [("POST", "0"), ("PUT", "0"), ("PATCH", "0"), ("GET", None)])
def test_a_request_without_a_body_says_so(
    server: MockServer, official: ModuleType, method: str, expected: str | None
) -> None:
    ours, theirs = (server.script({"exchanges": [{"json": {}}]}) for _ in range(2))
    _native.Client().request(method, ours, "/x", None, [], None, LIMITS, 0, BUFFERED).wait()
    client = official.OpenAI(api_key="k", base_url=theirs, max_retries=0)
    getattr(client, method.lower())("/x", cast_to=object)
    for base_url in (ours, theirs):
        [(headers, _)] = received(server, base_url)
        assert headers.get("content-length") == expected
