"""Whole processes: Ctrl-C, fork, the end of the interpreter, panics."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

import tailrace
from tailrace import _native
from tailrace.testing import MockServer

PACKAGE = str(Path(tailrace.__file__).parents[1])
DATA = 'data: {"id":"c1","object":"chat.completion.chunk","created":1,"model":"m","choices":[]}\n\n'
DONE = "data: [DONE]\n\n"

posix = pytest.mark.skipif(os.name != "posix", reason="the signal and the call under test belong to POSIX")


def stream_of(*parts: str | dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"headers": {"content-type": "text/event-stream"}, "chunks": list(parts), **fields}


#: A shell starts what runs in its background with SIGINT ignored, and processes inherit that.
LISTEN = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"


def start(code: str, *arguments: str) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([PACKAGE, *filter(None, sys.path)])}
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-c", LISTEN + code, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    )


SYNC = """
import sys, tailrace
client = tailrace.OpenAI(api_key="k", base_url=sys.argv[1], max_retries=0)
print("ready", flush=True)
try:
    result = client.chat.completions.create(model="m", messages=[], stream=sys.argv[2] == "stream")
    for chunk in result:
        print("chunk", flush=True)
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""

ASYNC = """
import asyncio, sys, tailrace
async def main():
    async with tailrace.AsyncOpenAI(api_key="k", base_url=sys.argv[1], max_retries=0) as client:
        print("ready", flush=True)
        result = await client.chat.completions.create(model="m", messages=[], stream=sys.argv[2] == "stream")
        async for chunk in result:
            print("chunk", flush=True)
try:
    asyncio.run(main())
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""


# The types of the answers, which load at the first call otherwise, where an interruption would interrupt that.
LOADED = """
from tailrace.types.chat import ChatCompletion, ChatCompletionChunk
for _type in (ChatCompletion, ChatCompletionChunk):
    _type.model_validate({"id": "x", "object": _type.model_fields["object"].annotation.__args__[0],
                          "created": 1, "model": "m", "choices": []})
"""


@posix
@pytest.mark.parametrize("code", [SYNC, ASYNC], ids=["sync", "async"])
@pytest.mark.parametrize("where", ["call", "stream"])
def test_control_c_interrupts_at_once(server: MockServer, code: str, where: str) -> None:
    slow = {"json": {}, "delay_ms": 60_000} if where == "call" else stream_of(DATA, {"text": DATA, "delay_ms": 60_000})
    base_url = server.script({"exchanges": [slow]})
    process = start(LOADED + code, base_url, where)
    with process:
        assert process.stdout is not None
        wanted = "ready\n" if where == "call" else "chunk\n"
        while process.stdout.readline() != wanted:
            assert process.poll() is None
        while not server.requests(base_url):
            time.sleep(0.01)
        time.sleep(0.2)
        process.send_signal(signal.SIGINT)
        # The server would not say anything for a minute.
        output, errors = process.communicate(timeout=50)
    assert (output, errors) == ("interrupted\n", "")
    assert process.returncode == 0


@pytest.mark.parametrize("where", ["call", "stream"])
def test_a_process_ends_with_open_requests(server: MockServer, where: str) -> None:
    base_url = server.script({"exchanges": [stream_of(DATA, {"text": DATA, "delay_ms": 60_000}, repeat=True)]})
    code = """
import sys, threading, tailrace
client = tailrace.OpenAI(api_key="k", base_url=sys.argv[1])
stream = client.chat.completions.create(model="m", messages=[], stream=True)
print(next(stream).id, flush=True)
if sys.argv[2] == "call":
    threading.Thread(target=lambda: next(stream), daemon=True).start()
"""
    with start(code, base_url, where) as process:
        output, errors = process.communicate(timeout=100)
    assert (output, errors, process.returncode) == ("c1\n", "", 0)


def in_child(check: Any) -> bool:
    """Run `check` in a forked child and return whether it returned True within 100 seconds."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            status = 0 if check() else 2
        finally:
            os._exit(status)
    deadline = time.monotonic() + 100
    while time.monotonic() < deadline:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return status == 0
        time.sleep(0.01)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return False


fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
# Python 3.12 warns of any fork beside threads; that is what these tests are about.
forking = pytest.mark.filterwarnings("ignore:.*use of fork\\(\\) may lead to deadlocks:DeprecationWarning")


@fork
@forking
def test_a_client_works_in_a_forked_child_and_in_its_parent(server: MockServer) -> None:
    base_url = server.script({"exchanges": [stream_of(DATA, DATA, DONE, repeat=True)]})
    client = server.client(base_url)

    def works() -> bool:
        return len(list(client.chat.completions.create(model="m", messages=[], stream=True))) == 2

    assert works()
    assert in_child(works)
    assert works()
    assert in_child(lambda: in_child(works))


@fork
@forking
def test_an_async_client_works_in_a_forked_child(server: MockServer) -> None:
    import asyncio

    base_url = server.script({"exchanges": [stream_of(DATA, DATA, DONE, repeat=True)]})
    client = server.async_client(base_url)

    async def chunks() -> int:
        stream = await client.chat.completions.create(model="m", messages=[], stream=True)
        return len([chunk async for chunk in stream])

    assert asyncio.run(chunks()) == 2
    assert in_child(lambda: asyncio.run(chunks()) == 2)
    assert asyncio.run(chunks()) == 2


@fork
@forking
def test_an_open_stream_raises_in_a_forked_child_and_goes_on_in_its_parent(server: MockServer) -> None:
    base_url = server.script({"exchanges": [stream_of(DATA, DATA, {"text": DATA, "delay_ms": 500}, DONE)]})
    stream = server.client(base_url).chat.completions.create(model="m", messages=[], stream=True)
    next(stream)

    def raises() -> bool:
        try:
            list(stream)
        except tailrace.APIConnectionError as error:
            return "fork" in str(error)
        return False

    assert in_child(raises)
    assert len(list(stream)) == 2


@fork
@forking
def test_a_fork_during_a_call_of_another_thread(server: MockServer) -> None:
    base_url = server.script({"exchanges": [stream_of(*[{"text": DATA, "delay_ms": 2}] * 500, DONE, repeat=True)]})
    client = server.client(base_url)
    lengths: list[int] = []

    def read() -> None:
        lengths.append(len(list(client.chat.completions.create(model="m", messages=[], stream=True))))

    reader = threading.Thread(target=read)
    reader.start()
    time.sleep(0.2)
    short = server.script({"exchanges": [stream_of(DATA, DONE, repeat=True)]})
    child = client.copy(base_url=short)
    assert in_child(lambda: len(list(child.chat.completions.create(model="m", messages=[], stream=True))) == 1)
    reader.join(timeout=100)
    assert lengths == [500]


def test_a_panic_becomes_an_exception_that_asks_for_a_report() -> None:
    with pytest.raises(Exception, match=r"(?i)report") as caught:
        _native.provoke_panic()
    assert isinstance(caught.value, Exception)
