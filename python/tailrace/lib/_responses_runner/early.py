"""The items of an answer that is streamed, and the calls among them that run while it comes."""

from __future__ import annotations

from asyncio import CancelledError
from collections.abc import Callable, Generator
from functools import partial
from typing import TYPE_CHECKING, Any

from .dispatch import own_call
from .inspection import Inspection
from .lanes import Tasks, Threads
from .stop import RunnerStop

if TYPE_CHECKING:
    from .dispatch import Dispatch
    from .registry import Registry
    from .run import RunOptions

__all__ = ["EarlyCalls"]

_DIFFERS = "Completed response differs from collected stream output."


class EarlyCalls:
    """One answer as it comes: calls run in a row from the first on, up to the first that has to wait.

    Attributes:
        is_held: Whether a call has to wait, and with it all that follow.
    """

    def __init__(
        self, registry: Registry, options: RunOptions, dispatch: Dispatch, inspection: Inspection, *, is_eager: bool,
        is_async: bool,
    ) -> None:  # fmt: skip
        """Take an answer; `is_eager` lets calls run early at all."""
        self.is_held = False
        self._registry, self._options = registry, options
        self._dispatch, self._inspection = dispatch, inspection
        self._is_eager = is_eager
        self._items: dict[int, dict[str, Any]] = {}
        self._inspected: dict[int, bool] = {}
        self._is_sparse = False
        self._most = options.max_concurrent_calls
        self._lane = (Tasks if is_async else Threads)(self._most)
        self._running = 0
        self._outputs: dict[str, dict[str, Any]] = {}
        self._errors: dict[int, BaseException] = {}

    def take(self, index: Any, item: dict[str, Any], require_step: Callable[[], None]) -> Generator[Any, Any, None]:
        """Take an item that is whole, and run it if it may run. Raises what stops the run."""
        if type(index) is not int or index < 0 or index in self._items:
            raise RunnerStop("Tool stream output item index is invalid or duplicated.")
        # An item that overtakes another one waits for it, and nothing runs before the whole is there.
        self._is_sparse = self._is_sparse or index != len(self._items)
        self._items[index] = item
        ledger = self._dispatch.ledger
        if ledger is not None:
            yield from ledger.collect(item)
        if not self._is_eager or self._is_sparse:
            self.is_held = self.is_held or self._is_eager
            return
        is_pending = self._inspected[index] = self._inspection.take(item)
        if not is_pending:
            if not self.is_held:
                yield from self.settled()
            return
        require_step()
        self._dispatch.prepare(item)
        if self.is_held:
            return
        if not (yield from self._may_run(item)):
            self.is_held = True
            return
        own = self._registry.functions.get(item.get("name", ""))
        # What is saved is what one call after the other did.
        if item["type"] == "function_call" and own is not None and own.is_independent and ledger is None:
            self._dispatch.check()
            self._dispatch.attempted.append(item["call_id"])
            self._lane.begin(partial(self._beside, len(self._outputs) + self._running, item))
            self._running += 1
            if self._running >= self._most:
                yield from self.settled()
            return
        yield from self.settled()
        self._outputs[item["call_id"]] = yield from self._dispatch.run(item)
        self._dispatch.check()

    def settled(self) -> Generator[Any, Any, None]:
        """Wait for the calls that run. Raises the error of the first of them that failed."""
        if not self._running:
            return
        yield self._lane.drained()
        self._running = 0
        for place in sorted(self._errors):
            raise self._errors[place]

    def drained(self) -> Generator[Any, Any, None]:
        """Wait for the calls that run, whatever they give."""
        yield self._lane.drained()
        self._lane.close()

    def reconciled(self, output: list[dict[str, Any]]) -> dict[int, bool]:
        """Compare the whole answer with the items that came, and return which places were looked at already.

        Raises:
            RunnerStop: they differ in more than what a server may add at the end.
        """
        items = [self._items[index] for index in sorted(self._items)]
        if len(items) != len(output) or not all(_is_same(*pair) for pair in zip(items, output, strict=True)):
            raise RunnerStop(_DIFFERS)
        return self._inspected

    def outputs(self) -> dict[str, dict[str, Any]]:
        """Return the outputs of the calls that ran, by their ids."""
        return self._outputs

    def _may_run(self, item: dict[str, Any]) -> Generator[Any, Any, bool]:
        if item["type"] == "computer_call":
            is_permitted = self._registry.is_computer_early
        else:
            early = self._registry.early
            is_permitted = item["type"] == "function_call" and (early is None or item["name"] in early)
        decide = self._options.before_early_call
        if not is_permitted or decide is None:
            return is_permitted
        decision = yield decide(own_call(item))
        self._dispatch.check()
        if decision not in ("execute", "defer"):
            raise RunnerStop("before_early_call must return execute or defer.")
        return decision == "execute"

    def _beside(self, place: int, item: dict[str, Any]) -> Generator[Any, Any, None]:
        try:
            self._outputs[item["call_id"]] = yield from self._dispatch.call(item)
            self._dispatch.completed.append(item["call_id"])
        except (Exception, CancelledError) as error:  # noqa: BLE001 - it is raised when the run waits for the call.
            self._errors[place] = error


def _is_same(item: dict[str, Any], final: dict[str, Any]) -> bool:
    if item.get("type") == "reasoning" and "encrypted_content" in item and "encrypted_content" in final:
        final = {**final, "encrypted_content": item["encrypted_content"]}
    if item.get("type") == "function_call" and item.get("id") is None:
        final = {name: value for name, value in final.items() if name != "id"}
    return item == final
