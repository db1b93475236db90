"""Many open streams, each paused by its consumer after the first chunk: `memory_open.py PACKAGE BASE_URL STREAMS`."""

from __future__ import annotations

import asyncio
import sys
from typing import Any

from measure import MESSAGES, MODEL, client, report, resident_bytes


async def main(package: str, base_url: str, streams: int) -> None:
    openai = client(package, "AsyncOpenAI", base_url)
    # The first stream loads what is loaded lazily, so that only the streams are counted.
    first = await open_stream(openai)
    before = resident_bytes()
    opened = [first, *await asyncio.gather(*(open_stream(openai) for _ in range(streams - 1)))]
    after = resident_bytes()
    report(bytes_each=(after - before) / (streams - 1), resident_bytes=after, units=len(opened), check=len(opened))
    await asyncio.gather(*(stream.close() for stream in opened))
    await openai.close()


async def open_stream(openai: Any) -> Any:
    stream = await openai.chat.completions.create(model=MODEL, messages=MESSAGES, stream=True)
    await anext(aiter(stream))
    return stream


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
