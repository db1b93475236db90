"""The helpers that wait: what they send, how long they rest, when they stop, beside the official package."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import pytest
from compared import KINDS, both, json, observed

import tailrace
from tailrace.testing import MockServer

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

Action = Callable[[Any], Any]

#: Passed to a helper, and not in its own way.
OPTIONS: dict[str, Any] = {
    "extra_headers": {"X-A": "1"}, "extra_query": {"q": 1}, "extra_body": {"z": 1}, "timeout": 9,
}  # fmt: skip


def file(status: str, **headers: str) -> dict[str, Any]:
    return json({"id": "f", "status": status, "vector_store_id": "v"}, **headers)


def batch(in_progress: int, status: str = "in_progress") -> dict[str, Any]:
    return json({"id": "b", "status": status, "file_counts": {"in_progress": in_progress, "completed": 1}})


def run(status: str) -> dict[str, Any]:
    return json({"id": "r", "thread_id": "t", "status": status})


def video(status: str, **headers: str) -> dict[str, Any]:
    return json({"id": "vid", "status": status}, **headers)


FAST = {"openai_poll_after_ms": "3"}

CASES: dict[str, tuple[list[dict[str, Any]], Action]] = {
    "files.poll": (
        [file("in_progress", **FAST), file("in_progress"), file("completed")],
        lambda c: c.vector_stores.files.poll("f", vector_store_id="v"),
    ),
    "files.poll with an interval": (
        [file("in_progress", openai_poll_after_ms="60000"), file("failed")],
        lambda c: c.vector_stores.files.poll("f", vector_store_id="v", poll_interval_ms=2, max_wait_seconds=30),
    ),
    "files.poll of an unknown status": (
        [file("paused")],
        lambda c: c.vector_stores.files.poll("f", vector_store_id="v"),
    ),
    "files.create_and_poll": (
        [file("in_progress"), file("in_progress"), file("cancelled")],
        lambda c: c.vector_stores.files.create_and_poll(
            "f", vector_store_id="v", attributes={"a": 1}, chunking_strategy={"type": "auto"}, poll_interval_ms=2,
            **OPTIONS,
        ),
    ),
    "files.upload": (
        [json({"id": "up"}), file("in_progress")],
        lambda c: c.vector_stores.files.upload(vector_store_id="v", file=b"x", chunking_strategy={"type": "auto"}),
    ),
    "files.upload_and_poll": (
        [json({"id": "up"}), file("in_progress"), file("in_progress"), file("completed")],
        lambda c: c.vector_stores.files.upload_and_poll(
            vector_store_id="v", file=b"x", attributes={"a": True}, poll_interval_ms=2
        ),
    ),
    "batches.poll goes by the counts": (
        [batch(1, "cancelled"), batch(1, "failed"), batch(0, "in_progress")],
        lambda c: c.vector_stores.file_batches.poll("b", vector_store_id="v", poll_interval_ms=2),
    ),
    "batches.create_and_poll": (
        [batch(1), batch(1), batch(0)],
        lambda c: c.vector_stores.file_batches.create_and_poll(
            "v", file_ids=["a"], attributes={"a": "b"}, poll_interval_ms=2, **OPTIONS
        ),
    ),
    "batches.create_and_poll with files": (
        [batch(1), batch(0)],
        lambda c: c.vector_stores.file_batches.create_and_poll("v", files=[{"file_id": "a"}]),
    ),
    "batches.upload_and_poll": (
        [json({"id": "up"}), json({"id": "up"}), batch(1), batch(1), batch(0)],
        lambda c: c.vector_stores.file_batches.upload_and_poll(
            "v", files=iter([b"1", b"1"]), file_ids=["z"], poll_interval_ms=2, chunking_strategy={"type": "auto"}
        ),
    ),
    "runs.poll": (
        [run("queued"), run("in_progress"), run("cancelling"), run("never heard of"), run("incomplete")],
        lambda c: c.beta.threads.runs.poll("r", "t", poll_interval_ms=2, **OPTIONS),
    ),
    "runs.create_and_poll": (
        [run("queued"), run("queued"), run("requires_action")],
        lambda c: c.beta.threads.runs.create_and_poll(
            thread_id="t", assistant_id="a", metadata={"a": "b"}, poll_interval_ms=2, **OPTIONS
        ),
    ),
    "runs.submit_tool_outputs_and_poll": (
        [run("queued"), run("queued"), run("expired")],
        lambda c: c.beta.threads.runs.submit_tool_outputs_and_poll(
            thread_id="t", run_id="r", tool_outputs=[{"tool_call_id": "x", "output": "y"}], poll_interval_ms=2,
            **OPTIONS,
        ),
    ),
    "threads.create_and_run_poll": (
        [run("queued"), run("queued"), run("completed")],
        lambda c: c.beta.threads.create_and_run_poll(
            assistant_id="a", thread={"messages": []}, poll_interval_ms=2, **OPTIONS
        ),
    ),
    "videos.poll": (
        [video("queued", **FAST), video("in_progress"), video("failed")],
        lambda c: c.videos.poll("vid"),
    ),
    "videos.create_and_poll": (
        [video("queued"), video("in_progress"), video("completed")],
        lambda c: c.videos.create_and_poll(prompt="p", seconds="4", poll_interval_ms=2, **OPTIONS),
    ),
    "files.wait_for_processing": (
        [json({"id": "f", "status": status}) for status in ("uploaded", "odd", "error")],
        lambda c: c.files.wait_for_processing("f", poll_interval=0.002),
    ),
    "files.wait_for_processing, too long": (
        [json({"id": "f", "status": "uploaded"}), json({"id": "f", "status": "uploaded"})],
        lambda c: c.files.wait_for_processing("f", poll_interval=0.002, max_wait_seconds=0),
    ),
    "an error of the server": (
        [file("in_progress", **FAST), {"status": 400, "json": {"error": {"message": "no"}}}],
        lambda c: c.vector_stores.files.poll("f", vector_store_id="v"),
    ),
    "a time limit of nothing": ([], lambda c: c.vector_stores.files.poll("f", vector_store_id="v", max_wait_seconds=0)),
    "a negative time limit": (
        [],
        lambda c: c.vector_stores.files.upload_and_poll(vector_store_id="v", file=b"x", max_wait_seconds=-1),
    ),
    "a time limit that is no number": (
        [],
        lambda c: c.vector_stores.files.create_and_poll("f", vector_store_id="v", max_wait_seconds=float("nan")),
    ),
    "no workers": (
        [],
        lambda c: c.vector_stores.file_batches.upload_and_poll("v", files=[b"1"], max_concurrency=-1),
    ),
}  # fmt: skip


#: The official async form takes any number of workers; `test_no_workers_is_refused` states ours.
COMPARED = [(kind, case) for kind in KINDS for case in CASES if (kind, case) != ("AsyncOpenAI", "no workers")]


@pytest.mark.parametrize(("kind", "case"), COMPARED)
def test_the_requests_and_the_result_are_those_of_the_official_package(
    server: MockServer, official: ModuleType, kind: str, case: str
) -> None:
    exchanges, action = CASES[case]
    (ours, our_requests), (theirs, their_requests) = both(server, tailrace, official, kind, exchanges, action)
    assert ours[:2] == theirs[:2]
    if ours[0] == "returned":
        assert ours[2] == theirs[2]
    assert our_requests == their_requests
    assert len(our_requests) == len(exchanges)


@pytest.mark.parametrize("kind", KINDS)
def test_no_workers_is_refused(server: MockServer, kind: str) -> None:
    outcome, requests = observed(server, tailrace, kind, *CASES["no workers"])
    assert outcome == ("raised", "ValueError", "`max_concurrency` must be at least 1, not -1.")
    assert requests == []


@pytest.mark.parametrize(("kind", "header"), [("OpenAI", "soon"), ("OpenAI", "-5"), ("AsyncOpenAI", "")])
def test_an_interval_that_is_none_is_a_second(server: MockServer, kind: str, header: str) -> None:
    exchanges = [video("queued", openai_poll_after_ms=header), video("completed")]
    start = time.monotonic()
    outcome, _ = observed(server, tailrace, kind, exchanges, lambda c: c.videos.poll("vid"))
    assert outcome[:2] == ("returned", "Video")
    assert time.monotonic() - start >= 1


@pytest.mark.parametrize("kind", KINDS)
def test_a_time_limit_cuts_the_rest_and_the_next_question(server: MockServer, kind: str) -> None:
    start = time.monotonic()
    outcome, requests = observed(
        server, tailrace, kind, [file("in_progress"), file("completed")],
        lambda c: c.vector_stores.files.poll("f", vector_store_id="v", poll_interval_ms=60000, max_wait_seconds=0.2),
    )  # fmt: skip
    assert outcome[:2] == ("raised", "TimeoutError")
    assert "'f'" in outcome[2]
    assert len(requests) == 1
    # Well before the next question.
    assert 0.2 <= time.monotonic() - start < 50


@pytest.mark.parametrize("kind", KINDS)
def test_batches_without_counts_go_by_their_status(server: MockServer, kind: str) -> None:
    exchanges = [json({"id": "b", "status": "in_progress"}, **FAST), json({"id": "b", "status": "completed"})]
    outcome, requests = observed(
        server, tailrace, kind, exchanges, lambda c: c.vector_stores.file_batches.poll("b", vector_store_id="v")
    )
    assert outcome[:2] == ("returned", "VectorStoreFileBatch")
    assert len(requests) == 2


@pytest.mark.parametrize("kind", KINDS)
def test_as_many_files_are_uploaded_at_once_as_allowed(server: MockServer, kind: str) -> None:
    active = peak = 0

    def action(client: Any) -> Any:
        create = client.files.create

        @contextlib.contextmanager
        def counted() -> Iterator[None]:
            nonlocal active, peak
            active += 1
            peak = max(peak, active)
            try:
                yield
            finally:
                active -= 1

        def blocking(**options: Any) -> Any:
            with counted():
                # The first ones wait for each other, and stay a little, so that one too many would be seen.
                while peak < 3:
                    time.sleep(0.005)
                time.sleep(0.05)
                return create(**options)

        async def awaited(**options: Any) -> Any:
            with counted():
                while peak < 3:
                    await asyncio.sleep(0.005)
                await asyncio.sleep(0.05)
                return await create(**options)

        client.files.create = blocking if kind == "OpenAI" else awaited
        return client.vector_stores.file_batches.upload_and_poll("v", files=[b"1"] * 7, max_concurrency=3)

    exchanges = [{"json": {"id": "up", "file_counts": {"in_progress": 0}}, "repeat": True}]
    outcome, requests = observed(server, tailrace, kind, exchanges, action)
    assert outcome[:2] == ("returned", "VectorStoreFileBatch")
    assert peak == 3
    assert len(requests) == 9


@pytest.mark.parametrize("kind", KINDS)
def test_after_a_failed_upload_no_other_file_is_sent(server: MockServer, kind: str) -> None:
    exchanges = [{"status": 400, "json": {"error": {"message": "no"}}}, {"json": {"id": "up"}, "repeat": True}]
    outcome, requests = observed(
        server, tailrace, kind, exchanges,
        lambda c: c.vector_stores.file_batches.upload_and_poll("v", files=[b"1"] * 20, max_concurrency=1),
    )  # fmt: skip
    assert outcome[:2] == ("raised", "BadRequestError")
    assert [request["path"] for request in requests] == ["/files"]
