"""What a chunk of a stream costs, counted: the numbers of `tests/bench/counts.json` under `python`.

Counts do not depend on the machine or its load. `allocations` are the blocks of memory that a chunk keeps, and `bytes`
their sizes, the most that can have been copied out of the stream. `crossings` are the Python functions that run and the
functions written in C that Python calls from one chunk to the next, besides the step of the loop itself: all of them
belong to the event loop, which gets a turn after every so many chunks.
"""

from __future__ import annotations

import asyncio
import gc
import json
import sys
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import tailrace
from tailrace.testing import MockServer

COUNTS: dict[str, Any] = json.loads((Path(__file__).parents[1] / "bench/counts.json").read_text(encoding="utf-8"))[
    "python"
]

#: The counts of one interpreter; the layout of objects differs between versions.
COUNTED_ON = (3, 11)

CHUNKS = 400


def chunk(number: int) -> dict[str, Any]:
    """Return an event of a chat completion, with a text that no other has."""
    choice = {"index": 0, "delta": {"content": f"word {number}"}, "logprobs": None, "finish_reason": None}
    return {
        "id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "mock", "choices": [choice],
    }  # fmt: skip


def event(number: int) -> dict[str, Any]:
    """Return an event of a response, with a text that no other has."""
    return {
        "type": "response.output_text.delta", "sequence_number": number, "item_id": "msg_1", "output_index": 0,
        "content_index": 0, "delta": f"word {number}", "logprobs": [],
    }  # fmt: skip


KINDS: dict[str, tuple[Callable[[int], dict[str, Any]], Callable[[Any], Any]]] = {
    "chat": (chunk, lambda client: client.chat.completions.create(model="m", messages=[], stream=True)),
    "responses": (event, lambda client: client.responses.create(model="m", input="", stream=True)),
}


@pytest.fixture
def base_url(server: MockServer, kind: str) -> str:
    make, _ = KINDS[kind]
    # One write, so that no chunk waits for another.
    text = "".join(f"data: {json.dumps(make(number))}\n\n" for number in range(CHUNKS)) + "data: [DONE]\n\n"
    exchange = {"text": text, "headers": {"content-type": "text/event-stream"}, "repeat": True}
    return server.script({"exchanges": [exchange]})


def kept(kind: str, base_url: str) -> tuple[float, float]:
    """Return the blocks and the bytes that a chunk keeps."""
    _, call = KINDS[kind]

    def read() -> tuple[int, int]:
        found: list[Any] = [None] * CHUNKS
        stream = iter(call(client))
        # What belongs to the stream is there with its first chunk.
        found[0] = next(stream)
        gc.collect()
        blocks, (size, _) = sys.getallocatedblocks(), tracemalloc.get_traced_memory()
        for place, item in enumerate(stream, 1):
            found[place] = item
        return sys.getallocatedblocks() - blocks, tracemalloc.get_traced_memory()[0] - size

    with tailrace.OpenAI(api_key="k", base_url=base_url) as client:
        read()
        tracemalloc.start()
        try:
            counts = read()
        finally:
            tracemalloc.stop()
    return counts[0] / (CHUNKS - 1), counts[1] / (CHUNKS - 1)


def crossings(kind: str, base_url: str, flavour: str) -> float:
    """Return how often Python calls, or is called, for a chunk, beyond the step of the loop."""
    _, call = KINDS[kind]
    calls = 0
    # The thread pays for the profile function itself by none of these.
    counted = ("call", "c_call")

    def profile(frame: Any, what: str, argument: Any) -> None:
        nonlocal calls
        calls += what in counted

    def read() -> int:
        with tailrace.OpenAI(api_key="k", base_url=base_url) as client:
            stream = iter(call(client))
            next(stream)
            sys.setprofile(profile)
            try:
                return sum(1 for _ in stream)
            finally:
                sys.setprofile(None)

    async def read_async() -> int:
        seen = 0
        async with tailrace.AsyncOpenAI(api_key="k", base_url=base_url) as client:
            stream = await call(client)
            async for _ in stream:
                seen += 1
                if seen == 1:
                    # While another stream is read to its end, all events of this one come, so that no wait is counted.
                    async for _ in await call(client):
                        pass
                    sys.setprofile(profile)
            sys.setprofile(None)
        return seen - 1

    seen = read() if flavour == "sync" else asyncio.run(read_async())
    assert seen == CHUNKS - 1
    # `sum` resumes its generator once for each.
    return (calls - (CHUNKS if flavour == "sync" else 0)) / seen


def compare(row: str, **found: float) -> None:
    committed: dict[str, Any] = COUNTS[row]
    for name, count in found.items():
        number, off = committed[name]
        # Less is an improvement that has to be written down, or it is lost without anyone noticing.
        assert abs(count - number) <= off, (
            f"{row}: {name} of a {committed['unit']} are {count:.3f} where tests/bench/counts.json has {number}; "
            "find out why, or write the new count there"
        )


@pytest.mark.skipif(sys.version_info[:2] != COUNTED_ON, reason="objects have other sizes on other versions of Python")
@pytest.mark.parametrize("kind", KINDS)
def test_what_a_chunk_keeps(kind: str, base_url: str) -> None:
    blocks, size = kept(kind, base_url)
    compare(f"{kind} stream", allocations=blocks, bytes=size)


@pytest.mark.parametrize("flavour", ["sync", "async"])
@pytest.mark.parametrize("kind", KINDS)
def test_what_python_does_between_two_chunks(kind: str, flavour: str, base_url: str) -> None:
    compare(f"{kind} stream, {flavour}", crossings=crossings(kind, base_url, flavour))
