"""Calls of one async client, so many in flight at a time: `call_async.py PACKAGE BASE_URL IN_FLIGHT EACH`."""

from __future__ import annotations

import asyncio
import sys

from measure import Region, load

WARM_UP = 5


async def main(package: str, base_url: str, in_flight: int, each: int) -> None:
    subject = load(package, base_url, "call_async")

    async def worker(count: int) -> int:
        return sum([await subject.call_async() for _ in range(count)])

    async def workers(count: int) -> int:
        return sum(await asyncio.gather(*(worker(count) for _ in range(in_flight))))

    await workers(WARM_UP)
    with Region() as region:
        letters = await workers(each)
    region.report(in_flight * each, letters)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])))
