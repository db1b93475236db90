"""Addresses as they are told: where a page is from, and nothing that may be a secret."""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv6Address
from urllib.parse import quote, urlsplit

__all__ = ["origin", "shown"]

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.\-]*):")
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_NUMBER = re.compile(r"[0-9]+|0[xX][0-9a-fA-F]*")
_PORTS = {"http": 80, "https": 443}
_BLANK = "about:blank"


def origin(url: str) -> str:
    """Return the origin of a page of http or https, or `about:blank`. Raises `ValueError` for all else."""
    if url == _BLANK:
        return url
    if any(one <= " " or one in "\\\x7f" for one in url) or not url.lower().startswith(("http://", "https://")):
        raise ValueError
    scheme, host, port = _split(url)
    if port is not None and port > 65535:
        raise ValueError
    if ":" in host:
        if "%" in host:
            raise ValueError
        IPv6Address(host)
    else:
        labels = host.removesuffix(".").split(".")
        if _NUMBER.fullmatch(labels[-1]):
            IPv4Address(host)
        elif not all(_LABEL.fullmatch(label) for label in labels):
            raise ValueError
    return _joined(scheme, host, port)


def shown(url: str) -> str:
    """Return the origin of a page of http or https, and of any other its scheme. Raises `ValueError` for no address."""
    url = url.strip()
    if url == _BLANK:
        return url
    found = _SCHEME.match(url)
    if found is None:
        raise ValueError
    scheme = found[1].lower()
    return _joined(*_split(url)) if scheme in _PORTS else f"{scheme}:"


def _split(url: str) -> tuple[str, str, int | None]:
    parts = urlsplit(url)
    # Reading the port raises `ValueError` for one that is none.
    host, scheme = parts.hostname, parts.scheme.lower()
    try:
        port = parts.port
    except ValueError:
        _, _, given = parts.netloc.rpartition(":")
        if not given.isdecimal():
            raise
        port = int(given)
    # In brackets is an address of version 6.
    if not host or ("[" in parts.netloc and ":" not in host):
        raise ValueError
    return scheme, host if host.isascii() else host.encode("idna").decode(), None if port == _PORTS[scheme] else port


def _joined(scheme: str, host: str, port: int | None) -> str:
    named = f"[{host}]" if ":" in host else quote(host, safe="!$&'()*+,;=%|\\~")
    return f"{scheme}://{named}" + ("" if port is None else f":{port}")
