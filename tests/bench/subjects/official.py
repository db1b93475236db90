"""The official package over any of its transports, and tailrace, which has the same interface."""

from __future__ import annotations

import importlib
import time
from functools import cached_property
from typing import Any

from measure import MESSAGES, MODEL, QUESTION

Counts = tuple[int, int]


def plan() -> Any:
    """Return the model of the structured answer; made here, since only this work needs pydantic before a call."""
    from pydantic import BaseModel

    class Step(BaseModel):
        number: int
        text: str

    class Plan(BaseModel):
        steps: list[Step]
        final: str

    # Annotations are texts in this file, and its classes are no globals.
    Plan.model_rebuild(_types_namespace={"Step": Step})
    return Plan


class Subject:
    """The work of the benchmark, written as a user of the package would write it."""

    note: str | None = None

    def __init__(self, package: str, base_url: str) -> None:
        self._name, _, self._transport = package.partition("+")
        self._options: dict[str, Any] = {"api_key": "bench", "base_url": base_url}
        self.cannot: dict[str, str] = {}
        if self._transport == "aiohttp":
            reason = "its aiohttp client is for asynchronous code only"
            self.cannot = dict.fromkeys(("stream", "call", "events", "vectors", "array"), reason)
        if self._transport:
            self.cannot["structured"] = "its stream helper is the official one"
            self.cannot["tls"] = "its transport is told of certificates in another way"
            self.cannot["own_client"] = "it is a client of the caller's itself"
        if package != "tailrace":
            self._array = self.vectors

    def takes(self, **options: Any) -> None:
        """Make clients with these options, too."""
        self._options.update(options)

    def goes_over(self, base_url: str, **options: Any) -> None:
        """Send synchronous requests there, by a default HTTP client of these options."""
        client = importlib.import_module(self._name).DefaultHttpxClient(**options)
        self.takes(base_url=base_url, http_client=client)

    def goes_to(self, base_url: str) -> None:
        """Open what is opened from here on there."""
        self._options["base_url"] = base_url
        self.__dict__.pop("sync", None)
        self.__dict__.pop("asynchronous", None)

    @cached_property
    def sync(self) -> Any:
        package = importlib.import_module(self._name)
        if self._transport == "pyreqwest":
            import httpx
            from pyreqwest.compatibility.httpx import SyncHttpxTransport

            self._options["http_client"] = httpx.Client(transport=SyncHttpxTransport())
        return package.OpenAI(**self._options)

    @cached_property
    def asynchronous(self) -> Any:
        package = importlib.import_module(self._name)
        if self._transport == "aiohttp":
            self._options["http_client"] = package.DefaultAioHttpClient()
        if self._transport == "pyreqwest":
            import httpx
            from pyreqwest.compatibility.httpx import HttpxTransport

            self._options["http_client"] = httpx.AsyncClient(transport=HttpxTransport())
        return package.AsyncOpenAI(**self._options)

    def stream(self, **limit: int) -> Counts:
        """Read one stream; return its chunks and letters."""
        chunks = letters = 0
        for chunk in self.sync.chat.completions.create(model=MODEL, messages=MESSAGES, stream=True, **limit):
            chunks += 1
            letters += len(chunk.choices[0].delta.content or "")
        return chunks, letters

    async def stream_async(self, **limit: int) -> Counts:
        """Read one stream; return its chunks and letters."""
        chunks = letters = 0
        create = self.asynchronous.chat.completions.create
        async for chunk in await create(model=MODEL, messages=MESSAGES, stream=True, **limit):
            chunks += 1
            letters += len(chunk.choices[0].delta.content or "")
        return chunks, letters

    async def watch_async(self, seen: list[tuple[int, str | None]], **limit: int) -> int:
        """Read one stream and keep when each text came; return the number of chunks."""
        chunks = 0
        now = time.monotonic_ns
        create = self.asynchronous.chat.completions.create
        async for chunk in await create(model=MODEL, messages=MESSAGES, stream=True, **limit):
            chunks += 1
            seen.append((now(), chunk.choices[0].delta.content))
        return chunks

    async def open_async(self) -> Any:
        """Open a stream and read its first chunk."""
        stream = await self.asynchronous.chat.completions.create(model=MODEL, messages=MESSAGES, stream=True)
        await anext(aiter(stream))
        return stream

    def dial(self) -> Any:
        """Open a realtime session."""
        return self.sync.realtime.connect(model=MODEL).enter()

    def listen(self, connection: Any, events: int) -> int:
        """Ask for audio and read so many events; return the letters of their audio."""
        connection.response.create()
        letters = 0
        for event in connection:
            letters += len(event.delta)
            events -= 1
            if not events:
                break
        return letters

    async def dial_async(self) -> Any:
        """Open a realtime session."""
        return await self.asynchronous.realtime.connect(model=MODEL).enter()

    async def listen_async(self, connection: Any, events: int) -> int:
        """Ask for audio and read so many events; return the letters of their audio."""
        await connection.response.create()
        letters = 0
        async for event in connection:
            letters += len(event.delta)
            events -= 1
            if not events:
                break
        return letters

    def call(self) -> int:
        """Return the letters of an answer."""
        return len(self.sync.chat.completions.create(model=MODEL, messages=MESSAGES).choices[0].message.content)

    async def call_async(self) -> int:
        """Return the letters of an answer."""
        completion = await self.asynchronous.chat.completions.create(model=MODEL, messages=MESSAGES)
        return len(completion.choices[0].message.content)

    def events(self, **limit: int) -> Counts:
        """Read one stream of responses; return its events and the letters of the answer."""
        events = letters = 0
        for event in self.sync.responses.create(model=MODEL, input=QUESTION, stream=True, **limit):
            events += 1
            if event.type == "response.output_text.delta":
                letters += len(event.delta)
        return events, letters

    def structured(self, reads: str) -> Counts:
        """Read one structured answer by the stream helper; return its deltas and its steps."""
        deltas = 0
        everything = reads == "all"
        with self.sync.chat.completions.stream(model=MODEL, messages=MESSAGES, response_format=plan()) as stream:
            for event in stream:
                if event.type == "content.delta":
                    deltas += 1
                    if everything and event.parsed and not event.snapshot:
                        raise SystemExit("a delta without its snapshot")
            parsed = stream.get_final_completion().choices[0].message.parsed
        return deltas, len(parsed.steps)

    def vectors(self, texts: list[str]) -> tuple[int, float]:
        """Ask for vectors; return how many numbers they hold, and the first."""
        data = self.sync.embeddings.create(model=MODEL, input=texts).data
        return sum(len(item.embedding) for item in data), data[0].embedding[0]

    def array(self, texts: list[str]) -> tuple[int, float]:
        """Ask for one array. The official package has none, so its lists stand in, as they are."""
        return self._array(texts)

    def _array(self, texts: list[str]) -> tuple[int, float]:
        array = self.sync.embeddings.create_array(model=MODEL, input=texts).array
        return array.size, float(array[0, 0])
