"""Awaited traffic, each round on a new loop: `soak_async.py MOCK_URL PROXY_URL SECONDS SEED BACKEND`."""

from __future__ import annotations

import asyncio
import random
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import anyio
from traffic import MESSAGES, Scenario, Traffic, file_of, outcome_of, rounds

import tailrace

TASKS = 24
#: Makes the request of a scenario with numbers by chance; returns how it ended and the number of its events.
Perform = Callable[[Any, Scenario, random.Random, str], "Awaitable[tuple[str, int]]"]


async def perform(client: Any, scenario: Scenario, draws: random.Random, text: str) -> tuple[str, int]:
    """Make the request of a scenario; returns how it ended and the number of its events."""
    events = 0
    limit = draws.random() * 0.02 if scenario.do == "cancel" else float("inf")
    try:
        with anyio.move_on_after(limit):
            if scenario.do == "call":
                await client.chat.completions.create(model="mock", messages=MESSAGES)
                return "ok", 0
            if scenario.do == "upload":
                await client.files.create(file=file_of(draws), purpose="assistants")
                return "ok", 0
            if scenario.do == "responses":
                last = None
                async for event in await client.responses.create(model="mock", input="Count for me.", stream=True):
                    events += 1
                    last = event
                whole = last is not None and last.type == "response.completed"
                return ("ok" if whole else f"ended early, after {last and last.type}"), events
            stream = await client.chat.completions.create(model="mock", messages=MESSAGES, stream=True)
            if scenario.do == "drop":
                return "left", 0
            leave_after = draws.randrange(1, 20) if scenario.do == "leave" else None
            said: list[str] = []
            async for chunk in stream:
                events += 1
                if chunk.choices:
                    said.append(chunk.choices[0].delta.content or "")
                if events == leave_after:
                    return "left", events
            whole = not scenario.is_plausible or "".join(said) == text
            return ("ok" if whole else "ended early"), events
    except Exception as error:  # noqa: BLE001 - Each is an outcome.
        return outcome_of(error), events
    return "cancelled", events


def start(arguments: list[str], perform: Perform, file: str) -> None:
    """Perform the scenarios of a file, as the arguments of the program say."""
    mock, proxy, seconds, seed, backend = *arguments[:2], float(arguments[2]), int(arguments[3]), arguments[4]
    traffic = Traffic(mock, proxy, seed, file)
    root = tailrace.AsyncOpenAI(api_key="k", base_url=mock)
    workers = [random.Random(seed * 1000 + number) for number in range(TASKS)]
    clients = {scenario.name: root.with_options(**scenario.options) for scenario in traffic.scenarios}

    async def work(draws: random.Random, until: float) -> None:
        while time.monotonic() < until:
            scenario = traffic.pick(draws)
            client = clients[scenario.name] if draws.random() < 0.9 else root.copy(**scenario.options)
            request = traffic.begin(scenario)
            outcome, events = await perform(client, scenario, draws, traffic.text)
            traffic.end(request, scenario, outcome, events)
            await anyio.sleep(draws.random() * 0.05)

    async def one_round(until: float) -> int:
        before = tasks_of(backend)
        async with anyio.create_task_group() as group:
            for draws in workers:
                group.start_soon(work, draws, until)
        return tasks_of(backend) - before

    for until in rounds(seconds):
        traffic.sample(anyio.run(one_round, until, backend=backend))
    traffic.report()


def tasks_of(backend: str) -> int:
    """Return the number of tasks of the running loop."""
    if backend == "trio":
        import trio

        # The one that watches the descriptor of the hub stays as long as the run, from the first request that waits.
        return sum(name != "tailrace" for name in names_below(trio.lowlevel.current_root_task()))
    return len(asyncio.all_tasks())


def names_below(task: Any) -> Iterator[str]:
    """Yield the names of all tasks that a task of trio has started, and those."""
    for nursery in task.child_nurseries:
        for child in nursery.child_tasks:
            yield child.name
            yield from names_below(child)


if __name__ == "__main__":
    start(sys.argv[1:], perform, "scenarios.json")
