"""A browser that a model uses: driver calls, policies, reports, outputs and errors, beside the official package."""

from __future__ import annotations

import asyncio
import importlib
import inspect
import json
import sys
from collections.abc import Callable
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from compared import KINDS

import tailrace
from tailrace.lib.browser import BROWSER_MEMBERS, BrowserState, BrowserToolset
from tailrace.types.responses import ResponseFunctionToolCall

TAB: Any = {"id": "one", "title": "t", "url": "https://a.example/p", "active": True}
OBSERVED: Any = {"version": 1, "sequence": 0, "dropped_changes": 0, "title_truncated": False, "changes": []}
REPORT: Any = {"version": 1, "text": "t", "elements": [], "omitted": []}
ELEMENT: Any = {"ref": "a", "role": "button", "label": "b"}
IMAGE: Any = {"type": "input_image", "image_url": "u"}
FILE: Any = {"version": 1, "status": "completed", "effect": "completed", "cleanup": "completed"}
TARGET = {"tab_id": None, "target": "x"}
KEYS = {"keys": [], "tab_id": None}
POINT = {"x": 0, "y": 0}

#: Arguments of each tool, and what a driver returns that is taken.
TOOLS: dict[str, tuple[dict[str, Any], Any]] = {
    "navigate": ({"url": "u", "tab_id": None}, None),
    "read_page": ({"tab_id": None, "filter": "all"}, REPORT),
    "get_page_text": ({"tab_id": None}, "page"),
    "find": ({"query": "", "tab_id": None}, {**REPORT, "elements": [ELEMENT]}),
    "click": (TARGET, None),
    "type": ({"text": "", "target": None, "tab_id": None}, "typed"),
    "key": ({**KEYS, "keys": ["a", "a"]}, None),
    "scroll": ({"direction": "up", "amount": 0, "tab_id": None}, None),
    "select_option": ({"target": "x", "values": [], "tab_id": None}, None),
    "hover": (TARGET, None),
    "screenshot": ({"tab_id": "one"}, IMAGE),
    "zoom": ({"tab_id": None, "region": [0, 0, 1, 1]}, {**IMAGE, "detail": "low"}),
    "new_tab": ({"url": None}, None),
    "list_tabs": ({}, None),
    "switch_tab": ({"tab_id": ""}, None),
    "close_tab": ({"tab_id": "a"}, None),
    "scroll_to": (TARGET, None),
    "wait_for": ({"text": "x", "timeout_ms": 1, "tab_id": None}, None),
    "hover_at": ({"tab_id": None, **POINT}, None),
    "set_checked": ({**TARGET, "checked": True}, None),
    "click_at": ({"tab_id": None, **POINT, "button": "left", "click_count": 1, "keys": []}, None),
    "drag_path": ({"tab_id": None, "path": [POINT, POINT], "keys": ["Alt"]}, None),
    "hold_keys": ({"tab_id": None, "keys": ["a"], "duration_ms": 1}, None),
    "read_page_scoped": ({"tab_id": None, "root": None, "depth": 1, "filter": "all"}, {**REPORT, "scopes": []}),
    "read_diagnostics": ({"tab_id": None, "source": "console", "limit": 1}, REPORT),
    "run_script": ({"tab_id": None, "source": " ", "timeout_ms": 1}, "done"),
    "upload_file": ({"grant_id": "g"}, FILE),
    "download_file": ({"grant_id": "g"}, {**FILE, "status": "refused", "effect": "none"}),
}

