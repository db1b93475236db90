"""The runs: a loop of requests and calls, blocking or awaited, that ends when the model answers without a call."""

from __future__ import annotations

import contextvars
import inspect
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Generic

from ... import _async_library
from .errors import ToolError, ToolStepLimitError
from .steps import AnswerT, ToolCall, ToolResult, ToolStep, text_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from types import TracebackType

    from typing_extensions import Self

    from .conversations import Conversation
    from .functions import FunctionTool

__all__ = ["AsyncToolRunner", "ToolRunner"]

#: Threads for the calls of one step; a model rarely asks for more at once.
_MOST_THREADS = 32


class _Run(Generic[AnswerT]):
    """What both forms share.

    Attributes:
        messages: The conversation so far, as the API takes it: what was given, the answers, and the outputs of tools.
        steps: The steps so far.
    """

    def __init__(
        self,
        resource: Any,
        conversation: Conversation,
        tools: Mapping[str, FunctionTool],
        *,
        unrun: frozenset[str],
        max_steps: int,
        parallel: bool,
        on_step: Callable[[ToolStep[AnswerT]], Any] | None,
        on_tool_call: Callable[[ToolCall], Any] | None,
        on_tool_result: Callable[[ToolResult], Any] | None,
    ) -> None:
        if max_steps < 1:
            raise ValueError(f"`max_steps` is the number of requests, at least 1, and not {max_steps}.")
        self._resource = resource
        self._conversation = conversation
        self._tools = tools
        #: Tools that the model knows and the run cannot call.
        self._unrun = unrun
        self._max_steps = max_steps
        self._parallel = parallel
        self._on_step = on_step
        self._on_tool_call = on_tool_call
        self._on_tool_result = on_tool_result
        self._closed = False
        self.steps: list[ToolStep[AnswerT]] = []

    @property
    def messages(self) -> list[Any]:
        return self._conversation.messages

    @property
    def usage(self) -> dict[str, Any]:
        """The tokens of all steps so far: the counts that the API gave, summed by name."""
        total: dict[str, Any] = {}
        for step in self.steps:
            used = getattr(step.answer, "usage", None)
            if used is not None:
                _add(total, used.to_dict(mode="json", warnings=False))
        return total

    def _is_over(self) -> bool:
        return self._closed or (bool(self.steps) and self.steps[-1].final)

    def _begun(self) -> tuple[str, dict[str, Any]]:
        """Return the next request. Raises `ToolStepLimitError` after the last one that is allowed."""
        if len(self.steps) >= self._max_steps:
            self._closed = True
            raise ToolStepLimitError(self._max_steps, self.messages)
        return self._conversation.request()

    def _stepped(self, answer: Any, results: list[ToolResult], *, final: bool) -> ToolStep[AnswerT]:
        step = ToolStep[AnswerT](len(self.steps) + 1, answer, tuple(results), final)
        self.steps.append(step)
        return step

    def _known(self, calls: list[ToolCall], answer: Any) -> bool:
        """Whether all that an answer asks for are tools of this run; a call of another one is the caller's."""
        if self._conversation.is_open(answer) or any(call.name in self._unrun for call in calls):
            return False
        return bool(calls)

    def _prepared(self, call: ToolCall) -> tuple[FunctionTool, Any]:
        tool = self._tools.get(call.name)
        if tool is None:
            raise ToolError(f"There is no tool `{call.name}`. The tools are: {', '.join(self._tools) or 'none'}.")
        return tool, tool.arguments(call.text)

    def _last(self) -> Any:
        if not self.steps:
            raise RuntimeError("The run was closed before its first answer.")
        return self.steps[-1].answer


