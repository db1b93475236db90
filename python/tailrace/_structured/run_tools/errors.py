"""What a model is told when a call of a tool fails, and what ends a run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..._exceptions import OpenAIError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["InvalidToolArguments", "ToolError", "ToolStepLimitError"]


class ToolError(Exception):
    """Raised by a tool, or by `on_tool_call`: the model is told the message as it is, and may try something else."""


class ToolStepLimitError(OpenAIError):
    """A model still calls tools after `max_steps` requests.

    Attributes:
        max_steps: The limit.
        messages: The conversation so far, with the outputs of the last calls; a further run can go on with it.
    """

    def __init__(self, max_steps: int, messages: list[Any]) -> None:
        super().__init__(
            f"The model still calls tools after {max_steps} requests; raise `max_steps`, or go on with `messages`."
        )
        self.max_steps = max_steps
        self.messages = messages


class InvalidToolArguments(ToolError):
    """The arguments of a call do not fit the tool.

    Attributes:
        problems: JSON pointer and reason of each.
    """

    def __init__(self, name: str, problems: Sequence[tuple[str, str]]) -> None:
        said = "; ".join(f"at `{pointer or '/'}`: {reason}" for pointer, reason in problems)
        super().__init__(f"The arguments do not fit the tool `{name}`: {said}. Call it again with arguments that fit.")
        self.problems = list(problems)
