"""A plugin of pytest for ours: tests that replace what the official package dials with replace it here, too.

The official package opens a WebSocket by `websockets.sync.client.connect`, or by a private class over that of asyncio.
Many tests put a function there that returns an object with `send`, `recv` and `close`, and then say how connections,
queues and reconnecting behave. Ours is made to ask that function, with the URL and the headers that it would have sent.
Where nothing is replaced, nothing changes: the socket is that of the Rust transport.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

import websockets.asyncio.client
import websockets.sync.client

from tailrace._websocket.opening import Opening

_blocking = websockets.sync.client.connect


class _Dialed:
    """A client that tells what it would open, in place of opening it."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self.native = self

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def connect(self, base_url: str, path: str, _body: object, fields: list[tuple[str, str]], *_: object) -> Any:
        self.url, self.fields = base_url.rstrip("/") + path, fields
        return self


def _replaced(opening: Opening, dial: Any, operation: Any, extra_query: Any, key: str | None) -> Any:
    dialed = _Dialed(opening._client)
    opening._client = dialed
    try:
        opening.start(operation, extra_query, key)
    finally:
        opening._client = dialed._client
    fields = {name: value for name, value in dialed.fields if name != "user-agent"}
    options = dict(opening._options)
    return dial(opening.url, additional_headers=fields, **options)


def _replaceable(module: ModuleType, name: str) -> None:
    """Have `Opening` ask what a test has put in place of the names below."""
    opened, async_opened = Opening.open, Opening.async_open
    unreplaced = getattr(module, name)

    def open_(self: Opening, extra_query: Any, extra_headers: Any) -> Any:
        dial = websockets.sync.client.connect
        if dial is _blocking:
            return opened(self, extra_query, extra_headers)
        operation, key = self.operation(extra_headers), None
        if self._client.asks_for_key(operation.security):
            from tailrace._key_source import fresh_key

            key = fresh_key(self._client, operation)
        return _replaced(self, dial, operation, extra_query, key)

    async def async_open(self: Opening, extra_query: Any, extra_headers: Any) -> Any:
        dial = getattr(module, name)
        if dial is unreplaced:
            return await async_opened(self, extra_query, extra_headers)
        operation, key = self.operation(extra_headers), None
        if self._client.asks_for_key(operation.security):
            from tailrace._key_source import async_fresh_key

            key = await async_fresh_key(self._client, operation)
        return await _replaced(self, dial, operation, extra_query, key)

    Opening.open, Opening.async_open = open_, async_open  # type: ignore[method-assign]


def pytest_configure() -> None:
    # Tests name the module in texts, which the change of the name leaves, and in imports, which it changes.
    private = ModuleType("openai.lib._websocket")
    private._WebSocketConnect = websockets.asyncio.client.connect  # type: ignore[attr-defined]
    parent = sys.modules.setdefault("openai", ModuleType("openai"))
    parent.lib = sys.modules.setdefault("openai.lib", ModuleType("openai.lib"))  # type: ignore[attr-defined]
    parent.lib._websocket = private
    sys.modules.update({"openai.lib._websocket": private, "tailrace.lib._websocket": private})
    _replaceable(private, "_WebSocketConnect")
