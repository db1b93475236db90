"""Does what a call of a browser asks for, and tells the model the state of the tabs after it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Generator
from copy import deepcopy
from typing import Any, Literal

import pydantic

from .._replay import plain
from .._tool_lifecycle import invoke, not_awaitable
from ..tool_diagnostics import ToolDiagnosticObserver, emit_tool_diagnostic
from .arguments import read_arguments
from .error import BrowserCancelledError, BrowserError
from .members import NAVIGATIONS, READ_ONLY
from .results import ACTION_RESULT, own_result
from .selection import Selection
from .state import own_state

__all__ = ["BrowserExecution"]

_Steps = Generator[Any, Any, Any]
_Output = tuple[dict[str, Any], bool]
_Stage = Literal["arguments", "approval", "action"]

_FAILED: dict[_Stage, tuple[Any, Any]] = {
    "arguments": ("invalid_input", "invalid_input"),
    "approval": ("refused", "policy_failed"),
    "action": ("driver_failed", "driver_failed"),
}
_IMAGES = ("screenshot", "zoom")
_FILES = ("upload_file", "download_file")
_UNSTATED = object()
#: Only answers tell who made an item, and what its arguments were parsed to.
_UNSENT = ("created_by", "parsed_arguments")


class BrowserExecution:
    """One use of a toolset: its steps yield what the driver and the policies return, and get it back awaited."""

    def __init__(
        self,
        toolset: Any,
        selection: Selection,
        cancelled: Callable[[], bool] | None,
        on_diagnostic: ToolDiagnosticObserver | None,
        *,
        is_async: bool,
    ) -> None:
        self._toolset, self._selection = toolset, selection
        self._cancelled, self._observer, self._is_async = cancelled, on_diagnostic, is_async
        self._call_id = ""
        self._confirm: Any = None
        self._url_policy: Any = None
        self._failure: str | None = None

    def output(self, call: Any, skip: bool) -> Generator[Any, Any, _Output]:
        """Return the output of a call, and whether it did what it asked for.

        Args:
            call: A call of a function.
            skip: Do nothing, because an earlier call failed.

        Raises:
            BrowserError: the tool was not selected.
            BrowserCancelledError: the caller cancelled.
            RuntimeError: what the driver reports cannot be told, or a policy cannot be read.
            ValueError: the call holds what JSON cannot say.
        """
        own = _own_call(call)
        self._call_id = own["call_id"]
        name = str(own.get("name"))
        member = name.removeprefix("browser_") if name.startswith("browser_") else ""
        if self._selection.is_disabled(member):
            raise BrowserError("Browser tool is disabled.")
        is_whole = own.get("type") == "function_call" and own.get("status") in (None, "completed")
        if not is_whole or member not in self._selection.names:
            self._tell("arguments", "invalid_input", time.monotonic(), None)
            return self._refused(json.dumps({"ok": False, "error": "Browser tool is unavailable or incomplete."}))
        self._check()
        text = own.get("arguments")
        if member in self._selection.protected and (skip or not (yield from self._may_read(member, text))):
            return self._refused('{"ok":false,"error":"Browser read was not approved."}')
        if not skip:
            self._look_up_policies(member)
        read_state = self._state_reader()
        state = yield from self._state(read_state, None)
        if skip:
            return self._told(state, error="Not executed: an earlier browser action in this turn failed.")
        result, error = yield from self._attempted(member, text, state)
        self._check()
        state = yield from self._state(read_state, state.get("observation"))
        if error is not None:
            return self._told(state, error=error)
        if member in _IMAGES:
            output, is_done = self._told(state)
            output["output"].append(result)
            return output, is_done
        if self._failure is not None:
            raise RuntimeError(self._failure)
        return self._told(state, result=result, ok=member not in _FILES or result["status"] == "completed")

    def _check(self) -> None:
        if self._cancelled is not None and self._cancelled():
            raise BrowserCancelledError("Browser execution was cancelled.")

    def _tell(self, stage: _Stage, reason: Any, began: float, member: str | None) -> None:
        emit_tool_diagnostic(self._observer, "browser", stage, reason, began, call_id=self._call_id, member=member)

    def _refused(self, text: str) -> _Output:
        return self._message(text), False

    def _told(
        self, state: dict[str, Any], *, error: str | None = None, result: Any = _UNSTATED, ok: bool = True
    ) -> _Output:
        told: dict[str, Any] = {"ok": ok and error is None, "state": state}
        if error is not None:
            told["error"] = error
        elif result is not _UNSTATED:
            told["result"] = result
        return self._message(json.dumps(told)), told["ok"]

    def _message(self, text: str) -> dict[str, Any]:
        content = [{"type": "input_text", "text": text}]
        return {"type": "function_call_output", "call_id": self._call_id, "output": content}

    def _asked(self, function: Callable[..., Any], *arguments: Any) -> _Steps:
        """Call a function of the caller's. Raises `TypeError` for a blocking one that returns an awaitable."""
        value = yield invoke(function, *arguments, cancelled=self._cancelled)
        if not self._is_async and not not_awaitable(value):
            raise TypeError("A function of a blocking toolset returned an awaitable.")
        return value

    def _approved(self, function: Any, *arguments: Any) -> _Steps:
        if function is None:
            return False
        verdict = yield invoke(function, *arguments, cancelled=self._cancelled)
        if not self._is_async:
            not_awaitable(verdict)
        self._check()
        return verdict is True

    def _may_read(self, member: str, text: object) -> _Steps:
        """Ask for a read before anything is read, the tabs included."""
        began = time.monotonic()
        reason = "policy_failed"
        try:
            context: dict[str, Any] = {"member": member, "arguments": read_arguments(member, text), "state": None}
            context.update({"call_id": self._call_id, "phase": "before_read"})
            if (yield from self._approved(self._toolset.confirm, context)):
                self._tell("approval", "completed", began, member)
                return True
            reason = "refused"
        except Exception:  # noqa: BLE001 - What a policy raises may tell what was to be read.
            if self._is_cancelled():
                reason = "cancelled"
        self._tell("approval", reason, began, member)
        if reason == "cancelled":
            raise BrowserCancelledError("Browser execution was cancelled.")
        return False

    def _is_cancelled(self) -> bool:
        return self._cancelled is not None and bool(self._cancelled())

    def _look_up_policies(self, member: str) -> None:
        """Take the policies that this tool needs, so that nothing that is changed meanwhile changes them."""
        try:
            self._confirm = None if member in READ_ONLY else self._toolset.confirm
            self._url_policy = self._toolset.url_policy if member in NAVIGATIONS else None
        except Exception:  # noqa: BLE001 - The error may tell how the caller is set up.
            raise RuntimeError("Browser policy lookup failed.") from None

    def _state_reader(self) -> Any:
        try:
            return self._toolset.driver.state
        except Exception:  # noqa: BLE001 - The error may tell what a page shows.
            raise RuntimeError("Browser state report failed.") from None

    def _state(self, read: Any, previous: dict[str, Any] | None) -> Generator[Any, Any, dict[str, Any]]:
        own: dict[str, Any] | None = None
        try:
            value = yield read()
            if self._is_async or not_awaitable(value):
                own = own_state(value, previous)
        except Exception:  # noqa: BLE001 - The error may tell what a page shows.
            own = None
        self._check()
        if own is None:
            raise RuntimeError("Browser state report failed.")
        self._check()
        return own

    def _attempted(
        self, member: str, text: object, state: dict[str, Any]
    ) -> Generator[Any, Any, tuple[Any, str | None]]:
        """Return what a tool returned, or, as the second, what the model is told of why it did not."""
        stage: _Stage = "arguments"
        began = time.monotonic()
        try:
            arguments = read_arguments(member, text)
            stage = "approval"
            yield from self._approve(member, arguments, state)
            if member not in READ_ONLY:
                self._tell(stage, "completed", began, member)
            stage, began = "action", time.monotonic()
            value: Any = None
            if member in self._selection.handlers:
                value = yield from self._asked(self._selection.handlers[member], arguments)
            result, failure = own_result(member, value)
            self._check()
        except BrowserCancelledError:
            self._tell(stage, "cancelled", began, member)
            raise
        except BrowserError as error:
            self._tell(stage, _FAILED[stage][0], began, member)
            return None, str(error)
        except Exception:  # noqa: BLE001 - The error may tell what a page shows.
            self._tell(stage, _FAILED[stage][1], began, member)
            return None, "Browser action failed."
        if failure is not None and failure != ACTION_RESULT:
            raise RuntimeError(failure)
        # What an action returned is looked at after the state that it led to.
        self._failure = failure
        self._tell(stage, "completed", began, member)
        return result, None

    def _approve(self, member: str, arguments: dict[str, Any], state: dict[str, Any]) -> _Steps:
        context = {"member": member, "arguments": arguments, "state": state, "call_id": self._call_id}
        url = arguments.get("url") if member in NAVIGATIONS else None
        if url is not None and not (yield from self._approved(self._url_policy, deepcopy(context), url)):
            raise BrowserError("Browser navigation was not approved.")
        if member not in READ_ONLY:
            if not (yield from self._approved(self._confirm, deepcopy(context))):
                raise BrowserError("Browser action was not approved. Do not retry it unless the user asks.")
        else:
            self._check()


def _own_call(call: Any) -> dict[str, Any]:
    """Return the fields of a call, each read once. Raises `ValueError` for what JSON cannot say."""
    if not isinstance(call, pydantic.BaseModel):
        raise TypeError(f"BrowserToolset requires a call of the model, not {type(call).__name__}.")
    names = [name for name in type(call).model_fields if name in call.model_fields_set]
    fields = {**{name: getattr(call, name) for name in names}, **(call.__pydantic_extra__ or {})}
    own: dict[str, Any] = plain({name: fields[name] for name in fields if name not in _UNSENT})
    if not isinstance(own.get("call_id"), str):
        raise RuntimeError("BrowserToolset requires a string call_id.")
    return own
