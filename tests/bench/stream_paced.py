"""Many async streams of a server that paces and stamps them: `stream_paced.py PACKAGE BASE_URL STREAMS LOOP`.

Beside the cost of a chunk it prints how long it took from the server's write to the consumer.
"""

from __future__ import annotations

import asyncio
import sys

from measure import STAMP_DIGITS, WARM_UP_CHUNKS, Region, load, percentile_99
from stream_async import run


async def main(package: str, base_url: str, streams: int) -> None:
    subject = load(package, base_url, "watch_async")
    await asyncio.gather(*(subject.watch_async([], max_completion_tokens=WARM_UP_CHUNKS) for _ in range(streams)))
    seen: list[tuple[int, str | None]] = []
    with Region() as region:
        chunks = sum(await asyncio.gather(*(subject.watch_async(seen) for _ in range(streams))))
    texts = [(at, text) for at, text in seen if text]
    delays = [at - int(text[:STAMP_DIGITS]) for at, text in texts]
    note = {"note": subject.note} if subject.note else {}
    region.report(chunks, sum(len(text) for _, text in texts), p99_us=percentile_99(delays), **note)


if __name__ == "__main__":
    run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])), sys.argv[4])
