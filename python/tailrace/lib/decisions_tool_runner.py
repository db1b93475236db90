"""Runs in which the model chooses among actions of the caller's. What it chooses is no permission to do it."""

from __future__ import annotations

from asyncio import CancelledError
from collections.abc import Awaitable, Callable, Iterable
from typing import TYPE_CHECKING, Any, Literal, Union, cast

from typing_extensions import Required, TypedDict

from .._helpers.steps import awaited, blocking
from ..types.decision import Decision
from ..types.decision_input_image_param import DecisionInputImageParam
from ..types.decision_input_text_param import DecisionInputTextParam
from ._decision_run import DecisionRun, Stopped
from ._tool_lifecycle import CloseStatus, ToolLifecycle

if TYPE_CHECKING:
    from collections.abc import Generator

    from .._client import AsyncOpenAI, OpenAI
    from .tool_diagnostics import ToolDiagnosticObserver

__all__ = [
    "AsyncDecisionActionCandidate",
    "AsyncDecisionCandidate",
    "AsyncDecisionsToolRunner",
    "DecisionActionCandidate",
    "DecisionCandidate",
    "DecisionDoneCandidate",
    "DecisionObservation",
    "DecisionsRunResult",
    "DecisionsRunnerParams",
    "DecisionsToolRunner",
    "DecisionsToolRunnerCancelledError",
    "DecisionsToolRunnerError",
]

_NAME = "Decisions runner"

_Reason = Literal[
    "failed", "cancelled", "step_limit", "invalid_params", "invalid_candidates", "invalid_answer", "async_executor",
    "verification_failed", "invalid_verification",
]  # fmt: skip

_MESSAGES: dict[_Reason, str] = {
    "failed": "Decision run stopped before completion.",
    "cancelled": "Decision run was cancelled.",
    "step_limit": "Decision run reached max_steps before completion.",
    "invalid_params": "Decisions requires a task, model and supported run options.",
    "invalid_candidates": "Candidates must have unique IDs, descriptions, one done choice and valid executors.",
    "invalid_answer": "Decision did not select a registered candidate.",
    "async_executor": "A synchronous executor returned an awaitable; use AsyncDecisionsToolRunner.",
    "verification_failed": "Verification failed with no available action.",
    "invalid_verification": "Verification must return True or False.",
}

DecisionObservation = Union[str, Iterable[DecisionInputTextParam | DecisionInputImageParam]]
"""What the model is shown: a text, or texts and images."""


class DecisionActionCandidate(TypedDict, total=False):
    """Something that can be done; `execute` may take a keyword `cancelled`, which the run was given."""

    id: Required[str]
    description: Required[str]
    execute: Required[Callable[[], object]]
    done: Literal[False]


class AsyncDecisionActionCandidate(TypedDict, total=False):
    """`DecisionActionCandidate` with an executor that is awaited."""

    id: Required[str]
    description: Required[str]
    execute: Required[Callable[[], Awaitable[object]]]
    done: Literal[False]


class DecisionDoneCandidate(TypedDict):
    """The choice that says that the task is complete; there is exactly one."""

    id: str
    description: str
    done: Literal[True]


DecisionCandidate = DecisionActionCandidate | DecisionDoneCandidate
AsyncDecisionCandidate = AsyncDecisionActionCandidate | DecisionDoneCandidate


class DecisionsRunnerParams(TypedDict, total=False):
    """What each request of a run has: the task is `input`."""

    model: Required[str]
    input: Required[str]
    safety_identifier: str | None


class DecisionsRunResult(TypedDict):
    """How a run ended, its decisions, and the ids of the executors that were called and of those that returned."""

    status: Literal["verified", "unverified", "refused"]
    decisions: list[Decision]
    attempted_candidate_ids: list[str]
    completed_candidate_ids: list[str]


class DecisionsToolRunnerError(RuntimeError):
    """A run stopped. Look at the ids before it is tried again: an executor that was called may have done its work.

    Attributes:
        reason: Why, in a word, such as `step_limit`.
        attempted_candidate_ids: Of executors that were called.
        completed_candidate_ids: Of executors that returned.
    """

    def __init__(self, reason: _Reason, attempted: list[str], completed: list[str]) -> None:
        super().__init__(_MESSAGES[reason])
        self.reason = reason
        self.attempted_candidate_ids = tuple(attempted)
        self.completed_candidate_ids = tuple(completed)


