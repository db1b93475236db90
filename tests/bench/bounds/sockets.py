"""What Python's own sockets cost for paced WebSockets: `sockets.py BASE_URL SOCKETS EVENTS LOOP`.

BASE_URL is that of a mock server, which sends each socket so many events of 4 kB, one each 20 ms. LOOP is `sync` (a
thread for each socket), `asyncio` or `uvloop`. No frame is looked into and no object is built. Prints the CPU of the
process for each event.
"""

from __future__ import annotations

import asyncio
import socket
import sys
import threading
import urllib.parse
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from measure import Region, audio_script
from stream_async import run

PAUSE_MS = 20
#: Each event has at least so many bytes, of which 4,096 are audio; a socket is done when it has so many for each event.
EVENT_BYTES = 4200
#: A text frame with "hi", masked by zeros: the server begins when it hears something.
HELLO = b"\x81\x82\0\0\0\0hi"


def upgrade(path: str, netloc: str) -> bytes:
    lines = [
        f"GET {path}/realtime?model=mock HTTP/1.1",
        f"host: {netloc}",
        "connection: upgrade",
        "upgrade: websocket",
        "sec-websocket-version: 13",
        "sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==",
    ]
    return "\r\n".join([*lines, "\r\n"]).encode()


class Reader(asyncio.Protocol):
    def __init__(self, missing: int) -> None:
        self.missing = missing
        self.done = asyncio.get_running_loop().create_future()
        self.opened = asyncio.get_running_loop().create_future()

    def data_received(self, data: bytes) -> None:
        if not self.opened.done():
            self.opened.set_result(None)
            return
        self.missing -= len(data)
        if self.missing <= 0 and not self.done.done():
            self.done.set_result(None)


async def main(place: urllib.parse.SplitResult, sockets: int, events: int) -> None:
    loop = asyncio.get_running_loop()
    pairs = [
        await loop.create_connection(lambda: Reader(events * EVENT_BYTES), place.hostname, place.port)
        for _ in range(sockets)
    ]
    for transport, reader in pairs:
        transport.write(upgrade(place.path, place.netloc))
        await reader.opened
    with Region() as region:
        for transport, _ in pairs:
            transport.write(HELLO)
        await asyncio.gather(*(reader.done for _, reader in pairs))
    print(f"{sockets} sockets: {region.cpu * 1e6 / (sockets * events):.1f} us an event")


def main_sync(place: urllib.parse.SplitResult, sockets: int, events: int) -> None:
    def read(opened: socket.socket) -> None:
        opened.sendall(HELLO)
        missing = events * EVENT_BYTES
        while missing > 0 and (data := opened.recv(65536)):
            missing -= len(data)

    opened = [socket.create_connection((place.hostname, place.port)) for _ in range(sockets)]
    for each in opened:
        each.sendall(upgrade(place.path, place.netloc))
        each.recv(4096)
    threads = [threading.Thread(target=read, args=(each,)) for each in opened]
    with Region() as region:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    print(f"{sockets} sockets: {region.cpu * 1e6 / (sockets * events):.1f} us an event")


if __name__ == "__main__":
    place = urllib.parse.urlsplit(audio_script(sys.argv[1], int(sys.argv[3]), PAUSE_MS))
    if sys.argv[4] == "sync":
        main_sync(place, int(sys.argv[2]), int(sys.argv[3]))
    else:
        run(main(place, int(sys.argv[2]), int(sys.argv[3])), sys.argv[4])
