"""Recorded events and objects, damaged in a thousand ways, give the objects that the official package gives.

The damage is drawn from a fixed seed: a failure names the text, which can be put into a test of its own.
"""

from __future__ import annotations

import copy
import importlib
import json
import os
import random
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pydantic
import pytest

from tailrace import _native
from tailrace._construct import construct_type

ROOT = Path(__file__).parents[2]
FOLDER = Path(os.environ.get("TAILRACE_RECORDINGS") or ROOT.parent / "shared" / "recordings")
ROUNDS = int(os.environ.get("TAILRACE_MUTATIONS", "300"))

#: Values that take the place of others: each JSON type, and texts that tags and enumerations know.
REPLACEMENTS: list[Any] = [
    None, True, False, 0, 1, -1, 2**40, 2**70, 1.0, 0.5, 1e300,
    "", "x", "0", "1.5", "true", [], {}, [None], [{}], ["x"],
    {"type": "x"}, {"type": None}, "message", "function", "function_call", "output_text", "reasoning", "assistant",
    "completed", "response.created", "response.output_text.delta", "error", "2026-01-01T00:00:00Z",
]  # fmt: skip

#: The operations and the types of their results: of an object, of an event.
TYPES = {
    "/v1/chat/completions": (
        ("types.chat.chat_completion", "ChatCompletion"),
        ("types.chat.chat_completion_chunk", "ChatCompletionChunk"),
    ),
    "/v1/responses": (
        ("types.responses.response", "Response"),
        ("types.responses.response_stream_event", "ResponseStreamEvent"),
    ),
}

RECORDINGS = [
    path
    for path in sorted(FOLDER.glob("*.json"))
    if (recording := json.loads(path.read_text()))["request"]["path"] in TYPES
    and recording["response"]["status"] == 200
]

if not RECORDINGS:
    pytest.skip(f"there are no recordings in {FOLDER}; set TAILRACE_RECORDINGS", allow_module_level=True)


def documents(recording: Any) -> list[Any]:
    body = recording["response"]["body"]
    if not recording["request"]["body"].get("stream"):
        return [json.loads(body)]
    lines = [line[6:] for line in body.splitlines() if line.startswith("data: {")]
    by_type: dict[str, Any] = {}
    for line in lines:
        event = json.loads(line)
        # Two events of each kind say as much as a thousand.
        kind = event.get("type") or str(sorted(event["choices"][0]["delta"]) if event["choices"] else "usage")
        by_type.setdefault(kind, event)
        by_type[f"{kind} again"] = event
    return list(by_type.values())


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Yield every container with each of its keys."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield value, key
            yield from places(item)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield value, index
            yield from places(item)


def damaged(document: Any, chance: random.Random) -> Any:
    document = copy.deepcopy(document)
    for _ in range(chance.choice([1, 1, 1, 2, 4])):
        found = list(places(document))
        if not found:
            break
        container, key = chance.choice(found)
        kind = chance.choice(["replace", "replace", "replace", "remove", "add", "rename", "wrap", "swap"])
        if kind == "replace":
            container[key] = copy.deepcopy(chance.choice(REPLACEMENTS))
        elif kind == "remove":
            del container[key]
        elif kind == "wrap":
            container[key] = chance.choice([[container[key]], {"type": container[key]}, {"x": container[key]}])
        elif kind == "swap":
            other, other_key = chance.choice(found)
            container[key] = copy.deepcopy(other[other_key])
        elif isinstance(container, dict):
            if kind == "rename":
                container[f"{key}_new"] = container.pop(key)
            else:
                container[f"extra_{chance.randrange(9)}"] = copy.deepcopy(chance.choice(REPLACEMENTS))
    return document


def picture(value: Any) -> Any:
    if isinstance(value, pydantic.BaseModel):
        return (
            type(value).__name__,
            [(name, picture(item)) for name, item in value.__dict__.items()],
            sorted(value.model_fields_set),
            picture(value.__pydantic_extra__),
            value.__pydantic_private__,
        )
    if isinstance(value, dict):
        return [(key, picture(item)) for key, item in value.items()]
    if isinstance(value, list):
        return [picture(item) for item in value]
    return (type(value).__name__, repr(value))


def outcome(build: Any, value: Any) -> Any:
    try:
        return picture(build(value))
    except Exception as error:  # noqa: BLE001 - That both fail is an outcome too.
        return type(error).__name__


def type_in(package: str, path: str, streamed: bool) -> Any:
    module, name = TYPES[path][streamed]
    return getattr(importlib.import_module(f"{package}.{module}"), name)


@pytest.mark.parametrize("path", RECORDINGS, ids=lambda path: path.stem)
@pytest.mark.parametrize("way", ["native", "python"])
def test_damaged_recordings(official: ModuleType, path: Path, way: str) -> None:
    from openai._models import construct_type as official_construct_type

    recording = json.loads(path.read_text())
    streamed = bool(recording["request"]["body"].get("stream"))
    ours = type_in("tailrace", recording["request"]["path"], streamed)
    theirs = type_in("openai", recording["request"]["path"], streamed)
    plan = _native.Plan(ours, construct_type)
    build = (lambda text: plan.build(text)) if way == "native" else lambda text: construct_type(ours, json.loads(text))
    chance = random.Random(path.stem)  # Reproducible, which is the point.
    originals = documents(recording)
    rounds = max(ROUNDS // len(originals), 10)
    for original in originals:
        for number in range(rounds):
            value = damaged(original, chance) if number else original
            text = json.dumps(value).encode()
            mine = outcome(build, text)
            assert mine == outcome(lambda value: official_construct_type(type_=theirs, value=value), value), (
                text.decode()
            )
