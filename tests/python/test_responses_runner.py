"""The runner of responses with tools: requests, reports, checkpoints and errors, beside the official package."""

from __future__ import annotations

import asyncio
import copy
import functools
import importlib
import inspect
import json
import sys
import threading
from collections.abc import Callable
from contextvars import ContextVar
from types import ModuleType
from typing import Any

import pydantic
import pytest
from compared import KINDS, observed

import tailrace
from tailrace.lib.responses_tool_runner import (
    AsyncRegisteredFunction,
    AsyncResponsesToolRunner,
    RegisteredFunction,
    ResponsesToolRunner,
    ToolRunnerCancelledError,
)
from tailrace.testing import MockServer

#: The official package says so of data that its types do not allow, before it refuses them.
pytestmark = pytest.mark.filterwarnings("ignore:Pydantic serializer warnings:UserWarning")

PARAMS = {"model": "m", "input": "do it", "store": False}
TOOL = {"type": "function", "name": "record", "parameters": {"type": "object", "properties": {}}, "strict": False}
MESSAGE = {
    "id": "msg", "type": "message", "role": "assistant", "status": "completed", "phase": "final_answer",
    "content": [{"type": "output_text", "text": "done", "annotations": []}],
}  # fmt: skip
USAGE = {
    "input_tokens": 2, "output_tokens": 1, "total_tokens": 3, "output_tokens_details": {"reasoning_tokens": 0},
    "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
}  # fmt: skip


def call(id_: str = "one", text: str = "a", **more: Any) -> dict[str, Any]:
    item = {
        "id": f"fc_{id_}", "type": "function_call", "call_id": id_, "name": "record", "status": "completed",
        "arguments": json.dumps({"text": text}), **more,
    }  # fmt: skip
    return {name: value for name, value in item.items() if value is not ...}


def output(id_: str = "one", value: Any = "a") -> dict[str, Any]:
    return {"type": "function_call_output", "call_id": id_, "output": value}


def response(*items: Any, **more: Any) -> dict[str, Any]:
    return {
        "id": "resp", "object": "response", "created_at": 0, "model": "m", "status": "completed", "usage": USAGE,
        "output": list(items), **more,
    }  # fmt: skip


def answered(*items: Any, **more: Any) -> dict[str, Any]:
    return {"json": response(*items, **more)}


