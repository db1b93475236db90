"""Files into and out of the workspace of an agent, beside the official package."""

from __future__ import annotations

import asyncio
import importlib
import sys
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from json import dumps
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from compared import KINDS, both, json, observed

import tailrace
from tailrace.lib.beta.agents import (
    AgentFilePreparationError,
    AgentFileStagingError,
    AgentResultArtifacts,
    AgentTurnResult,
    PreparedAgentFiles,
)
from tailrace.testing import MockServer

OPTIONS: dict[str, Any] = {
    "extra_headers": {"X-A": "1"}, "extra_query": {"q": 1}, "extra_body": {"z": 1}, "timeout": 9,
}  # fmt: skip
KEY = {"Idempotency-Key": "x"}
REFUSED = {"status": 400, "json": {"error": {"message": "no"}}}


def uploaded(number: int) -> dict[str, Any]:
    return json({"id": f"file_{number}", "object": "file", "purpose": "user_data"})


STAGED = json({"id": "ef", "object": "agent.environment.file", "environment_id": "env", "path": "/workspace/a"})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "sub" / "empty").mkdir(parents=True)
    (tmp_path / "a.md").write_text("aaa")
    (tmp_path / "sub" / "b.md").write_text("b")
    (tmp_path / "sub" / "c.txt").write_text("c")
    (tmp_path / "link.md").symlink_to(tmp_path / "a.md")
    return tmp_path


def plain(value: Any) -> Any:
    """The result of a helper as data that can be compared across packages."""
    if hasattr(value, "files"):
        return (value.files, value.uploaded_file_ids)
    if hasattr(value, "uploaded_file_id"):
        return (value.uploaded_file_id, value.file.to_dict())
    return value.to_dict() if hasattr(value, "to_dict") else value


def plainly(kind: str, value: Any) -> Any:
    if kind == "OpenAI":
        return plain(value)

    async def awaited() -> Any:
        return plain(await value)

    return awaited()


