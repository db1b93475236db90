"""Giving up closes the socket at once, and leaves the pool usable: every way in which a program can give up.

The pool has one connection, so that the next call would wait for ever if the one before had kept its place.
"""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import threading
import time
from collections.abc import AsyncGenerator
from typing import Any

import pytest
from lifecycle import AT_ONCE_MS, GIVEN_UP, STALLED, WHOLE, narrow, script, spawn, wait_closed

from tailrace.testing import MockServer

ARGUMENTS: dict[str, Any] = {"model": "m", "messages": []}


def create(client: Any, **options: Any) -> Any:
    return client.chat.completions.create(**ARGUMENTS, **options)


def check_closed(server: MockServer, base_url: str) -> None:
    assert wait_closed(server, base_url) * 1000 < AT_ONCE_MS


@pytest.mark.parametrize("what", ["stalled", "flowing"])
@pytest.mark.parametrize("how", ["break", "close", "with", "exception", "collect", "throw"])
def test_a_sync_stream_is_given_up(server: MockServer, what: str, how: str) -> None:
    base_url = script(server, GIVEN_UP[what])
    client = narrow(server.client(base_url, max_retries=0))
    stream = create(client, stream=True)
    assert next(stream).id == "c1"
    if how == "break":
        if what == "flowing":
            for _ in stream:
                break
        del stream
    elif how == "close":
        stream.close()
    elif how == "with":
        with stream:
            pass
    elif how == "exception":
        with pytest.raises(ValueError, match="mine"), stream:
            raise ValueError("mine")
    elif how == "collect":
        # Part of a cycle, so that only the collector can find it.
        holder: list[Any] = [stream]
        holder.append(holder)
        del stream, holder
        gc.collect()
    else:
        chunks = (chunk for chunk in stream)
        with pytest.raises(ValueError, match="mine"):
            chunks.throw(ValueError("mine"))
        del chunks, stream
    check_closed(server, base_url)
    assert create(client).id == "x"


@pytest.mark.parametrize("what", ["call", "stalled", "flowing"])
def test_a_task_is_cancelled(server: MockServer, what: str) -> None:
    base_url = script(server, GIVEN_UP[what])

    async def main() -> None:
        client = narrow(server.async_client(base_url, max_retries=0))
        reading = asyncio.Event()

        async def work() -> None:
            if what == "call":
                reading.set()
                await create(client)
            else:
                async for _ in await create(client, stream=True):
                    reading.set()

        task = asyncio.create_task(work())
        await reading.wait()
        while not server.requests(base_url):
            await asyncio.sleep(0.001)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        # The task is done and the loop is blocked now: nothing of Python's has to run for the socket to close.
        check_closed(server, base_url)
        assert (await create(client)).id == "x"

    asyncio.run(main())


@pytest.mark.parametrize("what", ["stalled", "flowing"])
@pytest.mark.parametrize("how", ["break", "close", "aclose", "with", "collect", "generator"])
def test_an_async_stream_is_given_up(server: MockServer, what: str, how: str) -> None:
    base_url = script(server, GIVEN_UP[what])

    async def main() -> None:
        client = narrow(server.async_client(base_url, max_retries=0))
        stream = await create(client, stream=True)
        async for _ in stream:
            break
        if how == "break":
            del stream
        elif how == "close":
            await stream.close()
        elif how == "aclose":
            await stream.aclose()
        elif how == "with":
            async with stream:
                pass
        elif how == "collect":
            holder: list[Any] = [stream]
            holder.append(holder)
            del stream, holder
            gc.collect()
        else:
            # What frameworks do with a client that went away: they close the generator that they were sending from.
            async def relayed(source: Any) -> AsyncGenerator[Any, None]:
                async with source:
                    async for chunk in source:
                        yield chunk

            chunks = relayed(stream)
            if what == "flowing":
                await chunks.__anext__()
            else:
                waiting = asyncio.ensure_future(chunks.__anext__())
                await asyncio.sleep(0.05)
                waiting.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await waiting
            await chunks.aclose()
        check_closed(server, base_url)
        assert (await create(client)).id == "x"

    asyncio.run(main())


def test_one_of_many_tasks_is_cancelled_and_the_others_lose_nothing(server: MockServer) -> None:
    base_url = script(server, STALLED, *[WHOLE] * 20)

    async def main() -> None:
        client = server.async_client(base_url, max_retries=0)

        async def count() -> int:
            return len([chunk async for chunk in await create(client, stream=True)])

        stalled = asyncio.create_task(count())
        while not server.requests(base_url):
            await asyncio.sleep(0.001)
        others = [asyncio.create_task(count()) for _ in range(20)]
        await asyncio.sleep(0)
        stalled.cancel()
        assert await asyncio.gather(*others) == [2] * 20
        check_closed(server, base_url)

    asyncio.run(main())


def test_a_call_is_cancelled_as_it_settles(server: MockServer) -> None:
    """The answer and the cancellation cross; whichever wins, the connection and its place come back."""
    base_url = script(server)

    async def main() -> None:
        client = narrow(server.async_client(base_url, max_retries=0))
        for turns in range(60):
            task = asyncio.create_task(create(client))
            # Some of these cancel before the request, some on the way, and some after the answer.
            deadline = time.perf_counter() + turns * 0.00005
            while time.perf_counter() < deadline:
                await asyncio.sleep(0)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        assert (await create(client)).id == "x"

    asyncio.run(main())


