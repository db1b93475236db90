"""`Response`: what came back, as the attribute `response` of exceptions and streams."""

from __future__ import annotations

from .body import ResponseNotRead as ResponseNotRead, StreamConsumed as StreamConsumed
from .headers import Headers
from .request import Request
from .url import URL

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
    from datetime import timedelta
    from typing import Any

    from .body import UnreadBody
    from .pieces import Stage


class Response:
    """A response head with its body. Attribute names follow `httpx.Response`.

    A body that is still on the wire is had once: by `read()`, after which `content`, `text` and `json()` have it, or by
    one of the iterators. Until then those three raise `ResponseNotRead`. For the response of a stream of events they
    always do, as the stream has its body. `close()` closes the socket.
    """

    __slots__ = (
        "_body", "_content", "_downloaded", "_encoding", "_reason", "_request", "_seconds", "_url", "default_encoding",
        "extensions", "headers", "history", "http_version", "retries_taken", "status_code",
    )  # fmt: skip

    status_code: int
    headers: Headers
    http_version: str
    retries_taken: int
    history: list[Response]
    extensions: dict[str, Any]
    #: The charset of `text` where the header names none.
    default_encoding: str

    def __init__(
        self,
        status_code: int,
        *,
        headers: Mapping[str, str] | Iterable[tuple[str, str]] | None = None,
        content: bytes | None = b"",
        request: Request | None = None,
        reason_phrase: str | None = None,
        http_version: str = "HTTP/1.1",
        url: str | None = None,
        elapsed_seconds: float = 0.0,
        retries_taken: int = 0,
        body: UnreadBody | None = None,
    ) -> None:
        self.status_code = status_code
        self.headers = Headers(headers)
        self.http_version = http_version
        self.retries_taken = retries_taken
        self.history = []
        self.extensions = {}
        self.default_encoding = "utf-8"
        self._encoding: str | None = None
        self._downloaded = 0
        self._reason = reason_phrase
        self._content = None if body is not None else content
        self._request = request
        self._url = url
        self._seconds = elapsed_seconds
        self._body = body

    @property
    def reason_phrase(self) -> str:
        """The text after the status; the standard one when the server sent none."""
        if self._reason is not None:
            return self._reason
        from http import HTTPStatus

        try:
            return HTTPStatus(self.status_code).phrase
        except ValueError:
            return ""

    @property
    def request(self) -> Request:
        """The request that this answers.

        Raises:
            RuntimeError: the response was made without one.
        """
        if self._request is None:
            raise RuntimeError("This response has no request; it was made without one.")
        return self._request

    @request.setter
    def request(self, value: Request) -> None:
        self._request = value

    @property
    def url(self) -> URL:
        """The URL that answered, after redirects."""
        return URL(self._url) if self._url is not None else self.request.url

    @property
    def content(self) -> bytes:
        """The body, decompressed.

        Raises:
            ResponseNotRead: the body is still on the wire, or belongs to a stream.
        """
        if self._content is None:
            raise ResponseNotRead(
                "The body of this response was not read: call `read()`, or iterate over the stream that it belongs to."
            )
        return self._content

    @property
    def charset_encoding(self) -> str | None:
        """The charset of the `content-type` header, if it names one."""
        for part in self.headers.get("content-type", "").split(";")[1:]:
            name, _, value = part.partition("=")
            if name.strip().lower() == "charset":
                return value.strip().strip("\"'") or None
        return None

    @property
    def encoding(self) -> str:
        """The charset of `text`: that of the header when Python knows it, else the default one; can be assigned."""
        if self._encoding is not None:
            return self._encoding
        charset = self.charset_encoding
        if charset is not None:
            try:
                "".encode(charset)
            except LookupError:
                pass
            else:
                return charset
        return self.default_encoding

    @encoding.setter
    def encoding(self, value: str) -> None:
        self._encoding = value

    @property
    def text(self) -> str:
        """The body as text; bytes that do not fit the charset become U+FFFD."""
        return self.content.decode(self.encoding, errors="replace")

    def json(self, **kwargs: Any) -> Any:
        """Parse the body as JSON; keywords go to `json.loads`.

        Raises:
            json.JSONDecodeError: the body is no JSON.
        """
        import json

        return json.loads(self.content, **kwargs)

    @property
    def elapsed(self) -> timedelta:
        """Time from sending the request to the end of the response, or to its head for a stream."""
        from datetime import timedelta

        return timedelta(seconds=self._seconds)

    @property
    def is_informational(self) -> bool:
        """True for 1xx."""
        return 100 <= self.status_code <= 199

    @property
    def is_success(self) -> bool:
        """True for 2xx."""
        return 200 <= self.status_code <= 299

    @property
    def is_redirect(self) -> bool:
        """True for 3xx."""
        return 300 <= self.status_code <= 399

    @property
    def has_redirect_location(self) -> bool:
        """True for a redirect that says where to."""
        return self.status_code in (301, 302, 303, 307, 308) and "location" in self.headers

    @property
    def next_request(self) -> Request | None:
        """None: redirects have been followed."""
        return None

    @property
    def cookies(self) -> dict[str, str]:
        """The cookies that the response sets, by their names; none are kept for later requests."""
        fields = (field.partition(";")[0].partition("=") for field in self.headers.get_list("set-cookie"))
        return {name.strip(): value.strip() for name, is_one, value in fields if is_one}

    @property
    def links(self) -> dict[str, dict[str, str]]:
        """What the `link` header names, by its relation or else its URL."""
        import re

        found: dict[str, dict[str, str]] = {}
        for url, rest in re.findall(r"<([^>]*)>([^<]*)", self.headers.get("link", "")):
            link = {"url": url}
            for part in rest.rstrip(" ,").split(";"):
                name, is_one, value = part.partition("=")
                if is_one:
                    link[name.strip(" '\"")] = value.strip(" '\"")
            found[link.get("rel", url)] = link
        return found

    @property
    def is_client_error(self) -> bool:
        """True for 4xx."""
        return 400 <= self.status_code <= 499

    @property
    def is_server_error(self) -> bool:
        """True for 5xx."""
        return 500 <= self.status_code <= 599

    @property
    def is_error(self) -> bool:
        """True for 4xx and 5xx."""
        return 400 <= self.status_code <= 599

    @property
    def is_closed(self) -> bool:
        """True when no more of the body will be read."""
        return self._body is None or self._body.closed

    @property
    def is_stream_consumed(self) -> bool:
        """True when the body was read or is being handed out."""
        return self._body is None or self._body.is_consumed

    @property
    def num_bytes_downloaded(self) -> int:
        """Bytes of the body that were read, after decompression."""
        return self._downloaded if self._content is None else len(self._content)

    @property
    def unread_body(self) -> UnreadBody | None:
        """The body on the wire; None for one that came with the response."""
        return self._body

    def read(self) -> bytes:
        """Return the body, read to its end.

        Raises:
            ResponseNotRead: it belongs to a stream of events.
            StreamError: it was streamed before, or the response was closed.
            APIError: the connection ended, or a time limit passed.
        """
        if self._content is None and self._body is not None and self._owns_body:
            self._content = self._body.read().content
        return self.content

    async def aread(self) -> bytes:
        """Return the body, read to its end; raises what `read` raises."""
        if self._content is None and self._body is not None and self._owns_body:
            self._content = (await self._body.aread()).content
        return self.content

    def iter_bytes(self, chunk_size: int | None = None) -> Iterator[bytes]:
        """Yield the body in pieces of `chunk_size` bytes, or as they come; raises what `read` raises."""
        from .pieces import Sized

        return self._iter([] if chunk_size is None else [Sized(b"", chunk_size)])

    #: The body is decompressed here, too: the transport does not keep what came.
    iter_raw = iter_bytes

    def iter_text(self, chunk_size: int | None = None) -> Iterator[str]:
        """Yield the body as text in pieces of `chunk_size` characters, or as they come; raises what `read` raises."""
        return self._iter(self._text_stages(chunk_size))

    def iter_lines(self) -> Iterator[str]:
        """Yield the lines of the body without their ends; raises what `read` raises."""
        from .pieces import Lines

        return self._iter([*self._text_stages(None), Lines()])

    def aiter_bytes(self, chunk_size: int | None = None) -> AsyncIterator[bytes]:
        """Yield what `iter_bytes` yields."""
        from .pieces import Sized

        return self._aiter([] if chunk_size is None else [Sized(b"", chunk_size)])

    aiter_raw = aiter_bytes

    def aiter_text(self, chunk_size: int | None = None) -> AsyncIterator[str]:
        """Yield what `iter_text` yields."""
        return self._aiter(self._text_stages(chunk_size))

    def aiter_lines(self) -> AsyncIterator[str]:
        """Yield what `iter_lines` yields."""
        from .pieces import Lines

        return self._aiter([*self._text_stages(None), Lines()])

    def _text_stages(self, size: int | None) -> list[Stage]:
        from .pieces import Decoded, Sized

        return [Decoded(self.encoding), *([] if size is None else [Sized("", size)])]

    def _iter(self, stages: list[Stage]) -> Iterator[Any]:
        from .pieces import Counted, through

        if self._content is not None or self._body is None:
            yield from through([self.content] if self.content else [], stages)
            return
        pieces = self._body.chunks(blocks=True)
        try:
            yield from through(pieces, [Counted(self._count), *stages])
        finally:
            pieces.close()

    async def _aiter(self, stages: list[Stage]) -> AsyncIterator[Any]:
        from .pieces import Counted, async_through, through

        if self._content is not None or self._body is None:
            for item in through([self.content] if self.content else [], stages):
                yield item
            return
        pieces = self._body.chunks(blocks=False)
        try:
            async for item in async_through(pieces, [Counted(self._count), *stages]):
                yield item
        finally:
            pieces.close()

    def _count(self, size: int) -> None:
        self._downloaded += size

    @property
    def _owns_body(self) -> bool:
        # A stream of events has the body to itself, and says so by the error that `content` raises.
        return self._body is not None and not self._body.has_events

    def close(self) -> None:
        """Close the socket of a body that is on the wire, and the stream that it belongs to."""
        if self._body is not None:
            self._body.close()

    async def aclose(self) -> None:
        """Do what `close` does."""
        self.close()

    def raise_for_status(self) -> Response:
        """Return the response itself when its status is 2xx.

        Raises:
            APIStatusError: the status is not 2xx; the class is the one that a call would raise.
        """
        if self.is_success:
            return self
        from .._exceptions import status_error

        raise status_error(self)

    def __repr__(self) -> str:
        return f"<Response [{self.status_code} {self.reason_phrase}]>"

    def __reduce__(self) -> tuple[Any, ...]:
        return (
            _rebuild,
            (
                self.status_code, self.headers, self._content, self._request, self._reason, self.http_version,
                None if self._url is None else self.url.shown, self._seconds, self.retries_taken,
            ),
        )  # fmt: skip


def _rebuild(
    status_code: int,
    headers: Headers,
    content: bytes | None,
    request: Request | None,
    reason_phrase: str | None,
    http_version: str,
    url: str | None,
    elapsed_seconds: float,
    retries_taken: int,
) -> Response:
    return Response(
        status_code,
        headers=headers,
        content=content,
        request=request,
        reason_phrase=reason_phrase,
        http_version=http_version,
        url=url,
        elapsed_seconds=elapsed_seconds,
        retries_taken=retries_taken,
    )
