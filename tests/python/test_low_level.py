"""`client.get`, `post` and their siblings, beside the official package: answers, bodies, options, refusals."""

from __future__ import annotations

import datetime
import io
import sys
from types import ModuleType
from typing import Any, Dict, List, Union  # noqa: UP035 - What callers write.

import pytest
from compared import KINDS, observed

import tailrace
from tailrace.testing import MockServer

BODIES = ['{"id": "a"}', "[1]", "5", "null", '"s"', "true", "xx", ""]

CASTS: dict[str, Any] = {
    "object": lambda library: object,
    "str": lambda library: str,
    "int": lambda library: int,
    "float": lambda library: float,
    "bool": lambda library: bool,
    "bytes": lambda library: bytes,
    "NoneType": lambda library: type(None),
    "model": lambda library: library.BaseModel,
    "dict": lambda library: dict,
    "typed dict": lambda library: Dict[str, int],  # noqa: UP006
    "list": lambda library: list,
    "list of models": lambda library: List[library.BaseModel],  # noqa: UP006
    "union": lambda library: Union[library.BaseModel, int],
    "binary": lambda library: (
        __import__(f"{library.__name__}._legacy_response", fromlist=["x"]).HttpxBinaryResponseContent
    ),
}


def shown(value: Any) -> Any:
    return (type(value).__name__, repr(value.content if hasattr(value, "content") else value))


@pytest.mark.parametrize("kind", ["application/json", "text/plain"])
@pytest.mark.parametrize("cast", CASTS)
def test_what_an_answer_becomes(server: MockServer, official: ModuleType, cast: str, kind: str) -> None:
    found: list[Any] = []
    for library in (tailrace, official):

        def read(client: Any, library: ModuleType = library) -> Any:
            results: list[Any] = []
            for _ in BODIES:
                try:
                    results.append(shown(client.get("/x", cast_to=CASTS[cast](library))))
                except Exception as error:  # noqa: BLE001 - which error it is, is what is compared.
                    results.append(
                        [cls.__name__ for cls in type(error).__mro__ if cls.__module__ in ("json.decoder", "builtins")]
                    )
            return results

        replies = [{"text": body, "headers": {"content-type": kind}} for body in BODIES]
        found.append(observed(server, library, "OpenAI", replies, read))
    ours, theirs = found[0][0][2], found[1][0][2]
    # An error here is at least what the official one is; `InvalidJSONError` is an `APIError` besides.
    for one, other in zip(ours, theirs, strict=True):
        assert set(other) <= set(one) if isinstance(other, list) else one == other
    assert found[0][1] == found[1][1]


def test_a_response_class_gives_the_response_itself(server: MockServer, official: ModuleType) -> None:
    import httpx2

    for library in (tailrace, official):
        outcome, _ = observed(
            server, library, "OpenAI", [{"json": {"a": 1}}],
            lambda client: [client.get("/x", cast_to=httpx2.Response).json()],
        )  # fmt: skip
        assert outcome[2] == [{"a": 1}]


def test_types_that_nothing_can_become_are_refused(library: ModuleType, server: MockServer) -> None:
    import httpx2
    import pydantic

    class Foreign(pydantic.BaseModel):
        id: str

    class Own(httpx2.Response):
        pass

    base_url = server.script({"exchanges": [{"json": {"id": "a"}, "repeat": True}]})
    with library.OpenAI(api_key="k", base_url=base_url) as client:
        with pytest.raises(TypeError, match="BaseModel"):
            client.get("/x", cast_to=Foreign)
        with pytest.raises(ValueError, match="Subclasses of HTTP response classes"):
            client.get("/x", cast_to=Own)
        # The official package asks whether it is a subclass first, and `Any` is a class from Python 3.11 on.
        refused = TypeError if library is not tailrace and sys.version_info < (3, 11) else RuntimeError
        with pytest.raises(refused):
            client.get("/x", cast_to=Any)


