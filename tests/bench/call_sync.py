"""One call after another, not streamed: `call_sync.py PACKAGE BASE_URL CALLS`."""

from __future__ import annotations

import sys

from measure import MESSAGES, MODEL, Region, client

WARM_UP = 50


def main(package: str, base_url: str, calls: int) -> None:
    openai = client(package, "OpenAI", base_url)

    def call() -> int:
        completion = openai.chat.completions.create(model=MODEL, messages=MESSAGES)
        return len(completion.choices[0].message.content)

    for _ in range(WARM_UP):
        call()
    with Region() as region:
        letters = sum(call() for _ in range(calls))
    region.report(calls, letters)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
