"""Calls or streams over an HTTP client of the caller's: `own_client.py PACKAGE BASE_URL CLIENT WORK AT_ONCE EACH`.

`CLIENT` is a class of httpx2 or httpx, such as `httpx.AsyncClient`, and `WORK` is call or stream. Both packages get
a client that is made in the same way, so that what differs is what they do around it. With `rust:` before it, the
client is one of the official package for everybody, and in place of ours stands that package over a client with our
transport.
"""

from __future__ import annotations

import asyncio
import importlib
import sys
from typing import Any

from measure import WARM_UP_CHUNKS, Region, load

WARM_UP_CALLS = 30


def prepared(package: str, base_url: str, name: str) -> tuple[Any, bool]:
    """Return the subject with its client, and whether that is for asynchronous calls."""
    rest = name.removeprefix("rust:")
    library, _, kind = rest.partition(".")
    is_async = kind.startswith("Async")
    options: dict[str, Any] = {"timeout": 600, "follow_redirects": True}
    if name.startswith("rust:"):
        package, is_ours = "openai", package == "tailrace"
        if not is_ours:
            return load(package, base_url, "own_client"), is_async
        transports = importlib.import_module(f"tailrace.{library}")
        options["transport"] = transports.AsyncTransport() if is_async else transports.Transport()
    subject = load(package, base_url, "own_client")
    subject.takes(http_client=getattr(importlib.import_module(library), kind)(**options))
    return subject, is_async


def sync(subject: Any, work: str, each: int) -> tuple[int, int]:
    """Return units and letters of the calls, or of the streams."""
    if work == "call":
        return each, sum(subject.call() for _ in range(each))
    counts = [subject.stream() for _ in range(each)]
    return sum(chunks for chunks, _ in counts), sum(letters for _, letters in counts)


async def asynchronous(subject: Any, work: str, at_once: int, each: int) -> tuple[int, int]:
    """Do the same with so many at once."""

    async def worker() -> tuple[int, int]:
        if work == "call":
            return each, sum([await subject.call_async() for _ in range(each)])
        counts = [await subject.stream_async() for _ in range(each)]
        return sum(chunks for chunks, _ in counts), sum(letters for _, letters in counts)

    counts = await asyncio.gather(*(worker() for _ in range(at_once)))
    return sum(units for units, _ in counts), sum(letters for _, letters in counts)


async def main_async(subject: Any, work: str, at_once: int, each: int) -> None:
    if work == "call":
        await asynchronous(subject, work, at_once, -(-WARM_UP_CALLS // at_once))
    else:
        await asyncio.gather(*(subject.stream_async(max_completion_tokens=WARM_UP_CHUNKS) for _ in range(at_once)))
    with Region() as region:
        units, letters = await asynchronous(subject, work, at_once, each)
    region.report(units, letters)


def main(package: str, base_url: str, client: str, work: str, at_once: int, each: int) -> None:
    subject, is_async = prepared(package, base_url, client)
    if is_async:
        asyncio.run(main_async(subject, work, at_once, each))
        return
    if work == "call":
        sync(subject, work, WARM_UP_CALLS)
    else:
        subject.stream(max_completion_tokens=WARM_UP_CHUNKS)
    with Region() as region:
        units, letters = sync(subject, work, each)
    region.report(units, letters)


if __name__ == "__main__":
    main(*sys.argv[1:5], int(sys.argv[5]), int(sys.argv[6]))
