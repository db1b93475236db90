"""Connections that break: made again with events and overrides, what waits meanwhile, and what is handed back."""

from __future__ import annotations

import asyncio
import json
import pickle
from typing import Any, cast

import pytest
from test_websockets import CLEARED, ERROR, said

import tailrace
from tailrace import WebSocketConnectionClosedError, WebSocketQueueFullError
from tailrace._send_queue import SendQueue
from tailrace.lib.websocket_closing import ConnectionClosedError
from tailrace.testing import MockServer
from tailrace.types.websocket_reconnection import ReconnectingEvent

LOST: dict[str, Any] = {"websocket": [{"close": {"code": 1012, "reason": "restart"}}]}
GOOD: dict[str, Any] = {"websocket": [{"json": CLEARED}, {"close": {"code": 1000}}]}
FAST: Any = {"initial_delay": 0.001, "max_delay": 0.002}


def play(server: MockServer, *exchanges: dict[str, Any]) -> str:
    return server.script({"exchanges": list(exchanges), "own_port": True})


def kinds(client: Any, **options: Any) -> list[str]:
    """The types of all events, blocking and then awaited, which must be the same."""
    connect: Any = {"model": "m", **FAST, **options}
    with client(False).realtime.connect(**connect) as connection:
        found = [event.type for event in connection]

    async def main() -> list[str]:
        async with client(True).realtime.connect(**connect) as connection:
            return [event.type async for event in connection]

    assert asyncio.run(main()) == found
    return found


def test_a_lost_connection_is_made_again_with_what_the_handler_says(server: MockServer) -> None:
    seen: list[ReconnectingEvent] = []
    bases = [play(server, LOST, {"status": 503, "json": {}}, GOOD) for _ in range(2)]

    def on_reconnecting(event: ReconnectingEvent) -> Any:
        seen.append(event)
        return {"extra_query": {"again": event.attempt}, "extra_headers": {"x-again": str(event.attempt)}}

    def client(is_async: bool) -> Any:
        return (server.async_client if is_async else server.client)(bases[is_async])

    assert kinds(client, on_reconnecting=on_reconnecting) == [CLEARED["type"]]
    assert [(event.attempt, event.max_attempts, event.close_code) for event in seen] == [(1, 5, 1012), (2, 5, 1012)] * 2
    assert all(0 < event.delay <= 0.002 for event in seen)
    for base_url in bases:
        requests = server.requests(base_url)
        assert [request["query"] for request in requests] == ["model=m", "model=m&again=1", "model=m&again=2"]
        assert [dict(request["headers"]).get("x-again") for request in requests] == [None, "1", "2"]


@pytest.mark.parametrize("case", ["no handler", "abort", "not recoverable", "spent", "recv"])
def test_a_connection_that_is_not_made_again(server: MockServer, case: str) -> None:
    code = 1008 if case == "not recoverable" else 1011
    closes: dict[str, Any] = {"websocket": [{"json": ERROR}, {"close": {"code": code}}], "repeat": True}
    base_url = play(server, closes)
    attempts: list[int] = []

    def on_reconnecting(event: ReconnectingEvent) -> Any:
        attempts.append(event.attempt)
        return {"abort": True} if case == "abort" else None

    options: Any = {**FAST, "max_retries": 2, "on_reconnecting": None if case == "no handler" else on_reconnecting}
    with server.client(base_url).realtime.connect(model="m", **options) as connection:
        # An error that says no more than that nobody is let in does not give new attempts.
        taken = [connection.recv()] if case == "recv" else []
        with pytest.raises(ConnectionClosedError) as error:
            taken += [connection.recv()] if case == "recv" else list(connection)
        assert error.value.code == code
    assert attempts == {"abort": [1], "spent": [1, 2]}.get(case, [])


