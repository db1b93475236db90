"""`RetryPolicy`: other pauses, a hook that may stop a retry or change its delay, and no retry without a quota."""

from __future__ import annotations

import asyncio
import logging
import re
import time
from typing import Any

import httpx2
import pytest

import tailrace
from tailrace import RetryAttempt, RetryPolicy
from tailrace.testing import MockServer

OK = {"json": {"id": "x"}, "headers": {"x-request-id": "req_ok"}}
BUSY = {"status": 503, "json": {"error": {"message": "busy"}}, "headers": {"retry-after-ms": "1", "x-request-id": "r"}}
BROKEN = {"fault": {"kind": "reset", "at": "request"}}
USED_UP = {
    "status": 429,
    "json": {"error": {"message": "money", "type": "insufficient_quota", "code": "insufficient_quota"}},
    "headers": {"retry-after-ms": "1"},
}
LIMITED = {**USED_UP, "json": {"error": {"message": "slowly", "code": "rate_limit_exceeded"}}}


def called(server: MockServer, exchanges: list[Any], kind: str, **options: Any) -> tuple[Any, int]:
    """Return what a call gives or raises, and how many requests it was."""
    base_url = server.script({"exchanges": exchanges, "own_port": True})
    make: Any = tailrace.AsyncOpenAI if kind == "async" else tailrace.OpenAI
    client = make(api_key="k", base_url=base_url, **options)

    async def call() -> Any:
        return await client.get("/x", cast_to=object)

    try:
        result = asyncio.run(call()) if kind == "async" else client.get("/x", cast_to=object)
    except Exception as error:  # noqa: BLE001 - Looked at by the test.
        result = error
    return result, len(server.requests(base_url))


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_the_hook_sees_each_retry_and_what_led_to_it(server: MockServer, kind: str) -> None:
    seen: list[RetryAttempt] = []
    policy = RetryPolicy(max_retries=3, initial_delay=0.001, on_retry=seen.append)
    result, requests = called(server, [BUSY, BROKEN, OK], kind, retry=policy)
    assert (result, requests) == ({"id": "x"}, 3)
    first, second = seen
    assert (first.attempt, first.max_retries, first.delay) == (1, 3, 0.001)
    assert isinstance(first.cause, tailrace.InternalServerError)
    assert first.response is not None
    assert first.response.json() == {"error": {"message": "busy"}}
    assert first.response.headers["x-request-id"] == "r"
    assert (second.attempt, second.response) == (2, None)
    assert type(second.cause) is tailrace.APIConnectionError
    assert 0 < second.delay <= 0.002
    assert 0 < first.elapsed < second.elapsed


@pytest.mark.parametrize("kind", ["sync", "async"])
@pytest.mark.parametrize(("answers", "requests"), [([False], 1), ([None, False], 2), ([True, 0.0], 3), ([0, 0, 0], 3)])
def test_the_hook_stops_a_retry_or_lets_it_be(server: MockServer, kind: str, answers: list[Any], requests: int) -> None:
    left = iter(answers)
    policy = RetryPolicy(on_retry=lambda attempt: next(left))
    result, made = called(server, [{**BUSY, "repeat": True}], kind, retry=policy)
    assert type(result) is tailrace.InternalServerError
    assert result.body == {"message": "busy"}
    assert made == requests


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_the_hook_changes_the_delay(server: MockServer, kind: str) -> None:
    began = time.monotonic()
    result, _ = called(server, [BUSY, OK], kind, retry=RetryPolicy(on_retry=lambda attempt: 0.25))
    assert result == {"id": "x"}
    assert time.monotonic() - began >= 0.25
    hour = {**BUSY, "headers": {"retry-after": "60"}}
    result, requests = called(server, [hour, OK], kind, retry=RetryPolicy(on_retry=lambda attempt: 0))
    assert (result, requests) == ({"id": "x"}, 2)


