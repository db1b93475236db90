"""A computer that a model uses: requests, driver calls, approvals, reports and errors, beside the official package."""

from __future__ import annotations

import asyncio
import importlib
import inspect
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest
from compared import KINDS, observed

import tailrace
from tailrace.testing import MockServer

SHOT = {"type": "computer_screenshot", "image_url": "data:image/png;base64,aW1hZ2U="}
CLICK = {"type": "click", "button": "left", "x": 0, "y": 2}
LOOK, WAIT = {"type": "screenshot"}, {"type": "wait"}
CHECK = {"id": "check", "code": None, "message": "look twice", "more": 1}
CHECKED = {"pending_safety_checks": [CHECK]}
MEMBERS = ("click", "double_click", "drag", "keypress", "move", "scroll", "type", "wait")


def only(**fields: Any) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not ...}


def call(**more: Any) -> dict[str, Any]:
    fields = {"id": "cu", "call_id": "call", "type": "computer_call", "status": "completed", "actions": [CLICK]}
    return only(**{**fields, "pending_safety_checks": [], **more})


def message(**more: Any) -> dict[str, Any]:
    content = [{"type": "output_text", "text": "done", "annotations": []}]
    fields = {"id": "msg", "type": "message", "role": "assistant", "status": "completed", "content": content}
    return only(**{**fields, **more})


def reasoning(**more: Any) -> dict[str, Any]:
    return only(**{"type": "reasoning", "id": "rs", "summary": [], **more})


def answer(*output: Any, **more: Any) -> dict[str, Any]:
    fields = {"id": "resp", "object": "response", "created_at": 0, "status": "completed", "model": "m"}
    return {"json": {**fields, "output": list(output), **more}}


def failing(*_: Any) -> Any:
    raise ValueError("the function of the caller")


def saying(verdict: object) -> Callable[..., Any]:
    return lambda _: verdict


FINAL = answer(message())
ACTS = [answer(call()), FINAL]

#: Fields of a call, and options of `execute`.
CALLS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    **{f"call {value}": (value, {}) for value in (
        {}, {"id": ...}, {"id": None}, {"id": ""}, {"id": 3}, {"call_id": ...}, {"call_id": ""}, {"call_id": 7},
        {"type": "message"}, {"status": "in_progress"}, {"status": ...}, {"actions": ...}, {"actions": []},
        {"actions": None}, {"action": CLICK}, {"action": None}, {"actions": ..., "action": None},
        {"actions": ..., "action": {"type": "wait"}}, {"created_by": "me", "more": {"x": [1]}},
        {"actions": ..., "action": {"type": "wait"}, "pending_safety_checks": ...},
        *({"pending_safety_checks": checks} for checks in (..., None, [None], [{}], [{"id": 3}], [{"id": "a"}])),
        {"pending_safety_checks": [{"id": "a", "code": 3}]},
    )},
    **{f"action {value}": ({"actions": [value]}, {}) for value in (
        {}, {"type": "other"}, {"type": "__class__"}, {**CLICK, "button": "middle"}, {**CLICK, "x": "1"},
        {**CLICK, "x": 1.5}, {**CLICK, "x": -5}, {**CLICK, "keys": ["Shift"]}, {**CLICK, "keys": [1]},
        {**CLICK, "more": 3}, {"type": "move", "x": 1}, {"type": "move", "x": 1.0, "y": 2**60},
        {"type": "double_click", "x": 1, "y": 1}, {"type": "double_click", "x": 1, "y": 1, "keys": None},
        {"type": "drag", "path": []}, {"type": "drag", "path": [{"x": 1, "y": None}]}, {"type": "keypress", "keys": []},
        {"type": "keypress"}, {"type": "scroll", "x": 1, "y": 1, "scroll_x": 2}, {"type": "type", "text": ""},
        {"type": "type"}, {"type": "wait", "keys": [1]}, {"type": "screenshot"},
    )},
    **{f"approved {verdict!r}": (CHECKED, {"approve_safety_checks": saying(verdict)}) for verdict in (True, False, 1)},
    **{f"allowed {verdict!r}": ({}, {"before_action": saying(verdict)}) for verdict in (True, False, 1)},
    "checks that nobody approves": (CHECKED, {}),
    "approving fails": (CHECKED, {"approve_safety_checks": failing}),
    "allowing fails": ({}, {"before_action": failing}),
    "looks in between": ({"actions": [LOOK, CLICK, LOOK]}, {"before_action": saying(True)}),
    "no look is allowed": ({}, {"before_action": lambda action: action.type != "screenshot"}),
    "a later action is not allowed": ({"actions": [CLICK, WAIT]}, {"before_action": lambda one: one.type == "click"}),
    "cancelled": ({}, {"cancelled": lambda: True}),
    "asking whether it is cancelled fails": ({}, {"cancelled": failing}),
    "an observer fails": ({}, {"on_diagnostic": failing}),
    **{f"screenshot {shot}": ({}, {"screenshot": shot}) for shot in (
        None, "x", {}, {"type": "other", "image_url": "u"}, {"type": "computer_screenshot"}, {**SHOT, "image_url": " "},
        {**SHOT, "image_url": 3}, {**SHOT, "file_id": ""}, {**SHOT, "file_id": "f", "more": 1},
        {**SHOT, "image_url": None, "file_id": "f"},
    )},
    **{f"{name} fails": ({"actions": [WAIT, CLICK]}, {name: failing}) for name in ("wait", "click", "screenshot")},
}  # fmt: skip

