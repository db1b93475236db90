"""Options of an HTTP client as settings of the Rust transport, where it has them."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ._native import Transport

#: Options of a client of httpx2 with the values that mean what the Rust transport does anyway.
_AS_IT_IS: dict[str, Any] = {
    "auth": None, "params": None, "headers": None, "cookies": None, "mounts": None, "event_hooks": None,
    "transport": None, "base_url": "", "max_redirects": 20, "http1": True, "default_encoding": "utf-8",
    "follow_redirects": True,
}  # fmt: skip

#: Seconds that the Rust transport keeps an idle connection where nobody says otherwise.
DEFAULT_IDLE_SECONDS = 90.0


def native_settings(options: dict[str, Any]) -> tuple[int | None, Transport | None] | None:
    """Return the most connections and the transport that these options ask for; no transport is the one of the process.

    None says that the Rust transport cannot do all of them, and a client of httpx2 has to.

    Raises:
        ValueError: a certificate, a key, the URL of a proxy or a number of bytes cannot be used.
        OSError: a file of certificates cannot be read.
    """
    from ._constants import DEFAULT_MAX_CONNECTIONS
    from ._http_clients import DEFAULT_CONNECTION_LIMITS

    most: int | None = DEFAULT_MAX_CONNECTIONS
    asked: dict[str, Any] = {}
    for name, value in options.items():
        if name in _AS_IT_IS:
            default = _AS_IT_IS[name]
            if value != default and (default or value not in (None, "", {}, [])):
                return None
        elif name == "verify" and isinstance(value, (bool, str, os.PathLike)):
            asked.update({"verify": value} if isinstance(value, bool) else {"roots": _roots(os.fspath(value))})
        elif name == "cert" and (value is None or isinstance(value, str) or len(value) == 2):
            if value is not None:
                paths = (value, value) if isinstance(value, str) else value
                asked["certificate"], asked["key"] = (_read(path) for path in paths)
        elif name == "proxy" and (value is None or isinstance(value, str) or type(value).__name__ == "URL"):
            asked.update({} if value is None else {"proxy": str(value)})
        elif name == "trust_env" and (value or not os.environ.keys() & {"SSL_CERT_FILE", "SSL_CERT_DIR"}):
            asked.update({} if value else {"use_env_proxies": False})
        elif name == "http2":
            asked.update({"http2": True} if value else {})
        elif name == "max_decoded_bytes":
            if value is not None and (not isinstance(value, int) or isinstance(value, bool) or value < 0):
                raise ValueError(f"`max_decoded_bytes` must be a number of bytes that is not negative, not {value!r}.")
            asked.update({} if value is None else {"max_decoded_bytes": min(value, 2**63)})
        elif name == "limits":
            given = (value.max_connections, value.max_keepalive_connections, value.keepalive_expiry)
            ours = DEFAULT_CONNECTION_LIMITS
            if given != (ours.max_connections, ours.max_keepalive_connections, ours.keepalive_expiry):
                most, asked["max_idle"], asked["idle_seconds"] = given
        else:
            return None
    if not asked:
        return (most, None)
    from ._native import Transport

    asked.setdefault("idle_seconds", DEFAULT_IDLE_SECONDS)
    return (most, Transport(**asked))


def _read(path: Any) -> bytes:
    with open(path, "rb") as file:
        return file.read()


def _roots(path: str) -> bytes:
    """Return the certificates of a file, or of all files of a folder that hold some."""
    if not os.path.isdir(path):
        return _read(path)
    files = sorted(entry.path for entry in os.scandir(path) if entry.is_file())
    return b"\n".join(text for text in map(_read, files) if b"-----BEGIN CERTIFICATE-----" in text)