CASES: dict[str, tuple[int, Callable[[Any, Path], Any]]] = {
    "files": (2, lambda f, d: f.prepare({"/workspace/a": d / "a.md", "/workspace/b": str(d / "sub/b.md")}, **OPTIONS)),
    "no files": (0, lambda f, d: f.prepare({})),
    "a file and a key": (1, lambda f, d: f.prepare({"/workspace/é": d / "a.md"}, extra_headers=KEY)),
    "files and a key": (
        0,
        lambda f, d: f.prepare({"/workspace/a": d / "a.md", "/workspace/b": d / "a.md"}, extra_headers=KEY),
    ),
    "a file that is not there": (0, lambda f, d: f.prepare({"/workspace/a": d / "a.md", "/workspace/b": d / "none"})),
    "a directory": (0, lambda f, d: f.prepare({"/workspace/a": d})),
    "a symlink": (0, lambda f, d: f.prepare({"/workspace/a": d / "link.md"})),
    "a file below a file": (0, lambda f, d: f.prepare({"/workspace/a": d / "a.md", "/workspace/a/b": d / "a.md"})),
    "all of a directory": (2, lambda f, d: f.prepare_directory(d / "sub", destination="/workspace", include=["**/*"])),
    "two patterns": (2, lambda f, d: f.prepare_directory(d / "sub", destination="/workspace", include=["*.txt", "*"])),
    "a pattern with a symlink": (0, lambda f, d: f.prepare_directory(d, destination="/workspace", include=["*.md"])),
    "a pattern for nothing": (0, lambda f, d: f.prepare_directory(d, destination="/workspace", include=["*.zip"])),
    "no patterns": (0, lambda f, d: f.prepare_directory(d, destination="/workspace", include=[])),
    "a text of patterns": (0, lambda f, d: f.prepare_directory(d, destination="/workspace", include="*.md")),
    "a pattern to the outside": (0, lambda f, d: f.prepare_directory(d, destination="/workspace", include=["../*"])),
    "a pattern from the root": (0, lambda f, d: f.prepare_directory(d, destination="/workspace", include=["/etc/*"])),
    "a file as the root": (0, lambda f, d: f.prepare_directory(d / "a.md", destination="/workspace", include=["*"])),
    **{
        f"to {place}": (int(place.endswith("fine")), lambda f, d, place=place: f.prepare({place: d / "a.md"}))
        for place in (
            "", "/", "/workspace", "/tmp/a", "workspace/a", "/workspace//a", "/workspace/../a", "/workspace/./a",
            "/workspace/a/", "/workspace/a\\b", "/workspace/\0", "/workspace/outputs", "/workspace/outputs/fine",
            "/workspace/.codex/a", "/workspace/a/.codex/fine", "/workspace/.codexfine", "/workspace/.managed-agents-x",
        )
    },
    "an upload without an environment": (0, lambda f, d: f.upload("", file=b"x", path="/workspace/a")),
    "an upload to the outside": (0, lambda f, d: f.upload("env", file=b"x", path="/etc/a")),
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("case", CASES)
def test_files_are_prepared_as_by_the_official_package(
    server: MockServer, official: ModuleType, folder: Path, kind: str, case: str
) -> None:
    uploads, use = CASES[case]
    (ours, our_requests), (theirs, their_requests) = both(
        server, tailrace, official, kind, [uploaded(number) for number in range(uploads)],
        lambda client: plainly(kind, use(client.beta.agents.environments.files, folder)),
    )  # fmt: skip
    assert ours[:2] == theirs[:2]
    if ours[0] == "returned":
        assert ours == theirs
    assert our_requests == their_requests
    assert len(our_requests) == uploads


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_is_staged(server: MockServer, official: ModuleType, folder: Path, kind: str) -> None:
    ours, theirs = both(
        server, tailrace, official, kind, [uploaded(1), STAGED],
        lambda client: plainly(
            kind,
            client.beta.agents.environments.files.upload("env", file=folder / "a.md", path="/workspace/a", **OPTIONS),
        ),
    )  # fmt: skip
    assert ours == theirs
    assert len(ours[1]) == 2


def test_a_failure_says_what_the_caller_owns_by_then(server: MockServer, folder: Path) -> None:
    sources = {f"/workspace/{name}": folder / "a.md" for name in "ab"}
    base_url = server.script({"exchanges": [uploaded(1), REFUSED, uploaded(2), REFUSED]})
    with tailrace.OpenAI(api_key="k", base_url=base_url, max_retries=0) as client:
        files = client.beta.agents.environments.files
        with pytest.raises(AgentFilePreparationError) as failed:
            files.prepare(sources)
        prepared = PreparedAgentFiles([{"type": "file_id", "file_id": "file_1", "path": "/workspace/a"}], ["file_1"])
        assert failed.value.prepared == prepared
        assert isinstance(failed.value.__cause__, tailrace.BadRequestError)
        with pytest.raises(AgentFileStagingError) as unstaged:
            files.upload("env", file=b"x", path="/workspace/a")
        assert unstaged.value.uploaded_file_id == "file_2"


def test_a_file_that_was_exchanged_before_its_turn_is_not_sent(folder: Path) -> None:
    second = folder / "sub" / "b.md"
    received: list[int] = []

    class Upload(BaseHTTPRequestHandler):
        """Takes a file, and has the next one exchanged before it says so."""

        def do_POST(self) -> None:
            received.append(len(self.rfile.read(int(self.headers["content-length"]))))
            second.unlink()
            second.write_text("another")
            body = dumps(uploaded(1)["json"]).encode()
            self.send_response(200)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
            pass

    async def run() -> None:
        async with tailrace.AsyncOpenAI(api_key="k", base_url=base_url, max_retries=0) as client:
            sources = {"/workspace/a": folder / "a.md", "/workspace/b": second}
            await client.beta.agents.environments.files.prepare(sources)

    with ThreadingHTTPServer(("127.0.0.1", 0), Upload) as server:
        base_url = f"http://127.0.0.1:{server.server_port}/v1"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with pytest.raises(AgentFilePreparationError) as failed:
            asyncio.run(run())
        server.shutdown()
    assert failed.value.prepared.uploaded_file_ids == ["file_1"]
    assert "changed" in str(failed.value.__cause__)
    assert len(received) == 1


def test_a_cancelled_caller_learns_what_it_owns(server: MockServer, folder: Path) -> None:
    sources = {f"/workspace/{name}": folder / "a.md" for name in "ab"}
    base_url = server.script({"exchanges": [uploaded(1), {**uploaded(2), "delay_ms": 30000}]})

    async def run() -> asyncio.CancelledError:
        async with tailrace.AsyncOpenAI(api_key="k", base_url=base_url) as client:
            preparing = asyncio.ensure_future(client.beta.agents.environments.files.prepare(sources))
            while len(server.requests(base_url)) < 2:
                await asyncio.sleep(0.01)
            preparing.cancel()
            try:
                await preparing
            except asyncio.CancelledError as cancelled:
                return cancelled
            raise AssertionError("The call went on.")

    cancelled: BaseException = asyncio.run(run())
    if sys.version_info < (3, 11):
        # A task of Python 3.10 raises another exception, whose context is the one that ended it.
        assert cancelled.__context__ is not None
        cancelled = cancelled.__context__
    assert vars(cancelled)["prepared"].uploaded_file_ids == ["file_1"]


def artifact(id: str, *, turn: str = "turn", path: str = "/workspace/outputs/r.md") -> dict[str, Any]:
    return {
        "id": id, "created_at": 1, "environment_id": "e", "object": "agent.session.artifact", "path": path,
        "session_id": "s", "size_bytes": 6, "turn_id": turn,
    }  # fmt: skip


def page(*artifacts: dict[str, Any], more: bool = False) -> dict[str, Any]:
    return json({"object": "list", "data": list(artifacts), "has_more": more})


CONTENT = {"headers": {"content-type": "application/octet-stream"}, "text": "report"}
PATH = "/workspace/outputs/r.md"


def result(library: ModuleType) -> Any:
    turn = importlib.import_module(f"{library.__name__}.types.beta.agents.sessions.turn").Turn
    made = importlib.import_module(f"{library.__name__}.lib.beta.agents").AgentTurnResult
    return made(turn=turn.construct(id="turn", session_id="s"), messages=[])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("method", ["content", "download"])
@pytest.mark.parametrize(
    "exchanges",
    [
        [page(artifact("old", turn="before"), artifact("x")), CONTENT],
        [page(artifact("old", turn="before"), more=True), page(artifact("x")), CONTENT],
        [page(artifact("x", path="/workspace/outputs/other"))],
        [page(artifact("x"), artifact("y"))],
        [page(artifact("x")), REFUSED],
    ],
)
def test_the_artifact_of_a_turn_is_found_by_its_path(
    server: MockServer, official: ModuleType, tmp_path: Path, kind: str, method: str, exchanges: list[dict[str, Any]]
) -> None:
    target = tmp_path / "target.md"
    found: list[Any] = []
    for library in (tailrace, official):
        target.write_text("before")

        def action(client: Any, library: ModuleType = library) -> Any:
            artifacts = client.beta.agents.sessions.artifacts.for_result(result(library))
            if method == "download":
                return plainly(kind, artifacts.download(PATH, to=target, extra_headers={"X-A": "1"}))
            content = artifacts.content(PATH, extra_headers={"X-A": "1"})
            if kind == "OpenAI":
                return content.text

            async def text() -> str:
                return (await content).text

            return text()

        found.append((*observed(server, library, kind, exchanges, action), target.read_text()))
    assert found[0] == found[1]
    assert found[0][2] == ("report" if method == "download" and exchanges[-1] is CONTENT else "before")


def test_results_are_what_the_public_path_names() -> None:
    assert AgentTurnResult.__module__ == AgentResultArtifacts.__module__ == "tailrace.lib.beta.agents"
    assert repr(PreparedAgentFiles()) == "PreparedAgentFiles(files=[], uploaded_file_ids=[])"
