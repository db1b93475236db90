"""Other processes and interpreters: multiprocessing in its three ways, gunicorn with preload, subinterpreters."""

from __future__ import annotations

import importlib.util
import os
import signal
import socket
import subprocess
import sys
import sysconfig
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from lifecycle import DATA, DONE, STREAM, WHOLE, spawn

import tailrace
from tailrace.testing import MockServer

posix = pytest.mark.skipif(os.name != "posix", reason="the call under test belongs to POSIX")

WORKERS = """
import asyncio, multiprocessing, sys, warnings
warnings.filterwarnings("ignore", message=".*use of fork\\\\(\\\\) may lead to deadlocks", category=DeprecationWarning)
import tailrace

def count(base_url):
    client = tailrace.OpenAI(api_key="k", base_url=base_url)
    return len(list(client.chat.completions.create(model="m", messages=[], stream=True)))

async def acount(base_url):
    client = tailrace.AsyncOpenAI(api_key="k", base_url=base_url)
    return len([chunk async for chunk in await client.chat.completions.create(model="m", messages=[], stream=True)])

def work(base_url):
    return count(base_url), asyncio.run(acount(base_url))

if __name__ == "__main__":
    method, base_url, when = sys.argv[1:]
    if when == "after":
        # The background thread runs, and holds connections, when the children begin.
        assert work(base_url) == (2, 2)
    with multiprocessing.get_context(method).Pool(3) as pool:
        assert pool.map(work, [base_url] * 6) == [(2, 2)] * 6
    assert work(base_url) == (2, 2)
    print("all")
"""


@pytest.mark.parametrize(
    ("method", "when"), [("fork", "before"), ("fork", "after"), ("spawn", "after"), ("forkserver", "after")]
)
def test_multiprocessing(server: MockServer, tmp_path: Path, method: str, when: str) -> None:
    import multiprocessing

    if method not in multiprocessing.get_all_start_methods():
        pytest.skip(f"this system has no {method}")
    program = tmp_path / "program.py"
    program.write_text(WORKERS)
    base_url = server.script({"exchanges": [{**WHOLE, "repeat": True}]})
    # Started children import the program by its file, so it runs as one and not as text.
    package = str(Path(tailrace.__file__).parents[1])
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([package, *filter(None, sys.path)])}
    done = subprocess.run(
        [sys.executable, "-W", "error", str(program), method, base_url, when],
        capture_output=True, text=True, timeout=110, env=environment, check=False,
    )  # fmt: skip
    assert (done.stdout, done.stderr, done.returncode) == ("all\n", "", 0)


@posix
def test_a_client_that_is_sent_to_a_child_by_fork_uses_its_own_connections(server: MockServer) -> None:
    """What two processes write to one socket is garbled, so no connection may be used by both."""
    base_url = server.script({"exchanges": [{**WHOLE, "repeat": True}], "own_port": True})
    code = """
import os, sys, warnings
warnings.simplefilter("ignore", DeprecationWarning)
import tailrace
client = tailrace.OpenAI(api_key="k", base_url=sys.argv[1])
def count(): return len(list(client.chat.completions.create(model="m", messages=[], stream=True)))
assert count() == 2
children = []
for _ in range(4):
    child = os.fork()
    if child == 0:
        os._exit(0 if [count() for _ in range(5)] == [2] * 5 else 1)
    children.append(child)
assert [count() for _ in range(5)] == [2] * 5
print([os.waitpid(child, 0)[1] for child in children])
"""
    with spawn(code, base_url) as process:
        output, errors = process.communicate(timeout=110)
    assert (output, errors) == ("[0, 0, 0, 0]\n", "")
    assert len(server.requests(base_url)) == 26
    # The parent's pool is one, and each child has its own.
    assert len({request["connection"] for request in server.requests(base_url)}) >= 5


APPLICATION = """
import os, sys, tailrace
client = tailrace.OpenAI(api_key="k", base_url=os.environ["MOCK_URL"])

def count():
    return len(list(client.chat.completions.create(model="m", messages=[], stream=True)))

if os.environ["USED"] == "yes":
    assert count() == 2

def app(environ, start_response):
    start_response("200 OK", [("content-type", "text/plain")])
    return [f"{os.getpid()} {count()}".encode()]
"""

# A worker of gunicorn overlooks the signal to end until it has set up its own handlers, so the test waits for that.
READY = """
def post_worker_init(worker):
    open(f"ready-{worker.pid}", "x").close()
"""


