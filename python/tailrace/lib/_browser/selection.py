"""Which tools a toolset has, and the methods of its driver that do them."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from typing import Any, cast

from .._tool_lifecycle import callable_flavor
from .members import BROWSER_MEMBERS, DEFAULT_BROWSER_MEMBERS, NAVIGATIONS, READ_ONLY

__all__ = ["Selection"]

_NO_METHOD = "list_tabs"


class Selection:
    """The tools of a toolset.

    Attributes:
        names: Of the selected ones.
        handlers: Methods of the driver by name; `list_tabs` has none.
        protected: Reads that have to be confirmed.
    """

    def __init__(
        self,
        driver: object,
        members: object,
        additional_members: object,
        confirm_reads: Iterable[object] | None,
        *,
        has_confirm: bool,
        has_url_policy: bool,
        is_async: bool,
    ) -> None:
        """Choose the tools. Raises `ValueError`; methods that are not chosen are not looked at."""
        if members is not None and additional_members is not None:
            raise ValueError("Use either members or additional_members, not both.")
        self._is_explicit = members is not None
        chosen = _unique(members) if self._is_explicit else ()
        added = _unique(additional_members) if additional_members is not None else ()
        optional = () if self._is_explicit else DEFAULT_BROWSER_MEMBERS
        _check_flavor("state", inspect.getattr_static(driver, "state", None), is_async)
        self.handlers: dict[str, Callable[..., Any]] = {}
        for name in BROWSER_MEMBERS:
            if name == _NO_METHOD or name not in (*chosen, *added, *optional):
                continue
            method = getattr(driver, name, None)
            if callable(method):
                _check_flavor(name, method, is_async)
                self.handlers[name] = method
            elif name in (*chosen, *added):
                raise ValueError("A selected browser member is not implemented by the driver.")
        has_list = not self._is_explicit or _NO_METHOD in chosen
        self.names = [name for name in BROWSER_MEMBERS if name in self.handlers or (name == _NO_METHOD and has_list)]
        self.protected = self._reads(confirm_reads)
        if (self.protected or not READ_ONLY.issuperset(self.names)) and not has_confirm:
            raise ValueError("State-changing browser members require confirm.")
        if not NAVIGATIONS.isdisjoint(self.names) and not has_url_policy:
            raise ValueError("Browser navigation members require url_policy.")

    def is_disabled(self, member: str) -> bool:
        """Whether a tool is there only for those who choose it, and was not chosen."""
        is_known = member in BROWSER_MEMBERS and member not in self.names
        return is_known and (self._is_explicit or member not in DEFAULT_BROWSER_MEMBERS)

    def _reads(self, given: Iterable[object] | None) -> frozenset[object]:
        names: list[object] = list(given or ())
        reads = frozenset(names)
        if isinstance(given, str) or len(reads) != len(names) or not reads <= READ_ONLY.intersection(self.names):
            raise ValueError("confirm_reads must contain unique selected read-only members.")
        return reads


def _unique(given: object) -> tuple[Any, ...]:
    names: tuple[Any, ...] = tuple(cast("list[Any]", given)) if isinstance(given, (list, tuple)) else (None,)
    if not all(isinstance(name, str) and name in BROWSER_MEMBERS for name in names) or len(set(names)) != len(names):
        raise ValueError("Browser members must be a sequence of unique fixed member names.")
    return names


def _check_flavor(name: str, method: Any, is_async: bool) -> None:
    if callable(method) and callable_flavor(method) == ("sync" if is_async else "async"):
        other = "BrowserToolset" if is_async else "AsyncBrowserToolset"
        raise ValueError(f"Browser member {name!r} has the wrong method flavor; use {other}.")
