"""A conversation that only uses a computer."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import Any, cast

from ...types.responses.response import Response
from .._continuation import continued_headers
from .._replay import ReplayError, own_item
from .call import OwnCall, own_call
from .error import ComputerUseError
from .execution import ComputerExecution
from .request import first_request, without_force

__all__ = ["ComputerRun"]

_KEPT = {"message": "assistant", "reasoning": "reasoning", "compaction": "compaction"}


class ComputerRun:
    """One run; what it was given is read once, so that nothing that is changed meanwhile changes it."""

    def __init__(self, client: Any, execution: ComputerExecution, params: Mapping[str, Any], max_steps: int) -> None:
        """Look at the parameters. Raises `ValueError` or `TypeError` for some that a run cannot go on with."""
        if type(max_steps) is not int or max_steps < 1:
            raise ValueError("max_steps must be a positive integer")
        self._client, self._execution, self._max_steps = client, execution, max_steps
        self._request = first_request(params)
        history: list[Any] = [item for item in self._request["input"] if isinstance(item, Mapping)]
        self._ids = {item["id"] for item in history if isinstance(item.get("id"), str) and item["id"]}
        self._calls = {item["call_id"] for item in history if isinstance(item.get("call_id"), str)}
        self._last: Response | None = None

    def steps(self) -> Generator[Any, Any, Response]:
        """Run to the final response. Raises `ComputerUseError`, and what the driver, approvals and requests raise."""
        try:
            return (yield from self._turns())
        except ComputerUseError as error:
            error.response = error.response or self._last
            raise

    def _turns(self) -> Generator[Any, Any, Response]:
        for step in range(1, self._max_steps + 1):
            self._execution.check()
            response = self._last = yield from self._answer(step)
            self._execution.check()
            items, calls = self._looked_at(response)
            if not calls:
                if any(_is_final(item) for item in items):
                    return response
                raise ComputerUseError("Response has no final message or computer call")
            if step == self._max_steps:
                break
            outputs: list[Any] = []
            for call in calls:
                outputs.append((yield from self._execution.output(call)))
            self._request["input"] += [*items, *outputs]
            if "tool_choice" in self._request:
                self._request["tool_choice"] = without_force(self._request["tool_choice"])
        raise ComputerUseError("Computer run reached max_steps before completion")

    def _answer(self, step: int) -> Generator[Any, Any, Response]:
        request = {**self._request, "input": [*self._request["input"]]}
        if step > 1:
            # One key for two requests would make the second one repeat the answer of the first.
            request["extra_headers"] = continued_headers(self._client, request.get("extra_headers"))
        return (yield self._client.responses.create(**request))

    def _looked_at(self, response: Response) -> tuple[list[dict[str, Any]], list[OwnCall]]:
        """Return the items of an answer as they are sent again, and its calls, all of which can be acted upon."""
        if response.status != "completed":
            raise ComputerUseError("Response did not complete")
        items: list[dict[str, Any]] = []
        calls: list[OwnCall] = []
        for item in cast("list[Any]", response.output):
            kind: object = getattr(item, "type", None)
            if kind == "computer_call":
                own = own_call(item)
                if own.call.call_id in self._calls:
                    raise ComputerUseError("Response has a duplicate computer call identity")
                self._calls.add(own.call.call_id)
                calls.append(own)
                items.append(own.item)
            elif kind in _KEPT:
                items.append(_own_sibling(item))
            else:
                raise ComputerUseError("Response requires a tool this helper does not handle")
            name: str = items[-1]["id"]
            if name in self._ids:
                raise ComputerUseError("Response has a duplicate output item identity")
            self._ids.update({name} - {""})
        return items, calls


def _own_sibling(item: Any) -> dict[str, Any]:
    try:
        return own_item(item)
    except ReplayError:
        raise ComputerUseError(f"Response requires native {_KEPT[item.type]} content before replay") from None


def _is_final(item: dict[str, Any]) -> bool:
    is_answer = item.get("phase") in (None, "final_answer")
    return item["type"] == "message" and item["status"] == "completed" and is_answer
