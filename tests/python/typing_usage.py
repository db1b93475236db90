"""What a type checker sees of the package. Nothing here runs: `pyright` reads it, in strict mode."""

# pyright: strict, reportUnnecessaryTypeIgnoreComment=true

from __future__ import annotations

from collections.abc import Awaitable
from pathlib import Path

import httpx2
from pydantic import BaseModel
from typing_extensions import assert_type

import tailrace
from tailrace import AsyncOpenAI, AsyncStream, OpenAI, Stream
from tailrace.lib.azure import AzureOpenAI
from tailrace.lib.beta.agents import FunctionTool, PreparedAgentFiles, function_tool
from tailrace.lib.streaming.agents import ToolOutput
from tailrace.testing import MockServer
from tailrace.types import FileObject, Upload
from tailrace.types.chat import ChatCompletion, ChatCompletionChunk
from tailrace.types.responses import Response, ResponseStreamEvent
from tailrace.types.vector_stores import VectorStoreFile


class Weather(BaseModel):
    degrees: float


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


def module_client() -> None:
    tailrace.api_key = "key"
    tailrace.base_url = "http://localhost"
    tailrace.timeout = 5
    tailrace.max_retries = 0
    tailrace.default_headers = {"X-A": "1"}
    tailrace.http_client = tailrace.DefaultHttpxClient(timeout=5)
    assert_type(tailrace.chat.completions.create(model="m", messages=[]), ChatCompletion)
    assert_type(tailrace.files.wait_for_processing("file"), FileObject)


def files(client: OpenAI) -> None:
    for file in (b"x", Path("x"), ("n", b"x"), (None, Path("x"), "a/b"), ("n", b"x", None, {"X-A": "1"})):
        assert_type(client.files.create(file=file, purpose="batch"), FileObject)
    client.files.create(file=tailrace.file_from_path("x"), purpose="batch")
    client.files.create(file="a path", purpose="batch")  # pyright: ignore[reportArgumentType]
    client.images.edit(image=[b"x", Path("x")], prompt="p")
    assert_type(client.uploads.upload_file_chunked(file=Path("x"), mime_type="a/b", purpose="batch"), Upload)
    assert_type(client.vector_stores.files.upload_and_poll(vector_store_id="v", file=b"x"), VectorStoreFile)


async def helpers(client: AsyncOpenAI) -> None:
    vectors = await client.embeddings.create(model="m", input="x", dimensions=tailrace.omit)
    assert_type(vectors.data[0].embedding, list[float])
    batch = await client.vector_stores.file_batches.upload_and_poll("v", files=[b"x", Path("x")])
    assert_type(batch.file_counts.completed, int)
    prepared = await client.beta.agents.environments.files.prepare({"/workspace/a": Path("a")})
    assert_type(prepared, PreparedAgentFiles)
    assert_type(client.webhooks.verify_signature(b"", {"webhook-id": "w"}), None)
    transcription = await client.audio.transcriptions.create(file=b"x", model="m", response_format="text")
    assert_type(transcription, str)


async def agents(client: OpenAI, later: AsyncOpenAI) -> None:
    @function_tool
    def find(query: str) -> dict[str, str]:
        return {"query": query}

    @function_tool(name="other")
    async def find_later(query: str) -> str:
        return query

    assert_type(find, FunctionTool[ToolOutput])
    assert_type(find_later, FunctionTool[Awaitable[ToolOutput]])
    sessions = client.beta.agents.sessions
    with sessions.stream("s", input="x", output_type=Weather, tool_handlers={find.name: find}) as stream:
        assert_type(stream.get_final_result().output_parsed, Weather | None)
    plain = sessions.create(environment={"type": "none"}, agent_id="a", input="x", stream=True, output_type=Weather)
    assert_type(plain.with_result_collection().get_final_result().output_parsed, Weather | None)
    async with later.beta.agents.sessions.stream("s", input="x", tool_handlers={"other": find_later}) as events:
        assert_type((await events.get_final_result()).parse(Weather).output_parsed, Weather | None)


def azure(client: OpenAI) -> None:
    azure = AzureOpenAI(azure_endpoint="https://x", api_version="v")
    assert_type(azure.models.retrieve("m").id, str)
    if isinstance(client, AzureOpenAI):
        client.close()
