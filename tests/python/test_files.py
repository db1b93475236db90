"""File inputs: every form, on the wire beside the official package, streamed from disk, and refused in time."""

from __future__ import annotations

import asyncio
import gzip
import io
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from compared import KINDS, both, json, observed

import tailrace
from tailrace._files import extract_files, file_parts, form_parts
from tailrace.testing import MockServer

FILE = json({"id": "file-1", "object": "file"})


def forms(folder: Path, opened: list[Any]) -> dict[str, Any]:
    """Names of file inputs, each with a function that makes it; files that it opens are put into `opened`."""
    path = folder / "a b.jsonl"
    path.write_bytes(b'{"on": "disk"}\r\n--\r\n')

    def named() -> io.BytesIO:
        file = io.BytesIO(b"named")
        file.name = "/somewhere/notes.txt"
        return file

    def reading(**options: Any) -> Any:
        opened.append(path.open("rb", **options))
        return opened[-1]

    def behind() -> Any:
        file = reading()
        file.read(5)
        return file

    class PathLike:
        def __fspath__(self) -> str:
            return str(path)

    return {
        "bytes": lambda: b"\xff\x00 bytes",
        "empty": lambda: b"",
        "path": lambda: path,
        "path-like": PathLike,
        "open file": reading,
        "unbuffered file": lambda: reading(buffering=0),
        "file that was read from": behind,
        "BytesIO": lambda: io.BytesIO(b"in memory"),
        "BytesIO with a name": named,
        "name, bytes": lambda: ("n.png", b"x"),
        "no name, bytes": lambda: (None, b"x"),
        "empty name": lambda: ("", b"x"),
        "name, text": lambda: ("n.txt", "text é"),
        "name, path": lambda: ("other.md", path),
        "name, file": lambda: ("other.md", reading()),
        "name, content, type": lambda: ("n", b"x", "a/b"),
        "name, content, no type": lambda: ("n.html", b"x", None),
        "no name, content, type": lambda: (None, b"x", "a/b"),
        "headers": lambda: ("n", b"x", "a/b", {"X-A": "1", "X-B": "é"}),
        "headers with a type": lambda: ("n", b"x", "a/b", {"content-type": "c/d"}),
        "odd name": lambda: ('a"b\r\né\\\t.txt', b"x"),
        "list": lambda: [b"1", path],
    }


with tempfile.TemporaryDirectory() as _folder:
    FORMS = sorted(forms(Path(_folder), []))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("form", FORMS)
def test_each_form_is_sent_as_the_official_package_sends_it(
    server: MockServer, official: ModuleType, tmp_path: Path, kind: str, form: str
) -> None:
    opened: list[Any] = []
    make = forms(tmp_path, opened)[form]
    ours, theirs = both(
        server, tailrace, official, kind, [FILE], lambda client: client.files.create(file=make(), purpose="batch")
    )
    for file in opened:
        # A file belongs to the caller, who may go on with it.
        assert not file.closed
        file.close()
    assert ours == theirs
    assert len(ours[1]) == 1


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "arguments",
    [
        {"image": b"a", "prompt": "p", "n": 2},
        {"image": [b"a", ("b.png", b"b")], "prompt": "p", "mask": b"m"},
        {"image": [], "prompt": "p"},
        {"image": b"a", "prompt": "p", "extra_body": {"z": [1, 2.5, {"a": True, "b": None}], "e": [], "d": {}}},
        {"image": b"a", "prompt": "p", "extra_body": {"image": "beside the file", "prompt": "over"}},
        {"image": b"a", "prompt": "p", "user": None},
        {"image": b"a", "prompt": "p", "extra_headers": {"Content-Type": "multipart/form-data; boundary=own"}},
    ],
)
def test_forms_with_fields_are_equal(
    server: MockServer, official: ModuleType, kind: str, arguments: dict[str, Any]
) -> None:
    ours, theirs = both(
        server, tailrace, official, kind, [json({})], lambda client: client.images.edit(model="m", **arguments)
    )
    assert ours == theirs


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("arguments", [{}, {"files": b"zip"}, {"files": [("a/b.md", b"x"), ("a/c.md", b"y")]}])
def test_a_body_without_a_file_is_json_where_the_official_one_is(
    server: MockServer, official: ModuleType, kind: str, arguments: dict[str, Any]
) -> None:
    ours, theirs = both(server, tailrace, official, kind, [json({})], lambda client: client.skills.create(**arguments))
    assert ours == theirs


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "file",
    [
        "a string", None, 5, bytearray(b"x"), memoryview(b"x"), (part for part in [b"x"]), {"a": b"x"},
        Path("/does/not/exist"), ("n", Path("/does/not/exist")), Path("/"), io.StringIO("text"),
        ("n", io.StringIO("t")),
        ("n", b"x", "a/b\r\nX: y"), ("n", b"x", "a/b", {"a": "b\nc: d"}), (5, b"x"), ("n", b"x", "t", {"a": 1}),
    ],
)  # fmt: skip
def test_what_is_no_file_raises_the_official_class_and_sends_nothing(
    server: MockServer, official: ModuleType, kind: str, file: Any
) -> None:
    found = [
        observed(server, library, kind, [FILE], lambda client: client.files.create(file=file, purpose="batch"))
        for library in (tailrace, official)
    ]
    ((status, name, message), requests), ((official_status, official_name, _), _) = found
    assert (status, name) == (official_status, official_name) == ("raised", official_name)
    assert message
    assert requests == []


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("file", [("n",), ("n", b"x", "t", {}, 5), ("n", [b"x"]), ("n", None), ("n", bytearray(b"x"))])
def test_a_tuple_of_another_form_is_a_type_error_that_says_so(server: MockServer, kind: str, file: Any) -> None:
    outcome, requests = observed(
        server, tailrace, kind, [FILE], lambda client: client.files.create(file=file, purpose="batch")
    )
    assert outcome[:2] == ("raised", "TypeError")
    assert "`file`" in outcome[2]
    assert requests == []


