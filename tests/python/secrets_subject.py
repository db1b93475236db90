"""A program with a canary for a key that runs every way to fail, and prints all that a person or a handler could print.

The key is in the environment, so that no frame of this file holds it.
"""

from __future__ import annotations

import asyncio
import copy
import io
import logging
import os
import pickle
import pprint
import sys
import traceback
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

logging.basicConfig(level=logging.DEBUG, stream=sys.stdout, format="%(levelname)s %(name)s %(message)s %(args)r")
warnings.simplefilter("always")

import tailrace  # noqa: E402
from tailrace import _native  # noqa: E402
from tailrace.testing import MockServer  # noqa: E402

SERVER = MockServer()
CLOSED = "http://127.0.0.1:1/v1"
shown = 0
#: Classes of exceptions that `rich` has formatted, which takes long.
formatted: set[type] = set()


def key() -> str:
    return os.environ["CANARY"]


async def async_key() -> str:
    return os.environ["CANARY"]


def scripted(*exchanges: dict[str, Any]) -> str:
    """Return the base URL of a server that answers so, and then again."""
    return SERVER.script({"exchanges": [*exchanges[:-1], {**exchanges[-1], "repeat": True}], "own_port": True})


def show(name: str, value: Any) -> None:
    """Print a value in the ways in which values get into logs, reports and files."""
    global shown
    shown += 1
    print(f"--- {name}: {type(value).__name__}")
    for way in (repr, str, pprint.pformat):
        print(way(value))
    for part in ("request", "response", "headers", "body", "cause", "__cause__", "args", "url", "history"):
        inner = getattr(value, part, None)
        print(part, repr(inner), str(inner))
        print(part, repr(getattr(inner, "headers", None)), repr(getattr(inner, "url", None)))
    for how in (pickle.dumps, copy.copy):
        try:
            result: Any = how(value)
        except Exception as error:  # noqa: BLE001 - What cannot be pickled tells so.
            result = error
        print(how.__name__, repr(result))
        if isinstance(result, bytes):
            print(result.decode("latin1"))


def show_error(name: str, error: BaseException) -> None:
    show(name, error)
    # As `rich`, Sentry and others print them: with what every frame holds.
    told = traceback.TracebackException.from_exception(error, capture_locals=True)
    print("".join(told.format()))
    frame: Any = error.__traceback__
    while frame is not None:
        if "/tailrace/" in frame.tb_frame.f_code.co_filename:
            for local, value in frame.tb_frame.f_locals.items():
                # Long texts are cut before they are shown.
                print(local, repr(value)[:4000], repr(value[:20]) if isinstance(value, str) else "")
        frame = frame.tb_next
    logging.getLogger("app").error("failed", exc_info=error)
    from rich.console import Console
    from rich.traceback import Traceback

    if type(error) in formatted:
        return
    formatted.add(type(error))
    rich: Any = Traceback.from_exception(
        type(error), error, error.__traceback__, show_locals=True, locals_max_string=20
    )
    Console(file=sys.stdout, width=400).print(rich)


#: Options of clients that hold the canary in each place that has one.
HOLDERS: dict[str, Callable[[bool], dict[str, Any]]] = {
    "key": lambda asynchronous: {},
    "function": lambda asynchronous: {"api_key": async_key if asynchronous else key},
    "admin": lambda asynchronous: {"admin_api_key": key()},
    "webhook": lambda asynchronous: {"webhook_secret": key()},
    "header": lambda asynchronous: {"default_headers": {"X-Api-Key": key(), "Cookie": key()}},
}

FAILING: dict[str, Callable[[], dict[str, Any]]] = {
    **{
        str(status): lambda status=status: {"base_url": scripted({"status": status, "json": {"error": {"code": "x"}}})}
        for status in (400, 401, 403, 404, 409, 422, 429, 500)
    },
    "connect": lambda: {"base_url": CLOSED},
    "tls": lambda: {"base_url": SERVER.url.replace("http:", "https:"), "timeout": 0.2},
    "timeout": lambda: {"base_url": scripted({"fault": {"kind": "stall", "at": "request"}}), "timeout": 0.1},
    "deadline": lambda: {"base_url": scripted({"fault": {"kind": "stall", "at": "request"}}), "deadline": 0.1},
    "reset": lambda: {"base_url": scripted({"fault": {"kind": "reset", "at": "mid_head"}})},
    "no json": lambda: {"base_url": scripted({"text": "{", "headers": {"content-type": "application/json"}})},
    "redirects": lambda: {"base_url": scripted({"status": 307, "headers": {"location": "/v1/models"}})},
    "away": lambda: {"base_url": scripted({"status": 307, "headers": {"location": "http://127.0.0.1:1/x"}})},
    "scheme": lambda: {"base_url": "ftp://example.com"},
    "url": lambda: {"base_url": "http://exa mple.com:x/"},
    "header": lambda: {"base_url": CLOSED, "default_headers": {"X-Token": key() + "\n"}},
    "name": lambda: {"base_url": CLOSED, "default_headers": {"a b": key()}},
    "kind": lambda: {"base_url": CLOSED, "default_headers": {"X-Token": object()}},
}

#: What fails before there is a client.
REFUSED: list[dict[str, Any]] = [
    {"timeout": "soon"}, {"deadline": -1}, {"max_retries": -1}, {"max_retries": None}, {"base_url": 3},
    {"default_headers": 3}, {"default_query": 3}, {"http_client": object()}, {"retry": 3}, {"organization": 3},
]  # fmt: skip


