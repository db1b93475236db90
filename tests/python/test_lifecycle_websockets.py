"""WebSockets that are left in every way: no message is lost that could go out, no socket stays, no program hangs."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import gc
import hashlib
import json
import os
import socket
import sys
import threading
import time
from typing import Any

import pytest
from lifecycle import spawn, wait_closed

from tailrace import AsyncOpenAI, OpenAI
from tailrace.lib.websocket_closing import ConnectionClosedError, ConnectionClosedOK
from tailrace.testing import MockServer

#: What a program says before it ends, one after the other.
COUNT = 300
HEAD = "import asyncio, os, sys, threading, tailrace; url, count = sys.argv[1], int(sys.argv[2])\n"
SYNC = HEAD + "connection = tailrace.OpenAI(api_key='k', base_url=url).responses.connect().enter()\n"
SENDS = "for n in range(count): connection.send_raw(f'{n} ' + 'x' * 400)\n"
ASYNC_SENDS = f"    {SENDS.replace('connection.send', 'await connection.send')}asyncio.run(main())\n"
LEAVES = {
    "end": SYNC + SENDS,
    "exit": SYNC + SENDS + "sys.exit(0)",
    "thread": SYNC + f"def work():\n    {SENDS}threading.Thread(target=work).start()",
    "function": f"{HEAD}def work():\n    {SYNC.splitlines()[1]}\n    {SENDS}work()",
    "fork": SYNC.replace("connection =", "def work(): return")
    + f"if pid := os.fork(): sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))\nconnection = work()\n{SENDS}",
    "asyncio": HEAD
    + """
async def main():
    connection = await tailrace.AsyncOpenAI(api_key='k', base_url=url).responses.connect().enter()
"""
    + ASYNC_SENDS,
    "task": HEAD
    + """
async def main():
    connection = await tailrace.AsyncOpenAI(api_key='k', base_url=url).responses.connect().enter()
    receiving = asyncio.create_task(connection.recv())
    await asyncio.sleep(0)
"""
    + ASYNC_SENDS,
}


def opening(server: MockServer, *steps: Any, **more: Any) -> str:
    return server.script({"exchanges": [{"websocket": list(steps), "repeat": True, **more}], "own_port": True})


def eventually(ready: Any) -> None:
    deadline = time.monotonic() + 60
    while not ready():
        assert time.monotonic() < deadline
        gc.collect()
        time.sleep(0.005)


@pytest.mark.parametrize("way", LEAVES)
def test_a_program_that_ends_without_closing_has_sent_everything(server: MockServer, way: str) -> None:
    if way == "fork" and not hasattr(os, "fork"):
        pytest.skip("this system has no fork")
    base_url = opening(server)
    program = spawn(LEAVES[way], base_url, str(COUNT))
    assert (*program.communicate(timeout=120), program.returncode) == ("", "", 0)
    wait_closed(server, base_url)
    texts = [message["text"].split()[0] for message in server.requests(base_url)[0]["messages"] if "text" in message]
    assert texts == [str(number) for number in range(COUNT)]


class Slow:
    """A server that answers the handshake and reads nothing more until it is told."""

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        self.reads, self.received = threading.Event(), 0
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def _serve(self) -> None:
        with self.listener, self.listener.accept()[0] as peer:
            head = b""
            while not head.endswith(b"\r\n\r\n"):
                head += peer.recv(65536)
            fields = dict(line.lower().split(": ", 1) for line in head.decode().split("\r\n")[1:-2])
            key = next(line for line in head.split(b"\r\n") if line.lower().startswith(b"sec-websocket-key"))[19:]
            accept = base64.b64encode(hashlib.sha1(key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest()).decode()
            assert fields["upgrade"] == "websocket"
            answer = (
                f"HTTP/1.1 101 x\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-accept: {accept}\r\n\r\n"
            )
            peer.sendall(answer.encode())
            self.reads.wait()
            with contextlib.suppress(ConnectionError):
                while read := peer.recv(1 << 20):
                    self.received += len(read)


#: More than the buffers of two sockets take.
LARGE = 30_000_000


@pytest.mark.parametrize("way", ["end", "asyncio"])
def test_a_program_gives_what_waits_time_to_go_out(way: str) -> None:
    server = Slow()
    code = LEAVES[way].replace("400", str(LARGE)) + "print('ended', flush=True)\n"
    program = spawn(code, server.url, "1")
    assert program.stdout is not None
    assert program.stdout.readline() == "ended\n"
    # Without the wait at its end the program is gone by then.
    time.sleep(1.5)
    server.reads.set()
    server.thread.join(60)
    assert (*program.communicate(timeout=60), server.received > LARGE) == ("", "", True)


@pytest.mark.parametrize("ending", ["", "connection.close()\n"])
def test_a_server_that_reads_nothing_holds_up_no_end(ending: str) -> None:
    server = Slow()
    options = "connect(websocket_connection_options={'close_timeout': 0.2})"
    code = LEAVES["end"].replace("400", str(LARGE)).replace("connect()", options)
    assert (*spawn(code + ending, server.url, "1").communicate(timeout=60), server.received) == ("", "", 0)
    server.reads.set()


def test_a_cancelled_connect_leaves_no_socket(server: MockServer) -> None:
    base_url = opening(server, delay_ms=60_000)

    async def main() -> None:
        connecting = asyncio.create_task(server.async_client(base_url).responses.connect().enter())
        while not server.requests(base_url):
            await asyncio.sleep(0.005)
        connecting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await connecting

    asyncio.run(main())
    wait_closed(server, base_url)


def test_a_loop_that_is_left_by_break_or_by_an_exception_closes_with_its_block(server: MockServer) -> None:
    five = {"repeat": {"times": 5, "steps": [{"json": {"type": "x"}}]}}
    base_url = opening(server, "mute", five, {"close": {"code": 1000}})
    with server.client(base_url).responses.connect() as connection:
        for _ in connection:
            break
    wait_closed(server, base_url)
    assert [connection.recv().type for _ in range(4)] == ["x"] * 4, "what came before the close is there"
    with pytest.raises(ConnectionClosedOK):
        connection.recv()

    left: list[Any] = []

    async def leave() -> None:
        async with server.async_client(base_url).responses.connect() as connection:
            left.append(connection)
            async for _ in connection:
                raise LookupError

    async def rest(connection: Any) -> int:
        return len([event async for event in connection])

    with pytest.raises(LookupError):
        asyncio.run(leave())
    assert asyncio.run(rest(left.pop())) == 4


def test_what_comes_behind_a_close_is_kept(server: MockServer) -> None:
    many = {"repeat": {"times": 1000, "steps": [{"json": {"type": "x", "text": "x" * 4000}}]}}
    # The server says all of it before it answers the close frame.
    base_url = opening(server, "mute", many, {"close": {"code": 1000}})
    with server.client(base_url).responses.connect() as connection:
        connection.recv()
    assert sum(1 for _ in connection) == 999


def test_closing_ends_a_receive_elsewhere(server: MockServer) -> None:
    connection: Any = server.client(opening(server)).responses.connect().enter()
    caught: list[BaseException] = []

    def receive() -> None:
        try:
            connection.recv()
        except BaseException as error:  # noqa: BLE001
            caught.append(error)

    thread = threading.Thread(target=receive)
    thread.start()
    connection.close()
    thread.join(60)
    assert [type(error).__mro__[:-1].__contains__(ConnectionClosedOK) for error in caught] == [True]

    async def main() -> None:
        async with server.async_client(opening(server)).responses.connect() as connection:
            receiving = asyncio.create_task(connection.recv())
            await asyncio.sleep(0)
            await connection.close()
            with pytest.raises(ConnectionClosedOK):
                await receiving

    asyncio.run(main())


def test_a_loop_that_ends_before_its_connection(server: MockServer) -> None:
    base_url = opening(server, "echo")
    kept: list[Any] = []

    async def main() -> None:
        connection = await server.async_client(base_url).responses.connect().enter()
        kept.append((connection, asyncio.ensure_future(connection.recv())))
        await asyncio.sleep(0)

    asyncio.run(main())
    connection, receiving = kept.pop()
    assert receiving.cancelled()

    async def again(connection: Any) -> bytes:
        await connection.send_raw("{}")
        return await connection.recv_bytes()

    assert asyncio.run(again(connection)) == b"{}", "a connection is of no loop"
    del connection, receiving
    eventually(lambda: server.requests(base_url)[0]["client_closed_ms"] is not None)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_fork_leaves_the_connection_to_the_parent(server: MockServer) -> None:
    base_url = opening(server, "echo")
    code = """
