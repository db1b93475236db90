"""`LegacyAPIResponse`, which `with_raw_response` gives, and `HttpxBinaryResponseContent`, which files come in."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, TypeVar, overload

from typing_extensions import deprecated

from ._response import BaseAPIResponse, MissingStreamClassError as MissingStreamClassError
from ._views import raw

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

    from typing_extensions import ParamSpec

    from ._wire.response import Response

    P = ParamSpec("P")

R = TypeVar("R")
_T = TypeVar("_T")


class LegacyAPIResponse(BaseAPIResponse[R]):
    """A response of `with_raw_response`: its head, its body as it came, and `parse()` for what the method returns."""

    @overload
    def parse(self, *, to: type[_T]) -> _T: ...

    @overload
    def parse(self) -> R: ...

    def parse(self, *, to: type[_T] | None = None) -> R | _T:
        """Return the body as what the method returns, or as `to`: a model, dict, list, object, str, a stream class...

        Raises:
            TypeError, ValueError, RuntimeError: `to` is no type that an answer can become.
        """
        return self._parse(to)

    @property
    def content(self) -> bytes:
        """The body as bytes."""
        return self.http_response.content

    @property
    def text(self) -> str:
        """The body as text."""
        return self.http_response.text


def to_raw_response_wrapper(func: Callable[P, R]) -> Callable[P, LegacyAPIResponse[R]]:
    """Return a method that gives a `LegacyAPIResponse`."""
    return raw(func, "true")


def async_to_raw_response_wrapper(func: Callable[P, Awaitable[R]]) -> Callable[P, Awaitable[LegacyAPIResponse[R]]]:
    """Return an async method that gives a `LegacyAPIResponse`."""
    return raw(func, "true")


class HttpxBinaryResponseContent:
    """The answer of a method that returns a file: `response`, and its body as bytes, text or pieces.

    The body was read before this object was made; `with_streaming_response` leaves it on the wire.
    """

    #: An answer becomes such an object by being passed to the class.
    is_made_of_a_response = True

    response: Response

    def __init__(self, response: Response) -> None:
        self.response = response

    @property
    def content(self) -> bytes:
        """The body as bytes."""
        return self.response.content

    @property
    def text(self) -> str:
        """The body as text."""
        return self.response.text

    @property
    def encoding(self) -> str | None:
        """The charset that `text` is read with."""
        return self.response.encoding

    @property
    def charset_encoding(self) -> str | None:
        """The charset that the response names, if any."""
        return self.response.charset_encoding

    def json(self, **kwargs: Any) -> Any:
        """Return the body as decoded JSON; keywords go to `json.loads`. Raises `json.JSONDecodeError`."""
        return self.response.json(**kwargs)

    def read(self) -> bytes:
        """Return the body as bytes."""
        return self.response.read()

    def iter_bytes(self, chunk_size: int | None = None) -> Iterator[bytes]:
        """Yield the body in pieces of `chunk_size` bytes, or whole."""
        return self.response.iter_bytes(chunk_size)

    def iter_text(self, chunk_size: int | None = None) -> Iterator[str]:
        """Yield the body as text in pieces of `chunk_size` characters, or whole."""
        return self.response.iter_text(chunk_size)

    def iter_lines(self) -> Iterator[str]:
        """Yield the lines of the body without their ends."""
        return self.response.iter_lines()

    def iter_raw(self, chunk_size: int | None = None) -> Iterator[bytes]:
        """Return an iterator over what `iter_bytes` yields; it is awaited first, as in the official package."""
        return self.response.iter_raw(chunk_size)

    def write_to_file(self, file: str | os.PathLike[str]) -> None:
        """Write the body to `file`, which is made or replaced. Raises `OSError`."""
        with open(file, "wb") as output:
            output.write(self.content)

    @deprecated(
        "The body is in memory already: use `write_to_file()`, or `.with_streaming_response.method()` to stream"
    )
    def stream_to_file(self, file: str | os.PathLike[str], *, chunk_size: int | None = None) -> None:
        """Write the body to `file` in pieces of `chunk_size` bytes. Raises `OSError`."""
        with open(file, "wb") as output:
            output.writelines(self.response.iter_bytes(chunk_size))

    def close(self) -> None:
        """Close the response."""
        self.response.close()

    async def aread(self) -> bytes:
        """Return the body as bytes."""
        return await self.response.aread()

    async def aiter_bytes(self, chunk_size: int | None = None) -> AsyncIterator[bytes]:
        """Return an iterator over what `iter_bytes` yields; it is awaited first, as in the official package."""
        return self.response.aiter_bytes(chunk_size)

    async def aiter_text(self, chunk_size: int | None = None) -> AsyncIterator[str]:
        """Return an iterator over what `iter_text` yields; it is awaited first."""
        return self.response.aiter_text(chunk_size)

    async def aiter_lines(self) -> AsyncIterator[str]:
        """Return an iterator over what `iter_lines` yields; it is awaited first."""
        return self.response.aiter_lines()

    async def aiter_raw(self, chunk_size: int | None = None) -> AsyncIterator[bytes]:
        """Return an iterator over what `iter_raw` yields; it is awaited first."""
        return self.response.aiter_raw(chunk_size)

    @deprecated(
        "The body is in memory already: use `write_to_file()`, or `.with_streaming_response.method()` to stream"
    )
    async def astream_to_file(self, file: str | os.PathLike[str], *, chunk_size: int | None = None) -> None:
        """Write the body to `file` in pieces of `chunk_size` bytes. Raises `OSError`."""
        with open(file, "wb") as output:
            output.writelines(self.response.iter_bytes(chunk_size))

    async def aclose(self) -> None:
        """Close the response."""
        await self.response.aclose()
