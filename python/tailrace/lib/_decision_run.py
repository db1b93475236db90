"""A run of decisions: observe, let the model choose, act, and observe again, until it chooses that it is done."""

from __future__ import annotations

import copy
import time
from asyncio import CancelledError
from collections.abc import Callable, Generator, Iterable
from functools import partial
from typing import Any, cast

import pydantic

from .._construct import construct_type
from ..types.decision import Decision
from ._continuation import continued_headers
from ._tool_lifecycle import invoke, not_awaitable
from .tool_diagnostics import ToolDiagnosticObserver, emit_tool_diagnostic

__all__ = ["DecisionRun", "Stopped"]

#: What the API is asked, by name and in the words of the official package.
_QUESTION = "next_action"
_INSTRUCTIONS = "Select the supplied action that best advances the task, or done if the task is complete."
#: The most choices that the official package sends.
_MOST_CANDIDATES = 255

_COUNTS = ("input_tokens", "output_tokens", "total_tokens")
_PARAMS = frozenset(("model", "input", "safety_identifier"))
_FIELDS = frozenset(("id", "description", "execute", "done"))


class Stopped(Exception):
    """The run ends for one of the reasons that its error names."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class DecisionRun:
    """One run. What it was given is read once, so that nothing that is changed meanwhile changes it.

    Attributes:
        attempted: Ids of the candidates whose executor was called.
        completed: Ids of those whose executor returned.
    """

    def __init__(
        self,
        runner: Any,
        client: Any,
        params: Any,
        *,
        max_steps: int,
        cancelled: Callable[[], bool] | None,
        observer: ToolDiagnosticObserver | None,
        is_async: bool,
    ) -> None:
        self.attempted: list[str] = []
        self.completed: list[str] = []
        self._observe, self._candidates, self._verify = runner.observe, runner.candidates, runner.verify
        self._client = client
        self._params: dict[str, Any] = {name: params.get(name) for name in _PARAMS if name in params}
        self._is_valid = _are_valid(params) and type(max_steps) is int and max_steps >= 1
        self._max_steps = max_steps
        self._cancelled = cancelled
        self._tell = partial(emit_tool_diagnostic, observer, "decisions")
        self._is_async = is_async
        self._decisions: list[Decision] = []
        self._began = time.monotonic()

    def steps(self) -> Generator[Any, Any, dict[str, Any]]:
        """Run to the end and return the result. Raises `Stopped`, and what the caller's functions and the API raise."""
        if not self._is_valid:
            raise Stopped("invalid_params")
        while True:
            self._check()
            observation = yield from self._observed()
            candidates = _read_candidates((yield self._candidates(copy.deepcopy(observation))))
            self._check()
            done = next(name for name, (_, execute) in candidates.items() if execute is None)
            chosen: str | None = done
            if len(candidates) > 1:
                chosen = yield from self._chosen(observation, candidates)
            else:
                self._tell("selection", "completed", time.monotonic(), call_id=chosen)
            if chosen not in (None, done) and len(self._decisions) >= self._max_steps:
                raise self._limit()
            self._check()
            if chosen is None:
                return self._result("refused")
            if chosen != done:
                yield from self._act(chosen, cast("Callable[..., Any]", candidates[chosen][1]))
            elif self._verify is None:
                return self._result("unverified")
            elif (yield from self._verified(done)):
                return self._result("verified")
            elif len(candidates) == 1:
                raise Stopped("verification_failed")
            elif len(self._decisions) >= self._max_steps:
                raise self._limit()

    def _check(self) -> None:
        if self._cancelled is not None and self._cancelled():
            raise Stopped("cancelled")

    def _limit(self) -> Stopped:
        self._tell("run", "step_limit", self._began)
        return Stopped("step_limit")

    def _result(self, status: str) -> dict[str, Any]:
        return {
            "status": status,
            "decisions": self._decisions,
            "attempted_candidate_ids": self.attempted,
            "completed_candidate_ids": self.completed,
        }

    def _observed(self) -> Generator[Any, Any, Any]:
        observation: Any = yield self._observe()
        if not isinstance(observation, str):
            observation = [copy.deepcopy(_checked_part(part)) for part in observation]
        self._check()
        return observation

    def _chosen(self, observation: Any, candidates: dict[str, Any]) -> Generator[Any, Any, str | None]:
        """Ask the model and return the id that it chose; None when it refused."""
        began = time.monotonic()
        task = self._params["input"]
        choices = [{"value": name, "description": description} for name, (description, _) in candidates.items()]
        question = {"type": "choice", "name": _QUESTION, "instructions": _INSTRUCTIONS, "choices": choices}
        body = {**self._params, "input": [_said(task), _said(copy.deepcopy(observation))], "questions": [question]}
        if self._decisions and (headers := continued_headers(self._client, None)):
            body["extra_headers"] = headers
        try:
            answer = yield self._client.decisions.create(**body)
        except Exception:
            self._tell("request", "api_failed", began)
            raise
        self._check()
        decision, chosen = _read_decision(answer, candidates)
        self._decisions.append(decision)
        self._tell("request", "completed", began, usage=decision.usage)
        self._check()
        self._tell("selection", "refused" if chosen is None else "completed", began, call_id=chosen)
        return chosen

    def _act(self, name: str, execute: Callable[..., Any]) -> Generator[Any, Any, None]:
        began = time.monotonic()
        self.attempted.append(name)
        try:
            value = yield invoke(execute, cancelled=self._cancelled)
            if not self._is_async and not not_awaitable(value):
                raise Stopped("async_executor")
        except (Exception, CancelledError):
            self._tell("action", "driver_failed", began, call_id=name)
            raise
        self.completed.append(name)
        self._tell("action", "completed", began, call_id=name)
        self._check()

    def _verified(self, done: str) -> Generator[Any, Any, bool]:
        observation = yield from self._observed()
        began = time.monotonic()
        verdict: object = yield self._verify(observation)
        self._tell("verification", "completed" if verdict is True else "refused", began, call_id=done)
        self._check()
        if not isinstance(verdict, bool):
            raise Stopped("invalid_verification")
        if verdict:
            self._check()
        return verdict


