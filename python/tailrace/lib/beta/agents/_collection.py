"""What both kinds of streams of agent sessions do with each event, written once for blocking and awaited ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic

from ...._helpers.steps import awaited, blocking
from ._output import validate_output_type
from ._result import AgentTurnResult, AgentTurnResultCollector, AgentTurnResultError, OutputT

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from ...streaming.agents._dispatch import ToolCall, ToolDispatcher
    from ...streaming.agents._state import SessionState

__all__ = ["END", "AgentTurnResultCollection", "advance", "async_advance", "async_result_of", "result_of"]

#: Stands for the end of the events.
END = object()

_LATE = "Call with_result_collection() before consuming events, or call get_final_result() on a fresh stream"


class AgentTurnResultCollection(Generic[OutputT]):
    """The events of one stream, as they are handed out.

    Attributes:
        collector: Gathers the result of the turn; None while nobody has asked for it.
        is_closed: Whether no more events are handed out, and no more tools run.

    Args:
        output_type: What the answer becomes; None leaves it unparsed.
        dispatcher: Runs the tools; None runs none.
        state: Says where the events end; None reads on to the end of the stream.
    """

    def __init__(
        self,
        output_type: type[OutputT] | None,
        dispatcher: ToolDispatcher | None,
        state: SessionState | None = None,
    ) -> None:
        if output_type is not None:
            validate_output_type(output_type)
        self.collector: AgentTurnResultCollector | None = None
        self.is_closed = False
        self._output_type = output_type
        self._dispatcher = dispatcher
        self._state = state
        self._call: ToolCall | None = None
        self._has_begun = False
        self._result: AgentTurnResult[OutputT] | None = None

    def begin(self) -> AgentTurnResultCollector:
        """Gather the result from now on. Raises `RuntimeError` when events have gone by."""
        if self.collector is None:
            if self._has_begun:
                raise RuntimeError(_LATE)
            self.collector = AgentTurnResultCollector(None if self._state is None else self._state.session_id)
        return self.collector

    def advance(self, take: Callable[[], Any]) -> Generator[Any, Any, Any]:
        """Run the tool that the last event called, then return the next event, or `END`."""
        call, self._call = self._call, None
        if call is not None and self._dispatcher is not None and not self.is_closed:
            yield from self._dispatcher.run(call)
        self._has_begun = True
        while not self.is_closed and not (self._state is not None and self._state.is_done):
            try:
                event = yield take()
            except (StopIteration, StopAsyncIteration):
                if self._state is not None and not self.is_closed:
                    self._state.cut()
                break
            if self._state is not None:
                if self._state.is_repeated(event):
                    continue
                self._state.accept(event)
            if self.collector is not None:
                self.collector.accept(event)
            if self._dispatcher is not None:
                self._call = self._dispatcher.called(event)
            return event
        return END

    def result(self, take: Callable[[], Any]) -> Generator[Any, Any, AgentTurnResult[OutputT]]:
        """Read on until the result is known, and return it.

        Raises:
            RuntimeError: events have gone by that nobody gathered.
            AgentTurnResultError: there is none.
            AgentOutputParseError: the answer is of another type.
        """
        collector = self.begin()
        handled = () if self._dispatcher is None else self._dispatcher.handlers
        try:
            collector.check_outcome(handled)
            while not collector.is_done:
                yield take()
                collector.check_outcome(handled)
        except (StopIteration, StopAsyncIteration):
            pass
        except AgentTurnResultError:
            raise
        except Exception as error:
            raise collector.error("observation_failed") from error
        if self._result is None:
            found = collector.result()
            self._result = found if self._output_type is None else found.parse(self._output_type)
        return self._result


advance, async_advance = blocking(AgentTurnResultCollection.advance), awaited(AgentTurnResultCollection.advance)
result_of, async_result_of = blocking(AgentTurnResultCollection.result), awaited(AgentTurnResultCollection.result)
