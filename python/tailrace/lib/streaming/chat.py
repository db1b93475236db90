"""Streams of chat completions that parse; they come with a later release."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..._later import later_names

later_names(
    globals(),
    "structured outputs",
    classes="""
        AsyncChatCompletionStream AsyncChatCompletionStreamManager ChatCompletionStream
        ChatCompletionStreamManager ChatCompletionStreamState ChunkEvent ContentDeltaEvent ContentDoneEvent
        FunctionToolCallArgumentsDeltaEvent FunctionToolCallArgumentsDoneEvent LogprobsContentDeltaEvent
        LogprobsContentDoneEvent LogprobsRefusalDeltaEvent LogprobsRefusalDoneEvent
        ParsedChatCompletionMessageSnapshot ParsedChatCompletionSnapshot ParsedChoiceSnapshot
        RefusalDeltaEvent RefusalDoneEvent
    """,
    types="ChatCompletionStreamEvent",
)

if TYPE_CHECKING:

    def __getattr__(name: str) -> Any: ...
