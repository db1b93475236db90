"""Runs the functions that a model calls, and asks again until it has a final answer."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeVar, cast

from typing_extensions import Required, TypedDict

from .._helpers.steps import awaited, blocking
from ..types.responses.response import Response
from ..types.responses.response_function_call_output_item_list_param import ResponseFunctionCallOutputItemListParam
from ..types.responses.response_input_item_param import McpApprovalResponse
from ..types.responses.response_input_param import ComputerCallOutput, FunctionCallOutput, ResponseInputParam
from ..types.responses.tool_param import ToolParam
from ._responses_runner.registry import OwnFunction, Registry, own_function
from ._responses_runner.run import Answer, ResponsesRun, RunOptions, guarded
from ._responses_runner.stop import ToolRunnerCancelledError, ToolRunnerError
from ._tool_lifecycle import CloseStatus, ToolLifecycle
from ._tools import ResponsesPydanticFunctionTool

if TYPE_CHECKING:
    from .._client import AsyncOpenAI, OpenAI
    from ..types.responses.function_tool_param import FunctionToolParam
    from ..types.responses.response_computer_tool_call import ResponseComputerToolCall
    from ..types.responses.response_create_params import ResponseCreateParamsNonStreaming
    from ..types.responses.response_function_tool_call import ResponseFunctionToolCall
    from ..types.responses.response_output_item import McpApprovalRequest
    from .browser import AsyncBrowserToolset, BrowserToolset
    from .computer import AsyncComputerToolset, ComputerActionInput, ComputerToolset
    from .streaming.responses import ResponseStreamEvent
    from .tool_diagnostics import ToolDiagnosticObserver

__all__ = [
    "AsyncContextBudget",
    "AsyncRegisteredFunction",
    "AsyncResponsesToolLedger",
    "AsyncResponsesToolRunner",
    "ContextBudget",
    "ContextBudgetDecision",
    "ContextBudgetSnapshot",
    "EarlyExecution",
    "RegisteredFunction",
    "ResponsesRunnerTurn",
    "ResponsesToolCheckpoint",
    "ResponsesToolLedger",
    "ResponsesToolRunner",
    "ToolRunnerCancelledError",
    "ToolRunnerError",
]

_ModelT = TypeVar("_ModelT")

FunctionResult = str | ResponseFunctionCallOutputItemListParam
"""What a function tells the model: a text, or parts of a message."""

ToolOutput = FunctionCallOutput | ComputerCallOutput | McpApprovalResponse
"""The answer to something that the model asked for."""


class EarlyExecution(TypedDict, total=False):
    """Which calls may run while the answer in which they are still comes; the first other one holds all that follow."""

    functions: list[str]
    computer: bool


class ContextBudgetSnapshot(TypedDict):
    """A history that is too large to be sent; `eligible_call_ids` may be left out of this request."""

    history: ResponseInputParam
    eligible_call_ids: list[str]
    input_bytes: int
    input_images: int


class ContextBudgetDecision(TypedDict, total=False):
    """The calls to leave out of a request, and what to say in their place."""

    drop_call_ids: Required[list[str]]
    summary: str


class ContextBudget(TypedDict, total=False):
    """The most bytes of JSON and images that are sent as the input of a request of this run.

    What is too large is shown to `compact`; the newest screenshots, one unless `keep_recent_screenshots` says more,
    always stay. The history of the run, and what a ledger saves, stays whole.
    """

    max_input_bytes: Required[int]
    max_input_images: Required[int]
    keep_recent_screenshots: int
    compact: Callable[[ContextBudgetSnapshot], ContextBudgetDecision]


class AsyncContextBudget(TypedDict, total=False):
    """`ContextBudget` whose `compact` may be awaited."""

    max_input_bytes: Required[int]
    max_input_images: Required[int]
    keep_recent_screenshots: int
    compact: Callable[[ContextBudgetSnapshot], ContextBudgetDecision | Awaitable[ContextBudgetDecision]]


class ResponsesToolCheckpoint(TypedDict):
    """A run as it is saved. An id that returned does not prove that the call had its effect.

    Tools are saved without credentials, and the addresses of MCP servers as fingerprints.
    """

    version: Literal[1]
    run_id: str
    revision: int
    phase: Literal["boundary", "pending", "final"]
    max_steps: int
    consumed_requests: int
    tools: list[ToolParam]
    output_override_names: list[str]
    history: ResponseInputParam
    attempted_call_ids: list[str]
    returned_call_ids: list[str]
    pending_items: list[dict[str, object]]
    returned_outputs: list[ToolOutput]
    final_response: dict[str, object] | None


@dataclass(frozen=True)
class ResponsesToolLedger:
    """Saves a run at each place where it may be cut off, and goes on from a checkpoint of phase `boundary`.

    Attributes:
        run_id: Names the run; a checkpoint is of the run of its name.
        save: Returns when the checkpoint, a copy, cannot be lost any more.
        resume_from: Where to go on, or None.
    """

    run_id: str
    save: Callable[[ResponsesToolCheckpoint], None]
    resume_from: ResponsesToolCheckpoint | None = None


@dataclass(frozen=True)
class AsyncResponsesToolLedger:
    """`ResponsesToolLedger` whose `save` is awaited."""

    run_id: str
    save: Callable[[ResponsesToolCheckpoint], Awaitable[None]]
    resume_from: ResponsesToolCheckpoint | None = None


@dataclass(frozen=True)
class RegisteredFunction:
    """A function that the model may call.

    Attributes:
        tool: What the model is told of it.
        execute: Gets the arguments, and as a keyword `cancelled` what the run was given, if it has such a parameter.
        allow_output_override: Whether the caller may answer in its place, see `ResponsesRunnerTurn.supply_outputs`.
        independent: Whether it may run beside other calls of the same answer.
    """

    tool: FunctionToolParam
    execute: Callable[[dict[str, object]], FunctionResult]
    allow_output_override: bool = False
    independent: bool = False
    _parsed_tool: FunctionToolParam | None = None

    @classmethod
    def from_tool(
        cls,
        tool: FunctionToolParam,
        *,
        execute: Callable[[_ModelT], FunctionResult],
        allow_output_override: bool = False,
        independent: bool = False,
    ) -> RegisteredFunction:
        """Register a tool of `pydantic_responses_function_tool`, whose function gets an instance of its model.

        Raises:
            ValueError: the tool is none of those, or there is nothing to run.
        """
        _require_typed(tool, execute)
        return cls(tool, cast(Any, execute), allow_output_override, independent, tool)


@dataclass(frozen=True)
class AsyncRegisteredFunction:
    """`RegisteredFunction` whose `execute` is awaited."""

    tool: FunctionToolParam
    execute: Callable[[dict[str, object]], Awaitable[FunctionResult]]
    allow_output_override: bool = False
    independent: bool = False
    _parsed_tool: FunctionToolParam | None = None

    @classmethod
    def from_tool(
        cls,
        tool: FunctionToolParam,
        *,
        execute: Callable[[_ModelT], Awaitable[FunctionResult]],
        allow_output_override: bool = False,
        independent: bool = False,
    ) -> AsyncRegisteredFunction:
        """Do what `RegisteredFunction.from_tool` does."""
        _require_typed(tool, execute)
        return cls(tool, cast(Any, execute), allow_output_override, independent, tool)


def _require_typed(tool: object, execute: object) -> None:
    if not isinstance(tool, ResponsesPydanticFunctionTool) or not callable(execute):
        raise ValueError("from_tool requires a Pydantic Responses function tool and an executor.")


@dataclass(frozen=True)
class ResponsesRunnerTurn:
    """An answer before its calls run; going on with the loop runs them.

    Attributes:
        response: The answer. Changing it changes nothing of the run.
        step: Requests so far.
        final: Whether the run ends with it.
        tools_executed: Whether calls ran while it came.
        attempted_call_ids: Calls of the run that were begun, also those that failed.
        completed_call_ids: Calls that gave an output.
    """

    response: Response
    step: int
    final: bool
    tools_executed: bool
    attempted_call_ids: tuple[str, ...]
    completed_call_ids: tuple[str, ...]
    _supply: Callable[[list[FunctionCallOutput]], None]
    _append: Callable[[str], None]

    def supply_outputs(self, outputs: list[FunctionCallOutput]) -> None:
        """Answer calls in place of their functions; replaces what was supplied before.

        Raises:
            ValueError: an output is none, its function does not allow it, or the turn is over.
        """
        self._supply(outputs)

    def append_user_text(self, text: str) -> None:
        """Let the user say something after the outputs of this turn. Raises `ValueError` when it is over or final."""
        self._append(text)


class _Runner:
    """What both kinds of runners are: tools, of which the functions stay as they were, and one run at a time."""

    _function: type
    _ledger: type
    _is_async: bool

    def _register(self, browser: Any, computer: Any, functions: list[Any] | None, early: EarlyExecution | None) -> None:
        self.browser = browser
        self.computer = computer
        self._functions: list[OwnFunction] = [own_function(one, self._function) for one in functions or []]
        Registry(self._functions, browser, computer, early)
        self._early = None if early is None else {**early, "functions": list(early.get("functions", []))}
        self._lifecycle = ToolLifecycle("Responses runner")

    def close(self) -> CloseStatus:
        """Admit no further run. One that goes on is not disturbed, and browser and computer stay the caller's."""
        return self._lifecycle.close()

    def _started(self, client: Any, params: Any, options: dict[str, Any]) -> ResponsesRun:
        registry = Registry(self._functions, self.browser, self.computer, self._early)
        given = RunOptions(**options)
        return ResponsesRun(client, registry, params, given, ledger_kind=self._ledger, is_async=self._is_async)


