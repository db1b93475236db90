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
from responses_runs import (
    CALLS,
    EAGER,
    FINAL,
    PARAMS,
    RESUMES,
    RUNS,
    STREAMED_FINAL,
    TOOL,
    answered,
    call,
    streamed,
)  # fmt: skip

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
    # The official package puts the fields of some parts in another order each time that Python runs.
    assert [sent(request) for request in ours[1]] == [sent(request) for request in theirs[1]]
    return ours[0][2], ours[2]


def sent(request: dict[str, Any]) -> dict[str, Any]:
    return {**request, "body": json.loads(request["body"])}


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
