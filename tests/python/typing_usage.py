"""What a type checker sees of the package. Nothing here runs: `pyright` reads it, in strict mode."""

# pyright: strict, reportUnnecessaryTypeIgnoreComment=true

from __future__ import annotations

import httpx2
from typing_extensions import assert_type

import tailrace
from tailrace import AsyncOpenAI, AsyncStream, OpenAI, Stream
from tailrace.testing import MockServer
from tailrace.types.chat import ChatCompletion, ChatCompletionChunk
from tailrace.types.responses import Response, ResponseStreamEvent


def sync(client: OpenAI, streamed: bool) -> None:
    completions = client.chat.completions
    assert_type(completions.create(model="m", messages=[{"role": "user", "content": "hi"}]), ChatCompletion)
    assert_type(completions.create(model="m", messages=[], stream=False), ChatCompletion)
    stream = completions.create(model="m", messages=[], stream=True)
    assert_type(stream, Stream[ChatCompletionChunk])
    for chunk in stream:
        assert_type(chunk, ChatCompletionChunk)
        assert_type(chunk.choices[0].delta.content, str | None)
    with stream as entered:
        assert_type(next(entered), ChatCompletionChunk)
    assert_type(
        completions.create(model="m", messages=[], stream=streamed), ChatCompletion | Stream[ChatCompletionChunk]
    )
    assert_type(client.responses.create(model="m", input="hi"), Response)
    assert_type(client.responses.create(model="m", input="hi", stream=True), Stream[ResponseStreamEvent])
    assert_type(client.responses.create(model="m").output_text, str)
    # A required argument is missing, and an argument has the wrong type.
    completions.create(messages=[])  # pyright: ignore[reportCallIssue]
    completions.create(model="m", messages=[], temperature="hot")  # pyright: ignore[reportArgumentType]


async def asynchronous(client: AsyncOpenAI) -> None:
    assert_type(await client.chat.completions.create(model="m", messages=[]), ChatCompletion)
    stream = await client.chat.completions.create(model="m", messages=[], stream=True)
    assert_type(stream, AsyncStream[ChatCompletionChunk])
    async for chunk in stream:
        assert_type(chunk, ChatCompletionChunk)
    async with stream as entered:
        assert_type(await entered.__anext__(), ChatCompletionChunk)
    await stream.close()
    assert_type(await client.responses.create(model="m", input="hi", stream=True), AsyncStream[ResponseStreamEvent])


def options() -> None:
    client = OpenAI(
        api_key="k",
        base_url=httpx2.URL("http://h"),
        timeout=httpx2.Timeout(5),
        default_headers={"a": "b", "c": tailrace.omit},
        data_residency="eu",
    )
    assert_type(client.with_options(timeout=tailrace.Timeout(5, connect=1), max_retries=0), OpenAI)
    assert_type(client.copy(default_headers={"User-Agent": tailrace.omit}), OpenAI)
    client.chat.completions.create(model="m", messages=[], extra_headers={"a": tailrace.omit}, timeout=None)
    assert_type(client.base_url.host, str)
    assert_type(client.is_closed(), bool)
    with MockServer() as server:
        assert_type(server.client(), OpenAI)
        assert_type(server.async_client(), AsyncOpenAI)


def errors(client: OpenAI) -> None:
    try:
        client.responses.create(model="m")
    except tailrace.RateLimitError as error:
        assert_type(error.response.headers.get("retry-after"), str | None)
        assert_type(error.request_id, str | None)
        assert_type(error.code, str | None)
    except tailrace.APITimeoutError as error:
        assert_type(error.phase, str | None)
        assert_type(str(error.request.url), str)
