"""`Timeout`, `URL`, `Headers`, `Request` and `Response` beside their namesakes in httpx2, where it is installed."""

from __future__ import annotations

import asyncio
import copy
import pickle
from datetime import timedelta
from typing import Any

import pytest

import tailrace
from tailrace._wire.headers import Headers
from tailrace._wire.request import Request
from tailrace._wire.response import Response, ResponseNotRead
from tailrace._wire.timeout import Timeout, limits_of
from tailrace._wire.url import URL
from tailrace.testing import MockServer


@pytest.fixture(scope="module")
def httpx2() -> Any:
    return pytest.importorskip("httpx2", reason="compares with httpx2, which is not installed here")


@pytest.mark.parametrize(
    ("arguments", "keywords"),
    [((5,), {}), ((5.5,), {}), ((None,), {}), ((5,), {"read": None}), ((5,), {"connect": 1, "pool": 0.5}),
     (((1, 2, 3, 4),), {}), (((1, 2),), {}), (((1, 2, 3),), {}),
     ((), {"connect": 1, "read": 2, "write": 3, "pool": None})],
)  # fmt: skip
def test_timeout(httpx2: Any, arguments: Any, keywords: Any) -> None:
    ours, theirs = Timeout(*arguments, **keywords), httpx2.Timeout(*arguments, **keywords)
    assert repr(ours) == repr(theirs)
    assert ours.as_dict() == theirs.as_dict()
    assert ours == Timeout(*arguments, **keywords)
    assert ours != Timeout(77)
    assert ours == copy.deepcopy(ours) == pickle.loads(pickle.dumps(ours)) == Timeout(ours)
    limits = (theirs.connect, theirs.read, theirs.write, theirs.pool, None, None, None)
    assert limits_of(theirs) == limits == limits_of(ours)


def test_timeout_has_no_hash_as_in_httpx() -> None:
    with pytest.raises(TypeError):
        hash(Timeout(1))


@pytest.mark.parametrize("keywords", [{}, {"connect": 1}, {"connect": 1, "read": 1, "write": 1}])
def test_timeout_needs_a_default_or_all_four(keywords: Any) -> None:
    with pytest.raises(ValueError, match="default"):
        Timeout(**keywords)


def test_the_limits_that_httpx_does_not_have() -> None:
    # None of them is a default for another one, and with one of them the others are those of the package.
    assert limits_of(Timeout(9, idle=1, total=3)) == (9, 9, 9, 9, None, 1, 3)
    assert limits_of(Timeout(first_byte=2)) == (5, 600, 600, 600, 2, None, None)
    assert limits_of(Timeout(idle=None)) == (5, 600, 600, 600, None, None, None)
    assert limits_of(Timeout(idle=1, read=None, connect=2)) == (2, None, 600, 600, None, 1, None)
    assert limits_of(Timeout((1, 2), total=3)) == (1, 2, None, None, None, None, 3)
    # A default of this type may be extended, as long as what httpx has is left alone.
    whole = Timeout(9, idle=1)
    assert limits_of(Timeout(whole)) == limits_of(whole)
    assert limits_of(Timeout(whole, idle=None, total=4)) == (9, 9, 9, 9, None, None, 4)
    with pytest.raises(ValueError, match="cannot be combined"):
        Timeout(whole, idle=4, read=1)
    with pytest.raises(TypeError, match="idel"):
        Timeout(9, idel=1)  # type: ignore[call-arg] # pyright: ignore[reportCallIssue]


def test_a_timeout_shows_its_limits() -> None:
    for timeout, text in [
        (Timeout(9, idle=1, total=3), "Timeout(timeout=9, idle=1, total=3)"),
        (Timeout(9, connect=1, first_byte=2.5), "Timeout(connect=1, read=9, write=9, pool=9, first_byte=2.5)"),
    ]:
        assert repr(timeout) == text
        for twin in (copy.deepcopy(timeout), pickle.loads(pickle.dumps(timeout))):
            assert twin == timeout
    assert Timeout(9, idle=1) != Timeout(9, idle=2) != Timeout(9)
    assert Timeout(9, idle=1).as_dict() == {"connect": 9, "read": 9, "write": 9, "pool": 9, "idle": 1}


@pytest.mark.parametrize("name", ["first_byte", "idle", "total"])
@pytest.mark.parametrize(
    ("limit", "kind", "words"),
    [(-1, ValueError, "must not be negative"), (float("nan"), ValueError, "must not be negative"),
     (float("inf"), ValueError, "must be finite; give None"), ("5", TypeError, "must be a number of seconds")],
)  # fmt: skip
def test_a_bad_limit_is_refused_in_one_sentence(name: str, limit: Any, kind: type[Exception], words: str) -> None:
    with pytest.raises(kind, match=rf"^`timeout\.{name}` {words}"):
        limits_of(Timeout(9, **{name: limit}))


def test_infinite_limits_of_httpx_are_none_as_on_its_event_loops() -> None:
    endless = float("inf")
    assert limits_of(endless)[:4] == (endless,) * 4


