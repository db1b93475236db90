"""A run of the Responses API with tools: ask, act, ask again, until there is a final answer."""

from __future__ import annotations

import time
from asyncio import CancelledError
from collections.abc import Generator
from dataclasses import dataclass
from typing import Any, cast

from ..._types import omit
from .._continuation import continued_headers
from .._replay import ReplayError, own_item, plain, stored
from ..streaming.responses import AsyncResponseStream, ResponseStream
from .budget import Budget
from .checkpoint import check_fresh, check_resume, own_checkpoint
from .dispatch import Dispatch
from .early import EarlyCalls
from .history import done_calls
from .inspection import SERVER_ITEMS, Inspection
from .ledger import Ledger, saved_tools
from .registry import Registry
from .request import first_request, is_server_tool
from .stop import LIMIT, RunnerStop, ToolRunnerCancelledError, ToolRunnerError
from .turn import TurnControl

__all__ = ["Answer", "ResponsesRun", "RunOptions", "guarded"]

#: Requests of one run, unless the caller says otherwise; the number is that of the official package.
_MOST_STEPS = 20
_END = object()


@dataclass
class RunOptions:
    """The options of a run, as its caller gave them."""

    max_steps: Any
    stream: Any
    eager: Any
    max_concurrent_calls: Any
    on_event: Any
    cancelled: Any
    approve_safety_checks: Any
    before_action: Any
    ledger: Any
    context_budget: Any
    on_diagnostic: Any
    approve_mcp: Any
    before_early_call: Any


@dataclass
class Answer:
    """One answer of a run, with what is to be done about it.

    Attributes:
        items: The output, as copies.
        waiting: Those of the items that are waited for.
        early: Outputs of calls that ran while the answer came, by their ids.
        control: What the caller does with it.
    """

    response: Any
    step: int
    items: list[dict[str, Any]]
    waiting: list[dict[str, Any]]
    early: dict[str, dict[str, Any]]
    control: TurnControl

    @property
    def is_final(self) -> bool:
        """Whether the run ends with it."""
        return not self.waiting


