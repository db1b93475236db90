"""Every public attribute and method of raw responses, enumerated from the official package's objects.

What `dir` finds on an official object is looked at on ours, too: a name that is missing fails, and so does a value that
differs, over the Rust transport and over a client of the caller's.
"""

from __future__ import annotations

import asyncio
import datetime
import inspect
import re
from types import ModuleType
from typing import Any

import httpx2
import pytest
from compared import KINDS

import tailrace
from tailrace._rate_limit import Quota, RateLimit
from tailrace.testing import MockServer

BODY = '{"id": "m1", "object": "model", "created": 1, "owned_by": "é\\nb"}'
HEAD = {
    "x-request-id": "req_7", "link": '<http://x/?p=2>; rel="next"; a=b, </y>; rel=prev', "x-twice": "1",
    "set-cookie": "a=b; Path=/; HttpOnly", "x-ratelimit-limit-requests": "60", "x-ratelimit-remaining-requests": "9",
    "x-ratelimit-reset-requests": "1s",
}  # fmt: skip
REPLY: dict[str, Any] = {"text": BODY, "headers": {**HEAD, "content-type": "application/json"}}
FILE: dict[str, Any] = {"text": BODY, "headers": {**HEAD, "content-type": "text/plain; charset=utf-8"}}
BUSY = {"status": 503, "json": {}, "headers": {"retry-after-ms": "1"}}

#: What each method is called with; a new one has to be given its line. The names stand for all classes.
CALLS: dict[str, list[Any]] = {
    "parse": [{}, {"to": dict}, {"to": str}, {"to": object}],
    "read": [{}], "aread": [{}], "json": [{}], "text": [{}],
    "iter_bytes": [{}, {"chunk_size": 7}], "aiter_bytes": [{}, {"chunk_size": 7}],
    "iter_raw": [{}, {"chunk_size": 7}], "aiter_raw": [{}, {"chunk_size": 7}],
    "iter_text": [{}, {"chunk_size": 9}], "aiter_text": [{}, {"chunk_size": 9}],
    "iter_lines": [{}], "aiter_lines": [{}], "close": [{}], "aclose": [{}], "raise_for_status": [{}],
    "write_to_file": [{"file": "FILE"}], "stream_to_file": [{"file": "FILE"}, {"file": "FILE", "chunk_size": 3}],
    "astream_to_file": [{"file": "FILE"}],
    "copy": [{}], "get": [{"key": "x-twice"}], "get_list": [{"key": "x-twice"}], "items": [{}], "keys": [{}],
    "values": [{}], "multi_items": [{}], "join": [{"url": "/z?a=1"}],
    "copy_with": [{"path": "/z"}, {"query": b"q=1"}, {"params": {"a": [1, 2]}}, {"fragment": "g h"}],
    "copy_add_param": [{"key": "a", "value": 1}], "copy_set_param": [{"key": "a", "value": 1}],
    "copy_remove_param": [{"key": "a"}], "copy_merge_params": [{"params": {"a": "2", "b": None}}],
    "add": [{"key": "a", "value": "c"}], "set": [{"key": "a", "value": "c"}], "remove": [{"key": "a"}],
    "merge": [{"params": {"a": "2"}}], "update": [{}],
}  # fmt: skip

#: What is looked at elsewhere or not there: with the reason.
ELSEWHERE = {
    "stream": "is how httpx2 reads a body, and no way for callers",
    "raw": "of a URL is deprecated; of headers it is compared by their items",
    "origin": "is a class of httpx2's own",
    "port": "is another for each server",
    "extensions": "holds objects of httpx2's own",
    "pop": "changes headers, which test_wire.py compares",
    "popitem": "changes headers, which test_wire.py compares",
    "setdefault": "changes headers, which test_wire.py compares",
    "clear": "changes headers, which test_wire.py compares",
}


#: Methods that httpx2 refuses on a response of the other kind of client (`RuntimeError`), or, of raw bodies, on one
#: that was read (`StreamConsumed`). Here they give what those of the right kind give, where that is not for ever.
GIVEN_ANYWAY = {
    "read", "aread", "close", "aclose", "iter_bytes", "aiter_bytes", "iter_lines", "aiter_lines",
    "iter_raw", "aiter_raw", "iter_text", "aiter_text",
}  # fmt: skip


