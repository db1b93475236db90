"""Streams: what iterating gives, how they end, and how they fail, sync and async, beside the official package."""

from __future__ import annotations

import asyncio
import gc
import json
import time
from concurrent.futures import ThreadPoolExecutor
from types import ModuleType
from typing import Any

import pytest

import tailrace
from tailrace.testing import MockServer

CHUNK = (
    '{"id":"c1","object":"chat.completion.chunk","created":1,"model":"m",'
    '"choices":[{"index":0,"delta":{"content":"x"}}]}'
)
DATA = f"data: {CHUNK}\n\n"
DONE = "data: [DONE]\n\n"
FLAVOURS = ["sync", "async"]


def exchange(*parts: str | dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"headers": {"content-type": "text/event-stream", "x-request-id": "req_1"}, "chunks": list(parts), **fields}


def picture(item: Any) -> Any:
    fields = item.model_dump(warnings=False) if hasattr(item, "model_dump") else item
    # As text, because NaN is unequal to itself.
    return (type(item).__name__, repr(item), repr(fields), hasattr(item, "_request_id"))


def consume(
    library: ModuleType, flavour: str, base_url: str, api: str = "chat", **options: Any
) -> tuple[list[Any], Any]:
    """Return pictures of the items of a stream and the exception that ended it, if one did."""
    options = {"api_key": "k", "base_url": base_url, "max_retries": 0, **options}
    arguments: dict[str, Any] = {"model": "m", "stream": True}
    arguments |= {"messages": []} if api == "chat" else {"input": "hi"}
    items: list[Any] = []

    def call(client: Any) -> Any:
        return (client.chat.completions if api == "chat" else client.responses).create(**arguments)

    def run() -> None:
        with library.OpenAI(**options) as client:
            for item in call(client):
                items.append(picture(item))

    async def run_async() -> None:
        async with library.AsyncOpenAI(**options) as client:
            async for item in await call(client):
                items.append(picture(item))

    try:
        run() if flavour == "sync" else asyncio.run(run_async())
    except Exception as error:  # noqa: BLE001 - Compared by the tests.
        return items, error
    return items, None


def json_event(value: Any, event: str | None = None) -> str:
    head = f"event: {event}\n" if event else ""
    return f"{head}data: {value if isinstance(value, str) else json.dumps(value)}\n\n"


ERROR = {"message": "boom", "code": "c", "type": "t", "param": "p"}

#: Bodies, and the API that reads them. Both packages must give the same items and the same exception.
SAME: dict[str, tuple[str, list[str]]] = {
    "plain": ("chat", [DATA, DATA, DONE]),
    "no done": ("chat", [DATA]),
    "empty": ("chat", []),
    "done with more": ("chat", [DATA, "data: [DONE] and more\n\n", DATA]),
    "comment": ("chat", [": ping\n\n", DATA, DONE]),
    "crlf": ("chat", [DATA.replace("\n", "\r\n"), DONE]),
    "cut anywhere": ("chat", list(DATA + DATA + DONE)),
    "two lines of data": ("chat", ['data: {"id":\ndata: "a"}\n\n']),
    "last event without its blank line": ("chat", [DATA, DATA[:-1]]),
    "error": ("chat", [DATA, json_event({"error": ERROR}), DATA]),
    "error without message": ("chat", [json_event({"error": {"code": "c"}})]),
    "error with empty message": ("chat", [json_event({"error": {"message": ""}})]),
    "error with a number as message": ("chat", [json_event({"error": {"message": 5}})]),
    "error as text": ("chat", [json_event({"error": "boom"})]),
    "error as list": ("chat", [json_event({"error": [1]})]),
    "error with a number as code": ("chat", [json_event({"error": {"code": 7, "message": "m"}})]),
    "no error": ("chat", [json_event({"error": null, "id": "2"}) for null in (None, {}, "", 0, False, [])]),
    "error further in": ("chat", [json_event({"id": "1", "x": {"error": {"message": "m"}}}), DONE]),
    "error event": ("chat", [json_event({"error": ERROR}, "error")]),
    "error event of responses with error": ("responses", [json_event({"type": "error", "error": ERROR}, "error")]),
    "failed response": (
        "responses",
        [json_event({"type": "response.failed", "response": {"id": "r", "error": {"message": "m", "code": "c"}}})],
    ),
    "unknown event of responses": ("responses", [json_event({"type": "response.new_thing", "a": 1}), DONE]),
    "thread event": ("chat", [json_event({"id": "t"}, "thread.created"), DONE]),
    "thread event with error": ("chat", [json_event({"error": ERROR}, "thread.message.delta"), DONE]),
    "thread event of responses": ("responses", [json_event({"id": "t", "type": "response.created"}, "thread.created")]),
    "no objects": ("chat", [json_event(text) for text in ("[1]", '"s"', "5", "null", "true", '"error"', '["error"]')]),
    "odd numbers": ("chat", [json_event('{"id": NaN, "a": 1e400, "b": 123456789012345678901234567890, "c": -0.0}')]),
    "lone surrogate": ("chat", [json_event('{"id": "\\ud800"}')]),
    "escapes": ("chat", [json_event('{"id": "\\u00e9\\n\\"\\ud83d\\ude00", "\\u0069d2": 1}')]),
    "a key twice": ("chat", [json_event('{"id": "1", "id": "2", "choices": null, "choices": []}')]),
    "wrong types": ("chat", [json_event('{"id": 5, "choices": {"a": 1}, "created": "x", "usage": [1]}')]),
    "wrong types further in": (
        "chat",
        [json_event('{"choices": [5, null, {"delta": 5}, {"delta": {"tool_calls": {}}}]}')],
    ),
}  # fmt: skip


