"""WebSocket connections: opening, sending, receiving, handlers and closing, blocking, on asyncio and on trio."""

from __future__ import annotations

import asyncio
import gc
import json
import threading
import time
from typing import Any, cast

import pytest
from lifecycle import spawn, wait_closed

import tailrace
from tailrace.lib.websocket_closing import ConnectionClosed, ConnectionClosedError, ConnectionClosedOK
from tailrace.providers import bedrock
from tailrace.resources.realtime.realtime import RealtimeConnection
from tailrace.testing import MockServer
from tailrace.types.realtime import InputAudioBufferClearedEvent, InputAudioBufferClearEvent, RealtimeErrorEvent

#: What opens a connection, the path that it asks for, and the class of an event of type `error` there.
FORMS: dict[str, tuple[Any, str, str]] = {
    "realtime": (lambda c: c.realtime.connect(model="m"), "/v1/realtime?model=m", "RealtimeErrorEvent"),
    "call": (lambda c: c.realtime.connect(call_id="c/1"), "/v1/realtime?call_id=c%2F1", "RealtimeErrorEvent"),
    "transcription": (
        lambda c: c.realtime.connect(extra_query={"intent": "transcription"}),
        "/v1/realtime?intent=transcription",
        "RealtimeErrorEvent",
    ),
    "translations": (
        lambda c: c.realtime.translations.connect("m"),
        "/v1/realtime/translations?model=m",
        "RealtimeErrorEvent",
    ),
    "responses": (lambda c: c.responses.connect(), "/v1/responses", "ResponseWsError"),
    "beta.responses": (lambda c: c.beta.responses.connect(), "/v1/responses", "BetaResponseWsError"),
    "beta.realtime": (lambda c: c.beta.realtime.connect(model="m"), "/v1/realtime?model=m", "ErrorEvent"),
    "live": (lambda c: c.live.connect(), "/v1/live/sessions", "ErrorEvent"),
    "sideband": (
        lambda c: c.live.sideband.connect(session_id="s/1", graceful_close=True),
        "/v1/live/sessions/s%2F1/attach?graceful_close=true",
        "ErrorEvent",
    ),
    "forks": (lambda c: c.live.forks.connect(session_id="s"), "/v1/live/sessions/s/fork", "ErrorEvent"),
}
ECHO: dict[str, Any] = {"websocket": ["echo"], "repeat": True}
ERROR: Any = {"type": "error", "error": {"type": "t", "message": "né"}}
CLEARED = {"type": "input_audio_buffer.cleared", "event_id": "e1", "new": {"kept": True}}


def scripted(server: MockServer, *steps: Any, **more: Any) -> str:
    return server.script({"exchanges": [{"websocket": list(steps), "repeat": True, **more}], "own_port": True})


def said(server: MockServer, base_url: str, messages: int, request: int = 0) -> list[Any]:
    """What the client said over one connection, once there are so many messages."""
    deadline = time.monotonic() + 60
    while True:
        requests = server.requests(base_url)
        if len(requests) > request and len(requests[request]["messages"]) >= messages:
            return requests[request]["messages"]
        assert time.monotonic() < deadline, requests
        time.sleep(0.005)


@pytest.mark.parametrize("form", FORMS)
def test_every_form_opens_where_the_official_one_does(server: MockServer, form: str) -> None:
    opens, path, error = FORMS[form]
    base_url = server.script({"exchanges": [ECHO], "own_port": True})
    with opens(server.client(base_url, api_key="key")) as connection:
        connection.send(ERROR)
        event = connection.recv()
    assert type(event).__name__ == error
    request = server.requests(base_url)[0]
    asked = request["path"] + (f"?{request['query']}" if request["query"] else "")
    headers = {name.lower(): value for name, value in request["headers"]}
    assert (asked, headers["authorization"], headers["upgrade"]) == (path, "Bearer key", "websocket")
    assert headers.get("openai-beta") == ("realtime=v1" if form == "beta.realtime" else None)
    assert said(server, base_url, 2)[1] == {"close": 1000, "reason": ""}

    async def main() -> None:
        async with opens(server.async_client(base_url)) as connection:
            await connection.send(ERROR)
            assert type(await connection.recv()).__name__ == error

    asyncio.run(main())
    trio = pytest.importorskip("trio", reason="trio is not installed here")
    trio.run(main)


