"""Async streams, so many at once, so many one after another: `stream_async.py PACKAGE BASE_URL AT_ONCE EACH LOOP`.

`LOOP` is asyncio or uvloop.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Coroutine
from typing import Any

from measure import WARM_UP_CHUNKS, Region, load


async def main(package: str, base_url: str, at_once: int, each: int) -> None:
    subject = load(package, base_url, "stream_async")

    async def consume() -> list[tuple[int, int]]:
        return [await subject.stream_async() for _ in range(each)]

    # The same number of streams, so that the connections are open when the clock starts.
    await asyncio.gather(*(subject.stream_async(max_completion_tokens=WARM_UP_CHUNKS) for _ in range(at_once)))
    with Region() as region:
        consumed = await asyncio.gather(*(consume() for _ in range(at_once)))
    counts = [count for counts in consumed for count in counts]
    note = {"note": subject.note} if subject.note else {}
    region.report(sum(chunks for chunks, _ in counts), sum(letters for _, letters in counts), **note)


def run(work: Coroutine[Any, Any, None], loop: str) -> None:
    if loop == "uvloop":
        import uvloop

        uvloop.run(work)
    else:
        asyncio.run(work)


if __name__ == "__main__":
    run(main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])), sys.argv[5])
