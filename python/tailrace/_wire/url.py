"""`URL`: an immutable URL with the attribute names of `httpx.URL`."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_DEFAULT_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443, "ftp": 21}


class URL:
    """A URL taken apart. Equal to another `URL`, or to a string, with the same text.

    `repr` shows `[secure]` in place of a password.

    Raises:
        TypeError: `url` is neither a string nor a URL object.
        ValueError: the text cannot be a URL; the message names the part.
    """

    __slots__ = ("_parts", "_text")

    def __init__(self, url: str | URL | Any) -> None:
        from urllib.parse import quote, urlsplit

        if not isinstance(url, (str, URL)) and not hasattr(url, "raw_path"):
            raise TypeError(f"A URL must be a string or a URL object, not {type(url).__name__}.")
        text = str(url)
        # Characters that no URL holds are escaped, as browsers and httpx do; `%` stays, since it starts an escape.
        parts = urlsplit(quote(text, safe="%/:?#[]@!$&'()*+,;=~"))
        try:
            port = parts.port
        except ValueError:
            host = parts.hostname
            raise ValueError(f"The URL of host {host!r} has a port that is not a number from 0 to 65535.") from None
        userinfo, at, place = parts.netloc.rpartition("@")
        if port is not None and port == _DEFAULT_PORTS.get(parts.scheme):
            place = place.rpartition(":")[0]
        # Host names have no case, and a default port goes without saying, so that equal places have equal texts.
        parts = parts._replace(netloc=f"{userinfo}{at}{place.lower()}")
        self._parts = parts
        self._text = parts.geturl()

    @property
    def scheme(self) -> str:
        """The scheme in lower case, such as `https`."""
        return self._parts.scheme

    @property
    def host(self) -> str:
        """The host in lower case, without brackets; empty when there is none."""
        return self._parts.hostname or ""

    @property
    def port(self) -> int | None:
        """The port, or None when it is the default one of the scheme."""
        return self._parts.port

    @property
    def netloc(self) -> bytes:
        """Host and port as bytes, without credentials."""
        return self._parts.netloc.rpartition("@")[2].encode("ascii")

    @property
    def userinfo(self) -> bytes:
        """`user:password` as bytes, still escaped; empty when there is none."""
        return self._parts.netloc.rpartition("@")[0].encode("ascii")

    @property
    def username(self) -> str:
        """The user name, unescaped."""
        from urllib.parse import unquote

        return unquote(self._parts.username or "")

    @property
    def password(self) -> str:
        """The password, unescaped."""
        from urllib.parse import unquote

        return unquote(self._parts.password or "")

    @property
    def path(self) -> str:
        """The path, unescaped; `/` when it is empty."""
        from urllib.parse import unquote

        return unquote(self._path)

    @property
    def _path(self) -> str:
        return self._parts.path or "/"

    @property
    def query(self) -> bytes:
        """What follows `?`, still escaped."""
        return self._parts.query.encode("ascii")

    @property
    def raw_path(self) -> bytes:
        """Path and query as they are sent."""
        path = self._path
        return (f"{path}?{self._parts.query}" if self._parts.query else path).encode("ascii")

    @property
    def fragment(self) -> str:
        """What follows `#`, unescaped."""
        from urllib.parse import unquote

        return unquote(self._parts.fragment)

    @property
    def is_absolute_url(self) -> bool:
        """True when the URL has a scheme and a host."""
        return bool(self._parts.scheme and self._parts.hostname)

    @property
    def is_relative_url(self) -> bool:
        """True when the URL has no scheme or no host."""
        return not self.is_absolute_url

    def join(self, url: str | URL) -> URL:
        """Return `url` resolved against this one (RFC 3986, section 5)."""
        from urllib.parse import urljoin

        return URL(urljoin(self._text, str(url)))

    def __str__(self) -> str:
        return self._text

    def __eq__(self, other: object) -> bool:
        if isinstance(other, URL):
            return self._text == other._text
        if isinstance(other, str) or hasattr(other, "raw_path"):
            try:
                return self._text == URL(other)._text
            except ValueError:
                return False
        return NotImplemented

    def __hash__(self) -> int:
        return hash(self._text)

    @property
    def shown(self) -> str:
        """The text with `[secure]` in place of a password."""
        text = self._text
        if self._parts.password is not None:
            userinfo = self._parts.netloc.rpartition("@")[0]
            text = text.replace(f"{userinfo}@", f"{userinfo.partition(':')[0]}:[secure]@", 1)
        return text

    def __repr__(self) -> str:
        return f"URL({self.shown!r})"

    def __reduce__(self) -> tuple[type[URL], tuple[str]]:
        return (URL, (self._text,))


def with_trailing_slash(url: URL) -> URL:
    """Return `url` with a path that ends in `/`, so that a joined path extends it."""
    text, mark, query = str(url).partition("?")
    return url if url.raw_path.endswith(b"/") else URL(f"{text}/{mark}{query}")
