"""Sound from the microphone of this machine; it comes with a later release."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .._later import later_names

later_names(
    globals(),
    "audio devices",
    classes="Microphone",
    types="DType",
)

#: Samples a second of the sound that the API takes.
SAMPLE_RATE = 24000

if TYPE_CHECKING:

    def __getattr__(name: str) -> Any: ...