def is_given_anyway(name: str, theirs: Any) -> bool:
    refusal = theirs[0] if isinstance(theirs, list) and theirs else theirs
    method = name.rpartition(".")[2].partition("{")[0]
    return method in GIVEN_ANYWAY and (refusal == "RuntimeError" or (refusal == "StreamConsumed" and "raw" in method))


def public(thing: Any) -> list[str]:
    return [name for name in dir(thing) if not name.startswith("_")]


def plain(given: Any) -> Any:
    """Return a value of either package as what both must have in common."""
    value: Any = given
    if isinstance(value, datetime.timedelta):
        return "some time" if value.total_seconds() > 0 else "no time"
    if hasattr(value, "multi_items"):
        return plain(value.multi_items())
    if type(given) is list and given and type(given[0]) is tuple:
        ours = (
            "date",
            "user-agent",
            "host",
            "connection",
            "accept-encoding",
            "content-length",
            "x-stainless-read-timeout",
        )
        return sorted((name.lower(), text) for name, text in given if name.lower() not in ours)
    if isinstance(value, (str, bytes)):
        # Both are asked at a place of their own.
        return re.sub(rb"127\.0\.0\.1:\d+|/s/\w+", b"there", value.encode() if isinstance(value, str) else value)
    if hasattr(value, "raw_path"):
        return [value.scheme, value.host, str(value).partition("/v1")[2]]
    if hasattr(value, "model_dump"):
        return [type(value).__name__, value.model_dump(), value._request_id]
    if hasattr(value, "status_code") or hasattr(value, "method"):
        return type(value).__name__
    if type(value).__name__ == "HttpxBinaryResponseContent":
        return type(value).__name__
    if isinstance(value, (type({}.keys()), type({}.items()), type({}.values()))):
        return "a view"
    return dict(value) if type(value).__name__ == "Cookies" else value


async def fact(thing: Any, name: str, given: dict[str, Any] | None, path: str) -> Any:
    """Return what an attribute is, or what a method called with `given` returns, raises or yields."""
    try:
        value = getattr(thing, name)
        if given is not None:
            value = value(**{key: path if item == "FILE" else item for key, item in given.items()})
        if inspect.isawaitable(value):
            value = await value
        if hasattr(value, "__aiter__"):
            value = [piece async for piece in value]
        elif hasattr(value, "__next__"):
            value = list(value)
    except Exception as error:  # noqa: BLE001 - Which error it is, is what is compared.
        return type(error).__name__
    if given and "file" in given:
        with open(path, "rb") as file:
            return file.read()
    # Sizes of pieces that come as they come differ from time to time.
    if given == {} and isinstance(value, list) and name.lstrip("a").startswith("iter"):
        return [(b"" if isinstance(value[0], bytes) else "").join(value) if "lines" not in name else value]
    return plain(value)


async def facts(thing: Any, names: list[str], path: str, fresh: Any = None) -> dict[str, Any]:
    """Return what each of these names says, methods on a `fresh` object where one is used up by them."""
    found: dict[str, Any] = {}
    for name in names:
        if name in ELSEWHERE:
            continue
        if not hasattr(type(thing), name) and not hasattr(thing, name):
            found[name] = "missing"
        elif not callable(getattr(type(thing), name, None)):
            found[name] = await fact(thing, name, None, path)
        else:
            assert name in CALLS, f"{name} of {type(thing).__name__} has no line in CALLS"
            for given in CALLS[name]:
                found[f"{name}{given}"] = await (
                    fact(thing, name, given, path) if fresh is None else fresh(name, given)
                )
    return found


