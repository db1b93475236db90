"""Names from before version 1 of the official package, which say what has taken their place."""

from __future__ import annotations

from typing import Any, NoReturn

from .._exceptions import OpenAIError

_REPLACEMENTS = {
    "Audio": "client.audio",
    "ChatCompletion": "client.chat.completions",
    "Completion": "client.completions",
    "Customer": None,
    "Deployment": None,
    "Edit": None,
    "Embedding": "client.embeddings",
    "Engine": "client.models",
    "ErrorObject": "tailrace.types.ErrorObject",
    "File": "client.files",
    "FineTune": "client.fine_tuning",
    "FineTuningJob": "client.fine_tuning.jobs",
    "Image": "client.images",
    "Model": "client.models",
    "Moderation": "client.moderations",
}


class APIRemovedInV1(OpenAIError):
    """A name from before version 1 was used."""

    def __init__(self, *, symbol: str) -> None:
        replacement = _REPLACEMENTS.get(symbol)
        remedy = f"use `{replacement}`" if replacement else "there is nothing in its place"
        super().__init__(f"`tailrace.{symbol}` is a name from before version 1 of the API of this package; {remedy}.")


class Removed:
    """What stands under a name from before version 1: every use raises `APIRemovedInV1`."""

    def __init__(self, symbol: str) -> None:
        self._symbol = symbol

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            # Tools that list modules ask for these and must not fail.
            raise AttributeError(name)
        raise APIRemovedInV1(symbol=self._symbol)

    def __call__(self, *args: Any, **options: Any) -> NoReturn:
        """Raise `APIRemovedInV1`."""
        raise APIRemovedInV1(symbol=self._symbol)

    def __repr__(self) -> str:
        return f"<removed name {self._symbol!r}>"


def __getattr__(name: str) -> Removed:
    if name not in _REPLACEMENTS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return globals().setdefault(name, Removed(name))
