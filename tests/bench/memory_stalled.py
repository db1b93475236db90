"""A consumer that stops reading a stream that goes on: `memory_stalled.py PACKAGE BASE_URL SECONDS`."""

from __future__ import annotations

import sys
import time

from measure import MESSAGES, MODEL, load, report, resident_bytes


def main(package: str, base_url: str, seconds: float) -> None:
    subject = load(package, base_url, "stream")
    chunks = iter(subject.sync.chat.completions.create(model=MODEL, messages=MESSAGES, stream=True))
    next(chunks)
    before = resident_bytes()
    time.sleep(seconds)
    grown = resident_bytes() - before
    # The rest arrives whole: what was not read was kept back by the socket, not dropped.
    letters = sum(len(chunk.choices[0].delta.content or "") for chunk in chunks)
    report(grown_bytes=max(grown, 0), units=1, check=letters)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], float(sys.argv[3]))
