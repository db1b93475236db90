"""Streams of responses that hold every type of event: `responses_events.py PACKAGE BASE_URL STREAMS`."""

from __future__ import annotations

import sys

from measure import Region, load


def main(package: str, base_url: str, streams: int) -> None:
    subject = load(package, base_url, "events")
    # The first stream builds what a package builds once for each type of event.
    subject.events()
    with Region() as region:
        counts = [subject.events() for _ in range(streams)]
    region.report(sum(events for events, _ in counts), sum(letters for _, letters in counts))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
