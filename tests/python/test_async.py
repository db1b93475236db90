"""Awaited calls: asyncio and uvloop, several loops and threads, many at once, cancellation."""

from __future__ import annotations

import asyncio
import gc
import threading
import time
from collections.abc import Callable, Coroutine
from types import ModuleType
from typing import Any

import pytest

import tailrace
from tailrace.testing import MockServer

DATA = (
    'data: {"id":"c1","object":"chat.completion.chunk","created":1,"model":"m",'
    '"choices":[{"index":0,"delta":{"content":"x"}}]}\n\n'
)
DONE = "data: [DONE]\n\n"
COMPLETION = {"id": "x", "object": "chat.completion", "created": 1, "model": "m", "choices": []}
ENDLESS = {"text": DATA, "times": 100_000, "delay_ms": 5}

Runner = Callable[[Coroutine[Any, Any, Any]], Any]


def stream_of(*parts: str | dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"headers": {"content-type": "text/event-stream"}, "chunks": list(parts), **fields}


class LoopWithoutReaders(asyncio.SelectorEventLoop):
    """A loop that watches no descriptors, as the default one of Windows."""

    def add_reader(self, fd: Any, callback: Any, *args: Any) -> None:
        raise NotImplementedError


def run_without_readers(main: Coroutine[Any, Any, Any]) -> Any:
    event_loop = LoopWithoutReaders()
    try:
        return event_loop.run_until_complete(main)
    finally:
        event_loop.run_until_complete(event_loop.shutdown_asyncgens())
        event_loop.close()


@pytest.fixture(params=["asyncio", "uvloop", "no readers"])
def run(request: pytest.FixtureRequest) -> Runner:
    if request.param == "asyncio":
        return asyncio.run
    if request.param == "no readers":
        return run_without_readers
    uvloop = pytest.importorskip("uvloop", reason="uvloop is not installed here")
    return uvloop.run


async def create(client: tailrace.AsyncOpenAI, **arguments: Any) -> Any:
    return await client.chat.completions.create(**{"model": "m", "messages": [], **arguments})


async def chunks_of(client: tailrace.AsyncOpenAI) -> list[Any]:
    return [chunk async for chunk in await create(client, stream=True)]


