"""Streams of responses in the background go on after a break, with every event once."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

import tailrace
from tailrace.testing import MockServer

CLOSE = {"kind": "close", "at": "end"}
DELTA = {"type": "response.output_text.delta", "item_id": "i", "output_index": 0, "content_index": 0, "logprobs": []}


def event(number: int) -> dict[str, Any]:
    if number == 0:
        return {"type": "response.created", "sequence_number": 0, "response": {"id": "resp_1", "output": []}}
    if number == 9:
        return {"type": "response.completed", "sequence_number": 9, "response": {"id": "resp_1", "output": []}}
    return {**DELTA, "sequence_number": number, "delta": str(number)}


def part(*numbers: int, **more: Any) -> dict[str, Any]:
    """An exchange with these events, whose connection breaks unless the last one is final."""
    fault = {} if 9 in numbers else {"fault": CLOSE}
    return {"sse": [{"data": event(number)} for number in numbers], **fault, **more}


@pytest.fixture
def server() -> Any:
    with MockServer() as server:
        yield server


def numbers_of(base_url: str, *, asynchronous: bool, retrieves: bool = False, **options: Any) -> list[int]:
    """Read a stream to its end, and return the numbers of its events."""
    seen: list[int] = []
    asked: dict[str, Any] = {"stream": True, "resume": True, **options}
    if not retrieves:
        asked = {"model": "m", "input": "hi", "background": True, **asked}

    def call(api: Any) -> Any:
        return api.responses.retrieve("resp_1", **asked) if retrieves else api.responses.create(**asked)

    async def main() -> None:
        async with tailrace.AsyncOpenAI(api_key="k", base_url=base_url) as api:
            stream = await call(api)
            async for item in stream:
                assert stream.ended_cleanly is None
                seen.append(item.sequence_number)
            assert stream.ended_cleanly

    if asynchronous:
        asyncio.run(main())
    else:
        with tailrace.OpenAI(api_key="k", base_url=base_url) as api:
            stream = call(api)
            for item in stream:
                assert stream.ended_cleanly is None
                seen.append(item.sequence_number)
            assert stream.ended_cleanly
    return seen


def later(server: MockServer, base_url: str) -> list[dict[str, Any]]:
    """Every request after the first."""
    return server.requests(base_url)[1:]


@pytest.mark.parametrize("asynchronous", [False, True])
def test_a_created_stream_goes_on_where_it_was(server: MockServer, asynchronous: bool) -> None:
    base_url = server.script(
        {"exchanges": [part(0, 1, 2), part(3), {"status": 503, "headers": {"retry-after-ms": "1"}}, part(4, 5, 9)]}
    )
    assert numbers_of(base_url, asynchronous=asynchronous, include=["reasoning.encrypted_content"]) == [
        0, 1, 2, 3, 4, 5, 9
    ]  # fmt: skip
    include = "include%5B%5D=reasoning.encrypted_content"
    for request, after in zip(later(server, base_url), (2, 3, 3), strict=True):
        assert (request["method"], request["path"]) == ("GET", "/v1/responses/resp_1")
        assert set(request["query"].split("&")) == {f"starting_after={after}", "stream=true", include}


@pytest.mark.parametrize("asynchronous", [False, True])
def test_a_retrieved_stream_goes_on_and_gives_no_event_twice(server: MockServer, asynchronous: bool) -> None:
    base_url = server.script({"exchanges": [part(4, 5), part(4, 5, 6), part(7, 9)]})
    assert numbers_of(base_url, asynchronous=asynchronous, retrieves=True, starting_after=3) == [4, 5, 6, 7, 9]
    after = [request["query"].partition("starting_after=")[2].partition("&")[0] for request in later(server, base_url)]
    assert after == ["5", "6"]


def test_a_body_that_ends_in_order_without_the_final_event_is_a_break(server: MockServer) -> None:
    base_url = server.script({"exchanges": [{"sse": [{"data": event(0)}]}, part(1, 9)]})
    assert numbers_of(base_url, asynchronous=False) == [0, 1, 9]


@pytest.mark.parametrize("asynchronous", [False, True])
def test_what_cannot_go_on_raises_the_break(server: MockServer, asynchronous: bool) -> None:
    nameless = {"sse": [{"data": event(1)}], "fault": CLOSE}
    for exchanges, options, count in (
        # The name of the response was not told.
        ([nameless, part(2, 9)], {}, 1),
        # No retry is allowed.
        ([part(0, 1), part(2, 9)], {"max_retries": 0}, 2),
        # The connections after the break bring nothing.
        ([part(0, 1), part(), part()], {"max_retries": 2}, 2),
    ):
        base_url = server.script({"exchanges": exchanges})
        seen: list[int] = []
        arguments: dict[str, Any] = {
            "model": "m", "input": "hi", "background": True, "stream": True, "resume": True
        }  # fmt: skip

        async def read_async(base_url: str, options: Any, seen: list[int], arguments: Any) -> None:
            async with tailrace.AsyncOpenAI(api_key="k", base_url=base_url, **options) as api:
                async for item in await api.responses.create(**arguments):
                    seen.append(item.sequence_number)

        def read(base_url: str, options: Any, seen: list[int], arguments: Any) -> None:
            if asynchronous:
                asyncio.run(read_async(base_url, options, seen, arguments))
                return
            for item in tailrace.OpenAI(api_key="k", base_url=base_url, **options).responses.create(**arguments):
                seen.append(item.sequence_number)

        with pytest.raises(tailrace.APIConnectionError) as raised:
            read(base_url, options, seen, arguments)
        assert len(seen) == count
        assert raised.value.events == count


def test_the_refusal_of_the_next_request_is_raised(server: MockServer) -> None:
    base_url = server.script({"exchanges": [part(0), {"status": 404, "json": {"error": {"message": "gone"}}}]})
    with pytest.raises(tailrace.NotFoundError, match="gone"):
        numbers_of(base_url, asynchronous=False)


def test_closing_ends_it(server: MockServer) -> None:
    base_url = server.script({"exchanges": [part(0, 1), part(2, 9)]})
    api = tailrace.OpenAI(api_key="k", base_url=base_url)
    stream = api.responses.create(model="m", input="hi", background=True, stream=True, resume=True)
    next(stream)
    stream.close()
    assert list(stream) == []
    assert stream.ended_cleanly is False
    assert len(server.requests(base_url)) == 1


def test_a_deadline_covers_all_of_it(server: MockServer) -> None:
    stalled = part(2)
    stalled["fault"] = {"kind": "stall", "at": "end"}
    base_url = server.script({"exchanges": [part(0, 1), stalled, part(3, 9)]})
    with pytest.raises(tailrace.APITimeoutError):
        numbers_of(base_url, asynchronous=False, deadline=4)
    # The stalled stream is not asked for again.
    assert len(server.requests(base_url)) <= 2


def test_it_needs_a_stream_in_the_background(server: MockServer) -> None:
    base_url = server.script({"exchanges": [part(0)]})
    api = tailrace.OpenAI(api_key="k", base_url=base_url)
    with pytest.raises(ValueError, match="`stream=True`"):
        api.responses.create(model="m", input="hi", background=True, resume=True)
    with pytest.raises(ValueError, match="`background=True`"):
        api.responses.create(model="m", input="hi", stream=True, resume=True)
    assert server.requests(base_url) == []
    api.responses.create(model="m", input="hi", stream=True, resume=True, extra_body={"background": True}).close()