def clients() -> Iterator[tuple[str, Any]]:
    for failing, options in FAILING.items():
        for holder, given in HOLDERS.items():
            for cls in (tailrace.OpenAI, tailrace.AsyncOpenAI):
                # Each way to fail with a key and with a function, one of them with every place for a secret.
                is_async = cls is tailrace.AsyncOpenAI
                if failing != "401" and holder != ("function" if is_async else "key"):
                    continue
                together = {**given(is_async), **options(), "max_retries": 1}
                policy = tailrace.RetryPolicy(initial_delay=0.001, on_retry=lambda attempt: show("attempt", attempt))
                try:
                    yield f"{failing} {holder}", cls(**together, retry=policy)
                except Exception as error:  # noqa: BLE001 - Shown.
                    show_error(f"{failing} {holder}", error)


CALLS: dict[str, Callable[[Any], Any]] = {
    "create": lambda client: client.chat.completions.create(model="m", messages=[]),
    "raw": lambda client: client.models.with_raw_response.retrieve("m"),
}


def sync_calls(name: str, client: Any) -> None:
    for call, make in CALLS.items():
        try:
            show(f"{name} {call}", make(client))
        except Exception as error:  # noqa: BLE001 - Shown.
            show_error(f"{name} {call}", error)


async def async_calls(name: str, client: Any) -> None:
    for call, make in CALLS.items():
        try:
            show(f"{name} {call}", await make(client))
        except Exception as error:  # noqa: BLE001 - Shown.
            show_error(f"{name} {call}", error)
    waiting = asyncio.ensure_future(client.models.retrieve("m"))
    await asyncio.sleep(0)
    waiting.cancel()
    try:
        await waiting
    except BaseException as error:  # noqa: BLE001 - Shown.
        show_error(f"{name} cancelled", error)


def run() -> None:
    for name, client in clients():
        show(name, client)
        show(name, client.with_options(timeout=3))
        if isinstance(client, tailrace.AsyncOpenAI):
            asyncio.run(async_calls(name, client))
        else:
            sync_calls(name, client)
    for wrong in REFUSED:
        for make in (
            lambda wrong=wrong: tailrace.OpenAI(api_key=key(), **wrong),
            lambda wrong=wrong: tailrace.AsyncOpenAI().with_options(api_key=key(), **wrong),
        ):
            try:
                show("client", make())
            except Exception as error:  # noqa: BLE001 - Shown.
                show_error(f"refused {wrong}", error)


def others() -> None:
    """Ways to fail that are no answer of a server."""
    answered = scripted({"json": {"id": "x"}})
    closed = tailrace.OpenAI(base_url=answered)
    show("request", closed.models.with_raw_response.retrieve("m").http_request)
    closed.close()
    azure = {"azure_endpoint": CLOSED, "api_version": "1", "max_retries": 0}
    broken = {"sse": [{"data": "{"}], "headers": {"content-type": "text/event-stream"}}
    cut = {"sse": [{"data": {"id": "x"}}], "fault": {"kind": "reset", "at": "end"}}
    streams = [tailrace.OpenAI(base_url=scripted(exchange), max_retries=0) for exchange in (broken, cut)]
    attempts: list[Callable[[], Any]] = [
        closed.models.list,
        lambda: tailrace.AzureOpenAI(**azure, api_key=key()).models.list(),
        lambda: tailrace.AzureOpenAI(**azure, azure_ad_token=key()).models.list(),
        lambda: tailrace.AzureOpenAI(**azure, azure_ad_token_provider=key).models.list(),
        lambda: tailrace.AzureOpenAI(api_key=key(), api_version="1"),
        lambda: tailrace.AzureOpenAI(azure_ad_token=key(), azure_endpoint=CLOSED),
        lambda: tailrace.OpenAI(api_key=key() + "\n", base_url=CLOSED).models.list(),
        lambda: tailrace.OpenAI(api_key=key() + "\u65e5", base_url=answered).models.list(),
        lambda: tailrace.OpenAI(api_key=lambda: 3).models.list(),  # type: ignore[arg-type, return-value]
        lambda: tailrace.OpenAI(webhook_secret=key()).webhooks.unwrap("{}", {"webhook-id": "x"}),
        lambda: tailrace.OpenAI(webhook_secret=key()).webhooks.unwrap(
            "{}", {"webhook-id": "x", "webhook-timestamp": "1", "webhook-signature": "v1,x"}
        ),
        lambda: tailrace.OpenAI(base_url=answered).files.create(file=Path(os.devnull + "x"), purpose="user_data"),
        lambda: tailrace.OpenAI(base_url=answered).post("/x", cast_to=object, content=Unreadable()),
        lambda: list(streams[0].chat.completions.create(model="m", messages=[], stream=True)),
        lambda: list(streams[1].chat.completions.create(model="m", messages=[], stream=True)),
        lambda: tailrace.OpenAI(base_url=f"http://user:{key()}@127.0.0.1:1/v1", max_retries=0).models.list(),
        _native.provoke_panic,
    ]
    for number, attempt in enumerate(attempts):
        try:
            show(f"other {number}", attempt())
        except BaseException as error:  # noqa: BLE001 - Shown.
            show_error(f"other {number}", error)


class Unreadable(io.RawIOBase):
    """A body that fails in the middle."""

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        raise OSError("unreadable")


def proxied() -> None:
    """A proxy with a password, which refuses."""
    for url in ("http://tailrace.invalid/v1", "https://tailrace.invalid/v1"):
        sync_calls("proxy", tailrace.OpenAI(base_url=url, max_retries=1, retry=tailrace.RetryPolicy(initial_delay=0)))


if __name__ == "__main__":
    if sys.argv[1:] == ["proxy"]:
        proxied()
    else:
        run()
        others()
    print(f"shown: {shown}")
