"""Audio deltas of a realtime session over WebSockets: `realtime.py PACKAGE BASE_URL SOCKETS EVENTS PAUSE_MS LOOP`.

LOOP is `sync` (a thread for each socket), `asyncio` or `uvloop`. The server sends each socket so many events, with a
pause between two of them.
"""

from __future__ import annotations

import asyncio
import sys
import threading
from typing import Any

from measure import WARM_UP_CHUNKS, Region, audio_script, load
from stream_async import run


def main_sync(package: str, base_url: str, sockets: int, events: int, pause_ms: int) -> None:
    subject = load(package, base_url, "listen")
    letters = [0] * sockets

    def listen(number: int, connection: Any, count: int) -> None:
        letters[number] = subject.listen(connection, count)

    def all_of(count: int, pause_ms: int, region: Any) -> None:
        subject.goes_to(audio_script(base_url, count, pause_ms))
        opened = [subject.dial() for _ in range(sockets)]
        threads = [threading.Thread(target=listen, args=(*each, count)) for each in enumerate(opened)]
        with region:
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        for connection in opened:
            connection.close()

    all_of(WARM_UP_CHUNKS, 0, Region())
    region = Region()
    all_of(events, pause_ms, region)
    region.report(events * sockets, sum(letters))


async def main(package: str, base_url: str, sockets: int, events: int, pause_ms: int) -> None:
    subject = load(package, base_url, "listen_async")

    async def all_of(count: int, pause_ms: int, region: Any) -> int:
        subject.goes_to(audio_script(base_url, count, pause_ms))
        opened = await asyncio.gather(*(subject.dial_async() for _ in range(sockets)))
        with region:
            letters = await asyncio.gather(*(subject.listen_async(each, count) for each in opened))
        await asyncio.gather(*(each.close() for each in opened))
        return sum(letters)

    await all_of(WARM_UP_CHUNKS, 0, Region())
    region = Region()
    letters = await all_of(events, pause_ms, region)
    region.report(events * sockets, letters)


if __name__ == "__main__":
    package, base_url, sockets, events, pause_ms = *sys.argv[1:3], *map(int, sys.argv[3:6])
    if sys.argv[6] == "sync":
        main_sync(package, base_url, sockets, events, pause_ms)
    else:
        run(main(package, base_url, sockets, events, pause_ms), sys.argv[6])
