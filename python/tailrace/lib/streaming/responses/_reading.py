"""What both forms of a stream make of each event of the API, and how they look at the answer while it grows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic

import pydantic

from ...._exceptions import SchemaViolationError
from ..._parsing._responses import TextFormatT
from ._state import ResponseStreamState

if TYPE_CHECKING:
    from collections.abc import Callable

    from ...._structured.typed_answer import Elements, TypedAnswer

_DELTA, _DONE = "response.output_text.delta", "response.output_text.done"


class Invalid(Exception):
    """An answer is not valid, and may be asked for again; `error` is what is raised where it is not."""

    def __init__(self, error: SchemaViolationError) -> None:
        super().__init__(error)
        self.error = error


class Reading(Generic[TextFormatT]):
    """The state of a stream and what looks at it.

    Args:
        text_format: What the texts become, or `omit`.
        input_tools: The tools of the request, or `omit`.
        starting_after: Events up to this number are read and not handed out.
        attempts: The most requests; 0 where answers are not held to a schema.
        again: Sends the request again, told what was wrong; returns the events of the new answer.
    """

    def __init__(
        self,
        text_format: Any,
        input_tools: Any,
        starting_after: int | None,
        attempts: int,
        again: Callable[[SchemaViolationError], Any] | None,
    ) -> None:
        self._format = text_format
        self._tools = input_tools
        self._after = starting_after
        self._attempts = attempts
        self._again = again
        self._made = 1
        self._typed: TypedAnswer | None = None
        self._seen: Any = None
        self.state: ResponseStreamState[TextFormatT] = ResponseStreamState(
            text_format=text_format, input_tools=input_tools
        )
        if attempts:
            from ...._structured.typed_answer import TypedAnswer, schema_of

            self._typed = TypedAnswer(text_format, schema_of(text_format))

    def events(self, raw: Any) -> list[Any]:
        """Return what an event of the API becomes.

        Raises:
            Invalid: the answer cannot become valid.
            RuntimeError, pydantic.ValidationError: see `ResponseStreamState.handle_event`.
        """
        if self._typed is None:
            made: list[Any] = self.state.handle_event(raw)
        else:
            made = self._checked(raw, self._typed)
        after = self._after
        return made if after is None else [event for event in made if event.sequence_number > after]

    def retry(self, invalid: Invalid) -> Any:
        """Return the events of the next attempt, or what waits for them. Raises the error after the last one."""
        if self._again is None or self._made >= self._attempts:
            raise invalid.error
        self._made += 1
        self.state = ResponseStreamState(text_format=self._format, input_tools=self._tools)
        self._seen = None
        return self._again(invalid.error)

    @property
    def partial(self) -> Any:
        """The answer so far, as an object of its type; None before it has begun."""
        return self._asked().value(self._so_far())

    @property
    def changed(self) -> bool:
        """Whether the object changed since this was asked the last time."""
        typed = self._asked()
        changed, typed.changed = typed.changed, False
        return changed

    def elements(self, path: str) -> Elements:
        """Return the finished elements of the array at `path` of the answer, those of now and of later."""
        return self._asked().elements(path, self._so_far())

    def _asked(self) -> TypedAnswer:
        if self._typed is None:
            from ...._structured.typed_answer import TypedAnswer

            self._typed = TypedAnswer(self._format, None)
            self._seen = self.state.answer
        return self._typed

    def _so_far(self) -> str:
        return "" if self.state.answer is None else str(self.state.answer)

    def _checked(self, raw: Any, typed: TypedAnswer) -> list[Any]:
        try:
            made: list[Any] = self.state.handle_event(raw)
        except pydantic.ValidationError as error:
            if not self._attempts:
                raise
            raise self._invalid(raw, typed, error) from None
        if raw.type == _DELTA and self.state.is_answer(raw.output_index):
            if self.state.answer is not self._seen:
                self._seen = self.state.answer
                typed.begin()
            violation = typed.push(raw.delta)
            if violation is not None:
                raise self._violated(violation, self._so_far())
        elif raw.type == _DONE and self._attempts and self.state.is_answer(raw.output_index):
            violation = typed.whole(raw.text)
            if violation is not None:
                raise self._violated(violation, raw.text)
        return made

    def _invalid(self, raw: Any, typed: TypedAnswer, error: pydantic.ValidationError) -> Invalid:
        """Return what a text that its type refused means: what the schema says of it, where it says something."""
        from ...._structured.typed_answer import refused

        text: str = raw.text if raw.type == _DONE else self._so_far()
        violation = typed.whole(text)
        return Invalid(refused(error, text, self._made)) if violation is None else self._violated(violation, text)

    def _violated(self, violation: Any, text: str) -> Invalid:
        from ...._structured.schema import violation_error

        return Invalid(violation_error(violation, text, attempts=self._made))