REQUESTS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "post nothing": ("post", "/x", {}),
    "post an object": ("post", "/x", {"body": {"a": [1, None, "é"], "d": datetime.datetime(2026, 1, 2)}}),
    "post a list": ("post", "/x", {"body": [1, 2]}),
    "post a text": ("post", "/x", {"body": "text"}),
    "post a number": ("post", "/x", {"body": 5}),
    "post bytes as the body": ("post", "/x", {"body": b"bytes"}),
    "post content": ("post", "/x", {"content": b"raw", "options": {"headers": {"Content-Type": "x/y"}}}),
    "post a text as content": ("post", "/x", {"content": "str"}),
    "merge a body": ("post", "/x", {"body": {"a": 1}, "options": {"extra_json": {"b": 2}}}),
    "only an extra body": ("post", "/x", {"options": {"extra_json": {"b": 2}}}),
    "merge into a list": ("post", "/x", {"body": [1], "options": {"extra_json": {"b": 2}}}),
    "a query": ("get", "/x", {"options": {"params": {"a": [1, {"x": True}], "n": None, "o": {"p": "q r"}}}}),
    "a query in the path": ("patch", "/x?z=1", {"body": {}, "options": {"params": {"y": 2}}}),
    "a header removed": ("post", "/x", {"body": {"a": 1}, "options": {"headers": {"Content-Type": "<omit>"}}}),
    "get has no body": ("get", "/x", {"options": {"extra_json": {"a": 1}, "headers": {"content-type": "x/y"}}}),
    "put": ("put", "x", {"body": {"a": 1}}),
    "delete": ("delete", "/x", {}),
    "delete with a body": ("delete", "/x", {"body": {"a": 1}}),
    "delete with content": ("delete", "/x", {"content": b"x"}),
    "a timeout": ("get", "/x", {"options": {"timeout": 3}}),
    "idempotency is not sent": ("post", "/x", {"options": {"idempotency_key": "k"}}),
    "a form": (
        "post", "/x",
        {"files": {"f": b"1"}, "body": {"a": [1, True, None, 1.5], "b": {"c": "x"}},
         "options": {"headers": {"Content-Type": "multipart/form-data"}}},
    ),
    "a form with a boundary": (
        "post", "/x",
        {"files": [("f", ("n.txt", b"1", "text/x"))], "body": {"s": ""},
         "options": {"headers": {"Content-Type": "multipart/form-data; boundary=XX"}}},
    ),
    "a form without files": (
        "post", "/x", {"body": {"a": 1}, "options": {"headers": {"content-type": "multipart/form-data"}}},
    ),
    "no number": ("post", "/x", {"body": {"x": float("nan")}}),
    "no JSON": ("post", "/x", {"body": {"x": object()}}),
    "a set": ("post", "/x", {"body": {1, 2}}),
    "body and content": ("post", "/x", {"body": {}, "content": b"x"}),
    "files and content": ("post", "/x", {"files": {"f": b"1"}, "content": b"x"}),
    "files that are a number": ("post", "/x", {"files": 5}),
    "a file that is a number": ("post", "/x", {"files": {"f": 5}}),
    "retries below zero": ("get", "/x", {"options": {"max_retries": -1}}),
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", REQUESTS)
def test_the_request_equals_the_official_one(server: MockServer, official: ModuleType, name: str, kind: str) -> None:
    method, path, arguments = REQUESTS[name]
    found: list[Any] = []
    for library in (tailrace, official):

        def of(value: Any, library: ModuleType = library) -> Any:
            if isinstance(value, dict):
                return {key: of(item) for key, item in value.items()}
            return library.omit if isinstance(value, str) and value == "<omit>" else value

        def ask(client: Any, of: Any = of) -> Any:
            return getattr(client, method)(path, cast_to=object, **of(arguments))

        outcome, requests = observed(server, library, kind, [{"json": {}}], ask)
        # The class of an error is what callers rely on; its words are ours.
        found.append((outcome[:2] if outcome[0] == "raised" else outcome, requests))
    if found[1][0][0] == "raised":
        assert found[0][1] == []
    assert found[0] == found[1]


