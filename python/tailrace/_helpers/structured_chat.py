"""`client.chat.completions.parse` and `client.chat.completions.stream`: answers of chat completions as types."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pydantic

from .._lazy import LazyType
from .._structured.attempts import Attempts, Said, routed
from .._types import Omit, omit
from ..lib._parsing._completions import (
    materialize_input_tools,
    parse_chat_completion,
    type_to_response_format_param,
    validate_input_tools,
)
from ..lib._parsing._response_format import asked_type

if TYPE_CHECKING:
    from collections.abc import Callable

    from .._exceptions import SchemaViolationError
    from .._structured.attempts import Attempt

__all__ = ["async_parse", "async_stream", "parse", "stream"]

CHAT_COMPLETION = LazyType("tailrace.types.chat.chat_completion", "ChatCompletion")

_OPTIONS = ("extra_headers", "extra_query", "extra_body", "timeout", "deadline", "strict_end")


def parse(completions: Any, **arguments: Any) -> Any:
    """Create a completion and return it as a `ParsedChatCompletion`.

    Args:
        completions: The resource.
        arguments: `response_format`, what the answer shall be; `tools`, strict functions, whose arguments are parsed,
            too; `on_invalid` and `attempts`, see `Attempts`; the other parameters of `create`, and the options of a
            request. A raw response is never asked for again.

    Raises:
        ValueError: a tool is not strict, an answer does not fit (`pydantic.ValidationError`), or see `Attempts`.
        TypeError: `response_format` is no type that has a schema.
        LengthFinishReasonError: the answer was cut at the token limit.
        ContentFilterFinishReasonError: the answer was stopped by the content filter.
        SchemaViolationError: `on_invalid` is set and a choice of the last answer does not fit.
    """
    attempts, send = _parsing(completions, arguments)
    return attempts.ask(send)


async def async_parse(completions: Any, **arguments: Any) -> Any:
    """Do what `parse` does, awaited."""
    attempts, send = _parsing(completions, arguments)
    return await attempts.ask_async(send)


def _parsing(
    completions: Any, arguments: dict[str, Any]
) -> tuple[Attempts, Callable[[Attempt, SchemaViolationError | None], Any]]:
    """Return what the answer is held to, and how to send its request, told what was wrong with the last answer."""
    response_format = arguments.pop("response_format", omit)
    tools = validate_input_tools(arguments.pop("tools", omit))
    options = _taken_options(arguments, "chat.completions.parse")
    format_ = type_to_response_format_param(response_format)
    attempts = _attempts(response_format, format_, arguments)
    said = Said(arguments.pop("messages"), attempts)

    def send(attempt: Attempt, error: SchemaViolationError | None) -> Any:
        def parsed(completion: Any) -> Any:
            # A server that answers in plain text has sent no completion; the text is what the caller gets.
            if isinstance(completion, str):
                return completion
            if attempts.holds:
                _judge(completion, attempt)
            try:
                return parse_chat_completion(
                    response_format=response_format, chat_completion=completion, input_tools=tools
                )
            except pydantic.ValidationError:
                attempt.check()
                raise

        sent = {"messages": said.after(error), **arguments, "response_format": format_, "stream": False}
        return completions._request(
            "POST",
            "/chat/completions",
            cast_to=CHAT_COMPLETION,
            body=routed({**sent, "tools": tools}),
            post_parser=parsed,
            **options,
        )

    return attempts, send


def _judge(completion: Any, attempt: Attempt) -> None:
    attempt.usage = completion.usage
    for choice in completion.choices:
        # Of an answer that was cut or stopped the parser says so.
        if choice.finish_reason == "stop" and choice.message.content and not choice.message.refusal:
            attempt.end(choice.index, choice.message.content)


def stream(completions: Any, **arguments: Any) -> Any:
    """Return the context manager of a stream of events.

    Raises:
        TypeError: `response_format` is no type that has a schema.
        ValueError: see `Attempts`.
    """
    from ..lib.streaming.chat import ChatCompletionStreamManager

    send, settings = _opened(completions, arguments)
    return ChatCompletionStreamManager(send, **settings)


def async_stream(completions: Any, **arguments: Any) -> Any:
    """Do what `stream` does, for `async with`."""
    from .._structured.deferred import Deferred
    from ..lib.streaming.chat import AsyncChatCompletionStreamManager

    send, settings = _opened(completions, arguments)
    return AsyncChatCompletionStreamManager(Deferred(send), **settings)


def _opened(completions: Any, arguments: dict[str, Any]) -> tuple[Callable[[], Any], dict[str, Any]]:
    """Return how to send the request of a stream, and what its manager is made with."""
    response_format = arguments.pop("response_format", omit)
    tools = materialize_input_tools(arguments.pop("tools", omit))
    options = _taken_options(arguments, "chat.completions.stream")
    format_ = type_to_response_format_param(response_format)
    attempts = _attempts(response_format, format_, arguments)
    said = Said(arguments.pop("messages"), attempts)

    def send(error: SchemaViolationError | None = None) -> Any:
        sent = {"messages": said.after(error), **arguments, "response_format": format_, "tools": tools}
        return completions.create(**sent, stream=True, **options)

    settings = {"response_format": response_format, "input_tools": tools, "attempts": attempts, "again": send}
    return send, settings


def _attempts(response_format: Any, format_: Any, arguments: dict[str, Any]) -> Attempts:
    """Take what is said about answers that do not fit out of the arguments."""
    named: Any = None if isinstance(format_, Omit) else format_.get("json_schema")
    return Attempts(
        asked_type(response_format),
        None if named is None else named.get("schema"),
        arguments.pop("on_invalid", None),
        arguments.pop("attempts", 2),
    )


def _taken_options(arguments: dict[str, Any], helper: str) -> dict[str, Any]:
    options = {name: arguments.pop(name) for name in _OPTIONS if name in arguments}
    options["extra_headers"] = {"X-Stainless-Helper-Method": helper, **(options.get("extra_headers") or {})}
    return options
