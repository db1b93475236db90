"""What every Python benchmark shares: the client under test, and one line of JSON for each measurement."""

from __future__ import annotations

import importlib
import json
import time
from typing import Any

MESSAGES = [{"role": "user", "content": "Count for me."}]
MODEL = "mock"


def client(package: str, name: str, base_url: str) -> Any:
    """Return the client class `name` of `package` ("openai" or "tailrace"), connected to the mock server."""
    return getattr(importlib.import_module(package), name)(api_key="bench", base_url=base_url)


def played(base_url: str, body: str, content_type: str) -> str:
    """Return the base URL below which the mock server answers every request with `body`."""
    import urllib.request

    exchange = {"text": body, "headers": {"content-type": content_type}, "repeat": True}
    request = urllib.request.Request(
        f"{base_url.removesuffix('/v1')}/__mock/scripts",
        json.dumps({"exchanges": [exchange]}).encode(),
        {"content-type": "application/json"},
    )
    with urllib.request.urlopen(request) as answer:
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

    def report(self, units: int, check: int) -> None:
        """Print the figures. `check` must be the same for every package, which shows that all did the same work."""
        report(cpu_us=self.cpu * 1e6 / units, wall_us=self.wall * 1e6 / units, units=units, check=check)


def report(**figures: float) -> None:
    """Print one line of JSON, which `cargo xtask bench` reads."""
    print(json.dumps(figures), flush=True)


def resident_bytes() -> int:
    """Return the resident memory of this process, in bytes (Linux only: `/proc` has no portable twin)."""
    with open("/proc/self/status", encoding="ascii") as status:
        line = next(line for line in status if line.startswith("VmRSS:"))
    return int(line.split()[1]) * 1024
