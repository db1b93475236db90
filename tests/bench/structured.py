"""A structured answer through the stream helper: `structured.py PACKAGE BASE_URL BYTES READS`.

The answer is a JSON text of about BYTES in deltas of 4 bytes. READS is `events`, which goes over the events and takes
the parsed answer at the end, or `all`, which also reads the snapshot and the parsed value of each event.
"""

from __future__ import annotations

import json
import sys
import urllib.request

from measure import Region, load

DELTA = 4
# The rest of a chunk, as the API sends it.
HEAD = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "mock"}


def answer(size: int) -> str:
    """Return a plan of about `size` bytes, as JSON."""
    steps = [{"number": number, "text": f"Step {number}: do this, then that."} for number in range(size // 53)]
    return json.dumps({"steps": steps, "final": "done"})


def chunk(delta: dict[str, str], finish: str | None = None) -> dict[str, object]:
    return {"data": {**HEAD, "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}}


def serve(base_url: str, text: str) -> str:
    """Let the mock server send `text` in deltas; return the address of that."""
    deltas = [chunk({"content": text[at : at + DELTA]}) for at in range(0, len(text), DELTA)]
    events = [chunk({"role": "assistant", "content": ""}), *deltas, chunk({}, "stop"), {"data": "[DONE]"}]
    script = json.dumps({"exchanges": [{"sse": events, "repeat": True}], "remember": 1}).encode()
    request = urllib.request.Request(f"{base_url.removesuffix('/v1')}/__mock/scripts", data=script)
    with urllib.request.urlopen(request) as reply:
        return json.load(reply)["base_url"]


def main(package: str, base_url: str, size: int, reads: str) -> None:
    warm, text = answer(200), answer(size)
    load(package, serve(base_url, warm), "structured").structured(reads)
    subject = load(package, serve(base_url, text), "structured")
    with Region() as region:
        deltas, steps = subject.structured(reads)
    if steps != len(json.loads(text)["steps"]):
        raise SystemExit(f"{package} gave {steps} steps")
    region.report(deltas, steps)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4])