def test_content_is_read_from_files_and_iterables(server: MockServer) -> None:
    for content in (io.BytesIO(b"abc"), iter([b"a", b"bc"]), bytearray(b"abc"), memoryview(b"abc")):
        _, requests = observed(
            server, tailrace, "OpenAI", [{"json": {}}],
            lambda client, content=content: client.post("/x", cast_to=object, content=content),
        )  # fmt: skip
        assert requests[0]["body"] == "abc"

    async def pieces() -> Any:
        yield b"a"
        yield b"bc"

    _, requests = observed(
        server, tailrace, "AsyncOpenAI", [{"json": {}}],
        lambda client: client.post("/x", cast_to=object, content=pieces()),
    )  # fmt: skip
    assert requests[0]["body"] == "abc"


def test_files_make_a_form_without_a_header(server: MockServer) -> None:
    # The official package sends the form as `application/json` then, and leaves out its fields.
    _, requests = observed(
        server, tailrace, "OpenAI", [{"json": {}}],
        lambda client: client.post("/x", cast_to=object, files={"f": b"1"}, body={"a": 1}),
    )  # fmt: skip
    assert requests[0]["headers"]["content-type"] == "multipart/form-data; boundary=BOUNDARY"
    assert 'name="a"\r\n\r\n1\r\n' in requests[0]["body"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_stream_of_a_class(server: MockServer, library: ModuleType, kind: str) -> None:
    events = {"sse": [{"data": '{"id": "a"}'}, {"data": '{"id": "b"}'}, {"data": "[DONE]"}]}

    def read(client: Any) -> Any:
        stream = client.post("/x", cast_to=object, body={}, stream=True, stream_cls=library.Stream[library.BaseModel])
        plain = client.post("/x", cast_to=library.BaseModel, body={}, stream=True)
        return [[event.id for event in stream], [event.id for event in plain]]

    async def read_async(client: Any) -> Any:
        stream = await client.post(
            "/x", cast_to=object, body={}, stream=True, stream_cls=library.AsyncStream[library.BaseModel]
        )
        plain = await client.post("/x", cast_to=library.BaseModel, body={}, stream=True)
        return [[event.id async for event in stream], [event.id async for event in plain]]

    outcome, _ = observed(server, library, kind, [events, events], read if kind == "OpenAI" else read_async)
    assert outcome[2] == [["a", "b"], ["a", "b"]]


def test_a_redirect_can_be_left_alone(server: MockServer, library: ModuleType) -> None:
    exchange = {"status": 307, "headers": {"location": "/elsewhere"}, "json": {}}
    outcome, requests = observed(
        server, library, "OpenAI", [exchange],
        lambda client: client.get("/x", cast_to=object, options={"follow_redirects": False}),
    )  # fmt: skip
    assert outcome[:2] == ("raised", "APIStatusError")
    assert len(requests) == 1


def test_retries_of_one_request(server: MockServer, library: ModuleType) -> None:
    exchange = {"status": 500, "headers": {"retry-after-ms": "1"}, "json": {}, "repeat": True}
    _, requests = observed(
        server, library, "OpenAI", [exchange],
        lambda client: client.get("/x", cast_to=object, options={"max_retries": 3}),
    )  # fmt: skip
    assert len(requests) == 4


@pytest.mark.parametrize("kind", KINDS)
def test_a_request_as_one_object(server: MockServer, official: ModuleType, kind: str) -> None:
    found: list[Any] = []
    for library in (tailrace, official):
        models: Any = __import__(f"{library.__name__}._models", fromlist=["x"])
        options = models.FinalRequestOptions.construct(
            method="post", url="/x", params={"a": 1}, headers={"x-mine": "1"}, json_data={"b": 2}, timeout=3
        )
        found.append(
            observed(
                server,
                library,
                kind,
                [{"json": {"id": "a"}}],
                lambda client, options=options: client.request(object, options),
            )
        )
    assert found[0][0] == ("returned", "dict", {"id": "a"})
    assert found[0] == found[1]


def test_a_query_as_text(library: ModuleType) -> None:
    params = {"a": [1, True, None, "x y"], "b": {"c": {"d": 1.5}}, "n": None, "é": "&="}
    expected = "a%5B%5D=1&a%5B%5D=true&a%5B%5D=x+y&b%5Bc%5D%5Bd%5D=1.5&%C3%A9=%26%3D"
    assert library.OpenAI(api_key="k").qs.stringify(params) == expected