def described(error: BaseException | None) -> Any:
    if error is None:
        return None
    names = ("message", "body", "code", "param", "type")
    return (type(error).__name__, str(error), error.args, {name: getattr(error, name) for name in names})


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize("case", SAME)
def test_a_stream_equals_the_official_one(server: MockServer, official: ModuleType, case: str, flavour: str) -> None:
    api, body = SAME[case]
    base_url = server.script({"exchanges": [exchange(*body, repeat=True)]})
    ours, our_error = consume(tailrace, flavour, base_url, api)
    theirs, their_error = consume(official, flavour, base_url, api)
    assert ours == theirs
    assert described(our_error) == described(their_error)


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize("text", ["{broken", '{"a": x}', "nothing", '{"a": 1} x'])
def test_broken_json_is_the_official_error_and_an_api_error(
    server: MockServer, official: ModuleType, flavour: str, text: str
) -> None:
    base_url = server.script({"exchanges": [exchange(DATA, f"data: {text}\n\n", DATA, repeat=True)]})
    ours, error = consume(tailrace, flavour, base_url)
    theirs, official_error = consume(official, flavour, base_url)
    assert ours == theirs
    assert isinstance(error, json.JSONDecodeError)
    assert isinstance(error, tailrace.APIError)
    assert str(error) == str(official_error)
    assert (error.doc, error.pos) == (official_error.doc, official_error.pos)
    assert error.body == text
    assert error.request.method == "POST"


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize("quiet", ["event: ping\n\n", "id: 1\n\n", "retry: 5\n\n", "id: 1\n\n: ping\n\n"])
def test_an_event_without_data_is_no_event(server: MockServer, flavour: str, quiet: str) -> None:
    # The official package parses the empty text as JSON here and fails; keep-alives must not end a stream.
    base_url = server.script({"exchanges": [exchange(DATA, quiet, DATA, DONE)]})
    items, error = consume(tailrace, flavour, base_url)
    assert len(items) == 2
    assert error is None


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"fault": {"kind": "close", "at": len(DATA) + 5}}, "APIConnectionError"),
        ({"fault": {"kind": "reset", "at": len(DATA) + 5}}, "APIConnectionError"),
        ({"fault": {"kind": "close", "at": "end"}, "framing": "chunked"}, "APIConnectionError"),
        ({"fault": {"kind": "stall", "at": len(DATA) + 5}}, "APITimeoutError"),
        ({"fault": {"kind": "close", "at": "request"}}, "APIConnectionError"),
        ({"fault": {"kind": "reset", "at": "request"}}, "APIConnectionError"),
        ({"fault": {"kind": "stall", "at": "request"}}, "APITimeoutError"),
    ],
)
def test_a_failing_transport(
    server: MockServer, official: ModuleType, flavour: str, fields: dict[str, Any], name: str
) -> None:
    base_url = server.script({"exchanges": [exchange(DATA, DATA, **fields, repeat=True)]})
    # Short only where the limit is what ends the call, and long enough for what comes before: a busy machine is slow.
    limit = 60.0
    if fields["fault"]["kind"] == "stall":
        limit = 0.5 if fields["fault"]["at"] == "request" else 4
    with ThreadPoolExecutor() as both:
        runs = [both.submit(consume, library, flavour, base_url, timeout=limit) for library in (tailrace, official)]
    (ours, error), (theirs, official_error) = (run.result() for run in runs)
    assert ours == theirs or fields["fault"]["kind"] == "reset"
    assert type(error).__name__ == type(official_error).__name__ == name
    assert str(error).startswith(str(official_error))
    assert isinstance(error, tailrace.APIConnectionError)
    assert error.__cause__ is not None or error.message != official_error.message
    assert error.request.method == "POST"
    assert str(error.request.url).startswith(base_url)
    assert error.body is None


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_status_error_before_the_stream(server: MockServer, official: ModuleType, flavour: str) -> None:
    base_url = server.script({"exchanges": [{"status": 400, "json": {"error": ERROR}, "repeat": True}]})
    _, error = consume(tailrace, flavour, base_url)
    _, official_error = consume(official, flavour, base_url)
    assert described(error) == described(official_error)
    assert isinstance(error, tailrace.BadRequestError)


@pytest.mark.parametrize("kind", ["application/json", "text/html"])
def test_a_reply_that_is_no_event_stream_has_no_events(server: MockServer, library: ModuleType, kind: str) -> None:
    body = {"headers": {"content-type": kind}, "text": '{"id": "x"}', "repeat": True}
    items, error = consume(library, "sync", server.script({"exchanges": [body]}))
    assert (items, error) == ([], None)