def test_parts_send_the_events_that_they_are_named_for(server: MockServer) -> None:
    base_url = scripted(server)
    with server.client(base_url).realtime.connect(model="m") as connection:
        connection.session.update(session={"type": "realtime"}, event_id="e")
        connection.response.create()
        connection.response.cancel(response_id="r")
        connection.input_audio_buffer.append(audio="AA==")
        connection.input_audio_buffer.commit()
        connection.output_audio_buffer.clear()
        connection.conversation.item.create(item={"type": "message", "role": "user", "content": []})
        connection.conversation.item.truncate(audio_end_ms=5, content_index=0, item_id="i")
        connection.send(InputAudioBufferClearEvent.construct(event_id="m", type="input_audio_buffer.clear"))
        connection.send_raw(b"\x00\xff")
    sent = said(server, base_url, 11)
    assert [json.loads(message["text"]) for message in sent[:9]] == [
        {"type": "session.update", "session": {"type": "realtime"}, "event_id": "e"},
        {"type": "response.create"},
        {"type": "response.cancel", "response_id": "r"},
        {"type": "input_audio_buffer.append", "audio": "AA=="},
        {"type": "input_audio_buffer.commit"},
        {"type": "output_audio_buffer.clear"},
        {"type": "conversation.item.create", "item": {"type": "message", "role": "user", "content": []}},
        {
            "type": "conversation.item.truncate",
            "audio_end_ms": 5,
            "content_index": 0,
            "item_id": "i",
        },
        {"event_id": "m", "type": "input_audio_buffer.clear"},
    ]
    assert sent[9] == {"base64": "AP8="}


def test_receiving_in_each_way(server: MockServer) -> None:
    text = ' {"type": "future.event", "text": "東京🙂"}\n'
    base_url = scripted(server, {"json": CLEARED}, {"text": text}, {"binary": "AP8="}, {"text": "[1]"}, {"text": "{no"})
    with server.client(base_url).realtime.connect(model="m") as connection:
        event = connection.recv()
        assert isinstance(event, InputAudioBufferClearedEvent)
        assert event.to_dict(exclude_unset=True) == CLEARED
        assert connection.recv_bytes() == text.encode()
        assert connection.recv_bytes() == b"\x00\xff"
        assert connection.recv() == [1]
        with pytest.raises(ValueError, match="Expecting property name"):
            connection.recv()
        assert isinstance(connection.parse_event(json.dumps(ERROR)), RealtimeErrorEvent)


def test_iteration_ends_in_order_and_raises_otherwise(server: MockServer) -> None:
    for close, raised in [(1000, None), (1001, None), (None, None), (1011, "Error"), (4000, "Error")]:
        base_url = scripted(server, {"json": CLEARED}, {"close": {"code": close, "reason": ""}})
        with server.client(base_url).realtime.connect(model="m") as connection:
            events = []
            if raised is None:
                events += connection
            else:
                with pytest.raises(ConnectionClosedError) as error:
                    events += connection
                assert error.value.rcvd is not None
                assert (error.value.code, error.value.rcvd.code) == (close, close)
            with pytest.raises(ConnectionClosed):
                connection.recv()
            with pytest.raises(ConnectionClosed):
                connection.send(ERROR)
        assert close in (1011, 4000) or [event.type for event in events] == [CLEARED["type"]]


def test_a_break_raises_with_its_cause(server: MockServer) -> None:
    base_url = scripted(server, {"json": CLEARED}, "cut")
    with server.client(base_url).realtime.connect(model="m") as connection:
        connection.recv()
        with pytest.raises(ConnectionClosedError, match="no close frame received or sent") as error:
            connection.recv()
    assert error.value.rcvd is None
    assert isinstance(error.value.__cause__, tailrace.APIConnectionError)


def test_a_handshake_that_fails_is_a_call_that_fails(server: MockServer) -> None:
    refusal = {"status": 401, "headers": {"x-request-id": "r"}, "json": {"error": {"message": "no", "code": "c"}}}
    base_url = server.script({"exchanges": [refusal, refusal]})
    with pytest.raises(tailrace.AuthenticationError) as error, server.client(base_url).responses.connect():
        pytest.fail("it opened")
    assert (error.value.status_code, error.value.code, error.value.request_id) == (401, "c", "r")
    assert error.value.response.json() == refusal["json"]

    async def main() -> None:
        with pytest.raises(tailrace.AuthenticationError):
            await server.async_client(base_url).responses.connect().enter()

    asyncio.run(main())
    refused = server.script({"exchanges": [], "listen": "refuse"})
    with pytest.raises(tailrace.APIConnectionError):
        server.client(refused).responses.connect().enter()
    slow = scripted(server, delay_ms=60_000)
    with pytest.raises(tailrace.APITimeoutError):
        server.client(slow).responses.connect(websocket_connection_options={"open_timeout": 0.05}).enter()  # type: ignore[typeddict-unknown-key]


