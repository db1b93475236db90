"""The native module alone: attempts that are handed to a transport of the caller's."""

from __future__ import annotations

import asyncio
import gc
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tailrace import _native

BUFFERED, EVENTS, UNDECIDED = 0, 1, 2
LIMITS = (0.001, 0.001, 0.001, 0.001, None, None, None, None)
HEAD = (200, [("content-type", "application/json"), ("x-request-id", "r")], "HTTP/1.1", "http://a.b/v1/x")
SOON = [("retry-after-ms", "1")]
LARGE = 4 * 1024 * 1024


class Broken(Exception):
    def __init__(self, failure: _native.Failure) -> None:
        super().__init__(failure.code)


def start(mode: int = BUFFERED, body: Any = b"{}", max_retries: int = 0, **options: Any) -> Any:
    # No limit of the native transport runs: those given here would pass at once.
    return _native.Client().request(
        "POST",
        "http://a.b/v1",
        "/x",
        b'{"q":1}',
        [("a", "1")],
        body,
        LIMITS,
        max_retries,
        mode,
        relayed=True,
        **options,
    )


def exchange_of(pending: Any) -> Any:
    exchange = pending.wait()
    assert isinstance(exchange, _native.Exchange)
    return exchange


def answer(exchange: Any, *pieces: bytes, head: tuple[Any, ...] = HEAD) -> None:
    assert exchange.head(*head)
    for piece in pieces:
        assert exchange.push(piece)
        assert exchange.wait_room()
    exchange.end()


