"""Recorded traffic of the real API gives what it gives in the official package, event by event.

The recordings are looked for in the folder that `TAILRACE_RECORDINGS` names, else beside the checkout.
"""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path
from types import ModuleType
from typing import Any

import pydantic
import pytest

import tailrace
from tailrace.testing import MockServer

ROOT = Path(__file__).parents[2]
FOLDER = Path(os.environ.get("TAILRACE_RECORDINGS") or ROOT.parent / "shared" / "recordings")
RECORDINGS = sorted(FOLDER.glob("*.json"))
#: The operations of this release, by path.
OPERATIONS = {
    "/v1/chat/completions": "chat.completions",
    "/v1/embeddings": "embeddings",
    "/v1/responses": "responses",
}

if not RECORDINGS:
    pytest.skip(f"there are no recordings in {FOLDER}; set TAILRACE_RECORDINGS", allow_module_level=True)


def picture(value: Any) -> Any:
    """Return class names, fields in their order, fields set and extras of a value and of all its parts."""
    if isinstance(value, pydantic.BaseModel):
        return (
            type(value).__name__,
            type(value).__module__.partition(".")[2],
            [(name, picture(item)) for name, item in value.__dict__.items()],
            sorted(value.model_fields_set),
            picture(value.__pydantic_extra__),
        )
    if isinstance(value, dict):
        return [(key, picture(item)) for key, item in value.items()]
    if isinstance(value, list):
        return [picture(item) for item in value]
    return (type(value).__name__, value)


def forms(item: Any) -> Any:
    dumps = [item.model_dump(warnings=False), item.model_dump(mode="json", by_alias=True, warnings=False)]
    return (picture(item), dumps, item.to_json(warnings=False), str(item))


def run(library: ModuleType, flavour: str, base_url: str, operation: str, arguments: dict[str, Any]) -> Any:
    """Return what the call gave: pictures of a list of events, of one object, or of an exception."""
    options: dict[str, Any] = {"api_key": "k", "base_url": base_url, "max_retries": 0}

    def create(client: Any) -> Any:
        for name in operation.split("."):
            client = getattr(client, name)
        return client.create(**arguments)

    def sync() -> Any:
        with library.OpenAI(**options) as client:
            result = create(client)
            return [forms(item) for item in result] if arguments.get("stream") else forms(result)

    async def asynchronous() -> Any:
        async with library.AsyncOpenAI(**options) as client:
            result = await create(client)
            return [forms(item) async for item in result] if arguments.get("stream") else forms(result)

    try:
        return sync() if flavour == "sync" else asyncio.run(asynchronous())
    except library.APIError as error:
        names = ("message", "body", "code", "param", "type", "status_code", "request_id")
        return (type(error).__name__, str(error), {name: getattr(error, name, None) for name in names})


@pytest.mark.parametrize("split", [None, 7, 1000])
@pytest.mark.parametrize("flavour", ["sync", "async"])
@pytest.mark.parametrize("path", RECORDINGS, ids=lambda path: path.stem)
def test_a_recording(server: MockServer, official: ModuleType, path: Path, flavour: str, split: int | None) -> None:
    recording = json.loads(path.read_text())
    request, response = recording["request"], recording["response"]
    operation = OPERATIONS[request["path"]]
    exchange: dict[str, Any] = {
        "status": response["status"],
        "headers": {"content-type": response["content_type"], "x-request-id": "req_1"},
        "text": response["body"],
        "repeat": True,
    }
    if split is not None:
        if len(response["body"]) > 50_000 and split < 100:
            pytest.skip("writing a long body seven bytes at a time proves nothing more and takes long")
        exchange["split"] = split
    base_url = server.script({"exchanges": [exchange]})
    # The recorded request, so that arguments pass through both packages too.
    arguments = dict(request["body"])
    ours = run(tailrace, flavour, base_url, operation, arguments)
    theirs = run(official, flavour, base_url, operation, arguments)
    assert ours == theirs
    bodies = [json.loads(entry["body"]) for entry in server.requests(base_url)]
    assert bodies[0] == bodies[1] == request["body"]


def test_there_are_streams_and_errors_among_them() -> None:
    bodies = [json.loads(path.read_text()) for path in RECORDINGS]
    assert any(body["request"]["body"].get("stream") for body in bodies)
