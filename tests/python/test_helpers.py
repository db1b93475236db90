"""Methods that are more than one request, or a request that is made by hand, beside the official package."""

from __future__ import annotations

import array
import asyncio
import base64
import logging
import math
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pydantic
import pytest
from compared import KINDS, both, json, observed

import tailrace
from tailrace.testing import MockServer

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

UPLOAD = {"id": "up", "object": "upload", "bytes": 8, "created_at": 1, "expires_at": 2, "filename": "f", "purpose": "p"}


def part(number: int) -> dict[str, Any]:
    return json({"id": f"part{number}", "object": "upload.part", "created_at": 1, "upload_id": "up"})


def upload(parts: int) -> list[dict[str, Any]]:
    return [
        json({**UPLOAD, "status": "pending"}),
        *(part(number) for number in range(parts)),
        json({**UPLOAD, "status": "completed"}),
    ]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("parts", "arguments"),
    [
        (3, {"file": "path", "part_size": 3}),
        (3, {"file": "string", "part_size": 3}),
        (1, {"file": "path", "md5": "abc"}),
        (2, {"file": "path", "part_size": 4, "filename": "other", "bytes": 5}),
        (3, {"file": b"abcdefgh", "part_size": 3, "filename": "f", "bytes": 8}),
        (0, {"file": b"", "filename": "f", "bytes": 0}),
    ],
)
def test_a_file_is_uploaded_in_parts(
    server: MockServer, official: ModuleType, tmp_path: Path, kind: str, parts: int, arguments: dict[str, Any]
) -> None:
    path = tmp_path / "large file.bin"
    path.write_bytes(b"abcdefgh")
    file = {"path": path, "string": str(path)}.get(arguments["file"], arguments["file"])
    arguments = {**arguments, "file": file}
    ours, theirs = both(
        server, tailrace, official, kind, upload(parts),
        lambda client: client.uploads.upload_file_chunked(mime_type="text/x", purpose="batch", **arguments),
    )  # fmt: skip
    assert ours == theirs
    assert len(ours[1]) == parts + 2


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "arguments",
    [
        {"file": b"x", "bytes": 1}, {"file": b"x", "filename": "f"}, {"file": Path("/does/not/exist")}, {"file": 5},
        {"file": bytearray(b"x"), "bytes": 1, "filename": "f"},
    ],
)  # fmt: skip
def test_what_cannot_be_uploaded_in_parts_raises_the_official_class(
    server: MockServer, official: ModuleType, kind: str, arguments: dict[str, Any]
) -> None:
    (ours, our_requests), (theirs, _) = both(
        server, tailrace, official, kind, upload(1),
        lambda client: client.uploads.upload_file_chunked(mime_type="text/x", purpose="batch", **arguments),
    )  # fmt: skip
    assert ours[:2] == theirs[:2]
    assert our_requests == []


@pytest.mark.parametrize("kind", KINDS)
def test_an_upload_of_impossible_parts_is_not_begun(server: MockServer, tmp_path: Path, kind: str) -> None:
    # The official package begins both uploads: one has no parts then, and the other has a directory for its content.
    path = tmp_path / "f"
    path.write_bytes(b"x")
    for file, size, error in ((path, 0, "ValueError"), (tmp_path, 3, "IsADirectoryError")):
        outcome, requests = observed(
            server, tailrace, kind, upload(1),
            lambda client, file=file, size=size: client.uploads.upload_file_chunked(
                file=file, mime_type="t", purpose="batch", part_size=size
            ),
        )  # fmt: skip
        assert outcome[:2] == ("raised", error)
        assert requests == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_part_that_fails_ends_the_upload(server: MockServer, official: ModuleType, tmp_path: Path, kind: str) -> None:
    path = tmp_path / "f"
    path.write_bytes(b"abcdefgh")
    exchanges = [upload(0)[0], part(1), {"status": 400, "json": {"error": {"message": "no"}}}]
    ours, theirs = both(
        server, tailrace, official, kind, exchanges,
        lambda client: client.uploads.upload_file_chunked(file=path, mime_type="t", purpose="batch", part_size=3),
    )  # fmt: skip
    assert ours == theirs


VALUES = [0.125, -2.5, 3.75]
ENCODED = base64.b64encode(array.array("f", VALUES).tobytes()).decode()


