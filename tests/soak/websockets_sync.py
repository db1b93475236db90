"""Blocking WebSockets in many threads: `websockets_sync.py MOCK_URL PROXY_URL SECONDS SEED`."""

from __future__ import annotations

import random
import sys
import threading
from typing import Any

from soak_sync import main
from traffic import EVENT, RECONNECTED_EVENTS, Scenario, outcome_of, socket_options


def perform(client: Any, scenario: Scenario, draws: random.Random, text: str) -> tuple[str, int]:
    """Open the connection of a scenario and use it; returns how it ended and the number of its events."""
    events = 0
    timer: threading.Timer | None = None
    left = threading.Event()
    try:
        manager = client.realtime.connect(model="mock", **socket_options(scenario))
        if scenario.do == "drop":
            manager.enter().send(EVENT)
            return "left", 0
        with manager as connection:
            if scenario.do == "echo":
                for _ in range(20):
                    connection.send(EVENT)
                for _ in range(20):
                    connection.recv()
                return "ok", 0
            if scenario.do == "cancel":

                def close() -> None:
                    left.set()
                    connection.close()

                timer = threading.Timer(draws.random() * 0.05, close)
                timer.start()
            if scenario.do != "reconnect":
                connection.send(EVENT)
            limit = {"leave": draws.randrange(1, 20), "reconnect": RECONNECTED_EVENTS}.get(scenario.do)
            for _ in connection:
                events += 1
                if events == limit:
                    break
            if scenario.do == "leave" or left.is_set():
                return "left", events
    except Exception as error:  # noqa: BLE001 - Each is an outcome.
        return "left" if left.is_set() else outcome_of(error), events
    finally:
        if timer is not None:
            timer.cancel()
            timer.join()
    return "ok", events


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], float(sys.argv[3]), int(sys.argv[4]), perform, "websockets.json")
