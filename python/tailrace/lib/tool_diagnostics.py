"""What tool runners observe; they come with a later release."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .._later import later_names

later_names(
    globals(),
    "tool runners",
    classes="ToolDiagnostic ToolDiagnosticUsage",
    types="ToolDiagnosticObserver",
)

if TYPE_CHECKING:

    def __getattr__(name: str) -> Any: ...
