"""The progress of a response over a socket, beside the official package, snapshot by snapshot."""

from __future__ import annotations

import copy
import dataclasses
import importlib
from collections.abc import Iterable
from types import ModuleType
from typing import Any

import pytest
from socket_events import Chance

import tailrace

MESSAGE = {"type": "message", "id": "m", "role": "assistant", "status": "in_progress", "content": []}
DELTA = {"type": "response.output_text.delta", "output_index": 0, "item_id": "m", "content_index": 0}


def part(library: ModuleType, name: str) -> Any:
    return importlib.import_module(f"{library.__name__}.{name}")


def typed(library: ModuleType, event: dict[str, Any]) -> Any:
    """The event as `recv` returns it."""
    union = part(library, "types.responses.responses_server_event").ResponsesServerEvent
    module = "_construct" if library is tailrace else "_models"
    return part(library, module).construct_type(type_=union, value=copy.deepcopy(event))


def accumulator(library: ModuleType, events: Iterable[dict[str, Any]] = ()) -> Any:
    made = part(library, "lib.responses_websocket").ResponsesWebSocketAccumulator()
    for event in events:
        made.add_event(typed(library, event))
    return made


def shown(accumulator: Any) -> tuple[Any, ...]:
    """All that can be asked."""
    snapshot = accumulator.snapshot()
    try:
        final = accumulator.get_final_response().to_dict()
    except Exception as error:  # noqa: BLE001 - compared.
        final = type(error).__name__
    return dataclasses.asdict(snapshot), snapshot.output_text, accumulator.detailed_snapshot(), final


def history(library: ModuleType, events: list[dict[str, Any]], *, are_typed: bool) -> list[Any]:
    """What every event raised, and what was known after it."""
    made, seen = accumulator(library), []
    for event in events:
        raised = None
        try:
            made.add_event(typed(library, event) if are_typed else copy.deepcopy(event))
        except Exception as error:  # noqa: BLE001 - compared.
            raised = type(error).__name__
        seen.append((raised, shown(made)))
    return seen


@pytest.mark.parametrize("block", range(8))
@pytest.mark.parametrize("are_typed", [True, False], ids=["models", "dicts"])
def test_every_snapshot_is_that_of_the_official_package(official: ModuleType, block: int, are_typed: bool) -> None:
    raised: set[str | None] = set()
    for seed in range(block * 50, block * 50 + 50):
        events = Chance(seed).events()
        ours = history(tailrace, events, are_typed=are_typed)
        assert ours == history(official, events, are_typed=are_typed), (seed, events)
        raised |= {error for error, _ in ours}
    # A generator whose events are all refused, or all taken, would compare little.
    assert {None, "ValueError", "RuntimeError"} <= raised


def test_texts_and_calls_grow_and_what_is_whole_replaces_them(library: ModuleType) -> None:
    call = {"type": "function_call", "id": "f", "call_id": "c", "name": "weather", "arguments": ""}
    piece = {"type": "response.function_call_arguments.delta", "output_index": 1, "item_id": "f"}
    made = accumulator(
        library,
        [
            {"type": "response.created", "response": {"id": "r", "output": []}},
            {"type": "response.output_item.added", "output_index": 0, "item": MESSAGE},
            {**DELTA, "delta": "Hel"},
            {**DELTA, "delta": "lo"},
            {"type": "response.output_item.added", "output_index": 1, "item": call},
            {**piece, "delta": '{"a"'},
        ],
    )
    before = made.snapshot()
    made.add_event(typed(library, {**piece, "delta": ":1}"}))
    made.add_event(typed(library, {**DELTA, "type": "response.output_text.done", "text": "Hello."}))
    message, tool = made.snapshot().output
    assert (message.text, made.snapshot().output_text) == (((0, "Hello."),), "Hello.")
    assert (tool.name, tool.call_id, tool.arguments) == ("weather", "c", '{"a":1}')
    # An earlier snapshot stays as it was.
    assert (before.output_text, before.output[1].arguments) == ("Hello", '{"a"')
    assert (before.response_id, before.terminal_type) == ("r", None)
    with pytest.raises(RuntimeError, match="terminal"):
        made.get_final_response()