def test_what_waits_goes_out_over_the_next_connection_in_order(server: MockServer) -> None:
    good = {"websocket": [{"expect": 3}, {"json": CLEARED}, {"close": {"code": 1000}}]}
    base_url = play(server, {"websocket": [{"expect": 1}, {"close": {"code": 1011}}]}, good)
    opened: list[Any] = []

    def on_reconnecting(event: ReconnectingEvent) -> None:
        opened[0].send({"type": "second"})
        opened[0].send_raw(b"\x00\xff")
        opened[0].send({"type": "third"})

    manager: Any = server.client(base_url).responses.connect(on_reconnecting=on_reconnecting, **FAST)
    manager.send({"type": "first"})
    with manager as connection:
        opened.append(connection)
        assert [event.type for event in connection] == [CLEARED["type"]]
    assert json.loads(said(server, base_url, 1)[0]["text"]) == {"type": "first"}
    sent = said(server, base_url, 3, request=1)
    assert [message.get("base64") or json.loads(message["text"])["type"] for message in sent[:3]] == [
        "second",
        "AP8=",
        "third",
    ]


def test_what_could_not_be_sent_is_handed_back(server: MockServer) -> None:
    base_url = play(server, LOST, {"status": 503, "json": {}, "repeat": True})

    async def main() -> None:
        opened: list[Any] = []

        def on_reconnecting(event: ReconnectingEvent) -> None:
            if event.attempt == 1:
                opened[0]._send_queue.enqueue("text")
                opened[0]._send_queue.enqueue(b"\xff")

        options: Any = {**FAST, "max_retries": 2, "on_reconnecting": on_reconnecting}
        async with server.async_client(base_url).responses.connect(**options) as connection:
            opened.append(connection)
            with pytest.raises(WebSocketConnectionClosedError, match="with unsent messages") as error:
                async for _ in connection:
                    pass
        assert (error.value.unsent_messages, error.value.unsent_frames) == (["text"], ["text", b"\xff"])
        assert isinstance(error.value.__cause__, ConnectionClosedError)
        assert "text" not in repr(vars(error.value))
        again = pickle.loads(pickle.dumps(error.value))
        assert again.unsent_frames == ["text", b"\xff"]

    asyncio.run(main())


def test_the_queue_is_bounded(server: MockServer) -> None:
    manager: Any = server.client().responses.connect(max_queue_size=40)
    manager.send({"type": "response.create"})
    with pytest.raises(WebSocketQueueFullError, match="send queue is full, message discarded"):
        manager.send({"type": "response.create"})
    queue = SendQueue(max_bytes=6)
    for text in ("éé", "a", "b"):
        queue.enqueue(text)
    sent: list[Any] = []

    def send(data: Any) -> None:
        if data == "éé":
            # What is being sent still counts.
            with pytest.raises(WebSocketQueueFullError):
                queue.enqueue("c")
        if data == "a":
            raise OSError("no")
        sent.append(data)

    with pytest.raises(OSError, match="no"):
        queue.flush_sync(send)
    assert (sent, queue.drain(), len(queue)) == (["éé"], ["a", "b"], 0)
    queue.enqueue("123456")


def test_a_break_before_anything_was_sent_loses_nothing(server: MockServer) -> None:
    good = {"websocket": [{"expect": 1}, {"json": CLEARED}, {"close": {"code": 1000}}]}
    base_url = play(server, {"websocket": ["reset"]}, good)
    manager: Any = server.client(base_url).responses.connect(on_reconnecting=lambda _: None, **FAST)
    with manager as connection:
        connection._connection._native.wait_end()
        with pytest.raises(ConnectionClosedError):
            connection.send_raw("refused, and so the caller has it")
        connection._send_queue.enqueue('{"type":"kept"}')
        assert [event.type for event in connection] == [CLEARED["type"]]
    assert said(server, base_url, 1, request=1)[0] == {"text": '{"type":"kept"}'}
    assert issubclass(WebSocketConnectionClosedError, cast(Any, tailrace.OpenAIError))
