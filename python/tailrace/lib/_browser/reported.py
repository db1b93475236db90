"""What a driver tells of a browser, and what is confirmed."""

from __future__ import annotations

from typing import Literal, TypeAlias

from typing_extensions import NotRequired, TypedDict

__all__ = [
    "BrowserConfirmContext",
    "BrowserDialogDismissed",
    "BrowserDownload",
    "BrowserFileOutcome",
    "BrowserNavigationRefused",
    "BrowserObservationV1",
    "BrowserReadConfirmContext",
    "BrowserReadElement",
    "BrowserReadOption",
    "BrowserReadScope",
    "BrowserReadV1",
    "BrowserScopedReadV1",
    "BrowserState",
    "BrowserStateChange",
    "BrowserTab",
    "BrowserTabChange",
]

_Cleanup: TypeAlias = Literal["not_started", "pending", "completed"]
_ReadRole: TypeAlias = Literal["button", "textbox", "combobox", "checkbox", "radio", "slider", "listbox"]
_ReadOmission: TypeAlias = Literal[
    "report_limit", "text_limit", "target_limit", "work_limit", "frame_limit", "unsupported_root",
    "unsupported_control", "remote_action", "private", "value", "name_limit",
]  # fmt: skip


class _FileOutcome(TypedDict):
    version: Literal[1]
    cleanup: _Cleanup


class _FileCompleted(_FileOutcome):
    status: Literal["completed"]
    effect: Literal["completed"]


class _FileRefused(_FileOutcome):
    status: Literal["refused"]
    effect: Literal["none"]


class _FileUnknown(_FileOutcome):
    status: Literal["unknown"]
    effect: Literal["unknown"]


class _FileInterrupted(_FileOutcome):
    status: Literal["interrupted"]
    effect: Literal["none", "unknown"]


BrowserFileOutcome: TypeAlias = _FileCompleted | _FileRefused | _FileUnknown | _FileInterrupted
"""How the transfer of a file ended."""


class BrowserTab(TypedDict):
    """A tab. Of its address only the origin is told to the model, or the scheme."""

    id: str
    title: str
    url: str
    active: bool


class BrowserTabChange(TypedDict):
    """Something that happened to a tab."""

    type: Literal["tab_opened", "tab_closed", "tab_switched", "navigation"]
    sequence: int
    tab_id: str


class BrowserNavigationRefused(TypedDict):
    """An address that the driver did not go to."""

    type: Literal["navigation_refused"]
    sequence: int
    tab_id: str | None
    reason: Literal["policy", "unsupported"]


class BrowserDialogDismissed(TypedDict):
    """A dialog that the driver closed."""

    type: Literal["dialog_dismissed"]
    sequence: int
    tab_id: str
    kind: Literal["alert", "confirm", "prompt", "beforeunload", "other"]


class BrowserDownload(TypedDict):
    """A download, and what came of it."""

    type: Literal["download"]
    sequence: int
    tab_id: str | None
    status: Literal["blocked", "started", "completed", "failed"]


BrowserStateChange: TypeAlias = BrowserTabChange | BrowserNavigationRefused | BrowserDialogDismissed | BrowserDownload
"""Something that happened, with its number."""


class BrowserObservationV1(TypedDict):
    """What happened up to number `sequence`: the first `dropped_changes` are forgotten, and `changes` has the rest.

    Reading does not take anything away from it. The titles of an observed state are cut at 1024 bytes.
    """

    version: Literal[1]
    sequence: int
    dropped_changes: int
    title_truncated: bool
    changes: list[BrowserStateChange]


class BrowserState(TypedDict):
    """The tabs, of which one is active if there are any."""

    tabs: list[BrowserTab]
    observation: NotRequired[BrowserObservationV1]


class BrowserReadOption(TypedDict):
    """A choice of a control."""

    label: str
    value: str
    selected: NotRequired[bool]


class BrowserReadElement(TypedDict):
    """A control of a page. The driver makes the references, and keeps private what is not to be told."""

    ref: str
    role: _ReadRole
    label: str
    value: NotRequired[str]
    options: NotRequired[list[BrowserReadOption]]
    checked: NotRequired[bool]


class BrowserReadScope(TypedDict):
    """A region that can be read, and not acted upon."""

    ref: str
    label: str


class BrowserReadV1(TypedDict):
    """What a read found, and why something was left out."""

    version: Literal[1]
    text: str
    elements: list[BrowserReadElement]
    omitted: list[_ReadOmission]


class BrowserScopedReadV1(BrowserReadV1):
    """What a read of a region found, with the regions in it."""

    scopes: list[BrowserReadScope]


class BrowserConfirmContext(TypedDict):
    """What is to be confirmed: arguments that stay what they are, and a state that may have changed since."""

    member: str
    arguments: dict[str, object]
    state: BrowserState
    call_id: str


class BrowserReadConfirmContext(TypedDict):
    """A read that is to be confirmed before anything is read."""

    member: str
    arguments: dict[str, object]
    state: None
    call_id: str
    phase: Literal["before_read"]
