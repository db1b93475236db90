"""What the soak programs of Python share: scenarios, outcomes, what is in flight, samples.

`cargo xtask soak` starts them and judges what they print: a line of JSON for each sample, one at the end.
"""

from __future__ import annotations

import faulthandler
import gc
import json
import os
import random
import sys
import threading
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import tailrace

#: A request that takes longer hangs: a client waits 8 s, twice, with a pause between the attempts. Shorter limits would
#: pass on a machine that is busy, where nothing is wrong.
HANGS_AFTER_SECONDS = 40.0
TIMEOUT_SECONDS = 8.0
#: One to warm up, and what `judge.rs` draws a line through.
FEWEST_ROUNDS = 4
MESSAGES: Any = [{"role": "user", "content": "Count for me."}]


#: What a WebSocket is told, and what its server says in the place of `{delta}`.
EVENT: Any = {"type": "response.create"}
DELTA = {
    "type": "response.output_audio.delta", "event_id": "e", "response_id": "r", "item_id": "i", "output_index": 0,
    "content_index": 0, "delta": "AAAA" * 250,
}  # fmt: skip
#: Of connections that are made again; each has three.
RECONNECTED_EVENTS = 12


class Scenario:
    """One line of a file of scenarios, and where its server is."""

    def __init__(self, fields: dict[str, Any], mock: str, proxy: str) -> None:
        self.name: str = fields["name"]
        self.do: str = fields["do"]
        self.weight: int = fields["weight"]
        self.expect: list[str] = fields["expect"]
        self.events: int | None = fields.get("events")
        self.is_proxied = bool(fields.get("proxied"))
        self.close_ms: int | None = fields.get("close_ms")
        self.is_plausible = "server" not in fields
        origin = mock.removesuffix("/v1")
        url = mock
        if not self.is_plausible:
            # Nobody looks its requests up, and a server that kept them would grow.
            body = json.dumps({"remember": 10, **fields["server"]}).replace('"{delta}"', json.dumps(DELTA))
            with urllib.request.urlopen(urllib.request.Request(f"{origin}/__mock/scripts", body.encode())) as answer:
                url = json.load(answer)["base_url"]
        self.options: dict[str, Any] = {
            "base_url": url.replace(origin, proxy) if fields.get("proxied") else url,
            "max_retries": fields.get("max_retries", 1),
            "timeout": fields["timeout_ms"] / 1000 if "timeout_ms" in fields else TIMEOUT_SECONDS,
        }


