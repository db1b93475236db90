"""From a client and the arguments of `connect` to an open socket."""

from __future__ import annotations

import atexit
from functools import cache
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import parse_qsl, urlencode

from .._native import Failure, Plan, send_rest
from .._operation import ANONYMOUS, BEARER, Operation
from .._types import NotGiven, Omit
from .._wire.timeout import limits_of
from .closing import handshake_error
from .socket import AsyncSocket, Socket

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from .._api_client import APIClient
    from .._native import Pending

#: Seconds that a handshake may take, as in `websockets`, whose defaults the official package has.
_OPEN_LIMIT = 10.0

#: The options of a connection. Those after `write_limit` are passed on by the official package, too, which does not
#: name them; `idle_timeout` is ours.
_OPTIONS = frozenset((
    "extensions", "subprotocols", "compression", "max_size", "max_queue", "write_limit", "open_timeout",
    "close_timeout", "ping_interval", "ping_timeout", "idle_timeout", "resume", "audio",
))  # fmt: skip

#: The events whose `delta` is sound, of all parts of the API.
_SOUND = ("response.audio.delta", "response.output_audio.delta", "session.output_audio.delta")

_plans: dict[Any, Plan] = {}


class Opening:
    """A connection that is to be opened, and may be opened again with another query and other headers."""

    def __init__(
        self,
        client: APIClient,
        path: str,
        query: Mapping[str, object],
        options: Mapping[str, Any],
        event: Any,
        headers: Mapping[str, str],
        *,
        required: Mapping[str, object],
        follows_redirects: bool,
    ) -> None:
        """`query` and `headers` are those of the part of the API; `event` is the type of what the server sends.

        What is `required` in the query cannot be changed by the caller.

        Raises:
            TypeError: there is no such option.
            ValueError: another extension than permessage-deflate is asked for, an unknown compression, or `audio` as
                something that there is not.
        """
        if unknown := [name for name in options if name not in _OPTIONS]:
            raise TypeError(
                f"websocket_connection_options has no `{unknown[0]}`; it has {', '.join(sorted(_OPTIONS))}."
            )
        self._binary = _binary(options.get("audio"))
        self._deflate = _deflate(options)
        self._client, self._path, self._query, self._options = client, path, query, options
        self._event, self._headers, self._required = event, headers, required
        self._follows = follows_redirects

    def operation(self, extra_headers: Any) -> Operation:
        """Return the handshake as an operation."""
        headers = {**self._headers, **extra_headers}
        # As in the official package, it is the server that refuses who has no key.
        security = (*BEARER, ANONYMOUS)
        return Operation("GET", self._path, {"extra_headers": headers, "cast_to": None, "security": security})

    def start(self, operation: Operation, extra_query: Any, key: str | None) -> Pending:
        """Start the handshake."""
        client, options = self._client, self._options
        limits = limits_of(client.timeout)
        fields, _ = client.header_fields(operation, None, key)
        if subprotocols := options.get("subprotocols"):
            fields = [*fields, ("sec-websocket-protocol", ", ".join(subprotocols))]
        base_url, path = client.target(operation)
        if client.websocket_base_url is not None:
            base_url = str(client.websocket_base_url)
        base_url, _, own = base_url.partition("?")
        wanted = {**self._query, **by_name(extra_query), **self._required}
        if pairs := _merged(client.query_with({}), own, wanted):
            path += "?" + urlencode(pairs)
        self.url = base_url.rstrip("/") + path
        return client.native.connect(
            base_url,
            path,
            None,
            fields,
            (*limits, options.get("open_timeout", _OPEN_LIMIT)),
            _bounds(options),
            self._follows,
            self._deflate,
        )

    def opened(self, outcome: Any) -> Any:
        """Return the socket of an accepted handshake.

        Raises:
            APIError: it failed, as a call fails.
        """
        if isinstance(outcome, Failure):
            raise handshake_error(outcome, self.url, follows=self._follows)
        _send_at_exit()
        plan = _plans.get(self._event)
        if plan is None:
            from .._construct import construct_type

            plan = _plans[self._event] = Plan(self._event, construct_type)
        return outcome.socket(plan, self._binary)

    def open(self, extra_query: Any, extra_headers: Any) -> Socket:
        """Open the connection, once."""
        client, key, operation = self._client, None, self.operation(extra_headers)
        if client.asks_for_key(operation.security):
            from .._key_source import fresh_key

            key = fresh_key(client, operation)
        return Socket(self.opened(self.start(operation, extra_query, key).wait()))

    async def async_open(self, extra_query: Any, extra_headers: Any) -> AsyncSocket:
        """Do what `open` does."""
        client, key, operation = self._client, None, self.operation(extra_headers)
        if client.asks_for_key(operation.security):
            from .._key_source import async_fresh_key

            key = await async_fresh_key(client, operation)
        return AsyncSocket(self.opened(await self.start(operation, extra_query, key)))


