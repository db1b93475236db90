"""numpy and sounddevice, imported when something of them is used."""

from __future__ import annotations

from importlib import import_module
from typing import Any


class _Extra:
    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, attribute: str) -> Any:
        try:
            module = import_module(self._name)
        except (ImportError, OSError) as cause:
            # sounddevice raises OSError where it is installed and the library that it calls is not.
            raise ImportError(
                f"The microphone and the player need `{self._name}`, which cannot be imported here ({cause}); "
                "run `pip install tailrace[voice_helpers]`, and install PortAudio where that does not bring it."
            ) from cause
        return getattr(module, attribute)


np: Any = _Extra("numpy")
sd: Any = _Extra("sounddevice")
