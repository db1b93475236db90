"""`Request`: what was sent, as the attribute `request` of exceptions and responses."""

from __future__ import annotations

from .headers import Headers
from .url import URL

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any


class Request:
    """A request as it went over the wire. Attribute names follow `httpx.Request`."""

    __slots__ = ("_content", "extensions", "headers", "method", "url")

    method: str
    url: URL
    headers: Headers
    extensions: dict[str, Any]

    def __init__(
        self,
        method: str,
        url: str | URL,
        *,
        headers: Mapping[str, str] | Iterable[tuple[str, str]] | None = None,
        content: bytes = b"",
    ) -> None:
        self.method = method.upper()
        self.url = url if isinstance(url, URL) else URL(url)
        self.headers = Headers(headers)
        self._content = content
        self.extensions = {}

    @property
    def content(self) -> bytes:
        """The body as bytes."""
        return self._content

    def read(self) -> bytes:
        """Return the body."""
        return self._content

    async def aread(self) -> bytes:
        """Return the body."""
        return self._content

    def __repr__(self) -> str:
        return f"<Request({self.method!r}, {self.url.shown!r})>"

    def __reduce__(self) -> tuple[Any, ...]:
        # A pickle is often written to a file or a queue, so passwords stay behind.
        return (_rebuild, (self.method, self.url.shown, self.headers, self._content))


def _rebuild(method: str, url: str, headers: Headers, content: bytes) -> Request:
    return Request(method, url, headers=headers, content=content)
