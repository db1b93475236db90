"""What a run saves of itself, so that another one can go on from it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Generator
from typing import Any, cast
from urllib.parse import urlsplit, urlunsplit

from .inspection import SERVER_ITEMS
from .lanes import require_value
from .plain_json import SAFE_INTEGER, copied
from .request import is_server_tool

__all__ = ["Ledger", "saved_tools"]

#: Parameters of an address that are secret, without the signs between their words.
_SECRETS = frozenset((
    "accesstoken", "apikey", "authtoken", "authorization", "clientsecret", "idtoken", "password", "refreshtoken",
    "sessionid", "sessiontoken", "sig", "signature", "token", "xamzcredential", "xamzsecuritytoken", "xamzsignature",
    "xapikey",
))  # fmt: skip


class Ledger:
    """Saves a checkpoint at each place where a run may be cut off."""

    def __init__(
        self, ledger: Any, identity: dict[str, Any], dispatch: Any, history: list[Any], revision: int, *, is_async: bool
    ) -> None:
        """Save what is in `history` and `dispatch`, which grow, with `identity`, which stays."""
        self._ledger = ledger
        self._identity = identity
        self._dispatch = dispatch
        self._history = history
        self._revision = revision
        self._is_async = is_async
        self._requests = 0
        self._saved = 0
        self._items: list[dict[str, Any]] = []
        self._outputs: list[dict[str, Any]] = []

    @property
    def _has_server(self) -> bool:
        return any(is_server_tool(tool["type"]) for tool in self._identity["tools"])

    def ask(self, requests: int) -> Generator[Any, Any, None]:
        """Save before a request. What a server does in it cannot be known if it is cut off."""
        self._requests = requests
        self._items, self._outputs = [], []
        yield from self._save("pending" if self._has_server else "boundary")

    def collect(self, item: dict[str, Any]) -> Generator[Any, Any, None]:
        """Take an item that came; the first of an answer and those of servers are saved at once."""
        self._items.append(item)
        if len(self._items) == 1 or not item.get("type", "").startswith(("message", "reasoning", "function", "comp")):
            yield from self._save("pending")

    def receive(self, items: list[dict[str, Any]]) -> Generator[Any, Any, None]:
        """Save an answer that cannot be acted upon, where a server has not done what it began."""
        if any(item.get("type") in SERVER_ITEMS and item.get("status", "completed") != "completed" for item in items):
            yield from self.inspect(items, None)

    def inspect(self, items: list[dict[str, Any]], final: dict[str, Any] | None) -> Generator[Any, Any, None]:
        """Save after the whole answer was looked at; `final` is the response that ends the run."""
        is_saved = final is None and self._saved == len(items)
        self._items = items if final is None else []
        if is_saved:
            return
        yield from self._save("pending" if final is None else "final", final)

    def attempt(self) -> Generator[Any, Any, None]:
        """Save before something is done about a call."""
        yield from self._save("pending")

    def finish(self, output: dict[str, Any]) -> Generator[Any, Any, None]:
        """Save after it."""
        self._outputs.append(output)
        yield from self._save("pending")

    def settle(self) -> Generator[Any, Any, None]:
        """Save after all outputs became part of the history."""
        self._items, self._outputs = [], []
        yield from self._save("boundary")

    def _save(self, phase: str, final: dict[str, Any] | None = None) -> Generator[Any, Any, None]:
        if self._revision >= SAFE_INTEGER:
            raise OverflowError("A ledger cannot count its next checkpoint.")
        self._revision += 1
        self._saved = len(self._items)
        checkpoint = {
            "version": 1,
            "run_id": self._ledger.run_id,
            "revision": self._revision,
            "phase": phase,
            **self._identity,
            "consumed_requests": self._requests,
            "history": self._history,
            "attempted_call_ids": self._dispatch.attempted,
            "returned_call_ids": self._dispatch.completed,
            "pending_items": self._items,
            "returned_outputs": self._outputs,
            "final_response": final,
        }
        saved = self._ledger.save(json.loads(json.dumps(checkpoint, allow_nan=False)))
        require_value(saved, is_async=self._is_async)
        yield saved


def saved_tools(tools: Any) -> Any:
    """Return tools as they are saved: without credentials, and with a fingerprint for the address of a server.

    Raises:
        ValueError: an address is none.
    """
    return [_saved_tool(tool) for tool in copied(tools)]


def _saved_tool(tool: Any) -> Any:
    if not isinstance(tool, dict):
        return tool
    own = cast("dict[str, Any]", tool)
    if own.get("type") == "mcp":
        own.pop("authorization", None)
        own.pop("headers", None)
        if isinstance(own.get("server_url"), str):
            own["server_url"] = _fingerprint(own["server_url"])
    container: Any = own.get("container")
    policy: Any = cast("dict[str, Any]", container).get("network_policy") if isinstance(container, dict) else None
    if isinstance(policy, dict):
        secrets: list[dict[str, Any]] = cast("dict[str, Any]", policy).get("domain_secrets") or []
        for secret in secrets:
            secret["value"] = ""
    return own


def _fingerprint(url: str) -> str:
    """Return what is the same for an address whatever its credentials; it tells nothing of it."""
    scheme, place, path, query, _ = urlsplit(url)
    if not scheme or not place:
        raise ValueError("An MCP server needs the URL of its place.")
    public = "&".join(_public(part) for part in query.split("&"))
    address = urlunsplit((scheme, place.rpartition("@")[2], path, public, ""))
    return "sha256:" + hashlib.sha256(address.encode()).hexdigest()


def _public(part: str) -> str:
    name, sign, _ = part.partition("=")
    is_secret = name.lower().replace("-", "").replace("_", "") in _SECRETS
    return f"{name}{sign}***" if sign and is_secret else part