def open_stream(server: MockServer, *parts: str | dict[str, Any], **fields: Any) -> Any:
    base_url = server.script({"exchanges": [exchange(*parts, **fields)], "own_port": True})
    return server.client(base_url).chat.completions.create(model="m", messages=[], stream=True), base_url


def test_next_and_for_may_be_mixed(server: MockServer) -> None:
    stream, _ = open_stream(server, DATA, DATA, DATA, DONE)
    assert next(stream).id == "c1"
    assert next(iter(stream)).id == "c1"
    assert len(list(stream)) == 1
    assert list(stream) == []
    with pytest.raises(StopIteration):
        next(stream)


def test_the_response_of_a_stream(server: MockServer) -> None:
    stream, base_url = open_stream(server, DATA, DONE)
    response = stream.response
    assert (response.status_code, response.headers["X-Request-Id"]) == (200, "req_1")
    assert str(response.url) == f"{base_url}/chat/completions"
    assert response.request.method == "POST"
    assert not response.is_closed
    list(stream)
    assert response.is_closed


def test_a_stream_is_a_context_manager(server: MockServer) -> None:
    stream, _ = open_stream(server, *[DATA] * 50, DONE)
    with stream as entered:
        assert entered is stream
        next(stream)
    assert stream.response.is_closed
    assert list(stream) == []
    stream.close()


def closed_by_client(server: MockServer, base_url: str) -> bool:
    """Wait until the server sees that its one connection was closed; it was while the reply was on its way."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        (request,) = server.requests(base_url)
        if request["client_closed_ms"] is not None:
            return True
        time.sleep(0.01)
    return False


ENDLESS = {"text": DATA, "times": 100_000, "delay_ms": 5}


@pytest.mark.parametrize("how", ["close", "with", "drop", "break"])
def test_leaving_a_stream_closes_its_socket_at_once(server: MockServer, how: str) -> None:
    stream, base_url = open_stream(server, DATA, ENDLESS)
    if how == "close":
        next(stream)
        stream.close()
    elif how == "with":
        with stream:
            next(stream)
    elif how == "drop":
        next(stream)
    else:
        for _ in stream:
            break
    del stream
    gc.collect()
    assert closed_by_client(server, base_url)


def test_a_stream_in_a_thread_can_be_closed_from_another_one(server: MockServer) -> None:
    import threading

    stream, base_url = open_stream(server, DATA, {"text": DATA, "delay_ms": 60_000})
    ended: list[str] = []

    def read() -> None:
        for chunk in stream:
            ended.append(chunk.id)
        ended.append("end")

    reader = threading.Thread(target=read)
    reader.start()
    while not ended:
        time.sleep(0.01)
    time.sleep(0.1)
    stream.close()
    reader.join(timeout=50)
    assert not reader.is_alive()
    assert ended == ["c1", "end"]
    assert closed_by_client(server, base_url)


def test_a_connection_is_used_again_after_done(server: MockServer) -> None:
    base_url = server.script({"exchanges": [exchange(DATA, DONE, repeat=True)], "own_port": True})
    client = server.client(base_url)
    streams = connections = 0
    deadline = time.monotonic() + 60
    # The end of the body is read in the background, where the next call may overtake it when the machine is slow.
    while streams < connections + 2:
        assert time.monotonic() < deadline
        assert len(list(client.chat.completions.create(model="m", messages=[], stream=True))) == 1
        streams += 1
        time.sleep(0.1)
        connections = len({request["connection"] for request in server.requests(base_url)})


def test_a_broken_stream_is_over(server: MockServer) -> None:
    stream, base_url = open_stream(server, DATA, "data: {broken\n\n", ENDLESS)
    next(stream)
    with pytest.raises(json.JSONDecodeError):
        next(stream)
    assert stream.response.is_closed
    assert list(stream) == []
    assert closed_by_client(server, base_url)


def test_a_stream_that_got_an_error_is_over(server: MockServer) -> None:
    stream, base_url = open_stream(server, DATA, json_event({"error": ERROR}), ENDLESS)
    next(stream)
    with pytest.raises(tailrace.APIError, match="boom"):
        next(stream)
    assert list(stream) == []
    assert closed_by_client(server, base_url)


def test_a_large_event_passes(server: MockServer) -> None:
    text = "é" * 1_000_000
    stream, _ = open_stream(server, json_event({"id": text}), DONE)
    assert next(stream).id == text


def test_a_consumer_that_stops_reading_bounds_what_is_sent(server: MockServer) -> None:
    # 200 MB in 64 kB chunks; the socket buffers of a loopback connection hold some megabytes.
    padded = json_event({"id": "c1", "padding": "x" * 65_536})
    stream, base_url = open_stream(server, {"text": padded, "times": 3_000})
    next(stream)
    sent, before = 0, -1
    deadline = time.monotonic() + 20
    while sent != before and time.monotonic() < deadline:
        before = sent
        time.sleep(0.5)
        sent = server.requests(base_url)[0]["sent_bytes"]
    stream.close()
    assert sent == before
    assert sent < 60_000_000