def test_an_async_hook_is_awaited_and_a_blocking_call_refuses_one(server: MockServer) -> None:
    async def hook(attempt: RetryAttempt) -> float:
        await asyncio.sleep(0)
        return 0

    policy = RetryPolicy(on_retry=hook)
    assert called(server, [BUSY, OK], "async", retry=policy) == ({"id": "x"}, 2)
    result, requests = called(server, [BUSY, OK], "sync", retry=policy)
    assert requests == 1
    assert isinstance(result, TypeError)
    assert "not async" in str(result)


@pytest.mark.parametrize("kind", ["sync", "async"])
@pytest.mark.parametrize(
    ("answer", "error"), [("soon", TypeError), (-1, ValueError), (float("nan"), ValueError), (float("inf"), ValueError)]
)
def test_an_answer_that_is_none_ends_the_call(server: MockServer, kind: str, answer: Any, error: type) -> None:
    result, requests = called(server, [BUSY, OK], kind, retry=RetryPolicy(on_retry=lambda attempt: answer))
    assert type(result) is error
    assert "`on_retry`" in str(result)
    assert requests == 1


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_what_the_hook_raises_ends_the_call(server: MockServer, kind: str) -> None:
    def hook(attempt: RetryAttempt) -> None:
        raise KeyError("mine")

    result, requests = called(server, [BUSY, OK], kind, retry=RetryPolicy(on_retry=hook))
    assert (repr(result), requests) == ("KeyError('mine')", 1)


def streamed(
    server: MockServer, exchanges: list[Any], kind: str, retry: RetryPolicy, *, way: str = "plain", own: bool = False
) -> tuple[Any, int]:
    """Return the items of a stream or what it raises, and how many requests it was.

    `way` is that of the official packages to a stream, or to its bytes; `own` has a client of httpx2 send.
    """
    base_url = server.script({"exchanges": exchanges, "own_port": True})
    given: dict[str, Any] = {"model": "m", "messages": [], "stream": True}

    def blocking() -> Any:
        http_client = httpx2.Client(trust_env=False) if own else None
        with tailrace.OpenAI(api_key="k", base_url=base_url, retry=retry, http_client=http_client) as client:
            completions = client.chat.completions
            if way == "plain":
                return [item.to_dict() for item in completions.create(**given)]
            if way == "raw":
                return [item.to_dict() for item in completions.with_raw_response.create(**given).parse()]
            with completions.with_streaming_response.create(**given) as response:
                if way == "bytes":
                    return b"".join(response.iter_bytes())
                return [item.to_dict() for item in response.parse()]

    async def looping() -> Any:
        http_client = httpx2.AsyncClient(trust_env=False) if own else None
        async with tailrace.AsyncOpenAI(api_key="k", base_url=base_url, retry=retry, http_client=http_client) as client:
            completions = client.chat.completions
            if way == "plain":
                return [item.to_dict() async for item in await completions.create(**given)]
            if way == "raw":
                stream: Any = (await completions.with_raw_response.create(**given)).parse()
                return [item.to_dict() async for item in stream]
            async with completions.with_streaming_response.create(**given) as response:
                if way == "bytes":
                    return b"".join([part async for part in response.iter_bytes()])
                return [item.to_dict() async for item in await response.parse()]

    try:
        result = asyncio.run(looping()) if kind == "async" else blocking()
    except Exception as error:  # noqa: BLE001 - Looked at by the test.
        result = error
    return result, len(server.requests(base_url))


