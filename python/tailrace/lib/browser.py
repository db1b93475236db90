"""Lets a model use a browser that the caller drives."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol, cast, overload

from .._helpers.steps import awaited, blocking
from ..types.responses.function_tool_param import FunctionToolParam
from ..types.responses.response_function_tool_call import ResponseFunctionToolCall
from ..types.responses.response_input_image_content_param import ResponseInputImageContentParam
from ..types.responses.response_input_param import FunctionCallOutput
from ._browser.error import BrowserCancelledError, BrowserError
from ._browser.execution import BrowserExecution
from ._browser.inputs import (
    BrowserFileInput,
    BrowserPoint,
    ClickAtInput,
    ClickInput,
    DragPathInput,
    FindInput,
    HoldKeysInput,
    HoverAtInput,
    KeyInput,
    NavigateInput,
    NewTabInput,
    ReadDiagnosticsInput,
    ReadPageInput,
    ReadPageScopedInput,
    RunScriptInput,
    ScrollInput,
    SelectOptionInput,
    SetCheckedInput,
    TabInput,
    TypeInput,
    WaitForInput,
    ZoomInput,
)
from ._browser.members import BROWSER_MEMBERS, DEFAULT_BROWSER_MEMBERS, tool
from ._browser.reported import (
    BrowserConfirmContext,
    BrowserDialogDismissed,
    BrowserDownload,
    BrowserFileOutcome,
    BrowserNavigationRefused,
    BrowserObservationV1,
    BrowserReadConfirmContext,
    BrowserReadElement,
    BrowserReadOption,
    BrowserReadScope,
    BrowserReadV1,
    BrowserScopedReadV1,
    BrowserState,
    BrowserStateChange,
    BrowserTab,
    BrowserTabChange,
)
from ._browser.selection import Selection
from ._tool_lifecycle import CloseStatus, ToolLifecycle
from .tool_diagnostics import ToolDiagnosticObserver

__all__ = [
    "BROWSER_MEMBERS", "DEFAULT_BROWSER_MEMBERS", "AsyncBrowserClickDriver", "AsyncBrowserDriver",
    "AsyncBrowserNavigationDriver", "AsyncBrowserReadDriver", "AsyncBrowserScreenshotDriver", "AsyncBrowserToolset",
    "BrowserCancelledError", "BrowserClickDriver", "BrowserConfirmContext", "BrowserDialogDismissed",
    "BrowserDownload", "BrowserDriver", "BrowserError", "BrowserFileInput", "BrowserFileOutcome",
    "BrowserNavigationDriver", "BrowserNavigationRefused", "BrowserObservationV1", "BrowserPoint",
    "BrowserReadConfirmContext", "BrowserReadDriver", "BrowserReadElement", "BrowserReadOption", "BrowserReadScope",
    "BrowserReadV1", "BrowserScopedReadV1", "BrowserScreenshotDriver", "BrowserState", "BrowserStateChange",
    "BrowserTab", "BrowserTabChange", "BrowserToolset", "ClickAtInput", "ClickInput", "DragPathInput", "FindInput",
    "HoldKeysInput", "HoverAtInput", "KeyInput", "NavigateInput", "NewTabInput", "ReadDiagnosticsInput",
    "ReadPageInput", "ReadPageScopedInput", "RunScriptInput", "ScrollInput", "SelectOptionInput", "SetCheckedInput",
    "TabInput", "TypeInput", "WaitForInput", "ZoomInput",
]  # fmt: skip


class BrowserDriver(Protocol):
    """A browser of the caller's, who also opens and closes it. Each tool is a method with its name.

    A method takes the arguments as a dictionary, and `cancelled` if it has a parameter of that name. It returns None or
    a text; reads may return a report, pictures are an `input_image`, and transfers of files tell their outcome. A
    `BrowserError` is told to the model, and of any other error only that there was one.
    """

    @abstractmethod
    def state(self) -> BrowserState:
        """Return the tabs as they are now."""
        ...


class BrowserNavigationDriver(BrowserDriver, Protocol):
    """A driver that goes to addresses."""

    @abstractmethod
    def navigate(self, action: NavigateInput) -> None:
        """Go to an address."""


class BrowserReadDriver(BrowserDriver, Protocol):
    """A driver that reads pages."""

    @abstractmethod
    def read_page(self, action: ReadPageInput) -> str | BrowserReadV1 | None:
        """Return what a page shows."""


class BrowserClickDriver(BrowserDriver, Protocol):
    """A driver that clicks."""

    @abstractmethod
    def click(self, action: ClickInput) -> None:
        """Click an element."""


class BrowserScreenshotDriver(BrowserDriver, Protocol):
    """A driver that takes pictures."""

    @abstractmethod
    def screenshot(self, action: TabInput) -> ResponseInputImageContentParam:
        """Return a picture of a tab."""
        ...


class AsyncBrowserDriver(Protocol):
    """`BrowserDriver` with methods that are awaited."""

    @abstractmethod
    async def state(self) -> BrowserState:
        """Return the tabs as they are now."""
        ...


class AsyncBrowserNavigationDriver(AsyncBrowserDriver, Protocol):
    """A driver that goes to addresses."""

    @abstractmethod
    async def navigate(self, action: NavigateInput) -> None:
        """Go to an address."""


class AsyncBrowserReadDriver(AsyncBrowserDriver, Protocol):
    """A driver that reads pages."""

    @abstractmethod
    async def read_page(self, action: ReadPageInput) -> str | BrowserReadV1 | None:
        """Return what a page shows."""


class AsyncBrowserClickDriver(AsyncBrowserDriver, Protocol):
    """A driver that clicks."""

    @abstractmethod
    async def click(self, action: ClickInput) -> None:
        """Click an element."""


class AsyncBrowserScreenshotDriver(AsyncBrowserDriver, Protocol):
    """A driver that takes pictures."""

    @abstractmethod
    async def screenshot(self, action: TabInput) -> ResponseInputImageContentParam:
        """Return a picture of a tab."""
        ...


class _Toolset:
    def __init__(self, selection: Selection) -> None:
        self._selection = selection
        self._lifecycle = ToolLifecycle("Browser toolset")

    def close(self) -> CloseStatus:
        """Admit no further use. One that goes on is not disturbed, and the driver stays open."""
        return self._lifecycle.close()

    @property
    def tools(self) -> list[FunctionToolParam]:
        """What a request declares, so that the model knows the tools."""
        return [cast("FunctionToolParam", tool(name)) for name in self._selection.names]


class BrowserToolset(_Toolset):
    """Does with a driver what calls of the model ask for, one use at a time; reads go on when actions are refused."""

    @overload
    def __init__(
        self,
        driver: BrowserDriver,
        *,
        members: Sequence[str] | None = None,
        additional_members: Sequence[str] | None = None,
        confirm_reads: None = None,
        confirm: Callable[[BrowserConfirmContext], bool] | None = None,
        url_policy: Callable[[BrowserConfirmContext, str], bool] | None = None,
    ) -> None: ...
    @overload
    def __init__(
        self,
        driver: BrowserDriver,
        *,
        members: Sequence[str] | None = None,
        additional_members: Sequence[str] | None = None,
        confirm_reads: Sequence[str],
        confirm: Callable[[BrowserConfirmContext | BrowserReadConfirmContext], bool],
        url_policy: Callable[[BrowserConfirmContext, str], bool] | None = None,
    ) -> None: ...
    def __init__(
        self,
        driver: BrowserDriver,
        *,
        members: Sequence[str] | None = None,
        additional_members: Sequence[str] | None = None,
        confirm_reads: Sequence[str] | None = None,
        confirm: Callable[[BrowserConfirmContext], bool]
        | Callable[[BrowserConfirmContext | BrowserReadConfirmContext], bool]
        | None = None,
        url_policy: Callable[[BrowserConfirmContext, str], bool] | None = None,
    ) -> None:
        """Choose tools.

        Args:
            driver: Does what the tools say.
            members: The tools; without it all of `DEFAULT_BROWSER_MEMBERS` that the driver has.
            additional_members: Tools beside those that there are without `members`.
            confirm_reads: Reads that `confirm` decides about too, before anything is read.
            confirm: Decides about each action; only True lets it be done.
            url_policy: Decides about each address before `confirm` does; only True lets it be gone to.

        Raises:
            ValueError: A tool is none, or the driver lacks it; `confirm` or `url_policy` is needed.
        """
        has = {"has_confirm": confirm is not None, "has_url_policy": url_policy is not None}
        super().__init__(Selection(driver, members, additional_members, confirm_reads, **has, is_async=False))
        self.driver, self.confirm, self.url_policy = driver, confirm, url_policy

    def execute(
        self,
        call: ResponseFunctionToolCall,
        *,
        cancelled: Callable[[], bool] | None = None,
        on_diagnostic: ToolDiagnosticObserver | None = None,
    ) -> FunctionCallOutput:
        """Do what a call asks for and return its output for the model, with the tabs as they are then.

        Args:
            call: Of one of `tools`.
            cancelled: Asked between the steps; what is true ends the use.
            on_diagnostic: Called after each approval and action.

        Raises:
            BrowserError: The tool was not chosen.
            BrowserCancelledError: The use was cancelled.
            RuntimeError: What the driver reports cannot be told, a policy cannot be read, or the toolset is busy or
                closed.
        """
        return self._execute(call, cancelled=cancelled, on_diagnostic=on_diagnostic)[0]

    def _execute(
        self,
        call: ResponseFunctionToolCall,
        *,
        skip: bool = False,
        cancelled: Callable[[], bool] | None = None,
        on_diagnostic: ToolDiagnosticObserver | None = None,
    ) -> tuple[FunctionCallOutput, bool]:
        with self._lifecycle.admitted():
            execution = BrowserExecution(self, self._selection, cancelled, on_diagnostic, is_async=False)
            return cast("tuple[FunctionCallOutput, bool]", _output(execution, call, skip))


class AsyncBrowserToolset(_Toolset):
    """`BrowserToolset` with a driver and policies that are awaited."""

    @overload
    def __init__(
        self,
        driver: AsyncBrowserDriver,
        *,
        members: Sequence[str] | None = None,
        additional_members: Sequence[str] | None = None,
        confirm_reads: None = None,
        confirm: Callable[[BrowserConfirmContext], Awaitable[bool]] | None = None,
        url_policy: Callable[[BrowserConfirmContext, str], Awaitable[bool]] | None = None,
    ) -> None: ...
    @overload
    def __init__(
        self,
        driver: AsyncBrowserDriver,
        *,
        members: Sequence[str] | None = None,
        additional_members: Sequence[str] | None = None,
        confirm_reads: Sequence[str],
        confirm: Callable[[BrowserConfirmContext | BrowserReadConfirmContext], Awaitable[bool]],
        url_policy: Callable[[BrowserConfirmContext, str], Awaitable[bool]] | None = None,
    ) -> None: ...
    def __init__(
        self,
        driver: AsyncBrowserDriver,
        *,
        members: Sequence[str] | None = None,
        additional_members: Sequence[str] | None = None,
        confirm_reads: Sequence[str] | None = None,
        confirm: Callable[[BrowserConfirmContext], Awaitable[bool]]
        | Callable[[BrowserConfirmContext | BrowserReadConfirmContext], Awaitable[bool]]
        | None = None,
        url_policy: Callable[[BrowserConfirmContext, str], Awaitable[bool]] | None = None,
    ) -> None:
        """Choose tools. `BrowserToolset` describes parameters and errors."""
        has = {"has_confirm": confirm is not None, "has_url_policy": url_policy is not None}
        super().__init__(Selection(driver, members, additional_members, confirm_reads, **has, is_async=True))
        self.driver, self.confirm, self.url_policy = driver, confirm, url_policy

    async def execute(
        self,
        call: ResponseFunctionToolCall,
        *,
        cancelled: Callable[[], bool] | None = None,
        on_diagnostic: ToolDiagnosticObserver | None = None,
    ) -> FunctionCallOutput:
        """Do what a call asks for. `BrowserToolset.execute` describes parameters, result and errors."""
        return (await self._execute(call, cancelled=cancelled, on_diagnostic=on_diagnostic))[0]

    async def _execute(
        self,
        call: ResponseFunctionToolCall,
        *,
        skip: bool = False,
        cancelled: Callable[[], bool] | None = None,
        on_diagnostic: ToolDiagnosticObserver | None = None,
    ) -> tuple[FunctionCallOutput, bool]:
        with self._lifecycle.admitted():
            execution = BrowserExecution(self, self._selection, cancelled, on_diagnostic, is_async=True)
            return cast("tuple[FunctionCallOutput, bool]", await _async_output(execution, call, skip))


_output, _async_output = blocking(BrowserExecution.output), awaited(BrowserExecution.output)
