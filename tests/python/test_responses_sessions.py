"""Several responses over one socket, and translation sessions, blocking and on asyncio."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from test_websockets import said, scripted

from tailrace import OpenAIError
from tailrace.lib.realtime_translation import AsyncTranslationSession, TranslationSession
from tailrace.lib.responses_websocket import (
    AsyncResponsesWebSocketSession,
    ResponsesWebSocketBufferError,
    ResponsesWebSocketError,
    ResponsesWebSocketLimits,
    ResponsesWebSocketSession,
)
from tailrace.lib.websocket_closing import ConnectionClosedError
from tailrace.testing import MockServer

LIMITS: dict[str, Any] = {
    "max_lanes": 3, "max_events_per_lane": 4, "max_events": 8, "max_bytes_per_lane": 100_000, "max_bytes": 200_000,
}  # fmt: skip
CREATE = {"type": "response.create", "model": "m"}


def event(kind: str, lane: str | None = None, **members: Any) -> dict[str, Any]:
    response = {"id": f"r-{lane}", "output": [], "status": kind, **members}
    return {"type": f"response.{kind}", "sequence_number": 1, "response": response} | (
        {"stream_id": lane} if lane else {}
    )


def frames(*events: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"json": event} for event in events]


@asynccontextmanager
async def opened(
    server: MockServer, base_url: str, is_async: bool, options: dict[str, Any] | None = None, **limits: Any
) -> AsyncIterator[tuple[Any, Callable[..., Awaitable[Any]]]]:
    """A session, and what calls a method of a lane: blocking ones on a thread."""
    more: dict[str, Any] = {"limits": ResponsesWebSocketLimits(**LIMITS | limits), **(options or {})}
    connect = more.pop("connect", {})
    if is_async:

        async def call(method: Any, *arguments: Any) -> Any:
            return await asyncio.wait_for(method(*arguments), 60)

        async with (
            server.async_client(base_url).responses.connect(**connect) as connection,
            AsyncResponsesWebSocketSession(connection, **more) as session,
        ):
            yield session, call
    else:

        async def call(method: Any, *arguments: Any) -> Any:
            named = {"timeout": 60} if method.__name__ != "send" else {}
            return await asyncio.to_thread(method, *arguments, **named)

        with (
            server.client(base_url).responses.connect(**connect) as connection,
            ResponsesWebSocketSession(connection, **more) as session,
        ):
            yield session, call


@pytest.mark.parametrize("is_async", [False, True])
def test_lanes_get_their_own_events_and_are_used_again(server: MockServer, is_async: bool) -> None:
    item = {"id": "i", "type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "hi"}]}
    done = {"type": "response.output_item.done", "output_index": 0, "item": item, "stream_id": "a"}
    base_url = scripted(
        server,
        {"expect": 2},
        *frames(event("created", "b"), done, event("completed", "a", output=None), event("failed", "b")),
        *frames({"type": "response.new", "stream_id": "nobody", "kept": 1}),
        {"expect": 1},
        *frames({"type": "error", "error": {"code": "c", "message": "m"}, "stream_id": "a"}),
    )

    async def main() -> None:
        async with opened(server, base_url, is_async) as (session, call):
            a, b = session.lane("a"), session.lane("b")
            await call(a.send, CREATE)
            with pytest.raises(RuntimeError, match="Consume the current response"):
                await call(a.send, CREATE)
            await call(b.send, CREATE)
            final = await call(a.get_final_response)
            assert (final.id, final.output_text) == ("r-a", "hi")
            assert (await call(b.get_final_response)).status == "failed"
            assert (await call(session.default.recv)).kept == 1
            await call(a.send, CREATE)
            with pytest.raises(ResponsesWebSocketError) as error:
                await call(a.get_final_response)
            assert error.value.event.error.code == "c"
            with pytest.raises(ResponsesWebSocketBufferError, match="max_lanes"):
                session.lane("c")
            b.close()
            with pytest.raises(EOFError, match="detached"):
                await call(b.recv)
        sent = [json.loads(message["text"]) for message in said(server, base_url, 4)[:3]]
        assert [message["stream_id"] for message in sent] == ["a", "b", "a"]
        assert "stream_id" not in CREATE

    asyncio.run(main())


@pytest.mark.parametrize("is_async", [False, True])
@pytest.mark.parametrize("isolates", [False, True])
def test_a_lane_that_nobody_reads_fails(server: MockServer, is_async: bool, isolates: bool) -> None:
    slow = {"type": "response.new", "stream_id": "slow"}
    base_url = scripted(server, {"expect": 1}, *frames(*[slow] * 5, event("completed", "good")))

    async def main() -> None:
        options = {"isolate_lane_overflow": isolates}
        async with opened(server, base_url, is_async, options) as (session, call):
            behind, good = session.lane("slow"), session.lane("good")
            await call(good.send, CREATE)
            if isolates:
                assert (await call(good.get_final_response)).id == "r-good"
            else:
                with pytest.raises(ResponsesWebSocketBufferError):
                    await call(good.get_final_response)
            with pytest.raises(ResponsesWebSocketBufferError):
                await call(behind.get_final_response)

    asyncio.run(main())


@pytest.mark.parametrize("is_async", [False, True])
@pytest.mark.parametrize(("step", "error"), [({"close": {"code": 1000}}, EOFError), ("cut", ConnectionClosedError)])
def test_the_end_of_the_connection_is_that_of_all_lanes(
    server: MockServer, is_async: bool, step: Any, error: Any
) -> None:
    base_url = scripted(server, {"expect": 1}, *frames(event("created")), step)

    async def main() -> None:
        async with opened(server, base_url, is_async) as (session, call):
            other = session.lane("other")
            await call(session.default.send, CREATE)
            for lane in (session.default, other):
                with pytest.raises(error):
                    await call(lane.get_final_response)

    asyncio.run(main())


@pytest.mark.parametrize("is_async", [False, True])
def test_a_session_goes_on_over_the_next_socket(server: MockServer, is_async: bool) -> None:
    lost = {"websocket": [{"expect": 1}, {"close": {"code": 1012}}]}
    good = {"websocket": [*frames({"type": "response.new"}), {"expect": 1}, *frames(event("completed", "again"))]}
    base_url = server.script({"exchanges": [lost, good], "own_port": True})

    async def main() -> None:
        options = {"connect": {"on_reconnecting": lambda _: None, "initial_delay": 0.001}}
        async with opened(server, base_url, is_async, options) as (session, call):
            again = session.lane("again")
            await call(again.send, CREATE)
            again.close()
            assert (await call(session.default.recv)).type == "response.new"
            again = session.lane("again")
            await call(again.send, CREATE)
            assert (await call(again.get_final_response)).id == "r-again"
        assert len(server.requests(base_url)) == 2

    asyncio.run(main())


@pytest.mark.parametrize("is_async", [False, True])
def test_a_translation_ends_with_what_the_server_says_last(server: MockServer, is_async: bool) -> None:
    audio = {"type": "session.output_audio.delta", "event_id": "1", "delta": "AA=="}
    ends = frames({"type": "session.closed"}, audio, {"type": "session.closed", "event_id": "2"})
    base_url = scripted(server, {"expect": 1}, *ends)
    append: Any = {"type": "session.input_audio_buffer.append", "audio": "AA=="}
    close: Any = {"type": "session.close"}

    last: list[Any] = []

    async def main() -> None:
        if is_async:
            resource = server.async_client(base_url).realtime.translations
            async with AsyncTranslationSession(resource, model="m") as translation:
                await translation.send(close)
                await translation.send(close)
                with pytest.raises(OpenAIError, match="input is closed"):
                    await translation.send(append)
                with pytest.raises(ValueError, match="event_id"):
                    await translation.recv()
                assert (await translation.recv()).type == audio["type"]
                last.append(await translation.recv())
        else:
            with TranslationSession(server.client(base_url).realtime.translations, model="m") as session:
                session.send(close)
                session.send(close)
                with pytest.raises(OpenAIError, match="input is closed"):
                    session.send(append)
                with pytest.raises(ValueError, match="event_id"):
                    session.recv(timeout=60)
                assert session.recv().type == audio["type"]
                last.append(session.recv(timeout=60))

    asyncio.run(main())
    assert [event.event_id for event in last] == ["2"]
    request = server.requests(base_url)[0]
    assert (request["path"], request["query"]) == ("/v1/realtime/translations", "model=m")
    assert [message.get("text") for message in said(server, base_url, 2)] == ['{"type": "session.close"}', None]
