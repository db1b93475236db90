"""Reads sessions of one package from the mock server, and prints what came of them as JSON.

python replay_subject.py PACKAGE CLIENT, where CLIENT names a class, with the sessions as JSON at its input: name, form,
how it is read, base URL and options of each.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import sys
import time
from typing import Any

#: How long a server may take to answer a close frame, in seconds.
LIMIT = 4.0
library: Any = importlib.import_module(sys.argv[1])
FORMS: dict[str, Any] = {
    "realtime": lambda c, **more: c.realtime.connect(model="m", **more),
    "transcription": lambda c, **more: c.realtime.connect(extra_query={"intent": "transcription"}, **more),
    "translations": lambda c, **more: c.realtime.translations.connect(model="m", **more),
    "responses": lambda c, **more: c.responses.connect(**more),
    "live": lambda c, **more: c.live.connect(**more),
    "sideband": lambda c, **more: c.live.sideband.connect(session_id="s", **more),
    "forks": lambda c, **more: c.live.forks.connect(session_id="s", **more),
    "beta.responses": lambda c, **more: c.beta.responses.connect(**more),
    "beta.realtime": lambda c, **more: c.beta.realtime.connect(model="m", **more),
}


def described(value: Any) -> Any:
    """Return what an event is made of: classes, fields that are set, what is there beside them."""
    if hasattr(value, "model_fields_set"):
        parts = {**value.__dict__, **(value.model_extra or {})}
        return {
            "class": type(value).__name__,
            "set": sorted(value.model_fields_set),
            "extra": sorted(value.model_extra or {}),
            "parts": {name: described(part) for name, part in parts.items()},
        }
    if isinstance(value, dict):
        return {"dict": [[key, described(part)] for key, part in value.items()]}
    if isinstance(value, list):
        return [described(part) for part in value]
    return [type(value).__name__, repr(value)]


def event(value: Any) -> Any:
    found = {"is": described(value)}
    if hasattr(value, "model_fields_set"):
        for name in ("model_dump", "to_dict", "to_json"):
            try:
                found[name] = repr(getattr(value, name)(warnings=False))
            except Exception as error:  # noqa: BLE001 - which error it is, is what is compared.
                found[name] = failure(error)
    return found


def failure(error: BaseException) -> dict[str, Any]:
    found: dict[str, Any] = {"raised": type(error).__name__, "text": str(error)}
    for side in ("rcvd", "sent"):
        frame = getattr(error, side, None)
        found[side] = frame and [frame.code, frame.reason]
    if hasattr(error, "rcvd_then_sent"):
        found |= {"code": error.code, "reason": error.reason, "first": error.rcvd_then_sent, "text": str(error)}  # type: ignore[attr-defined]
    return found


def is_end(error: BaseException) -> bool:
    return any(kind.__name__ == "ConnectionClosed" for kind in type(error).__mro__)


def lasted(began: float) -> bool:
    """Return whether the limit of a close has passed since then, which is that of the test."""
    return time.monotonic() - began > LIMIT * 0.99


def session(client: Any, form: str, reads: str, options: Any, events: list[Any]) -> None:
    with FORMS[form](client, websocket_connection_options=options) as connection:
        if reads == "iteration":
            try:
                for value in connection:
                    events.append(event(value))
                events.append("end")
            except Exception as error:  # noqa: BLE001
                events.append(failure(error))
            return
        if reads == "close":
            events.append(event(connection.recv()))
            connection.send({"type": "sent"})
            began = time.monotonic()
            events.append([repr(connection.close(code=4000, reason="bye")), lasted(began)])
        while True:
            try:
                events.append(event(connection.recv()) if reads != "bytes" else repr(connection.recv_bytes()))
            except Exception as error:  # noqa: BLE001
                events.append(failure(error))
                if is_end(error):
                    break
        for act in (lambda: connection.send({"type": "late"}), connection.recv, connection.close, connection.close):
            try:
                events.append(repr(act()))
            except Exception as error:  # noqa: BLE001
                events.append(failure(error))


async def session_async(client: Any, form: str, reads: str, options: Any, events: list[Any]) -> None:
    async with FORMS[form](client, websocket_connection_options=options) as connection:
        if reads == "iteration":
            try:
                async for value in connection:
                    events.append(event(value))
                events.append("end")
            except Exception as error:  # noqa: BLE001
                events.append(failure(error))
            return
        if reads == "close":
            events.append(event(await connection.recv()))
            await connection.send({"type": "sent"})
            began = time.monotonic()
            events.append([repr(await connection.close(code=4000, reason="bye")), lasted(began)])
        while True:
            try:
                events.append(
                    event(await connection.recv()) if reads != "bytes" else repr(await connection.recv_bytes())
                )
            except Exception as error:  # noqa: BLE001
                events.append(failure(error))
                if is_end(error):
                    break
        for act in (lambda: connection.send({"type": "late"}), connection.recv, connection.close, connection.close):
            try:
                events.append(repr(await act()))
            except Exception as error:  # noqa: BLE001
                events.append(failure(error))


async def main_async(wanted: Any) -> dict[str, Any]:
    outcomes: dict[str, Any] = {}
    for name, form, reads, url, options in wanted:
        async with library.AsyncOpenAI(
            api_key="k", base_url=url, websocket_base_url=url.replace("http", "ws")
        ) as client:
            events = outcomes[name] = []
            await session_async(client, form, reads, options, events)
    return outcomes


def main(wanted: Any) -> dict[str, Any]:
    outcomes: dict[str, Any] = {}
    for name, form, reads, url, options in wanted:
        with library.OpenAI(api_key="k", base_url=url, websocket_base_url=url.replace("http", "ws")) as client:
            events = outcomes[name] = []
            session(client, form, reads, options, events)
    return outcomes


given = json.load(sys.stdin)
print(json.dumps(main(given) if sys.argv[2] == "OpenAI" else asyncio.run(main_async(given))))
