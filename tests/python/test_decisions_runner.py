"""The runner of decisions: requests, results, reports and errors, beside the official package."""

from __future__ import annotations

import asyncio
import importlib
import inspect
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest
from compared import KINDS, observed

import tailrace
from tailrace.lib.decisions_tool_runner import AsyncDecisionsToolRunner, DecisionsToolRunnerCancelledError
from tailrace.testing import MockServer

PARAMS = {"model": "m", "input": "the task"}
DONE = {"id": "finish", "description": "all is done", "done": True}
DETAILS = {"input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0}}
USAGE = {
    "input_tokens": 2, "output_tokens": 1, "total_tokens": 3, "output_tokens_details": {"reasoning_tokens": 0},
    **DETAILS,
}  # fmt: skip


def answer(choice: Any = "act", kind: str = "choice", **more: Any) -> dict[str, Any]:
    value = {"type": kind, "name": "next_action", "choice": choice, "confidence": 0.9, "probabilities": [], **more}
    return {name: one for name, one in value.items() if one is not ...}


def decided(*answers: Any, **more: Any) -> dict[str, Any]:
    return {"json": {"model": "m", "answers": list(answers), "usage": USAGE, **more}}


def act(execute: Any = lambda: None, **more: Any) -> dict[str, Any]:
    return {"id": "act", "description": "do it", "execute": execute, **more}


def failing(*_: Any) -> Any:
    raise ValueError("a secret")


def cancelling(*_: Any) -> Any:
    raise asyncio.CancelledError("a secret")


ACTS = [decided(answer()), decided(answer("finish"))]
FINISHES = [decided(answer("finish"))]
BOTH = [act(), DONE]

#: What the API answers, and what the run is made of: candidates, observation, verify, and options of `run`.
RUNS: dict[str, tuple[list[Any], dict[str, Any]]] = {
    "an action": (ACTS, {}),
    "an action, verified": (ACTS, {"verify": lambda _: True}),
    "an action in the last step": (ACTS, {"max_steps": 1}),
    "actions to the limit": ([ACTS[0], ACTS[0]], {"max_steps": 2}),
    "not done yet": ([*FINISHES, *ACTS], {"verify": lambda _: False, "max_steps": 3}),
    "a verdict that is none": (FINISHES, {"verify": lambda _: 1}),
    "only done": ([], {"candidates": [DONE]}),
    "only done, verified": ([], {"candidates": [DONE], "verify": lambda _: True}),
    "only done, and not": ([], {"candidates": [DONE], "verify": lambda _: False}),
    "refused": ([decided(answer(None, "refusal"))], {}),
    "refused later": ([ACTS[0], decided(answer(None, "refusal"))], {}),
    "the API fails": ([{"status": 403, "json": {"error": {"message": "no"}}}], {}),
    "the API fails later": ([ACTS[0], {"status": 500, "json": {}}], {}),
    "an action fails": (ACTS, {"candidates": [act(failing), DONE]}),
    "an action is cancelled": (ACTS, {"candidates": [act(cancelling), DONE]}),
    "observing fails": ([], {"observe": failing}),
    "observing is cancelled": ([], {"observe": cancelling}),
    "verifying fails": (FINISHES, {"verify": failing}),
    "cancelled": ([], {"cancelled": lambda: True}),
    "asking whether it is cancelled fails": ([], {"cancelled": failing}),
    "an observer fails": (ACTS, {"on_diagnostic": failing}),
    "an executor that asks": (ACTS, {"candidates": [act(lambda cancelled: cancelled()), DONE], "cancelled": list}),
    "parts": (FINISHES, {"observe": lambda: [
        {"type": "input_text", "text": "a", "more": 1},
        {"type": "input_image", "image_url": "data:image/png;base64,aW1hZ2U=", "detail": "low"},
    ]}),
    "a safety identifier": (FINISHES, {"params": {**PARAMS, "safety_identifier": "me"}}),
    "no safety identifier": (FINISHES, {"params": {**PARAMS, "safety_identifier": None}}),
    **{f"parameters {value}": ([], {"params": value}) for value in (
        {"model": "m"}, {"input": "t"}, {**PARAMS, "stream": True}, {**PARAMS, "input": []},
        {**PARAMS, "safety_identifier": 1},
    )},
    **{f"max_steps {value!r}": ([], {"max_steps": value}) for value in (0, True, 1.5, None, "1")},
    **{f"observation {value!r}": (FINISHES, {"observe": lambda value=value: value}) for value in (
        None, "", [], 5, b"x", {"type": "input_text", "text": "a"}, [None], [{"type": "other"}],
        [{"type": "input_text", "text": 1}], [{"type": "input_image"}],
    )},
    **{f"candidates {number}": (FINISHES, {"candidates": value}) for number, value in enumerate([
        None, (DONE,), "x", [], [act()], [DONE, DONE], [act(), act(), DONE], [act(9), DONE], [act(done=False), DONE],
        [act(done=None), DONE], [act(done=True)], [{**DONE, "more": 1}], [{**DONE, "id": ""}], [{**DONE, "id": 1}],
        [{**DONE, "description": ""}], [{**DONE, "execute": None}],
        [*({**act(), "id": str(number)} for number in range(254)), DONE],
        [*({**act(), "id": str(number)} for number in range(255)), DONE],
    ])},
    **{f"answers {number}": ([decided(*value)], {}) for number, value in enumerate([
        [], [answer(), answer()], [answer("other")], [answer(True)], [answer(name="other")], [answer(name=None)],
        [answer(name=...)], [answer(type="predicate")], [answer(type=...)], [answer(confidence=...)],
        [answer(confidence="high")], [answer("finish", confidence="1")], [answer(probabilities=None)],
        [answer(probabilities=[{"value": 1, "probability": 1}])], [answer(None, "refusal", name=...)],
        [answer("finish", probabilities=[{"value": True, "probability": -2, "more": 1}])],
    ])},
    **{f"usage {number}": ([decided(answer("finish"), **value)], {}) for number, value in enumerate([
        {"usage": None}, {"usage": {**USAGE, "input_tokens": 1.5}}, {"usage": {**USAGE, "input_tokens": True}},
        {"usage": {**USAGE, "total_tokens": "3"}}, {"usage": {**USAGE, "input_tokens": -4, "more": 1}},
        {"usage": {**USAGE, "input_tokens_details": {"cached_tokens": 0}}}, {"model": 1}, {"answers": None},
    ])},
}  # fmt: skip


def running(library: ModuleType, kind: str, reports: list[Any], settings: dict[str, Any]) -> Callable[[Any], Any]:
    """Return an action that makes a run and returns its result, or what its error tells."""
    module = importlib.import_module(f"{library.__name__}.lib.decisions_tool_runner")
    settings = {"candidates": BOTH, "observe": lambda: "the state", "params": PARAMS, **settings}
    params, candidates, observe = (settings.pop(name) for name in ("params", "candidates", "observe"))
    verify = settings.pop("verify", None)

    def note(report: Any) -> None:
        assert report.pop("duration_ms") >= 0
        reports.append(dict(report))
        # What an observer does to its report is its own.
        report.clear()

    options = {"on_diagnostic": note, **settings}

    def told(error: BaseException) -> Any:
        ids = (getattr(error, "attempted_candidate_ids", None), getattr(error, "completed_candidate_ids", None))
        assert "secret" not in str(error)
        return type(error).__name__, str(error), getattr(error, "reason", None), ids, repr(error.__cause__)

    def plain(result: Any) -> Any:
        return {**result, "decisions": [one.to_dict() for one in result["decisions"]]}

    def act_blocking(api: Any) -> Any:
        runner = module.DecisionsToolRunner(observe=observe, candidates=lambda _: candidates, verify=verify)
        try:
            return plain(runner.run(api, params, **options))
        except (Exception, asyncio.CancelledError) as error:  # noqa: BLE001 - Which one it is, is compared.
            return told(error)

    def awaitable(function: Any) -> Any:
        async def call(*arguments: Any) -> Any:
            return function(*arguments)

        async def ask(*, cancelled: Any) -> Any:
            return function(cancelled)

        return ask if "cancelled" in inspect.signature(function).parameters else call

    async def act_awaited(api: Any) -> Any:
        chosen: Any = candidates
        if isinstance(chosen, list):
            chosen = [
                {**one, "execute": awaitable(one["execute"])} if callable(one.get("execute")) else one
                for one in chosen  # pyright: ignore[reportUnknownVariableType]
            ]
        runner = module.AsyncDecisionsToolRunner(
            observe=awaitable(observe),
            candidates=awaitable(lambda _: chosen),
            verify=None if verify is None else awaitable(verify),
        )
        try:
            return plain(await runner.run(api, params, **options))
        except (Exception, asyncio.CancelledError) as error:  # noqa: BLE001 - Which one it is, is compared.
            return told(error)

    return act_blocking if kind == "OpenAI" else act_awaited


def compared(server: MockServer, official: ModuleType, kind: str, exchanges: Any, settings: dict[str, Any]) -> Any:
    found: list[Any] = []
    for library in (tailrace, official):
        reports: list[Any] = []
        found.append((observed(server, library, kind, exchanges, running(library, kind, reports, settings)), reports))
    (ours, our_reports), (theirs, their_reports) = found
    assert ours[0] == theirs[0]
    assert our_reports == their_reports
    assert ours[1] == theirs[1]
    return ours[0][2], our_reports, ours[1]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", RUNS)
def test_a_run_is_that_of_the_official_package(server: MockServer, official: ModuleType, kind: str, name: str) -> None:
    exchanges, settings = RUNS[name]
    compared(server, official, kind, exchanges, settings)


@pytest.mark.parametrize("kind", KINDS)
def test_the_run_looks_for_cancellation_where_the_official_one_does(
    server: MockServer, official: ModuleType, kind: str
) -> None:
    for limit in range(18):
        found: list[Any] = []
        for library in (tailrace, official):
            trace: list[str] = []

            def cancelled(trace: list[str] = trace, limit: int = limit) -> bool:
                trace.append("asked")
                return trace.count("asked") > limit

            settings = {
                "cancelled": cancelled,
                "observe": lambda trace=trace: trace.append("observe") or "state",
                "verify": lambda _, trace=trace: trace.append("verify") is None,
                "candidates": [act(lambda trace=trace: trace.append("execute")), DONE],
            }
            reports: list[Any] = []
            outcome, requests = observed(server, library, kind, ACTS, running(library, kind, reports, settings))
            found.append((outcome, len(requests), reports, trace))
        assert found[0] == found[1]
        assert ("cancelled" in str(found[0][0])) == (limit < 16)


def test_a_blocking_executor_that_returns_an_awaitable(server: MockServer, official: ModuleType) -> None:
    async def never() -> None:
        raise AssertionError

    made: list[Any] = []
    settings = {"candidates": [act(lambda: made.append(never()) or made[-1]), DONE]}
    result, reports, _ = compared(server, official, "OpenAI", ACTS, settings)
    assert result[2] == "async_executor"
    assert reports[-1]["reason"] == "driver_failed"
    assert [inspect.getcoroutinestate(one) for one in made] == [inspect.CORO_CLOSED] * 2


def test_one_run_at_a_time_and_none_after_closing(server: MockServer, official: ModuleType) -> None:
    told: list[list[Any]] = []
    for library in (tailrace, official):
        module: Any = importlib.import_module(f"{library.__name__}.lib.decisions_tool_runner")
        seen: list[Any] = []
        api = library.OpenAI(api_key="k", base_url=server.script({"exchanges": FINISHES}))

        _use_twice(module.DecisionsToolRunner, api, seen)
        api.close()
        told.append(seen)
    assert told[0] == told[1]
    assert told[0][1] == {"status": "draining"}


def _use_twice(kind: Any, api: Any, seen: list[Any]) -> None:
    def again() -> None:
        with pytest.raises(RuntimeError) as error:
            runner.run(api, PARAMS)
        seen.append(str(error.value))

    def observe() -> str:
        again()
        seen.append(runner.close())
        again()
        return "state"

    runner = kind(observe=observe, candidates=lambda _: [DONE])
    seen.append(runner.run(api, PARAMS))
    seen.append(runner.close())
    again()


def test_cancelling_the_task_says_what_was_done(server: MockServer) -> None:
    async def run() -> None:
        began = asyncio.Event()

        async def execute() -> None:
            began.set()
            await asyncio.Event().wait()

        async def observe() -> str:
            return "state"

        async def candidates(_: Any) -> Any:
            return [act(execute), DONE]

        base_url = server.script({"exchanges": [ACTS[0]]})
        async with tailrace.AsyncOpenAI(api_key="k", base_url=base_url) as api:
            runner = AsyncDecisionsToolRunner(observe=observe, candidates=candidates)
            task = asyncio.create_task(runner.run(api, {"model": "m", "input": "t"}))
            await began.wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError) as caught:
                await task
            # Python 3.10 gives whoever awaits a cancelled task an error of its own, with the task's as its context.
            error = caught.value.__context__ if sys.version_info < (3, 11) else caught.value
            assert isinstance(error, DecisionsToolRunnerCancelledError)
            assert error.attempted_candidate_ids == ("act",)
            assert error.completed_candidate_ids == ()
            assert runner.close() == {"status": "closed"}

    asyncio.run(run())