class Traffic:
    """All requests of a run."""

    def __init__(self, mock: str, proxy: str, seed: int, file: str) -> None:
        fields = json.loads((Path(__file__).parent / file).read_text())
        self.scenarios = [Scenario(each, mock, proxy) for each in fields]
        self.outcomes: dict[str, Counter[str]] = {scenario.name: Counter() for scenario in self.scenarios}
        self.unexpected: list[str] = []
        self.started = self.ended = 0
        self.longest_ms = 0.0
        self.seed = seed
        self._lock = threading.Lock()
        self._in_flight: dict[int, tuple[str, float]] = {}
        self._began = time.monotonic()
        with tailrace.OpenAI(api_key="k", base_url=mock) as client:
            whole = client.chat.completions.create(model="mock", messages=MESSAGES, stream=True)
            #: What a whole stream says; one that ends without an exception must have said it all.
            self.text = "".join(chunk.choices[0].delta.content or "" for chunk in whole)
        threading.Thread(target=self._watch, name="watchdog", daemon=True).start()

    def pick(self, draws: random.Random) -> Scenario:
        """Return one of the scenarios, the heavier the more often."""
        return draws.choices(self.scenarios, [scenario.weight for scenario in self.scenarios])[0]

    def begin(self, scenario: Scenario) -> int:
        """Note that a request begins; returns its number."""
        with self._lock:
            self.started += 1
            self._in_flight[self.started] = (scenario.name, time.monotonic())
            return self.started

    def end(self, number: int, scenario: Scenario, outcome: str, events: int) -> None:
        """Note how a request ended, after so many events, and whether it should have."""
        wrong = outcome not in scenario.expect
        if not wrong and scenario.events is not None and events != scenario.events:
            wrong = True
            outcome = f"{outcome} after {events} events instead of {scenario.events}"
        with self._lock:
            _, began = self._in_flight.pop(number)
            self.ended += 1
            self.longest_ms = max(self.longest_ms, (time.monotonic() - began) * 1000)
            self.outcomes[scenario.name][outcome] += 1
            if wrong and len(self.unexpected) < 20:
                self.unexpected.append(f"{scenario.name}: {outcome}")

    def sample(self, tasks: int) -> None:
        """Print what this process holds while no request is in flight."""
        gc.collect()
        gc.collect()
        with open("/proc/self/status", encoding="ascii") as status:
            resident = next(int(line.split()[1]) for line in status if line.startswith("VmRSS:"))
        print_line(
            seconds=round(time.monotonic() - self._began, 1),
            resident_kb=resident,
            heap=sys.getallocatedblocks(),
            descriptors=len(os.listdir("/proc/self/fd")),
            threads=len(os.listdir("/proc/self/task")),
            tasks=tasks + len(self._in_flight),
        )

    def report(self) -> None:
        """Print the account of all requests."""
        print_line(
            started=self.started,
            ended=self.ended,
            longest_ms=round(self.longest_ms),
            outcomes=self.outcomes,
            unexpected=self.unexpected,
        )

    def _watch(self) -> None:
        while True:
            time.sleep(1)
            with self._lock:
                oldest = min(self._in_flight.values(), key=lambda entry: entry[1], default=None)
            if oldest is not None and time.monotonic() - oldest[1] > HANGS_AFTER_SECONDS:
                print_line(hangs=oldest[0], seconds=round(time.monotonic() - oldest[1], 1))
                faulthandler.dump_traceback()
                os._exit(3)


def outcome_of(error: BaseException) -> str:
    """Return the neutral name of what a request raised; an exception that none has comes with its words."""
    if hasattr(error, "rcvd") or isinstance(error, tailrace.WebSocketConnectionClosedError):
        return f"closed {getattr(error, 'code', 1006)}"
    if isinstance(error, tailrace.APITimeoutError):
        return "timeout"
    if isinstance(error, tailrace.APIConnectionError):
        return "connection"
    if isinstance(error, tailrace.APIStatusError):
        return f"status {error.status_code}"
    if isinstance(error, json.JSONDecodeError):
        return "invalid JSON"
    if type(error) is tailrace.APIError and error.message == "boom":
        return "error event"
    return f"{type(error).__name__}: {error}"


def socket_options(scenario: Scenario) -> dict[str, Any]:
    """Return the options of a connection: a limit where a proxy may stall it, and recovery where that is the point."""
    limits: Any = {"idle_timeout": 4.0} if scenario.is_proxied else {}
    if scenario.close_ms is not None:
        limits["close_timeout"] = scenario.close_ms / 1000
    options: dict[str, Any] = {"websocket_connection_options": limits}
    if scenario.do == "reconnect":
        options |= {"on_reconnecting": lambda event: None, "max_retries": 4, "initial_delay": 0.001, "max_delay": 0.01}
    return options


def file_of(draws: random.Random) -> Any:
    """Return something to upload: bytes, or a file that is read while it is sent."""
    return Path(__file__) if draws.random() < 0.3 else ("f.bin", draws.randbytes(draws.randrange(1, 300_000)))


def rounds(seconds: float) -> Iterator[float]:
    """Yield the moment until which each round begins requests: some twenty rounds, long enough to reach a steady state.

    A round ends with its last request. Two that a stall holds back can take a short run's whole time, so there are
    always some more than the first, in which modules are imported and few requests are made.
    """
    end = time.monotonic() + seconds
    number = 0
    while number < FEWEST_ROUNDS or time.monotonic() < end:
        number += 1
        yield time.monotonic() + min(max(seconds / 24, 0.5), 30.0)


def print_line(**fields: Any) -> None:
    """Print one line of JSON."""
    print(json.dumps(fields), flush=True)
