"""What a runner may call, and which calls may run before the whole answer was looked at."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, cast

from .plain_json import copied, is_left_out

__all__ = ["OwnFunction", "Registry", "own_function"]


@dataclass(frozen=True)
class OwnFunction:
    """A function as it was when the runner was made. `parsed_tool` is the typed tool that it was made of, or None."""

    tool: dict[str, Any]
    execute: Any
    is_open: bool
    is_independent: bool
    parsed_tool: Any


class Registry:
    """The tools of a runner, by the names that a model calls.

    Attributes:
        functions: Functions of the caller's.
        members: Names of the tools of the browser.
        early: Names of the functions whose calls may run early; None when all may, the computer too.
        is_computer_early: Whether calls of the computer may run early.
    """

    def __init__(self, functions: Iterable[OwnFunction], browser: Any, computer: Any, early: object) -> None:
        """Register tools. Raises `ValueError` for names that are not unique, or a wrong rule."""
        self.browser, self.computer = browser, computer
        self.functions: dict[str, OwnFunction] = {}
        tools: list[dict[str, Any]] = [copied(tool) for tool in browser.tools] if browser is not None else []
        self.members = frozenset(str(tool["name"]) for tool in tools)
        for own in functions:
            name = own.tool.get("name")
            if not isinstance(name, str) or not name or name in self.functions or name in self.members:
                raise ValueError("Function names must be unique and nonempty.")
            self.functions[name] = own
        self._browser_tools = tools
        self.early = None if early is None else self._rules(early)
        self.is_computer_early = early is None or cast("dict[str, Any]", early).get("computer") is True

    @property
    def declared(self) -> list[dict[str, Any]]:
        """What the model is told of the tools, as copies."""
        return copied([*self._browser_tools, *(own.tool for own in self.functions.values())])

    def _rules(self, rules: object) -> frozenset[str]:
        if not isinstance(rules, dict) or not rules.keys() <= {"functions", "computer"}:
            raise ValueError("early_execution must contain only functions and computer.")
        fields = cast("dict[str, Any]", rules)
        names, is_computer = fields.get("functions", []), fields.get("computer", False)
        if not isinstance(is_computer, bool) or (is_computer and self.computer is None):
            raise ValueError("Early computer execution requires a boolean and a registered dispatcher.")
        known = self.functions.keys() | self.members
        if not isinstance(names, list) or not all(isinstance(name, str) and name in known for name in names):  # pyright: ignore[reportUnknownVariableType]
            raise ValueError("Early functions must be unique registered function names.")
        found: frozenset[str] = frozenset(cast("list[str]", names))
        if len(found) != len(cast("list[str]", names)):
            raise ValueError("Early functions must be unique registered function names.")
        return found


def own_function(function: object, kind: type) -> OwnFunction:
    """Return a function, which is a `kind`, as it is now. Raises `ValueError` when it cannot be called."""
    if not isinstance(function, kind) or not callable(cast(Any, function).execute):
        raise ValueError("Every registered function requires an executor.")
    given = cast(Any, function)
    for option in (given.allow_output_override, given.independent):
        if not isinstance(option, bool):
            raise ValueError("allow_output_override and independent must be booleans.")
    tool = {name: copied(value) for name, value in given.tool.items() if not is_left_out(value)}
    return OwnFunction(tool, given.execute, given.allow_output_override, given.independent, given._parsed_tool)
