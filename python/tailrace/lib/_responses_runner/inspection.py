"""What an answer may hold that a runner acts upon: looked at as a whole before anything is done."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

from .._computer.call import own_call as checked_call
from .._replay import is_native
from .approvals import Approvals, rule_for
from .dispatch import own_call
from .registry import Registry
from .request import COMPUTERS
from .stop import RunnerStop

__all__ = ["CALLS", "SERVER_ITEMS", "Inspection"]

#: Items of tools that run on the server, and the tools that they come from.
SERVER_ITEMS = {
    "web_search_call": "web_search",
    "file_search_call": "file_search",
    "code_interpreter_call": "code_interpreter",
    "image_generation_call": "image_generation",
    "mcp_call": "mcp",
    "mcp_list_tools": "mcp",
    "mcp_approval_request": "mcp",
}
#: Calls that are answered here.
CALLS = frozenset(("function_call", "computer_call"))

_NO_METADATA = "Function was not registered or lacks native metadata."
_SERVER = "Server tool did not complete or match its declaration and approval."
_EXCLUDED = "Response contains a local tool excluded by tool_choice."


class Inspection:
    """Looks at the items of the answers of one run; it remembers ids and permissions from one answer to the next."""

    def __init__(self, registry: Registry, request: dict[str, Any], history: Iterable[Any]) -> None:
        """Look at answers to `request`, which must not use the ids of `history` again."""
        self.approvals = Approvals()
        self._registry = registry
        self._tools: list[dict[str, Any]] = request["tools"]
        self._choice: Any = request.get("tool_choice")
        self._ids: set[str] = set()
        self._calls: set[str] = set()
        for item in history:
            if isinstance(item, dict):
                fields = cast("dict[str, Any]", item)
                self._ids.update([fields["id"]] if isinstance(fields.get("id"), str) and fields["id"] else [])
                self._calls.update([fields["call_id"]] if isinstance(fields.get("call_id"), str) else [])

    def take(self, item: dict[str, Any]) -> bool:
        """Look at one item of an answer and say whether it is waited for.

        Raises:
            RunnerStop: a runner cannot act upon it.
            ComputerUseError: a call of the computer is none.
        """
        kind = item.get("type")
        self._claim_id(item)
        if kind == "function_call":
            self._check_function(item)
        elif kind == "computer_call":
            if self._registry.computer is None or item.get("status") != "completed":
                raise RunnerStop("Incomplete or unregistered computer call.")
            checked_call(own_call(item))
        elif kind == "message":
            if item.get("status") != "completed":
                raise RunnerStop("Response message did not complete.")
        elif kind in SERVER_ITEMS:
            self._check_server(item, str(kind))
        elif kind not in ("reasoning", "compaction"):
            raise RunnerStop("Response contains a tool the runner cannot execute.")
        if kind in CALLS:
            self._claim_call(item, str(kind))
        return kind in CALLS or kind == "mcp_approval_request"

    def check_permitted(self, item: dict[str, Any]) -> None:
        """Raise `RunnerStop` when a tool of another server is one that the request does not let the model call."""
        tool = self._tool(item)
        name = str(item.get("name"))
        if not self._is_chosen("mcp", item):
            raise RunnerStop(_EXCLUDED)
        allowed: Any = tool.get("allowed_tools")
        names: Any = cast("dict[str, Any]", allowed).get("tool_names") if isinstance(allowed, dict) else allowed
        if names is not None and name not in names:
            raise RunnerStop("MCP response names a tool excluded by allowed_tools.")

    def _claim_id(self, item: dict[str, Any]) -> None:
        id_ = item.get("id")
        if not id_ or not isinstance(id_, str):
            return
        if id_ in self._ids:
            raise RunnerStop("Response output item IDs must be unique across the run.")
        self._ids.add(id_)

    def _claim_call(self, item: dict[str, Any], kind: str) -> None:
        call_id = item.get("call_id")
        if not isinstance(call_id, str) or call_id in self._calls:
            raise RunnerStop("Tool call ID is missing or duplicate.")
        if not self._is_chosen(kind.removesuffix("_call"), item):
            raise RunnerStop(_EXCLUDED)
        self._calls.add(call_id)

    def _check_function(self, item: dict[str, Any]) -> None:
        name = item.get("name")
        own = self._registry.functions.get(str(name))
        # What says nothing that could be wrong is missing is said of its own.
        whole = {"call_id": "", "arguments": "", **item}
        if not isinstance(name, str) or not (own or name in self._registry.members) or not is_native(whole):
            raise RunnerStop(_NO_METADATA)
        if item.get("namespace", name) != name:
            raise RunnerStop("Function namespace does not match its registration.")
        if item.get("status", "completed") != "completed":
            raise RunnerStop("Tool call did not complete.")
        callers: Any = own.tool.get("allowed_callers") if own is not None else None
        if callers is None:
            return
        caller: dict[str, Any] = item.get("caller") or {"type": "direct"}
        kind = "programmatic" if caller["type"] == "program" else "direct"
        if not isinstance(callers, list) or kind not in callers:
            raise RunnerStop("Function caller is excluded by allowed_callers.")

    def _tool(self, item: dict[str, Any]) -> dict[str, Any]:
        kind = SERVER_ITEMS[str(item["type"])]
        for tool in self._tools:
            is_kind = tool["type"] == kind or (kind == "web_search" and tool["type"].startswith("web_search_"))
            if is_kind and (kind != "mcp" or tool["server_label"] == item.get("server_label")):
                return tool
        raise RunnerStop(_SERVER)

    def _check_server(self, item: dict[str, Any], kind: str) -> None:
        tool = self._tool(item)
        is_done = item.get("status", "completed" if tool["type"] == "mcp" else None) == "completed"
        if not is_done or not is_native(item) or not _is_of(item, tool):
            raise RunnerStop(_SERVER)
        if kind == "mcp_list_tools":
            return
        if tool["type"] != "mcp":
            if not self._is_chosen(SERVER_ITEMS[kind], item):
                raise RunnerStop("Response contains a server tool excluded by tool_choice.")
            return
        self.check_permitted(item)
        rule = rule_for(tool, str(item.get("name")))
        if kind == "mcp_approval_request":
            if rule == "never":
                raise RunnerStop("MCP approval request contradicts require_approval.")
            self.approvals.ask(item)
        elif item.get("approval_request_id") is not None:
            self.approvals.use(item)
        elif rule == "always":
            raise RunnerStop("MCP call requires a matching approval request.")

    def _is_chosen(self, kind: str, item: dict[str, Any]) -> bool:
        """Whether the request lets the model call this tool."""
        choice: Any = self._choice
        if choice is None or choice in ("auto", "required"):
            return True
        if not isinstance(choice, dict):
            return False
        fields = cast("dict[str, Any]", choice)
        chosen: Any = fields.get("tools") or [] if fields.get("type") == "allowed_tools" else [fields]
        return any(_names(one, kind, item) for one in chosen)


def _names(chosen: dict[str, Any], kind: str, item: dict[str, Any]) -> bool:
    named = str(chosen.get("type"))
    if kind == "function":
        return named == "function" and chosen.get("name") == item.get("name")
    if kind == "mcp":
        is_server = named == "mcp" and chosen.get("server_label") == item.get("server_label")
        return is_server and chosen.get("name") in (None, item.get("name"))
    if kind == "computer":
        return named in COMPUTERS
    return named == kind or (kind == "web_search" and named.startswith("web_search_"))


def _is_of(item: dict[str, Any], tool: dict[str, Any]) -> bool:
    """Whether what ran in a container ran in the one that was chosen."""
    container = tool.get("container")
    return not isinstance(container, str) or item.get("container_id") == container
