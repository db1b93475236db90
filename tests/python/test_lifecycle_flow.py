"""A slow consumer bounds memory, and a fast stream leaves the loop to others."""

from __future__ import annotations

import asyncio
import json
import os
from typing import Any

import pytest
from lifecycle import DATA, DONE, STREAM, spawn

from tailrace.testing import MockServer

#: Events that a stream may hand out before others get their turn.
MOST_BETWEEN_TURNS = 128

MEMORY = """
import asyncio, json, sys, time, tailrace

def resident_kb():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS:"))

base_url, kind, streams = sys.argv[1], sys.argv[2], int(sys.argv[3])
arguments = dict(model="m", messages=[], stream=True)

async def main():
    client = tailrace.AsyncOpenAI(api_key="k", base_url=base_url)
    opened = [await client.chat.completions.create(**arguments) for _ in range(streams)]
    for stream in opened:
        await stream.__anext__()
    before = resident_kb()
    most = before
    for turn in range(10):
        await asyncio.sleep(0.05)
        for stream in opened:
            await stream.__anext__()
        most = max(most, resident_kb())
    return most - before

def blocking():
    client = tailrace.OpenAI(api_key="k", base_url=base_url)
    opened = [client.chat.completions.create(**arguments) for _ in range(streams)]
    for stream in opened:
        next(stream)
    before = resident_kb()
    most = before
    for turn in range(10):
        time.sleep(0.05)
        for stream in opened:
            next(stream)
        most = max(most, resident_kb())
    return most - before

if kind == "trio":
    import trio
    import asyncio as _asyncio
    class _Sleeps:
        sleep = staticmethod(trio.sleep)
    asyncio = _Sleeps
    grown = trio.run(main)
else:
    grown = asyncio.run(main()) if kind == "asyncio" else blocking()
print(json.dumps(grown))
"""


@pytest.mark.skipif(not os.path.exists("/proc/self/status"), reason="this system has no /proc")
@pytest.mark.parametrize("kind", ["threads", "asyncio", "trio"])
def test_slow_consumers_bound_memory(server: MockServer, kind: str) -> None:
    """Twenty streams of 200 MB each, of which a consumer takes an event every 50 ms."""
    if kind == "trio":
        pytest.importorskip("trio", reason="trio is not installed here")
    streams = 20
    chunk = {"text": DATA.replace('"c1"', f'"{"x" * 65_536}"'), "times": 3_000}
    base_url = server.script({"exchanges": [{**STREAM, "chunks": [chunk], "repeat": True}], "own_port": True})
    with spawn(MEMORY, base_url, kind, str(streams)) as process:
        output, errors = process.communicate(timeout=100)
    assert errors == ""
    # 256 KiB and a burst of 64 KiB for each stream that is behind, what Python has taken of it, and the objects built.
    assert json.loads(output) < streams * 600


@pytest.mark.parametrize("runner", ["asyncio", "uvloop", "trio"])
@pytest.mark.parametrize("streams", [1, 8])
def test_a_fast_stream_leaves_the_loop_to_others(server: MockServer, runner: str, streams: int) -> None:
    events = 6_000
    base_url = server.script({"exchanges": [{**STREAM, "chunks": [{"text": DATA * events}, DONE], "repeat": True}]})
    client = server.async_client(base_url)
    counted = 0
    most = 0

    async def read() -> None:
        nonlocal counted
        async for _ in await client.chat.completions.create(model="m", messages=[], stream=True):
            counted += 1

    async def tick(pause: Any) -> None:
        nonlocal most
        while True:
            before = counted
            await pause(0)
            most = max(most, counted - before)

    async def on_asyncio() -> None:
        ticking = asyncio.create_task(tick(asyncio.sleep))
        await asyncio.gather(*(read() for _ in range(streams)))
        ticking.cancel()

    if runner == "trio":
        trio = pytest.importorskip("trio", reason="trio is not installed here")

        async def on_trio() -> None:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(tick, trio.sleep)
                async with trio.open_nursery() as reading:
                    for _ in range(streams):
                        reading.start_soon(read)
                nursery.cancel_scope.cancel()

        trio.run(on_trio)
    elif runner == "uvloop":
        pytest.importorskip("uvloop", reason="uvloop is not installed here").run(on_asyncio())
    else:
        asyncio.run(on_asyncio())
    assert counted == events * streams
    # Counted, not timed: whatever else the machine does, nobody waits for more than this many events of each stream.
    assert 0 < most <= MOST_BETWEEN_TURNS * streams
