"""The exception classes: tree, constructors, attributes, pickling, and the table from failure code to class."""

from __future__ import annotations

import copy
import inspect
import json
import pickle
from types import ModuleType, SimpleNamespace
from typing import Any, cast

import pytest

import tailrace
from tailrace import _exceptions, _native
from tailrace._invalid_json import InvalidJSONError
from tailrace._wire.request import Request
from tailrace._wire.response import Response

EXCEPTIONS = [name for name in tailrace.__all__ if name.endswith("Error")]
REQUEST = Request("POST", "http://localhost/v1/x", headers={"Authorization": "Bearer sk-secret"}, content=b"{}")


def response(status: int = 400, body: bytes = b"{}", **headers: str) -> Response:
    return Response(status, headers={"content-type": "application/json", **headers}, content=body, request=REQUEST)


def failure(code: str, **fields: Any) -> Any:
    given = {
        "message": "it failed",
        "phase": None,
        "limit": None,
        "limit_seconds": None,
        "received": None,
        "causes": [],
        "attempts": 1,
        "elapsed": 0.0,
    }
    return SimpleNamespace(**{"code": code, **given, "reply": None, "request": None, **fields})


def test_the_table_has_the_codes_of_rust() -> None:
    assert set(_exceptions._BY_CODE) == set(_native.error_codes())


@pytest.mark.parametrize("name", EXCEPTIONS)
def test_the_tree_is_that_of_the_official_package(name: str, official: ModuleType) -> None:
    ours, theirs = getattr(tailrace, name), getattr(official, name)
    assert [cls.__name__ for cls in ours.__mro__] == [cls.__name__ for cls in theirs.__mro__]


@pytest.mark.parametrize("name", EXCEPTIONS)
def test_the_official_constructor_call_works(name: str, official: ModuleType) -> None:
    theirs = inspect.signature(getattr(official, name).__init__).parameters
    ours = inspect.signature(getattr(tailrace, name).__init__).parameters
    for parameter in theirs.values():
        mine = ours[parameter.name]
        assert (mine.kind, mine.default) == (parameter.kind, parameter.default), parameter.name
    # What we add must be optional, or the official call would fail.
    for added in ours.keys() - theirs.keys():
        assert ours[added].default is not inspect.Parameter.empty


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 418, 422, 429, 500, 503, 302])
@pytest.mark.parametrize(
    "body",
    [
        '{"error":{"message":"m","code":"c","param":"p","type":"t","x":1}}',
        '{"message":"top","code":"c"}', '{"error":"text"}', '{"error":null,"message":"z"}', "[1]", '"s"', "null", "",
        "<html>busy</html>", '{"error":{}}', '{"error":{"message":""}}', '{"error":{"code":5,"message":7,"type":[]}}',
        "{broken", '{"error":{"code":1.5}}', '{"error":{"code":true}}', "  \n ", '{"error":[1]}',
        '{"error":{"message":"caf\xff"}}', '\ufeff{"a":1}',
    ],
)  # fmt: skip
def test_a_status_error_equals_the_official_one(official: ModuleType, status: int, body: str) -> None:
    import httpx2

    sent = httpx2.Request("POST", "http://localhost/v1/x")
    head = {"content-type": "application/json", "x-request-id": "req_1"}
    received = httpx2.Response(status, headers=head, content=body.encode("latin-1", "replace"), request=sent)
    theirs = official.OpenAI(api_key="k")._make_status_error_from_response(received)
    ours = _exceptions.status_error(response(status, body.encode("latin-1", "replace"), **{"x-request-id": "req_1"}))
    assert type(ours).__name__ == type(theirs).__name__
    assert ours.args == theirs.args
    for name in ("message", "body", "code", "param", "type", "status_code", "request_id"):
        assert getattr(ours, name) == getattr(theirs, name), name


