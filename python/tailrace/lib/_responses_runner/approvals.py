"""Permissions for tools of other servers: who has to ask, what was allowed, and that it is used once."""

from __future__ import annotations

from typing import Any, Literal, cast

from .stop import RunnerStop

__all__ = ["Approvals", "rule_for"]

_UNMATCHED = "Server tool did not match its approval."


def rule_for(tool: dict[str, Any], name: str) -> Literal["always", "never", "either"]:
    """Say whether a server asks before it runs its tool `name`; it does unless it was told not to."""
    rule: Any = tool.get("require_approval")
    if not isinstance(rule, dict):
        return "never" if rule == "never" else "always"
    filters = cast("dict[str, Any]", rule)
    always = _names(filters["always"], name) if "always" in filters else None
    never = _names(filters["never"], name) if "never" in filters else None
    if filters.keys() == {"always"} and always is not None:
        return "always" if always else "never"
    if filters.keys() == {"never"} and never is not None:
        return "never" if never else "always"
    if (always, never) in ((True, False), (False, True)):
        return "always" if always else "never"
    return "either"


def _names(filter_: Any, name: str) -> bool | None:
    """Whether a filter names a tool; an empty one names all, and of one that asks for more it cannot be told here."""
    if not isinstance(filter_, dict):
        return None
    fields = cast("dict[str, Any]", filter_)
    if not fields.keys() <= {"tool_names"}:
        return None
    return not fields or name in (fields["tool_names"] or [])


class Approvals:
    """What was asked for and allowed in one run."""

    def __init__(self) -> None:
        self._asked: dict[str, dict[str, Any]] = {}
        self._allowed: set[str] = set()

    def ask(self, request: dict[str, Any]) -> None:
        """Take a request of a server. Raises `ValueError` when one of this id was there before."""
        if request["id"] in self._asked:
            raise ValueError("An approval request has the id of another one.")
        self._asked[request["id"]] = request

    def allow(self, id_: str) -> None:
        """Let a later answer hold the call that was asked for."""
        self._allowed.add(id_)

    def use(self, call: dict[str, Any]) -> None:
        """Take a call that was allowed. Raises `RunnerStop` when it was not, or was made before."""
        id_ = call.get("approval_request_id")
        request = self._asked.get(str(id_))
        if id_ is None or request is None or id_ not in self._allowed:
            raise RunnerStop(_UNMATCHED)
        if any(request.get(name) != call.get(name) for name in ("server_label", "name", "arguments")):
            raise RunnerStop(_UNMATCHED)
        self._allowed.discard(id_)

    def take_history(self, history: list[Any]) -> list[dict[str, Any]]:
        """Read what a history says, and return the requests that were allowed and not used: ask for them again.

        Raises:
            ValueError: a call was not allowed, or a request has not exactly one answer.
        """
        open_: set[str] = set()
        for item in history:
            kind = item.get("type")
            if kind == "mcp_approval_request":
                self.ask(item)
                open_.add(item["id"])
            elif kind == "mcp_approval_response":
                id_ = item.get("approval_request_id")
                if id_ not in open_:
                    raise ValueError("Replay MCP approval does not match one pending original request.")
                open_.discard(id_)
                if item.get("approve") is True:
                    self.allow(id_)
            elif kind == "mcp_call" and item.get("approval_request_id") is not None:
                try:
                    self.use(item)
                except RunnerStop:
                    raise ValueError("MCP execution has no matching approved original request.") from None
        if open_:
            raise ValueError("Replay history contains unresolved calls.")
        pending = [request for id_, request in self._asked.items() if id_ in self._allowed]
        self._allowed.clear()
        return pending
