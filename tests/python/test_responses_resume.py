"""Responses go on after their socket broke, at whatever point: no item is lost and none comes twice."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from test_websockets import said

from tailrace import APIStatusError, WebSocketConnectionClosedError
from tailrace._websocket import resume
from tailrace.testing import MockServer

CREATE: Any = {"type": "response.create", "model": "m"}
ITEMS: list[Any] = [
    {"id": f"i{place}", "type": "message", "role": "assistant", "status": "completed", "content": []}
    for place in range(2)
]
FAST: Any = {"initial_delay": 0.001, "max_delay": 0.002, "websocket_connection_options": {"resume": True}}


def whole(status: str = "completed", name: str = "r") -> dict[str, Any]:
    return {"id": name, "object": "response", "status": status, "output": ITEMS}


def events(lane: str | None = None, name: str = "r") -> list[dict[str, Any]]:
    delta = {"type": "response.output_text.delta", "item_id": "i0", "output_index": 0, "content_index": 0, "delta": "d"}
    found: list[dict[str, Any]] = [
        {"type": "response.created", "response": {"id": name, "status": "in_progress", "output": []}},
        {"type": "response.output_item.added", "output_index": 0, "item": {**ITEMS[0], "status": "in_progress"}},
        delta,
        {"type": "response.output_item.done", "output_index": 0, "item": ITEMS[0]},
        {"type": "response.output_item.done", "output_index": 1, "item": ITEMS[1]},
        {"type": "response.completed", "response": whole(name=name)},
    ]
    return [
        {**event, "sequence_number": number} | ({"stream_id": lane} if lane else {})
        for number, event in enumerate(found)
    ]


def socket(*steps: Any) -> dict[str, Any]:
    return {"websocket": list(steps)}


def says(said: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"json": event} for event in said]


#: The new socket says that it is there, so that the test knows that nothing else came.
MARK: Any = {"type": "response.mark"}
OPEN = socket({"json": MARK}, {"close": {"code": 1000}})
IN_FRAME = {"frame": {"opcode": 1, "text": json.dumps(events()[5]), "cut": 9}}


def taken(
    server: MockServer, *exchanges: dict[str, Any], is_async: bool, creates: tuple[Any, ...] = (CREATE,), turns: int = 1
) -> tuple[list[Any], list[Exception], list[dict[str, Any]]]:
    """The events of so many iterations, what they raised, and the requests."""
    base_url = server.script({"exchanges": list(exchanges), "own_port": True})
    found: list[Any] = []
    errors: list[Exception] = []

    async def main() -> None:
        async with server.async_client(base_url, max_retries=0).responses.connect(**FAST) as connection:
            for create in creates:
                await connection.send(create)
            for _ in range(turns):
                try:
                    async for event in connection:
                        found.append(event)
                except WebSocketConnectionClosedError as error:
                    errors.append(error)

    if is_async:
        asyncio.run(main())
    else:
        with server.client(base_url, max_retries=0).responses.connect(**FAST) as connection:
            for create in creates:
                connection.send(create)
            for _ in range(turns):
                try:
                    for event in connection:
                        found.append(event)
                except WebSocketConnectionClosedError as error:
                    errors.append(error)
    return found, errors, server.requests(base_url)


def items(found: list[Any]) -> list[str]:
    return [event.item.id for event in found if event.type == "response.output_item.done"]


@pytest.mark.parametrize("is_async", [False, True])
@pytest.mark.parametrize("seen", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("how", [IN_FRAME, "cut", "reset", {"close": {"code": 1012}}, {"close": {"code": 1000}}])
def test_events_that_the_api_keeps_follow_those_that_came(
    server: MockServer, is_async: bool, seen: int, how: Any
) -> None:
    # The API may say again what came before.
    rest = {"sse": [{"data": event} for event in events()[seen - 1 :]]}
    first = socket({"expect": 1}, *says(events()[:seen]), how, *(["cut"] if how is IN_FRAME else []))
    found, errors, requests = taken(server, first, OPEN, rest, is_async=is_async)
    numbers = [event.sequence_number for event in found[:-1]]
    # A reset may overtake what was said before it; what was not read then is fetched, or the request handed back.
    if how == "reset" and errors:
        assert not numbers
        return
    assert (numbers, found[-1].type, errors) == (list(range(6)), MARK["type"], [])
    assert [type(event).__name__ for event in found[:2]] == ["ResponseWsCreated", "ResponseOutputItemWsAdded"]
    assert items(found) == ["i0", "i1"]
    if how != "reset":
        assert (requests[2]["path"], requests[2]["query"]) == (
            "/v1/responses/r",
            f"starting_after={seen - 1}&stream=true",
        )


@pytest.mark.parametrize("is_async", [False, True])
@pytest.mark.parametrize(("seen", "status"), [(1, "completed"), (3, "failed"), (4, "incomplete"), (5, "cancelled")])
def test_a_response_without_kept_events_is_asked_for_until_it_ends(
    server: MockServer, monkeypatch: pytest.MonkeyPatch, is_async: bool, seen: int, status: str
) -> None:
    monkeypatch.setattr(resume, "_PAUSE", 0.01)
    refused = {"status": 400, "json": {"error": {"message": "no"}}}
    states = [{"json": {**whole(state), "output": []}} for state in ("queued", "in_progress")]
    first = socket({"expect": 1}, *says(events()[:seen]), "cut")
    found, errors, _ = taken(server, first, OPEN, refused, *states, {"json": whole(status)}, is_async=is_async)
    assert (items(found), errors) == (["i0", "i1"], [])
    assert [event.sequence_number for event in found[:-1]] == list(range(len(found) - 1))
    end = {"cancelled": "incomplete"}.get(status, status)
    assert [event.type for event in found[-2:]] == [f"response.{end}", MARK["type"]]
    assert found[-2].response.status == status


@pytest.mark.parametrize("is_async", [False, True])
@pytest.mark.parametrize(
    ("more", "again"),
    [({}, False), ({"store": True}, False), ({"store": False}, True), ({"store": False, "conversation": "c"}, False)],
)
def test_a_request_that_may_have_been_received_is_sent_again_only_where_nothing_doubles(
    server: MockServer, is_async: bool, more: dict[str, Any], again: bool
) -> None:
    create = {**CREATE, **more}
    good = socket({"expect": 1}, *says(events()), {"close": {"code": 1000}}) if again else OPEN
    found, errors, requests = taken(
        server, socket({"expect": 1}, "cut"), good, is_async=is_async, creates=(create,), turns=1 if again else 2
    )
    assert len(requests) == 2
    if again:
        assert (items(found), errors) == (["i0", "i1"], [])
        assert json.loads(requests[1]["messages"][0]["text"]) == create
    else:
        assert [event.type for event in found] == [MARK["type"]]
        (error,) = errors
        assert isinstance(error, WebSocketConnectionClosedError)
        assert [json.loads(message) for message in error.unsent_messages] == [create]


@pytest.mark.parametrize("is_async", [False, True])
def test_what_can_be_fetched_comes_before_what_cannot_is_handed_back(server: MockServer, is_async: bool) -> None:
    creates = tuple({**CREATE, "stream_id": lane, "store": lane != "b"} for lane in ("a", "b", "c"))
    first = [*events("a", "ra")[:2], *events("b", "rb")[:4], *events("c", "rc")[:1]]
    gone = {"status": 404, "json": {"error": {"message": "not here"}}}
    rest = {"sse": [{"data": event} for event in events(None, "ra")[2:]]}
    found, errors, requests = taken(
        server, socket({"expect": 3}, *says(first), "cut"), OPEN, rest, gone,
        is_async=is_async, creates=creates, turns=2,
    )  # fmt: skip
    lanes = [(event.stream_id, event.sequence_number) for event in found[:-1]]
    assert lanes == [
        *[("a", n) for n in range(2)],
        *[("b", n) for n in range(4)],
        ("c", 0),
        *[("a", n) for n in range(2, 6)],
    ]
    assert (found[-1].type, len(errors), len(requests)) == (MARK["type"], 1, 4)
    (error,) = errors
    assert isinstance(error, WebSocketConnectionClosedError)
    assert isinstance(error.__cause__, APIStatusError)
    assert [json.loads(message)["stream_id"] for message in error.unsent_messages] == ["b", "c"]


@pytest.mark.parametrize("is_async", [False, True])
def test_leaving_the_loop_among_fetched_events_loses_none(server: MockServer, is_async: bool) -> None:
    first = socket({"expect": 1}, *says(events()[:2]), "cut")
    rest = {"sse": [{"data": event} for event in events()[2:]]}
    base_url = server.script({"exchanges": [first, OPEN, rest], "own_port": True})
    numbers: list[int] = []

    async def main() -> None:
        async with server.async_client(base_url).responses.connect(**FAST) as connection:
            await connection.response.create(model="m")
            while len(numbers) < 6:
                async for event in connection:
                    numbers.append(event.sequence_number)  # pyright: ignore
                    break
            assert (await connection.recv()).type == MARK["type"]

    if is_async:
        asyncio.run(main())
    else:
        with server.client(base_url).responses.connect(**FAST) as connection:
            connection.response.create(model="m")
            while len(numbers) < 6:
                for event in connection:
                    numbers.append(event.sequence_number)  # pyright: ignore
                    break
            assert connection.recv().type == MARK["type"]
    assert numbers == list(range(6))


def test_giving_up_while_the_rest_is_fetched_loses_none(server: MockServer) -> None:
    first = socket({"expect": 1}, *says(events()[:2]), "cut")
    stalled = {"sse": [{"data": event} for event in events()[2:4]], "fault": {"kind": "stall", "at": "end"}}
    rest = {"sse": [{"data": event} for event in events()[4:]]}
    base_url = server.script({"exchanges": [first, OPEN, stalled, rest], "own_port": True})
    numbers: list[int] = []

    async def read(connection: Any) -> None:
        async for event in connection:
            if event.type == MARK["type"]:
                return
            numbers.append(event.sequence_number)

    async def main() -> None:
        async with server.async_client(base_url).responses.connect(**FAST) as connection:
            await connection.response.create(model="m")
            reading = asyncio.create_task(read(connection))
            while len(numbers) < 4:
                await asyncio.sleep(0.005)
            reading.cancel()
            with pytest.raises(asyncio.CancelledError):
                await reading
            await asyncio.wait_for(read(connection), 60)

    asyncio.run(main())
    assert numbers == list(range(6))
    assert server.requests(base_url)[3]["query"] == "starting_after=3&stream=true"


def test_handlers_are_told_and_a_settled_response_is_not_fetched(server: MockServer) -> None:
    lost = socket({"expect": 1}, *says(events()), {"close": {"code": 1012}})
    base_url = server.script({"exchanges": [lost, OPEN], "own_port": True})
    kinds: list[str] = []
    manager = server.client(base_url).responses.connect(**FAST)
    manager.send(CREATE)
    manager.on("event", lambda event: kinds.append(event.type))
    with manager as connection:
        connection.dispatch_events()
    assert kinds == [*[event["type"] for event in events()], MARK["type"]]
    assert [request["path"] for request in server.requests(base_url)] == ["/v1/responses"] * 2
    assert len(said(server, base_url, 1, 1)) == 1


def test_other_connections_say_that_they_do_not_resume(server: MockServer) -> None:
    base_url = server.script({"exchanges": [OPEN], "own_port": True})
    with pytest.raises(ValueError, match=r"client\.responses\.connect"):
        server.client(base_url).realtime.connect(
            model="m", websocket_connection_options=FAST["websocket_connection_options"]
        ).enter()