class ResponsesRun:
    """One run. What it was given is read once, so that nothing that is changed meanwhile changes it."""

    def __init__(
        self, client: Any, registry: Registry, params: Any, options: RunOptions, *, ledger_kind: type, is_async: bool
    ) -> None:
        """Look at parameters and options. Raises `ValueError` for what a runner cannot go on with."""
        if options.eager and not options.stream:
            raise ValueError("Eager execution requires streaming.")
        if type(options.max_concurrent_calls) is not int or options.max_concurrent_calls < 1:
            raise ValueError("max_concurrent_calls must be a positive integer.")
        ledger = options.ledger
        if ledger is not None:
            _check_ledger(ledger, ledger_kind, is_async=is_async)
        resumed = own_checkpoint(ledger.resume_from) if ledger is not None and ledger.resume_from is not None else None
        self._options = options
        self._registry = registry
        self._is_async = is_async
        self._most_steps = _most_steps(options.max_steps, resumed)
        self._request = first_request(
            params,
            registry.declared,
            has_computer=registry.computer is not None,
            is_saved=ledger is not None,
            is_sized=options.context_budget is not None,
        )
        fresh: list[Any] = self._request["input"]
        if resumed is not None:
            check_fresh(fresh)
        self._history = [*resumed["history"], *fresh] if resumed else fresh
        self._step: int = resumed["consumed_requests"] if resumed else 0
        self._tools: list[dict[str, Any]] = self._request["tools"]
        self._has_server = any(is_server_tool(tool["type"]) for tool in self._tools)
        has_mcp = any(tool["type"] == "mcp" for tool in self._tools)
        # What is sent twice was counted once, and another server may have acted on the first one.
        self._client = client.with_options(max_retries=0) if ledger is not None or has_mcp else client
        self._granted: list[dict[str, Any]] | None = None
        self._budget = None
        if options.context_budget is not None:
            self._budget = Budget(options.context_budget, self._request, registry, is_async=is_async)
        self._inspection = Inspection(registry, self._request, self._history)
        self.dispatch = Dispatch(registry, options, self._inspection.approvals, is_async=is_async)
        if ledger is not None or self._budget is not None:
            calls = done_calls(self._history, registry, self._tools)
            self._granted = self._inspection.approvals.take_history(self._history)
            if ledger is not None:
                self._save(ledger, resumed, calls)

    def _save(self, ledger: Any, resumed: dict[str, Any] | None, calls: dict[str, Any]) -> None:
        functions = self._registry.functions.items()
        identity = {
            "max_steps": self._most_steps,
            "tools": saved_tools(self._tools),
            "output_override_names": sorted(name for name, own in functions if own.is_open),
        }
        revision = 0
        if resumed is not None:
            check_resume(resumed, ledger.run_id, identity, calls)
            revision = resumed["revision"]
            self.dispatch.attempted += resumed["attempted_call_ids"]
            self.dispatch.completed += resumed["returned_call_ids"]
        self.dispatch.ledger = Ledger(ledger, identity, self.dispatch, self._history, revision, is_async=self._is_async)

    def admitted(self) -> Generator[Any, Any, None]:
        """Ask again for what a history says was allowed and not used: it may come from somebody else."""
        pending = self._granted
        if pending is None:
            pending = self._inspection.approvals.take_history([item for item in self._history if _kind(item)])
        self._require_step()
        for request in pending:
            self._inspection.check_permitted(request)
        for request in pending:
            answer = yield from self.dispatch.approve(request)
            places = [place for place, item in enumerate(self._history) if _answers(item, request)]
            for place in places:
                self._history[place] = answer

    def ask(self) -> Generator[Any, Any, Answer]:
        """Send the next request and look at its answer."""
        dispatch = self.dispatch
        dispatch.check()
        self._require_step()
        input_: list[Any] = list(self._history)
        if self._budget is not None:
            input_ = yield from self._budget.input(input_)
            dispatch.check()
        self._step += 1
        if dispatch.ledger is not None:
            yield from dispatch.ledger.ask(self._step)
        dispatch.check()
        dispatch.new_answer()
        early = EarlyCalls(
            self._registry,
            self._options,
            dispatch,
            self._inspection,
            is_eager=bool(self._options.eager) and not self._has_server,
            is_async=self._is_async,
        )
        began = time.monotonic()
        try:
            try:
                response = yield from self._sent(self._body(input_), early)
            finally:
                yield from early.drained()
            yield from early.settled()
        except CancelledError:
            dispatch.tell("request", "cancelled", began)
            raise
        except Exception:
            dispatch.tell("request", "api_failed", began)
            raise
        output: list[Any] = response.output or []
        status = response.status
        # The answer is the run's own before anybody is told of it.
        try:
            items, refused = [own_item(item) for item in output], None
        except ReplayError as error:
            items, refused = [], error
        dispatch.tell("request", "completed", began, usage=getattr(response, "usage", None))
        if refused is not None:
            raise refused
        dispatch.check()
        waiting = yield from self._inspected(items, status, early)
        if waiting and self._step >= self._most_steps:
            raise RunnerStop(LIMIT)
        for item in waiting:
            dispatch.prepare(item)
        if dispatch.ledger is not None:
            final = None if waiting else _saved_response(response, items, status)
            yield from dispatch.ledger.inspect(items, final)
        dispatch.check()
        # A trigger says that now is the time; it is over once it was sent.
        self._history[:] = [item for item in self._history if _kind(item) != "compaction_trigger"]
        ran = early.outputs()
        is_selective = self._registry.early is not None or self._options.before_early_call is not None
        is_settled = bool(self._options.eager) and not self._has_server and not is_selective and not early.is_held
        control = TurnControl(self._open(waiting, ran), is_final=not waiting, is_settled=is_settled)
        answer = Answer(response, self._step, items, waiting, ran, control)
        # Where nothing is left to do, the run can be gone on with from here, whatever becomes of the turn.
        if waiting and len(ran) == len(waiting):
            yield from self._settled(answer, ran)
            dispatch.check()
        return answer

    def act(self, answer: Answer) -> Generator[Any, Any, None]:
        """Do what an answer asks for, and put it all into the history."""
        dispatch = self.dispatch
        outputs = dict(answer.early)
        for item in answer.waiting:
            id_ = _id(item)
            supplied = answer.control.supplied.get(id_) if item["type"] == "function_call" else None
            if id_ in outputs:
                continue
            if supplied is not None:
                dispatch.check()
                yield from dispatch.skip(item, supplied)
            outputs[id_] = supplied if supplied is not None else (yield from dispatch.run(item))
            dispatch.check()
        if len(answer.early) < len(answer.waiting):
            yield from self._settled(answer, outputs)
        else:
            self._history += _said(answer)
        dispatch.check()

    def _settled(self, answer: Answer, outputs: dict[str, dict[str, Any]]) -> Generator[Any, Any, None]:
        """Make an answer, its outputs and what the user said part of the history."""
        self._history += [*answer.items, *(outputs[_id(item)] for item in answer.waiting), *_said(answer)]
        self.dispatch.check()
        if self.dispatch.ledger is not None:
            yield from self.dispatch.ledger.settle()

    def _require_step(self) -> None:
        if self._step >= self._most_steps:
            raise RunnerStop(LIMIT)

    def _open(self, waiting: list[dict[str, Any]], ran: dict[str, Any]) -> frozenset[str]:
        functions = self._registry.functions
        calls = [item for item in waiting if item["type"] == "function_call" and item["name"] in functions]
        return frozenset(
            item["call_id"] for item in calls if functions[item["name"]].is_open and item["call_id"] not in ran
        )

    def _body(self, input_: list[Any]) -> dict[str, Any]:
        body = {**self._request, "input": input_}
        if self._budget is not None:
            body["truncation"] = "disabled"
        if self._step > 1:
            headers = continued_headers(self._client, self._request.get("extra_headers"))
            if headers:
                body["extra_headers"] = headers
        return body

    def _sent(self, body: dict[str, Any], early: EarlyCalls) -> Generator[Any, Any, Any]:
        create = self._client.responses.create
        if not self._options.stream:
            return (yield create(**body))
        raw = yield create(**{**body, "stream": True})
        kind: Any = AsyncResponseStream if self._is_async else ResponseStream
        stream = kind(raw_stream=raw, text_format=omit, input_tools=omit, starting_after=None)
        try:
            events: Any = aiter(stream) if self._is_async else iter(stream)
            while (event := (yield _next(events, is_async=self._is_async))) is not _END:
                yield from self._seen(event, early)
            return (yield stream.get_final_response())
        finally:
            yield raw.close()

    def _seen(self, event: Any, early: EarlyCalls) -> Generator[Any, Any, None]:
        is_item = bool(self._options.eager) and event.type == "response.output_item.done"
        # Looked at before the caller is shown the event, who may change it.
        index, item = (event.output_index, own_item(event.item)) if is_item else (None, None)
        if self._options.on_event is not None:
            yield self._options.on_event(event.model_copy(deep=True))
        self.dispatch.check()
        if item is not None:
            yield from early.take(index, item, self._require_step)

    def _inspected(self, items: list[dict[str, Any]], status: Any, early: EarlyCalls) -> Generator[Any, Any, list[Any]]:
        try:
            if status != "completed":
                raise RunnerStop("Response did not complete.")
            known = early.reconciled(items) if self._options.eager else {}
            waiting = [
                item
                for place, item in enumerate(items)
                if (known[place] if place in known else self._inspection.take(item))
            ]
            if not waiting and not any(_ends(item) for item in items):
                raise RunnerStop("Response has no completed final message or tool call.")
        except RunnerStop:
            if self.dispatch.ledger is not None:
                yield from self.dispatch.ledger.receive(items)
            raise
        return waiting


