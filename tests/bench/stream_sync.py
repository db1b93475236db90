"""One sync stream after another: `stream_sync.py PACKAGE BASE_URL STREAMS`."""

from __future__ import annotations

import sys

from measure import WARM_UP_CHUNKS, Region, load


def main(package: str, base_url: str, streams: int) -> None:
    subject = load(package, base_url, "stream")
    subject.stream(max_completion_tokens=WARM_UP_CHUNKS)
    with Region() as region:
        counts = [subject.stream() for _ in range(streams)]
    region.report(sum(chunks for chunks, _ in counts), sum(letters for _, letters in counts))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
