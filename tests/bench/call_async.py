"""Calls of one async client, so many in flight at a time: `call_async.py PACKAGE BASE_URL CALLS IN_FLIGHT`."""

from __future__ import annotations

import asyncio
import sys

from measure import MESSAGES, MODEL, Region, client

WARM_UP = 5


async def main(package: str, base_url: str, calls: int, in_flight: int) -> None:
    openai = client(package, "AsyncOpenAI", base_url)

    async def worker(count: int) -> int:
        letters = 0
        for _ in range(count):
            completion = await openai.chat.completions.create(model=MODEL, messages=MESSAGES)
            letters += len(completion.choices[0].message.content)
        return letters

    async def workers(count: int) -> int:
        return sum(await asyncio.gather(*(worker(count) for _ in range(in_flight))))

    await workers(WARM_UP)
    with Region() as region:
        letters = await workers(calls // in_flight)
    region.report(calls // in_flight * in_flight, letters)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])))
