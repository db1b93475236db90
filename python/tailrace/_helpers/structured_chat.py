"""`client.chat.completions.parse` and `client.chat.completions.stream`: answers of chat completions as types."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .._lazy import LazyType
from .._types import omit

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Generator

__all__ = ["async_parse", "async_stream", "parse", "stream"]

CHAT_COMPLETION = LazyType("tailrace.types.chat.chat_completion", "ChatCompletion")

_OPTIONS = ("extra_headers", "extra_query", "extra_body", "timeout", "deadline", "strict_end")


def parse(completions: Any, *, response_format: Any = omit, tools: Any = omit, **arguments: Any) -> Any:
    """Create a completion and return it as a `ParsedChatCompletion`.

    Args:
        completions: The resource.
        response_format: What the answer shall be; its schema is sent. A dictionary is sent as it is.
        tools: Strict functions; their arguments are parsed, too.
        arguments: The other parameters of `create`, and the options of a request.

    Raises:
        ValueError: a tool is not strict, or an answer does not fit (`pydantic.ValidationError`).
        TypeError: `response_format` is no type that has a schema.
        LengthFinishReasonError: the answer was cut at the token limit.
        ContentFilterFinishReasonError: the answer was stopped by the content filter.
    """
    from ..lib._parsing._completions import type_to_response_format_param, validate_input_tools

    listed = validate_input_tools(tools)
    options = _taken_options(arguments, "chat.completions.parse")

    def parsed(completion: Any) -> Any:
        # A server that answers in plain text has sent no completion; the text is what the caller gets.
        if isinstance(completion, str):
            return completion
        from ..lib._parsing._completions import parse_chat_completion

        return parse_chat_completion(response_format=response_format, chat_completion=completion, input_tools=listed)

    return completions._request(
        "POST",
        "/chat/completions",
        cast_to=CHAT_COMPLETION,
        body={
            **arguments,
            "response_format": type_to_response_format_param(response_format),
            "stream": False,
            "tools": listed,
        },
        post_parser=parsed,
        **options,
    )


def async_parse(completions: Any, **arguments: Any) -> Awaitable[Any]:
    """Do what `parse` does, awaited."""
    return parse(completions, **arguments)


def stream(completions: Any, **arguments: Any) -> Any:
    """Return the context manager of a stream of events.

    Raises:
        TypeError: `response_format` is no type that has a schema.
    """
    from ..lib.streaming.chat import ChatCompletionStreamManager

    call, settings = _opened(completions, arguments)
    return ChatCompletionStreamManager(call, **settings)


def async_stream(completions: Any, **arguments: Any) -> Any:
    """Do what `stream` does, for `async with`."""
    from ..lib.streaming.chat import AsyncChatCompletionStreamManager

    call, settings = _opened(completions, arguments)
    return AsyncChatCompletionStreamManager(_Deferred(call), **settings)


class _Deferred:
    """An awaitable that makes its coroutine when it is awaited, so that a stream nobody enters leaves none behind."""

    __slots__ = ("_call",)

    def __init__(self, call: Callable[[], Awaitable[Any]]) -> None:
        self._call = call

    def __await__(self) -> Generator[Any, Any, Any]:
        return self._call().__await__()


def _opened(completions: Any, arguments: dict[str, Any]) -> tuple[Callable[[], Any], dict[str, Any]]:
    """Return how to send the request of a stream, and what its manager is made with."""
    from ..lib._parsing._completions import materialize_input_tools, type_to_response_format_param

    response_format = arguments.pop("response_format", omit)
    tools = materialize_input_tools(arguments.pop("tools", omit))
    options = _taken_options(arguments, "chat.completions.stream")
    body = {**arguments, "response_format": type_to_response_format_param(response_format), "tools": tools}
    return (
        lambda: completions.create(**body, stream=True, **options),
        {"response_format": response_format, "input_tools": tools},
    )


def _taken_options(arguments: dict[str, Any], helper: str) -> dict[str, Any]:
    options = {name: arguments.pop(name) for name in _OPTIONS if name in arguments}
    options["extra_headers"] = {"X-Stainless-Helper-Method": helper, **(options.get("extra_headers") or {})}
    return options
