"""Does what a call of a computer asks for, and looks at the screen once at the end."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Mapping
from copy import deepcopy
from typing import Any, Literal, cast

from .._tool_lifecycle import invoke, not_awaitable
from ..tool_diagnostics import ToolDiagnosticObserver, emit_tool_diagnostic
from .call import OwnCall
from .error import ComputerUseError

__all__ = ["ComputerExecution"]

_LOOK = "screenshot"
_Steps = Generator[Any, Any, Any]


class ComputerExecution:
    """One use of a driver: its steps yield what the driver and the approvals return, and get it back awaited."""

    def __init__(
        self,
        handlers: Mapping[str, Callable[..., Any]],
        approve_safety_checks: Callable[..., Any] | None,
        before_action: Callable[..., Any] | None,
        cancelled: Callable[[], bool] | None,
        on_diagnostic: ToolDiagnosticObserver | None,
        *,
        is_async: bool,
    ) -> None:
        self._handlers = handlers
        self._approve_checks, self._before_action = approve_safety_checks, before_action
        self._cancelled, self._observer = cancelled, on_diagnostic
        self._is_async = is_async

    def check(self) -> None:
        """Raise `ComputerUseError` once the caller has cancelled."""
        if self._cancelled is not None and self._cancelled():
            raise ComputerUseError("Computer run was cancelled")

    def output(self, own: OwnCall) -> Generator[Any, Any, dict[str, Any]]:
        """Do all actions of a call and return its output, with a screenshot that was taken after them.

        Raises `ComputerUseError`, and what the driver and the approvals raise.
        """
        self.check()
        checks = own.checks
        if checks:
            work = self._approval(self._approve_checks, own.call, "Computer safety checks require explicit approval")
            yield from self._stage("approval", own, None, work)
        for place, action in enumerate(own.actions):
            member: str = action.type
            # Only the last screen is told, so that a look in between, or at the end, is none of its own.
            if member == _LOOK and place == len(own.actions) - 1:
                break
            yield from self._approve(action, own)
            if member != _LOOK:
                yield from self._stage("action", own, member, self._handled(member, deepcopy(action)))
        yield from self._approve(_look(own), own)
        self.check()
        shot = yield from self._stage("action", own, _LOOK, self._looked())
        self.check()
        acknowledged = [{name: getattr(check, name) for name in ("id", "code", "message")} for check in checks]
        output = {"type": "computer_call_output", "call_id": own.call.call_id, "output": shot}
        return {**output, "acknowledged_safety_checks": acknowledged}

    def _approve(self, action: Any, own: OwnCall) -> _Steps:
        self.check()
        if self._before_action is not None:
            work = self._approval(self._before_action, action, "Computer action was not approved")
            yield from self._stage("approval", own, action.type, work)
        self.check()

    def _approval(self, approve: Callable[..., Any] | None, value: Any, refusal: str) -> _Steps:
        verdict: Any = None
        if approve is not None:
            verdict = yield invoke(approve, deepcopy(value), cancelled=self._cancelled)
        if not self._is_async:
            not_awaitable(verdict)
        if verdict is not True:
            raise ComputerUseError(refusal)

    def _handled(self, member: str, *arguments: Any) -> _Steps:
        value = yield invoke(self._handlers[member], *arguments, cancelled=self._cancelled)
        if not self._is_async and not not_awaitable(value):
            raise ComputerUseError("Synchronous computer driver returned an awaitable; use AsyncComputerToolset.")
        return value

    def _looked(self) -> _Steps:
        return _own_screenshot((yield from self._handled(_LOOK)))

    def _stage(self, stage: Literal["approval", "action"], own: OwnCall, member: str | None, work: _Steps) -> _Steps:
        began = time.monotonic()
        about: dict[str, Any] = {"call_id": own.call.call_id, "member": member}
        try:
            value = yield from work
            self.check()
        except Exception as error:
            is_cancelled = self._cancelled is not None and self._cancelled()
            # An approval that fails is no refusal, and what it raises goes to the caller.
            if is_cancelled or stage == "action" or isinstance(error, ComputerUseError):
                failed = "driver_failed" if stage == "action" else "refused"
                reason = "cancelled" if is_cancelled else failed
                emit_tool_diagnostic(self._observer, "computer", stage, reason, began, **about)
            if is_cancelled:
                raise ComputerUseError("Computer run was cancelled") from error
            raise
        emit_tool_diagnostic(self._observer, "computer", stage, "completed", began, **about)
        return value


def _look(own: OwnCall) -> Any:
    """Return the action of the last look: the one of the call, or one of its own."""
    last = own.actions[-1]
    if last.type == _LOOK:
        return last
    from ...types.responses.computer_action import Screenshot

    return Screenshot(type=_LOOK)


def _own_screenshot(shot: object) -> dict[str, Any]:
    fields = cast("Mapping[str, Any]", shot if isinstance(shot, Mapping) else {})
    own = {name: fields[name] for name in ("image_url", "file_id") if fields.get(name) is not None}
    is_given = bool(own) and all(isinstance(source, str) and source.strip() for source in own.values())
    if fields.get("type") != "computer_screenshot" or not is_given:
        raise ComputerUseError("Driver must return a computer_screenshot with image_url or file_id")
    return {"type": "computer_screenshot", **own}