def _admitted(run: ResponsesRun) -> Generator[Any, Any, None]:
    yield from guarded(run, run.admitted())


def _asked(run: ResponsesRun) -> Generator[Any, Any, Answer]:
    return (yield from guarded(run, run.ask()))


def _acted(run: ResponsesRun, answer: Answer) -> Generator[Any, Any, None]:
    yield from guarded(run, run.act(answer))


def _turn(run: ResponsesRun, answer: Answer) -> ResponsesRunnerTurn:
    return ResponsesRunnerTurn(
        answer.response, answer.step, answer.is_final, bool(answer.early), tuple(run.dispatch.attempted),
        tuple(run.dispatch.completed), answer.control.supply, answer.control.append,
    )  # fmt: skip


_admit, _async_admit = blocking(_admitted), awaited(_admitted)
_ask, _async_ask = blocking(_asked), awaited(_asked)
_act, _async_act = blocking(_acted), awaited(_acted)


class ResponsesToolRunner(_Runner):
    """Asks for a response, runs what it calls, tells the model what that gave, and asks again; one run at a time."""

    _function = RegisteredFunction
    _ledger = ResponsesToolLedger
    _is_async = False

    def __init__(
        self,
        *,
        browser: BrowserToolset | None = None,
        computer: ComputerToolset | None = None,
        functions: list[RegisteredFunction] | None = None,
        early_execution: EarlyExecution | None = None,
    ) -> None:
        """Make a runner.

        Args:
            browser: A browser for the model.
            computer: A computer for the model.
            functions: Functions, whose names differ.
            early_execution: Which calls `eager` runs early; None is all.

        Raises:
            ValueError: a function has no name, nothing to run or the name of another, or a rule is none.
        """
        self._register(browser, computer, functions, early_execution)

    def run(
        self,
        client: OpenAI,
        params: ResponseCreateParamsNonStreaming,
        *,
        max_steps: int | None = None,
        stream: bool = False,
        eager: bool = False,
        max_concurrent_calls: int = 2,
        on_event: Callable[[ResponseStreamEvent[None]], None] | None = None,
        cancelled: Callable[[], bool] | None = None,
        approve_safety_checks: Callable[[ResponseComputerToolCall], bool] | None = None,
        before_action: Callable[[ComputerActionInput], bool] | None = None,
        ledger: ResponsesToolLedger | None = None,
        context_budget: ContextBudget | None = None,
        on_diagnostic: ToolDiagnosticObserver | None = None,
        approve_mcp: Callable[[McpApprovalRequest], bool] | None = None,
        before_early_call: Callable[[ResponseFunctionToolCall | ResponseComputerToolCall], Literal["execute", "defer"]]
        | None = None,
    ) -> Response:
        """Run to the end and return the last response.

        Args:
            client: Sends the requests.
            params: Those of `responses.create`, with the whole history as `input`. `tools` are those of servers.
            max_steps: The most requests; 20, or as many as the run had that is gone on with.
            stream: Whether answers are streamed.
            eager: Whether calls run while their answer comes, unless a tool of a server is declared.
            max_concurrent_calls: The most independent calls beside each other.
            on_event: Gets a copy of each event of a stream.
            cancelled: Asked between the steps; what is true ends the run.
            approve_safety_checks: Says whether a call of the computer may run that has safety checks.
            before_action: Says whether an action of the computer may be done.
            ledger: Saves the run.
            context_budget: Limits what is sent.
            on_diagnostic: Called after each stage.
            approve_mcp: Says whether another server may run its tool.
            before_early_call: Says of each call that may run early whether it does.

        Raises:
            ToolRunnerError: The run stopped; it says which calls were begun and which gave an output.
            ToolRunnerCancelledError: A function raised `asyncio.CancelledError`.
            ValueError: A parameter or an option is none that a runner can go on with.
            RuntimeError: The runner is closed, or busy.
        """
        options = {name: value for name, value in locals().items() if name not in ("self", "client", "params")}
        (*_, last) = self.iterate(client, params, **options)
        return last.response

    def iterate(
        self,
        client: OpenAI,
        params: ResponseCreateParamsNonStreaming,
        *,
        max_steps: int | None = None,
        stream: bool = False,
        eager: bool = False,
        max_concurrent_calls: int = 2,
        on_event: Callable[[ResponseStreamEvent[None]], None] | None = None,
        cancelled: Callable[[], bool] | None = None,
        approve_safety_checks: Callable[[ResponseComputerToolCall], bool] | None = None,
        before_action: Callable[[ComputerActionInput], bool] | None = None,
        ledger: ResponsesToolLedger | None = None,
        context_budget: ContextBudget | None = None,
        on_diagnostic: ToolDiagnosticObserver | None = None,
        approve_mcp: Callable[[McpApprovalRequest], bool] | None = None,
        before_early_call: Callable[[ResponseFunctionToolCall | ResponseComputerToolCall], Literal["execute", "defer"]]
        | None = None,
    ) -> Generator[ResponsesRunnerTurn, None, None]:
        """Yield each answer before its calls run, with the parameters and errors of `run`.

        Leaving the loop does not end the run as long as the generator lives; its `close` does.
        """
        options = {name: value for name, value in locals().items() if name not in ("self", "client", "params")}
        with self._lifecycle.admitted():
            run = self._started(client, params, options)
            _admit(run)
            while True:
                answer = _ask(run)
                try:
                    yield _turn(run, answer)
                finally:
                    answer.control.end()
                if answer.is_final:
                    return
                _act(run, answer)