def test_every_exception_survives_pickle_and_copy() -> None:
    cause = None
    try:
        json.loads("{broken")
    except json.JSONDecodeError as error:
        cause = error
    assert cause is not None
    errors = [
        tailrace.OpenAIError("text"),
        tailrace.APIError("text", REQUEST, body={"code": "c", "param": "p", "type": "t"}),
        tailrace.APIConnectionError(request=REQUEST),
        tailrace.APITimeoutError(REQUEST, limit="idle", limit_seconds=2, elapsed_seconds=3.5, events=4, phase="body"),
        tailrace.APIResponseValidationError(response(200), {"a": 1}),
        tailrace.LengthFinishReasonError(completion=cast("Any", SimpleNamespace(usage="u"))),
        tailrace.ContentFilterFinishReasonError(),
        tailrace.OAuthError(response=response(401), body={"error": "invalid_grant"}),
        tailrace.InvalidWebhookSignatureError("text"),
        InvalidJSONError(response(200), "{broken", cause),
        *(_exceptions.status_error(response(status)) for status in (400, 401, 403, 404, 409, 418, 422, 429, 500)),
    ]
    plain = (
        "limit",
        "limit_seconds",
        "elapsed_seconds",
        "events",
        "message",
        "body",
        "code",
        "param",
        "type",
        "status_code",
        "request_id",
        "phase",
        "error",
        "doc",
        "pos",
    )
    for error in errors:
        for twin in (pickle.loads(pickle.dumps(error)), copy.copy(error), copy.deepcopy(error)):
            assert type(twin) is type(error)
            assert twin.args == error.args
            assert str(twin) == str(error)
            for name in plain:
                assert getattr(twin, name, None) == getattr(error, name, None), name


def test_a_pickle_holds_no_credentials() -> None:
    error = _exceptions.status_error(response(400))
    assert error.request.headers["authorization"] == "Bearer sk-secret"
    pickled = pickle.dumps(error)
    assert b"sk-secret" not in pickled
    assert pickle.loads(pickled).request.headers["authorization"] == "[secure]"


def test_no_repr_shows_credentials() -> None:
    error = _exceptions.status_error(response(400))
    for shown in (repr(error), str(error), repr(error.request), repr(error.request.headers), repr(error.response)):
        assert "sk-secret" not in shown


@pytest.mark.parametrize("code", _native.error_codes())
def test_every_failure_becomes_an_openai_error(code: str) -> None:
    error = _exceptions.error_from(failure(code, causes=["outer", "inner"]), "POST", "http://localhost/v1/x")
    assert isinstance(error, tailrace.APIError)
    assert "it failed" in str(error).lower()
    assert str(error.__cause__) == "outer"
    assert error.__cause__ is not None
    assert str(error.__cause__.__cause__) == "inner"
    assert str(error.request.url) == "http://localhost/v1/x"


def test_a_timeout_says_which_limit_passed() -> None:
    passed = failure(
        "timed_out", phase="body", limit="idle", limit_seconds=2.0, elapsed=3.5, received=(4, 9, None, None)
    )
    error = _exceptions.error_from(passed, "POST", "http://localhost/")
    assert isinstance(error, tailrace.APITimeoutError)
    assert (error.limit, error.limit_seconds, error.elapsed_seconds, error.events) == ("idle", 2.0, 3.5, 4)
    assert error.phase == "body"
    assert str(error).startswith("Request timed out.")


def test_a_defect_asks_for_a_report() -> None:
    assert "report" in str(_exceptions.error_from(failure("internal"), "POST", "http://localhost/"))


def test_a_url_that_is_none_still_gives_an_error() -> None:
    error = _exceptions.error_from(failure("invalid_request"), "POST", "http://[::1/chat")
    assert isinstance(error, tailrace.APIConnectionError)


def test_broken_json_is_both_kinds_of_error() -> None:
    with pytest.raises(json.JSONDecodeError) as caught:
        json.loads("{broken")
    error = InvalidJSONError(response(200), "{broken", caught.value)
    assert isinstance(error, tailrace.APIError)
    assert isinstance(error, json.JSONDecodeError)
    assert (error.doc, error.pos, error.lineno, error.colno, error.body) == ("{broken", 1, 1, 2, "{broken")
    assert str(error) == str(caught.value)
