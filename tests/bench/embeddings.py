"""A large answer of vectors: `embeddings.py PACKAGE BASE_URL CALLS vectors|array`.

With `array` tailrace hands out one numpy array; the lists of the others stand beside it as they are.
"""

from __future__ import annotations

import sys

from measure import Region, load

TEXTS = [f"text {number}" for number in range(2048)]


def main(package: str, base_url: str, calls: int, form: str) -> None:
    ask = getattr(load(package, base_url, form), form)
    ask(TEXTS)
    check = 0
    with Region() as region:
        for _ in range(calls):
            numbers, first = ask(TEXTS)
            check += numbers + int(abs(first) * 1e6)
    region.report(calls, check)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4])
