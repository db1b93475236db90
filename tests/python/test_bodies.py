"""Bodies of successful replies, plain and odd: what a call returns or raises, beside the official package."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import tailrace
from tailrace.testing import MockServer

NEST = 100

BODIES: dict[str, tuple[str | None, bytes]] = {
    "object": ("application/json", b'{"id": "x"}'),
    "object with charset": ("application/json; charset=utf-8", b'{"id": "x"}'),
    "object of a kind of json": ("application/vnd.x+json", b'{"id": "x"}'),
    "object in capitals": ("APPLICATION/JSON", b'{"id": "x"}'),
    "object as text": ("text/plain", b'{"id": "x"}'),
    "object without a type": (None, b'{"id": "x"}'),
    "text": ("text/plain", b"hello"),
    "text in latin-1": ("text/plain; charset=latin-1", "h\xe9".encode("latin-1")),
    "text that is no utf-8": ("text/plain", b"h\xff"),
    "text without a type": (None, b"hello"),
    "html": ("text/html", b"<html>"),
    "empty text": ("text/plain", b""),
    "null": ("application/json", b"null"),
    "list": ("application/json", b"[1]"),
    "list of objects": ("application/json", b'[{"id": "x"}, 5]'),
    "string": ("application/json", b'"s"'),
    "number": ("application/json", b"5"),
    "big number": ("application/json", b"123456789012345678901234567890"),
    "true": ("application/json", b"true"),
    "odd numbers": ("application/json", b'{"id": NaN, "a": [Infinity, -Infinity, 1e400, -0.0, 1E5, 2e22]}'),
    "lone surrogates": ("application/json", b'{"id": "\\ud800", "x": "\\ud83d\\ude00"}'),
    "control characters": ("application/json", b'{"id": "\\u0000\\u001f\x7f"}'),
    "a key twice": ("application/json", b'{"id": 1, "id": 2, "x": {"a": 1}, "x": {"b": 2}}'),
    "an empty key": ("application/json", b'{"": 1, "id": ""}'),
    "white space": ("application/json", b' \r\n\t{ "id" : "x" } \n'),
    "byte order mark": ("application/json", b'\xef\xbb\xbf{"id": "x"}'),
    "utf-16": ("application/json", '{"id": "\xe9"}'.encode("utf-16")),
    "utf-32": ("application/json", '{"id": "\xe9"}'.encode("utf-32-le")),
    "invalid utf-8": ("application/json", b'{"id": "\xff"}'),
    "nested": ("application/json", b'{"a": ' + b"[" * NEST + b"]" * NEST + b"}"),
    "nested deeper than a parser may allow": ("application/json", b'{"a": ' + b"[" * 500 + b"]" * 500 + b"}"),
    "long": ("application/json", json.dumps({"id": "é" * 300_000, "x": list(range(30_000))}).encode()),
    "wrong types": ("application/json", b'{"id": [], "choices": {"a": 1}, "usage": "x", "created": {}}'),
    "choices of no kind": ("application/json", b'{"choices": [null, 5, "x", [], {"message": [1], "logprobs": 5}]}'),
    "names of methods": ("application/json", b'{"copy": 1, "model_dump": 2, "__class__": 3, "self": 4, "cls": 5}'),
    "broken": ("application/json", b"{broken"),
    "broken at its end": ("application/json", b'{"id": "x"} y'),
    "cut": ("application/json", b'{"id": "x"'),
    "empty": ("application/json", b""),
    "a control character in a string": ("application/json", b'{"id": "a\nb"}'),
    "a trailing comma": ("application/json", b'{"id": 1,}'),
    "a leading zero": ("application/json", b'{"id": 01}'),
    "single quotes": ("application/json", b"{'id': 1}"),
    "a comment": ("application/json", b'{"id": 1} // x'),
}  # fmt: skip


def call(library: ModuleType, flavour: str, base_url: str) -> Any:
    options: dict[str, Any] = {"api_key": "k", "base_url": base_url, "max_retries": 0}

    def sync() -> Any:
        with library.OpenAI(**options) as client:
            return client.chat.completions.create(model="m", messages=[])

    async def asynchronous() -> Any:
        async with library.AsyncOpenAI(**options) as client:
            return await client.chat.completions.create(model="m", messages=[])

    return sync() if flavour == "sync" else asyncio.run(asynchronous())


def outcome(library: ModuleType, flavour: str, base_url: str) -> Any:
    try:
        result = call(library, flavour, base_url)
    except Exception as error:  # noqa: BLE001 - Compared below.
        return error
    fields = result.model_dump(warnings=False) if hasattr(result, "model_dump") else result
    return (type(result).__name__, repr(result), repr(fields), getattr(result, "_request_id", "none"))


@pytest.mark.parametrize("flavour", ["sync", "async"])
@pytest.mark.parametrize("name", BODIES)
def test_a_body(server: MockServer, official: ModuleType, name: str, flavour: str) -> None:
    kind, body = BODIES[name]
    headers = {"x-request-id": "req_1"} | ({} if kind is None else {"content-type": kind})
    exchange = {"headers": headers, "base64": base64.b64encode(body).decode(), "repeat": True}
    base_url = server.script({"exchanges": [exchange]})
    ours, theirs = outcome(tailrace, flavour, base_url), outcome(official, flavour, base_url)
    if isinstance(theirs, json.JSONDecodeError):
        assert isinstance(ours, json.JSONDecodeError)
        assert isinstance(ours, tailrace.APIError)
        assert (str(ours), ours.doc, ours.pos) == (str(theirs), theirs.doc, theirs.pos)
    elif isinstance(theirs, Exception):
        # Bytes that are no text are the one other way in which the official package fails here.
        assert isinstance(theirs, UnicodeDecodeError)
        assert isinstance(ours, tailrace.APIError)
        assert isinstance(ours, ValueError)
    else:
        assert ours == theirs


@pytest.mark.parametrize("flavour", ["sync", "async"])
@pytest.mark.parametrize("status", [200, 201, 202, 204, 205])
def test_a_success_without_a_body(server: MockServer, official: ModuleType, status: int, flavour: str) -> None:
    base_url = server.script({"exchanges": [{"status": status, "repeat": True}]})
    assert outcome(tailrace, flavour, base_url) == outcome(official, flavour, base_url)


GOOD = '{"id":"x","object":"chat.completion","choices":[],"created":1,"model":"m"}'


@pytest.mark.parametrize("kind", ["application/json", "text/plain"])
@pytest.mark.parametrize("body", ['{"id":"x"}', "hello", "null", GOOD, GOOD.replace("1", '"1"')])
def test_strict_validation(server: MockServer, official: ModuleType, body: str, kind: str) -> None:
    base_url = server.script({"exchanges": [{"headers": {"content-type": kind}, "text": body, "repeat": True}]})
    results: list[Any] = []
    for library in (tailrace, official):
        with library.OpenAI(api_key="k", base_url=base_url, _strict_response_validation=True) as client:
            try:
                results.append(repr(client.chat.completions.create(model="m", messages=[])))
            except (library.APIResponseValidationError, json.JSONDecodeError) as error:
                results.append((str(error), getattr(error, "status_code", 200)))
    assert results[0] == results[1]


@pytest.mark.parametrize("shape", ['{"a": %s}', '{"choices": %s}'])
@pytest.mark.parametrize("pair", ["[]", '{"a":}'])
def test_deep_nesting_does_not_end_the_process(shape: str, pair: str) -> None:
    # In a process of its own: the failure would be a stack that runs over.
    code = """
import sys
from tailrace import _native
from tailrace._construct import construct_type
from tailrace.types.chat import ChatCompletion

shape, opening, closing = sys.argv[1:]
text = shape % (opening * 200_000 + "1" + closing * 200_000)
try:
    _native.Plan(ChatCompletion, construct_type).build(text.encode())
except (RecursionError, ValueError) as error:
    print(type(error).__name__)
"""
    paths = [str(Path(tailrace.__file__).parents[1]), *filter(None, sys.path)]
    command = [sys.executable, "-c", code, shape, pair[:-1], pair[-1]]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.strip()) in [(0, "RecursionError"), (0, "ValueError"), (0, "JSONDecodeError")]
