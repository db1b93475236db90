"""Steady, the mock server of the official suite, as a process."""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

#: How the official package writes lists and objects; the options that its own script `scripts/mock` gives.
FORMATS = [f"--validator-{place}-{kind}-format=brackets" for place in ("query", "form") for kind in ("array", "object")]

#: What Steady does with a request that the API description does not allow.
MODES = {"reject": "--reject-on-sdk-error=true", "lenient": "--reject-on-sdk-error=false"}

#: Seconds; it needs less than one to read the description on an idle machine.
START_LIMIT = 120


def command(program: str) -> list[str]:
    """How the program is started: npm installs it as a script of Node."""
    return [*([shutil.which("node") or "node"] if program.endswith(".js") else []), program]


@contextlib.contextmanager
def running(program: list[str], description: Path, mode: str, log: Path) -> Iterator[str]:
    """Start it on a free port and wait until it is healthy. Yields its base URL; it ends with the block."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = [*program, "--host", "127.0.0.1", "--port", str(port), "--quiet", *FORMATS, MODES[mode], str(description)]
    with log.open("wb") as printed, subprocess.Popen(words, stdout=printed, stderr=subprocess.STDOUT) as process:
        try:
            url = f"http://127.0.0.1:{port}"
            wait_until_healthy(process, url, log)
            yield url
        finally:
            process.terminate()


def wait_until_healthy(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    """Ask until it answers. Exits with what it printed when it ended, or when the limit has passed."""
    deadline = time.monotonic() + START_LIMIT
    while time.monotonic() < deadline and process.poll() is None:
        # Until its socket listens, asking fails; that is what is waited for.
        with contextlib.suppress(OSError), urllib.request.urlopen(f"{url}/_x-steady/health", timeout=5):
            return
        time.sleep(0.05)
    why = "ended" if process.poll() is not None else f"was not healthy within {START_LIMIT} s"
    raise SystemExit(f"Steady {why}; it printed:\n{log.read_text(errors='replace')}")
