"""Methods that return a file: `HttpxBinaryResponseContent` and its streamed form, beside the official package."""

from __future__ import annotations

import base64
import os
import tracemalloc
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from compared import KINDS, observed

import tailrace
from tailrace.testing import MockServer

CONTENT = "zwei\r\nZeilen é \u2028 und\nmehr".encode() + bytes([0xFF, 0x00])
REPLY = {
    "base64": base64.b64encode(CONTENT).decode(),
    "headers": {"content-type": "text/plain; charset=utf-8"},
    "repeat": True,
}
JSON = {"text": '{"a": [1, NaN]}', "headers": {"content-type": "application/octet-stream"}, "repeat": True}


def parts(content: Any) -> Any:
    return [
        type(content).__name__, content.content, content.text, content.encoding, content.charset_encoding,
        content.read(), list(content.iter_bytes()), list(content.iter_bytes(5)), list(content.iter_text()),
        list(content.iter_text(4)), list(content.iter_lines()),
        content.response.status_code, content.response.headers["content-type"],
    ]  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_has_its_bytes_text_and_pieces(server: MockServer, official: ModuleType, kind: str) -> None:
    def read(client: Any) -> Any:
        return parts(client.files.content("f"))

    async def read_async(client: Any) -> Any:
        content = await client.files.content("f")
        joined = [piece async for piece in await content.aiter_bytes(5)]
        texts = [piece async for piece in await content.aiter_text(4)]
        lines = [line async for line in await content.aiter_lines()]
        return [parts(content), await content.aread(), joined, texts, lines]

    action = read if kind == "OpenAI" else read_async
    found = [observed(server, library, kind, [REPLY], action) for library in (tailrace, official)]
    assert found[0][0][0] == "returned"
    assert found[0] == found[1]


def test_a_file_that_is_json_is_decoded(server: MockServer, library: ModuleType) -> None:
    outcome, _ = observed(server, library, "OpenAI", [JSON], lambda client: repr(client.files.content("f").json()))
    assert outcome[2] == "{'a': [1, nan]}"


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_is_written(server: MockServer, library: ModuleType, kind: str, tmp_path: Path) -> None:
    target = tmp_path / "out"

    async def write(client: Any) -> None:
        (await client.files.content("f")).write_to_file(target)

    action = write if kind == "AsyncOpenAI" else lambda client: client.files.content("f").write_to_file(target)
    assert observed(server, library, kind, [REPLY], action)[0][0] == "returned"
    assert target.read_bytes() == CONTENT


def test_the_old_ways_to_write_a_file_warn(server: MockServer, library: ModuleType, tmp_path: Path) -> None:
    def write(client: Any) -> None:
        with pytest.warns(DeprecationWarning, match="with_streaming_response"):
            client.files.content("f").stream_to_file(tmp_path / "a", chunk_size=3)

    async def write_async(client: Any) -> None:
        with pytest.warns(DeprecationWarning, match="with_streaming_response"):
            await (await client.files.content("f")).astream_to_file(tmp_path / "b", chunk_size=3)

    assert observed(server, library, "OpenAI", [REPLY], write)[0][0] == "returned"
    assert observed(server, library, "AsyncOpenAI", [REPLY], write_async)[0][0] == "returned"
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes() == CONTENT


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_goes_from_the_socket_to_the_disk(
    server: MockServer, library: ModuleType, kind: str, tmp_path: Path
) -> None:
    target = tmp_path / "out"

    def write(client: Any) -> str:
        with client.files.with_streaming_response.content("f") as response:
            response.stream_to_file(target, chunk_size=7)
            return type(response).__name__

    async def write_async(client: Any) -> str:
        async with client.files.with_streaming_response.content("f") as response:
            await response.stream_to_file(target, chunk_size=7)
            return type(response).__name__

    outcome, _ = observed(server, library, kind, [REPLY], write if kind == "OpenAI" else write_async)
    assert outcome[2].endswith("StreamedBinaryAPIResponse")
    assert target.read_bytes() == CONTENT


def test_a_large_file_is_never_whole_in_memory(server: MockServer, tmp_path: Path) -> None:
    size = 32 << 20
    exchange = {"chunks": [{"text": "x" * 65536, "times": size // 65536}]}
    base_url = server.script({"exchanges": [exchange]})
    client = server.client(base_url)
    tracemalloc.start()
    try:
        with client.files.with_streaming_response.content("f") as response:
            response.stream_to_file(tmp_path / "out")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert os.path.getsize(tmp_path / "out") == size
    assert peak < size / 8


def test_a_raw_response_of_a_file(server: MockServer, official: ModuleType) -> None:
    def read(client: Any) -> Any:
        raw = client.files.with_raw_response.content("f")
        return [type(raw).__name__, raw.content, parts(raw.parse())]

    found = [observed(server, library, "OpenAI", [REPLY], read) for library in (tailrace, official)]
    assert found[0][0][0] == "returned"
    assert found[0] == found[1]


def test_text_answers_are_strings(server: MockServer, library: ModuleType) -> None:
    def read(client: Any) -> Any:
        with pytest.warns(DeprecationWarning, match="content"):
            return client.files.retrieve_content("f")

    assert observed(server, library, "OpenAI", [REPLY], read)[0][2] == CONTENT.decode(errors="replace")


def test_answers_that_are_nothing_are_none(server: MockServer, library: ModuleType) -> None:
    reply = {"status": 200, "text": "ignored", "repeat": True}
    outcome, _ = observed(server, library, "OpenAI", [reply], lambda client: client.responses.delete("r"))
    assert outcome == ("returned", "NoneType", None)
