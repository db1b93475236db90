"""Runs what an answer asks for: functions, the browser, the computer, and approvals of tools on other servers."""

from __future__ import annotations

import json
import time
from asyncio import CancelledError
from collections.abc import Generator
from functools import partial
from typing import TYPE_CHECKING, Any, NoReturn

from ..._construct import construct_type
from ...types.responses.response_computer_tool_call import ResponseComputerToolCall
from ...types.responses.response_function_tool_call import ResponseFunctionToolCall
from ...types.responses.response_output_item import McpApprovalRequest
from .._parsing._responses import parse_function_tool_arguments
from .._tool_lifecycle import invoke
from ..tool_diagnostics import emit_tool_diagnostic
from .lanes import require_value
from .outputs import own_output
from .plain_json import require_plain
from .stop import CANCELLED, RunnerStop

if TYPE_CHECKING:
    from .approvals import Approvals
    from .ledger import Ledger
    from .registry import OwnFunction, Registry
    from .run import RunOptions

__all__ = ["Dispatch", "json_object", "own_call"]

_VERDICT = "MCP approval must return True or False."

_AWAITABLE = "A synchronous function returned an awaitable; use AsyncRegisteredFunction with AsyncResponsesToolRunner."


def own_call(item: dict[str, Any]) -> Any:
    """Return a call as an object of its own, which whoever gets it may change."""
    kind = ResponseFunctionToolCall if item["type"] == "function_call" else ResponseComputerToolCall
    return construct_type(kind, json.loads(json.dumps(item)))