import os, sys, tailrace
client = tailrace.OpenAI(api_key="k", base_url=sys.argv[1])
connection = client.responses.connect().enter()
connection.send_raw('{"type":"before"}')
if pid := os.fork():
    assert os.waitpid(pid, 0)[1] == 0
    connection.send_raw('{"type":"after"}')
    print([connection.recv().type for _ in range(2)])
    connection.close()
else:
    for use in (connection.recv, lambda: connection.send_raw("child")):
        try:
            use()
        except tailrace.OpenAIError as error:
            assert "fork" in str(error.__cause__), error
        else:
            raise SystemExit("the child took part")
    connection.close()
    with client.responses.connect() as own:
        own.send_raw('{"type":"child"}')
        assert own.recv().type == "child"
"""
    program = spawn(code, base_url)
    assert program.communicate(timeout=60) == ("['before', 'after']\n", "")


@pytest.mark.skipif(sys.platform != "linux", reason="descriptors are counted in /proc")
def test_connections_that_end_leave_no_descriptor_and_no_thread(server: MockServer) -> None:
    ends = [[], ["cut"], ["reset"], [{"close": {"code": 1011}}], [{"frame": {"opcode": 3}}]]
    client = server.client()
    held = lambda: (len(os.listdir("/proc/self/fd")), threading.active_count())  # noqa: E731

    def once(steps: list[Any]) -> None:
        # Without a port of its own, which would be a descriptor of this process, too.
        base_url = server.script({"exchanges": [{"websocket": steps}]})
        connection = client.with_options(base_url=base_url).responses.connect().enter()
        try:
            if steps:
                connection.recv()
            connection.close()
        except (ConnectionClosedError, ConnectionClosedOK):
            pass

    once([])
    before = held()
    for steps in ends * 4:
        once(steps)
    eventually(lambda: held() <= before)


def test_clients_with_open_connections_can_be_closed(server: MockServer) -> None:
    base_url = opening(server, "echo")
    with OpenAI(api_key="k", base_url=base_url) as client:
        connection = client.responses.connect().enter()
    connection.send_raw(json.dumps({"type": "on"}))
    assert connection.recv().type == "on", "a connection outlives its client, as a socket does"
    connection.close()

    async def main() -> None:
        async with AsyncOpenAI(api_key="k", base_url=base_url) as client:
            connection = await client.responses.connect().enter()
        await connection.close()

    asyncio.run(main())