@pytest.mark.parametrize(
    "text",
    ["https://api.openai.com/v1", "http://h", "http://h/", "http://h:8080/a?b=c#d", "http://H/P", "https://h:443/x",
     "http://u:p@h/v1", "http://[::1]:90/x", "http://h/a%20b", "x/y", "", "/p?q"],
)  # fmt: skip
def test_url(httpx2: Any, text: str) -> None:
    ours, theirs = URL(text), httpx2.URL(text)
    for name in ("scheme", "host", "port", "path", "raw_path", "query", "fragment", "username", "password", "netloc",
                 "userinfo", "is_absolute_url", "is_relative_url"):  # fmt: skip
        assert getattr(ours, name) == getattr(theirs, name), name
    assert str(ours).lower() == str(theirs).lower()
    assert ours == text
    assert ours == URL(text)
    assert hash(ours) == hash(URL(text))
    assert pickle.loads(pickle.dumps(ours)) == ours


def test_a_url_joins() -> None:
    assert str(URL("http://h/v1/").join("chat")) == "http://h/v1/chat"


@pytest.mark.parametrize("text", ["http://h:99999/", "http://h:x/", "http://[::1/"])
def test_a_url_that_cannot_be(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - Two of the messages are Python's own.
        URL(text)


FIELDS = [("Content-Type", "text/plain"), ("X-Many", "1"), ("x-many", "2, 3"), ("Authorization", "Bearer sk-secret")]


def test_headers(httpx2: Any) -> None:
    ours, theirs = Headers(FIELDS), httpx2.Headers(FIELDS)
    assert list(ours) == list(theirs)
    assert list(ours.keys()) == list(theirs.keys())
    assert list(ours.values()) == list(theirs.values())
    assert list(ours.items()) == list(theirs.items())
    assert ours.multi_items() == theirs.multi_items()
    assert ours.raw == theirs.raw
    assert len(ours) == len(theirs)
    assert repr(ours) == repr(theirs)
    for name in ("content-TYPE", "X-MANY", "nothing"):
        assert ours.get(name) == theirs.get(name)
        assert (name in ours) == (name in theirs)
        assert ours.get_list(name) == theirs.get_list(name)
        assert ours.get_list(name, split_commas=True) == theirs.get_list(name, split_commas=True)
    assert ours == theirs.multi_items()
    assert ours == Headers([(name.upper(), value) for name, value in FIELDS])
    assert ours != {"a": "b"}
    assert ours != 5


def test_headers_change(httpx2: Any) -> None:
    ours, theirs = Headers(FIELDS), httpx2.Headers(FIELDS)
    for headers in (ours, theirs):
        headers["X-MANY"] = "9"
        headers["new"] = "n"
        del headers["content-type"]
        headers.update({"new": "m"})
        assert headers.pop("nothing", None) is None
        with pytest.raises(KeyError):
            headers["content-type"]
        with pytest.raises(KeyError):
            del headers["content-type"]
    assert ours.multi_items() == theirs.multi_items()
    copied = ours.copy()
    copied["new"] = "other"
    assert ours["new"] == "m"


@pytest.mark.parametrize(
    ("status", "head", "body"),
    [(200, {"content-type": "application/json"}, b'{"a": 1}'), (404, {}, b""), (500, {}, "é".encode()),
     (301, {"content-type": "text/html; charset=latin-1"}, "é".encode("latin-1")), (101, {}, b""),
     (200, {"content-type": "text/plain; charset=nonsense"}, b"\xff"), (299, {}, b"a\nb\r\nc")],
)  # fmt: skip
def test_response(httpx2: Any, status: int, head: dict[str, str], body: bytes) -> None:
    theirs = httpx2.Response(status, headers=head, content=body, request=httpx2.Request("POST", "http://h/x"))
    fields = [field for field in theirs.headers.multi_items() if field[0] != "content-length"]
    ours = Response(status, headers=fields, content=body, request=Request("POST", "http://h/x"))
    for name in ("status_code", "reason_phrase", "content", "text", "http_version", "is_success", "is_error",
                 "is_redirect", "is_client_error", "is_server_error", "is_informational", "is_closed",
                 "charset_encoding", "encoding"):  # fmt: skip
        assert getattr(ours, name) == getattr(theirs, name), name
    assert str(ours.url) == str(theirs.url)
    assert repr(ours) == repr(theirs)
    assert repr(ours.request) == repr(theirs.request)
    assert ours.read() == asyncio.run(ours.aread()) == body
    assert b"".join(ours.iter_bytes(2)) == body
    assert list(ours.iter_lines()) == list(theirs.iter_lines())
    twin = pickle.loads(pickle.dumps(ours))
    assert (twin.status_code, twin.content, twin.headers) == (ours.status_code, ours.content, ours.headers)


def test_a_response_parses_json_and_raises_for_its_status() -> None:
    request = Request("GET", "http://h/")
    assert Response(200, content=b'{"a": 1}', request=request).json() == {"a": 1}
    good = Response(204, request=request, elapsed_seconds=1.5)
    assert good.raise_for_status() is good
    assert good.elapsed == timedelta(seconds=1.5)
    with pytest.raises(tailrace.NotFoundError):
        Response(404, request=request).raise_for_status()
    with pytest.raises(RuntimeError, match="no request"):
        _ = Response(200).request


def test_the_response_of_a_stream_has_no_body_and_closes_it(server: MockServer) -> None:
    stream = server.client().chat.completions.create(model="m", messages=[], stream=True)
    response = stream.response
    for read in (lambda: response.content, lambda: response.text, response.read, response.json):
        with pytest.raises(ResponseNotRead):
            read()
    assert not response.is_closed
    response.close()
    assert response.is_closed
    assert list(stream) == []
