"""Streams of the Assistants API with handlers; those of chats, responses and agents are in modules of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..._lazy import lazy_exports

if TYPE_CHECKING:
    from ._assistants import (
        AssistantEventHandler as AssistantEventHandler,
        AssistantEventHandlerT as AssistantEventHandlerT,
        AssistantStreamManager as AssistantStreamManager,
        AsyncAssistantEventHandler as AsyncAssistantEventHandler,
        AsyncAssistantEventHandlerT as AsyncAssistantEventHandlerT,
        AsyncAssistantStreamManager as AsyncAssistantStreamManager,
    )

lazy_exports(
    globals(),
    {
        "AssistantEventHandler": "._assistants",
        "AssistantEventHandlerT": "._assistants",
        "AssistantStreamManager": "._assistants",
        "AsyncAssistantEventHandler": "._assistants",
        "AsyncAssistantEventHandlerT": "._assistants",
        "AsyncAssistantStreamManager": "._assistants",
    },
)