class Dispatch:
    """What was begun and what ended in one run.

    Attributes:
        attempted: Ids of calls that were begun, also of those that failed.
        completed: Ids of calls that gave an output.
        ledger: Where it is saved what was begun and what has ended; None when it is not.
    """

    def __init__(self, registry: Registry, options: RunOptions, approvals: Approvals, *, is_async: bool) -> None:
        self.attempted: list[str] = []
        self.completed: list[str] = []
        self.ledger: Ledger | None = None
        self._registry = registry
        self._options = options
        self._approvals = approvals
        self._is_async = is_async
        self._arguments: dict[str, Any] = {}
        self._is_browser_off = False
        self.tell = partial(emit_tool_diagnostic, options.on_diagnostic, "responses")

    def check(self) -> None:
        """Raise `RunnerStop` when the run was cancelled."""
        cancelled = self._options.cancelled
        if cancelled is not None and cancelled():
            raise RunnerStop(CANCELLED)

    def new_answer(self) -> None:
        """Forget the calls of the last answer."""
        self._arguments.clear()
        self._is_browser_off = False

    def prepare(self, item: dict[str, Any]) -> None:
        """Read the arguments of a call, unless that was done. Raises what reading them raises."""
        own = self._registry.functions.get(item.get("name", "")) if item["type"] == "function_call" else None
        if own is None or item["call_id"] in self._arguments:
            return
        began = time.monotonic()
        try:
            self._arguments[item["call_id"]] = _arguments_of(own, item)
        except Exception:
            self.tell("arguments", "invalid_input", began, call_id=item["call_id"], member=item["name"])
            raise

    def skip(self, item: dict[str, Any], output: dict[str, Any]) -> Generator[Any, Any, None]:
        """Count a call that the caller has answered."""
        yield from self._begin(item["call_id"])
        yield from self._end(item["call_id"], output)

    def run(self, item: dict[str, Any]) -> Generator[Any, Any, dict[str, Any]]:
        """Do what one item asks for and return the answer to it."""
        id_: str = item["id"] if item["type"] == "mcp_approval_request" else item["call_id"]
        self.check()
        yield from self._begin(id_)
        self.check()
        if item["type"] == "mcp_approval_request":
            return (yield from self._end(id_, (yield from self.approve(item))))
        if item["type"] == "computer_call":
            return (yield from self._end(id_, (yield self._use_computer(item))))
        if item["name"] in self._registry.functions:
            return (yield from self._end(id_, (yield from self.call(item))))
        output, is_done = yield self._use_browser(item)
        output = yield from self._end(id_, output)
        if not is_done and self.ledger is not None:
            raise RunnerStop("Browser result requires reconciliation before another call.")
        self._is_browser_off = self._is_browser_off or not is_done
        return output

    def call(self, item: dict[str, Any]) -> Generator[Any, Any, dict[str, Any]]:
        """Run a function."""
        own = self._registry.functions[item["name"]]
        tell = partial(self.tell, call_id=item["call_id"], member=item["name"])
        self.prepare(item)
        arguments = self._arguments[item["call_id"]]
        began = time.monotonic()
        try:
            value = yield self._given(invoke(own.execute, arguments, cancelled=self._options.cancelled), _AWAITABLE)
        except (Exception, CancelledError):
            tell("action", "driver_failed", began)
            raise
        # What the function keeps is its own: an observer may change it.
        try:
            output, error = own_output(value), None
        except ValueError as refused:
            output, error = None, refused
        tell("action", "completed", began)
        if error is not None:
            tell("output", "invalid_output", began)
            raise error
        return {"type": "function_call_output", "call_id": item["call_id"], "output": output}

    def approve(self, request: dict[str, Any]) -> Generator[Any, Any, dict[str, Any]]:
        """Ask the caller whether a tool of another server may run."""
        tell = partial(self.tell, call_id=request["id"], member=request["name"])
        approve = self._options.approve_mcp
        if approve is None:
            raise RunnerStop("MCP approval requires an application callback.")
        began = time.monotonic()
        verdict = yield self._given(approve(construct_type(McpApprovalRequest, dict(request))), _VERDICT)
        if verdict is not True and verdict is not False:
            raise RunnerStop(_VERDICT)
        tell("approval", "completed" if verdict else "refused", began)
        self.check()
        if verdict:
            self._approvals.allow(request["id"])
        return {"type": "mcp_approval_response", "approval_request_id": request["id"], "approve": verdict}

    def _given(self, value: Any, message: str) -> Any:
        require_value(value, message, is_async=self._is_async)
        return value

    def _use_computer(self, item: dict[str, Any]) -> Any:
        options = self._options
        return self._registry.computer.execute(
            own_call(item),
            approve_safety_checks=options.approve_safety_checks,
            before_action=options.before_action,
            cancelled=options.cancelled,
            on_diagnostic=options.on_diagnostic,
        )

    def _use_browser(self, item: dict[str, Any]) -> Any:
        options = self._options
        return self._registry.browser._execute(
            own_call(item), skip=self._is_browser_off, cancelled=options.cancelled, on_diagnostic=options.on_diagnostic
        )

    def _begin(self, id_: str) -> Generator[Any, Any, None]:
        self.attempted.append(id_)
        if self.ledger is not None:
            yield from self.ledger.attempt()

    def _end(self, id_: str, output: dict[str, Any]) -> Generator[Any, Any, dict[str, Any]]:
        self.completed.append(id_)
        if self.ledger is not None:
            yield from self.ledger.finish(output)
        return output


def _arguments_of(own: OwnFunction, item: dict[str, Any]) -> Any:
    if own.parsed_tool is not None:
        parsed = parse_function_tool_arguments(input_tools=[own.parsed_tool], function_call=own_call(item))
        if parsed is None:
            raise RunnerStop("Typed function arguments were not parsed.")
        return parsed
    return json_object(item["arguments"])


def json_object(text: str) -> dict[str, Any]:
    """Return the arguments of a function. Raises `ValueError` unless they are an object of JSON."""
    value: Any = json.loads(text, parse_constant=_no_constant)
    if not isinstance(value, dict):
        raise ValueError("Function arguments must be an object.")
    require_plain(value)  # pyright: ignore[reportUnknownArgumentType]
    return value  # pyright: ignore[reportUnknownVariableType]


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON.")