def guarded(run: ResponsesRun, steps: Generator[Any, Any, Any]) -> Generator[Any, Any, Any]:
    """Make steps of a run raise only what names calls: what tools raise may tell what they have seen."""
    attempted, completed = run.dispatch.attempted, run.dispatch.completed
    try:
        return (yield from steps)
    except (RunnerStop, ReplayError) as stop:
        raise ToolRunnerError(str(stop), attempted, completed) from None
    except CancelledError:
        raise ToolRunnerCancelledError(attempted, completed) from None
    except Exception:  # noqa: BLE001
        raise ToolRunnerError("Tool run stopped before completion.", attempted, completed) from None


def _check_ledger(ledger: Any, kind: type, *, is_async: bool) -> None:
    if type(ledger) is not kind:
        raise ValueError(
            "An async runner requires an async ledger." if is_async else "A sync runner requires a sync ledger."
        )
    if not isinstance(ledger.run_id, str) or not ledger.run_id or not callable(ledger.save):
        raise ValueError("A ledger requires a nonempty run ID and recorder.")


def _most_steps(given: Any, resumed: dict[str, Any] | None) -> int:
    if given is None:
        return resumed["max_steps"] if resumed is not None else _MOST_STEPS
    if type(given) is not int or given < 1:
        raise ValueError("max_steps must be a positive integer.")
    return given


def _saved_response(response: Any, items: list[dict[str, Any]], status: Any) -> dict[str, Any]:
    held = {name: plain(value) for name, value in stored(response).items() if name not in ("output", "status")}
    if isinstance(held.get("tools"), list):
        held["tools"] = saved_tools(held["tools"])
    return {**held, "output": items, "status": status}


def _next(events: Any, *, is_async: bool) -> Any:
    return anext(events, _END) if is_async else next(events, _END)


def _kind(item: Any) -> Any:
    return cast("dict[str, Any]", item).get("type") if isinstance(item, dict) else None


def _id(item: dict[str, Any]) -> str:
    return item["id"] if item["type"] == "mcp_approval_request" else item["call_id"]


def _answers(item: Any, request: dict[str, Any]) -> bool:
    return _kind(item) == "mcp_approval_response" and item.get("approval_request_id") == request["id"]


def _said(answer: Answer) -> list[dict[str, Any]]:
    return [{"role": "user", "content": text} for text in answer.control.said]


def _ends(item: dict[str, Any]) -> bool:
    """Whether an item can be the last word of the model."""
    if item["type"] == "message":
        return item.get("phase") in (None, "final_answer")
    return item["type"] in ("image_generation_call", *SERVER_ITEMS)