class DecisionsToolRunnerCancelledError(CancelledError):
    """The task of a run was cancelled. Attributes as of `DecisionsToolRunnerError`."""

    def __init__(self, attempted: list[str], completed: list[str]) -> None:
        super().__init__(_MESSAGES["cancelled"])
        self.reason = "cancelled"
        self.attempted_candidate_ids = tuple(attempted)
        self.completed_candidate_ids = tuple(completed)


class DecisionsToolRunner:
    """Lets the model choose among candidates until it chooses that the task is done; one run at a time."""

    def __init__(
        self,
        *,
        observe: Callable[[], DecisionObservation],
        candidates: Callable[[DecisionObservation], list[DecisionCandidate]],
        verify: Callable[[DecisionObservation], bool] | None = None,
    ) -> None:
        """Make a runner of functions.

        Args:
            observe: Returns what there is to see now.
            candidates: Returns what can be done about it: at most 255, one of them the `DecisionDoneCandidate`.
            verify: Says whether a task that the model takes for done is done.
        """
        self.observe = observe
        self.candidates = candidates
        self.verify = verify
        self._lifecycle = ToolLifecycle(_NAME)

    def close(self) -> CloseStatus:
        """Admit no further run. One that goes on is not disturbed."""
        return self._lifecycle.close()

    def run(
        self,
        client: OpenAI,
        params: DecisionsRunnerParams,
        *,
        max_steps: int = 20,
        cancelled: Callable[[], bool] | None = None,
        on_diagnostic: ToolDiagnosticObserver | None = None,
    ) -> DecisionsRunResult:
        """Run to the end.

        Args:
            client: Sends the requests.
            params: Model and task.
            max_steps: The most requests. What the model chooses in the last one is not executed.
            cancelled: Asked between the steps; what is true ends the run.
            on_diagnostic: Called after each stage.

        Raises:
            DecisionsToolRunnerError: The run stopped, for its `reason`.
            DecisionsToolRunnerCancelledError: A function raised `asyncio.CancelledError`.
            RuntimeError: The runner is closed, or busy.
        """
        with self._lifecycle.admitted():
            run = DecisionRun(
                self, client, params, max_steps=max_steps, cancelled=cancelled, observer=on_diagnostic, is_async=False
            )
            return _run(run)


class AsyncDecisionsToolRunner:
    """`DecisionsToolRunner` with functions that are awaited."""

    def __init__(
        self,
        *,
        observe: Callable[[], Awaitable[DecisionObservation]],
        candidates: Callable[[DecisionObservation], Awaitable[list[AsyncDecisionCandidate]]],
        verify: Callable[[DecisionObservation], Awaitable[bool]] | None = None,
    ) -> None:
        """Make a runner of functions, as `DecisionsToolRunner` describes them."""
        self.observe = observe
        self.candidates = candidates
        self.verify = verify
        self._lifecycle = ToolLifecycle(_NAME)

    def close(self) -> CloseStatus:
        """Admit no further run. One that goes on is not disturbed."""
        return self._lifecycle.close()

    async def run(
        self,
        client: AsyncOpenAI,
        params: DecisionsRunnerParams,
        *,
        max_steps: int = 20,
        cancelled: Callable[[], bool] | None = None,
        on_diagnostic: ToolDiagnosticObserver | None = None,
    ) -> DecisionsRunResult:
        """Run to the end. `DecisionsToolRunner.run` describes parameters, result and errors."""
        with self._lifecycle.admitted():
            run = DecisionRun(
                self, client, params, max_steps=max_steps, cancelled=cancelled, observer=on_diagnostic, is_async=True
            )
            return await _async_run(run)


def _finished(run: DecisionRun) -> Generator[Any, Any, Any]:
    """Run to the end; what functions and requests raise is not passed on, because it may tell what was seen."""
    try:
        return (yield from run.steps())
    except Stopped as stopped:
        reason = stopped.reason
    except CancelledError:
        raise DecisionsToolRunnerCancelledError(run.attempted, run.completed) from None
    except Exception:  # noqa: BLE001
        raise DecisionsToolRunnerError("failed", run.attempted, run.completed) from None
    raise DecisionsToolRunnerError(cast("_Reason", reason), run.attempted, run.completed)


_run, _async_run = blocking(_finished), awaited(_finished)
