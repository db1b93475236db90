"""Which output items of a response are the same item, told again."""

from __future__ import annotations

from typing import Any

#: Items that the name of their call identifies, because they may come without an id and get it later.
_CALLS = frozenset(("custom_tool_call", "function_call"))
#: Items that the name of their call identifies, and that keep their id from the start.
_NAMED_BY_CALL = frozenset((*_CALLS, "shell_call", "shell_call_output"))


def identity(item: Any) -> tuple[str | None, ...]:
    """Return what names an item within its response: its type, and its call or its id."""
    kind: str = item.type
    call_id = getattr(item, "call_id", None)
    return (kind, call_id) if kind in _NAMED_BY_CALL else (kind, getattr(item, "id", None), call_id)


def may_become(before: Any, after: Any) -> bool:
    """Whether the id of an item may change so: a call may get one later, but it keeps the one that it has."""
    known = getattr(before, "id", None)
    return (known is None and before.type in _CALLS) or known == getattr(after, "id", None)
