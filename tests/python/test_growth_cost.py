"""Growing JSON costs as much as the pieces are long, by the number of bytes that Python allocates for it."""

from __future__ import annotations

import sys
import tracemalloc
from typing import Any

import pytest
from pydantic import BaseModel

from tailrace._native import Accumulator, JsonElements, PartialJson
from tailrace._structured.growth import Growth


class Step(BaseModel):
    title: str


class Plan(BaseModel):
    summary: str
    steps: list[Step]


def _answer(length: int) -> str:
    steps = ",".join('{"title":"wash the dishes and dry them"}' for _ in range(length // 80))
    return '{"summary":"' + "word " * (length // 10) + '","steps":[' + steps + "]}"


def _pieces(text: str) -> list[str]:
    return [text[start : start + 4] for start in range(0, len(text), 4)]


def _partial(pieces: list[str]) -> None:
    partial = PartialJson()
    for piece in pieces:
        partial.push(piece)
    assert partial.value()["steps"]


def _growth(pieces: list[str]) -> None:
    growth = Growth(Plan)
    for piece in pieces:
        growth.push(piece)
        # Looking at the object copies nothing.
        assert growth.value is not None
    assert type(growth.value.steps[-1]) is Step


def _elements(pieces: list[str]) -> None:
    elements = JsonElements(["steps"])
    assert sum(len(elements.push(piece)) for piece in pieces) > 1


def _accumulator(pieces: list[str]) -> None:
    accumulator = Accumulator()
    for piece in pieces:
        accumulator.push({"choice": {"text": piece}})
    assert len(accumulator.value()["choice"]["text"]) == sum(map(len, pieces))


def _blocks(work: Any, pieces: list[str]) -> int:
    """The most that Python held at a time, beyond what it held before."""
    tracemalloc.start()
    try:
        work(pieces)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("work", [_partial, _growth, _elements, _accumulator])
def test_twice_the_text_takes_at_most_twice_the_memory(work: Any) -> None:
    short, long = _pieces(_answer(20_000)), _pieces(_answer(40_000))
    work(short)
    assert _blocks(work, long) < 2.3 * _blocks(work, short) + 20_000


def test_a_string_grows_where_it_is() -> None:
    growth = Growth(Plan)
    growth.push('{"summary":"')
    addresses: set[int] = set()
    pieces = 20_000
    for _ in range(pieces):
        growth.push("word")
        addresses.add(id(growth.value.summary))
    assert len(growth.value.summary) == 4 * pieces
    # A copy for each piece would be a new object for each; memory that grows in place seldom moves.
    if sys.implementation.name == "cpython":
        assert len(addresses) < pieces / 20
