"""The fields of forms beside files: names, texts, order, and what a caller adds, beside the official package."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import pytest
from compared import KINDS, observed

import tailrace
from tailrace.testing import MockServer

FILE = ("a.txt", b"content", "text/plain")

CALLS: dict[str, Any] = {
    "one file": lambda client, o: client.files.create(file=FILE, purpose="batch"),
    "a nested field": lambda client, o: client.files.create(
        file=FILE, purpose="batch", expires_after={"anchor": "created_at", "seconds": 3600}
    ),
    "lists and numbers": lambda client, o: client.audio.transcriptions.create(
        file=FILE, model="m", temperature=0.5, timestamp_granularities=["word", "segment"], include=["logprobs"],
    ),
    "truth": lambda client, o: client.audio.transcriptions.create(file=FILE, model="m", stream=False),
    "left out": lambda client, o: client.audio.translations.create(file=FILE, model="m", prompt=o.omit),
    "none": lambda client, o: client.images.edit(image=FILE, prompt="x", n=None, size=None),
    "many files": lambda client, o: client.images.edit(image=[FILE, b"2"], mask=b"3", prompt="é \" \r\n", n=2),
    "an extra body": lambda client, o: client.files.create(
        file=FILE, purpose="batch", extra_body={"x": {"y": [1, {"z": True}]}, "purpose": "other"}
    ),
    "an extra body of odd values": lambda client, o: client.files.create(
        file=FILE, purpose="batch", extra_body={"n": None, "f": 1.0, "s": ""}
    ),
    "an extra body that removes": lambda client, o: client.images.edit(
        image=FILE, prompt="x", n=2, user="u", extra_body={"n": o.omit, "user": o.not_given}
    ),
    "extra headers and query": lambda client, o: client.files.create(
        file=FILE, purpose="batch", extra_headers={"x-mine": "1"}, extra_query={"q": [1]}
    ),
    "a boundary": lambda client, o: client.files.create(
        file=FILE, purpose="batch", extra_headers={"Content-Type": "multipart/form-data; boundary=mine"}
    ),
    "a date": lambda client, o: client.files.create(
        file=FILE, purpose="batch", extra_body={"t": __import__("datetime").date(2026, 1, 2)}
    ),
    "raw": lambda client, o: client.files.with_raw_response.create(file=FILE, purpose="batch"),
    "a part of an upload": lambda client, o: client.uploads.parts.create("u", data=b"1"),
    "no file": lambda client, o: client.images.edit(image=[], prompt="x"),
    "a video": lambda client, o: client.videos.create(prompt="x", input_reference=b"1", seconds="4"),
}  # fmt: skip


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", CALLS)
def test_the_form_equals_the_official_one(server: MockServer, official: ModuleType, name: str, kind: str) -> None:
    found: list[Any] = []
    for library in (tailrace, official):
        outcome, requests = observed(
            server, library, kind, [{"json": {"id": "x", "text": "t"}}],
            lambda client, library=library: CALLS[name](client, library),
        )  # fmt: skip
        assert outcome[0] == "returned"
        found.append(requests)
    assert len(found[0]) == 1
    assert found[0] == found[1]


def test_a_form_is_sent_again_as_it_was(server: MockServer, library: ModuleType) -> None:
    replies = [{"status": 500, "headers": {"retry-after-ms": "1"}, "json": {}}, {"json": {"id": "x"}}]
    _, requests = observed(
        server, library, "OpenAI", replies, lambda client: client.files.create(file=FILE, purpose="batch"),
        max_retries=1,
    )  # fmt: skip
    assert len(requests) == 2
    assert requests[0]["body"] == requests[1]["body"]
    assert b"content" in requests[1]["body"].encode()
