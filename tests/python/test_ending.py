"""How streams end: what `ended_cleanly` says, what `strict_end` raises, and what a break carries."""

from __future__ import annotations

import asyncio
import copy
import json
import pickle
import sys
import types
from typing import Any

import pytest

import tailrace
from tailrace._module_client import reset_client
from tailrace.testing import MockServer
from tailrace.types.chat import ChatCompletionChunk

CHUNK = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": []}


def sse(*data: Any, **more: Any) -> dict[str, Any]:
    return {"sse": [{"data": item} for item in data], **more}


@pytest.fixture
def server() -> Any:
    with MockServer() as server:
        yield server


def client(server: MockServer, *exchanges: dict[str, Any], **options: Any) -> tailrace.OpenAI:
    return tailrace.OpenAI(api_key="k", base_url=server.script({"exchanges": list(exchanges)}), **options)


def chat(api: Any, **options: Any) -> Any:
    return api.chat.completions.create(model="m", messages=[], stream=True, **options)


CLOSE = {"kind": "close", "at": "end"}
FINAL = {"type": "response.completed", "sequence_number": 1, "response": {"id": "r"}}


@pytest.mark.parametrize(
    ("exchange", "clean"),
    [
        (sse(CHUNK, "[DONE]"), True),
        (sse(CHUNK), False),
        (sse(), False),
        (sse(FINAL), True),
        (sse({"type": "transcript.text.done", "text": "x"}), True),
        (sse(FINAL, CHUNK), False),
        (sse("[DONE]", fault=CLOSE), True),
    ],
)
def test_ended_cleanly_is_known_once_the_end_was_read(
    server: MockServer, exchange: dict[str, Any], clean: bool
) -> None:
    stream = chat(client(server, exchange))
    assert stream.ended_cleanly is None
    for _ in stream:
        assert stream.ended_cleanly is None
    assert stream.ended_cleanly is clean
    stream.close()
    assert stream.ended_cleanly is clean


def test_an_async_stream_says_it_too(server: MockServer) -> None:
    base_url = server.script({"exchanges": [sse(CHUNK, "[DONE]"), sse(CHUNK), sse(CHUNK)]})

    async def main() -> None:
        async with tailrace.AsyncOpenAI(api_key="k", base_url=base_url) as api:
            for clean in (True, False):
                stream = await chat(api)
                assert stream.ended_cleanly is None
                assert len([event async for event in stream]) == 1
                assert stream.ended_cleanly is clean
            stream = await chat(api.with_options(strict_end=True))
            with pytest.raises(tailrace.APIConnectionError) as raised:
                [event async for event in stream]
            assert raised.value.events == 1

    asyncio.run(main())


def test_a_stream_that_is_left_or_raises_did_not_end_cleanly(server: MockServer) -> None:
    left = chat(client(server, sse(CHUNK, CHUNK, "[DONE]")))
    next(left)
    left.close()
    assert left.ended_cleanly is False
    refused = chat(client(server, sse({"error": {"message": "no"}}, "[DONE]")))
    with pytest.raises(tailrace.APIError, match="no"):
        next(refused)
    assert refused.ended_cleanly is False


def test_strict_end_raises_at_an_unclean_end(server: MockServer) -> None:
    api = client(server, sse(CHUNK, CHUNK), sse(CHUNK), sse(CHUNK), sse(FINAL))
    stream = chat(api.with_options(strict_end=True))
    assert [next(stream).id, next(stream).id] == ["c", "c"]
    with pytest.raises(tailrace.APIConnectionError, match="after 2 events with neither") as raised:
        next(stream)
    assert raised.value.events == 2
    assert raised.value.partial is not None
    assert raised.value.partial.last.id == "c"
    assert raised.value.request.method == "POST"
    assert stream.ended_cleanly is False
    assert list(stream) == []
    # A copy keeps the option.
    with pytest.raises(tailrace.APIConnectionError):
        list(chat(api.with_options(strict_end=True).copy()))
    assert len(list(chat(api))) == 1
    assert len(list(chat(api.with_options(strict_end=True)))) == 1


