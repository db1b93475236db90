"""Tools with which a model uses a browser; they come with a later release."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .._later import later_names

later_names(
    globals(),
    "browser use",
    classes="""
        AsyncBrowserClickDriver AsyncBrowserDriver AsyncBrowserNavigationDriver AsyncBrowserReadDriver
        AsyncBrowserScreenshotDriver AsyncBrowserToolset BrowserClickDriver BrowserConfirmContext
        BrowserDialogDismissed BrowserDownload BrowserDriver BrowserFileInput BrowserNavigationDriver
        BrowserNavigationRefused BrowserObservationV1 BrowserPoint BrowserReadConfirmContext
        BrowserReadDriver BrowserReadElement BrowserReadOption BrowserReadScope BrowserReadV1
        BrowserScopedReadV1 BrowserScreenshotDriver BrowserState BrowserTab BrowserTabChange BrowserToolset
        ClickAtInput ClickInput DragPathInput FindInput HoldKeysInput HoverAtInput KeyInput NavigateInput
        NewTabInput ReadDiagnosticsInput ReadPageInput ReadPageScopedInput RunScriptInput ScrollInput
        SelectOptionInput SetCheckedInput TabInput TypeInput WaitForInput ZoomInput
    """,
    types="BrowserFileOutcome BrowserStateChange",
    errors={"BrowserCancelledError": RuntimeError, "BrowserError": Exception},
)

#: Names of the tools that a toolset has unless it is told others.
DEFAULT_BROWSER_MEMBERS = (
    "navigate", "read_page", "get_page_text", "find", "click", "type", "key", "scroll", "select_option", "hover",
    "screenshot", "zoom", "new_tab", "list_tabs", "switch_tab", "close_tab", "scroll_to", "wait_for",
)  # fmt: skip

#: Names of all tools.
BROWSER_MEMBERS = (
    *DEFAULT_BROWSER_MEMBERS,
    "hover_at", "set_checked", "click_at", "drag_path", "hold_keys", "read_page_scoped", "read_diagnostics",
    "run_script", "upload_file", "download_file",
)  # fmt: skip

if TYPE_CHECKING:

    def __getattr__(name: str) -> Any: ...
