"""permessage-deflate (RFC 7692) with a server of `websockets`, beside the official package."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import socket
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

import tailrace

openai = pytest.importorskip("openai", reason="compares with the official package, which is not installed here")
NEEDED = "the official package needs it, and the server is its own"
deflate = pytest.importorskip("websockets.extensions.permessage_deflate", reason=NEEDED)
Client, Server = deflate.ClientPerMessageDeflateFactory, deflate.ServerPerMessageDeflateFactory
serve = pytest.importorskip("websockets.sync.server", reason=NEEDED).serve
ConnectionClosed = pytest.importorskip("websockets.exceptions", reason=NEEDED).ConnectionClosed

if TYPE_CHECKING:
    from collections.abc import Iterator

# The official package and its server say the same on every interpreter.
pytestmark = pytest.mark.once

PACKAGES = [openai, tailrace]
TEXT = " ".join(f"{number * 7919} räumlich 🌍" for number in range(1000))
#: More than one frame's worth of work, among them one that the window makes small, and bytes.
MESSAGES: list[str | bytes] = [TEXT, TEXT, "short", "", TEXT * 10, TEXT.encode() + b"\xff", b"\0" * 300_000]


@contextmanager
def echo(extension: Any) -> Iterator[tuple[str, list[Any]]]:
    """Serve connections that say everything twice; what each was asked for and has agreed to is noted."""
    seen: list[Any] = []

    def accept(peer: Any) -> None:
        agreed = [repr(extension) for extension in peer.protocol.extensions]
        seen.append((peer.request.headers.get("Sec-WebSocket-Extensions"), agreed))
        try:
            for message in peer:
                peer.send(message)
                # In fragments, of which the first says that it is deflated.
                peer.send(iter([message[:5], message[5:]]))
        except ConnectionClosed:
            pass

    extensions = None if extension is None else [extension]
    with serve(accept, "127.0.0.1", 0, compression=None, extensions=extensions, max_size=None) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.socket.getsockname()[1]}/v1", seen
        finally:
            server.shutdown()
            thread.join(60)


def connected(package: Any, kind: str, url: str, options: dict[str, Any], use: Any) -> Any:
    """Use one connection, as `use(send, receive)` says, which is a coroutine function."""
    more = {"model": "m", "websocket_connection_options": options}
    base = url.replace("http:", "ws:")
    if kind == "sync":

        async def sync() -> Any:
            client = package.OpenAI(api_key="k", base_url=url, websocket_base_url=base)
            with client.realtime.connect(**more) as connection:

                async def send(data: Any) -> None:
                    connection.send_raw(data)

                async def receive() -> bytes:
                    return connection.recv_bytes()

                return await use(send, receive)

        return asyncio.run(sync())

    async def asynchronous() -> Any:
        client = package.AsyncOpenAI(api_key="k", base_url=url, websocket_base_url=base)
        async with client.realtime.connect(**more) as connection:
            return await use(connection.send_raw, connection.recv_bytes)

    return asyncio.run(asynchronous())


OFFERS: dict[str, dict[str, Any]] = {
    "nothing": {},
    "no limit": {"max_size": None},
    "a limit": {"max_size": 10_000_000},
    "a limit, declined": {"max_size": 10_000_000, "compression": None},
    "compression": {"compression": "deflate"},
    "no extensions": {"compression": "deflate", "extensions": []},
    "an extension": {"extensions": [Client()]},
    "both": {"compression": "deflate", "extensions": [Client()]},
    "without context": {"extensions": [Client(True, True, 10, 11)]},
    "no choice": {"extensions": [Client(client_max_window_bits=None)]},
    "small windows": {"extensions": (Client(server_max_window_bits=9, client_max_window_bits=9),)},
}
#: By what the server answers.
SERVERS: dict[str, Any] = {
    "any": Server(),
    "declined": None,
    "without context": Server(server_no_context_takeover=True, client_no_context_takeover=True),
    "small windows": Server(server_max_window_bits=9, client_max_window_bits=9),
}


@pytest.mark.parametrize("kind", ["sync", "async"])
@pytest.mark.parametrize("offer", OFFERS)
@pytest.mark.parametrize("answer", SERVERS)
def test_messages_cross_as_the_official_package_sends_them(kind: str, offer: str, answer: str) -> None:
    async def use(send: Any, receive: Any) -> list[bytes]:
        for message in MESSAGES:
            await send(message)
        return [await receive() for _ in range(2 * len(MESSAGES))]

    sent = [message.encode() if isinstance(message, str) else message for message in MESSAGES]
    seen = []
    for package in PACKAGES:
        with echo(SERVERS[answer]) as (url, noted):
            got = connected(package, kind, url, OFFERS[offer], use)
        assert got == [message for message in sent for _ in range(2)], package.__name__
        seen.append(noted)
    assert seen[0] == seen[1]
    assert len(seen[0]) == 1


@pytest.mark.parametrize("kind", ["sync", "async"])
@pytest.mark.parametrize("package", PACKAGES, ids=["openai", "tailrace"])
def test_a_message_that_grows_too_large_is_told_to_the_server(kind: str, package: Any) -> None:
    async def use(send: Any, receive: Any) -> Any:
        await send("a" * 990)
        assert await receive() == b"a" * 990
        assert await receive() == b"a" * 990
        # A few bytes on the wire.
        await send("a" * 1001)
        with pytest.raises(ConnectionClosed) as caught:
            await receive()
        assert caught.value.sent is not None
        return caught.value.sent.code

    with echo(Server()) as (url, _):
        assert connected(package, kind, url, {"max_size": 1000}, use) == 1009


class Other:
    name = "x-other"

    def get_request_params(self) -> list[tuple[str, str | None]]:
        return []


class Odd(Client):
    def get_request_params(self) -> list[tuple[str, str | None]]:
        return [("client_max_window_bits", "16")]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"compression": "gzip"}, "`compression` is 'gzip'; give \"deflate\" or None"),
        ({"extensions": [Other()]}, "x-other"),
        ({"extensions": [Client(), Client()]}, "permessage-deflate, once"),
        ({"extensions": [object()]}, "object"),
        ({"extensions": [Odd()]}, "client_max_window_bits=16"),
    ],
)
def test_what_cannot_be_asked_for_is_refused(options: dict[str, Any], said: str) -> None:
    client = tailrace.OpenAI(api_key="k", base_url="http://127.0.0.1:9/v1", websocket_base_url="ws://127.0.0.1:9/v1")
    with (
        pytest.raises(ValueError, match=said.replace(".", r"\.")),
        client.realtime.connect(model="m", websocket_connection_options=options),  # pyright: ignore[reportArgumentType]
    ):
        pass


@contextmanager
def saying(extensions: str, frames: bytes) -> Iterator[str]:
    """Serve one connection, whose handshake agrees to these extensions, and which says these bytes behind it."""

    def accept() -> None:
        peer, _ = listener.accept()
        with peer:
            head = b""
            while b"\r\n\r\n" not in head:
                head += peer.recv(65536)
            (key,) = (line for line in head.split(b"\r\n") if line.lower().startswith(b"sec-websocket-key:"))
            key = key.partition(b":")[2].strip()
            proof = base64.b64encode(hashlib.sha1(key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest()).decode()
            answer = f"upgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-accept: {proof}\r\n"
            peer.sendall(f"HTTP/1.1 101 X\r\n{answer}sec-websocket-extensions: {extensions}\r\n\r\n".encode() + frames)
            # The client's close frame, or its end.
            peer.recv(65536)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=accept)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
        thread.join(60)


HELLO = b"\xf2\x48\xcd\xc9\xc9\x07\x00"


@pytest.mark.parametrize(
    ("frames", "code"),
    [
        pytest.param(b"\xc1\x05Hello", 1002, id="not deflated"),
        pytest.param(b"\xc9\x00", 1002, id="the bit in a ping"),
    ],
)
@pytest.mark.parametrize("package", PACKAGES, ids=["openai", "tailrace"])
def test_a_server_that_breaks_the_extension_is_told(package: Any, frames: bytes, code: int) -> None:
    async def use(send: Any, receive: Any) -> Any:
        assert await receive() == b"Hello"
        with pytest.raises(ConnectionClosed) as caught:
            await receive()
        assert caught.value.sent is not None
        return caught.value.sent.code

    with saying("permessage-deflate", b"\xc1\x07" + HELLO + frames) as url:
        assert connected(package, "sync", url, {"compression": "deflate"}, use) == code


@pytest.mark.parametrize(
    "answer",
    [
        "permessage-deflate; mux",
        "permessage-deflate; client_max_window_bits=8; client_max_window_bits=8",
        "permessage-deflate; server_max_window_bits=16",
        "permessage-deflate, permessage-deflate",
        "x-other",
    ],
)
@pytest.mark.parametrize("package", PACKAGES, ids=["openai", "tailrace"])
def test_an_answer_that_does_not_fit_fails_the_handshake(package: Any, answer: str) -> None:
    async def use(send: Any, receive: Any) -> Any:
        raise AssertionError("it opened")

    with saying(answer, b"") as url, pytest.raises(Exception) as caught:  # noqa: PT011 (the official one is of many classes)
        connected(package, "sync", url, {"compression": "deflate"}, use)
    assert not isinstance(caught.value, AssertionError)
    if package is tailrace:
        assert isinstance(caught.value, tailrace.APIConnectionError)
        assert "extensions that do not fit" in str(caught.value)
