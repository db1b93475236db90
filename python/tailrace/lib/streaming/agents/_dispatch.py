"""Runs the tools that an agent calls, and sends what they give."""

from __future__ import annotations

import inspect
import json
import time
from collections.abc import Callable, Generator, Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast
from uuid import uuid4

from ...._async_library import sleep
from ...._body import encode_body
from ...._exceptions import BadRequestError
from ...beta.agents._tool_error import AgentToolError
from ...beta.agents._tools import FunctionTool

if TYPE_CHECKING:
    from ....types.beta.agent_session_event import AgentSessionEvent
    from ...beta.agents._tool_error import ToolErrorStage

__all__ = ["ToolCall", "ToolDispatcher"]

#: Seconds between attempts to answer a call that the API does not know yet: its event may come first.
_PAUSES = (0.1, 0.3, 0.6, None)


@dataclass(frozen=True)
class ToolCall:
    """A call as its event told it; the caller may change the event."""

    session_id: str
    turn_id: str
    call_id: str
    name: str
    arguments: Any


class ToolDispatcher:
    """Runs each call once, one after the other.

    Args:
        sessions: The resource.
        handlers: Functions by the names of their tools; calls of other tools are the caller's.
        on_error: Is told of what fails here, which the model is not.
        options: Of the requests.
        is_async: Whether requests are awaited, and handlers may be.
    """

    def __init__(
        self, sessions: Any, handlers: Mapping[str, Any], on_error: Any, options: dict[str, Any], *, is_async: bool
    ) -> None:
        self.handlers = dict(handlers)
        self._sessions = sessions
        self._on_error = on_error
        self._options = options
        self._is_async = is_async
        self._seen: set[tuple[str, str]] = set()

    def called(self, event: AgentSessionEvent) -> ToolCall | None:
        """Return the call that an event tells of; None where there is none to run."""
        if event.type != "agent.session.turn.item.added" or event.item.type != "function_call":
            return None
        item = event.item
        if item.name not in self.handlers or (item.turn_id, item.call_id) in self._seen:
            return None
        self._seen.add((item.turn_id, item.call_id))
        return ToolCall(event.session_id, item.turn_id, item.call_id, item.name, deepcopy(item.arguments))

    def run(self, call: ToolCall) -> Generator[Any, Any, None]:
        """Run a call and send its outcome, as steps. A failure of the request is raised, one of the tool is sent."""
        stage: ToolErrorStage = "arguments"
        failure: Exception | None = None
        outcome: dict[str, Any] = {"success": False, "error": "Tool handler failed."}
        try:
            handler, arguments = self.handlers[call.name], _arguments(call.arguments)
            # One whose call is somebody's own says nothing of its stages.
            tool: FunctionTool[Any] | None = handler if _is_plain_tool(handler) else None
            if tool is not None:
                arguments, handler = tool._validated(arguments), cast(Any, tool._handler)  # pyright: ignore[reportPrivateUsage]
            stage = "execution"
            value = yield from self._settled(handler(arguments), "Async tool handlers require AsyncOpenAI")
            stage = "output"
            output = _sendable(value if tool is None else tool._output(value))  # pyright: ignore[reportPrivateUsage]
            outcome = {"success": True, "output": output}
        except Exception as error:  # noqa: BLE001 - Handlers raise what they like, and the model gets to know of none.
            failure = error
        if failure is not None:
            error = AgentToolError(failure, call.name, call.session_id, call.turn_id, call.call_id, stage)
            yield from self._tell(error)
        yield from self._send(call, outcome)

    def _settled(self, value: Any, refusal: str) -> Generator[Any, Any, Any]:
        """Return a value, awaited where that can be done; what nobody will await is ended."""
        if not inspect.isawaitable(value):
            return value
        if self._is_async:
            return (yield value)
        end: Callable[[], object] | None = getattr(value, "close", None) or getattr(value, "cancel", None)
        if end is not None:
            end()
        raise TypeError(refusal)

    def _tell(self, error: AgentToolError) -> Generator[Any, Any, None]:
        if self._on_error is not None:
            try:
                yield from self._settled(self._on_error(error), "Async error handlers require AsyncOpenAI")
            except Exception:  # noqa: BLE001 - Who watches does not change what is watched.
                return

    def _send(self, call: ToolCall, outcome: dict[str, Any]) -> Generator[Any, Any, None]:
        facts = {"type": "agent.session.input.tool_result", "turn_id": call.turn_id, "call_id": call.call_id}
        key = str(uuid4())
        for pause in _PAUSES:
            try:
                yield self._sessions.events.create(
                    call.session_id, events=[{**facts, **outcome}], idempotency_key=key, **self._options
                )
            except BadRequestError as error:
                if pause is None or not _is_early(error, call):
                    raise
            else:
                return
            yield sleep(pause) if self._is_async else time.sleep(pause)


def _is_plain_tool(handler: Any) -> bool:
    plain: type[Any] = FunctionTool
    return isinstance(handler, plain) and type(handler).__call__ is plain.__call__


def _arguments(arguments: Any) -> dict[str, Any]:
    value = json.loads(arguments) if isinstance(arguments, str) else arguments
    if not isinstance(value, dict):
        raise ValueError("Function arguments must be a JSON object")
    return cast("dict[str, Any]", value)


def _sendable(value: Any) -> Any:
    """Return a result as it is sent. Raises `TypeError` or `ValueError` where JSON cannot say it."""
    if value is None:
        return None
    if isinstance(value, Mapping):
        return json.dumps(dict(cast("Mapping[str, Any]", value)), separators=(",", ":"))
    if isinstance(value, str):
        value.encode()
        return value
    parts = list(cast("Iterable[Any]", value))
    encode_body(parts, None)
    return parts


def _is_early(error: BadRequestError, call: ToolCall) -> bool:
    body: object = error.body
    if error.code != "invalid_request_error" or not isinstance(body, dict):
        return False
    return cast("dict[str, Any]", body).get("message") == f"Unknown pending tool call: {call.call_id}"
