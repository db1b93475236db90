"""How a run talks with an API: what it sends, where the calls of an answer are, and how their outputs go back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..._types import NotGiven, Omit
from ...lib._tools import sendable_tools
from .functions import FunctionTool
from .steps import ToolCall, ToolResult

__all__ = ["ChatConversation", "Conversation", "ResponsesConversation"]


class Conversation:
    """A conversation over one API; `messages` is what was said, in the form that the API takes."""

    messages: list[Any]

    def request(self) -> tuple[str, dict[str, Any]]:
        """Return the method of the resource and the arguments of the next request."""
        raise NotImplementedError

    def take(self, answer: Any) -> list[ToolCall]:
        """Take note of an answer and return the calls in it."""
        raise NotImplementedError

    def tell(self, results: Sequence[ToolResult]) -> None:
        """Take note of the outputs of calls."""
        raise NotImplementedError

    def is_open(self, answer: Any) -> bool:
        """Whether the answer asks for something that only the caller of the run can do."""
        raise NotImplementedError

    @staticmethod
    def text(answer: Any) -> str | None:
        """Return the text of an answer; None where it has none."""
        raise NotImplementedError

    @staticmethod
    def parsed(answer: Any) -> Any:
        """Return the answer as the type that was asked for; None where none was."""
        raise NotImplementedError


class ChatConversation(Conversation):
    """Chat completions: messages go back and forth whole."""

    def __init__(
        self, messages: Iterable[Any], tools: Mapping[str, FunctionTool], sent: Sequence[Any], options: dict[str, Any]
    ) -> None:
        self.messages = list(messages)
        functions = [{"type": "function", "function": _described(tool)} for tool in tools.values()]
        self._tools = [*functions, *sent]
        self._options = options
        self._method = "parse" if _is_type(options.get("response_format")) else "create"

    def request(self) -> tuple[str, dict[str, Any]]:
        return self._method, {**self._options, "messages": list(self.messages), "tools": self._tools}

    def take(self, answer: Any) -> list[ToolCall]:
        _calm(self._options)
        message = answer.choices[0].message
        said: dict[str, Any] = message.to_dict(mode="json", warnings=False)
        said.pop("parsed", None)
        for call in said.get("tool_calls") or ():
            call.get("function", {}).pop("parsed_arguments", None)
        # A message of the assistant is sent back with its content, null too.
        self.messages.append({"content": None, **said})
        return [
            ToolCall(call.id, call.function.name, call.function.arguments)
            for call in message.tool_calls or ()
            if call.type == "function"
        ]

    def tell(self, results: Sequence[ToolResult]) -> None:
        self.messages.extend(
            {"role": "tool", "tool_call_id": result.call.id, "content": result.output} for result in results
        )

    def is_open(self, answer: Any) -> bool:
        return any(call.type != "function" for call in answer.choices[0].message.tool_calls or ())

    @staticmethod
    def text(answer: Any) -> str | None:
        return answer.choices[0].message.content

    @staticmethod
    def parsed(answer: Any) -> Any:
        return getattr(answer.choices[0].message, "parsed", None)


class ResponsesConversation(Conversation):
    """Responses: items go back and forth, or only what is new where the API keeps the conversation."""

    def __init__(
        self, input: Any, tools: Mapping[str, FunctionTool], sent: Sequence[Any], options: dict[str, Any]
    ) -> None:
        if isinstance(input, str):
            self.messages = [{"role": "user", "content": input}]
        else:
            said: Any = input
            self.messages = list(said) if _is_given(said) else []
        self._tools = [*({"type": "function", **_described(tool)} for tool in tools.values()), *sendable_tools(sent)]
        self._options = options
        self._method = "parse" if _is_type(options.get("text_format")) else "create"
        self._is_kept = any(_is_given(options.get(name)) for name in ("conversation", "previous_response_id"))
        #: How many items the API has seen, where it keeps them.
        self._sent = 0

    def request(self) -> tuple[str, dict[str, Any]]:
        items = self.messages[self._sent :] if self._is_kept else list(self.messages)
        return self._method, {**self._options, "input": items, "tools": self._tools}

    def take(self, answer: Any) -> list[ToolCall]:
        _calm(self._options)
        self.messages.extend(answer.output)
        self._sent = len(self.messages)
        if _is_given(self._options.get("previous_response_id")):
            self._options["previous_response_id"] = answer.id
        return [
            ToolCall(item.call_id, item.name, item.arguments) for item in answer.output if item.type == "function_call"
        ]

    def tell(self, results: Sequence[ToolResult]) -> None:
        self.messages.extend(
            {"type": "function_call_output", "call_id": result.call.id, "output": result.output} for result in results
        )

    def is_open(self, answer: Any) -> bool:
        return any(
            item.type in ("custom_tool_call", "computer_call", "mcp_approval_request", "local_shell_call")
            for item in answer.output
        )

    @staticmethod
    def text(answer: Any) -> str | None:
        return answer.output_text or None

    @staticmethod
    def parsed(answer: Any) -> Any:
        return getattr(answer, "output_parsed", None)


def _described(tool: FunctionTool) -> dict[str, Any]:
    described: dict[str, Any] = {"name": tool.name, "parameters": tool.schema, "strict": tool.strict}
    if tool.description is not None:
        described["description"] = tool.description
    return described


def _calm(options: dict[str, Any]) -> None:
    """Let the model choose after its first answer: a choice that forces a call would force one for ever."""
    choice = options.get("tool_choice")
    if choice == "required" or isinstance(choice, Mapping):
        options["tool_choice"] = "auto"


def _is_type(value: Any) -> bool:
    return _is_given(value) and not isinstance(value, Mapping)


def _is_given(value: Any) -> bool:
    return value is not None and not isinstance(value, (Omit, NotGiven))