def _said(content: Any) -> dict[str, Any]:
    return {"role": "user", "content": content}


def _are_valid(params: Any) -> bool:
    return (
        set(params) <= _PARAMS
        and isinstance(params.get("model"), str)
        and isinstance(params.get("input"), str)
        and isinstance(params.get("safety_identifier"), (str, type(None)))
    )


def _checked_part(part: Any) -> Any:
    fields = cast("dict[str, Any]", part if isinstance(part, dict) else {})
    field = {"input_text": "text", "input_image": "image_url"}.get(str(fields.get("type")))
    if field is None or not isinstance(fields.get(field), str):
        raise Stopped("failed")
    return fields


def _read_candidates(given: Any) -> dict[str, tuple[str, Callable[..., Any] | None]]:
    """Return description and executor by id; the one without an executor says that the task is done."""
    found: dict[str, tuple[str, Callable[..., Any] | None]] = {}
    if not isinstance(given, list):
        raise Stopped("invalid_candidates")
    # A class of the caller's may iterate, or answer `get`, in ways of its own: only what is stored counts.
    entries = cast("list[Any]", list.__getitem__(given, slice(None)))  # pyright: ignore[reportUnknownMemberType]
    for entry in entries:
        fields = cast("dict[str, Any]", dict.copy(entry) if isinstance(entry, dict) else {})  # pyright: ignore[reportUnknownMemberType]
        name, description, execute = fields.get("id"), fields.get("description"), fields.get("execute")
        done = fields.get("done", False)
        is_known = fields.keys() <= _FIELDS and isinstance(name, str) and isinstance(description, str)
        is_action = done is False and callable(execute)
        is_done = done is True and "execute" not in fields
        if not is_known or not name or not description or name in found or not (is_action or is_done):
            raise Stopped("invalid_candidates")
        found[name] = description, execute
    if len(found) > _MOST_CANDIDATES or sum(execute is None for _, execute in found.values()) != 1:
        raise Stopped("invalid_candidates")
    return found


def _read_decision(answer: Any, candidates: Iterable[str]) -> tuple[Decision, str | None]:
    """Return an answer of the API as it is now, and the id that it chooses; None when the model refused."""
    try:
        # What a class of the caller's does when it is looked at has happened before the answer is copied.
        for given in answer.answers:
            getattr(given, "name", None)
        plain = answer.to_dict(warnings=False)
        valid = Decision.model_validate(plain)
    except (pydantic.ValidationError, TypeError):
        raise Stopped("invalid_answer") from None
    usage: dict[str, Any] = plain["usage"]
    counts = [usage[name] for name in _COUNTS]
    counts += [usage["input_tokens_details"][name] for name in ("cached_tokens", "cache_write_tokens")]
    counts.append(usage["output_tokens_details"]["reasoning_tokens"])
    # A validator would take a text or a truth value for a number.
    if any(type(count) is not int for count in counts) or len(valid.answers) != 1:
        raise Stopped("invalid_answer")
    chosen = valid.answers[0]
    if chosen.name != _QUESTION:
        raise Stopped("invalid_answer")
    decision: Decision = construct_type(Decision, copy.deepcopy(plain))
    if chosen.type == "refusal":
        return decision, None
    if chosen.type != "choice" or not isinstance(chosen.choice, str) or chosen.choice not in candidates:
        raise Stopped("invalid_answer")
    return decision, chosen.choice