@cache
def _send_at_exit() -> None:
    """Give what waits to be sent when the program ends five seconds: what sends it ends with the program."""
    atexit.register(send_rest, 5.0)


def _bounds(options: Mapping[str, Any]) -> tuple[Any, ...]:
    held, waiting = map(_upper, (options.get("max_queue"), options.get("write_limit")))
    # As in `websockets`, a connection is kept alive, and found to be dead, unless these say None.
    ping, pong = options.get("ping_interval", 20.0), options.get("ping_timeout", 20.0)
    return (
        None, held, waiting, options.get("max_size"), options.get("close_timeout"), ping, pong,
        options.get("idle_timeout"),
    )  # fmt: skip


def _deflate(options: Mapping[str, Any]) -> str | None:
    """Return the value of `Sec-WebSocket-Extensions`, for the options `extensions`, `compression` and `max_size`.

    An extension is a factory of `websockets`, or has its `name` and `get_request_params`. As in the official package
    messages of any size are not compressed unless the caller asks for it.

    Raises:
        ValueError: it is another extension, there is more than one, or the compression is unknown.
    """
    compression = options.get("compression", None if options.get("max_size") is None else "deflate")
    if compression not in (None, "deflate"):
        raise ValueError(f'`compression` is {compression!r}; give "deflate" or None.')
    extensions: list[Any] = list(options.get("extensions") or ())
    if not extensions:
        return "permessage-deflate; client_max_window_bits" if compression else None
    names: list[Any] = [getattr(extension, "name", extension) for extension in extensions]
    if names != ["permessage-deflate"]:
        raise ValueError(f"`extensions` has {names}; tailrace speaks permessage-deflate, once, and no other.")
    parameters = extensions[0].get_request_params()
    return "; ".join([*names, *(name if value is None else f"{name}={value}" for name, value in parameters)])


def _binary(audio: Any) -> Any:
    """Return which base64 becomes bytes, for the option `audio`: "bytes", or "numpy" for arrays of 16-bit samples.

    Raises:
        ValueError: it is something else.
    """
    if audio is None:
        return None
    events = [(event, "delta") for event in _SOUND]
    if audio == "bytes":
        return ("type", events, 1, None)
    if audio != "numpy":
        raise ValueError(f'`audio` is {audio!r}; give "bytes", or "numpy" for PCM of 16 bits.')
    from functools import partial

    import numpy as np

    return ("type", events, 2, partial(np.frombuffer, dtype="<i2"))


def _upper(marks: Any) -> Any:
    """Return the upper of two marks, or the only one."""
    return marks[0] if isinstance(marks, tuple) else marks  # pyright: ignore[reportUnknownVariableType]


def _merged(default: Mapping[str, Any], own: str, wanted: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return a query: the default one, that of the URL over it, and over both what was asked for."""
    # The default one is written as for a call: a list is marked, None is left out.
    pairs = [pair for name, value in default.items() if value is not None for pair in _pairs(name, value, "[]")]
    given = parse_qsl(own, keep_blank_values=True)
    names = {name for name, _ in given}
    pairs = [pair for pair in pairs if pair[0] not in names] + given
    for name, value in wanted.items():
        pairs = [pair for pair in pairs if pair[0] != name and not pair[0].startswith(f"{name}[")]
        pairs += _pairs(name, value, "")
    return pairs


def by_name(query: Any) -> dict[str, Any]:
    """Return a query by name; one of httpx, which may have a name twice, with lists."""
    if not hasattr(query, "multi_items"):
        return dict(query)
    found: dict[str, Any] = {}
    for name, value in query.multi_items():
        found.setdefault(name, []).append(value)
    return found


def _pairs(name: str, value: Any, mark: str) -> Iterator[tuple[str, str]]:
    """Yield a value as the official package writes it in a handshake: a list repeats its name, None is empty."""
    if isinstance(value, (Omit, NotGiven)):
        return
    if isinstance(value, dict):
        for key, member in cast("dict[Any, Any]", value).items():
            if member is not None:
                yield from _pairs(f"{name}[{key}]", member, mark)
    elif type(value) in (list, tuple):
        for item in value:
            yield from _pairs(name + mark, item, mark)
    else:
        yield (name, "" if value is None else str(value).lower() if isinstance(value, bool) else str(value))