def test_a_loop_that_is_closed_with_open_streams(server: MockServer) -> None:
    base_url = script(server, STALLED)
    client = narrow(server.async_client(base_url, max_retries=0))

    async def leave() -> None:
        async def read() -> None:
            async for _ in await create(client, stream=True):
                reading.set()

        reading = asyncio.Event()
        kept.append(asyncio.create_task(read()))
        await reading.wait()

    kept: list[Any] = []
    asyncio.run(leave())
    # `asyncio.run` cancelled what was left.
    check_closed(server, base_url)
    assert asyncio.run(create(client)).id == "x"


def test_a_thread_closes_what_another_one_waits_for(server: MockServer) -> None:
    base_url = script(server, STALLED)
    client = narrow(server.client(base_url, max_retries=0))
    stream = create(client, stream=True)
    seen: list[str] = []
    reader = threading.Thread(target=lambda: seen.extend(chunk.id for chunk in stream))
    reader.start()
    while not seen and reader.is_alive():
        time.sleep(0.001)
    stream.close()
    check_closed(server, base_url)
    reader.join(timeout=60)
    assert (reader.is_alive(), seen) == (False, ["c1"])
    assert create(client).id == "x"


INTERRUPTED = """
import signal, sys, tailrace
from tailrace import _native
signal.signal(signal.SIGINT, signal.default_int_handler)
client = tailrace.OpenAI(api_key="k", base_url=sys.argv[1], max_retries=0)
client._connection.native = _native.Client(max_connections=1)
# The types of the answer load here, since whoever interrupts an import interrupts that.
from tailrace.types.chat import ChatCompletion
ChatCompletion.model_validate({"id": "x", "object": "chat.completion", "created": 1, "model": "m", "choices": []})
def work():
    try:
        result = client.chat.completions.create(model="m", messages=[], stream=sys.argv[2] != "call")
        for chunk in result:
            # In one piece: `print` can be interrupted before the end of the line.
            sys.stdout.write("chunk\\n")
            sys.stdout.flush()
    except KeyboardInterrupt:
        # The traceback holds the frame of the loop, and that the stream; a program that goes on has left both.
        return
work()
print("interrupted", flush=True)
sys.stdin.readline()
print(client.chat.completions.create(model="m", messages=[]).id, flush=True)
"""


@pytest.mark.skipif(os.name != "posix", reason="sends a signal of POSIX")
@pytest.mark.parametrize("what", ["call", "stalled", "flowing"])
def test_control_c_closes_the_socket_of_a_process_that_goes_on(server: MockServer, what: str) -> None:
    import subprocess

    base_url = script(server, GIVEN_UP[what])
    with spawn(INTERRUPTED, base_url, what, stdin=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        if what == "call":
            while not server.requests(base_url):
                time.sleep(0.005)
            time.sleep(0.2)
        else:
            assert process.stdout.readline() == "chunk\n"
        process.send_signal(signal.SIGINT)
        line = "chunk\n"
        while line == "chunk\n":
            line = process.stdout.readline()
        assert line == "interrupted\n"
        check_closed(server, base_url)
        assert process.poll() is None
        output, errors = process.communicate("go on\n", timeout=100)
    assert (output, errors, process.returncode) == ("x\n", "", 0)


LEAVING = """
import asyncio, os, sys, threading, tailrace
mode, how = sys.argv[2:]
def leave():
    {"exit": sys.exit, "_exit": os._exit, "kill": lambda code: os.kill(os.getpid(), 9)}[how](0)
if mode == "sync":
    stream = tailrace.OpenAI(api_key="k", base_url=sys.argv[1]).chat.completions.create(
        model="m", messages=[], stream=True)
    for chunk in stream:
        leave()
elif mode == "thread":
    stream = tailrace.OpenAI(api_key="k", base_url=sys.argv[1]).chat.completions.create(
        model="m", messages=[], stream=True)
    next(stream)
    threading.Thread(target=lambda: next(stream), daemon=True).start()
    leave()
else:
    async def main():
        client = tailrace.AsyncOpenAI(api_key="k", base_url=sys.argv[1])
        async for chunk in await client.chat.completions.create(model="m", messages=[], stream=True):
            leave()
    asyncio.run(main())
"""


@pytest.mark.parametrize("mode", ["sync", "thread", "async"])
@pytest.mark.parametrize("how", ["exit", "_exit", "kill"])
def test_a_process_ends_in_mid_stream(server: MockServer, mode: str, how: str) -> None:
    if how == "kill" and os.name != "posix":
        pytest.skip("SIGKILL belongs to POSIX")
    base_url = script(server, STALLED)
    with spawn(LEAVING, base_url, mode, how) as process:
        output, errors = process.communicate(timeout=100)
    check_closed(server, base_url)
    assert (output, errors) == ("", "")
    assert process.returncode == (-9 if how == "kill" else 0)
