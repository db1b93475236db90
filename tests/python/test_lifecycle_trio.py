"""trio, alone, through anyio and beside asyncio: calls, streams, cancellation, wake-ups, what is left behind."""

from __future__ import annotations

import asyncio
import gc
import io
import os
import threading
import time
from types import ModuleType
from typing import Any

import pytest
from lifecycle import AT_ONCE_MS, DATA, DONE, GIVEN_UP, STREAM, WHOLE, narrow, script, spawn, wait_closed

import tailrace
from tailrace.testing import MockServer

trio = pytest.importorskip("trio", reason="trio is not installed here")
anyio = pytest.importorskip("anyio", reason="anyio is not installed here")

backends = pytest.mark.parametrize("backend", ["asyncio", "trio"])


async def create(client: Any, **options: Any) -> Any:
    return await client.chat.completions.create(model="m", messages=[], **options)


async def count(client: Any) -> int:
    return len([chunk async for chunk in await create(client, stream=True)])


def check_closed(server: MockServer, base_url: str) -> None:
    assert wait_closed(server, base_url) * 1000 < AT_ONCE_MS


@backends
def test_calls_and_streams(server: MockServer, backend: str) -> None:
    client = server.async_client(script(server, WHOLE))

    async def main() -> None:
        assert await count(client) == 2
        assert (await create(client)).id == "x"

    anyio.run(main, backend=backend)


@backends
def test_many_at_once(server: MockServer, backend: str) -> None:
    exchange = {**STREAM, "chunks": [*[{"text": DATA, "delay_ms": 1}] * 50, DONE], "repeat": True}
    client = server.async_client(server.script({"exchanges": [exchange]}))
    counts: list[int] = []

    async def one() -> None:
        counts.append(await count(client))

    async def main() -> None:
        async with anyio.create_task_group() as group:
            for _ in range(100):
                group.start_soon(one)

    anyio.run(main, backend=backend)
    assert counts == [50] * 100


@backends
@pytest.mark.parametrize("what", ["call", "stalled", "flowing"])
@pytest.mark.parametrize("how", ["scope", "group"])
def test_cancelling_closes_the_socket_at_once(server: MockServer, backend: str, what: str, how: str) -> None:
    base_url = script(server, GIVEN_UP[what])

    async def work(client: Any, seen: Any) -> None:
        if what == "call":
            seen.set()
            await create(client)
        else:
            async for _ in await create(client, stream=True):
                seen.set()

    async def in_flight(seen: Any) -> None:
        await seen.wait()
        while not server.requests(base_url):
            await anyio.sleep(0.001)

    async def expire(scope: Any, seen: Any) -> None:
        await in_flight(seen)
        scope.deadline = anyio.current_time() + 0.05

    async def main() -> None:
        client = narrow(server.async_client(base_url, max_retries=0))
        seen = anyio.Event()
        if how == "scope":
            async with anyio.create_task_group() as group:
                with anyio.CancelScope() as scope:
                    group.start_soon(expire, scope, seen)
                    await work(client, seen)
            assert scope.cancelled_caught
        else:
            async with anyio.create_task_group() as group:
                group.start_soon(work, client, seen)
                await in_flight(seen)
                group.cancel_scope.cancel()
        # The loop is blocked while this waits: nothing of the loop has to run for the socket to close.
        check_closed(server, base_url)
        assert (await create(client)).id == "x"

    anyio.run(main, backend=backend)


@backends
def test_a_fast_stream_leaves_others_their_turn(server: MockServer, backend: str) -> None:
    base_url = server.script({"exchanges": [{**STREAM, "chunks": [{"text": DATA * 5_000}, DONE]}]})

    async def main() -> int:
        ticks = 0
        client = server.async_client(base_url)

        async def tick() -> None:
            nonlocal ticks
            while True:
                ticks += 1
                await anyio.sleep(0)

        async with anyio.create_task_group() as group:
            group.start_soon(tick)
            assert await count(client) == 5_000
            group.cancel_scope.cancel()
        return ticks

    assert anyio.run(main, backend=backend) > 50


