"""Lets a model use a computer that the caller drives."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, Union, cast

from .._helpers.steps import awaited, blocking
from ..types.responses import computer_action as modern, response_computer_tool_call as legacy
from ..types.responses.response import Response
from ..types.responses.response_computer_tool_call import ResponseComputerToolCall
from ..types.responses.response_computer_tool_call_output_screenshot_param import (
    ResponseComputerToolCallOutputScreenshotParam as Screenshot,
)
from ..types.responses.response_create_params import ResponseCreateParamsNonStreaming
from ..types.responses.response_input_param import ComputerCallOutput
from ._computer.call import ACTION_NAMES, own_call
from ._computer.error import ComputerUseError
from ._computer.execution import ComputerExecution
from ._computer.run import ComputerRun
from ._tool_lifecycle import CloseStatus, ToolLifecycle, callable_flavor
from .tool_diagnostics import ToolDiagnosticObserver

if TYPE_CHECKING:
    from collections.abc import Generator

    from .._client import AsyncOpenAI, OpenAI

__all__ = [
    "AsyncComputerDriver",
    "AsyncComputerToolset",
    "ComputerActionInput",
    "ComputerDriver",
    "ComputerToolset",
    "ComputerUseError",
    "Screenshot",
]

ComputerActionInput: TypeAlias = Union[legacy.Action, modern.ComputerAction]
"""An action, in the form of today or of the preview."""


class ComputerDriver(Protocol):
    """A computer of the caller's, who also opens and closes it.

    Each method does one action or raises; places are pixels of the screenshots. A method with a parameter `cancelled`
    gets the function that the use was given. An approval is one of an action, and the screen may have changed since.
    """

    @abstractmethod
    def click(self, action: modern.Click | legacy.ActionClick) -> None:
        """Press and release a button of the mouse."""

    @abstractmethod
    def double_click(self, action: modern.DoubleClick | legacy.ActionDoubleClick) -> None:
        """Click twice."""

    @abstractmethod
    def drag(self, action: modern.Drag | legacy.ActionDrag) -> None:
        """Move along a path with the left button held."""

    @abstractmethod
    def keypress(self, action: modern.Keypress | legacy.ActionKeypress) -> None:
        """Press keys together."""

    @abstractmethod
    def move(self, action: modern.Move | legacy.ActionMove) -> None:
        """Move the mouse."""

    @abstractmethod
    def scroll(self, action: modern.Scroll | legacy.ActionScroll) -> None:
        """Scroll at a place."""

    @abstractmethod
    def type(self, action: modern.Type | legacy.ActionType) -> None:
        """Enter a text."""

    @abstractmethod
    def wait(self, action: modern.Wait | legacy.ActionWait) -> None:
        """Give the computer time."""

    @abstractmethod
    def screenshot(self) -> Screenshot:
        """Return what the screen shows: an `image_url`, which may be a data URL, or a `file_id`."""
        ...


class AsyncComputerDriver(Protocol):
    """`ComputerDriver` with methods that are awaited."""

    @abstractmethod
    async def click(self, action: modern.Click | legacy.ActionClick) -> None:
        """Press and release a button of the mouse."""

    @abstractmethod
    async def double_click(self, action: modern.DoubleClick | legacy.ActionDoubleClick) -> None:
        """Click twice."""

    @abstractmethod
    async def drag(self, action: modern.Drag | legacy.ActionDrag) -> None:
        """Move along a path with the left button held."""

    @abstractmethod
    async def keypress(self, action: modern.Keypress | legacy.ActionKeypress) -> None:
        """Press keys together."""

    @abstractmethod
    async def move(self, action: modern.Move | legacy.ActionMove) -> None:
        """Move the mouse."""

    @abstractmethod
    async def scroll(self, action: modern.Scroll | legacy.ActionScroll) -> None:
        """Scroll at a place."""

    @abstractmethod
    async def type(self, action: modern.Type | legacy.ActionType) -> None:
        """Enter a text."""

    @abstractmethod
    async def wait(self, action: modern.Wait | legacy.ActionWait) -> None:
        """Give the computer time."""

    @abstractmethod
    async def screenshot(self) -> Screenshot:
        """Return what the screen shows: an `image_url`, which may be a data URL, or a `file_id`."""
        ...


class ComputerToolset:
    """Does with a driver what calls of a computer ask for, and answers each with one screenshot; one use at a time.

    Nothing is done twice, and a driver that fails ends the use.
    """

    def __init__(self, driver: ComputerDriver) -> None:
        """Take the methods of a driver. Raises `ValueError` when one is missing, or has to be awaited."""
        self.driver = driver
        self._handlers = _handlers(driver, "async", "AsyncComputerToolset")
        self._lifecycle = ToolLifecycle("Computer toolset")

    def close(self) -> CloseStatus:
        """Admit no further use. One that goes on is not disturbed, and the driver stays open."""
        return self._lifecycle.close()

    def run(
        self,
        client: OpenAI,
        params: ResponseCreateParamsNonStreaming,
        *,
        max_steps: int = 20,
        approve_safety_checks: Callable[[ResponseComputerToolCall], bool] | None = None,
        before_action: Callable[[ComputerActionInput], bool] | None = None,
        cancelled: Callable[[], bool] | None = None,
        on_diagnostic: ToolDiagnosticObserver | None = None,
    ) -> Response:
        """Ask and act until an answer has no call of the computer any more, and return it.

        Args:
            client: Sends the requests.
            params: Of each request; the tool is added where `tools` is absent. `input` is the whole history.
            max_steps: The most requests. What the last answer asks for is not done.
            approve_safety_checks: Decides about a call with checks; only True lets it be done.
            before_action: Decides about each action, looks included; only True lets it be done.
            cancelled: Asked between the steps; what is true ends the run.
            on_diagnostic: Called after each approval and action.

        Raises:
            ComputerUseError: An answer is not whole or holds something else, an action was not approved, the run was
                cancelled or reached `max_steps`.
            ValueError: A parameter is none that a run can go on with.
            RuntimeError: The toolset is closed, or busy.
        """
        with self._lifecycle.admitted():
            options = approve_safety_checks, before_action, cancelled, on_diagnostic
            execution = ComputerExecution(self._handlers, *options, is_async=False)
            return _run(ComputerRun(client, execution, params, max_steps))

    def execute(
        self,
        call: ResponseComputerToolCall,
        *,
        approve_safety_checks: Callable[[ResponseComputerToolCall], bool] | None = None,
        before_action: Callable[[ComputerActionInput], bool] | None = None,
        cancelled: Callable[[], bool] | None = None,
        on_diagnostic: ToolDiagnosticObserver | None = None,
    ) -> ComputerCallOutput:
        """Do what one call asks for and return its output for the model, with a screenshot that was taken after it.

        `run` describes parameters and errors.
        """
        with self._lifecycle.admitted():
            options = approve_safety_checks, before_action, cancelled, on_diagnostic
            execution = ComputerExecution(self._handlers, *options, is_async=False)
            return cast("ComputerCallOutput", _execute(execution, call))


class AsyncComputerToolset:
    """`ComputerToolset` with a driver and approvals that are awaited."""

    def __init__(self, driver: AsyncComputerDriver) -> None:
        """Take the methods of a driver. Raises `ValueError` when one is missing, or is not awaited."""
        self.driver = driver
        self._handlers = _handlers(driver, "sync", "ComputerToolset")
        self._lifecycle = ToolLifecycle("Computer toolset")

    def close(self) -> CloseStatus:
        """Admit no further use. One that goes on is not disturbed, and the driver stays open."""
        return self._lifecycle.close()

    async def run(
        self,
        client: AsyncOpenAI,
        params: ResponseCreateParamsNonStreaming,
        *,
        max_steps: int = 20,
        approve_safety_checks: Callable[[ResponseComputerToolCall], Awaitable[bool]] | None = None,
        before_action: Callable[[ComputerActionInput], Awaitable[bool]] | None = None,
        cancelled: Callable[[], bool] | None = None,
        on_diagnostic: ToolDiagnosticObserver | None = None,
    ) -> Response:
        """Ask and act to the end. `ComputerToolset.run` describes parameters, result and errors."""
        with self._lifecycle.admitted():
            options = approve_safety_checks, before_action, cancelled, on_diagnostic
            execution = ComputerExecution(self._handlers, *options, is_async=True)
            return await _async_run(ComputerRun(client, execution, params, max_steps))

    async def execute(
        self,
        call: ResponseComputerToolCall,
        *,
        approve_safety_checks: Callable[[ResponseComputerToolCall], Awaitable[bool]] | None = None,
        before_action: Callable[[ComputerActionInput], Awaitable[bool]] | None = None,
        cancelled: Callable[[], bool] | None = None,
        on_diagnostic: ToolDiagnosticObserver | None = None,
    ) -> ComputerCallOutput:
        """Do what one call asks for. `ComputerToolset.execute` describes parameters, result and errors."""
        with self._lifecycle.admitted():
            options = approve_safety_checks, before_action, cancelled, on_diagnostic
            execution = ComputerExecution(self._handlers, *options, is_async=True)
            return cast("ComputerCallOutput", await _async_execute(execution, call))


def _handlers(driver: object, wrong: str, other: str) -> dict[str, Callable[..., Any]]:
    found = {name: getattr(driver, name, None) for name in sorted(ACTION_NAMES)}
    if not all(callable(handler) for handler in found.values()):
        raise ValueError("Computer toolset requires callable computer driver methods.")
    handlers = cast("dict[str, Callable[..., Any]]", found)
    for name, handler in handlers.items():
        if callable_flavor(handler) == wrong:
            raise ValueError(f"Computer member {name!r} has the wrong method flavor; use {other}.")
    return handlers


def _executed(execution: ComputerExecution, call: object) -> Generator[Any, Any, dict[str, Any]]:
    return (yield from execution.output(own_call(call)))


_run, _async_run = blocking(ComputerRun.steps), awaited(ComputerRun.steps)
_execute, _async_execute = blocking(_executed), awaited(_executed)