class AsyncResponsesToolRunner(_Runner):
    """`ResponsesToolRunner` with functions and callbacks that are awaited."""

    _function = AsyncRegisteredFunction
    _ledger = AsyncResponsesToolLedger
    _is_async = True

    def __init__(
        self,
        *,
        browser: AsyncBrowserToolset | None = None,
        computer: AsyncComputerToolset | None = None,
        functions: list[AsyncRegisteredFunction] | None = None,
        early_execution: EarlyExecution | None = None,
    ) -> None:
        """Make a runner, as `ResponsesToolRunner` describes it."""
        self._register(browser, computer, functions, early_execution)

    async def run(
        self,
        client: AsyncOpenAI,
        params: ResponseCreateParamsNonStreaming,
        *,
        max_steps: int | None = None,
        stream: bool = False,
        eager: bool = False,
        max_concurrent_calls: int = 2,
        on_event: Callable[[ResponseStreamEvent[None]], Awaitable[None]] | None = None,
        cancelled: Callable[[], bool] | None = None,
        approve_safety_checks: Callable[[ResponseComputerToolCall], Awaitable[bool]] | None = None,
        before_action: Callable[[ComputerActionInput], Awaitable[bool]] | None = None,
        ledger: AsyncResponsesToolLedger | None = None,
        context_budget: AsyncContextBudget | None = None,
        on_diagnostic: ToolDiagnosticObserver | None = None,
        approve_mcp: Callable[[McpApprovalRequest], Awaitable[bool]] | None = None,
        before_early_call: Callable[
            [ResponseFunctionToolCall | ResponseComputerToolCall], Awaitable[Literal["execute", "defer"]]
        ]
        | None = None,
    ) -> Response:
        """Run to the end. `ResponsesToolRunner.run` describes parameters, result and errors."""
        options = {name: value for name, value in locals().items() if name not in ("self", "client", "params")}
        turns = [turn async for turn in self.iterate(client, params, **options)]
        return turns[-1].response

    async def iterate(
        self,
        client: AsyncOpenAI,
        params: ResponseCreateParamsNonStreaming,
        *,
        max_steps: int | None = None,
        stream: bool = False,
        eager: bool = False,
        max_concurrent_calls: int = 2,
        on_event: Callable[[ResponseStreamEvent[None]], Awaitable[None]] | None = None,
        cancelled: Callable[[], bool] | None = None,
        approve_safety_checks: Callable[[ResponseComputerToolCall], Awaitable[bool]] | None = None,
        before_action: Callable[[ComputerActionInput], Awaitable[bool]] | None = None,
        ledger: AsyncResponsesToolLedger | None = None,
        context_budget: AsyncContextBudget | None = None,
        on_diagnostic: ToolDiagnosticObserver | None = None,
        approve_mcp: Callable[[McpApprovalRequest], Awaitable[bool]] | None = None,
        before_early_call: Callable[
            [ResponseFunctionToolCall | ResponseComputerToolCall], Awaitable[Literal["execute", "defer"]]
        ]
        | None = None,
    ) -> AsyncGenerator[ResponsesRunnerTurn, None]:
        """Yield each answer before its calls run. `ResponsesToolRunner.iterate` describes it."""
        options = {name: value for name, value in locals().items() if name not in ("self", "client", "params")}
        with self._lifecycle.admitted():
            run = self._started(client, params, options)
            await _async_admit(run)
            while True:
                answer = await _async_ask(run)
                try:
                    yield _turn(run, answer)
                finally:
                    answer.control.end()
                if answer.is_final:
                    return
                await _async_act(run, answer)
