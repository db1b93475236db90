"""Awaited WebSockets, each round on a new loop: `websockets_async.py MOCK_URL PROXY_URL SECONDS SEED BACKEND`."""

from __future__ import annotations

import random
import sys
from typing import Any

import anyio
from soak_async import start
from traffic import EVENT, RECONNECTED_EVENTS, Scenario, outcome_of, socket_options


async def perform(client: Any, scenario: Scenario, draws: random.Random, text: str) -> tuple[str, int]:
    """Open the connection of a scenario and use it; returns how it ended and the number of its events."""
    events = 0
    limit = draws.random() * 0.05 if scenario.do == "cancel" else float("inf")
    try:
        with anyio.move_on_after(limit):
            manager = client.realtime.connect(model="mock", **socket_options(scenario))
            if scenario.do == "drop":
                await (await manager.enter()).send(EVENT)
                return "left", 0
            async with manager as connection:
                if scenario.do == "echo":
                    for _ in range(20):
                        await connection.send(EVENT)
                    for _ in range(20):
                        await connection.recv()
                    return "ok", 0
                if scenario.do != "reconnect":
                    await connection.send(EVENT)
                last = {"leave": draws.randrange(1, 20), "reconnect": RECONNECTED_EVENTS}.get(scenario.do)
                async for _ in connection:
                    events += 1
                    if events == last:
                        return ("left" if scenario.do == "leave" else "ok"), events
            return "ok", events
    except Exception as error:  # noqa: BLE001 - Each is an outcome.
        return outcome_of(error), events
    return "cancelled", events


if __name__ == "__main__":
    start(sys.argv[1:], perform, "websockets.json")