#: Arguments that differ from those above.
ARGUMENTS: dict[str, list[dict[str, Any]]] = {
    "navigate": [{"url": 3}, {"tab_id": 3}, {"more": 1}],
    "read_page": [{"filter": "x"}, {"filter": None}],
    "type": [{"text": None}, {"target": 3}],
    "key": [{"keys": "a"}, {"keys": [3]}, {"keys": [""]}],
    "scroll": [{"direction": "x"}, *({"amount": value} for value in (-1, True, 1.0, None, 2**53))],
    "zoom": [{"region": value} for value in ([0, 0, 0, 1], [0, 1, 1, 1], [0, 0, 1], [0, 0, 1.0, 1], None)],
    "new_tab": [{"url": 3}, {"url": "u"}],
    "switch_tab": [{"tab_id": None}],
    "wait_for": [
        *({"text": value} for value in (" ", "x" * 257, "x" * 256, " " * 300 + "x", "🦉" * 65)), {"timeout_ms": 30001},
    ],
    "set_checked": [{"checked": 1}],
    "click_at": [{"button": "wheel"}, {"click_count": 4}, {"click_count": True}, {"keys": ["Alt", "Alt"]}, {"x": -1}],
    "drag_path": [{"path": value} for value in ([POINT], [{"x": 0}] * 2, [{**POINT, "z": 1}] * 2, [POINT] * 101, None)],
    "hold_keys": [{"keys": value} for value in ([], ["a", "a"], ["a"] * 9, [""], ["é" * 33], ["é" * 32])],
    "read_page_scoped": [{"root": ""}, {"root": "é" * 129}, {"root": "é" * 128}, {"depth": 33}],
    "run_script": [{"source": ""}, {"source": "\ud800"}, {"timeout_ms": 0}],
    "upload_file": [{"grant_id": ""}, {"grant_id": "é" * 129}, {"grant_id": 3}],
}  # fmt: skip


def _element(**more: Any) -> dict[str, Any]:
    return {**REPORT, "elements": [{**ELEMENT, **more}]}


OPTION = {"label": "a", "value": "b", "selected": True}

#: What drivers return beside what is above.
RESULTS: dict[str, list[Any]] = {
    "click": ["", "said", 3, b"x", [], REPORT],
    "list_tabs": [None],
    "wait_for": ["seen", REPORT],
    "get_page_text": [None, 3, REPORT, _element()],
    "read_page": [
        None, "page", {**REPORT, "more": 1}, {**REPORT, "version": 1.0}, {**REPORT, "version": True}, {"version": 1},
        *({**REPORT, "omitted": value} for value in (["private"], ["private"] * 2, ["other"], "private")),
        *({**REPORT, "text": value} for value in (None, "\ud800")), {**REPORT, "elements": [ELEMENT, ELEMENT]},
        *(_element(**{name: value}) for name, value in (
            ("ref", ""), ("ref", "x" * 257), ("label", "é" * 129), ("role", "link"), ("value", None), ("value", ""),
            ("value", "x" * 513), ("checked", True), ("options", []), ("options", None), ("options", [OPTION]),
        )),
        *(_element(role=role, options=[OPTION], checked=True, value="v") for role in ("checkbox", "listbox", "slider")),
        _element(role="radio", checked=1), _element(role="listbox", options=[{**OPTION, "selected": 0}]),
        _element(role="combobox", options=[{"label": "", "value": "b"}]),
    ],
    "read_page_scoped": [
        None, "page", REPORT, *({**REPORT, "scopes": value} for value in (None, [{"ref": "s", "label": "l", "x": 1}])),
        {**_element(), "scopes": [{"ref": "a", "label": "l"}]}, {**REPORT, "scopes": [{"ref": "", "label": "l"}]},
    ],
    "read_diagnostics": [None, "text", _element()],
    "run_script": ["", None, 3, "\ud800"],
    "upload_file": [
        None, "x", {**FILE, "more": 1}, {**FILE, "version": True}, {**FILE, "cleanup": "x"}, {**FILE, "effect": "none"},
        *({**FILE, "status": "interrupted", "effect": value} for value in ("none", "unknown", "completed")),
    ],
    "screenshot": [
        None, {}, {"type": "x"}, {**IMAGE, "detail": "x"}, {**IMAGE, "detail": None}, {**IMAGE, "more": 1},
        {**IMAGE, "image_url": None}, {**IMAGE, "image_url": None, "file_id": "f"}, {**IMAGE, "image_url": " "},
        {**IMAGE, "file_id": 3}, {**IMAGE, "prompt_cache_breakpoint": {"mode": "explicit"}},
        {**IMAGE, "prompt_cache_breakpoint": {"mode": "x"}},
    ],
    "zoom": [None],
}  # fmt: skip


def _changed(**change: Any) -> dict[str, Any]:
    return {"tabs": [TAB], "observation": {**OBSERVED, "sequence": 1, "changes": [{"sequence": 1, **change}]}}


