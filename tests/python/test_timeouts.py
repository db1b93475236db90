"""Limits of attempts and calls, against a server that is slow by script: both kinds of client, and a client of httpx2.

The core's own tests have every limit; here it is what a caller passes, and what the exception says.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

import tailrace
from tailrace import APITimeoutError, AsyncOpenAI, OpenAI, Timeout
from tailrace._module_client import reset_client
from tailrace.testing import MockServer

HELLO: Any = {"model": "m", "messages": [{"role": "user", "content": "hi"}]}
#: Nothing comes at all, half of a reply, one event and silence, comments without end.
NO_HEAD = {"fault": {"kind": "stall", "at": "request"}, "repeat": True}
HALF = {"json": {"id": "chatcmpl-1"}, "fault": {"kind": "stall", "at": 5}, "repeat": True}
ONE_EVENT = {"sse": [{"data": {"id": "a"}}], "fault": {"kind": "stall", "at": "end"}, "repeat": True}
COMMENTS = {
    "chunks": [{"sse": {"data": {"id": "a"}}}, {"text": ": alive\n\n", "delay_ms": 50, "times": 600}],
    "repeat": True,
}
EVENTS = {"chunks": [{"sse": {"data": {"id": "a"}}, "delay_ms": 50, "times": 600}], "repeat": True}
#: Seconds of a limit before which something has to happen: longer than a busy machine stands still.
AMPLE = 4


@pytest.fixture(scope="module")
def server() -> Iterator[MockServer]:
    with MockServer() as running:
        yield running


@pytest.fixture(params=["sync", "async", "httpx2", "httpx2-async"])
def kind(request: pytest.FixtureRequest) -> str:
    if "httpx2" in request.param:
        pytest.importorskip("httpx2", reason="sends by a client of httpx2, which is not installed here")
    return request.param


def script(server: MockServer, *exchanges: dict[str, Any]) -> str:
    return server.script({"exchanges": list(exchanges), "own_port": True})


def run(
    kind: str,
    base_url: str,
    call: dict[str, Any],
    *,
    streams: bool = False,
    made: Callable[[], object] = lambda: None,
    **options: Any,
) -> tuple[Any, int]:
    """Make a call by a client of this kind, and return what it raises and how many events it gave.

    `made` is called between the making of the client and the call.
    """
    arguments: Any = {**HELLO, "stream": streams, **call}
    settings: Any = {"api_key": "k", "base_url": base_url, "max_retries": 0, **options}
    seen = 0

    async def asynchronous() -> Any:
        nonlocal seen
        if kind == "httpx2-async":
            import httpx2

            settings["http_client"] = httpx2.AsyncClient()
        async with AsyncOpenAI(**settings) as client:
            made()
            result = await client.chat.completions.create(**arguments)
            if streams:
                async for _ in result:
                    seen += 1

    def synchronous() -> Any:
        nonlocal seen
        if kind == "httpx2":
            import httpx2

            settings["http_client"] = httpx2.Client()
        with OpenAI(**settings) as client:
            made()
            result = client.chat.completions.create(**arguments)
            if streams:
                for _ in result:
                    seen += 1

    try:
        asyncio.run(asynchronous()) if "async" in kind else synchronous()
    except tailrace.APIError as error:
        return error, seen
    return None, seen


#: What is limited, how, and what is said of it: the limit, the phase, and how many events came (... for some).
LIMITED: list[tuple[Any, Any, str, str, Any]] = [
    (NO_HEAD, {"timeout": Timeout(first_byte=AMPLE)}, "first_byte", "headers", None),
    (NO_HEAD, {"timeout": Timeout(total=AMPLE)}, "total", "headers", None),
    (NO_HEAD, {"deadline": AMPLE}, "deadline", "headers", None),
    (NO_HEAD, {"timeout": AMPLE}, "read", "headers", None),
    (HALF, {"timeout": Timeout(idle=AMPLE)}, "idle", "body", None),
    (HALF, {"timeout": Timeout(total=AMPLE)}, "total", "body", None),
    (HALF, {"deadline": AMPLE}, "deadline", "body", None),
    (ONE_EVENT, {"timeout": Timeout(60, idle=AMPLE)}, "idle", "body", 1),
    (ONE_EVENT, {"timeout": (60, AMPLE)}, "read", "body", 1),
    (COMMENTS, {"timeout": Timeout(60, idle=AMPLE)}, "idle", "body", 1),
    (EVENTS, {"timeout": Timeout(60, idle=60, total=AMPLE)}, "total", "body", ...),
    (EVENTS, {"deadline": AMPLE}, "deadline", "body", ...),
]


def test_the_exception_says_which_limit_passed(server: MockServer, kind: str) -> None:
    # All at once, as each takes its time; made beforehand, as a client of httpx2 takes long to make.
    calls = [(row, per_call) for row in LIMITED for per_call in (False, True)]
    at_once = threading.Barrier(len(calls), timeout=100)

    def check(row: tuple[Any, Any, str, str, Any], per_call: bool) -> None:
        exchange, options, limit, phase, events = row
        base_url = script(server, exchange)
        given = {"call": options} if per_call else {"call": {}, **options}
        began = time.monotonic()
        error, seen = run(kind, base_url, streams=events is not None, made=at_once.wait, **given)
        took = time.monotonic() - began
        assert isinstance(error, APITimeoutError), (row, error)
        # A client of httpx2 that knows the limit itself says nothing more of it.
        assert (error.limit, error.phase, error.limit_seconds) == (limit, phase, AMPLE), (row, error)
        assert error.elapsed_seconds is not None
        assert AMPLE - 0.01 <= error.elapsed_seconds <= took, row
        assert error.events == seen, row
        assert seen == events or (events is ... and seen > 0) or events is None, (row, seen)
        assert f"{AMPLE} s" in str(error)

    with ThreadPoolExecutor(len(calls)) as pool:
        for done in [pool.submit(check, *call) for call in calls]:
            done.result()


@pytest.mark.parametrize("name", ["sync", "async", "httpx2", "httpx2-async"])
def test_the_deadline_ends_the_retries_and_the_last_failure_is_raised(server: MockServer, name: str) -> None:
    if "httpx2" in name:
        pytest.importorskip("httpx2", reason="sends by a client of httpx2, which is not installed here")
    busy = {"status": 503, "json": {"error": {"message": "busy"}}}
    soon, late = {"retry-after-ms": "1"}, {"retry-after": "50"}
    base_url = script(server, {**busy, "headers": soon}, {**busy, "headers": late, "repeat": True})
    error, _ = run(name, base_url, {}, max_retries=1000, deadline=20)
    assert isinstance(error, tailrace.InternalServerError)
    assert len(server.requests(base_url)) == 2
    # Why it was given up hangs below it, as its message is the official one.
    assert str(error) == "Error code: 503 - busy"
    assert "the deadline of 20 s" in str(error.__cause__)


def test_a_call_replaces_or_lifts_the_deadline_of_its_client(server: MockServer) -> None:
    slow = {"json": {"id": "chatcmpl-1"}, "delay_ms": 200, "repeat": True}
    base_url = script(server, slow)
    client = OpenAI(api_key="k", base_url=base_url, max_retries=0, deadline=0.1)
    assert client.deadline == 0.1
    with pytest.raises(APITimeoutError, match=r"the deadline of 0\.1 s"):
        client.chat.completions.create(**HELLO)
    for lifted in (60, None):
        assert client.chat.completions.create(**HELLO, deadline=lifted).id == "chatcmpl-1"
        assert client.with_options(deadline=lifted).chat.completions.create(**HELLO).id == "chatcmpl-1"
    assert client.copy(timeout=3).deadline == 0.1
    client.deadline = None
    assert client.chat.completions.create(**HELLO).id == "chatcmpl-1"


def test_the_low_level_methods_and_raw_responses_take_a_deadline(server: MockServer) -> None:
    base_url = script(server, HALF)
    client = OpenAI(api_key="k", base_url=base_url, max_retries=0)
    with pytest.raises(APITimeoutError, match=r"the deadline of 0\.1 s"):
        client.get("/x", cast_to=object, options={"deadline": 0.1})
    with pytest.raises(APITimeoutError, match=r"the deadline of 0\.1 s"):
        client.with_options(deadline=0.1).chat.completions.with_raw_response.create(**HELLO)
    # The body of a streaming response is read by the caller, and its limits run from the start of the call.
    with client.chat.completions.with_streaming_response.create(**HELLO, deadline=3) as response:
        time.sleep(3.1)
        with pytest.raises(APITimeoutError) as caught:
            response.read()
    assert caught.value.limit == "deadline"
    assert caught.value.elapsed_seconds is not None
    assert caught.value.elapsed_seconds >= 3.1


def test_a_download_is_limited_between_its_pieces_and_as_a_whole(server: MockServer) -> None:
    base_url = script(server, HALF)
    client = OpenAI(api_key="k", base_url=base_url, max_retries=0)
    for timeout, limit in [(Timeout(idle=0.1), "idle"), (Timeout(total=0.1), "total")]:
        with pytest.raises(APITimeoutError) as caught:
            client.files.content("file-1", timeout=timeout).read()
        assert (caught.value.limit, caught.value.events) == (limit, 0)


def test_the_read_limit_is_what_the_header_says(server: MockServer) -> None:
    base_url = script(server, {"json": {"id": "chatcmpl-1"}, "repeat": True})
    client = OpenAI(api_key="k", base_url=base_url, deadline=30)
    for timeout, text in [(Timeout(7, idle=3, total=4), "7"), (Timeout(idle=3), "600"), (2.5, "2.5"), (None, None)]:
        client.chat.completions.create(**HELLO, timeout=timeout)
        headers = {name.lower(): value for name, value in server.requests(base_url)[-1]["headers"]}
        assert headers.get("x-stainless-read-timeout") == text


def test_the_module_has_a_deadline(server: MockServer, monkeypatch: pytest.MonkeyPatch) -> None:
    base_url = script(server, NO_HEAD)
    for name, value in {"api_key": "k", "base_url": base_url, "max_retries": 0, "deadline": 0.1}.items():
        monkeypatch.setattr(tailrace, name, value)
    reset_client()
    try:
        with pytest.raises(APITimeoutError, match=r"the deadline of 0\.1 s"):
            tailrace.chat.completions.create(**HELLO)
    finally:
        reset_client()