def eventually(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline, "not in time"
        time.sleep(0.005)


def test_an_exchange_has_the_request_and_takes_the_answer() -> None:
    pending = start()
    exchange = exchange_of(pending)
    request = exchange.request
    assert (request.method, request.url, request.content) == ("POST", "http://a.b/v1/x?q=1", b"{}")
    assert [pair for pair in request.headers if pair[0] in ("a", "content-length")] == [
        ("a", "1"),
        ("content-length", "2"),
    ]
    assert list(exchange.parts()) == [b"{}"]
    time.sleep(0.05)
    answer(exchange, b'{"a"', b":1}")
    reply = pending.wait()
    assert (reply.status, reply.content, reply.header("x-request-id")) == (200, b'{"a":1}', "r")
    assert (reply.url, reply.http_version, reply.retries_taken) == ("http://a.b/v1/x", "HTTP/1.1", 0)
    assert exchange.closed
    assert not exchange.push(b"more")
    assert not exchange.head(*HEAD)


def test_a_body_with_files_is_handed_out_in_blocks(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(content := bytes(range(256)) * 1000)
    with path.open("rb") as file:
        form = _native.Multipart([("f", "a", [], _native.FileSource(file.fileno(), 0, len(content)))])
        short = _native.Multipart([("f", "a", [], _native.FileSource(file.fileno(), 0, len(content) + 1))])
    pending = start(body=form)
    exchange = exchange_of(pending)
    assert exchange.request.content is None
    for _ in range(2):
        blocks = list(exchange.parts())
        assert max(map(len, blocks)) <= 64 * 1024
        sent = b"".join(blocks)
        assert content in sent
        assert dict(exchange.request.headers)["content-length"] == str(len(sent))
    exchange = exchange_of(start(body=short))
    with pytest.raises(OSError, match="became shorter"):
        list(exchange.parts())


def test_statuses_and_failures_are_retried_by_the_same_rules() -> None:
    pending = start(max_retries=3)
    answer(exchange_of(pending), b"busy", head=(503, SOON, "HTTP/1.1", "u"))
    exchange = exchange_of(pending)
    assert dict(exchange.request.headers)["x-stainless-retry-count"] == "1"
    exchange.fail("connect_failed", "refused")
    exchange = exchange_of(pending)
    assert exchange.head(*HEAD)
    assert exchange.push(b"{")
    exchange.fail("interrupted", "reset")
    exchange = exchange_of(pending)
    assert dict(exchange.request.headers)["x-stainless-retry-count"] == "3"
    answer(exchange, b"no", head=(429, [], "HTTP/1.1", "u"))
    failure = pending.wait()
    assert (failure.code, failure.attempts, failure.reply.status, failure.reply.content) == ("status", 4, 429, b"no")


@pytest.mark.parametrize("code", ["connect_failed", "interrupted", "unreadable_body"])
def test_failures_of_the_transport(code: str) -> None:
    pending = start()
    exchange_of(pending).fail(code, "the words")
    failure = pending.wait()
    assert (failure.code, failure.message, failure.limit, failure.phase) == (code, "the words", None, None)


@pytest.mark.parametrize(
    ("limit", "expected"),
    [(None, ("read", "headers")), ("connect", ("connect", "connect")), ("pool", ("pool", "pool")),
     ("write", ("write", "headers")), ("read", ("read", "headers"))],
)  # fmt: skip
def test_limits_of_the_transport(limit: str | None, expected: tuple[str, str]) -> None:
    pending = start()
    exchange_of(pending).fail("timed_out", "the words", limit, 1.5)
    failure = pending.wait()
    assert (failure.code, failure.limit_seconds, failure.causes) == ("timed_out", 1.5, ["the words"])
    assert (failure.limit, failure.phase) == expected
    assert "1.5 s" in failure.message


def test_what_is_no_answer_is_refused() -> None:
    pending = start()
    exchange = exchange_of(pending)
    for head in [(99, [], "", ""), (1000, [], "", ""), (200, [("a b", "")], "", ""), (200, [("a", "\n")], "", "")]:
        with pytest.raises(ValueError, match=r"HTTP"):
            exchange.head(*head)
    with pytest.raises(ValueError, match="no failure of a transport"):
        exchange.fail("status", "")
    with pytest.raises(ValueError, match="no limit"):
        exchange.fail("timed_out", "", "total")
    assert exchange.head(*HEAD)


def test_an_exchange_that_is_dropped_breaks_the_call_off() -> None:
    for begun in (False, True):
        pending = start()
        exchange = exchange_of(pending)
        if begun:
            assert exchange.head(*HEAD)
            assert exchange.push(b"{")
        del exchange
        assert pending.wait().code == "interrupted"


def events() -> Iterator[bytes]:
    for number in range(3):
        yield b'data: {"n":%d}\n\n' % number
    yield b"data: [DONE]\n\n"


def test_a_stream_settles_at_the_head_and_is_pumped_by_a_thread() -> None:
    pending = start(EVENTS)
    exchange = exchange_of(pending)
    thread = threading.Thread(target=lambda: answer(exchange, *events()))
    thread.start()
    plan = _native.Plan(dict, lambda value, _type: value)
    stream = pending.wait().events(plan, lambda name, data: (name, data), Broken)
    assert list(stream) == [{"n": 0}, {"n": 1}, {"n": 2}]
    thread.join(60)


def test_a_stream_is_pumped_by_a_task() -> None:
    async def run() -> list[Any]:
        pending = start(UNDECIDED)
        exchange: Any = await pending

        async def pump() -> None:
            exchange.head(*HEAD)
            for _ in range(64):
                assert exchange.push(b"x" * (LARGE // 64))
                assert await exchange.room()
            exchange.end()

        task = asyncio.create_task(pump())
        reply = await pending
        pieces = [piece async for piece in reply.chunks(Broken)]
        await task
        return pieces

    assert sum(map(len, asyncio.run(run()))) == LARGE


def test_who_pushes_too_fast_waits() -> None:
    pending = start(UNDECIDED)
    exchange = exchange_of(pending)
    pushed = 0

    def pump() -> None:
        nonlocal pushed
        exchange.head(*HEAD)
        while pushed < LARGE and exchange.push(b"x" * 65536) and exchange.wait_room():
            pushed += 65536
        exchange.end()

    thread = threading.Thread(target=pump)
    thread.start()
    reply = pending.wait()
    time.sleep(0.2)
    assert pushed <= 256 * 1024
    assert sum(map(len, reply.chunks(Broken))) == LARGE
    thread.join(60)


@pytest.mark.parametrize("way", ["cancel", "drop call", "close", "drop reply", "close stream"])
def test_giving_up_ends_the_pushing(way: str) -> None:
    pending = start(UNDECIDED)
    exchange = exchange_of(pending)
    if way == "cancel":
        pending.cancel()
    elif way == "drop call":
        del pending
        gc.collect()
    else:
        assert exchange.head(*HEAD)
        assert exchange.push(b"x" * 300_000)
        waited: list[bool] = []
        thread = threading.Thread(target=lambda: waited.append(exchange.wait_room()))
        thread.start()
        reply = pending.wait()
        if way == "close":
            reply.close()
        elif way == "drop reply":
            del reply
            gc.collect()
        else:
            stream = reply.chunks(Broken)
            stream.close()
        thread.join(60)
        # The stream takes what was pushed before it is closed, and then there was room.
        assert waited == [False] or way == "close stream"
    eventually(lambda: exchange.closed)
    assert not exchange.push(b"x")
    assert not exchange.wait_room()
    exchange.end()
    exchange.fail("interrupted", "")


def test_headers_are_renewed_before_the_next_exchange() -> None:
    pending = start(max_retries=1, renews=True)
    answer(exchange_of(pending), head=(503, SOON, "HTTP/1.1", "u"))
    assert pending.wait() is None
    pending.renew([("a", "2")])
    exchange = exchange_of(pending)
    assert dict(exchange.request.headers)["a"] == "2"
    answer(exchange, b"{}")
    assert pending.wait().retries_taken == 1


def test_an_answer_without_a_head_is_none() -> None:
    pending = start()
    exchange_of(pending).end()
    assert pending.wait().code == "interrupted"