def test_a_cancelled_wait_ends_the_stream(server: MockServer) -> None:
    base_url = script(server, GIVEN_UP["stalled"])

    async def main() -> None:
        stream = await create(server.async_client(base_url, max_retries=0), stream=True)
        await stream.__anext__()
        with trio.move_on_after(0.05) as scope:
            await stream.__anext__()
        assert scope.cancelled_caught
        assert stream.response.is_closed
        assert [chunk async for chunk in stream] == []

    trio.run(main)


def test_a_task_that_was_cancelled_is_not_woken_by_what_it_waited_for(server: MockServer) -> None:
    """Waking a trio task that waits for something else would end that wait, or the run."""
    chunks = [DATA, *[{"text": DATA, "delay_ms": 3}] * 100, DONE]
    base_url = server.script({"exchanges": [{**STREAM, "chunks": chunks, "repeat": True}]})

    async def main() -> None:
        client = server.async_client(base_url, max_retries=0)

        async def race(limit: float) -> None:
            with trio.move_on_after(limit):
                await count(client)
            began = trio.current_time()
            await trio.sleep(0.2)
            assert trio.current_time() - began >= 0.2

        async with trio.open_nursery() as nursery:
            for turn in range(60):
                nursery.start_soon(race, 0.02 + turn * 0.0011)

    trio.run(main)


