"""What the model asks a browser for, as a driver is given it."""

from __future__ import annotations

from typing import Literal, TypeAlias

from typing_extensions import TypedDict

__all__ = [
    "BrowserFileInput",
    "BrowserPoint",
    "ClickAtInput",
    "ClickInput",
    "DragPathInput",
    "FindInput",
    "HoldKeysInput",
    "HoverAtInput",
    "KeyInput",
    "NavigateInput",
    "NewTabInput",
    "ReadDiagnosticsInput",
    "ReadPageInput",
    "ReadPageScopedInput",
    "RunScriptInput",
    "ScrollInput",
    "SelectOptionInput",
    "SetCheckedInput",
    "TabInput",
    "TypeInput",
    "WaitForInput",
    "ZoomInput",
]

_Modifier: TypeAlias = Literal["Control", "Alt", "Meta", "Shift"]


class TabInput(TypedDict):
    """A tab by its id; None is the active one."""

    tab_id: str | None


class NavigateInput(TabInput):
    """An address, or `back`, `forward` or `reload`."""

    url: str


class ReadPageInput(TabInput):
    """What of a page to read."""

    filter: Literal["all", "interactive"]


class FindInput(TabInput):
    """A text or a description of elements."""

    query: str


class ClickInput(TabInput):
    """An element by the reference that a read told."""

    target: str


class TypeInput(TabInput):
    """A text, and the control that it is for; None is where the focus is."""

    text: str
    target: str | None


class KeyInput(TabInput):
    """Keys to press together."""

    keys: list[str]


class ScrollInput(TabInput):
    """Where to scroll, and how far."""

    direction: Literal["up", "down", "left", "right"]
    amount: int


class SelectOptionInput(TabInput):
    """Values for a control that selects."""

    target: str
    values: list[str]


class ZoomInput(TabInput):
    """A part of the viewport: left, top, right and bottom in its pixels."""

    region: list[int]


class NewTabInput(TypedDict):
    """An address for a new tab; None leaves it empty."""

    url: str | None


class WaitForInput(TabInput):
    """A text to wait for, at most `timeout_ms` milliseconds."""

    text: str
    timeout_ms: int


class HoverAtInput(TabInput):
    """A place in the viewport, in its pixels."""

    x: int
    y: int


class SetCheckedInput(TabInput):
    """What a checkbox shall be."""

    target: str
    checked: bool


class BrowserPoint(TypedDict):
    """A place in the viewport, in its pixels."""

    x: int
    y: int


class ClickAtInput(TabInput):
    """A place to click at, and how."""

    x: int
    y: int
    button: Literal["left", "right", "middle"]
    click_count: Literal[1, 2, 3]
    keys: list[_Modifier]


class DragPathInput(TabInput):
    """Places to drag through."""

    path: list[BrowserPoint]
    keys: list[_Modifier]


class HoldKeysInput(TabInput):
    """Keys to hold for `duration_ms` milliseconds."""

    keys: list[str]
    duration_ms: int


class ReadPageScopedInput(ReadPageInput):
    """A region to read by its reference; None asks which there are."""

    root: str | None
    depth: int


class ReadDiagnosticsInput(TabInput):
    """Which messages to read, and how many at most."""

    source: Literal["console", "network"]
    limit: int


class RunScriptInput(TabInput):
    """A script, and how many milliseconds it may take."""

    source: str
    timeout_ms: int


class BrowserFileInput(TypedDict):
    """The name under which the caller allowed a file."""

    grant_id: str