class ToolRunner(_Run[AnswerT]):
    """A run that is waited for (`until_done()`, `final_content()`) or iterated over, step by step; once.

    Leaving it as a context manager, or `close()`, ends it: nothing more is sent.

    Iterating raises:
        APIError: a request failed.
        ToolStepLimitError: the model still calls tools after `max_steps` requests.
        Exception: what a hook raises, other than `ToolError` in `on_tool_call`.
    """

    def __iter__(self) -> Iterator[ToolStep[AnswerT]]:
        return self

    def __next__(self) -> ToolStep[AnswerT]:
        if self._is_over():
            raise StopIteration
        try:
            return self._step()
        except BaseException:
            self._closed = True
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the run. A request or a tool that runs now ends by itself; nothing follows it."""
        self._closed = True

    def until_done(self) -> Self:
        """Run to the end."""
        for _ in self:
            pass
        return self

    def final_answer(self) -> AnswerT:
        """Run to the end and return the last chat completion or response."""
        self.until_done()
        return self._last()

    def final_content(self) -> str | None:
        """Run to the end and return the text of the last answer; None where it has none."""
        return self._conversation.text(self.final_answer())

    def final_parsed(self) -> Any:
        """Run to the end and return the last answer as the type that was asked for; None where none was."""
        return self._conversation.parsed(self.final_answer())

    def _step(self) -> ToolStep[AnswerT]:
        method, arguments = self._begun()
        answer = getattr(self._resource, method)(**arguments)
        calls = self._conversation.take(answer)
        goes_on = self._known(calls, answer) and not self._closed
        results = self._called(calls) if goes_on else []
        self._conversation.tell(results)
        step = self._stepped(answer, results, final=not goes_on)
        if self._on_step is not None:
            self._on_step(step)
        return step

    def _called(self, calls: list[ToolCall]) -> list[ToolResult]:
        if not self._parallel or len(calls) == 1:
            return [self._result(call) for call in calls]
        threads = ThreadPoolExecutor(min(len(calls), _MOST_THREADS), thread_name_prefix="tailrace-tool")
        try:
            tasks = [threads.submit(contextvars.copy_context().run, self._result, call) for call in calls]
            return [task.result() for task in tasks]
        finally:
            # After a failure, what has not begun does not begin, and what runs is not waited for.
            threads.shutdown(wait=False, cancel_futures=True)

    def _result(self, call: ToolCall) -> ToolResult:
        try:
            if self._on_tool_call is not None:
                self._on_tool_call(call)
            tool, arguments = self._prepared(call)
        except ToolError as error:
            result = _refused(call, error)
        else:
            try:
                result = _done(call, tool.call(arguments))
            except Exception as error:  # noqa: BLE001 - The model is told, and may try something else.
                result = _refused(call, error)
        if self._on_tool_result is not None:
            self._on_tool_result(result)
        return result


class AsyncToolRunner(_Run[AnswerT]):
    """`ToolRunner` for `await` and `async for`.

    Cancelling the task that waits for it cancels the request and the async tools; a function on a thread runs on.
    """

    def __aiter__(self) -> AsyncIterator[ToolStep[AnswerT]]:
        return self

    async def __anext__(self) -> ToolStep[AnswerT]:
        if self._is_over():
            raise StopAsyncIteration
        try:
            return await self._step()
        except BaseException:
            self._closed = True
            raise

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """End the run. A request or a tool that runs now ends by itself; nothing follows it."""
        self._closed = True

    async def until_done(self) -> Self:
        """Run to the end."""
        async for _ in self:
            pass
        return self

    async def final_answer(self) -> AnswerT:
        """Run to the end and return the last chat completion or response."""
        await self.until_done()
        return self._last()

    async def final_content(self) -> str | None:
        """Run to the end and return the text of the last answer; None where it has none."""
        return self._conversation.text(await self.final_answer())

    async def final_parsed(self) -> Any:
        """Run to the end and return the last answer as the type that was asked for; None where none was."""
        return self._conversation.parsed(await self.final_answer())

    async def _step(self) -> ToolStep[AnswerT]:
        method, arguments = self._begun()
        answer = await getattr(self._resource, method)(**arguments)
        calls = self._conversation.take(answer)
        goes_on = self._known(calls, answer) and not self._closed
        results = await self._called(calls) if goes_on else []
        self._conversation.tell(results)
        step = self._stepped(answer, results, final=not goes_on)
        await _hooked(self._on_step, step)
        return step

    async def _called(self, calls: list[ToolCall]) -> list[ToolResult]:
        if not self._parallel or len(calls) == 1:
            return [await self._result(call) for call in calls]
        results: list[Any] = [None] * len(calls)

        def running(place: int, call: ToolCall) -> Callable[[], Any]:
            async def run() -> None:
                results[place] = await self._result(call)

            return run

        await _async_library.run_all([running(place, call) for place, call in enumerate(calls)])
        return results

    async def _result(self, call: ToolCall) -> ToolResult:
        try:
            await _hooked(self._on_tool_call, call)
            tool, arguments = self._prepared(call)
        except ToolError as error:
            result = _refused(call, error)
        else:
            try:
                if tool.is_async:
                    value = await tool.call(arguments)
                else:
                    value = await _async_library.to_thread(tool.call, arguments)
                    # A function that is not declared async may still return something to wait for.
                    value = await value if inspect.isawaitable(value) else value
                result = _done(call, value)
            except Exception as error:  # noqa: BLE001 - The model is told, and may try something else.
                result = _refused(call, error)
        await _hooked(self._on_tool_result, result)
        return result


async def _hooked(hook: Callable[[Any], Any] | None, value: Any) -> None:
    if hook is not None:
        said = hook(value)
        if inspect.isawaitable(said):
            await said


def _done(call: ToolCall, value: Any) -> ToolResult:
    return ToolResult(call, text_of(value), value)


def _refused(call: ToolCall, error: Exception) -> ToolResult:
    said = str(error)
    if not isinstance(error, ToolError):
        said = f"The tool `{call.name}` failed with {type(error).__name__}" + (f": {said}" if said else ".")
    return ToolResult(call, said, None, error)


def _add(total: dict[str, Any], more: Mapping[str, Any]) -> None:
    for name, value in more.items():
        if isinstance(value, Mapping):
            _add(total.setdefault(name, {}), value)  # pyright: ignore[reportUnknownArgumentType]
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            total[name] = total.get(name, 0) + value
