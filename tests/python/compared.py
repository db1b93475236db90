"""Do the same with tailrace and with the official package, against one scripted server, and look at both."""

from __future__ import annotations

import asyncio
import base64
import inspect
import re
from collections.abc import Callable
from types import ModuleType
from typing import Any

from tailrace.testing import MockServer

#: Fields that the HTTP library below the client decides.
TRANSPORT_FIELDS = {"host", "connection", "accept-encoding", "content-length"}

#: What a client of either kind is called in both packages.
KINDS = ("OpenAI", "AsyncOpenAI")


def json(body: Any, **headers: str) -> dict[str, Any]:
    """An exchange of a script: a JSON reply."""
    return {"json": body, "headers": {name.replace("_", "-"): value for name, value in headers.items()}}


def observed(
    server: MockServer,
    library: ModuleType,
    kind: str,
    exchanges: list[dict[str, Any]],
    action: Callable[[Any], Any],
    **options: Any,
) -> tuple[Any, list[dict[str, Any]]]:
    """Return what `action` did with a client of `library`: its outcome as plain data, and the requests it sent."""
    # A request too many is answered by an error, and is there in the record.
    rest = [] if exchanges and exchanges[-1].get("repeat") else [{"status": 418, "json": {}, "repeat": True}]
    base_url = server.script({"exchanges": [*exchanges, *rest]})
    options = {"api_key": "k", "base_url": base_url, "max_retries": 0, **options}
    if kind == "OpenAI":
        with library.OpenAI(**options) as client:
            outcome = _outcome(lambda: action(client))
    else:

        async def run() -> Any:
            async with library.AsyncOpenAI(**options) as client:
                value = action(client)
                return await value if inspect.isawaitable(value) else value

        outcome = _outcome(lambda: asyncio.run(run()))
    return outcome, [_request(request) for request in server.requests(base_url)]


def both(
    server: MockServer,
    ours: ModuleType,
    official: ModuleType,
    kind: str,
    exchanges: list[dict[str, Any]],
    action: Callable[[Any], Any],
) -> tuple[tuple[Any, Any], tuple[Any, Any]]:
    """Return the observations of both packages; every call must have met a reply that was meant for it."""
    found = tuple(observed(server, library, kind, exchanges, action) for library in (ours, official))
    assert all(len(requests) <= len(exchanges) for _, requests in found)
    return found  # pyright: ignore[reportReturnType]


def _outcome(run: Callable[[], Any]) -> Any:
    try:
        value = run()
    except Exception as error:  # noqa: BLE001 - which error it is, is what is compared.
        return ("raised", type(error).__name__, str(error))
    dump = getattr(value, "model_dump", None)
    return ("returned", type(value).__name__, value if dump is None else dump(warnings=False))


def _request(request: dict[str, Any]) -> dict[str, Any]:
    body: Any = request["body"]
    if body is None and request.get("body_base64"):
        body = base64.b64decode(request["body_base64"]).decode("latin-1")
    headers = {name.lower(): value for name, value in request["headers"] if name.lower() not in TRANSPORT_FIELDS}
    boundary = re.search("boundary=([0-9a-f]{32})", headers.get("content-type", ""))
    if boundary is not None:
        body = (body or "").replace(boundary[1], "BOUNDARY")
        headers["content-type"] = headers["content-type"].replace(boundary[1], "BOUNDARY")
    return {
        "method": request["method"],
        "path": request["path"].partition("/v1")[2],
        "query": request["query"],
        "headers": headers,
        "body": body,
    }
