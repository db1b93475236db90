"""Runs conformance cases on a Python package: `tailrace`, or `openai` as the oracle.

A subject is a process. It reads one JSON object per line, `{"id", "base_url", "client", "calls", "at_once"}`, up to an
empty line. It runs those with `"warm_up": true` first and alone, the others `CONCURRENCY` at a time, and writes a line
for each as it ends: `{"id", "calls": [outcome, ...]}`.
It checks nothing, imports only the standard library, the package and what that imports, and lives, with every client
open, until its input is closed: a connection that closed before was closed by a call.

Run as `python subject.py PACKAGE sync|async`.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import math
import ssl
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from credentials import make
from structured import is_helper, read_events, read_events_async, use_format

PACKAGE, FLAVOUR = sys.argv[1], sys.argv[2]
library: Any = importlib.import_module(PACKAGE)
# As many as wait at the same time: no case depends on how soon it gets its turn.
CONCURRENCY = 40
write_lock = threading.Lock()
# No case speaks TLS, and a client of the official package would read the certificates of all authorities of the world.
ssl.SSLContext.load_verify_locations = lambda *_, **__: None


def main() -> None:
    # A client of the official package takes milliseconds to make, which is no part of what a case measures.
    # The clients live as long as this list, which is to the end.
    kind = library.AsyncOpenAI if FLAVOUR == "async" else library.OpenAI
    lines = [json.loads(line) for line in iter(sys.stdin.readline, "\n")]
    cases = [(case, make_client(kind, case)) for case in lines]
    if FLAVOUR == "async":
        asyncio.run(run_all_async(cases))
    else:
        run_all(cases)


def run_all(cases: list[tuple[Any, Any]]) -> None:
    for case, client in cases:
        if case["warm_up"]:
            run_case(case, client)
    with ThreadPoolExecutor(CONCURRENCY) as pool:
        for case, client in cases:
            if not case["warm_up"]:
                pool.submit(run_case, case, client)
    sys.stdin.read()


async def run_all_async(cases: list[tuple[Any, Any]]) -> None:
    slots = asyncio.Semaphore(CONCURRENCY)

    async def in_turn(case: Any, client: Any) -> None:
        async with slots:
            await run_case_async(case, client)

    for case, client in cases:
        if case["warm_up"]:
            await run_case_async(case, client)
    await asyncio.gather(*(in_turn(case, client) for case, client in cases if not case["warm_up"]))
    await asyncio.to_thread(sys.stdin.read)


def run_case(case: Any, client: Any) -> None:
    calls = case["calls"]
    if not case["at_once"]:
        report(case, [run_call(client, call) for call in calls])
        return
    with ThreadPoolExecutor(len(calls)) as pool:
        report(case, list(pool.map(lambda call: run_call(client, call), calls)))


async def run_case_async(case: Any, client: Any) -> None:
    calls = case["calls"]
    if case["at_once"]:
        report(case, await asyncio.gather(*(run_call_async(client, call) for call in calls)))
    else:
        report(case, [await run_call_async(client, call) for call in calls])


def report(case: Any, outcomes: list[Any]) -> None:
    # Ends the process on a value that is no JSON rather than writing something that looks like one.
    line = json.dumps({"id": case["id"], "calls": outcomes})
    with write_lock:
        print(line, flush=True)


def make_client(kind: Any, case: Any) -> Any:
    options = {"api_key": "sk-conformance", "base_url": case["base_url"], **case.get("client", {})}
    use_seconds(options)
    if "default_headers" in options:
        options["default_headers"] = removing(options["default_headers"])
    credentials = options.pop("credentials", {})
    return make(library, kind, FLAVOUR == "async", credentials, options)


def use_seconds(options: dict[str, Any]) -> None:
    """Turn the neutral `timeout_ms` and `deadline_ms` into what Python takes."""
    if "deadline_ms" in options:
        options["deadline"] = options.pop("deadline_ms") / 1000
    timeout = options.pop("timeout_ms", None)
    if isinstance(timeout, dict):
        seconds = {phase: limit / 1000 for phase, limit in timeout.items()}
        options["timeout"] = library.Timeout(seconds.pop("default", 10), **seconds)
    elif timeout is not None:
        options["timeout"] = timeout / 1000


def removing(headers: dict[str, Any]) -> dict[str, Any]:
    """Turn the neutral null into what removes a header in Python."""
    return {name: library.Omit() if value is None else value for name, value in headers.items()}


def bound(client: Any, call: Any) -> tuple[Any, dict[str, Any]]:
    options = dict(call.get("options", {}))
    use_seconds(options)
    if "max_retries" in options:
        client = client.with_options(max_retries=options.pop("max_retries"))
    arguments = dict(call["arguments"])
    for neutral, own in (("headers", "extra_headers"), ("query", "extra_query"), ("body", "extra_body")):
        if neutral in options:
            arguments[own] = options.pop(neutral)
    if "extra_headers" in arguments:
        arguments["extra_headers"] = removing(arguments["extra_headers"])
    use_format(call, arguments)
    method = client
    for name in call["operation"].split("."):
        method = getattr(method, name)
    return method, {**arguments, **options}


def run_call(client: Any, call: Any) -> dict[str, Any]:
    outcome: dict[str, Any] = {"events": []}
    start = time.monotonic()
    try:
        call_sync(client, call, outcome)
    except BaseException as error:  # noqa: BLE001  (whatever a call raises is its outcome)
        outcome["error"] = describe(error)
    outcome["took_ms"] = (time.monotonic() - start) * 1000
    time.sleep(call.get("act", {}).get("rest_ms", 0) / 1000)
    return outcome


def call_sync(client: Any, call: Any, outcome: dict[str, Any]) -> None:
    # A function of its own, so that nothing refers to the reply when it is done.
    method, arguments = bound(client, call)
    reply = method(**arguments)
    if is_helper(call) and hasattr(reply, "__enter__"):
        read_reply(read_events(reply, json_value, outcome), outcome)
    elif arguments.get("stream"):
        try:
            read_stream(reply, call.get("act", {}), outcome)
        finally:
            outcome["ended_cleanly"] = getattr(reply, "ended_cleanly", "unknown")
    else:
        read_reply(reply, outcome)


def read_stream(stream: Any, act: Any, outcome: dict[str, Any]) -> None:
    if "break_after_events" in act:
        with stream:
            for item in stream:
                outcome["events"].append(json_value(item))
                if len(outcome["events"]) == act["break_after_events"]:
                    break
        return
    for item in stream:
        outcome["events"].append(json_value(item))
        if len(outcome["events"]) == act.get("pause_after_events"):
            time.sleep(act["pause_ms"] / 1000)
        if len(outcome["events"]) == act.get("close_after_events"):
            stream.close()
            break
    if act.get("iterate_again"):
        outcome["again"] = [json_value(item) for item in stream]


async def run_call_async(client: Any, call: Any) -> dict[str, Any]:
    outcome: dict[str, Any] = {"events": []}
    act = call.get("act", {})
    start = time.monotonic()
    task = asyncio.ensure_future(call_async(client, call, outcome))
    try:
        if "abort_after_ms" in act:
            asyncio.get_running_loop().call_later(act["abort_after_ms"] / 1000, task.cancel)
        await task
    except BaseException as error:  # noqa: BLE001  (whatever a call raises is its outcome)
        outcome["error"] = describe(error)
    outcome["took_ms"] = (time.monotonic() - start) * 1000
    await asyncio.sleep(act.get("rest_ms", 0) / 1000)
    return outcome


async def call_async(client: Any, call: Any, outcome: dict[str, Any]) -> None:
    method, arguments = bound(client, call)
    reply = method(**arguments)
    if is_helper(call) and hasattr(reply, "__aenter__"):
        read_reply(await read_events_async(reply, json_value, outcome), outcome)
        return
    reply = await reply
    if arguments.get("stream"):
        try:
            await read_stream_async(reply, call.get("act", {}), outcome)
        finally:
            outcome["ended_cleanly"] = getattr(reply, "ended_cleanly", "unknown")
    else:
        read_reply(reply, outcome)


async def read_stream_async(stream: Any, act: Any, outcome: dict[str, Any]) -> None:
    if "break_after_events" in act:
        async with stream:
            async for item in stream:
                outcome["events"].append(json_value(item))
                if len(outcome["events"]) == act["break_after_events"]:
                    break
        return
    async for item in stream:
        outcome["events"].append(json_value(item))
        if len(outcome["events"]) == act.get("pause_after_events"):
            await asyncio.sleep(act["pause_ms"] / 1000)
        if len(outcome["events"]) == act.get("close_after_events"):
            await stream.close()
            break
        if len(outcome["events"]) == act.get("cancel_after_events"):
            task = asyncio.current_task()
            assert task is not None
            # The cancellation arrives while the task waits for the next event, as it does in a program.
            asyncio.get_running_loop().call_later(0.05, task.cancel)
    if act.get("iterate_again"):
        outcome["again"] = [json_value(item) async for item in stream]


def read_reply(reply: Any, outcome: dict[str, Any]) -> None:
    outcome["result"] = json_value(reply)
    if hasattr(reply, "output_parsed"):
        # A property, which is no part of what the API said.
        outcome["result"]["output_parsed"] = json_value(reply.output_parsed)
    outcome["request_id"] = getattr(reply, "_request_id", None)


def json_value(value: Any) -> Any:
    """A model, or a part of one, as the JSON that it was made of."""
    if hasattr(value, "model_dump"):
        return json_value(value.model_dump(exclude_unset=True, by_alias=True, warnings=False))
    if isinstance(value, dict):
        return {str(key): json_value(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [json_value(part) for part in value]
    if isinstance(value, float) and not math.isfinite(value):
        # JSON has no word for it.
        return str(value)
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, str):
        # A lone surrogate has no UTF-8; what matters is that it came through.
        return value.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    return repr(value)


def describe(error: BaseException) -> dict[str, Any]:
    cause = error.__cause__
    return {
        "class": type(error).__name__,
        "classes": [kind.__name__ for kind in type(error).__mro__],
        "status": getattr(error, "status_code", None),
        "code": getattr(error, "code", None),
        "param": getattr(error, "param", None),
        "type": getattr(error, "type", None),
        "request_id": getattr(error, "request_id", None),
        "body": json_value(getattr(error, "body", None)),
        "message": json_value(str(error)),
        "cause": type(cause).__name__ if cause else None,
        "limit": getattr(error, "limit", None),
        "limit_ms": round((getattr(error, "limit_seconds", None) or 0) * 1000),
        "events": getattr(error, "events", None),
        **{name: json_value(getattr(error, name, None)) for name in ("pointer", "offset", "text", "usage", "attempts")},
    }


if __name__ == "__main__":
    main()
