"""A call of a tool as far as it has arrived."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...._structured.growing_text import GrowingText
from ...._structured.json_text import JsonText

if TYPE_CHECKING:
    from ....types.chat.chat_completion_chunk import ChoiceDeltaToolCall


class ToolCallSoFar:
    """What the events need of a call: `text` of its arguments, and their value; None while the API has sent none."""

    __slots__ = ("arguments", "kind", "name", "text")

    kind: str | None
    name: str | None
    arguments: JsonText | None
    text: GrowingText

    def __init__(self) -> None:
        self.kind = None
        self.name = None
        self.arguments = None
        self.text = GrowingText()

    def take(self, delta: ChoiceDeltaToolCall) -> None:
        """Add what a chunk has of it."""
        if "type" in delta.model_fields_set:
            self.kind = delta.type
        function = delta.function
        if function is None:
            return
        if function.name is not None:
            # The official package appends names like every other text.
            self.name = function.name if self.name is None else self.name + function.name
        if function.arguments is not None:
            if self.arguments is None:
                self.arguments = JsonText()
            self.arguments.push(function.arguments)
            self.text.append(function.arguments)
