"""Secrets in variables: a debugger, a crash reporter or `rich` prints those of every frame of a traceback."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

#: Parts of the names of header fields that hold credentials; the core has the same (`credentials/secret.rs`).
_WORDS = ("auth", "key", "token", "secret", "cookie", "password", "credential", "signature")


class Hidden(str):
    """A text that its `repr` does not show, nor that of a part of it. It is sent and compared like any other."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'<redacted>'"

    def __getitem__(self, key: Any) -> Hidden:
        # What prints long texts cuts them first.
        return Hidden(str.__getitem__(self, key))


def hidden(value: Any) -> Any:
    """Return a text as one that is hidden, anything else as it is."""
    return Hidden(value) if isinstance(value, str) else value


def is_credential(name: str) -> bool:
    """Whether the name of a header field speaks of a credential."""
    name = name.lower()
    return any(word in name for word in _WORDS)