@posix
@pytest.mark.parametrize("used", ["yes", "no"])
def test_gunicorn_with_preload(server: MockServer, tmp_path: Path, used: str) -> None:
    """The application is loaded, and may have made calls, before the workers are forked."""
    if importlib.util.find_spec("gunicorn") is None:
        pytest.skip("gunicorn is not installed here")
    (tmp_path / "application.py").write_text(APPLICATION)
    (tmp_path / "ready.py").write_text(READY)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    package = str(Path(tailrace.__file__).parents[1])
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([package, str(tmp_path), *filter(None, sys.path)]),
        "MOCK_URL": server.script({"exchanges": [{**WHOLE, "repeat": True}]}),
        "USED": used,
    }
    arguments = ["--preload", "--workers=3", f"--bind=127.0.0.1:{port}", "--timeout=20", "--log-level=warning"]
    arguments += ["--no-control-socket", "--config=ready.py"]
    command = [sys.executable, "-m", "gunicorn", *arguments, "application:app"]
    process = subprocess.Popen(command, env=environment, cwd=tmp_path, stderr=subprocess.PIPE, text=True)
    try:
        workers: set[str] = set()
        deadline = time.monotonic() + 90
        while (len(workers) < 2 or len(list(tmp_path.glob("ready-*"))) < 3) and time.monotonic() < deadline:
            assert process.poll() is None, process.stderr and process.stderr.read()
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=60) as answer:
                    worker, chunks = answer.read().decode().split()
            except ConnectionError:
                time.sleep(0.1)
                continue
            except urllib.error.URLError as error:
                # Nobody listens yet, or no more than that.
                if not isinstance(error.reason, ConnectionError):
                    raise
                time.sleep(0.1)
                continue
            assert chunks == "2"
            workers.add(worker)
        assert len(workers) >= 2
        assert len(list(tmp_path.glob("ready-*"))) == 3
        assert str(process.pid) not in workers
    finally:
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=100)
    assert "Traceback" not in errors, errors


def interpreters() -> Any:
    """The module that makes subinterpreters, under the name that it has in this version of Python."""
    for name in ("_interpreters", "_xxsubinterpreters"):
        if importlib.util.find_spec(name) is not None:
            return importlib.import_module(name)
    return None


@pytest.mark.skipif(interpreters() is None, reason="this build of Python makes no subinterpreters")
def test_a_subinterpreter_refuses_in_a_sentence(server: MockServer) -> None:
    """pydantic's own native module refuses, too, so that this is said before anything else is tried."""
    code = """
import sys, warnings
try:
    import _interpreters as interpreters
except ImportError:
    import _xxsubinterpreters as interpreters
import tailrace
client = tailrace.OpenAI(api_key="k", base_url=sys.argv[1])
assert len(list(client.chat.completions.create(model="m", messages=[], stream=True))) == 2
inner = '''
try:
    import tailrace
    tailrace.OpenAI
except ImportError as error:
    print("ImportError:", error, flush=True)
else:
    print("imported", flush=True)
'''
made = interpreters.create()
failed = interpreters.run_string(made, inner)
assert failed is None, failed
interpreters.destroy(made)
assert len(list(client.chat.completions.create(model="m", messages=[], stream=True))) == 2
print("the first one goes on")
"""
    with spawn(code, server.script({"exchanges": [{**WHOLE, "repeat": True}]})) as process:
        output, errors = process.communicate(timeout=110)
    assert process.returncode == 0, errors
    first, second = output.splitlines()
    # From 3.12 on, Python itself refuses where the interpreters share no lock.
    assert first.startswith("ImportError: ")
    assert "tailrace" in first
    assert "subinterpreters" in first
    assert second == "the first one goes on"


@pytest.mark.skipif(not sysconfig.get_config_var("Py_GIL_DISABLED"), reason="this build of Python has the GIL")
def test_threads_without_the_gil_share_a_client(server: MockServer) -> None:
    import threading

    base_url = server.script({"exchanges": [{**STREAM, "chunks": [*[DATA] * 50, DONE], "repeat": True}]})
    client = server.client(base_url)
    counts: list[int] = []
    stream = client.chat.completions.create(model="m", messages=[], stream=True)
    shared: list[str] = []

    def work() -> None:
        shared.extend(chunk.id for chunk in stream)
        for _ in range(20):
            counts.append(len(list(client.chat.completions.create(model="m", messages=[], stream=True))))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert counts == [50] * 160
    assert len(shared) == 50
    assert not getattr(sys, "_is_gil_enabled", lambda: True)()
