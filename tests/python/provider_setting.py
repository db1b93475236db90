"""Clients with a provider, in both forms and of both packages, and what they send."""

from __future__ import annotations

import asyncio
import inspect
from types import ModuleType
from typing import Any

from tailrace.testing import MockServer

KINDS = ("OpenAI", "AsyncOpenAI")
OK = {"json": {"data": [], "id": "x", "choices": []}, "repeat": True}
FAILS = {"status": 500, "headers": {"retry-after-ms": "1"}, "json": {}}


def factory(library: ModuleType, name: str = "bedrock") -> Any:
    module = __import__(f"{library.__name__}.providers", fromlist=[name])
    return getattr(module, name)


def seen(
    server: MockServer,
    library: ModuleType,
    kind: str,
    action: Any,
    *,
    exchanges: Any = (OK,),
    name: str = "bedrock",
    **options: Any,
) -> tuple[Any, list[Any]]:
    """Return what `action` did with a client of `library`, and its requests: method, path, query, chosen fields."""
    url = server.script({"exchanges": list(exchanges)})
    top = {
        key: options.pop(key) for key in ("organization", "default_headers", "max_retries", "timeout") if key in options
    }

    async def run() -> Any:
        if kind in KINDS:
            made: dict[str, Any] = {"provider": factory(library, name)(**{"base_url": url, **options})}
        else:
            made = {"base_url": url, **options}
        client = getattr(library, kind)(max_retries=top.pop("max_retries", 0), **made, **top)
        try:
            value = action(client)
            return await value if inspect.isawaitable(value) else value
        finally:
            closed = client.close()
            if inspect.isawaitable(closed):
                await closed

    try:
        value = asyncio.run(run())
        outcome: Any = value if isinstance(value, (str, list, dict)) else "returned"
    except Exception as error:  # noqa: BLE001 - which error it is, is what is compared.
        outcome = (type(error).__name__, str(error), type(error.__cause__).__name__)
    prefix = url.partition("//")[2].partition("/")[2]
    shown = ("authorization", "user-agent", "openai-organization", "x-a")
    return outcome, [
        (
            request["method"],
            request["path"].removeprefix(f"/{prefix}"),
            request["query"],
            sorted((n.lower(), v) for n, v in request["headers"] if n.lower() in shown),
        )
        for request in server.requests(url)
    ]


def models(client: Any) -> Any:
    return client.models.list()


def given(**headers: Any) -> Any:
    return lambda client: client.models.list(extra_headers={n.replace("_", "-"): v for n, v in headers.items()})