def test_strict_end_of_low_level_calls_and_of_the_module(server: MockServer, monkeypatch: pytest.MonkeyPatch) -> None:
    base_url = server.script({"exchanges": [sse(CHUNK), sse(CHUNK)]})
    api = tailrace.OpenAI(api_key="k", base_url=base_url)
    kind = tailrace.Stream[ChatCompletionChunk]
    stream = api.get("/x", cast_to=object, options={"strict_end": True}, stream=True, stream_cls=kind)
    with pytest.raises(tailrace.APIConnectionError, match="after 1 event"):
        list(stream)
    for name, value in {"api_key": "k", "base_url": base_url, "strict_end": True}.items():
        monkeypatch.setattr(tailrace, name, value)
    reset_client()
    try:
        with pytest.raises(tailrace.APIConnectionError, match="after 1 event"):
            list(tailrace.chat.completions.create(model="m", messages=[], stream=True))
    finally:
        reset_client()


def broken(server: MockServer, **more: Any) -> tailrace.APIConnectionError:
    exchange = sse({**CHUNK, "id": "1"}, {**CHUNK, "id": "2"}, headers={"x-request-id": "req"}, fault=CLOSE)
    with pytest.raises(tailrace.APIConnectionError) as raised:
        list(chat(client(server, exchange, **more)))
    return raised.value


def test_a_break_carries_what_had_arrived(server: MockServer) -> None:
    error = broken(server)
    assert error.events == 2
    partial = error.partial
    assert partial is not None
    assert (partial.events, partial.request_id) == (2, "req")
    assert partial.bytes == 2 * len(json.dumps({**CHUNK, "id": "1"}, separators=(",", ":")))
    assert (partial.first.id, partial.last.id) == ("1", "2")
    assert "id=" not in repr(partial).replace("request_id=", "")


def test_a_break_before_the_first_event_is_tried_again(server: MockServer) -> None:
    api = client(server, sse(fault=CLOSE), sse(fault=CLOSE), sse(CHUNK, "[DONE]"), max_retries=2)
    stream = chat(api)
    assert len(list(stream)) == 1
    assert stream.ended_cleanly


def test_the_refusal_of_a_second_attempt_is_raised(server: MockServer) -> None:
    refused = {"status": 400, "json": {"error": {"message": "no", "code": "c"}}}
    stream = chat(client(server, sse(fault=CLOSE), refused))
    with pytest.raises(tailrace.BadRequestError, match="no") as raised:
        next(stream)
    assert raised.value.code == "c"


@pytest.mark.parametrize("name", ["httpx", "httpx2"])
def test_a_break_is_caught_as_what_a_loaded_http_library_raises(
    server: MockServer, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    for loaded in ("httpx", "httpx2"):
        monkeypatch.delitem(sys.modules, loaded, raising=False)
    assert type(broken(server)) is tailrace.APIConnectionError

    class RemoteProtocolError(Exception):
        @property
        def request(self) -> Any:
            raise RuntimeError("not set")

    class ReadError(Exception):
        pass

    module = types.ModuleType(name)
    module.RemoteProtocolError = RemoteProtocolError  # type: ignore[attr-defined]
    module.ReadError = ReadError  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, name, module)
    error = broken(server)
    assert isinstance(error, (RemoteProtocolError, ReadError))
    assert isinstance(error, RemoteProtocolError)
    assert isinstance(error, ReadError)
    assert error.request.method == "POST"
    assert type(error).__name__ == "APIConnectionError"
    for twin in (copy.copy(error), pickle.loads(pickle.dumps(error))):
        assert type(twin) is tailrace.APIConnectionError
        assert twin.partial is not None
        assert (twin.events, twin.partial.last.id) == (2, "2")


def test_the_final_events_are_those_of_the_types() -> None:
    """Each final event is one that the API has, and each union of events with types has a final one."""
    from typing import get_args

    from tailrace._ending import FINAL_EVENTS
    from tailrace.types import ImageEditStreamEvent, ImageGenStreamEvent
    from tailrace.types.audio import TranscriptionStreamEvent
    from tailrace.types.beta import BetaResponseStreamEvent
    from tailrace.types.responses import ResponseStreamEvent

    known: set[str] = {"speech.audio.done"}
    for union in (
        ImageEditStreamEvent,
        ImageGenStreamEvent,
        TranscriptionStreamEvent,
        BetaResponseStreamEvent,
        ResponseStreamEvent,
    ):
        plain = getattr(union, "__value__", union)
        members = get_args(get_args(plain)[0])
        kinds = {kind for member in members for kind in get_args(member.model_fields["type"].annotation)}
        assert kinds & FINAL_EVENTS, union
        known |= kinds
    assert known >= FINAL_EVENTS
