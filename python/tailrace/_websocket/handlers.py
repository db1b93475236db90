"""Functions of the caller's that are told of events."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Handler = Callable[..., Any]


class Handlers:
    """Handlers by type of event; `event` stands for every type."""

    def __init__(self) -> None:
        self._all: list[tuple[str, Handler, bool]] = []

    def add(self, event_type: str, handler: Handler, *, once: bool = False) -> None:
        """Add a handler, after those that are there."""
        self._all.append((event_type, handler, once))

    def remove(self, event_type: str, handler: Handler) -> None:
        """Remove a handler where it was first added; without effect when it is not there."""
        for entry in self._all:
            if entry[0] == event_type and entry[1] == handler:
                self._all.remove(entry)
                return

    def take(self, event_type: str) -> list[Handler]:
        """Return the handlers of a type; those that are told once are told no more."""
        found = [entry for entry in self._all if entry[0] == event_type]
        for entry in found:
            if entry[2]:
                self._all.remove(entry)
        return [handler for _, handler, _ in found]

    def merge_into(self, other: Handlers) -> None:
        """Add all of them to `other`."""
        other._all += self._all


class Listening:
    """What has handlers: connections, and what opens them."""

    def __init__(self) -> None:
        self._handlers = Handlers()

    def on(self, event_type: str, handler: Handler | None = None) -> Any:
        """Tell `handler` of each event of a type; `event` stands for every type. Without a handler, a decorator."""
        return self._add(event_type, handler, once=False)

    def once(self, event_type: str, handler: Handler | None = None) -> Any:
        """Tell `handler` of the next event of a type. Without a handler, a decorator."""
        return self._add(event_type, handler, once=True)

    def off(self, event_type: str, handler: Handler) -> Any:
        """Tell a handler no more."""
        self._handlers.remove(event_type, handler)
        return self

    def _add(self, event_type: str, handler: Handler | None, *, once: bool) -> Any:
        if handler is not None:
            self._handlers.add(event_type, handler, once=once)
            return self

        def decorate(function: Handler) -> Handler:
            self._handlers.add(event_type, function, once=once)
            return function

        return decorate
