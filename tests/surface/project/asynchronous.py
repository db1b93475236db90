"""Awaited calls, pages and files of a user's program. Type checkers read it; it never runs."""

from __future__ import annotations

import io
from pathlib import Path

from typing_extensions import assert_type

import tailrace
from tailrace import AsyncAPIResponse, AsyncOpenAI, AsyncStream, OpenAI
from tailrace.pagination import AsyncCursorPage, SyncCursorPage, SyncPage
from tailrace.types import FileObject, Model, VectorStore
from tailrace.types.chat import ChatCompletion, ChatCompletionChunk
from tailrace.types.fine_tuning import FineTuningJob
from tailrace.types.responses import Response, ResponseStreamEvent
from tailrace.types.vector_stores import VectorStoreFile, VectorStoreFileBatch


async def calls(client: AsyncOpenAI) -> None:
    assert_type(await client.chat.completions.create(model="m", messages=[]), ChatCompletion)
    stream = await client.chat.completions.create(model="m", messages=[], stream=True)
    assert_type(stream, AsyncStream[ChatCompletionChunk])
    async with stream:
        async for chunk in stream:
            assert_type(chunk.choices[0].delta.content, str | None)
    assert_type(await client.responses.create(model="m", input="hi"), Response)
    async for event in await client.responses.create(model="m", input="hi", stream=True):
        event_: ResponseStreamEvent = event
        del event_
    speech = await client.audio.speech.create(model="m", input="a", voice="alloy")
    assert_type(speech.read(), bytes)
    raw = await client.files.with_raw_response.retrieve("f")
    assert_type(raw.parse(), FileObject)
    async with client.files.with_streaming_response.retrieve("f") as response:
        assert_type(response, AsyncAPIResponse[FileObject])
        assert_type(await response.parse(), FileObject)
        async for piece in response.iter_bytes():
            assert_type(piece, bytes)


async def pages(client: AsyncOpenAI) -> None:
    async for job in client.fine_tuning.jobs.list(limit=20):
        assert_type(job, FineTuningJob)
    page = await client.fine_tuning.jobs.list(limit=20)
    assert_type(page, AsyncCursorPage[FineTuningJob])
    if page.has_next_page():
        assert_type(await page.get_next_page(), AsyncCursorPage[FineTuningJob])
    async for other in page.iter_pages():
        assert_type(other.data, list[FineTuningJob])


def blocking_pages(client: OpenAI) -> list[str]:
    page = client.fine_tuning.jobs.list(after="a")
    assert_type(page, SyncCursorPage[FineTuningJob])
    for job in page:
        assert_type(job, FineTuningJob)
    assert_type(client.models.list(), SyncPage[Model])
    assert_type(page.get_next_page(), SyncCursorPage[FineTuningJob])
    return [model.id for model in client.models.list()]


async def files(client: AsyncOpenAI, opened: io.BufferedReader) -> None:
    for file in (Path("a"), opened, b"a", ("a", b"a"), ("a", opened, "text/plain"), ("a", b"a", "t", {"h": "v"})):
        assert_type(await client.files.create(file=file, purpose="user_data"), FileObject)
    assert_type(await client.vector_stores.files.upload_and_poll(vector_store_id="v", file=Path("a")), VectorStoreFile)
    assert_type(
        await client.vector_stores.file_batches.upload_and_poll("v", files=[Path("a"), b"b"]), VectorStoreFileBatch
    )
    async for store in client.vector_stores.list(order="asc"):
        assert_type(store, VectorStore)


def webhooks(client: OpenAI, body: str, headers: dict[str, str]) -> None:
    event = client.webhooks.unwrap(body, headers, secret="s")
    if event.type == "response.completed":
        assert_type(event.data.id, str)
    elif event.type == "batch.failed":
        assert_type(event.created_at, int)
    client.webhooks.verify_signature(body, headers)


def errors(client: OpenAI) -> str | None:
    try:
        client.models.retrieve("m")
    except tailrace.RateLimitError as error:
        print(error.status_code + 1)
        assert_type(error.request_id, str | None)
    except tailrace.APIStatusError as error:
        return error.response.headers.get("a")
    except tailrace.APIConnectionError as error:
        return str(error.request.url)
    return None


def options(client: OpenAI) -> None:
    assert_type(
        client.with_options(max_retries=0, timeout=None).chat.completions.create(model="m", messages=[]), ChatCompletion
    )
    assert_type(client.copy(), OpenAI)
    assert_type(client.post("/x", body={"a": 1}, cast_to=FileObject), FileObject)
    tailrace.api_key = "k"
    tailrace.max_retries = 3
    assert_type(tailrace.chat.completions.create(model="m", messages=[]), ChatCompletion)
    assert_type(tailrace.files.retrieve("f"), FileObject)
