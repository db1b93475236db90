"""`client.chat.completions.parse` and `client.chat.completions.stream`: answers of chat completions as types."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .._exceptions import SchemaViolationError
from .._lazy import LazyType
from .._types import Omit, omit

if TYPE_CHECKING:
    from collections.abc import Callable

    from .._structured.answer import Answer
    from .._structured.attempts import Attempts

__all__ = ["async_parse", "async_stream", "parse", "stream"]

CHAT_COMPLETION = LazyType("tailrace.types.chat.chat_completion", "ChatCompletion")

_OPTIONS = ("extra_headers", "extra_query", "extra_body", "timeout", "deadline", "strict_end")


def parse(completions: Any, *, messages: Any, on_invalid: Any = None, attempts: int = 2, **arguments: Any) -> Any:
    """Create a completion and return it as a `ParsedChatCompletion`.

    Args:
        completions: The resource.
        messages: As in `create`.
        on_invalid: What to do with an answer that does not fit its schema; None leaves it to the parser.
        attempts: Requests in all, for `on_invalid="retry"`. A raw response is never asked for again.
        arguments: `response_format`, what the answer shall be; `tools`, strict functions, whose arguments are parsed,
            too; the other parameters of `create`, and the options of a request.

    Raises:
        ValueError: a tool is not strict, or an answer does not fit (`pydantic.ValidationError`).
        TypeError: `response_format` is no type that has a schema.
        LengthFinishReasonError: the answer was cut at the token limit.
        ContentFilterFinishReasonError: the answer was stopped by the content filter.
        SchemaViolationError: `on_invalid` is set and the last answer does not fit.
    """
    send, tries = _parsing(completions, messages, on_invalid, attempts, arguments)
    error = None
    while True:
        try:
            return send(error)
        except SchemaViolationError as violation:
            if not tries.goes_on:
                raise
            error = violation


async def async_parse(
    completions: Any, *, messages: Any, on_invalid: Any = None, attempts: int = 2, **arguments: Any
) -> Any:
    """Do what `parse` does, awaited."""
    send, tries = _parsing(completions, messages, on_invalid, attempts, arguments)
    error = None
    while True:
        try:
            return await send(error)
        except SchemaViolationError as violation:
            if not tries.goes_on:
                raise
            error = violation


def _parsing(
    completions: Any, messages: Any, on_invalid: Any, attempts: int, arguments: dict[str, Any]
) -> tuple[Callable[[SchemaViolationError | None], Any], Attempts]:
    """Return how to send the request of a parsed call, after an answer that did not fit too, and its attempts."""
    from ..lib._parsing._completions import type_to_response_format_param, validate_input_tools

    response_format = arguments.pop("response_format", omit)
    tools = validate_input_tools(arguments.pop("tools", omit))
    options = _taken_options(arguments, "chat.completions.parse")
    format_ = type_to_response_format_param(response_format)
    tries = _attempts(response_format, format_, on_invalid, attempts)
    # What can be iterated over once is sent more than once.
    messages = messages if on_invalid is None else list(messages)

    def send(error: SchemaViolationError | None) -> Any:
        answer = tries.begin()

        def parsed(completion: Any) -> Any:
            # A server that answers in plain text has sent no completion; the text is what the caller gets.
            if isinstance(completion, str):
                return completion
            return _judged(completion, answer, response_format, tools, checks=on_invalid is not None)

        body = {"messages": _with_correction(messages, error), **arguments, "response_format": format_, "stream": False}
        return completions._request(
            "POST",
            "/chat/completions",
            cast_to=CHAT_COMPLETION,
            body={**body, "tools": tools},
            post_parser=parsed,
            **options,
        )

    return send, tries


def _judged(completion: Any, answer: Answer, response_format: Any, tools: Any, *, checks: bool) -> Any:
    from ..lib._parsing._completions import parse_chat_completion, parse_content

    if not checks:
        return parse_chat_completion(response_format=response_format, chat_completion=completion, input_tools=tools)
    from functools import partial

    import pydantic

    answer.usage = completion.usage
    for choice in completion.choices[:1]:
        # Of an answer that was cut or stopped the parser says so.
        if choice.finish_reason == "stop" and choice.message.content and not choice.message.refusal:
            answer.push(choice.message.content)
            answer.finish()
    try:
        return parse_chat_completion(response_format=response_format, chat_completion=completion, input_tools=tools)
    except pydantic.ValidationError:
        # It may have been the arguments of a tool that did not fit.
        answer.check(partial(parse_content, response_format))
        raise


def stream(completions: Any, **arguments: Any) -> Any:
    """Return the context manager of a stream of events.

    Raises:
        TypeError: `response_format` is no type that has a schema.
        ValueError: `on_invalid` has no schema to judge by.
    """
    from ..lib.streaming.chat import ChatCompletionStreamManager

    call, settings = _opened(completions, arguments)
    return ChatCompletionStreamManager(call, **settings)


def async_stream(completions: Any, **arguments: Any) -> Any:
    """Do what `stream` does, for `async with`."""
    from .._structured.deferred import Deferred
    from ..lib.streaming.chat import AsyncChatCompletionStreamManager

    call, settings = _opened(completions, arguments)
    return AsyncChatCompletionStreamManager(Deferred(call), **settings)


def _opened(completions: Any, arguments: dict[str, Any]) -> tuple[Callable[[], Any], dict[str, Any]]:
    """Return how to send the request of a stream, and what its manager is made with."""
    from ..lib._parsing._completions import materialize_input_tools, type_to_response_format_param
    from ..lib.streaming.chat._completions import Again

    response_format = arguments.pop("response_format", omit)
    tools = materialize_input_tools(arguments.pop("tools", omit))
    on_invalid, attempts = arguments.pop("on_invalid", None), arguments.pop("attempts", 2)
    messages = arguments.pop("messages")
    options = _taken_options(arguments, "chat.completions.stream")
    format_ = type_to_response_format_param(response_format)
    tries = _attempts(response_format, format_, on_invalid, attempts)
    # What can be iterated over once is sent more than once.
    messages = messages if on_invalid is None else list(messages)

    def send(error: SchemaViolationError | None = None) -> Any:
        body = {"messages": _with_correction(messages, error), **arguments, "response_format": format_, "tools": tools}
        return completions.create(**body, stream=True, **options)

    again = Again(tries, lambda error: lambda: send(error))
    return send, {"response_format": response_format, "input_tools": tools, "again": again}


def _attempts(response_format: Any, format_: Any, on_invalid: Any, attempts: int) -> Attempts:
    from .._structured.attempts import Attempts
    from ..lib._parsing._completions import has_rich_response_format

    named: Any = None if isinstance(format_, Omit) else format_.get("json_schema")
    schema: Any = None if named is None else named.get("schema")
    return Attempts(response_format if has_rich_response_format(response_format) else Any, schema, on_invalid, attempts)


def _with_correction(messages: Any, error: SchemaViolationError | None) -> Any:
    """Return the messages, and after an answer that did not fit that answer and what is wrong with it."""
    if error is None:
        return messages
    from .._structured.attempts import correction

    return [
        *messages,
        {"role": "assistant", "content": error.text},
        {"role": "user", "content": correction(error)},
    ]


def _taken_options(arguments: dict[str, Any], helper: str) -> dict[str, Any]:
    options = {name: arguments.pop(name) for name in _OPTIONS if name in arguments}
    options["extra_headers"] = {"X-Stainless-Helper-Method": helper, **(options.get("extra_headers") or {})}
    return options
