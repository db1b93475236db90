"""Streams of the Assistants API with handlers; they come with a later release."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..._later import later_names

later_names(
    globals(),
    "streams of assistants",
    classes="""
        AssistantEventHandler AssistantStreamManager AsyncAssistantEventHandler AsyncAssistantStreamManager
    """,
    types="AssistantEventHandlerT AsyncAssistantEventHandlerT",
)

if TYPE_CHECKING:

    def __getattr__(name: str) -> Any: ...
