"""Streams of unusual size: each runs in a process of its own, whose memory is looked at in the end."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from tailrace.testing import MockServer

MIB = 1 << 20

#: Reads one stream, and says how long the texts in it are and by how many bytes the process has grown.
PROGRAM = """
import asyncio, json, resource, sys
import tailrace

def peak():
    # In KiB on Linux, in bytes on macOS.
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)

url, kind = sys.argv[1:]
ids = []

def note(chunk):
    ids.append(len(chunk.id) + len(getattr(chunk, "list", ())))

async def read():
    async with tailrace.AsyncOpenAI(api_key="k", base_url=url, max_retries=0) as client:
        async for chunk in await client.chat.completions.create(model="m", messages=[], stream=True):
            note(chunk)

client = tailrace.OpenAI(api_key="k", base_url=url, max_retries=0)
for chunk in client.chat.completions.create(model="m", messages=[], stream=True):
    note(chunk)
before, ids[:] = peak(), []
if kind == "async":
    asyncio.run(read())
else:
    for chunk in client.chat.completions.create(model="m", messages=[], stream=True):
        note(chunk)
print(json.dumps({"ids": ids, "grown": peak() - before}))
"""

SMALL = [{"chunks": ['data: {"id":"a"}\n\n', "data: [DONE]\n\n"]}]


def read(server: MockServer, exchange: dict[str, Any], kind: str = "sync") -> dict[str, Any]:
    url = server.script({"exchanges": [*SMALL, exchange]})
    done = subprocess.run([sys.executable, "-c", PROGRAM, url, kind], capture_output=True, text=True, timeout=100)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.skipif(sys.platform == "win32", reason="needs the module resource")
@pytest.mark.parametrize("kind", ["sync", "async"])
def test_an_event_of_64_mib_arrives_in_memory_for_a_few_of_it(server: MockServer, kind: str) -> None:
    pieces = [{"text": "x" * (MIB // 16), "times": 64 * 16}]
    found = read(server, {"chunks": ['data: {"id":"', *pieces, '"}\n\n', "data: [DONE]\n\n"]}, kind)
    assert found["ids"] == [64 * MIB]
    # The line, the memory that it grew in, and the text in Python.
    assert found["grown"] < 4 * 64 * MIB


@pytest.mark.skipif(sys.platform == "win32", reason="needs the module resource")
def test_comments_without_an_end_take_no_memory(server: MockServer) -> None:
    comments = {"text": f": {'-' * 8190}\n" * 8, "times": 1000}
    found = read(server, {"chunks": ['data: {"id":"a"}\n\n', comments, '\ndata: {"id":"bc"}\n\n']})
    assert found["ids"] == [1, 2]
    assert found["grown"] < 16 * MIB


@pytest.mark.skipif(sys.platform == "win32", reason="needs the module resource")
def test_ten_thousand_lines_of_data_are_one_event(server: MockServer) -> None:
    lines = {"text": "data: 1,\n", "times": 10_000}
    found = read(server, {"chunks": ['data: {"id":"a","list":[\n', lines, "data: 1]}\n\n"]})
    assert found["ids"] == [1 + 10_001]
    assert found["grown"] < 16 * MIB


@pytest.mark.skipif(sys.platform == "win32", reason="needs the module resource")
def test_each_byte_may_come_alone(server: MockServer) -> None:
    text = f'data: {{"id":"{"é" * 4000}"}}\r\n\r\n' * 3 + "data: [DONE]\n\n"
    assert read(server, {"text": text, "split": 1})["ids"] == [4000] * 3
