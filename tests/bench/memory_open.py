"""Many open streams, each paused by its consumer after the first chunk: `memory_open.py PACKAGE BASE_URL STREAMS`."""

from __future__ import annotations

import asyncio
import os
import sys

from measure import load, report, resident_bytes


async def main(package: str, base_url: str, streams: int) -> None:
    subject = load(package, base_url, "open_async")
    # The first stream loads what is loaded lazily, so that only the streams are counted.
    first = await subject.open_async()
    before = resident_bytes()
    opened = [first, *await asyncio.gather(*(subject.open_async() for _ in range(streams - 1)))]
    after = resident_bytes()
    report(bytes_each=(after - before) / (streams - 1), peak_bytes=after, units=len(opened), check=len(opened))
    # Closing them is no part of this, and some packages cannot.
    os._exit(0)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
