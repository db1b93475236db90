"""Every event of recorded responses streams: `responses_events.py PACKAGE BASE_URL STREAMS RECORDINGS`.

`RECORDINGS` is the folder of the recordings; each of its `responses-stream-*.json` is played that many times.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from measure import MODEL, Region, client, played


def main(package: str, base_url: str, streams: int, recordings: Path) -> None:
    found = sorted(recordings.glob("responses-stream-*.json"))
    bodies = [json.loads(path.read_text(encoding="utf-8"))["response"]["body"] for path in found]
    if not bodies:
        raise SystemExit(f"{recordings} holds no recording of a responses stream; name the folder that does.")
    # One long stream of all event types rather than several short ones: what is measured is the events.
    events = [part for body in bodies for part in body.split("\n\n") if part]
    text = "\n\n".join([*events, ""]) + "\n"
    openai = client(package, "OpenAI", played(base_url, text, "text/event-stream"))

    def consume() -> tuple[int, int]:
        count = letters = 0
        for event in openai.responses.create(model=MODEL, input="Count for me.", stream=True):
            count += 1
            letters += len(event.type)
        return count, letters

    consume()
    with Region() as region:
        counts = [consume() for _ in range(streams)]
    region.report(sum(count for count, _ in counts), sum(letters for _, letters in counts))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), Path(sys.argv[4]))