@pytest.mark.parametrize("kind", ["sync", "async"])
@pytest.mark.parametrize("way", ["plain", "raw", "streaming", "bytes"])
@pytest.mark.parametrize("own", [False, True], ids=["", "own client"])
def test_the_hook_decides_about_a_stream_without_an_event(server: MockServer, kind: str, way: str, own: bool) -> None:
    seen: list[RetryAttempt] = []
    cut = {"kind": "reset", "at": "end"}
    early = {"sse": [{"comment": "x"}], "fault": cut}
    whole = {"sse": [{"comment": "y"}, {"data": '{"id":"x"}'}, {"data": "[DONE]"}]}
    expected = b': y\n\ndata: {"id":"x"}\n\ndata: [DONE]\n\n' if way == "bytes" else [{"id": "x"}]
    repeating = RetryPolicy(initial_delay=0, on_retry=seen.append)

    def called(exchanges: list[Any], retry: RetryPolicy) -> tuple[Any, int]:
        return streamed(server, exchanges, kind, retry, way=way, own=own)

    assert called([early, early, whole], repeating) == (expected, 3)
    assert [(a.attempt, type(a.cause)) for a in seen] == [(n, tailrace.APIConnectionError) for n in (1, 2)]
    assert [isinstance(a.cause.__cause__, httpx2.RequestError) for a in seen] == [own] * 2
    result, requests = called([early, whole], RetryPolicy(on_retry=lambda attempt: False))
    assert (type(result), requests) == (tailrace.APIConnectionError, 1)
    # Nothing follows the last attempt, so its body goes to the caller, with what a client of theirs raises.
    broken = httpx2.RequestError if own and way == "bytes" else tailrace.APIConnectionError
    result, requests = called([{**early, "repeat": True}], repeating)
    assert isinstance(result, broken)
    assert (requests, len(seen)) == (3, 4)
    result, requests = called([{"sse": [{"data": "{}"}], "fault": cut}, whole], repeating)
    assert isinstance(result, broken)
    assert (requests, len(seen)) == (1, 4)


@pytest.mark.parametrize("kind", ["sync", "async"])
@pytest.mark.parametrize("own", [False, True], ids=["", "own client"])
def test_a_stream_that_says_much_without_an_event_is_handed_out(server: MockServer, kind: str, own: bool) -> None:
    seen: list[RetryAttempt] = []
    chatty = {"chunks": [{"text": f": {'x' * 65_536}\n", "times": 160}], "fault": {"kind": "close", "at": "end"}}
    result, requests = streamed(server, [chatty], kind, RetryPolicy(on_retry=seen.append), own=own)
    assert isinstance(result, tailrace.APIConnectionError)
    assert (requests, seen) == (1, [])


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_a_used_up_quota_fails_at_once_on_request(server: MockServer, kind: str) -> None:
    asked: list[RetryAttempt] = []
    fail = RetryPolicy(insufficient_quota="fail", initial_delay=0.001, on_retry=asked.append)
    result, requests = called(server, [USED_UP, OK], kind, retry=fail)
    assert isinstance(result, tailrace.RateLimitError)
    assert result.code == "insufficient_quota"
    assert (requests, asked) == (1, [])
    assert called(server, [LIMITED, OK], kind, retry=fail) == ({"id": "x"}, 2)
    assert len(asked) == 1
    assert called(server, [USED_UP, OK], kind, retry=RetryPolicy()) == ({"id": "x"}, 2)
    assert called(server, [USED_UP, OK], kind) == ({"id": "x"}, 2)


def test_client_copy_and_request_each_have_their_word(server: MockServer) -> None:
    counted: list[int] = []
    policy = RetryPolicy(max_retries=4, initial_delay=0, on_retry=lambda attempt: counted.append(attempt.max_retries))
    base_url = server.script({"exchanges": [{**BUSY, "repeat": True}], "own_port": True})
    client = tailrace.OpenAI(api_key="k", base_url=base_url, max_retries=1, retry=policy)
    assert (client.max_retries, client.copy().max_retries, client.copy().retry) == (4, 4, policy)

    def attempts(client: Any, **options: Any) -> int:
        counted.clear()
        before = len(server.requests(base_url))
        with pytest.raises(tailrace.InternalServerError):
            client.get("/x", cast_to=object, options=options)
        return len(server.requests(base_url)) - before

    assert (attempts(client), counted) == (5, [4] * 4)
    assert attempts(client.with_options(max_retries=0)) == 1
    assert attempts(client, max_retries=1) == 2
    assert (attempts(client, retry=RetryPolicy(max_retries=2, initial_delay=0)), counted) == (3, [])
    assert attempts(client, retry=RetryPolicy(max_retries=2, initial_delay=0), max_retries=1) == 2
    assert attempts(client.with_options(retry=RetryPolicy(max_retries=1, initial_delay=0))) == 2
    assert (attempts(client, retry=None, max_retries=1), counted) == (2, [])
    assert client.with_options(retry=None).retry is None


