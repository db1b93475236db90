"""Compares what a case expects with what a subject and the server saw. `check.mjs` is its twin."""

from __future__ import annotations

import json
from typing import Any


def language_of(subject: str) -> str:
    """`official-python-async` and `python` are both Python."""
    return "node" if "node" in subject else "rust" if "rust" in subject else "python"


def resolve(value: Any, subject: str) -> Any:
    """Choose the side of every `$by` that is for this subject; one without such a side vanishes."""
    if isinstance(value, list):
        return [resolve(part, subject) for part in value]
    if not isinstance(value, dict):
        return value
    resolved: dict[str, Any] = {}
    for key, part in value.items():
        if isinstance(part, dict) and "$by" in part:
            sides = part["$by"]
            own = subject.removeprefix("official-")
            chosen = next((name for name in (subject, own, language_of(subject), "default") if name in sides), None)
            if chosen is None:
                continue
            part = sides[chosen]
        resolved[key] = resolve(part, subject)
    return resolved


def check(case: Any, outcome: Any, requests: list[Any], connections: list[Any]) -> list[str]:
    """List what differs. `case` was resolved before. An empty list is a pass."""
    problems: list[str] = []
    if outcome is None:
        problems.append("the case did not end in time")
    else:
        for number, call in enumerate(case["calls"]):
            at = f"calls[{number}]" if len(case["calls"]) > 1 else "call"
            check_call(call["expect"], outcome["calls"][number], at, problems)
    check_wire(case.get("wire", {}), requests, connections, problems)
    return problems


def check_call(expect: Any, outcome: Any, at: str, problems: list[str]) -> None:
    error = outcome.get("error")
    if "error" in expect:
        check_error(expect["error"], error, f"{at}.error", problems)
    elif error is not None:
        problems.append(f"{at}: raised {error['class']}: {error['message']}")
    if "result" in expect:
        match(expect["result"], outcome.get("result"), f"{at}.result", problems)
    if "request_id" in expect:
        match(expect["request_id"], outcome.get("request_id"), f"{at}.request_id", problems)
    if "events" in expect:
        match(expect["events"], outcome["events"], f"{at}.events", problems)
    if "event_count" in expect:
        match(expect["event_count"], len(outcome["events"]), f"{at}.event_count", problems)
    if "again" in expect:
        match(expect["again"], outcome.get("again"), f"{at}.again", problems)
    if "ended_cleanly" in expect:
        match(expect["ended_cleanly"], outcome.get("ended_cleanly"), f"{at}.ended_cleanly", problems)
    if "took_ms" in expect:
        within(expect["took_ms"], outcome["took_ms"], f"{at}.took_ms", problems)


def check_error(expect: Any, error: Any, at: str, problems: list[str]) -> None:
    if error is None:
        problems.append(f"{at}: nothing was raised, expected {json.dumps(expect)}")
        return
    expect = dict(expect)
    for part in expect.pop("message_has", []):
        if part not in error["message"]:
            problems.append(f"{at}.message: {part!r} is not in {error['message']!r}")
    parent = expect.pop("is_a", None)
    if parent is not None and parent not in error["classes"]:
        problems.append(f"{at}: {parent} is not among {error['classes']}")
    match(expect, error, at, problems)


def check_wire(wire: Any, requests: list[Any], connections: list[Any], problems: list[str]) -> None:
    if "request_count" in wire:
        match(wire["request_count"], len(requests), "wire.request_count", problems)
    if "requests" in wire:
        match(len(wire["requests"]), len(requests), "wire.requests.length", problems)
        for number, (expect, request) in enumerate(zip(wire["requests"], requests, strict=False)):
            check_request(expect, request, f"wire.requests[{number}]", problems)
    for number, limits in enumerate(wire.get("waited_ms", [])):
        at = f"wire.waited_ms[{number}]"
        if number + 1 >= len(requests):
            problems.append(f"{at}: there is no request {number + 2}")
            continue
        within(limits, requests[number + 1]["at_ms"] - end_of(requests[number]), at, problems)
    if "connections" in wire:
        used = len({request["connection"] for request in requests})
        match(wire["connections"], used, "wire.connections", problems)
    if "opened" in wire:
        match(wire["opened"], len(connections), "wire.opened", problems)
    last = requests[-1] if requests else {}
    if "closed_ms" in wire:
        if last.get("client_closed_ms") is None:
            problems.append("wire.closed_ms: the client did not close the connection")
        else:
            held = last["client_closed_ms"] - (last["last_write_ms"] or last["at_ms"])
            within(wire["closed_ms"], held, "wire.closed_ms", problems)
    if "sent_bytes" in wire:
        within(wire["sent_bytes"], last.get("sent_bytes", -1), "wire.sent_bytes", problems)


def check_request(expect: Any, request: Any, at: str, problems: list[str]) -> None:
    for key in ("method", "path", "query"):
        if key in expect:
            match(expect[key], request[key], f"{at}.{key}", problems)
    for name, value in expect.get("headers", {}).items():
        received = [text for key, text in request["headers"] if key.lower() == name.lower()]
        match(value, ", ".join(received) if received else None, f"{at}.headers.{name}", problems)
    if "body" in expect:
        match(expect["body"], json.loads(request["body"]), f"{at}.body", problems)
    if "body_text" in expect:
        match(expect["body_text"], request["body"], f"{at}.body_text", problems)


def end_of(request: Any) -> float:
    """When the exchange was over: answered, or left by the client."""
    for key in ("client_closed_ms", "answered_ms", "at_ms"):
        if request[key] is not None:
            return request[key]
    raise ValueError("a request without its time")


def within(limits: Any, value: float, at: str, problems: list[str]) -> None:
    least, most = limits
    if not least <= value <= most:
        problems.append(f"{at}: {value:.1f} is not within {least} and {most}")


def match(expect: Any, value: Any, at: str, problems: list[str]) -> None:
    """`expect` is a part of `value`: fields of objects may be more, lists are whole, null is null or absent."""
    if isinstance(expect, dict) and "$has" in expect:
        if not isinstance(value, str) or expect["$has"] not in value:
            problems.append(f"{at}: {expect['$has']!r} is not in {value!r}")
    elif isinstance(expect, dict) and "$any" in expect:
        if value is None:
            problems.append(f"{at}: is absent")
    elif isinstance(expect, dict):
        if not isinstance(value, dict):
            problems.append(f"{at}: expected an object, got {json.dumps(value)}")
            return
        for key, part in expect.items():
            if isinstance(part, dict) and "$null" in part:
                if key not in value or value[key] is not None:
                    problems.append(f"{at}.{key}: expected a null that is there")
            else:
                match(part, value.get(key), f"{at}.{key}", problems)
    elif isinstance(expect, list):
        if not isinstance(value, list) or len(expect) != len(value):
            problems.append(f"{at}: expected {json.dumps(expect)}, got {json.dumps(value)}")
            return
        for number, part in enumerate(expect):
            match(part, value[number], f"{at}[{number}]", problems)
    elif isinstance(expect, bool) != isinstance(value, bool) or expect != value:
        problems.append(f"{at}: expected {json.dumps(expect)}, got {json.dumps(value)}")
