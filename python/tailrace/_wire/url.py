"""`URL`: an immutable URL with the attribute names of `httpx.URL`."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .query import QueryParams

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
    def raw_scheme(self) -> bytes:
        """The scheme as bytes."""
        return self.scheme.encode("ascii")

    @property
    def raw_host(self) -> bytes:
        """The host as bytes."""
        return self.host.encode("ascii")

    @property
    def params(self) -> QueryParams:
        """The fields of the query."""
        from .query import QueryParams

        return QueryParams(self._parts.query)

    def copy_with(self, **changes: Any) -> URL:
        """Return a copy with other parts.

        `scheme`, `username`, `password`, `host`, `port`, `path`, `fragment` and `params` are as the attributes give
        them; `userinfo`, `netloc`, `query` and `raw_path` are bytes, still escaped.

        Raises:
            TypeError: there is no such part.
            ValueError: the result cannot be a URL.
        """
        from urllib.parse import quote

        from .query import QueryParams

        parts, userinfo, port = self._parts, self.userinfo.decode(), self.port
        place, path, query, fragment = self.netloc.decode(), parts.path, parts.query, parts.fragment
        host = place.rpartition(":")[0] if port is not None else place
        for name, value in changes.items():
            text = value.decode("ascii") if isinstance(value, bytes) else value
            if name == "scheme":
                parts = parts._replace(scheme=text)
            elif name in ("username", "password"):
                new = {name: quote(str(other), safe="") for name, other in changes.items()}
                userinfo = new.get("username", "") + (f":{new['password']}" if "password" in new else "")
            elif name == "userinfo":
                userinfo = text
            elif name == "host":
                host = f"[{text}]" if ":" in text and not text.startswith("[") else text
            elif name == "port":
                port = text
            elif name == "netloc":
                host, port = text, None
            elif name == "path":
                path = quote(text, safe="%/:@!$&'()*+,;=~")
            elif name == "raw_path":
                path, _, query = text.partition("?")
            elif name == "query":
                query = text or ""
            elif name == "params":
                query = str(QueryParams(value))
            elif name == "fragment":
                fragment = quote(text or "", safe="%/:?@!$&'()*+,;=~")
            else:
                raise TypeError(f"'{name}' is an invalid keyword argument for URL()")
        netloc = f"{userinfo}@" if userinfo else ""
        netloc += host if port is None else f"{host}:{port}"
        return URL(parts._replace(netloc=netloc, path=path, query=query, fragment=fragment).geturl())

    def copy_set_param(self, key: str, value: Any = None) -> URL:
        """Return a copy in whose query `key` has this value only."""
        return self.copy_with(params=self.params.set(key, value))

    def copy_add_param(self, key: str, value: Any = None) -> URL:
        """Return a copy in whose query `key` has this value, too."""
        return self.copy_with(params=self.params.add(key, value))

    def copy_remove_param(self, key: str) -> URL:
        """Return a copy without `key` in its query."""
        return self.copy_with(params=self.params.remove(key))

    def copy_merge_params(self, params: Any) -> URL:
        """Return a copy in whose query the fields of `params` replace those of their names."""
        return self.copy_with(params=self.params.merge(params))

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
