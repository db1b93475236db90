"""One sync stream after another: `stream_sync.py PACKAGE BASE_URL STREAMS`."""

from __future__ import annotations

import sys

from measure import MESSAGES, MODEL, Region, client


def main(package: str, base_url: str, streams: int) -> None:
    openai = client(package, "OpenAI", base_url)

    def consume() -> tuple[int, int]:
        chunks = letters = 0
        for chunk in openai.chat.completions.create(model=MODEL, messages=MESSAGES, stream=True):
            chunks += 1
            letters += len(chunk.choices[0].delta.content or "")
        return chunks, letters

    consume()
    with Region() as region:
        counts = [consume() for _ in range(streams)]
    region.report(sum(chunks for chunks, _ in counts), sum(letters for _, letters in counts))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