@pytest.mark.parametrize("kind", KINDS)
def test_files_whose_descriptor_has_other_bytes_are_read(server: MockServer, tmp_path: Path, kind: str) -> None:
    packed = tmp_path / "x.gz"
    packed.write_bytes(gzip.compress(b"unpacked"))
    with tempfile.TemporaryFile() as unflushed, tempfile.SpooledTemporaryFile() as spooled, gzip.open(packed) as file:
        unflushed.write(b"not yet on disk")
        spooled.write(b"spooled")
        reading, writing = os.pipe()
        os.write(writing, b"piped")
        os.close(writing)
        with os.fdopen(reading, "rb") as pipe:
            contents: list[tuple[Any, str]] = [(file, "unpacked"), (unflushed, "not yet on disk"), (pipe, "piped")]
            if isinstance(spooled, io.IOBase):
                # Which it is from Python 3.11 on, and no file input before, here as in the official package.
                contents.append((spooled, "spooled"))
            for content, expected in contents:
                outcome, (request,) = observed(
                    server, tailrace, kind, [FILE], lambda client, c=content: client.files.create(file=c, purpose="p")
                )
                assert outcome[0] == "returned"
                assert f"\r\n\r\n{expected}\r\n--" in request["body"]


def test_a_file_goes_from_disk_to_the_socket_without_passing_through_python(tmp_path: Path) -> None:
    # The client runs in a process of its own, so that its memory can be measured.
    path = tmp_path / "large.bin"
    size = 192 * 1024 * 1024
    with path.open("wb") as file:
        file.truncate(size)
    code = f"""
import resource, sys
from pathlib import Path
import tailrace
client = tailrace.OpenAI(api_key="k", base_url=sys.argv[1], max_retries=0)
client.files.create(file=b"small", purpose="batch")
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
opened = open({str(path)!r}, "rb")
for file in (Path({str(path)!r}), opened):
    client.files.create(file=file, purpose="batch")
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""
    with _Sink() as sink:
        done = subprocess.run(
            [sys.executable, "-c", code, sink.url], capture_output=True, text=True, check=False, timeout=120
        )
    assert done.returncode == 0, done.stderr
    assert sink.received[1] > size
    assert sink.received[2] > size
    # In KiB on Linux; a quarter of one file is far from holding it.
    assert int(done.stdout) < size // 4 // 1024


def test_the_position_of_a_file_is_left_where_it_is(server: MockServer, tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_bytes(b"0123456789")
    with path.open("rb") as file:
        file.seek(4)
        outcome, (request,) = observed(
            server, tailrace, "OpenAI", [FILE], lambda client: client.files.create(file=file, purpose="batch")
        )
        assert outcome[0] == "returned"
        assert "0123456789" in request["body"]
        assert file.tell() == 4


def test_a_retry_sends_the_same_file_again(server: MockServer, tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_bytes(b"again")
    base_url = server.script({"exchanges": [{"status": 500, "headers": {"retry-after-ms": "1"}}, FILE]})
    with tailrace.OpenAI(api_key="k", base_url=base_url) as client:
        client.files.create(file=path, purpose="batch")
    bodies = [request["body"] for request in server.requests(base_url)]
    assert len(bodies) == 2
    assert bodies[0] == bodies[1]
    assert "again" in bodies[0]


def test_an_async_path_is_a_path(server: MockServer, tmp_path: Path) -> None:
    anyio = pytest.importorskip("anyio")
    path = tmp_path / "f.txt"
    path.write_bytes(b"async")
    for file in (anyio.Path(path), ("f.txt", anyio.Path(path))):
        outcome, (request,) = observed(
            server, tailrace, "AsyncOpenAI", [FILE], lambda client, f=file: client.files.create(file=f, purpose="batch")
        )
        assert outcome[0] == "returned"
        assert 'filename="f.txt"' in request["body"]
        assert "async" in request["body"]


def test_taking_files_out_leaves_what_the_caller_passed_alone() -> None:
    inner = {"file": b"1", "note": "n"}
    documents = [inner]
    body: dict[str, Any] = {"documents": documents, "title": "t", "single": b"x"}
    assert extract_files(body, [["documents", "<array>", "file"], ["single"]]) == [
        ("documents[][file]", b"1"),
        ("single", b"x"),
    ]
    assert body == {"documents": [{"note": "n"}], "title": "t"}
    assert inner == {"file": b"1", "note": "n"}
    assert documents == [inner]


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"a": {"b": "c"}}, ["a", "<array>", "b"]), ({"a": ["b"]}, ["a", "b"]), ({"a": 1}, ["b"]), ({"a": 1}, []),
        ({"a": b"x"}, ["a", "<array>"]),
    ],
)  # fmt: skip
def test_a_path_that_does_not_fit_takes_nothing(body: dict[str, Any], path: list[str]) -> None:
    before = dict(body)
    assert extract_files(body, [path]) == []
    assert body == before


def test_fields_of_a_form_have_brackets_and_stand_together() -> None:
    fields = form_parts({"a": [1, {"b": None, "c": False}, 2], "d": {"e": ("x",)}, "f": tailrace.omit, "g": None})
    assert [(name, content) for name, _, _, content in fields] == [
        ("a[]", b"1"), ("a[]", b"2"), ("a[][c]", b"false"), ("d[e][]", b"x"),
    ]  # fmt: skip


def test_low_level_files_may_be_a_mapping_or_pairs() -> None:
    assert file_parts({"a": b"1"}) == file_parts([("a", b"1")])
    with pytest.raises(TypeError, match="list of pairs"):
        file_parts("no files")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="`a` is of type str"):
        file_parts({"a": "no file"})


def test_file_from_path_reads_now(tmp_path: Path) -> None:
    path = tmp_path / "f.txt"
    path.write_bytes(b"now")
    read = tailrace.file_from_path(str(path))
    path.unlink()
    assert read == ("f.txt", b"now")
    with pytest.raises(FileNotFoundError):
        tailrace.file_from_path(str(path))


class _Sink:
    """A server that reads requests to their end, however large, and remembers only their sizes."""

    def __init__(self) -> None:
        self.received: list[int] = []

    def __enter__(self) -> _Sink:
        import threading

        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        server = asyncio.run_coroutine_threadsafe(asyncio.start_server(self._serve, "127.0.0.1", 0), self._loop)
        self._server = server.result(10)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/v1"
        return self

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).lower()
                length = next(int(line.split(b":")[1]) for line in head.split(b"\r\n") if b"content-length" in line)
                left = length
                while left:
                    left -= len(await reader.read(min(left, 1 << 20)))
                self.received.append(length)
                writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}")
                await writer.drain()
        except asyncio.IncompleteReadError:
            # The client has closed its connection.
            pass
        finally:
            writer.close()

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._server.close)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.run_until_complete(self._end())
        self._loop.close()

    async def _end(self) -> None:
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        # The transports close in the turn behind.
        await asyncio.sleep(0)
