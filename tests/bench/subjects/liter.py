"""liter-llm: one asynchronous client with objects of its own."""

from __future__ import annotations

import time
from functools import cached_property
from typing import Any

from measure import MESSAGES, MODEL

Counts = tuple[int, int]
SYNC = "it has no synchronous client"
CANNOT = {
    "stream": SYNC,
    "call": SYNC,
    "events": "it streams no responses",
    "structured": "it has no stream helper",
    "vectors": SYNC,
    "array": SYNC,
    "tls": SYNC,
    "own_client": "it takes no HTTP client",
}


class Subject:
    """The work of the benchmark, as far as the package can do it."""

    note = "asks for usage on its own account, which is one more chunk"

    def __init__(self, _package: str, base_url: str) -> None:
        self._base_url = base_url
        self.cannot = CANNOT

    @cached_property
    def client(self) -> Any:
        import liter_llm

        return liter_llm.create_client(api_key="bench", base_url=self._base_url, model_hint="openai")

    def _request(self, **more: Any) -> Any:
        import liter_llm

        return liter_llm.ChatCompletionRequest(model=MODEL, messages=MESSAGES, **more)

    async def stream_async(self, **limit: int) -> Counts:
        """Read one stream; return its chunks and letters."""
        import liter_llm

        chunks = letters = 0
        async for chunk in liter_llm.chat_stream(self.client, self._request(stream=True, **limit)):
            chunks += 1
            if chunk.choices:
                letters += len(chunk.choices[0].delta.content or "")
        return chunks, letters

    async def watch_async(self, seen: list[tuple[int, str | None]], **limit: int) -> int:
        """Read one stream and keep when each text came; return the number of chunks."""
        import liter_llm

        chunks = 0
        now = time.monotonic_ns
        async for chunk in liter_llm.chat_stream(self.client, self._request(stream=True, **limit)):
            chunks += 1
            seen.append((now(), chunk.choices[0].delta.content if chunk.choices else None))
        return chunks

    async def open_async(self) -> Any:
        """Open a stream and read its first chunk."""
        import liter_llm

        stream = liter_llm.chat_stream(self.client, self._request(stream=True))
        await anext(stream)
        return stream

    async def call_async(self) -> int:
        """Return the letters of an answer."""
        import liter_llm

        completion = await liter_llm.chat(self.client, self._request())
        return len(completion.choices[0].message.content.text)
