"""Many idle realtime connections: `memory_realtime.py PACKAGE BASE_URL SOCKETS`."""

from __future__ import annotations

import asyncio
import os
import sys

from measure import audio_script, load, report, resident_bytes


async def main(package: str, base_url: str, sockets: int) -> None:
    subject = load(package, base_url, "dial_async")
    subject.goes_to(audio_script(base_url, 20, 0))
    # The first connection loads what is loaded lazily, so that only the others are counted.
    opened = [await subject.dial_async()]
    before = resident_bytes()
    while len(opened) < sockets:
        opened += await asyncio.gather(*(subject.dial_async() for _ in range(50)))
    after = resident_bytes()
    report(bytes_each=(after - before) / (len(opened) - 1), peak_bytes=after, units=len(opened), check=len(opened))
    # Closing them is no part of this.
    os._exit(0)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
