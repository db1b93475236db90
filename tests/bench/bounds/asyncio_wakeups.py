"""What asyncio alone costs for paced streams: `asyncio_wakeups.py STREAMS BURST`.

Each of STREAMS tasks waits for a future; another thread makes BURST of them ready at a time, 50 times a second each,
and rings once by a descriptor, as tailrace does. No byte is read and no object is built, so that no client that hands
chunks to tasks as they come can cost less. Prints the CPU of the loop's thread for each wake-up. Linux only (eventfd).
"""

from __future__ import annotations

import asyncio
import os
import sys
import threading
import time

PAUSE = 0.02
WAKE_UPS = 250


async def main(streams: int, burst: int) -> None:
    loop = asyncio.get_running_loop()
    bell = os.eventfd(0, os.EFD_NONBLOCK)
    waiting: dict[int, asyncio.Future[None]] = {}
    ready: list[int] = []

    def drain() -> None:
        os.eventfd_read(bell)
        numbers, ready[:] = ready[:], []
        for number in numbers:
            waiting.pop(number).set_result(None)

    async def stream(number: int) -> None:
        for _ in range(WAKE_UPS):
            future = waiting[number] = loop.create_future()
            await future

    def feed() -> None:
        due = time.perf_counter()
        for _ in range(WAKE_UPS):
            for first in range(0, streams, burst):
                ready.extend(range(first, min(streams, first + burst)))
                os.eventfd_write(bell, 1)
                due += PAUSE * burst / streams
                time.sleep(max(0.0, due - time.perf_counter()))

    loop.add_reader(bell, drain)
    tasks = [asyncio.create_task(stream(number)) for number in range(streams)]
    await asyncio.sleep(0.1)
    began = time.thread_time()
    feeder = threading.Thread(target=feed)
    feeder.start()
    await asyncio.gather(*tasks)
    each = (time.thread_time() - began) / (streams * WAKE_UPS)
    feeder.join()
    print(f"{streams} streams, {burst} at a time: {each * 1e6:.1f} us a wake-up")


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2])))