def test_a_key_goes_to_no_other_origin(server: MockServer) -> None:
    script = [
        {"status": 302, "headers": {"location": "{other_origin}/x"}, "repeat": True},
    ]
    base_url = server.script({"exchanges": script, "own_port": True})

    async def main() -> None:
        with pytest.raises(tailrace.APIStatusError) as error:
            await server.async_client(base_url).responses.connect().enter()
        assert error.value.status_code == 302
        if exceptions is not None:
            assert isinstance(error.value, exceptions.SecurityError)

    # Programs that know `websockets` may ask for its errors.
    exceptions: Any = None
    asyncio.run(main())
    exceptions = pytest.importorskip("websockets.exceptions", reason="the rest is about its errors")
    asyncio.run(main())
    # Without an event loop redirects are not followed at all.
    with pytest.raises(exceptions.InvalidStatus), server.client(base_url).responses.connect():
        pytest.fail("it opened")
    assert len(server.requests(base_url)) == 3


@pytest.mark.parametrize(
    "keys", [{"api_key": lambda: ""}, {"admin_api_key": "a", "api_key": None}], ids=["empty", "admin"]
)
def test_the_server_refuses_who_has_no_key(
    server: MockServer, keys: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    base_url = server.script({"exchanges": [{"status": 401, "json": {}, "repeat": True}], "own_port": True})
    for form in FORMS:
        with pytest.raises(tailrace.AuthenticationError), FORMS[form][0](tailrace.OpenAI(base_url=base_url, **keys)):
            pytest.fail("it opened")
    headers = [{name for name, _ in request["headers"]} for request in server.requests(base_url)]
    assert len(headers) == len(FORMS)
    assert not set().union(*headers) & {"authorization", "api-key"}


def test_credentials_of_a_provider_open_no_socket(server: MockServer) -> None:
    asked: list[str] = []
    provider = bedrock(region="us-east-1", token_provider=lambda: asked.append("token") or "t")
    base_url = scripted(server, "echo")
    for options, said in [
        ({}, None),
        ({"extra_headers": {"authorization": "Bearer own"}}, "Bearer own"),
        ({"extra_headers": {"Authorization": tailrace.omit}}, ""),
    ]:
        client = tailrace.OpenAI(provider=provider, websocket_base_url=base_url)
        if said is None:
            with pytest.raises(tailrace.OpenAIError, match="not supported by WebSocket"):
                client.responses.connect(**options).enter()
            continue
        with client.responses.connect(**options):
            headers = dict(server.requests(base_url)[-1]["headers"])
            assert headers.get("authorization", "") == said
    assert len(server.requests(base_url)) == 2
    assert asked == []


def test_handlers(server: MockServer) -> None:
    base_url = scripted(server, {"json": CLEARED}, {"json": ERROR}, {"json": CLEARED}, {"close": {"code": 1000}})
    seen: list[str] = []
    manager = server.client(base_url).realtime.connect(model="m")
    assert manager.on("event", lambda event: seen.append(f"any {event.type}")) is manager

    @manager.once("input_audio_buffer.cleared")
    def once(event: Any) -> None:
        seen.append("once")

    with manager as connection:
        removed = seen.append
        connection.on("error", removed).on("error", lambda _: seen.append("error")).off("error", removed)
        connection.dispatch_events()
    kind = CLEARED["type"]
    assert once is not None
    assert seen == ["once", f"any {kind}", "error", "any error", f"any {kind}"]

    async def main() -> None:
        async with server.async_client(base_url).realtime.connect(model="m") as connection:

            async def handler(event: Any) -> None:
                await asyncio.sleep(0)
                seen.append(event.type)

            connection.on(str(kind), handler)
            with pytest.raises(tailrace.OpenAIError, match="WebSocket error"):
                await connection.dispatch_events()

    seen.clear()
    asyncio.run(main())
    assert seen == [kind]


def test_counters_and_options(server: MockServer) -> None:
    base_url = scripted(server, "echo", headers={"sec-websocket-protocol": "b"})
    options: Any = {
        "subprotocols": ["a", "b"],
        "max_size": 50,
        "max_queue": 2,
        "compression": None,
        "ping_interval": 0.02,
    }
    manager = server.client(base_url).responses.connect(websocket_connection_options=options)
    with manager as connection:
        connection.send_raw("four")
        assert connection.recv_bytes() == b"four"
        counters = connection._connection.counters()
        while counters["latency"] is None:
            counters = connection._connection.counters()
        assert (counters["sent_bytes"], counters["received_messages"]) == (4, 1)
        connection.send_raw("x" * 51)
        with pytest.raises(ConnectionClosedError) as error:
            connection.recv()
        assert error.value.sent is not None
        assert error.value.sent.code == 1009
    for wrong in ({"exstensions": []}, {"extensions": ["x"]}):
        with pytest.raises((TypeError, ValueError)):
            server.client(base_url).responses.connect(websocket_connection_options=wrong).enter()  # type: ignore[arg-type]


def test_a_connection_is_kept_alive_unless_that_is_declined() -> None:
    from tailrace._websocket.opening import _bounds

    # `websockets` has these defaults.
    assert _bounds({})[5:7] == (20.0, 20.0)
    assert _bounds({"ping_interval": None, "ping_timeout": None})[5:7] == (None, None)


def test_a_server_that_answers_no_ping(server: MockServer) -> None:
    options: Any = {"ping_interval": 0.02, "ping_timeout": 0.05}
    opening = server.client(scripted(server, "mute")).responses.connect(websocket_connection_options=options)
    with opening as connection, pytest.raises(ConnectionClosedError) as error:
        connection.recv()
    assert str(error.value) == "sent 1011 (internal error) keepalive ping timeout; no close frame received"


def test_a_server_that_is_silent_passes_the_idle_limit(server: MockServer) -> None:
    options: Any = {"idle_timeout": 0.05}
    with (
        server.client(scripted(server)).responses.connect(websocket_connection_options=options) as connection,
        pytest.raises(ConnectionClosedError) as error,
    ):
        connection.recv()
    assert isinstance(error.value.__cause__, tailrace.APITimeoutError)


def test_a_server_that_never_answers_the_close(server: MockServer) -> None:
    options: Any = {"close_timeout": 0.05}
    base_url = scripted(server, "mute", {"text": "{}"})
    with server.client(base_url).responses.connect(websocket_connection_options=options) as connection:
        connection.recv()
    with pytest.raises(ConnectionClosedError, match=r"sent 1000 \(OK\); no close frame received"):
        connection.recv()


def test_iteration_asks_a_recv_that_was_replaced(server: MockServer) -> None:
    base_url = scripted(server, {"json": CLEARED}, {"json": CLEARED}, {"close": {"code": 1000, "reason": ""}})
    asked = []

    def noted(event: Any) -> Any:
        asked.append(event)
        return event

    with server.client(base_url).realtime.connect(model="m") as connection:
        recv = connection.recv
        cast("Any", connection).recv = lambda: noted(recv())
        assert list(connection) == asked
        assert len(asked) == 2

    async def main() -> None:
        async with server.async_client(base_url).realtime.connect(model="m") as connection:
            recv = connection.recv

            async def noting() -> Any:
                return noted(await recv())

            cast("Any", connection).recv = noting
            assert [event async for event in connection] == asked[2:]
            assert len(asked) == 4

    asyncio.run(main())


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_a_cancelled_receive_takes_nothing(server: MockServer, backend: str) -> None:
    anyio = pytest.importorskip("anyio", reason="anyio is not installed here")
    pytest.importorskip("trio", reason="trio is not installed here")
    base_url = scripted(server, {"expect": 1}, {"json": CLEARED}, {"json": ERROR})

    async def main() -> None:
        async with server.async_client(base_url).realtime.connect(model="m") as connection:
            with anyio.move_on_after(0.05) as scope:
                await connection.recv()
            assert scope.cancelled_caught
            await connection.send_raw("go")
            assert [(await connection.recv()).type for _ in range(2)] == [CLEARED["type"], "error"]

    anyio.run(main, backend=backend)


def test_two_tasks_and_two_threads(server: MockServer) -> None:
    base_url = server.script({"exchanges": [ECHO], "own_port": True})

    async def main() -> None:
        async with server.async_client(base_url).responses.connect() as connection:

            async def send() -> None:
                for number in range(500):
                    await connection.send(cast(Any, {"type": str(number)}))

            sending = asyncio.create_task(send())
            assert [(await connection.recv()).type for _ in range(500)] == [str(number) for number in range(500)]
            await sending

    asyncio.run(main())
    with server.client(base_url).responses.connect() as connection:
        thread = threading.Thread(
            target=lambda: [connection.send(cast(Any, {"type": str(number)})) for number in range(500)]
        )
        thread.start()
        assert [connection.recv().type for _ in range(500)] == [str(number) for number in range(500)]
        thread.join()


def test_what_is_given_up_is_closed(server: MockServer) -> None:
    base_url = server.script({"exchanges": [ECHO], "own_port": True})
    connection: Any = server.client(base_url).responses.connect().enter()
    connection.send_raw("x")
    connection.recv_bytes()
    del connection
    gc.collect()
    wait_closed(server, base_url)
    code = f"""
import tailrace
connection = tailrace.OpenAI(api_key="k", base_url={base_url!r}).responses.connect().enter()
connection.send_raw("x"); connection.recv_bytes(); print("left open")
"""
    program = spawn(code)
    assert program.communicate(timeout=60) == ("left open\n", "")


def test_a_connection_over_anything_that_sends_and_receives() -> None:
    class Given:
        def recv(self, decode: bool | None = None) -> bytes:
            return json.dumps(CLEARED).encode()

    assert RealtimeConnection(Given()).recv().type == CLEARED["type"]
    assert issubclass(ConnectionClosedOK, tailrace.OpenAIError)
