"""What the tests of `test_lifecycle_*` share: servers that never end, a pool of one connection, when it was closed."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import tailrace
from tailrace import _native
from tailrace.testing import MockServer

DATA = (
    'data: {"id":"c1","object":"chat.completion.chunk","created":1,"model":"m",'
    '"choices":[{"index":0,"delta":{"content":"x"}}]}\n\n'
)
DONE = "data: [DONE]\n\n"
COMPLETION = {"id": "x", "object": "chat.completion", "created": 1, "model": "m", "choices": []}

#: Milliseconds in which the server must see that a caller gave up. A busy machine gets most of them; the server itself
#: would not have sent anything, or ended anything, for a minute.
AT_ONCE_MS = 30_000

#: What a caller gives up: a call that gets no answer, a stream that says nothing more, and one that never pauses.
SILENT_CALL = {"json": {}, "delay_ms": 60_000}
STREAM = {"headers": {"content-type": "text/event-stream"}}
STALLED = {**STREAM, "chunks": [DATA, {"text": DATA, "delay_ms": 60_000}]}
FLOWING = {**STREAM, "chunks": [DATA, {"text": DATA * 400, "times": 5_000}]}
WHOLE = {**STREAM, "chunks": [DATA, DATA, DONE]}
GIVEN_UP = {"call": SILENT_CALL, "stalled": STALLED, "flowing": FLOWING}


def script(server: MockServer, *exchanges: dict[str, Any]) -> str:
    """Play these, and a whole answer to every later request, on a port that nobody else uses."""
    return server.script({"exchanges": [*exchanges, {"json": COMPLETION, "repeat": True}], "own_port": True})


def narrow(client: Any) -> Any:
    """Give a client a pool of one connection, so that a place which is not given back stops the next call."""
    client._connection.native = _native.Client(max_connections=1)
    return client


def closed_after_ms(server: MockServer, base_url: str) -> float | None:
    """Milliseconds on the server's clock between its last sign of the first exchange and the client's closing."""
    request = server.requests(base_url)[0]
    closed = request["client_closed_ms"]
    if closed is None:
        return None
    return closed - max(request["at_ms"], request["last_write_ms"] or 0)


def wait_closed(server: MockServer, base_url: str) -> float:
    """Wait until the server sees that its first connection was closed; returns the seconds that it took from now."""
    began = time.monotonic()
    while closed_after_ms(server, base_url) is None:
        assert time.monotonic() - began < 60, "the server never saw the connection being closed"
        time.sleep(0.002)
    return time.monotonic() - began


def spawn(code: str, *arguments: str, **options: Any) -> subprocess.Popen[str]:
    """Run a program with this package in a process of its own; warnings are errors there."""
    package = str(Path(tailrace.__file__).parents[1])
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([package, *filter(None, sys.path)])}
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-c", code, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
        **options,
    )