#: What the API answers, and parameters and options of a run.
RUNS: dict[str, tuple[list[Any], dict[str, Any]]] = {
    "one call": (ACTS, {}),
    "none": ([FINAL], {}),
    "two calls": ([answer(call(), call(id="b", call_id="b")), FINAL], {}),
    "siblings": ([answer(reasoning(encrypted_content="e", created_by="x"), message(id="a"), call()), FINAL], {}),
    "checks": ([answer(call(pending_safety_checks=[CHECK])), FINAL], {"approve_safety_checks": lambda _: True}),
    "checks that nobody approves": ([answer(call(pending_safety_checks=[CHECK]))], {}),
    "not allowed": ([answer(call())], {"before_action": lambda _: False}),
    "the driver fails": ([answer(call())], {"click": failing}),
    "the API fails": ([{"status": 403, "json": {"error": {"message": "no"}}}], {}),
    "the API fails later": ([answer(call()), {"status": 400, "json": {"error": {"message": "no"}}}], {}),
    "steps end": ([answer(call()), answer(call(id="b", call_id="b"))], {"max_steps": 2}),
    **{f"max_steps {value!r}": ([], {"max_steps": value}) for value in (0, -1, True, 1.0, "a", None)},
    **{f"answer {number}": ([value], {}) for number, value in enumerate([
        answer(call(), status="incomplete"), answer(), answer(reasoning()), answer(message(phase="commentary")),
        answer(message(status="incomplete")), answer(message(id=None)), answer(message(role="user")),
        answer(message(content=None)), answer(message(content=[])), answer(message(phase="other")),
        answer(message(content=[{"type": "refusal", "refusal": "no"}])), answer(message(), message()),
        answer(message(), message(id="b")), answer(call(), reasoning(summary=None)), answer(call(), reasoning(id=None)),
        answer(call(), {"type": "compaction", "id": "c"}), answer(call(), call(call_id="b")),
        answer(call(), {"type": "compaction", "encrypted_content": "c"}),
        answer(call(), {"type": "web_search_call", "id": "w", "status": "completed"}),
        answer(call(), {"type": "function_call", "id": "f", "call_id": "f", "name": "f", "arguments": "{}"}),
        answer(call(), call(id="b")), answer(call(status="in_progress")), answer(call(id=None)), answer({"id": "q"}),
        answer(call(), call(id="b", call_id="b", actions=[{"type": "other"}])),
    ])},
    **{f"parameters {value}": (ACTS, {"params": value}) for value in (
        {"tools": [{"type": "computer"}]}, {"tools": []}, {"tools": None}, {"tools": [{"type": "computer_use"}]},
        {"tools": [{"type": "computer"}, {"type": "computer"}]}, {"input": None}, {"input": 3}, {"input": ""},
        {"input": []},
        {"tools": [{"type": "computer_use_preview", "display_width": 1, "display_height": 1, "environment": "linux"}]},
        {"stream": True}, {"stream": False}, {"background": True}, {"background": False}, {"conversation": "c"},
        {"previous_response_id": "r"}, {"previous_response_id": None}, {"include": None}, {"store": False},
        {"include": ["reasoning.encrypted_content", "message.input_image.image_url"]}, {"tool_choice": "required"},
        {"tool_choice": "none"}, {"tool_choice": {"type": "computer"}}, {"tool_choice": {"type": "computer_use"}},
        {"tool_choice": {"type": "function", "name": "f"}}, {"extra_body": {"more": 1, "model": "b"}},
        {"tool_choice": {"type": "allowed_tools", "mode": "required", "tools": [{"type": "computer"}]}},
        {"extra_body": {"input": 1}}, {"extra_body": {"tools": None}}, {"extra_query": {"a": "b"}},
        {"input": [{"role": "user", "content": "a", "id": "cu"}]}, {"input": [{"role": "user", "content": "a"}]},
        {"input": [{"type": "item_reference", "id": "cu"}]}, {"input": [call()]}, {"input": [call(id="", call_id="")]},
        {"input": [{"type": "computer_call_output", "call_id": "call", "output": SHOT}]},
    )},
}  # fmt: skip


