"""The output items of a response that is still growing, by the place that the API gives them."""

from __future__ import annotations

from typing import Any

from ...._structured.growing_text import GrowingText
from ....types.responses.parsed_response import (
    ParsedResponseFunctionToolCall,
    ParsedResponseOutputMessage,
    ParsedResponseOutputText,
)
from ..._parsing._derived import derived
from ..._parsing._responses import FINAL_PHASES
from ._identity import identity, may_become

_CONFLICT = "Response snapshot has conflicting output identities."
_CHANGED = "Completed output item identity changed."
_UNFINISHED = "Cannot complete response with unfinished output items."


class LiveItem:
    """An item as its events have made it so far. `item` is as it came; the texts grow beside it.

    `is_answer` tells whether its texts are the answer, and not what the model says on its way there.
    """

    __slots__ = ("_arguments", "_parts", "_texts", "is_answer", "item", "phase")

    def __init__(self, item: Any) -> None:
        self.item = item
        self.phase: str | None = getattr(item, "phase", None)
        self.is_answer = self.phase in FINAL_PHASES
        self._arguments: GrowingText | None = None
        self._parts: list[Any] = list(item.content or ()) if item.type == "message" else []
        self._texts: dict[int, GrowingText] = {}

    def add_part(self, part: Any) -> None:
        """Add a part to a message; other items have none."""
        if self.item.type == "message":
            self._parts.append(part)

    def text(self, index: int) -> GrowingText:
        """Return the text of a part.

        Raises:
            RuntimeError: the item is no message, or the part is no text.
            IndexError: there is no such part.
        """
        text = self._texts.get(index)
        if text is None:
            if self.item.type != "message":
                raise AssertionError(f"A text belongs to a message, and the item is a `{self.item.type}`.")
            part = self._parts[index]
            if part.type != "output_text":
                raise AssertionError(f"A text belongs to an `output_text`, and the part is a `{part.type}`.")
            text = self._texts[index] = GrowingText(part.text)
        return text

    def arguments(self) -> GrowingText:
        """Return the arguments of a call. Raises `AssertionError` when the item is no call of a function."""
        if self._arguments is None:
            if self.item.type != "function_call":
                raise AssertionError(f"Arguments belong to a function call, and the item is a `{self.item.type}`.")
            self._arguments = GrowingText(self.item.arguments)
        return self._arguments

    def snapshot(self) -> Any:
        """Return the item with its texts so far, of the class that parsed items have."""
        item = self.item
        if item.type == "function_call":
            so_far = {} if self._arguments is None else {"arguments": str(self._arguments)}
            return derived(ParsedResponseFunctionToolCall, item, **so_far)
        if item.type != "message":
            return item
        parts = self._content()
        # A message whose content is null keeps it until a part comes.
        return derived(ParsedResponseOutputMessage, item, **({"content": parts} if parts else {}))

    def _content(self) -> list[Any]:
        texts = self._texts
        return [
            derived(ParsedResponseOutputText, part, **({"text": str(texts[index])} if index in texts else {}))
            if part.type == "output_text"
            else part
            for index, part in enumerate(self._parts)
        ]


class OutputItems:
    """Items that grow, and beside them those that the API has called done."""

    def __init__(self) -> None:
        self._live: dict[int, LiveItem] = {}
        self._done: dict[int, Any] = {}

    def begin(self, output: list[Any]) -> None:
        """Take the output of `response.created`."""
        for index, item in enumerate(output):
            self._live[index] = LiveItem(item)

    def add(self, index: int, item: Any) -> None:
        """Take a new item. Raises `RuntimeError` when its place is taken."""
        if index in self._live:
            raise RuntimeError(f"Duplicate response output index {index}.")
        self._live[index] = LiveItem(item)

    def live_item(self, index: int) -> LiveItem:
        """Return the item at a place. Raises `RuntimeError` when there is none."""
        try:
            return self._live[index]
        except KeyError:
            raise RuntimeError(
                f"Received a content event for output index {index} before receiving its output item"
            ) from None

    def live(self) -> list[Any]:
        """Return the items that grow, as they are now."""
        return [self._live[index].snapshot() for index in sorted(self._live)]

    def finish(self, index: int, item: Any) -> None:
        """Take an item that is done. Raises `RuntimeError` when it is not the item that was at its place."""
        name = identity(item)
        live = self._live.get(index)
        if live is not None and not (_same(live.item, item) and _same(self._done.get(index, live.item), item)):
            raise RuntimeError(_CHANGED)
        if any(place != index and identity(done) == name for place, done in self._done.items()):
            raise RuntimeError(_CONFLICT)
        self._done[index] = item

    def tell(self, output: list[Any]) -> None:
        """Take a newer state of items that are done. Raises `RuntimeError` when two are one."""
        places = {identity(item): index for index, item in self._done.items()}
        seen: set[tuple[str | None, ...]] = set()
        for item in output:
            name = identity(item)
            index = places.get(name)
            if name in seen or (index is not None and not may_become(self._done[index], item)):
                raise RuntimeError(_CONFLICT)
            seen.add(name)
            if index is not None:
                self._done[index] = item

    def partial(self) -> list[Any]:
        """Return what there is of a response that was cut, done or not, in the order of the API."""
        return [
            self._done[index] if index in self._done else self._live[index].snapshot()
            for index in sorted({*self._live, *self._done})
        ]

    def complete(self, output: list[Any] | None) -> list[Any]:
        """Return the output of a complete response, whose own is `output`, or None where it was left out.

        Raises:
            RuntimeError: an item is neither done nor in `output`, or has another identity there.
        """
        unfinished = [self._live[index].item for index in sorted(self._live) if index not in self._done]
        if output is None:
            if unfinished:
                raise RuntimeError(_UNFINISHED)
            return [self._done[index] for index in sorted(self._done)]
        final = {identity(item): item for item in output}
        for done in self._done.values():
            found = final.get(identity(done))
            if found is not None and not may_become(done, found):
                raise RuntimeError("Completed response output identity changed.")
        for item in unfinished:
            found = final.get(identity(item))
            if found is None or not may_become(item, found):
                raise RuntimeError(_UNFINISHED)
        return output


def _same(before: Any, after: Any) -> bool:
    return identity(before) == identity(after) and may_become(before, after)
