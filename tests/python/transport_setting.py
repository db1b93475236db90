"""What the tests of `tailrace.httpx2` and `tailrace.httpx` share: clients of each kind over each transport."""

from __future__ import annotations

import contextlib
import importlib
import socket
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from types import ModuleType
from typing import Any, NamedTuple

import pytest

#: Seconds that a busy machine may take for what takes none. Nothing is measured by it.
PATIENCE = 60.0


class Setting(NamedTuple):
    """A library, our module for it, and how its client is run."""

    library: Any
    ours: ModuleType
    kind: str

    @property
    def is_async(self) -> bool:
        return self.kind != "sync"

    def transport(self, *, ours: bool = True, **options: Any) -> Any:
        if ours:
            return (self.ours.AsyncTransport if self.is_async else self.ours.Transport)(**options)
        return (self.library.AsyncHTTPTransport if self.is_async else self.library.HTTPTransport)(**options)

    def client(self, transport: Any = None, **options: Any) -> Any:
        options = {"timeout": PATIENCE, "transport": transport or self.transport(), **options}
        return (self.library.AsyncClient if self.is_async else self.library.Client)(**options)

    def content(self, pieces: Callable[[], Iterable[bytes]]) -> Any:
        """A body in pieces, as this kind of client takes it."""
        if not self.is_async:
            return iter(pieces())

        # Not a generator: nobody would close the one of a body that is given up, which is a warning on trio.
        return Pieces(iter(pieces()))

    def run(self, client: Any, action: Callable[[Client], Awaitable[Any]]) -> Any:
        """Run `action` with what makes each kind of client look asynchronous, and close the client."""

        async def run() -> Any:
            try:
                return await action(Client(client, self.is_async))
            finally:
                await settled(client.aclose() if self.is_async else client.close())

        if self.is_async:
            import anyio

            return anyio.run(run, backend=self.kind)
        coroutine = run()
        with contextlib.closing(coroutine):
            try:
                coroutine.send(None)
            except StopIteration as end:
                return end.value
        raise AssertionError("a blocking client waited for a loop")


class Pieces:
    """An iterator to await."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces

    def __aiter__(self) -> Pieces:
        return self

    async def __anext__(self) -> bytes:
        for piece in self._pieces:
            return piece
        raise StopAsyncIteration


class Client:
    """A client of either kind, to await."""

    def __init__(self, client: Any, is_async: bool) -> None:
        self.client, self.is_async = client, is_async

    async def send(self, method: str, url: str, *, stream: bool = False, **options: Any) -> Any:
        follow = options.pop("follow_redirects", False)
        request = self.client.build_request(method, url, **options)
        return await settled(self.client.send(request, stream=stream, follow_redirects=follow))

    async def pieces(self, response: Any) -> AsyncIterator[bytes]:
        if self.is_async:
            async with contextlib.aclosing(response.aiter_raw()) as pieces:
                async for piece in pieces:
                    yield piece
        else:
            for piece in response.iter_raw():
                yield piece

    async def close(self, response: Any) -> None:
        await settled(response.aclose() if self.is_async else response.close())


async def settled(value: Any) -> Any:
    return await value if hasattr(value, "__await__") else value


@pytest.fixture(params=["httpx2", "httpx"])
def library(request: pytest.FixtureRequest) -> Any:
    return pytest.importorskip(
        request.param, reason=f"makes transports for {request.param}, which is not installed here"
    )


@pytest.fixture(params=["sync", "asyncio", "trio"])
def setting(request: pytest.FixtureRequest, library: Any) -> Setting:
    if request.param == "trio":
        pytest.importorskip("trio", reason="runs on trio, which is not installed here")
    return Setting(library, importlib.import_module(f"tailrace.{library.__name__}"), request.param)


def parents(error: BaseException) -> set[str]:
    return {cls.__name__ for cls in type(error).__mro__}


@contextlib.contextmanager
def listening(serve: Callable[[socket.socket], None]) -> Iterator[str]:
    """Serve each connection by a function of its own thread; gives the URL."""
    listener = socket.create_server(("127.0.0.1", 0))
    threads: list[threading.Thread] = []
    connections: list[socket.socket] = []

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            connections.append(connection)
            threads.append(threading.Thread(target=serve, args=(connection,), daemon=True))
            threads[-1].start()

    accepting = threading.Thread(target=accept, daemon=True)
    accepting.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
    finally:
        # Closing alone does not wake a thread that accepts.
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        accepting.join(PATIENCE)
        for connection in connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()
        for thread in threads:
            thread.join(PATIENCE)
