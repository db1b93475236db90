"""What a run tells of itself: the calls of a step, what came of them, and the step."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

AnswerT = TypeVar("AnswerT")

__all__ = ["AnswerT", "ToolCall", "ToolResult", "ToolStep", "text_of"]


@dataclass(frozen=True)
class ToolCall:
    """A call that the model asks for.

    Attributes:
        id: Names the call; its output carries it.
        name: Of the tool.
        text: The arguments as the model wrote them, JSON that may not fit.
    """

    id: str
    name: str
    text: str


@dataclass(frozen=True)
class ToolResult:
    """What came of a call.

    Attributes:
        call: The call.
        output: What the model is told.
        value: What the function returned; None after an error.
        error: What it raised, or why it was not called; None after success.
    """

    call: ToolCall
    output: str
    value: Any = None
    error: Exception | None = None


@dataclass(frozen=True)
class ToolStep(Generic[AnswerT]):
    """A request, its answer, and the calls that it asked for.

    Attributes:
        number: Counted from 1.
        answer: The chat completion or the response.
        results: One for each call of a tool of this run, in the order of the calls; none in the last step.
        final: Whether the run ends with this step.
    """

    number: int
    answer: AnswerT
    results: tuple[ToolResult, ...]
    final: bool


def text_of(value: Any) -> str:
    """Return what the model is told of a function's result: text as it is, anything else as JSON.

    Raises:
        TypeError: it is neither text nor anything that JSON can say.
    """
    if isinstance(value, str):
        return value
    import pydantic_core

    try:
        return pydantic_core.to_json(value).decode()
    except pydantic_core.PydanticSerializationError as error:
        raise TypeError(f"a tool returned {type(value).__name__}, which has no form in JSON: {error}") from error


def readable(text: str) -> Any:
    """Return JSON text as a value, or the text where it is none."""
    try:
        return json.loads(text)
    except ValueError:
        return text
