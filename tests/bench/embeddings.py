"""A large answer of vectors: `embeddings.py PACKAGE BASE_URL CALLS lists|array`.

With `array` tailrace hands out one numpy array, and the official package's lists are made into one.
"""

from __future__ import annotations

import base64
import json
import random
import struct
import sys
from typing import Any

from measure import Region, client, played

VECTORS, DIMENSIONS = 2048, 1536


def answer() -> str:
    source = random.Random(4)
    data: list[dict[str, Any]] = []
    for index in range(VECTORS):
        vector = struct.pack(f"<{DIMENSIONS}f", *(source.uniform(-1, 1) for _ in range(DIMENSIONS)))
        data.append({"object": "embedding", "index": index, "embedding": base64.b64encode(vector).decode()})
    return json.dumps({"object": "list", "data": data, "model": "mock", "usage": {"prompt_tokens": 1, "total_tokens": 1}})


def main(package: str, base_url: str, calls: int, form: str) -> None:
    openai = client(package, "OpenAI", played(base_url, answer(), "application/json"))
    texts = ["Count for me."] * VECTORS

    def lists() -> float:
        data = openai.embeddings.create(model="mock", input=texts).data
        return data[0].embedding[0] + data[-1].embedding[-1]

    def array() -> float:
        import numpy

        if package == "tailrace":
            vectors = openai.embeddings.create_array(model="mock", input=texts).array
        else:
            data = openai.embeddings.create(model="mock", input=texts).data
            vectors = numpy.array([item.embedding for item in data], dtype=numpy.float32)
        return float(vectors[0, 0]) + float(vectors[-1, -1])

    call = array if form == "array" else lists
    call()
    with Region() as region:
        total = sum(call() for _ in range(calls))
    region.report(calls, round(total * 1e6))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4])