#: How a response is had: the view, the method, its exchange, and the object of it that is looked at.
VIEWS = {
    "raw": ("with_raw_response", "models.retrieve", REPLY),
    "streaming": ("with_streaming_response", "models.retrieve", REPLY),
    "raw file": ("with_raw_response", "files.content", FILE),
    "streaming file": ("with_streaming_response", "files.content", FILE),
}
PARTS: dict[str, Any] = {
    "": lambda raw: raw, ".http_response": lambda raw: raw.http_response, ".url": lambda raw: raw.url,
    ".url.params": lambda raw: raw.url.params, ".headers": lambda raw: raw.headers,
    ".http_request": lambda raw: raw.http_request, ".http_request.headers": lambda raw: raw.http_request.headers,
    ".parse()": lambda raw: raw.parse(),
}  # fmt: skip


async def looked_at(
    server: MockServer,
    library: ModuleType,
    kind: str,
    own: bool,
    view: str,
    path: str,
    names: dict[str, list[str]] | None,
) -> tuple[dict[str, list[str]], dict[str, Any]]:
    """Return the names of the parts of a response, and what each of them says."""
    through, method, exchange = VIEWS[view]
    exchanges = [BUSY, {**exchange, "repeat": True}]
    base_url = server.script({"exchanges": exchanges, "own_port": True, "remember": 1}) + "/v1"
    options: dict[str, Any] = {"api_key": "k", "base_url": base_url, "default_query": {"a": ["b", "c"]}}
    if own:
        options["http_client"] = httpx2.Client() if kind == "OpenAI" else httpx2.AsyncClient()
    client = getattr(library, kind)(**options)
    resource, call = method.split(".")
    ask = getattr(getattr(getattr(client, resource), through), call)

    async def with_one(use: Any) -> Any:
        if through == "with_raw_response":
            raw = ask("m1") if kind == "OpenAI" else await ask("m1")
            return await use(raw)
        if kind == "OpenAI":
            with ask("m1") as raw:
                return await use(raw)
        async with ask("m1") as raw:
            return await use(raw)

    async def use(raw: Any) -> Any:
        # The elapsed time of httpx2 can be had once the body was read.
        if through == "with_streaming_response":
            reading = raw.read()
            _ = await reading if kind == "AsyncOpenAI" else reading
        wanted, found = names or {}, {}
        for part, get in PARTS.items():
            if part == ".parse()" and view != "raw file":
                continue
            thing = get(raw)
            if names is None:
                wanted[part] = public(thing)
            if part not in ("", ".http_response"):
                said = await facts(thing, wanted[part], path)
            else:

                async def fresh(name: str, given: dict[str, Any], get: Any = get) -> Any:
                    async def look(raw: Any) -> Any:
                        said = await fact(get(raw), name, given, path)
                        return [said, raw.is_closed, raw.http_response.num_bytes_downloaded]

                    return await with_one(look)

                said = await facts(thing, wanted[part], path, fresh)
            found.update({f"{part}.{name}": value for name, value in said.items()})
        return wanted, found

    try:
        return await with_one(use)
    finally:
        closing = client.close()
        if kind == "AsyncOpenAI":
            await closing


@pytest.mark.once
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("own", [False, True], ids=["rust", "httpx2"])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("view", VIEWS)
def test_every_public_name_says_the_same(
    server: MockServer, official: ModuleType, tmp_path: Any, own: bool, kind: str, view: str
) -> None:
    path = str(tmp_path / "file")
    names, theirs = asyncio.run(looked_at(server, official, kind, own, view, path, None))
    assert len(names[""]) >= 12
    _, ours = asyncio.run(looked_at(server, tailrace, kind, own, view, path, names))
    differing = {
        name: (ours[name], said)
        for name, said in theirs.items()
        if ours[name] != said and not (is_given_anyway(name, said) and ours[name] != "missing")
    }
    assert differing == {}


@pytest.mark.once
@pytest.mark.parametrize("own", [False, True], ids=["rust", "httpx2"])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("view", VIEWS)
def test_each_has_a_typed_rate_limit(server: MockServer, own: bool, kind: str, view: str) -> None:
    names = {part: ["rate_limit", "retries_taken"] if part == "" else [] for part in PARTS}
    _, found = asyncio.run(looked_at(server, tailrace, kind, own, view, "unused", names))
    assert found[".retries_taken"] == 1
    assert found[".rate_limit"] == RateLimit(requests=Quota(60, 9, 1.0), tokens=None)
