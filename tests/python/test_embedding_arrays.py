"""`client.embeddings.create_array`: the vectors of `create`, as one block of memory."""

from __future__ import annotations

import array
import asyncio
import base64
import builtins
import gc
import weakref
from typing import Any

import pytest
from compared import KINDS, json

import tailrace
from tailrace.testing import MockServer

ROWS = [[0.5, -2.5, 3.75, 1e-8], [1.0, 2.0, -0.0, 3e38], [0.125, 0.0, 7.0, -1.0]]


def encoded(values: list[float]) -> str:
    return base64.b64encode(array.array("f", values).tobytes()).decode()


def answer(*vectors: Any, indexes: Any = None, **more: Any) -> dict[str, Any]:
    indexes = range(len(vectors)) if indexes is None else indexes
    data = [
        {"object": "embedding", **({} if index is None else {"index": index}), "embedding": vector}
        for index, vector in zip(indexes, vectors, strict=True)
    ]
    return {"object": "list", "data": data, "model": "m-1", "usage": {"prompt_tokens": 3, "total_tokens": 4}, **more}


def created(server: MockServer, exchange: dict[str, Any], kind: str = "OpenAI", **arguments: Any) -> Any:
    options: dict[str, Any] = {"api_key": "k", "base_url": server.script({"exchanges": [exchange]}), "max_retries": 0}
    arguments = {"input": ["a", "b", "c"], "model": "m", **arguments}
    if kind == "OpenAI":
        with tailrace.OpenAI(**options) as client:
            return client.embeddings.create_array(**arguments)

    async def run() -> Any:
        async with tailrace.AsyncOpenAI(**options) as client:
            return await client.embeddings.create_array(**arguments)

    return asyncio.run(run())


def floats(rows: list[list[float]]) -> list[list[float]]:
    return [array.array("f", row).tolist() for row in rows]


@pytest.mark.parametrize("kind", KINDS)
def test_the_vectors_are_rows_of_one_array(server: MockServer, kind: str) -> None:
    numpy = pytest.importorskip("numpy")
    found = created(server, json(answer(*map(encoded, ROWS)), x_request_id="req_7"), kind)
    assert isinstance(found, tailrace.EmbeddingArray)
    assert found.array.tolist() == floats(ROWS)
    assert found.array.dtype == numpy.float32
    assert found.array.shape == (3, 4) == (len(found), found.dimensions)
    assert found.array.flags.c_contiguous
    assert found.array.flags.aligned
    assert found.array.flags.writeable
    assert (found.model, found.usage.total_tokens, found._request_id) == ("m-1", 4, "req_7")
    assert repr(found) == "EmbeddingArray(model='m-1', rows=3, dimensions=4)"


def test_nothing_is_copied(server: MockServer) -> None:
    numpy = pytest.importorskip("numpy")
    found = created(server, json(answer(*map(encoded, ROWS))))
    found.array[1] /= 2
    assert numpy.shares_memory(numpy.asarray(found), found.array)
    assert memoryview(found).tolist() == found.array.tolist() != floats(ROWS)
    kept = found.array
    del found
    gc.collect()
    # The array keeps the memory.
    assert kept[2].tolist() == ROWS[2]


def test_the_memory_goes_with_its_last_user(server: MockServer) -> None:
    pytest.importorskip("numpy")
    found = created(server, json(answer(*map(encoded, ROWS))))
    assert found.array.tolist() == found.view.tolist()
    gone = weakref.ref(found)
    view = found.array[1:]
    del found
    assert gone() is not None
    del view
    assert gone() is None


def test_the_buffer_protocol_needs_no_numpy(server: MockServer, monkeypatch: pytest.MonkeyPatch) -> None:
    found = created(server, json(answer(*map(encoded, ROWS))))
    view: Any = memoryview(found)
    assert (view.format, view.shape, view.itemsize, view.readonly) == ("f", (3, 4), 4, False)
    assert view.c_contiguous
    assert view.tolist() == floats(ROWS)
    assert bytes(found) == b"".join(array.array("f", row).tobytes() for row in ROWS)
    view[0, 1] = 8.0
    assert found.view[0, 1] == 8.0
    real = builtins.__import__

    def missing(name: str, *arguments: Any, **options: Any) -> Any:
        if name == "numpy":
            raise ModuleNotFoundError("No module named 'numpy'", name="numpy")
        return real(name, *arguments, **options)

    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(ImportError, match=r"needs numpy.*pip install numpy.*memoryview"):
        _ = found.array