def embeddings(*vectors: Any) -> dict[str, Any]:
    data = [{"embedding": vector, "index": index, "object": "embedding"} for index, vector in enumerate(vectors)]
    return json({"data": data, "model": "m", "object": "list", "usage": {"prompt_tokens": 1, "total_tokens": 1}})


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("reply", "arguments"),
    [
        (embeddings(ENCODED, ENCODED), {}),
        (embeddings(ENCODED), {"dimensions": 3, "user": "u", "extra_body": {"z": 1}}),
        (embeddings(ENCODED), {"encoding_format": "base64"}),
        (embeddings([1.5]), {"encoding_format": "float"}),
        (embeddings(ENCODED), {"encoding_format": None}),
        (embeddings([1, 2.5], ENCODED), {}),
        (embeddings(), {}),
        (json({}), {}),
        (embeddings("abc"), {}),
        (embeddings(base64.b64encode(b"abc").decode()), {}),
        (embeddings(ENCODED), {"input": iter(["a", "b"])}),
    ],
)
def test_embeddings_travel_as_base64(
    server: MockServer, official: ModuleType, kind: str, reply: dict[str, Any], arguments: dict[str, Any]
) -> None:
    def action(client: Any) -> Any:
        given = {"input": "x", **arguments}
        if not isinstance(given["input"], str):
            given["input"] = iter(["a", "b"])
        return client.embeddings.create(model="m", **given)

    (ours, our_requests), (theirs, their_requests) = both(server, tailrace, official, kind, [reply], action)
    # The official package decodes with numpy where it is installed, and then words the error as numpy does.
    compared = slice(None) if theirs[0] == "returned" else slice(2)
    assert ours[compared] == theirs[compared]
    assert our_requests == their_requests


@pytest.mark.parametrize("kind", KINDS)
def test_vectors_are_lists_of_floats(server: MockServer, kind: str) -> None:
    outcome, _ = observed(
        server, tailrace, kind, [embeddings(ENCODED)], lambda client: client.embeddings.create(model="m", input="x")
    )
    vector = outcome[2]["data"][0]["embedding"]
    assert vector == VALUES
    assert all(type(value) is float for value in vector)


def test_raw_embeddings_are_decoded_when_parsed(server: MockServer, official: ModuleType) -> None:
    def action(client: Any) -> Any:
        return client.embeddings.with_raw_response.create(model="m", input="x").parse()

    ours, theirs = both(server, tailrace, official, "OpenAI", [embeddings(ENCODED)], action)
    assert ours == theirs


JSON = json({"text": "hi", "duration": 1.0, "language": "e"})
TEXT = {"text": "plain \xe9", "headers": {"content-type": "text/plain; charset=utf-8"}}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("resource", ["transcriptions", "translations"])
@pytest.mark.parametrize("form", [None, "json", "verbose_json", "diarized_json", "text", "srt", "vtt", "omit"])
def test_the_format_of_audio_decides_the_type_of_the_answer(
    server: MockServer, official: ModuleType, kind: str, resource: str, form: str | None
) -> None:
    arguments: dict[str, Any] = {} if form == "omit" else {"response_format": form}
    ours, theirs = both(
        server, tailrace, official, kind, [TEXT if form in ("text", "srt", "vtt") else JSON],
        lambda client: getattr(client.audio, resource).create(file=b"x", model="m", temperature=0.5, **arguments),
    )  # fmt: skip
    assert ours == theirs
    assert len(ours[1]) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_a_transcription_has_its_fields_in_the_official_order(
    server: MockServer, official: ModuleType, kind: str
) -> None:
    arguments = {
        "timestamp_granularities": ["word", "segment"], "stream": False, "prompt": "p", "language": "l",
        "languages": ["l"], "include": ["logprobs"], "keywords": ["k"], "known_speaker_names": ["n"],
        "known_speaker_references": ["r"], "chunking_strategy": {"type": "server_vad", "threshold": 0.1},
        "temperature": 1, "response_format": "json",
    }  # fmt: skip
    ours, theirs = both(
        server, tailrace, official, kind, [JSON],
        lambda client: client.audio.transcriptions.create(file=b"x", model="m", **arguments),
    )  # fmt: skip
    assert ours == theirs


def test_an_unknown_format_of_audio_is_sent_and_logged(server: MockServer, caplog: pytest.LogCaptureFixture) -> None:
    outcome, requests = observed(
        server, tailrace, "OpenAI", [JSON],
        lambda client: client.audio.transcriptions.create(file=b"x", model="m", response_format="new"),
    )  # fmt: skip
    assert outcome[:2] == ("returned", "Transcription")
    assert 'name="response_format"\r\n\r\nnew\r\n' in requests[0]["body"]
    assert [(record.name, record.levelno, record.getMessage()) for record in caplog.records] == [
        ("tailrace.audio.transcriptions", logging.WARNING, "Unexpected audio response format: new")
    ]


def test_a_transcription_streams(server: MockServer) -> None:
    event = 'event: transcript.text.delta\ndata: {"type":"transcript.text.delta","delta":"hello"}\n\n'
    exchange = {"headers": {"content-type": "text/event-stream"}, "text": f"{event}data: [DONE]\n\n"}
    base_url = server.script({"exchanges": [exchange, exchange]})
    with tailrace.OpenAI(api_key="k", base_url=base_url) as client:
        stream = client.audio.transcriptions.create(file=b"x", model="m", stream=True, response_format="text")
        assert [type(event).__name__ for event in stream] == ["TranscriptionTextDeltaEvent"]

    async def run() -> list[str]:
        async with tailrace.AsyncOpenAI(api_key="k", base_url=base_url) as client:
            stream = await client.audio.transcriptions.create(file=b"x", model="m", stream=True)
            return [event.type async for event in stream]

    assert asyncio.run(run()) == ["transcript.text.delta"]