URLS = [
    "https://a.example", "HTTPS://A.Example/P", "http://a.example:80/", "https://a.example:8443/x", "https:a", "x", "",
    "https://user:secret@a.example/?key=secret#secret", "https://[::1]:99/x", "https://[::1", "https://[v1.a]/",
    "https://a.example:99999/", "https://a.example:abc/", "https:///x", "about:blank", "about:blank#x", "data:,secret",
    "file:///secret", "javascript:secret", "chrome-extension://abc/x", "https://ä.example/", "https://a_b.example/",
    "https://1.2.3.4/x", "https://1.2.3/x", "https://a..b/", "https://-a/", "https://a.example\\x", "https://a b/",
    "https://a.example.", "https://" + "a" * 64 + "/", "x" * 2047 + ":s", "x" * 2048 + ":s", "https://a\tb/",
    # Python 3.10 takes this for an address.
    *(["1a:x"] if sys.version_info >= (3, 11) else []),
]  # fmt: skip

STATES: list[Any] = [
    None, {}, [], {"tabs": None}, {"tabs": ()}, {"tabs": [None]}, {"tabs": [], "more": 1}, {"tabs": [TAB, TAB]},
    *({"tabs": [{**TAB, **more}]} for more in (
        {"active": False}, {"active": 1}, {"id": ""}, {"id": 3}, {"id": "x" * 129}, {"title": None},
        {"title": "x" * 2000},
        {"title": "\ud800"}, {"url": None}, {"more": 1},
    )),
    *({"tabs": [{**TAB, **more}], "observation": OBSERVED} for more in (
        {}, {"id": ""}, {"id": "x" * 128}, {"id": "x" * 129}, {"title": "é" * 513}, {"title": "\ud800"},
        {"active": False},
    )),
    *({"tabs": [TAB], "observation": {**OBSERVED, **more}} for more in (
        {"version": 2}, {"version": True}, {"sequence": 1}, {"sequence": -1}, {"sequence": 1, "dropped_changes": 1},
        {"title_truncated": None}, {"changes": ()}, {"sequence": 2**53, "dropped_changes": 2**53}, {"more": 1},
    )),
    {"tabs": [TAB], "observation": None},
    *(_changed(**change) for change in (
        {"type": "navigation", "tab_id": "one", "more": 1}, {"type": "navigation", "tab_id": None}, {"type": "login"},
        {"type": "tab_closed", "tab_id": "x" * 129}, {"type": "navigation_refused", "tab_id": None, "reason": "policy"},
        {"type": "navigation_refused", "reason": "policy"}, {"type": "navigation_refused", "tab_id": "a",
        "reason": "x"},
        {"type": "dialog_dismissed", "tab_id": None, "kind": "alert"}, {"type": "download", "tab_id": "a",
        "status": "failed"},
        {"type": "dialog_dismissed", "tab_id": "a", "kind": "alert"}, {"type": "navigation", "tab_id": "a",
        "sequence": 2},
    )),
    *({"tabs": [{**TAB, "url": url}], **more} for url in URLS for more in ({}, {"observation": OBSERVED})),
]  # fmt: skip


