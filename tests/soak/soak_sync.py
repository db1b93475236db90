"""Blocking traffic from many threads: `soak_sync.py MOCK_URL PROXY_URL SECONDS SEED`."""

from __future__ import annotations

import random
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

from traffic import MESSAGES, Scenario, Traffic, file_of, outcome_of, rounds

import tailrace

THREADS = 8
#: Makes the request of a scenario with numbers by chance; returns how it ended and the number of its events.
Perform = Callable[[Any, Scenario, random.Random, str], "tuple[str, int]"]


def perform(client: Any, scenario: Scenario, draws: random.Random, text: str) -> tuple[str, int]:
    """Make the request of a scenario; returns how it ended and the number of its events."""
    events = 0
    timer: threading.Timer | None = None
    try:
        if scenario.do == "call":
            client.chat.completions.create(model="mock", messages=MESSAGES)
        elif scenario.do == "upload":
            client.files.create(file=file_of(draws), purpose="assistants")
        elif scenario.do == "responses":
            last = None
            for event in client.responses.create(model="mock", input="Count for me.", stream=True):
                events += 1
                last = event
            if last is None or last.type != "response.completed":
                return f"ended early, after {last and last.type}", events
        else:
            stream = client.chat.completions.create(model="mock", messages=MESSAGES, stream=True)
            if scenario.do == "drop":
                return "left", 0
            closed = threading.Event()
            if scenario.do == "cancel":

                def close() -> None:
                    closed.set()
                    stream.close()

                timer = threading.Timer(draws.random() * 0.02, close)
                timer.start()
            limit = draws.randrange(1, 20) if scenario.do == "leave" else None
            said: list[str] = []
            for chunk in stream:
                events += 1
                if chunk.choices:
                    said.append(chunk.choices[0].delta.content or "")
                if events == limit:
                    return "left", events
            if closed.is_set():
                return "cancelled", events
            if scenario.is_plausible and "".join(said) != text:
                return "ended early", events
    except Exception as error:  # noqa: BLE001 - Each is an outcome.
        return outcome_of(error), events
    finally:
        if timer is not None:
            timer.cancel()
            timer.join()
    return "ok", events


def main(mock: str, proxy: str, seconds: float, seed: int, perform: Perform, file: str) -> None:
    """Perform the scenarios of a file for so long."""
    traffic = Traffic(mock, proxy, seed, file)
    root = tailrace.OpenAI(api_key="k", base_url=mock)
    workers = [random.Random(seed * 1000 + number) for number in range(THREADS)]
    clients = {scenario.name: root.with_options(**scenario.options) for scenario in traffic.scenarios}

    def work(draws: random.Random, until: float) -> None:
        while time.monotonic() < until:
            scenario = traffic.pick(draws)
            # A client of its own now and then, as programs that make one for each request do.
            client = clients[scenario.name] if draws.random() < 0.9 else root.copy(**scenario.options)
            request = traffic.begin(scenario)
            outcome, events = perform(client, scenario, draws, traffic.text)
            traffic.end(request, scenario, outcome, events)
            time.sleep(draws.random() * 0.03)

    for until in rounds(seconds):
        threads = [threading.Thread(target=work, args=(draws, until)) for draws in workers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        traffic.sample(tasks=0)
    traffic.report()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], float(sys.argv[3]), int(sys.argv[4]), perform, "scenarios.json")
