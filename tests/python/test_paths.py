"""Paths that arguments fill, and arguments that nothing may be sent with, beside the official package."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import pytest
from compared import KINDS, observed

import tailrace
from tailrace._path import path
from tailrace.testing import MockServer

#: Every character below U+0100, and some above.
CHARACTERS = "".join(map(chr, range(1, 0x100))) + "é\u2028😀"


@pytest.mark.parametrize(
    ("template", "value"),
    [
        ("/a/{x}", CHARACTERS), ("/a/{x}/b", CHARACTERS), ("/a/{x}", "."), ("/a/{x}", ".."), ("/a/{x}/b", ".."),
        ("/a/x{x}", "."), ("/a/.{x}", "."), ("/a/{x}", "..."), ("/a/{x}", "a/../b"), ("/a/{x}", "%2e%2e"),
        ("/a/{x}", 5), ("/a/{x}", True), ("/a/{x}", "a?b#c"), ("/a/{x}?beta=true", "."), ("/a/{x}?beta=true", "b c"),
        ("/a/{x}", "\ud800"),
    ],
)  # fmt: skip
def test_a_path_equals_the_official_one(official: ModuleType, template: str, value: Any) -> None:
    theirs: Any = __import__("openai._utils", fromlist=["x"]).path_template
    found: list[Any] = []
    for fill in (path, theirs):
        try:
            found.append(fill(template, x=value))
        except Exception as error:  # noqa: BLE001 - which error it is, is what is compared.
            found.append((type(error).__name__, str(error)))
    assert found[0] == found[1]


def test_a_raw_placeholder_keeps_its_slashes() -> None:
    assert path("/a/{+x}/{y}", x="b/c", y="d/e") == "/a/b/c/d%2Fe"


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("value", ["", None])
def test_an_empty_path_argument_is_refused_before_anything_is_sent(
    server: MockServer, official: ModuleType, kind: str, value: Any
) -> None:
    actions: list[Any] = [
        lambda client: client.files.retrieve(value),
        lambda client: client.files.content(value),
        lambda client: client.vector_stores.files.list(value),
        lambda client: client.beta.threads.runs.retrieve("run", thread_id=value),
        lambda client: client.models.with_raw_response.retrieve(value),
    ]
    found = [[observed(server, library, kind, [], action) for action in actions] for library in (tailrace, official)]
    assert all(outcome[:2] == ("raised", "ValueError") and requests == [] for outcome, requests in found[0])
    assert found[0] == found[1]


BAD: dict[str, Any] = {
    "not a number": lambda client: client.chat.completions.create(model="m", messages=[], temperature=float("nan")),
    "infinite": lambda client: client.embeddings.create(model="m", input=[float("inf")]),
    "no JSON": lambda client: client.responses.create(model="m", input=object()),
    "a class": lambda client: client.responses.create(model="m", input=int),
    "a set": lambda client: client.responses.create(model="m", input={1}),
    "bytes": lambda client: client.responses.create(model="m", input=b"x"),
    "unknown keyword": lambda client: client.files.list(nonsense=1),
    "missing": lambda client: client.files.retrieve(),
    "missing keywords": lambda client: client.chat.completions.create(model="m"),
    "missing of one overload": lambda client: client.audio.transcriptions.create(model="m"),
    "no header": lambda client: client.files.list(extra_headers=5),
    "no query": lambda client: client.files.list(extra_query=5),
    "no file": lambda client: client.files.create(file=5, purpose="batch"),
    "a path as text": lambda client: client.files.create(file="/nowhere", purpose="batch"),
    "a file that is not there": lambda client: client.files.create(
        file=__import__("pathlib").Path("/nowhere/at/all"), purpose="batch"
    ),
    "dots": lambda client: client.files.retrieve(".."),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_refused_before_anything_is_sent(
    server: MockServer, official: ModuleType, kind: str, name: str
) -> None:
    (ours, sent), (theirs, _) = [
        observed(server, library, kind, [{"json": {}}], BAD[name]) for library in (tailrace, official)
    ]
    assert sent == []
    assert ours[0] == "raised"
    assert len(ours[2]) > 10
    # For what is no mapping the official package fails inside itself.
    assert theirs[0] == "returned" or theirs[1] in (ours[1], "AttributeError")