class Computer:
    """Drives either package: notes what it was asked, and does what a scenario says instead."""

    def __init__(self, library: ModuleType, kind: str, settings: dict[str, Any]) -> None:
        self.module = importlib.import_module(f"{library.__name__}.lib.computer")
        self.is_async = kind != "OpenAI"
        self.trace: list[Any] = []
        self.reports: list[Any] = []
        self.params = {"model": "m", "input": "the task", **settings.pop("params", {})}
        shot = settings.pop("screenshot", SHOT)
        driver: Any = type("Driver", (), {})()
        for member in MEMBERS:
            setattr(driver, member, self.suited(self.noted(settings.pop(member, lambda _: None))))
        driver.screenshot = self.suited(lambda: self.trace.append("screenshot") or (shot() if callable(shot) else shot))
        made = self.module.AsyncComputerToolset if self.is_async else self.module.ComputerToolset
        self.toolset: Any = made(driver)
        self.options = {"on_diagnostic": self.note, **settings}
        for name in ("approve_safety_checks", "before_action"):
            if name in self.options:
                self.options[name] = self.suited(self.noted(self.options[name]))

    def noted(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def noting(given: Any) -> Any:
            self.trace.append(given.to_dict(warnings=False))
            return function(given)

        return noting

    def suited(self, function: Callable[..., Any]) -> Callable[..., Any]:
        async def call(*arguments: Any) -> Any:
            return function(*arguments)

        return call if self.is_async else function

    def note(self, report: Any) -> None:
        assert report.pop("duration_ms") >= 0
        self.reports.append(dict(report))
        report.clear()

    def run(self, api: Any) -> Any:
        return self.outcome(lambda: self.toolset.run(api, self.params, **self.options))

    def execute(self, fields: dict[str, Any]) -> Any:
        types = importlib.import_module(self.module.__name__.replace("lib.computer", "types.responses"))
        pending = types.ResponseComputerToolCall.construct(**fields)
        return self.outcome(lambda: self.toolset.execute(pending, **self.options))

    def outcome(self, use: Callable[[], Any]) -> Any:
        """Return what came of a use, or something to await for it."""
        if self.is_async:
            return self._awaited(use)
        try:
            return self._told(use())
        except Exception as error:  # noqa: BLE001 - Which one it is, is compared.
            return self._told(error)

    async def _awaited(self, use: Callable[[], Any]) -> Any:
        try:
            return self._told(await use())
        except Exception as error:  # noqa: BLE001 - Which one it is, is compared.
            return self._told(error)

    def _told(self, result: Any) -> Any:
        told = result.to_dict() if hasattr(result, "to_dict") else result
        if isinstance(result, Exception):
            told = (type(result).__name__, str(result), getattr(getattr(result, "response", None), "id", None))
        assert self.toolset.close() == {"status": "closed"}
        return told, self.trace, self.reports


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", CALLS)
def test_a_call_is_executed_as_by_the_official_package(official: ModuleType, kind: str, name: str) -> None:
    fields, settings = CALLS[name]
    found: list[Any] = []
    for library in (tailrace, official):
        outcome = Computer(library, kind, dict(settings)).execute(call(**fields))
        found.append(asyncio.run(outcome) if inspect.isawaitable(outcome) else outcome)  # pyright: ignore[reportArgumentType]
    assert found[0] == found[1]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", RUNS)
def test_a_run_is_that_of_the_official_package(server: MockServer, official: ModuleType, kind: str, name: str) -> None:
    exchanges, settings = RUNS[name]
    found = [
        observed(server, library, kind, exchanges, Computer(library, kind, dict(settings)).run)
        for library in (tailrace, official)
    ]
    assert found[0] == found[1]


def watching(limit: int) -> dict[str, Any]:
    asked: list[int] = []
    allowed = {"before_action": saying(True), "approve_safety_checks": saying(True)}
    return {"cancelled": lambda: asked.append(0) or len(asked) > limit, **allowed}


@pytest.mark.parametrize("kind", KINDS)
def test_a_call_looks_for_cancellation_where_the_official_one_does(official: ModuleType, kind: str) -> None:
    ends: list[Any] = []
    for limit in range(17):
        found: list[Any] = []
        for library in (tailrace, official):
            outcome = Computer(library, kind, watching(limit)).execute(call(**CHECKED, actions=[CLICK, WAIT]))
            found.append(asyncio.run(outcome) if inspect.isawaitable(outcome) else outcome)  # pyright: ignore[reportArgumentType]
        assert found[0] == found[1], limit
        ends.append(found[0][0])
    assert "cancelled" in ends[-2][1]
    assert ends[-1]["output"] == SHOT


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("limit", [0, 1, 2, 17, 18, 19])
def test_a_run_looks_for_cancellation_where_the_official_one_does(
    server: MockServer, official: ModuleType, kind: str, limit: int
) -> None:
    exchanges = [answer(call(**CHECKED, actions=[CLICK, WAIT])), FINAL]
    found = [
        observed(server, library, kind, exchanges, Computer(library, kind, watching(limit)).run)
        for library in (tailrace, official)
    ]
    assert found[0] == found[1]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("given", ["client", "request", "nothing"])
def test_each_request_of_a_run_has_a_key_of_its_own_where_the_first_has_one(
    server: MockServer, kind: str, given: str
) -> None:
    exchanges = [answer(call()), answer(call(id="b", call_id="b")), FINAL]
    client = {"default_headers": {"Idempotency-Key": "first"}} if given == "client" else {}
    params = {"extra_headers": {"idempotency-KEY": "first"}} if given == "request" else {}
    computer = Computer(tailrace, kind, {"params": params})
    _, requests = observed(server, tailrace, kind, exchanges, computer.run, **client)
    keys = [request["headers"].get("idempotency-key") for request in requests]
    if given == "nothing":
        assert keys == [None] * 3
    else:
        assert keys[0] == "first"
        assert all(keys)
        assert len(set(keys)) == 3


def test_a_driver_that_fits_the_other_toolset_is_refused(official: ModuleType) -> None:
    for made, kind in (("AsyncComputerToolset", "OpenAI"), ("ComputerToolset", "AsyncOpenAI")):
        told: list[str] = []
        for library in (tailrace, official):
            driver = Computer(library, "AsyncOpenAI", {}).toolset.driver
            if kind == "OpenAI":
                driver.click = _annotated
            module: Any = importlib.import_module(f"{library.__name__}.lib.computer")
            with pytest.raises(ValueError, match="wrong method flavor") as error:
                getattr(module, made)(driver)
            told.append(str(error.value))
        assert told[0] == told[1]


def _annotated(_: Any) -> None:
    raise AssertionError


def test_a_blocking_driver_that_returns_an_awaitable(official: ModuleType) -> None:
    async def never() -> None:
        raise AssertionError

    found: list[Any] = []
    for library in (tailrace, official):
        made: list[Any] = []
        computer = Computer(library, "OpenAI", {"click": lambda _, made=made: made.append(never()) or made[-1]})
        found.append(computer.execute(call()))
        assert [inspect.getcoroutinestate(one) for one in made] == [inspect.CORO_CLOSED]
    assert found[0] == found[1]
    assert "use AsyncComputerToolset" in found[0][0][1]


@pytest.mark.parametrize("kind", KINDS)
def test_one_use_at_a_time_and_none_after_closing(server: MockServer, official: ModuleType, kind: str) -> None:
    found: list[Any] = []
    for library in (tailrace, official):
        seen: list[Any] = []
        toolsets: list[Any] = []
        computer = Computer(library, kind, {"click": lambda _, seen=seen, made=toolsets: _use_twice(made[0], seen)})
        toolsets.append(computer.toolset)
        found.append((observed(server, library, kind, ACTS, computer.run)[0], seen))
    assert found[0] == found[1]
    assert found[0][1][1] == {"status": "draining"}


def _use_twice(toolset: Any, seen: list[Any]) -> None:
    for then in (toolset.close, list):
        with pytest.raises(RuntimeError) as error:
            _first_step(toolset.execute, None)
        seen.append(str(error.value))
        seen.append(then())


def test_cancelling_the_task_ends_the_use_and_frees_the_toolset() -> None:
    async def run() -> None:
        began = asyncio.Event()

        async def click(_: Any) -> None:
            began.set()
            await asyncio.Event().wait()

        computer = Computer(tailrace, "AsyncOpenAI", {})
        computer.toolset.driver.click = click
        toolset = computer.module.AsyncComputerToolset(computer.toolset.driver)
        types: Any = importlib.import_module("tailrace.types.responses")
        task = asyncio.create_task(toolset.execute(types.ResponseComputerToolCall.construct(**call())))
        await began.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert computer.trace == []
        assert toolset.close() == {"status": "closed"}

    asyncio.run(run())


def _first_step(use: Callable[..., Any], *arguments: Any) -> None:
    """Make a use that does not wait: a coroutine ends with its first step, a blocking use has ended already."""
    used = use(*arguments)
    if inspect.iscoroutine(used):
        used.send(None)
