"""Transports of httpx over the Rust transport, for the official package and for every other user of httpx.

```python
import httpx
import tailrace.httpx
from openai import OpenAI

client = OpenAI(http_client=httpx.Client(transport=tailrace.httpx.Transport()))
```
"""

from __future__ import annotations

from ._transports import AsyncSender, Body, Sender, library

__all__ = ["AsyncTransport", "Interrupted", "Transport"]

_httpx = library("httpx")


class Interrupted(_httpx.ReadError, _httpx.RemoteProtocolError):
    """The connection ended inside a request or a response, or what came over it is no HTTP.

    The library tells these apart, as one or the other of the parents of this class.
    """


class _Stream(Body, _httpx.SyncByteStream, _httpx.AsyncByteStream):
    """A body as httpx wants it."""


class Transport(Sender, _httpx.BaseTransport):
    """A transport for `httpx.Client`.

    Requests honour their timeouts to connect, read, write and wait for a connection, all in seconds; that to write
    counts the time in which an iterator gives no next piece of the body, too. A server that answers before it has read
    a large body ends the upload. A response says the standard reason of its status, not the server's own words.

    Args:
        verify: Whether certificates are checked, or the path of a file or a folder of those that are trusted.
        cert: Path of the client's certificate and key, or one path for each.
        trust_env: Whether the proxies and the certificates that the environment names are used.
        http2: Whether HTTP/2 is offered to the server.
        limits: Numbers of connections, as `httpx.Limits` or `tailrace.Limits`.
        proxy: URL of the proxy.

    Raises:
        ValueError: a certificate, a key or the URL of a proxy cannot be used.
        OSError: a file of certificates cannot be read.
        TypeError: an option is of a kind that only httpx's own transport takes, such as an `ssl.SSLContext`.
    """

    _library, _stream, _interrupted = _httpx, _Stream, Interrupted


class AsyncTransport(AsyncSender, _httpx.AsyncBaseTransport):
    """A transport for `httpx.AsyncClient`, on asyncio and on trio; the rest is as for `Transport`."""

    _library, _stream, _interrupted = _httpx, _Stream, Interrupted