async def closed_by_client(server: MockServer, base_url: str) -> bool:
    """Wait until the server sees that every request's connection was closed while it was answering."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        requests = server.requests(base_url)
        if requests and all(request["client_closed_ms"] is not None for request in requests):
            return True
        await asyncio.sleep(0.01)
    return False


def test_calls_and_streams(server: MockServer, run: Runner) -> None:
    base_url = server.script({"exchanges": [{"json": COMPLETION}, stream_of(DATA, DATA, DONE)]})

    async def main() -> None:
        async with server.async_client(base_url) as client:
            assert (await create(client)).id == "x"
            assert [chunk.id for chunk in await chunks_of(client)] == ["c1", "c1"]

    run(main())


def test_many_at_once(server: MockServer, run: Runner) -> None:
    base_url = server.script({"exchanges": [stream_of(*[DATA] * 50, DONE, repeat=True)]})

    async def main() -> None:
        async with server.async_client(base_url) as client:
            results = await asyncio.gather(*(chunks_of(client) for _ in range(100)))
            assert [len(result) for result in results] == [50] * 100

    run(main())


def test_a_client_outlives_its_loop(server: MockServer, run: Runner) -> None:
    base_url = server.script({"exchanges": [stream_of(DATA, DONE, repeat=True)]})
    client = server.async_client(base_url)
    for _ in range(3):
        assert len(run(chunks_of(client))) == 1


def test_loops_in_several_threads_share_a_client(server: MockServer, run: Runner) -> None:
    base_url = server.script({"exchanges": [stream_of(*[DATA] * 20, DONE, repeat=True)]})
    client = server.async_client(base_url)
    lengths: list[int] = []

    def work() -> None:
        async def main() -> None:
            lengths.extend(len(result) for result in await asyncio.gather(*(chunks_of(client) for _ in range(10))))

        run(main())

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=100)
    assert lengths == [20] * 40


def test_threads_share_a_sync_client(server: MockServer) -> None:
    base_url = server.script({"exchanges": [stream_of(*[DATA] * 20, DONE, repeat=True)]})
    client = server.client(base_url)
    lengths: list[int] = []

    def work() -> None:
        for _ in range(10):
            stream = client.chat.completions.create(model="m", messages=[], stream=True)
            lengths.append(len(list(stream)))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=100)
    assert lengths == [20] * 80


def test_a_fast_stream_leaves_room_for_others(server: MockServer, run: Runner) -> None:
    base_url = server.script({"exchanges": [stream_of({"text": DATA * 5_000}, DONE)]})

    async def main() -> None:
        ticks = 0
        done = asyncio.Event()

        async def tick() -> None:
            nonlocal ticks
            while not done.is_set():
                ticks += 1
                await asyncio.sleep(0)

        ticker = asyncio.create_task(tick())
        async with server.async_client(base_url) as client:
            async for _ in await create(client, stream=True):
                pass
        done.set()
        await ticker
        assert ticks > 50

    run(main())


@pytest.mark.parametrize("where", ["head", "stream"])
def test_cancelling_closes_the_socket_at_once(server: MockServer, run: Runner, where: str) -> None:
    exchange = {"json": {}, "delay_ms": 60_000} if where == "head" else stream_of(DATA, ENDLESS)
    base_url = server.script({"exchanges": [exchange], "own_port": True})

    async def main() -> None:
        async with server.async_client(base_url) as client:
            task: asyncio.Task[Any] = asyncio.create_task(create(client) if where == "head" else chunks_of(client))
            while not server.requests(base_url):
                await asyncio.sleep(0.01)
            await asyncio.sleep(0.1)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            del task
            gc.collect()
            assert await closed_by_client(server, base_url)

    run(main())


def test_a_call_with_a_time_limit_of_the_caller(server: MockServer, run: Runner) -> None:
    base_url = server.script({"exchanges": [{"json": {}, "delay_ms": 60_000}], "own_port": True})

    async def main() -> None:
        async with server.async_client(base_url) as client:
            call = asyncio.create_task(create(client))
            while not server.requests(base_url):
                await asyncio.sleep(0.01)
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(call, timeout=0.1)
            assert await closed_by_client(server, base_url)

    run(main())


def test_a_cancelled_wait_ends_the_stream(server: MockServer, library: ModuleType, run: Runner) -> None:
    base_url = server.script({"exchanges": [stream_of(DATA, {"text": DATA, "delay_ms": 60_000}, DONE)]})

    async def main() -> None:
        async with library.AsyncOpenAI(api_key="k", base_url=base_url) as client:
            stream = await create(client, stream=True)
            await stream.__anext__()
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(stream.__anext__(), timeout=0.1)
            assert [chunk.id async for chunk in stream] == []
            assert stream.response.is_closed

    run(main())


@pytest.mark.parametrize("how", ["close", "aclose", "with", "break"])
def test_leaving_a_stream_closes_its_socket_at_once(server: MockServer, run: Runner, how: str) -> None:
    base_url = server.script({"exchanges": [stream_of(DATA, ENDLESS)], "own_port": True})

    async def main() -> None:
        async with server.async_client(base_url) as client:
            stream = await create(client, stream=True)
            async for _ in stream:
                break
            if how == "close":
                await stream.close()
            elif how == "aclose":
                await stream.aclose()
            elif how == "with":
                async with stream as entered:
                    assert entered is stream
            if how != "break":
                assert stream.response.is_closed
                assert [chunk async for chunk in stream] == []
            del stream
            gc.collect()
            assert await closed_by_client(server, base_url)

    run(main())


def test_a_stream_that_nobody_reads_is_closed_with_its_loop(server: MockServer, run: Runner) -> None:
    base_url = server.script({"exchanges": [stream_of(DATA, ENDLESS)], "own_port": True})

    async def main() -> Any:
        client = server.async_client(base_url)
        stream = await create(client, stream=True)
        await stream.__anext__()
        return stream

    stream = run(main())
    del stream
    gc.collect()
    assert asyncio.run(closed_by_client(server, base_url))


def test_a_call_that_is_never_awaited_sends_nothing(server: MockServer) -> None:
    base_url = server.script({"exchanges": [{"json": {}}]})
    coroutine = create(server.async_client(base_url))
    coroutine.close()
    time.sleep(0.1)
    assert server.requests(base_url) == []


def test_errors_are_raised_where_they_are_awaited(server: MockServer, run: Runner) -> None:
    base_url = server.script({"exchanges": [{"status": 404, "json": {"error": {"message": "gone"}}}]})

    async def main() -> None:
        async with server.async_client(base_url) as client:
            task = asyncio.create_task(create(client))
            with pytest.raises(tailrace.NotFoundError, match="gone"):
                await task

    run(main())


def test_waiting_costs_no_cpu(server: MockServer, run: Runner) -> None:
    base_url = server.script({"exchanges": [stream_of(DATA, {"text": DATA, "delay_ms": 1000}, DONE, repeat=True)]})

    async def main() -> float:
        async with server.async_client(base_url) as client:
            streams = [await create(client, stream=True) for _ in range(10)]
            for stream in streams:
                await stream.__anext__()
            start = time.thread_time()
            await asyncio.gather(*(stream.__anext__() for stream in streams))
            return time.thread_time() - start

    # The loop sleeps for about a second; polling would take a good part of it.
    assert run(main()) < 0.5