class Browser:
    """Drives either package: notes what it was asked, and does what a scenario says instead."""

    def __init__(
        self, library: ModuleType, kind: str, member: str = "list_tabs", returns: Any = None, **settings: Any
    ) -> None:
        self.module = importlib.import_module(f"{library.__name__}.lib.browser")
        self.types = importlib.import_module(f"{library.__name__}.types.responses")
        self.is_async = kind != "OpenAI"
        self.trace: list[Any] = []
        self.reports: list[Any] = []
        self.state = settings.pop("state", lambda: {"tabs": [TAB]})
        self.options = {"on_diagnostic": self.note, "cancelled": settings.pop("cancelled", None)}
        self.driver = SimpleNamespace(state=self.suited("state", self.state))
        if member != "list_tabs":
            setattr(self.driver, member, self.suited(member, returns if callable(returns) else lambda _: returns))
        for name in ("confirm", "url_policy"):
            settings[name] = self.suited(name, settings.get(name, lambda *_: True))
        made = self.module.AsyncBrowserToolset if self.is_async else self.module.BrowserToolset
        self.toolset: Any = made(self.driver, members=[member], **settings)

    def suited(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def noting(*given: Any) -> Any:
            # What is given is the function's own.
            self.trace.append((name, json.dumps(given)))
            for one in given:
                if isinstance(one, dict) and name in ("confirm", "url_policy"):
                    one.clear()  # pyright: ignore[reportUnknownMemberType]
            return function(*given)

        async def call(*given: Any) -> Any:
            return noting(*given)

        return call if self.is_async else noting

    def note(self, report: Any) -> None:
        assert report.pop("duration_ms") >= 0
        self.reports.append(dict(report))
        report.clear()

    def call(self, member: str, arguments: Any, *, skip: bool = False, changed: Any = {}) -> Any:  # noqa: B006
        """Return what came of a call: the output and whether it was done, or the error; what was asked, and reports."""
        fields = {"type": "function_call", "name": f"browser_{member}", "call_id": "c", "status": "completed"}
        given = {**fields, "arguments": json.dumps(arguments), **changed}
        made = self.types.ResponseFunctionToolCall.construct(**given)
        try:
            outcome = self.toolset._execute(made, skip=skip, **self.options)
            outcome = asyncio.run(outcome) if inspect.iscoroutine(outcome) else outcome
        except Exception as error:  # noqa: BLE001 - Which one it is, is compared.
            outcome = (type(error).__name__, str(error), repr(error.__cause__))
        assert self.toolset.close() == {"status": "closed"}
        return outcome, self.trace, self.reports


def compared(official: ModuleType, kind: str, member: str, arguments: Any, returns: Any = None, **more: Any) -> Any:
    call = more.pop("call", {})
    found = [
        Browser(library, kind, member, returns, **more).call(member, arguments, **call)
        for library in (tailrace, official)
    ]
    assert found[0] == found[1]
    return found[0]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("member", TOOLS)
def test_a_tool_is_declared_and_does_what_the_official_one_does(official: ModuleType, kind: str, member: str) -> None:
    arguments, returns = TOOLS[member]
    declared = [Browser(library, kind, member).toolset.tools for library in (tailrace, official)]
    assert json.dumps(declared[0]) == json.dumps(declared[1])
    (_, is_done), trace, _ = compared(official, kind, member, arguments, returns)
    assert is_done == (member != "download_file")
    assert [name for name, _ in trace][-1] == "state"
    for more in ARGUMENTS.get(member, []):
        compared(official, kind, member, {**arguments, **more}, returns)
    for result in RESULTS.get(member, []):
        compared(official, kind, member, arguments, result)


@pytest.mark.parametrize("kind", KINDS)
def test_a_state_is_told_as_by_the_official_package(official: ModuleType, kind: str) -> None:
    for state in STATES:
        outcome, *_ = compared(official, kind, "list_tabs", {}, state=lambda state=state: state)
        assert "secret" not in json.dumps(outcome)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("member", ["click", "navigate", "get_page_text"])
def test_what_functions_raise_or_say_is_told_as_by_the_official_package(
    official: ModuleType, kind: str, member: str
) -> None:
    def raising(library: ModuleType, name: str) -> Callable[..., Any]:
        error = getattr(importlib.import_module(f"{library.__name__}.lib.browser"), name, ValueError)

        def fail(*_: Any) -> Any:
            raise error("said")

        return fail

    arguments, _ = TOOLS[member]
    reads = {"confirm_reads": [member]} if member == "get_page_text" else {}
    for place in ("driver", "state", "confirm", "url_policy"):
        for name in ("BrowserError", "BrowserCancelledError", "ValueError"):
            found: list[Any] = []
            for library in (tailrace, official):
                given = {"returns" if place == "driver" else place: raising(library, name)}
                found.append(Browser(library, kind, member, **given, **reads).call(member, arguments))
            assert found[0] == found[1]
        if place != "driver":
            for verdict in (False, 1, None):
                compared(official, kind, member, arguments, **{place: lambda *_, verdict=verdict: verdict}, **reads)


@pytest.mark.parametrize("kind", KINDS)
def test_calls_that_are_none_and_calls_that_are_left_out(official: ModuleType, kind: str) -> None:
    calls: list[dict[str, Any]] = [
        {"type": "message"}, {"status": "in_progress"}, {"status": None}, {"name": "browser_hover"}, {"name": "other"},
        {"name": "browser_run_script"}, {"call_id": 3}, {"call_id": ""}, {"arguments": "{"}, {"arguments": "[]"},
        {"arguments": " {\"tab_id\":null,\"target\":\"x\",\"target\":\"y\"} "}, {"arguments": None},
        {"arguments": "NaN"},
        {"created_by": object(), "parsed_arguments": object(), "more": {"x": [1]}},
    ]  # fmt: skip
    for more in calls:
        for skip in (False, True):
            compared(official, kind, "click", TARGET, call={"changed": more, "skip": skip})
    compared(official, kind, "get_page_text", {"tab_id": None}, confirm_reads=["get_page_text"], call={"skip": True})
    with pytest.raises(ValueError, match="JSON"):
        BrowserToolset(_Tabs()).execute(ResponseFunctionToolCall.construct(call_id="c", more=object()))


class _Tabs:
    def state(self) -> BrowserState:
        raise AssertionError


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("member", ["click", "navigate", "get_page_text"])
def test_the_toolset_looks_for_cancellation_where_the_official_one_does(
    official: ModuleType, kind: str, member: str
) -> None:
    arguments, returns = TOOLS[member]
    for reads in ({}, {"confirm_reads": [member]} if member == "get_page_text" else {}):
        for skip in (False, True):
            outcomes: list[Any] = []
            for limit in range(11):
                found: list[Any] = []
                for library in (tailrace, official):
                    asked: list[int] = []
                    watch = {"cancelled": lambda asked=asked, limit=limit: asked.append(0) or len(asked) > limit}
                    browser = Browser(library, kind, member, returns, **watch, **reads)
                    found.append(browser.call(member, arguments, skip=skip))
                assert found[0] == found[1]
                outcomes.append(found[0][0])
            assert isinstance(outcomes[-1][1], bool)


def test_tools_are_chosen_as_by_the_official_package(official: ModuleType) -> None:
    def plain(*_: Any) -> Any: ...

    async def awaited(*_: Any) -> Any: ...

    def annotated(*_: Any) -> str: ...

    settings: list[dict[str, Any]] = [
        {}, {"members": []}, {"members": [], "additional_members": []}, {"members": "click"}, {"members": ["x"]},
        {"members": ["click"] * 2}, {"members": ("list_tabs",)}, {"members": ["hover"]},
        {"additional_members": ["hover"]},
        {"additional_members": ["run_script"], "confirm": plain}, {"additional_members": ["list_tabs"]},
        *({"members": [name]} for name in BROWSER_MEMBERS), *({"members": [name],
        "confirm": plain} for name in BROWSER_MEMBERS),
        *({"confirm_reads": value, "confirm": plain, "url_policy": plain} for value in (
            [], ["list_tabs"], ["list_tabs"] * 2, ["click"], "x", [1], None,
        )),
        {"confirm_reads": ["list_tabs"]},
    ]  # fmt: skip
    drivers = [{}, {"click": plain}, {"click": awaited}, {"click": annotated}, {"click": 3}, {"navigate": plain}]
    drivers += [dict.fromkeys(BROWSER_MEMBERS, plain)]
    for made in ("BrowserToolset", "AsyncBrowserToolset"):
        for setting in settings:
            for driver in drivers:
                told: list[Any] = []
                for library in (tailrace, official):
                    module: Any = importlib.import_module(f"{library.__name__}.lib.browser")
                    try:
                        tools = getattr(module, made)(SimpleNamespace(**driver, state=plain), **setting).tools
                        told.append([tool["name"] for tool in tools])
                    except ValueError as error:
                        told.append(str(error))
                assert told[0] == told[1], (setting, driver)


@pytest.mark.parametrize("kind", KINDS)
def test_one_use_at_a_time_and_none_after_closing(kind: str) -> None:
    told: list[Any] = []

    def again(_: Any) -> None:
        used = browser.toolset.execute(None)
        if inspect.iscoroutine(used):
            # A coroutine that does not wait ends with its first step.
            used.send(None)

    def use(_: Any) -> None:
        for then in (browser.toolset.close, list):
            with pytest.raises(RuntimeError) as error:
                again(None)
            told.append(str(error.value))
            told.append(then())

    browser = Browser(tailrace, kind, "click", use)
    assert browser.call("click", TARGET)[0][1] is True
    assert told == [
        "Browser toolset is busy with another call.",
        {"status": "draining"},
        "Browser toolset is closed.",
        [],
    ]
