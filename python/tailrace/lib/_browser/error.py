"""Why a browser did not do what it was asked for."""

from __future__ import annotations

__all__ = ["BrowserCancelledError", "BrowserError"]


class BrowserError(Exception):
    """A refusal or an error whose text may be told to the model."""


class BrowserCancelledError(RuntimeError):
    """A use was cancelled before it had an output."""


BrowserError.__module__ = BrowserCancelledError.__module__ = "tailrace.lib.browser"
