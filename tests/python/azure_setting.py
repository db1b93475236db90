"""Clients of Azure in both forms and of both packages, and what they send."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Iterable
from types import ModuleType
from typing import Any

from tailrace.testing import MockServer

KINDS = ("AzureOpenAI", "AsyncAzureOpenAI")
OK = {"json": {"data": [], "id": "x", "choices": []}, "repeat": True}
FAILS = {"status": 500, "headers": {"retry-after-ms": "1"}, "json": {}}


def seen(
    server: MockServer, library: ModuleType, kind: str, action: Any, *, exchanges: Any = (OK,), **options: Any
) -> tuple[Any, list[Any]]:
    """Return what `action` did with a client of `library`, and its requests: method, path, query, credentials."""
    url = server.script({"exchanges": list(exchanges)})

    async def run() -> Any:
        given = {
            name: value.replace("URL", url) if isinstance(value, str) else value for name, value in options.items()
        }
        place = {} if "base_url" in given or "azure_endpoint" in given else {"azure_endpoint": url}
        client = getattr(library, kind)(**{"api_version": "v1", "max_retries": 0, **place, **given})
        client.test_url = url
        value = action(client)
        value = await value if inspect.isawaitable(value) else value
        closed = client.close()
        if inspect.isawaitable(closed):
            await closed
        return value

    try:
        value = asyncio.run(run())
        outcome: Any = value if isinstance(value, (str, list, dict)) else "returned"
    except Exception as error:  # noqa: BLE001 - which error it is, is what is compared.
        outcome = (type(error).__name__, str(error))
    prefix = url.partition("//")[2].partition("/")[2]
    return outcome, [
        (
            request["method"],
            request["path"].removeprefix(f"/{prefix}"),
            request["query"],
            sorted((n.lower(), v) for n, v in request["headers"] if n.lower() in ("api-key", "authorization")),
            [v for n, v in request["headers"] if n.lower() == "user-agent"],
        )
        for request in server.requests(url)
    ]


def models(client: Any) -> Any:
    return client.models.list()


def by_turns(names: Iterable[str]) -> list[tuple[str, str]]:
    """Return each name with one of the two kinds of clients, which share what these tests are about."""
    return [(name, KINDS[number % 2]) for number, name in enumerate(names)]


def function(kind: str, value: Any) -> Any:
    """Return a function for a key, which official async clients want to be asynchronous."""
    if kind == "AzureOpenAI":
        return lambda: value

    async def key() -> Any:
        return value

    return key
