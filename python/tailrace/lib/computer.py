"""Tools with which a model uses a computer; they come with a later release."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .._later import later_names

later_names(
    globals(),
    "computer use",
    classes="AsyncComputerDriver AsyncComputerToolset ComputerDriver ComputerToolset Screenshot",
    types="ComputerActionInput",
    errors={"ComputerUseError": RuntimeError},
)

if TYPE_CHECKING:

    def __getattr__(name: str) -> Any: ...
