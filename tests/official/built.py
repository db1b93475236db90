"""A plugin of pytest: the private `_build_request` of the official clients, for cases that look at what it returns.

A request is made in Rust, so that there is nothing to call. Here it is really sent, by a copy of the client, to a
transport that keeps it: what a case looks at is what would have gone out.
"""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import httpx2


def kept(client: Any, options: Any) -> Any:
    """Send a request of these options and return it, as a transport of httpx2 was given it."""
    requests: list[httpx2.Request] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        requests.append(request)
        return httpx2.Response(200, json={})

    transport = httpx2.MockTransport(answer)
    if not hasattr(client, "__aenter__"):
        copied = client.copy(http_client=httpx2.Client(transport=transport), max_retries=0, timeout=client.timeout)
        copied.request(object, options)
        return requests[0]

    async def send() -> None:
        copied = client.copy(http_client=httpx2.AsyncClient(transport=transport), max_retries=0, timeout=client.timeout)
        await copied.request(object, options)

    # The case may run on a loop, which cannot be waited for from inside.
    failures: list[BaseException] = []

    def run() -> None:
        try:
            asyncio.run(send())
        except BaseException as error:  # noqa: BLE001 - It is raised where the case waits.
            failures.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if failures:
        raise failures[0]
    return requests[0]


def pytest_configure() -> None:
    import tailrace

    def build_request(client: Any, options: Any, *, retries_taken: int = 0) -> Any:
        return kept(client, options)

    for cls in (tailrace.OpenAI, tailrace.AsyncOpenAI):
        cls._build_request = build_request