def streamed(*items: Any, whole: Any = None, indexes: Any = None, end: bool = True) -> dict[str, Any]:
    last = response(*(items if whole is None else whole))
    events: list[dict[str, Any]] = [{"type": "response.created", "response": {**last, "output": []}}]
    for index, item in zip(indexes or range(len(items)), items, strict=True):
        started = {**item, "arguments": ""} if item["type"] == "function_call" else item
        events.append({"type": "response.output_item.added", "output_index": index, "item": started})
        events.append({"type": "response.output_item.done", "output_index": index, "item": item})
    if end:
        events.append({"type": "response.completed", "response": last})
    numbered = ({**event, "sequence_number": number} for number, event in enumerate(events))
    text = "".join(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n" for event in numbered)
    return {"headers": {"content-type": "text/event-stream"}, "text": text}


FINAL = answered(MESSAGE)
STREAMED_FINAL = streamed(MESSAGE)
CALLS = [answered(call()), FINAL]
EAGER = {"stream": True, "eager": True}
SEARCH = {"id": "ws", "type": "web_search_call", "status": "completed", "action": {"type": "search"}}
MCP = {
    "type": "mcp", "server_label": "desk", "server_url": "https://me:pw@mcp.invalid/a?team=1&token=t#f",
    "authorization": "secret", "headers": {"x-key": "secret"},
}  # fmt: skip
ASKED = {"type": "mcp_approval_request", "id": "ask", "server_label": "desk", "name": "read", "arguments": "{}"}
ALLOWED = {"type": "mcp_approval_response", "approval_request_id": "ask", "approve": True}
REMOTE = {**ASKED, "type": "mcp_call", "id": "mcp", "approval_request_id": "ask", "output": "x", "status": "completed"}
HISTORY = [{"role": "user", "content": "t"}, call("old", "b" * 400), output("old", "c" * 900)]


def failing(*_: Any, **__: Any) -> Any:
    raise ValueError("a secret")


def cancelling(*_: Any, **__: Any) -> Any:
    raise asyncio.CancelledError("a secret")


def with_tools(*tools: Any, **more: Any) -> dict[str, Any]:
    return {"params": {**PARAMS, "tools": list(tools), **more}}


SEARCHING = with_tools({"type": "web_search"})


def decide(item: Any) -> str:
    return "defer" if item.call_id == "two" else "execute"


def budget(size: float = 1000, images: int = 0, **more: Any) -> dict[str, Any]:
    return {"max_input_bytes": size, "max_input_images": images, **more}


def dropping(*ids: str, **more: Any) -> Callable[[Any], Any]:
    return lambda _: {"drop_call_ids": list(ids), **more}


#: What the API answers, and what the run is made of.
RUNS: dict[str, tuple[list[Any], dict[str, Any]]] = {
    "a call": (CALLS, {}),
    "a call, streamed": ([streamed(call()), STREAMED_FINAL], {"stream": True}),
    "a call, eager": ([streamed(call()), STREAMED_FINAL], EAGER),
    "two calls": ([answered(call(), call("two", "b")), FINAL], {}),
    "no call": ([FINAL], {}),
    "calls to the limit": ([answered(call()), answered(call("two"))], {"max_steps": 2}),
    "the API fails": ([{"status": 403, "json": {"error": {"message": "no"}}}], {}),
    "the API fails later": ([CALLS[0], {"status": 500, "json": {}}], {}),
    "a function fails": (CALLS, {"execute": failing}),
    "a function fails early": ([streamed(call()), STREAMED_FINAL], {"execute": failing, **EAGER}),
    "a function is cancelled": (CALLS, {"execute": cancelling}),
    "an observer of events fails": ([STREAMED_FINAL], {"stream": True, "on_event": failing}),
    "a function that asks": (CALLS, {"execute": lambda _, cancelled: str(cancelled()), "cancelled": lambda: False}),
    "an answer in pieces": ([streamed(call(), end=False)], EAGER),
    "an answer that ends otherwise": ([streamed(call(), whole=[call(text="b")])], EAGER),
    "an id that comes at the end": ([streamed(call(id=...), whole=[call()]), STREAMED_FINAL], EAGER),
    "items with gaps": ([streamed(call(), call("two"), indexes=[0, 7]), STREAMED_FINAL], EAGER),
    "items out of order": ([streamed(call("two"), call(), indexes=[1, 0], whole=[call(), call("two")]),
                            STREAMED_FINAL], EAGER),
    "an item twice": ([streamed(call(), call("two"), indexes=[0, 0])], EAGER),
    "calls that may run early": ([streamed(call(), MESSAGE, call("two")), STREAMED_FINAL],
                                 {**EAGER, "early": {"functions": ["record"]}}),
    "no call may run early": ([streamed(call(), call("two")), STREAMED_FINAL], {**EAGER, "early": {}}),
    "a call that is put off": ([streamed(call(), call("two")), STREAMED_FINAL],
                               {**EAGER, "before_early_call": decide}),
    "no decision": ([streamed(call())], {**EAGER, "before_early_call": lambda _: True}),
    "independent calls": ([streamed(call(), call("two"), call("three")), STREAMED_FINAL],
                          {**EAGER, "independent": True, "reports_in_order": False}),
    "an independent call fails": ([streamed(call(), MESSAGE)], {**EAGER, "independent": True, "execute": failing}),
    "eager with a server": ([streamed(SEARCH, call()), STREAMED_FINAL], {**EAGER, **SEARCHING}),
    "supplied": (CALLS, {"open": True, "turn": lambda turn: turn.supply_outputs([output()])}),
    "supplied and more": ([answered(call(), call("two")), FINAL],
                          {"open": True, "turn": lambda turn: turn.supply_outputs([output("two", "mine")])}),
    "said": (CALLS, {"turn": lambda turn: turn.final or turn.append_user_text("and now?")}),
    "a web search": ([answered(SEARCH, call()), FINAL], SEARCHING),
    "a web search that failed": ([answered({**SEARCH, "status": "failed"})], SEARCHING),
    "a web search that nobody declared": ([answered(SEARCH)], {}),
    "allowed elsewhere": ([answered(ASKED), answered(REMOTE, MESSAGE)],
                          {**with_tools(MCP), "approve_mcp": lambda _: True}),
    "refused elsewhere": ([answered(ASKED), FINAL], {**with_tools(MCP), "approve_mcp": lambda _: False}),
    "asked of nobody": ([answered(ASKED)], with_tools(MCP)),
    "asked of one who fails": ([answered(ASKED)], {**with_tools(MCP), "approve_mcp": failing}),
    "asked of one who waits": ([answered(ASKED)], {**with_tools(MCP), "approve_mcp": lambda _: 1}),
    "done elsewhere unasked": ([answered(REMOTE)], with_tools(MCP)),
    "allowed in the history": ([FINAL], {**with_tools(MCP, input=[ASKED, ALLOWED]), "approve_mcp": lambda _: True}),
    "a history that fits": ([FINAL], {"params": {**PARAMS, "input": HISTORY}, "context_budget": budget(9000)}),
    "a history too large": ([FINAL], {"params": {**PARAMS, "input": HISTORY}, "context_budget": budget()}),
    "a shorter history": ([FINAL], {"params": {**PARAMS, "input": HISTORY},
                                    "context_budget": budget(compact=dropping("old", summary="short"))}),
    "a history that stays": ([FINAL], {"params": {**PARAMS, "input": HISTORY},
                                       "context_budget": budget(compact=dropping())}),
    "dropping what is not there": ([FINAL], {"params": {**PARAMS, "input": HISTORY},
                                             "context_budget": budget(compact=dropping("new"))}),
    "images": ([FINAL], {"params": {**PARAMS, "input": [{"role": "user", "content": [
        {"type": "input_image", "image_url": "data:,", "detail": "auto"}]}]}, "context_budget": budget()}),
    **{f"budget {value}": ([FINAL], {"context_budget": value}) for value in (
        {}, budget(0), budget(True), budget(5.0), budget(compact=None), budget(more=1), [],
        budget(keep_recent_screenshots=0),
    )},
    **{f"status {value}": ([answered(call(), status=value)], {}) for value in ("failed", "incomplete", None)},
    **{f"final {number}": ([answered(*items)], {}) for number, items in enumerate([
        [], [{**MESSAGE, "phase": "commentary"}], [{**MESSAGE, "status": "incomplete"}], [{**MESSAGE, "role": "user"}],
        [{**MESSAGE, "id": None}], [{**MESSAGE, "content": []}], [{"type": "other", "id": "x"}],
        [{"type": "reasoning", "id": "rs", "summary": []}], [MESSAGE, MESSAGE],
    ])},
    **{f"call {number}": ([answered(call("first"), item)], {}) for number, item in enumerate([
        call(name="other"), call(name=...), call(call_id=...), call("first", id="other"), call(id=[]),
        call(status="incomplete"), call(namespace="record", arguments="[]"), call(namespace="other"),
        call(arguments="{"), call(arguments='{"a": NaN}'), call(caller={"type": "program"}), call(**{"async": "later"}),
    ])},
    **{f"output {value!r}": (CALLS, {"execute": lambda _, value=value: value}) for value in (
        None, 5, b"x", (), [], "", [{}], [None], [{"type": "input_text"}], [{"type": "input_text", "text": "a"}],
        [{"type": "input_text", "text": "a", "more": 1}], [{"type": "input_image"}],
        [{"type": "input_image", "detail": None, "file_id": "f"}],
        [{"type": "input_image", "file_id": "f", "detail": "x"}],
        [{"type": "input_file", "filename": "f"}], [{"type": "input_file", "file_url": "f", "detail": None}],
        [{"type": "input_text", "text": "a", "prompt_cache_breakpoint": {"mode": "explicit"}}],
        [{"type": "input_text", "text": "a", "prompt_cache_breakpoint": {}}],
    )},
    **{f"parameter {value}": ([FINAL], {"params": {**PARAMS, **value}}) for value in (
        {"background": True}, {"previous_response_id": "r"}, {"conversation": "c"}, {"stream": True}, {"stream": False},
        {"tools": [TOOL]}, {"tools": [{"type": "computer"}]}, {"tools": [{"type": "image_generation"}]},
        {"tools": [MCP, MCP]}, {"tool_choice": "required"}, {"tool_choice": {"type": "function", "name": "record"}},
        {"include": ["file_search_call.results"]}, {"extra_body": {"input": "x"}},
        {"extra_body": {"metadata": {"a": "b"}}},
        {"input": []}, {"metadata": {"a": "b"}, "instructions": None},
    )},
    **{f"choice {value}": ([answered(call())], with_tools({"type": "web_search"}, tool_choice=value)) for value in (
        "none", {"type": "web_search"}, {"type": "allowed_tools", "mode": "auto", "tools": [{"type": "web_search"}]},
    )},
    **{f"option {name} {value!r}": ([FINAL], {name: value}) for name, value in (
        ("max_steps", 0), ("max_steps", True), ("max_concurrent_calls", 0), ("max_concurrent_calls", None),
        ("eager", True), ("cancelled", lambda: True), ("early", {"functions": "record"}),
        ("early", {"functions": ["other"]}),
        ("early", {"computer": True}), ("early", {"more": 1}), ("on_diagnostic", failing),
    )},
}  # fmt: skip


def running(library: ModuleType, kind: str, seen: dict[str, Any], given: dict[str, Any]) -> Callable[[Any], Any]:
    """Return an action that makes a run and returns its last response, or what its error tells."""
    module = importlib.import_module(f"{library.__name__}.lib.responses_tool_runner")
    is_async = kind != "OpenAI"
    prefix = "Async" if is_async else ""
    settings = {"execute": lambda arguments: str(arguments["text"]), "params": PARAMS, "turn": lambda _: None, **given}
    execute, params, turn = (settings.pop(name) for name in ("execute", "params", "turn"))
    options = {"allow_output_override": settings.pop("open", False), "independent": settings.pop("independent", False)}
    is_ordered = settings.pop("reports_in_order", True)
    early, save, resume = (settings.pop(name, None) for name in ("early", "save", "resume"))

    def awaited(function: Any) -> Any:
        async def called(*arguments: Any) -> Any:
            return function(*arguments)

        async def asked(*arguments: Any, cancelled: Any) -> Any:
            return function(*arguments, cancelled)

        return asked if "cancelled" in inspect.signature(function).parameters else called

    def note(report: Any) -> None:
        assert report.pop("duration_ms") >= 0
        seen["reports"].append(dict(report))

    def saved(checkpoint: Any) -> None:
        seen["saves"].append(copy.deepcopy(checkpoint))
        if save is not None and len(seen["saves"]) == save:
            raise ValueError("a secret")
        # What is done to a checkpoint is the caller's own.
        checkpoint["history"].clear()

    def shown(one: Any) -> None:
        told = (one.step, one.final, one.tools_executed, one.attempted_call_ids, one.completed_call_ids)
        seen["turns"].append((*told, one.response.id))
        turn(one)

    def told(error: BaseException) -> Any:
        assert "secret" not in str(error)
        ids = (getattr(error, "attempted_call_ids", None), getattr(error, "completed_call_ids", None))
        return type(error).__name__, str(error), ids, repr(error.__cause__)

    def plain(last: Any) -> Any:
        if not is_ordered:
            seen["reports"].sort(key=json.dumps)
        return last.to_dict(warnings=False)

    settings.setdefault("on_diagnostic", note)
    if "save" in given:
        ledger: Any = getattr(module, f"{prefix}ResponsesToolLedger")
        settings["ledger"] = ledger("the run", awaited(saved) if is_async else saved, copy.deepcopy(resume))
    if is_async:
        for name in ("on_event", "approve_mcp", "before_early_call"):
            if name in settings:
                settings[name] = awaited(settings[name])
    registered = getattr(module, f"{prefix}RegisteredFunction")
    made: Any = getattr(module, f"{prefix}ResponsesToolRunner")

    def runner() -> Any:
        function = registered(TOOL, awaited(execute) if is_async else execute, **options)
        return made(functions=[function], early_execution=early)

    def act(api: Any) -> Any:
        try:
            last = None
            for one in runner().iterate(api, copy.deepcopy(params), **settings):
                shown(one)
                last = one.response
            return plain(last)
        except (Exception, asyncio.CancelledError) as error:  # noqa: BLE001 - Which one it is, is compared.
            return told(error)

    async def act_awaited(api: Any) -> Any:
        try:
            last = None
            async for one in runner().iterate(api, copy.deepcopy(params), **settings):
                shown(one)
                last = one.response
            return plain(last)
        except (Exception, asyncio.CancelledError) as error:  # noqa: BLE001 - Which one it is, is compared.
            return told(error)

    return act_awaited if is_async else act


def compared(server: MockServer, official: ModuleType, kind: str, exchanges: Any, settings: dict[str, Any]) -> Any:
    found: list[Any] = []
    for library in (tailrace, official):
        seen: dict[str, Any] = {"reports": [], "saves": [], "turns": []}
        found.append((*observed(server, library, kind, exchanges, running(library, kind, seen, settings)), seen))
    ours, theirs = found
    assert ours[0] == theirs[0]
    assert ours[2] == theirs[2]
    assert ours[1] == theirs[1]
    return ours[0][2], ours[2]


@pytest.mark.once
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", RUNS)
def test_a_run_is_that_of_the_official_package(server: MockServer, official: ModuleType, kind: str, name: str) -> None:
    exchanges, settings = RUNS[name]
    compared(server, official, kind, exchanges, settings)


@pytest.mark.once
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", RUNS)
def test_a_saved_run_is_that_of_the_official_package(
    server: MockServer, official: ModuleType, kind: str, name: str
) -> None:
    exchanges, settings = RUNS[name]
    compared(server, official, kind, exchanges, {**settings, "save": None})


def boundary(server: MockServer, kind: str, **settings: Any) -> dict[str, Any]:
    """Return the checkpoint of a run whose only call has returned."""
    seen: dict[str, Any] = {"reports": [], "saves": [], "turns": []}
    observed(server, tailrace, kind, CALLS, running(tailrace, kind, seen, {"max_steps": 3, "save": None, **settings}))
    return next(one for one in seen["saves"] if one["phase"] == "boundary" and one["returned_call_ids"])


#: What is changed in a checkpoint, or in the run that goes on with it.
RESUMES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "as it was": ({}, {}),
    "to the limit": ({}, {"max_steps": 3}),
    "another limit": ({}, {"max_steps": 4}),
    "nothing left": ({"consumed_requests": 3}, {}),
    "another server": ({}, with_tools(MCP)),
    "no news": ({}, {"params": {**PARAMS, "input": ""}}),
    "news of somebody else": ({}, {"params": {**PARAMS, "input": [{"role": "system", "content": "x"}]}}),
    "an image": ({}, {"params": {**PARAMS, "input": [
        {"role": "user", "content": [{"type": "input_image", "file_id": "f"}]}]}}),
    "a budget": ({}, {"context_budget": budget(40)}),
    **{f"{name} {value!r}": ({name: value}, {}) for name, value in (
        ("version", True), ("version", 2), ("run_id", "other"), ("revision", True), ("revision", 0),
        ("revision", 2**53),
        ("phase", "pending"), ("max_steps", 0), ("consumed_requests", 4), ("consumed_requests", -1), ("tools", []),
        ("tools", None),
        ("output_override_names", ["record"]), ("history", []), ("history", None), ("attempted_call_ids", []),
        ("returned_call_ids", ["one", "one"]), ("pending_items", [call()]), ("returned_outputs", [output()]),
        ("final_response", {}), ("more", 1), ("history", [call("one", "a"), output(), call("one", "b")]),
    )},
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_going_on_is_that_of_the_official_package(server: MockServer, official: ModuleType, kind: str) -> None:
    saved = boundary(server, kind)
    for name, (changes, settings) in RESUMES.items():
        given = {"params": {**PARAMS, "input": "news"}, "save": None, "resume": {**saved, **changes}, **settings}
        outcome, seen = compared(server, official, kind, [FINAL], given)
        assert ("phase" in str(seen["saves"])) == isinstance(outcome, dict), name


@pytest.mark.parametrize("kind", KINDS)
def test_a_run_that_cannot_be_saved_stops_where_the_official_one_does(
    server: MockServer, official: ModuleType, kind: str
) -> None:
    for number in range(1, 9):
        outcome, seen = compared(server, official, kind, CALLS, {"save": number})
        assert (len(seen["saves"]) == number) == (outcome[0] == "ToolRunnerError" if number < 8 else False)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("is_eager", [False, True])
def test_a_run_can_be_cancelled_where_the_official_one_can(
    server: MockServer, official: ModuleType, kind: str, is_eager: bool
) -> None:
    exchanges = [streamed(call()), STREAMED_FINAL] if is_eager else CALLS
    found: list[list[Any]] = []
    for library in (tailrace, official):
        states: list[Any] = []
        for limit in range(50):
            asked: list[None] = []

            def cancelled(asked: list[None] = asked, limit: int = limit) -> bool:
                asked.append(None)
                return len(asked) > limit

            seen: dict[str, Any] = {"reports": [], "saves": [], "turns": []}
            settings = {"cancelled": cancelled, "save": None, **(EAGER if is_eager else {})}
            outcome, requests = observed(server, library, kind, exchanges, running(library, kind, seen, settings))
            reports = [(report["stage"], report["reason"]) for report in seen["reports"]]
            phases = [(one["phase"], one["pending_items"], one["returned_call_ids"]) for one in seen["saves"]]
            state = (outcome, len(requests), reports, phases, seen["turns"])
            # How often it is asked in between is nobody's.
            if state not in states:
                states.append(state)
            if len(asked) <= limit:
                break
        found.append(states)
    assert found[0] == found[1]
    assert len(found[0]) > 10


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("arguments", ['{"seats": 2}', '{"seats": "many"}', "{", "[]"])
def test_a_typed_tool_gets_its_model(server: MockServer, official: ModuleType, kind: str, arguments: str) -> None:
    told: list[Any] = []
    for library in (tailrace, official):
        module: Any = importlib.import_module(f"{library.__name__}.lib.responses_tool_runner")

        class Booking(pydantic.BaseModel):
            seats: int

        def book(given: Any) -> str:
            return f"{type(given).__name__} {given.seats}"

        async def book_later(given: Any) -> str:
            return book(given)

        tool: Any = library.pydantic_responses_function_tool(Booking, name="book")
        if kind == "OpenAI":
            runner = module.ResponsesToolRunner(functions=[module.RegisteredFunction.from_tool(tool, execute=book)])
        else:
            function = module.AsyncRegisteredFunction.from_tool(tool, execute=book_later)
            runner = module.AsyncResponsesToolRunner(functions=[function])
        exchanges = [answered(call(name="book", arguments=arguments)), FINAL]
        action = functools.partial(lambda runner, api: runner.run(api, PARAMS), runner)
        outcome, requests = observed(server, library, kind, exchanges, action)
        told.append((outcome, requests))
    assert told[0] == told[1]
    assert ("Booking 2" in told[0][1][-1]["body"]) == (arguments == '{"seats": 2}')


def test_cancelling_the_task_waits_for_calls_that_run_beside_it(server: MockServer) -> None:
    async def run() -> None:
        began, release, ended = asyncio.Event(), asyncio.Event(), asyncio.Event()

        async def execute(_: dict[str, object]) -> str:
            began.set()
            await release.wait()
            ended.set()
            return "x"

        base_url = server.script({"exchanges": [streamed(call())]})
        async with tailrace.AsyncOpenAI(api_key="k", base_url=base_url) as api:
            registered: Any = AsyncRegisteredFunction(TOOL, execute, independent=True)  # pyright: ignore[reportArgumentType]
            runner = AsyncResponsesToolRunner(functions=[registered])
            params: Any = PARAMS
            task = asyncio.create_task(runner.run(api, params, stream=True, eager=True))
            await began.wait()
            for _ in range(2):
                task.cancel()
                await asyncio.sleep(0)
                await asyncio.sleep(0)
            assert not task.done()
            assert runner.close() == {"status": "draining"}
            release.set()
            with pytest.raises(asyncio.CancelledError) as caught:
                await task
            # Python 3.10 gives whoever awaits a cancelled task an error of its own, with the task's as its context.
            error = caught.value.__context__ if sys.version_info < (3, 11) else caught.value
            assert isinstance(error, ToolRunnerCancelledError)
            assert ended.is_set()
            assert error.attempted_call_ids == error.completed_call_ids == ("one",)
            assert runner.close() == {"status": "closed"}

    asyncio.run(run())


def test_independent_calls_run_beside_each_other_with_the_context_of_their_run(server: MockServer) -> None:
    tenant: ContextVar[str] = ContextVar("tenant", default="nobody")
    together = threading.Barrier(2, timeout=60)

    def execute(_: dict[str, object]) -> str:
        seen = tenant.get()
        tenant.set("another")
        together.wait()
        return seen

    calls = [call(str(number)) for number in range(4)]
    base_url = server.script({"exchanges": [streamed(*calls), STREAMED_FINAL]})
    token = tenant.set("somebody")
    with tailrace.OpenAI(api_key="k", base_url=base_url) as api:
        registered: Any = RegisteredFunction(TOOL, execute, independent=True)  # pyright: ignore[reportArgumentType]
        params: Any = PARAMS
        ResponsesToolRunner(functions=[registered]).run(api, params, stream=True, eager=True)
    assert tenant.get() == "somebody"
    tenant.reset(token)
    sent = json.loads(server.requests(base_url)[1]["body"])["input"]
    outputs = [(item["call_id"], item["output"]) for item in sent if item.get("type") == "function_call_output"]
    assert outputs == [(str(number), "somebody") for number in range(4)]


def test_one_run_at_a_time_and_none_after_closing(server: MockServer) -> None:
    params: Any = PARAMS
    with tailrace.OpenAI(api_key="k", base_url=server.script({"exchanges": [FINAL]})) as api:
        runner = ResponsesToolRunner()
        turns = runner.iterate(api, params)
        assert next(turns).final
        with pytest.raises(RuntimeError, match=r"Responses runner is busy with another call\."):
            runner.run(api, params)
        assert runner.close() == {"status": "draining"}
        turns.close()
        assert runner.close() == {"status": "closed"}
        with pytest.raises(RuntimeError, match=r"Responses runner is closed\."):
            runner.run(api, params)
