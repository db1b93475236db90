"""One call after another, not streamed: `call_sync.py PACKAGE BASE_URL CALLS`."""

from __future__ import annotations

import sys

from measure import Region, load

WARM_UP = 50


def main(package: str, base_url: str, calls: int) -> None:
    subject = load(package, base_url, "call")
    for _ in range(WARM_UP):
        subject.call()
    with Region() as region:
        letters = sum(subject.call() for _ in range(calls))
    region.report(calls, letters)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