@pytest.mark.parametrize(
    ("arguments", "error", "text"),
    [
        ({"max_retries": -1}, ValueError, "max_retries must be a non-negative integer"),
        ({"initial_delay": "1"}, TypeError, "initial_delay must be a number of seconds"),
        ({"max_delay": float("inf")}, ValueError, "max_delay must be a finite number"),
        ({"on_retry": 3}, TypeError, "`on_retry` must be a function"),
        ({"insufficient_quota": "stop"}, ValueError, "`insufficient_quota` must be 'retry' or 'fail'"),
    ],
)
def test_a_wrong_argument_is_named(arguments: Any, error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=re.escape(text)):
        RetryPolicy(**arguments)


def test_what_is_no_policy_is_refused(server: MockServer) -> None:
    wrong: Any = 3
    for make in (
        lambda: tailrace.OpenAI(api_key="k", retry=wrong),
        lambda: tailrace.OpenAI(api_key="k").with_options(retry=wrong),
        lambda: tailrace.OpenAI(api_key="k").get("/x", cast_to=object, options={"retry": wrong}),
    ):
        with pytest.raises(TypeError, match="`retry` must be a RetryPolicy, not int; a number goes to `max_retries`"):
            make()


def test_the_deadline_holds_for_delays_of_the_hook(server: MockServer) -> None:
    result, requests = called(server, [BUSY, OK], "sync", retry=RetryPolicy(on_retry=lambda attempt: 100), deadline=60)
    assert isinstance(result, tailrace.InternalServerError)
    assert "after the deadline of 60 s" in str(result.__cause__)
    assert requests == 1


def test_the_hook_decides_over_a_client_of_the_callers(server: MockServer) -> None:
    seen: list[RetryAttempt] = []
    answers = [httpx2.Response(503, text="busy"), httpx2.Response(200, json={"id": "x"})]
    transport = httpx2.MockTransport(lambda request: answers.pop(0))
    client = tailrace.OpenAI(
        api_key="k", http_client=httpx2.Client(transport=transport),
        retry=RetryPolicy(initial_delay=0, on_retry=seen.append),
    )  # fmt: skip
    assert client.get("/x", cast_to=object) == {"id": "x"}
    (attempt,) = seen
    assert attempt.response is not None
    assert attempt.response.text == "busy"


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_each_attempt_is_a_line_of_the_log(server: MockServer, caplog: pytest.LogCaptureFixture, kind: str) -> None:
    with caplog.at_level(logging.INFO, logger="tailrace"):
        assert called(server, [BUSY, BROKEN, OK], kind, retry=RetryPolicy(initial_delay=0))[1] == 3
        assert called(server, [BUSY, OK], kind)[1] == 2
    lines = [re.sub(r"\d+\.\d{3} s", "T", record.getMessage()) for record in caplog.records]
    assert lines == [
        "GET /x failed: 503 after 0 retries in T, request id r; tried again in T",
        "GET /x failed: interrupted after 1 retries in T, request id None; tried again in T",
        "GET /x succeeded: 200 after 2 retries in T, request id req_ok",
        "GET /x failed: 503 after 0 retries in T, request id r; tried again in T",
        "GET /x succeeded: 200 after 1 retries in T, request id req_ok",
    ]


@pytest.mark.parametrize("kind", ["sync", "async"])
@pytest.mark.parametrize(("level", "turns"), [(logging.WARNING, 0), (logging.INFO, 2)])
def test_a_retry_comes_back_only_when_somebody_reads_of_it(
    server: MockServer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, kind: str, level: int,
    turns: int,
) -> None:  # fmt: skip
    from tailrace import _turns

    taken: list[Any] = []
    for name in ("take_turn", "async_take_turn"):
        turn: Any = getattr(_turns, name)
        monkeypatch.setattr(_turns, name, lambda call, wanted, turn=turn: taken.append(wanted) or turn(call, wanted))
    with caplog.at_level(level, logger="tailrace"):
        assert called(server, [BUSY, BUSY, OK], kind)[1] == 3
    assert len(taken) == turns
