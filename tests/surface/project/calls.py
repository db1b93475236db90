"""Blocking calls of a user's program: what they take and what they return. Type checkers read it; it never runs."""

from __future__ import annotations

from pathlib import Path

from typing_extensions import assert_type

import tailrace
from tailrace import APIResponse, HttpxBinaryResponseContent, OpenAI, Stream
from tailrace._legacy_response import LegacyAPIResponse
from tailrace.types import (
    Batch,
    CreateEmbeddingResponse,
    FileDeleted,
    FileObject,
    ImageGenStreamEvent,
    ImagesResponse,
    Model,
    ModerationCreateResponse,
    Upload,
    VectorStore,
)
from tailrace.types.audio import (
    Transcription,
    TranscriptionStreamEvent,
    TranscriptionVerbose,
)
from tailrace.types.chat import (
    ChatCompletion,
    ChatCompletionChunk,
    ChatCompletionMessageParam,
    ChatCompletionToolParam,
)
from tailrace.types.chat.completion_create_params import CompletionCreateParamsNonStreaming
from tailrace.types.responses import Response, ResponseStreamEvent, ResponseTextDeltaEvent, ToolParam
from tailrace.types.shared_params import Metadata, ResponseFormatJSONSchema

QUESTION: list[ChatCompletionMessageParam] = [
    {"role": "developer", "content": "Be brief."},
    {"role": "user", "content": [{"type": "text", "text": "hi"}, {"type": "image_url", "image_url": {"url": "u"}}]},
    {"role": "tool", "tool_call_id": "t", "content": "42"},
]
TOOL: ChatCompletionToolParam = {
    "type": "function",
    "function": {"name": "add", "parameters": {"type": "object"}, "strict": True},
}
FORMAT: ResponseFormatJSONSchema = {"type": "json_schema", "json_schema": {"name": "n", "schema": {"type": "object"}}}
METADATA: Metadata = {"a": "b"}


def chat(client: OpenAI) -> str | None:
    completions = client.chat.completions
    answer = completions.create(
        model="m",
        messages=QUESTION,
        tools=[TOOL],
        tool_choice="auto",
        response_format=FORMAT,
        reasoning_effort="low",
        temperature=None,
        stop=["a", "b"],
        metadata=METADATA,
        extra_headers={"a": "b", "c": tailrace.omit},
        extra_query={"q": 1},
        extra_body={"x": 1},
        timeout=tailrace.Timeout(5, connect=1),
    )
    assert_type(answer, ChatCompletion)
    for call in answer.choices[0].message.tool_calls or []:
        if call.type == "function":
            assert_type(call.function.arguments, str)
        else:
            assert_type(call.custom.input, str)
    stream = completions.create(model="m", messages=QUESTION, stream=True, stream_options={"include_usage": True})
    assert_type(stream, Stream[ChatCompletionChunk])
    with stream:
        for chunk in stream:
            assert_type(chunk.choices[0].delta.content, str | None)
    params: CompletionCreateParamsNonStreaming = {"model": "m", "messages": QUESTION}
    assert_type(completions.create(**params), ChatCompletion)
    assert_type(answer.to_dict(), dict[str, object])
    assert_type(answer.to_json(), str)
    return answer.choices[0].message.content


def responses(client: OpenAI) -> None:
    tools: list[ToolParam] = [
        {"type": "web_search"},
        {"type": "function", "name": "f", "parameters": {}, "strict": True},
        {"type": "file_search", "vector_store_ids": ["v"]},
    ]
    answer = client.responses.create(model="m", input="hi", tools=tools, text={"format": {"type": "text"}})
    assert_type(answer, Response)
    assert_type(answer.output_text, str)
    for item in answer.output:
        if item.type == "message":
            for part in item.content:
                if part.type == "output_text":
                    assert_type(part.text, str)
                else:
                    assert_type(part.refusal, str)
        elif item.type == "function_call":
            assert_type(item.arguments, str)
    for event in client.responses.create(model="m", input="hi", stream=True):
        if event.type == "response.output_text.delta":
            assert_type(event, ResponseTextDeltaEvent)
        elif event.type == "response.completed":
            assert_type(event.response, Response)
    assert_type(client.responses.retrieve("r"), Response)
    assert_type(client.responses.retrieve("r", stream=True), Stream[ResponseStreamEvent])
    assert_type(client.responses.delete("r"), None)


def media(client: OpenAI) -> None:
    assert_type(client.embeddings.create(model="m", input=["a", "b"], encoding_format="float"), CreateEmbeddingResponse)
    assert_type(client.moderations.create(input="a"), ModerationCreateResponse)
    assert_type(client.images.generate(prompt="p"), ImagesResponse)
    assert_type(client.images.generate(prompt="p", stream=True), Stream[ImageGenStreamEvent])
    assert_type(client.audio.speech.create(model="m", input="a", voice="alloy"), HttpxBinaryResponseContent)
    transcriptions = client.audio.transcriptions
    assert_type(transcriptions.create(model="m", file=b"a"), Transcription)
    assert_type(transcriptions.create(model="m", file=b"a", response_format="verbose_json"), TranscriptionVerbose)
    assert_type(transcriptions.create(model="m", file=b"a", response_format="text"), str)
    assert_type(transcriptions.create(model="m", file=b"a", stream=True), Stream[TranscriptionStreamEvent])


def stores(client: OpenAI) -> None:
    assert_type(client.files.create(file=("a.txt", b"a", "text/plain"), purpose="assistants"), FileObject)
    assert_type(client.files.delete("f"), FileDeleted)
    assert_type(client.files.content("f").read(), bytes)
    assert_type(client.uploads.create(bytes=1, filename="f", mime_type="m", purpose="batch"), Upload)
    assert_type(client.uploads.upload_file_chunked(file=Path("a.txt"), mime_type="m", purpose="batch"), Upload)
    assert_type(client.batches.create(completion_window="24h", endpoint="/v1/responses", input_file_id="f"), Batch)
    assert_type(
        client.vector_stores.create(name="n", expires_after={"anchor": "last_active_at", "days": 1}), VectorStore
    )
    assert_type(client.models.retrieve("m"), Model)


def views(client: OpenAI) -> None:
    raw = client.chat.completions.with_raw_response.create(model="m", messages=[])
    assert_type(raw, LegacyAPIResponse[ChatCompletion])
    assert_type(raw.parse(), ChatCompletion)
    assert_type(raw.headers.get("x-request-id"), str | None)
    with client.chat.completions.with_streaming_response.create(model="m", messages=[]) as response:
        assert_type(response, APIResponse[ChatCompletion])
        assert_type(response.status_code, int)
        for line in response.iter_lines():
            assert_type(line, str)


def mistakes(client: OpenAI) -> None:
    """Each line is refused: a checker that finds nothing to ignore says so."""
    client.chat.completions.create(messages=[])  # type: ignore[call-overload]
    client.files.retrieve(1)  # type: ignore[arg-type]
    client.embeddings.create(model="m", input="a", nonsense=1)  # type: ignore[call-arg]
    client.responses.create(model="m", input="a").nonsense  # type: ignore[attr-defined]  # noqa: B018
