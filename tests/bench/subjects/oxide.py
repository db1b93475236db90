"""openai-oxide: one asynchronous client that hands out JSON as text, which is parsed here as a user would have to."""

from __future__ import annotations

import json
import time
from functools import cached_property
from typing import Any

from measure import MESSAGES, MODEL, QUESTION

Counts = tuple[int, int]
TEXT = "response.output_text.delta"
SYNC = "it has no synchronous client"
CANNOT = {
    "events": SYNC,
    "structured": "it has no stream helper",
    "stream": SYNC,
    "call": SYNC,
    "vectors": "it has no embeddings",
    "array": "it has no embeddings",
    "tls": SYNC,
    "own_client": "it takes no HTTP client",
}


class Subject:
    """The work of the benchmark, as far as the package can do it."""

    note = "streams responses, since it cannot stream chat; its events are JSON text, which json.loads reads"

    def __init__(self, _package: str, base_url: str) -> None:
        self._base_url = base_url
        self.cannot = CANNOT

    @cached_property
    def client(self) -> Any:
        import openai_oxide

        return openai_oxide.Client(api_key="bench", base_url=self._base_url)

    async def stream_async(self, max_completion_tokens: int | None = None) -> Counts:
        """Read one stream; return its events and letters."""
        events = letters = 0
        async for text in await self.client.create_stream(MODEL, QUESTION, max_completion_tokens):
            event = json.loads(text)
            events += 1
            if event["type"] == TEXT:
                letters += len(event["delta"])
        return events, letters

    async def watch_async(self, seen: list[tuple[int, str | None]], max_completion_tokens: int | None = None) -> int:
        """Read one stream and keep when each text came; return the number of events."""
        events = 0
        now = time.monotonic_ns
        async for text in await self.client.create_stream(MODEL, QUESTION, max_completion_tokens):
            event = json.loads(text)
            events += 1
            seen.append((now(), event["delta"] if event["type"] == TEXT else None))
        return events

    async def open_async(self) -> Any:
        """Open a stream and read its first event."""
        stream = await self.client.create_stream(MODEL, QUESTION)
        await anext(aiter(stream))
        return stream

    async def call_async(self) -> int:
        """Return the letters of an answer."""
        text = await self.client.create_chat_raw(json.dumps({"model": MODEL, "messages": MESSAGES}))
        return len(json.loads(text)["choices"][0]["message"]["content"])