@pytest.mark.parametrize("kind", KINDS)
def test_the_request_is_that_of_create(server: MockServer, kind: str) -> None:
    bodies: list[Any] = []
    for method in ("create", "create_array"):
        base_url = server.script({"exchanges": [json(answer(encoded([1.0])))]})
        options: Any = {"api_key": "k", "base_url": base_url}
        arguments: Any = {
            "model": "m", "input": ["a"], "dimensions": 1, "user": "u", "extra_body": {"z": 1}, "timeout": 5,
            "extra_headers": {"x-a": "1"}, "extra_query": {"q": "2"}, "deadline": 9,
        }  # fmt: skip
        if kind == "OpenAI":
            getattr(tailrace.OpenAI(**options).embeddings, method)(**arguments)
        else:
            asyncio.run(getattr(tailrace.AsyncOpenAI(**options).embeddings, method)(**arguments))
        [request] = server.requests(base_url)
        bodies.append(
            (
                request["method"],
                request["path"].split("/v1")[-1],
                request["body"],
                {name.lower() for name, _ in request["headers"]},
            )
        )
    assert bodies[0] == bodies[1]


def test_it_is_what_create_returns(server: MockServer) -> None:
    body = answer(*map(encoded, ROWS), extra={"kept": 1})
    with tailrace.OpenAI(api_key="k", base_url=server.script({"exchanges": [json(body), json(body)]})) as client:
        lists = client.embeddings.create(model="m", input=["a", "b", "c"])
        found = client.embeddings.create_array(model="m", input=["a", "b", "c"])
    assert found.to_official() == lists
    assert type(found.to_official()) is type(lists)
    assert found.to_official().data[0].embedding == lists.data[0].embedding


@pytest.mark.parametrize(
    ("vectors", "indexes"),
    [
        ([encoded(ROWS[2]), encoded(ROWS[0]), encoded(ROWS[1])], [2, 0, 1]),
        ([encoded(row) for row in ROWS], [None, None, None]),
        (floats(ROWS), [0, 1, 2]),
        ([floats(ROWS)[0], encoded(ROWS[1]), floats(ROWS)[2]], [0, 1, 2]),
    ],
)
def test_every_form_of_answer_gives_the_rows_in_order(server: MockServer, vectors: Any, indexes: Any) -> None:
    found = created(server, json(answer(*vectors, indexes=indexes)))
    assert memoryview(found).tolist() == floats(ROWS)


def test_a_text_with_escapes_is_read(server: MockServer) -> None:
    text = encoded([0.99999994] * 9)
    assert "/" in text
    escaped = text.replace("/", "\\/").replace("9", "\\u0039")
    body = '{"data":[{"index":0,"embedding":"' + escaped + '"}],"model":"m"}'
    exchange = {"text": body, "headers": {"content-type": "application/json"}}
    assert memoryview(created(server, exchange)).tolist() == floats([[0.99999994] * 9])


GOOD = encoded(ROWS[0])


@pytest.mark.parametrize(
    ("exchange", "message"),
    [
        (json(answer(GOOD, encoded([1.0, 2.0]))), r"row 1 has 2 numbers where that of row 0 has 4"),
        (json(answer(GOOD, [1.0])), r"row 1 has 1 numbers where that of row 0 has 4"),
        (json(answer(GOOD, GOOD, "!" + GOOD[1:])), r"vector of row 2 is neither base64"),
        (json(answer(GOOD, "abc")), r"vector of row 1 is neither base64"),
        (json(answer(GOOD, base64.b64encode(b"abcde").decode())), r"row 1 has 5 bytes"),
        (json(answer(GOOD, ["a", "b", "c", "d"])), r"vector of row 1 is neither base64"),
        (json(answer(GOOD, None)), r"Row 1 of the answer has no vector"),
        (json(answer(GOOD, GOOD, indexes=[0, 0])), r"Object 1 of the answer has the index 0"),
        (json(answer(GOOD, GOOD, indexes=[0, 9])), r"Object 1 of the answer has the index 9"),
        (json(answer(GOOD, GOOD, indexes=[-1, 0])), r"Object 0 of the answer has the index -1"),
        (json(answer()), r"No embedding data received"),
        (json({"data": [5]}), r"Row 0 of the answer has no vector"),
        (json({"model": "m"}), r"no list `data` of vectors"),
        (json([1]), r"no JSON object"),
        ({"text": "sorry"}, r"no JSON object"),
        ({"text": '{"data":[{"embedding":"AAAA', "headers": {"content-type": "application/json"}}, r"no JSON object"),
    ],
)
def test_what_is_no_array_is_an_error_that_names_the_row(
    server: MockServer, exchange: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        created(server, exchange)


def test_a_status_is_an_error_of_the_call(server: MockServer) -> None:
    with pytest.raises(tailrace.BadRequestError, match="no such"):
        created(server, {"status": 400, "json": {"error": {"message": "no such model"}}})
