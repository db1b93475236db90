"""A plugin of pytest: how many requests of each case went over a transport of httpx2 or httpx, in its outcome.

With `TAILRACE_ACCELERATED` set, a client that would have made the transport of its library gets that of
`tailrace.httpx2` or `tailrace.httpx` instead, and only requests over these count. A client whose options ours refuses
keeps its own.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest

LIBRARIES = ("httpx2", "httpx")
#: What a client and a transport have in common.
SHARED = ("verify", "cert", "trust_env", "http2", "limits", "proxy")


class Counting:
    """Counts the requests of the running case."""

    def __init__(self) -> None:
        self.requests = 0

    def watch(self, class_: Any, name: str) -> None:
        """Count each call of the method `name` of a transport."""
        send = getattr(class_, name)

        def counted(transport: Any, request: Any) -> Any:
            self.requests += 1
            return send(transport, request)

        setattr(class_, name, counted)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self) -> Iterator[None]:
        self.requests = 0
        return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self) -> Iterator[Any]:
        report = yield
        report.user_properties.append(("requests", self.requests))
        return report


def replaced(init: Callable[..., None], make: Callable[..., Any]) -> Callable[..., None]:
    """The constructor of a client that asks `make` for its transport."""

    def construct(client: Any, *positional: Any, **options: Any) -> None:
        if options.get("transport") is None:
            given = {name: options[name] for name in SHARED if options.get(name) is not None}
            try:
                options["transport"] = make(**given)
            except TypeError:
                # The transport says that the library's own is needed; the case then sends nothing over ours.
                options.pop("transport", None)
        init(client, *positional, **options)

    return construct


def pytest_configure(config: pytest.Config) -> None:
    counting = Counting()
    config.pluginmanager.register(counting)
    is_ours = "TAILRACE_ACCELERATED" in os.environ
    for name in LIBRARIES:
        library: Any = importlib.import_module(name)
        if not is_ours:
            counting.watch(library.HTTPTransport, "handle_request")
            counting.watch(library.AsyncHTTPTransport, "handle_async_request")
            continue
        ours: Any = importlib.import_module(f"tailrace.{name}")
        counting.watch(ours.Transport, "handle_request")
        counting.watch(ours.AsyncTransport, "handle_async_request")
        library.Client.__init__ = replaced(library.Client.__init__, ours.Transport)
        library.AsyncClient.__init__ = replaced(library.AsyncClient.__init__, ours.AsyncTransport)