@pytest.mark.parametrize("status", ["completed", "failed", "incomplete"])
def test_the_final_response_is_a_copy_of_what_the_server_ended_with(library: ModuleType, status: str) -> None:
    end = typed(library, {"type": f"response.{status}", "response": {"id": "r", "status": status, "output": None}})
    made = accumulator(library, [{**DELTA, "delta": "so far"}])
    made.add_event(end)
    end.response.id = "changed"
    first = made.get_final_response()
    assert (first.id, first.output, made.snapshot().terminal_type) == ("r", None, f"response.{status}")
    # Where the end does not say what there is, it stays.
    assert made.snapshot().output_text == "so far"
    first.id = "changed"
    assert made.get_final_response().id == "r"
    with pytest.raises(RuntimeError, match="Reset"):
        made.add_event(typed(library, {**DELTA, "delta": "more"}))
    made.reset()
    assert made.snapshot().output == ()
    made.add_event(typed(library, {**DELTA, "delta": "again"}))
    assert made.snapshot().output_text == "again"


def test_an_error_event_is_raised_and_kept(library: ModuleType) -> None:
    made = accumulator(library, [{**DELTA, "delta": "so far"}])
    failure = part(library, "lib.responses_websocket").ResponsesWebSocketError
    with pytest.raises(failure) as caught:
        made.add_event(typed(library, {"type": "error", "error": {"message": "no"}}))
    with pytest.raises(failure) as again:
        made.get_final_response()
    assert caught.value.event.error.message == again.value.event.error.message == "no"
    assert made.snapshot().output_text == "so far"


@pytest.mark.parametrize(
    ("event", "words"),
    [
        ({**DELTA, "delta": "x", "stream_id": "other"}, "lane"),
        ({"type": "response.in_progress", "response": {"id": "s"}}, "another response"),
        ({**DELTA, "delta": 3}, "delta must be a string"),
        ({**DELTA, "delta": "x", "output_index": -1}, "output_index"),
        ({"type": "response.completed", "response": {"id": "r", "output": 3}}, "list or null"),
    ],
)
def test_what_is_refused_changes_nothing(library: ModuleType, event: dict[str, Any], words: str) -> None:
    made = accumulator(library, [{"type": "response.created", "response": {"id": "r"}}, {**DELTA, "delta": "a"}])
    before = made.detailed_snapshot()
    with pytest.raises(ValueError, match=words):
        made.add_event(typed(library, event))
    assert made.detailed_snapshot() == before


def test_a_detailed_snapshot_is_the_callers_and_tells_null_from_absent(library: ModuleType) -> None:
    code = {"type": "code_interpreter_call", "id": "i", "code": None, "outputs": None}
    piece = {"type": "response.code_interpreter_call_code.delta", "output_index": 3, "item_id": "i", "delta": "x = 1"}
    made = accumulator(library, [{"type": "response.output_item.added", "output_index": 3, "item": code}, piece, piece])
    detailed = made.detailed_snapshot()
    (row,) = detailed["output"]
    assert (row["output_index"], row["item"]["code"], row["item"]["outputs"]) == (3, "x = 1x = 1", None)
    assert "status" not in row["item"]
    row["item"].clear()
    assert made.detailed_snapshot()["output"][0]["item"]["id"] == "i"


def test_snapshots_are_frozen_values(library: ModuleType) -> None:
    made = accumulator(library, [{**DELTA, "delta": "a"}])
    snapshot = made.snapshot()
    assert snapshot == made.snapshot()
    assert hash(snapshot) == hash(made.snapshot())
    with pytest.raises(dataclasses.FrozenInstanceError):
        snapshot.stream_id = "s"