def test_a_system_whose_descriptors_cannot_be_watched(server: MockServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows, where the background thread asks the run to be called instead."""
    from tailrace import _trio

    def refuse(*_: object) -> None:
        raise NotImplementedError

    monkeypatch.setattr(_trio.TrioLoop, "add_reader", refuse)
    client = server.async_client(server.script({"exchanges": [{**WHOLE, "repeat": True}]}))
    assert [trio.run(count, client) for _ in range(3)] == [2, 2, 2]


def test_two_tasks_share_a_stream(server: MockServer) -> None:
    chunks = [*[{"text": DATA, "delay_ms": 2}] * 50, DONE]
    base_url = server.script({"exchanges": [{**STREAM, "chunks": chunks}]})
    seen: list[str] = []

    async def main() -> None:
        stream = await create(server.async_client(base_url), stream=True)

        async def read() -> None:
            seen.extend([chunk.id async for chunk in stream])

        with trio.fail_after(100):
            async with trio.open_nursery() as nursery:
                for _ in range(3):
                    nursery.start_soon(read)

    trio.run(main)
    assert seen == ["c1"] * 50


def test_runs_one_after_another_and_at_once_share_a_client(server: MockServer) -> None:
    chunks = [*[{"text": DATA, "delay_ms": 1}] * 20, DONE]
    client = server.async_client(server.script({"exchanges": [{**STREAM, "chunks": chunks, "repeat": True}]}))
    for backend in ("trio", "asyncio", "trio"):
        assert anyio.run(count, client, backend=backend) == 20
    counts: list[int] = []
    threads = [
        threading.Thread(target=lambda backend=backend: counts.append(anyio.run(count, client, backend=backend)))
        for backend in ["trio", "asyncio"] * 3
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=100)
    assert counts == [20] * 6


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="this system does not list its descriptors")
def test_a_run_leaves_no_descriptor_behind(server: MockServer) -> None:
    client = server.async_client(server.script({"exchanges": [{**WHOLE, "repeat": True}]}))

    def descriptors() -> list[str]:
        gc.collect()
        links: list[str] = []
        for name in os.listdir("/proc/self/fd"):
            try:
                links.append(os.readlink(f"/proc/self/fd/{name}"))
            except FileNotFoundError:
                # The one that listed the folder.
                continue
        return sorted(link for link in links if "eventfd" in link)

    trio.run(count, client)
    before = descriptors()
    for _ in range(10):
        trio.run(count, client)
    assert len(descriptors()) <= len(before)


def test_trio_as_a_guest_of_asyncio(server: MockServer) -> None:
    """Both run on one thread here, so the running task decides, not the loop that happens to be there."""
    base_url = server.script({"exchanges": [{**WHOLE, "repeat": True}]})
    client = server.async_client(base_url)

    async def guest() -> int:
        return await count(client)

    async def host() -> tuple[int, int]:
        loop = asyncio.get_running_loop()
        done = loop.create_future()
        trio.lowlevel.start_guest_run(
            guest, run_sync_soon_threadsafe=loop.call_soon_threadsafe, done_callback=done.set_result
        )
        mine = await count(client)
        return mine, (await done).unwrap()

    assert asyncio.run(host()) == (2, 2)


@backends
def test_the_server_is_told_which_library_runs(server: MockServer, library: ModuleType, backend: str) -> None:
    base_url = script(server)

    async def main() -> None:
        async with library.AsyncOpenAI(api_key="k", base_url=base_url) as client:
            await create(client)

    anyio.run(main, backend=backend)
    headers = {name.lower(): value for name, value in server.requests(base_url)[0]["headers"]}
    assert headers["x-stainless-async"] == f"async:{backend}"


@backends
def test_files_polling_and_raw_responses(server: MockServer, backend: str) -> None:
    """What uses a thread, a pause or several tasks does so in the way of the library that runs."""
    batch = {"id": "b", "status": "in_progress", "file_counts": {"in_progress": 1}}
    done = {"id": "b", "status": "completed", "file_counts": {"in_progress": 0}}
    exchanges = [*[{"json": {"id": "f"}}] * 3, {"json": batch}, {"json": batch}, {"json": done}, {"json": {"id": "x"}}]
    base_url = server.script({"exchanges": exchanges})

    async def main() -> None:
        client = server.async_client(base_url)
        files = [io.BytesIO(b"content") for _ in range(3)]
        found = await client.vector_stores.file_batches.upload_and_poll(
            "vs", files=files, max_concurrency=2, poll_interval_ms=1
        )
        assert found.status == "completed"
        raw = await client.models.with_raw_response.retrieve("m")
        assert raw.parse().id == "x"

    anyio.run(main, backend=backend)


@backends
def test_uploads_at_once_stop_at_the_first_failure(server: MockServer, backend: str) -> None:
    first = {"status": 400, "json": {"error": {"message": "no"}}, "delay_ms": 100}
    others = {"json": {"id": "f"}, "delay_ms": 60_000, "repeat": True}
    base_url = server.script({"exchanges": [first, others], "own_port": True})

    async def main() -> None:
        client = server.async_client(base_url, max_retries=0)
        upload = client.vector_stores.file_batches.upload_and_poll
        with anyio.fail_after(50), pytest.raises(tailrace.BadRequestError):
            await upload("vs", files=[io.BytesIO(b"a")] * 4, max_concurrency=4)

    anyio.run(main, backend=backend)
    deadline = time.monotonic() + 50
    while any(entry["client_closed_ms"] is None for entry in server.requests(base_url)[1:]):
        assert time.monotonic() < deadline
        time.sleep(0.01)


@backends
def test_a_caller_s_own_http_client(server: MockServer, backend: str) -> None:
    httpx2 = pytest.importorskip("httpx2", reason="httpx2 is not installed here")
    base_url = server.script({"exchanges": [{**WHOLE, "repeat": True}]})

    async def main() -> None:
        async with httpx2.AsyncClient() as http_client:
            client = server.async_client(base_url, http_client=http_client)
            assert await count(client) == 2

    anyio.run(main, backend=backend)


def test_waiting_costs_no_cpu(server: MockServer) -> None:
    exchange = {**STREAM, "chunks": [DATA, {"text": DATA, "delay_ms": 700}, DONE], "repeat": True}
    base_url = server.script({"exchanges": [exchange]})

    async def main() -> float:
        client = server.async_client(base_url)
        streams = [await create(client, stream=True) for _ in range(10)]
        for stream in streams:
            await stream.__anext__()
        began = time.thread_time()
        async with trio.open_nursery() as nursery:
            for stream in streams:
                nursery.start_soon(stream.__anext__)
        return time.thread_time() - began

    # Processor time of this thread: polling would take most of the 0.7 s.
    assert trio.run(main) < 0.4


def test_trio_is_not_imported_for_programs_that_do_not_use_it(server: MockServer) -> None:
    code = """
import asyncio, sys, tailrace
async def main():
    client = tailrace.AsyncOpenAI(api_key="k", base_url=sys.argv[1])
    async for _ in await client.chat.completions.create(model="m", messages=[], stream=True): pass
asyncio.run(main())
print([name for name in ("trio", "anyio", "sniffio") if name in sys.modules])
"""
    with spawn(code, script(server, WHOLE)) as process:
        assert process.communicate(timeout=100) == ("[]\n", "")