ANSWER = {"status": 201, "text": "v=0 answer", "headers": {"content-type": "application/sdp", "location": "/c"}}
SESSION = {"type": "realtime", "model": "m", "nested": {"flags": [False, None, "é"]}}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "arguments",
    [
        {}, {"session": SESSION}, {"session": None}, {"extra_body": {"session": SESSION}},
        {"extra_body": {"sdp": "v=0 other"}}, {"extra_body": {"session": SESSION, "more": {"b": [1, True]}}},
        {"session": SESSION, "extra_headers": {"content-type": "application/json", "X-A": "1"}},
        {"extra_headers": {"Content-Type": "application/json", "Accept": "x/y"}, "extra_query": {"a": 1}},
    ],
)  # fmt: skip
def test_a_call_is_an_offer_alone_or_a_form_of_two_parts(
    server: MockServer, official: ModuleType, kind: str, arguments: dict[str, Any]
) -> None:
    def action(client: Any) -> Any:
        answer = client.realtime.calls.create(sdp="v=0 \u03c0", **arguments)
        if kind == "OpenAI":
            return answer.text

        async def text() -> str:
            return (await answer).text

        return text()

    ours, theirs = both(server, tailrace, official, kind, [ANSWER], action)
    assert ours == theirs
    assert ours[0] == ("returned", "str", "v=0 answer")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("offer", [5, b"v=0"])
def test_an_offer_that_is_no_text_sends_nothing(
    server: MockServer, official: ModuleType, kind: str, offer: Any
) -> None:
    (ours, our_requests), (theirs, _) = both(
        server, tailrace, official, kind, [ANSWER], lambda client: client.realtime.calls.create(sdp=offer)
    )
    assert ours[:2] == theirs[:2] == ("raised", "TypeError")
    assert our_requests == []


class Shape(pydantic.BaseModel):
    sides: int


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "action",
    [
        lambda client: client.chat.completions.create(model="m", messages=[], response_format=Shape),
        lambda client: client.chat.completions.create(model="m", messages=[{"role": "user", "content": math.nan}]),
        lambda client: client.responses.create(model="m", input=object()),
        lambda client: client.responses.create(model="m", input="x", text={"format": Shape}),
        lambda client: client.files.retrieve(""),
        lambda client: client.beta.threads.runs.retrieve("run", thread_id=""),
        lambda client: client.files.create(purpose="batch"),
        lambda client: client.chat.completions.create(messages=[]),
        lambda client: client.models.retrieve("m", nonsense=1),
        lambda client: client.beta.agents.sessions.create(environment={}, output_type=int),
        lambda client: client.beta.agents.sessions.create(environment={}, tool_handlers={"a": print}),
    ],
)
def test_bad_input_raises_the_official_class_and_sends_nothing(
    server: MockServer, official: ModuleType, kind: str, action: Callable[[Any], Any]
) -> None:
    (ours, our_requests), (theirs, _) = both(server, tailrace, official, kind, [json({})], action)
    assert ours[:2] == theirs[:2]
    assert ours[0] == "raised"
    assert our_requests == []


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("stream", [{}, {"stream": False}, {"stream": None}])
def test_a_session_of_an_agent_is_made(
    server: MockServer, official: ModuleType, kind: str, stream: dict[str, Any]
) -> None:
    ours, theirs = both(
        server, tailrace, official, kind, [json({"id": "s", "object": "agent.session"})],
        lambda client: client.beta.agents.sessions.create(
            environment={"type": "openai_hosted"}, agent={"model": "m"}, input="hi", metadata={"a": "b"}, **stream
        ),
    )  # fmt: skip
    assert ours == theirs


@pytest.mark.parametrize("kind", KINDS)
def test_the_events_of_a_session_are_those_of_the_official_package(
    server: MockServer, official: ModuleType, kind: str
) -> None:
    names = ("agent.session.created", "agent.session.turn.output_text.delta", "agent.session.idle", "never.heard.of")
    events = [f'event: {name}\ndata: {{"type": "{name}", "delta": "x", "session_id": "s"}}\n\n' for name in names]
    exchange = {"headers": {"content-type": "text/event-stream"}, "text": "".join(events)}

    def action(client: Any) -> Any:
        stream = client.beta.agents.sessions.create(environment={"type": "openai_hosted"}, agent_id="a", stream=True)
        if kind == "OpenAI":
            return [(type(event).__name__, event.to_dict()) for event in stream]

        async def collect() -> list[Any]:
            return [(type(event).__name__, event.to_dict()) async for event in await stream]

        return collect()

    ours, theirs = both(server, tailrace, official, kind, [exchange], action)
    assert ours == theirs
    assert ours[0][0] == "returned"
    assert len(ours[0][2]) >= 3
