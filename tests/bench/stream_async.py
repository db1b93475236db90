"""Many async streams at once: `stream_async.py PACKAGE BASE_URL STREAMS asyncio|uvloop`."""

from __future__ import annotations

import asyncio
import sys
from typing import Any

from measure import MESSAGES, MODEL, Region, client


async def consume(openai: Any) -> tuple[int, int]:
    chunks = letters = 0
    async for chunk in await openai.chat.completions.create(model=MODEL, messages=MESSAGES, stream=True):
        chunks += 1
        letters += len(chunk.choices[0].delta.content or "")
    return chunks, letters


async def main(package: str, base_url: str, streams: int) -> None:
    openai = client(package, "AsyncOpenAI", base_url)
    # The same number of streams, so that the connections are open when the clock starts.
    await asyncio.gather(*(consume(openai) for _ in range(streams)))
    with Region() as region:
        counts = await asyncio.gather(*(consume(openai) for _ in range(streams)))
    region.report(sum(chunks for chunks, _ in counts), sum(letters for _, letters in counts))


if __name__ == "__main__":
    work = main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
    if sys.argv[4] == "uvloop":
        import uvloop

        uvloop.run(work)
    else:
        asyncio.run(work)
