"""Bodies that are small on the wire: a client with a cap reads them up to it, in each coding, whole and as a stream."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import httpx2
import pytest
from compared import KINDS

import tailrace
from tailrace.testing import MockServer

#: JSON with a mebibyte of spaces, and a stream with as large a comment behind its first event.
BOMBS = json.loads((Path(__file__).parent / "bombs.json").read_text())


def read(server: MockServer, kind: str, coding: str, form: str, most: int | None) -> Any:
    """Return what a call gives, a stream as a list that ends with what it raised."""
    exchange = {"base64": BOMBS[coding][form], "headers": {"content-encoding": coding}}
    exchange["headers"]["content-type"] = "application/json" if form == "whole" else "text/event-stream"
    base_url = server.script({"exchanges": [exchange], "own_port": True})
    names = ("DefaultHttpxClient", "Stream") if kind == "OpenAI" else ("DefaultAsyncHttpxClient", "AsyncStream")
    make, stream_cls = (getattr(tailrace, name) for name in names)
    client = getattr(tailrace, kind)(api_key="k", base_url=base_url, http_client=make(max_decoded_bytes=most))
    options: Any = {"cast_to": object}
    if form == "stream":
        options.update(stream=True, stream_cls=stream_cls[object])
    items: list[Any] = []

    def blocking() -> None:
        answer = client.post("/x", **options)
        items.extend([answer] if form == "whole" else ())
        for item in answer if form == "stream" else ():
            items.append(item)

    async def looping() -> None:
        answer = await client.post("/x", **options)
        if form == "whole":
            items.append(answer)
            return
        async for item in answer:
            items.append(item)

    try:
        blocking() if kind == "OpenAI" else asyncio.run(looping())
    except tailrace.APIError as error:
        items.append(error)
    # What grew too large is not asked for again.
    assert len(server.requests(base_url)) == 1
    return items


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("coding", ["gzip", "br", "zstd"])
@pytest.mark.parametrize("form", ["whole", "stream"])
def test_a_body_grows_to_the_cap_and_no_further(server: MockServer, kind: str, coding: str, form: str) -> None:
    size = BOMBS[f"{form}_bytes"]
    for most in (None, size, 2**70):
        assert read(server, kind, coding, form, most) == [{"n": 1}]
    for most in (size - 1, 100_000):
        *items, error = read(server, kind, coding, form, most)
        assert items == ([] if form == "whole" else [{"n": 1}])
        assert isinstance(error, tailrace.APIError)
        assert f"{most}" in f"{error} {error.__cause__}".replace(",", "")


def test_a_number_of_bytes_that_is_none_is_refused() -> None:
    for most in (-1, 1.5, "1", True):
        with pytest.raises(ValueError, match="`max_decoded_bytes` must be a number of bytes"):
            tailrace.DefaultHttpxClient(max_decoded_bytes=most)


def test_a_client_of_httpx2_has_no_cap() -> None:
    with pytest.raises(TypeError, match="`max_decoded_bytes` limits bodies of the Rust transport"):
        tailrace.DefaultHttpxClient(max_decoded_bytes=1, event_hooks={"request": [print]})
    given = {"max_decoded_bytes": None, "event_hooks": {"request": [print]}}
    with tailrace.DefaultHttpxClient(**given) as client:
        assert isinstance(client.relayed, httpx2.Client)
