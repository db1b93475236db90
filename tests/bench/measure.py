"""What every Python benchmark shares: the package under test, and one line of JSON for each measurement."""

from __future__ import annotations

import base64
import importlib
import json
import random
import sys
import time
import urllib.request
from typing import Any

MESSAGES = [{"role": "user", "content": "Count for me."}]
MODEL = "mock"
QUESTION = "Count for me."
WARM_UP_CHUNKS = 20
STAMP_DIGITS = 19
"""The first letters of a stamped text are the time of its write: nanoseconds of the monotonic clock."""

# The argument of the programs: the module below `subjects` that knows the package.
SUBJECTS = {
    "openai": "official",
    "tailrace": "official",
    "openai+aiohttp": "official",
    "openai+pyreqwest": "official",
    "openai-oxide": "oxide",
    "liter-llm": "liter",
}


def load(package: str, base_url: str, ability: str) -> Any:
    """Return the package's `Subject`; end the program with the reason where the package cannot do this work."""
    subject = importlib.import_module(f"subjects.{SUBJECTS[package]}").Subject(package, base_url)
    if reason := subject.cannot.get(ability):
        print(json.dumps({"cannot": reason}), flush=True)
        raise SystemExit(0)
    return subject


def audio_script(base_url: str, events: int, pause_ms: int) -> str:
    """Have the mock server send deltas of audio, 4 kB of base64 each, to each socket that says something; return where.

    No event is like the one before it, as in a session.
    """
    draws, different = random.Random(7), 20
    steps: list[Any] = []
    for _ in range(different):
        audio = base64.b64encode(draws.randbytes(3072)).decode()
        ids = {"event_id": f"event_{draws.randbytes(12).hex()}", "response_id": "resp_1", "item_id": "item_1"}
        event = {"type": "response.output_audio.delta", **ids, "output_index": 0, "content_index": 0, "delta": audio}
        steps.append({"text": json.dumps(event)})
        if pause_ms:
            steps.append({"delay_ms": pause_ms})
    steps = [{"expect": 1}, {"repeat": {"times": events // different, "steps": steps}}]
    script = {"exchanges": [{"websocket": steps, "repeat": True}], "remember": 1}
    url = base_url.removesuffix("/v1") + "/__mock/scripts"
    with urllib.request.urlopen(urllib.request.Request(url, json.dumps(script).encode())) as answer:
        return json.load(answer)["base_url"]


class Region:
    """The CPU (user and system, native threads included) and the wall time of a `with` block."""

    def __enter__(self) -> Region:
        self._wall = time.perf_counter()
        self._cpu = time.process_time()
        return self

    def __exit__(self, *_: object) -> None:
        self.cpu = time.process_time() - self._cpu
        self.wall = time.perf_counter() - self._wall

    def report(self, units: int, check: int, **more: float | str) -> None:
        """Print the figures. `check` must be the same for every package, which shows that all did the same work."""
        cpu, wall = self.cpu * 1e6 / units, self.wall * 1e6 / units
        report(cpu_us=cpu, wall_us=wall, units=units, check=check, peak_bytes=memory("VmHWM"), **more)


def report(**figures: float | str) -> None:
    """Print one line of JSON, which `cargo xtask bench` reads."""
    print(json.dumps(figures), flush=True)


def resident_bytes() -> int:
    """Return the resident memory of this process, in bytes."""
    return memory("VmRSS")


def memory(name: str) -> int:
    """Return a figure of `/proc/self/status`, in bytes; 0 where there is none, which is everywhere but on Linux."""
    if sys.platform != "linux":
        return 0
    with open("/proc/self/status", encoding="ascii") as status:
        line = next(line for line in status if line.startswith(f"{name}:"))
    return int(line.split()[1]) * 1024


def percentile_99(delays: list[int]) -> float:
    """Return the delay, in microseconds, that 99 of 100 stay below; `delays` are nanoseconds."""
    return sorted(delays)[len(delays) * 99 // 100] / 1e3
