"""`client.responses.parse` and `client.responses.stream`: answers of the Responses API as types."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

import pydantic

from .._lazy import LazyType
from .._structured.attempts import Attempts, Said, routed
from .._types import NotGiven, Omit, omit
from ..lib._parsing._response_format import asked_type
from ..lib._parsing._responses import answers_of, parse_response, type_to_text_format_param
from ..lib._tools import sendable_tools

if TYPE_CHECKING:
    from collections.abc import Callable

    from .._exceptions import SchemaViolationError
    from .._structured.attempts import Attempt

__all__ = ["async_parse", "async_stream", "parse", "stream"]

RESPONSE = LazyType("tailrace.types.responses.response", "Response")

_NO_SETTINGS: Mapping[str, Any] = {}

#: What only a stream has.
_OF_STREAMS = ("strict_end", "resume")

_POLICY = ("on_invalid", "attempts")

_OPTIONS = ("extra_headers", "extra_query", "extra_body", "timeout", "deadline", "strict_end", "resume")


def parse(responses: Any, **arguments: Any) -> Any:
    """Create a response and return it as a `ParsedResponse`.

    Args:
        responses: The resource.
        arguments: `text_format`, what the answer shall be, whose schema is sent; `parse_as`, what the texts become
            where the conversation has set another format, with None to leave them unparsed; `tools`, of which pydantic
            ones parse the arguments of their calls; `text` as in `create`, without `format` where `text_format` is
            given; `on_invalid` and `attempts`, see `Attempts`; the other parameters of `create`, and the options of a
            request. A raw response is never asked for again.

    Raises:
        TypeError: `text_format` is no type that has a schema, or contradicts `text` or the input.
        pydantic.ValidationError: The answer does not fit.
        SchemaViolationError: `on_invalid` is set and a text of the last answer does not fit.
        ValueError: See `Attempts`.
    """
    attempts, send = _parsing(responses, arguments)
    return attempts.ask(send)


async def async_parse(responses: Any, **arguments: Any) -> Any:
    """Do what `parse` does, awaited."""
    attempts, send = _parsing(responses, arguments)
    return await attempts.ask_async(send)


def _parsing(
    responses: Any, arguments: dict[str, Any]
) -> tuple[Attempts, Callable[[Attempt, SchemaViolationError | None], Any]]:
    """Return what the answer is held to, and how to send its request, told what was wrong with the last answer."""
    if arguments.get("stream"):
        raise TypeError("`responses.parse` returns a whole answer; use `responses.stream` for its events.")
    text_format, parse_as = arguments.pop("text_format", omit), arguments.pop("parse_as", omit)
    tools = sendable_tools(arguments.pop("tools", omit))
    text = _with_format(arguments.pop("text", omit), text_format)
    items = arguments.pop("input", omit)
    target = _target(text_format, parse_as, items)
    options = {name: value for name, value in _taken_options(arguments).items() if name not in _OF_STREAMS}
    attempts = _attempts(target, text, items, {name: arguments.pop(name) for name in _POLICY if name in arguments})
    said = Said(items, attempts)

    def send(attempt: Attempt, error: SchemaViolationError | None) -> Any:
        def parsed(response: Any) -> Any:
            # A server that answers in plain text has sent no response; the text is what the caller gets.
            if isinstance(response, str):
                return response
            if attempts.holds:
                attempt.usage = response.usage
                for place, answer in answers_of(response):
                    attempt.end(place, answer)
            try:
                return parse_response(text_format=target, input_tools=tools, response=response)
            except pydantic.ValidationError:
                attempt.check()
                raise

        body = routed({**arguments, "input": said.after(error), "text": text, "tools": tools})
        return responses._request("POST", "/responses", cast_to=RESPONSE, body=body, post_parser=parsed, **options)

    return attempts, send


def stream(responses: Any, **arguments: Any) -> Any:
    """Return the context manager of a stream: that of a new response, or of one that is known by `response_id`.

    Raises:
        TypeError: `text_format` is no type that has a schema, or `text` has a format, too.
        ValueError: A response is neither made nor named, or both; or see `Attempts`.
    """
    from ..lib.streaming.responses._responses import ResponseStreamManager

    send, settings = _opened(responses, arguments, "id")
    return ResponseStreamManager(send, **settings)


def async_stream(responses: Any, **arguments: Any) -> Any:
    """Do what `stream` does, for `async with`."""
    from .._structured.deferred import Deferred
    from ..lib.streaming.responses._responses import AsyncResponseStreamManager

    send, settings = _opened(responses, arguments, "response_id")
    return AsyncResponseStreamManager(Deferred(send), **settings)


def _opened(responses: Any, arguments: dict[str, Any], id_name: str) -> tuple[Callable[[], Any], dict[str, Any]]:
    """Return how to send the request of a stream, and what its manager is made with.

    `id_name` is what the message about a missing id calls it, which the official package does in two ways.
    """
    response_id, starting_after = arguments.pop("response_id", omit), arguments.pop("starting_after", omit)
    text_format, tools = arguments.pop("text_format", omit), sendable_tools(arguments.pop("tools", omit))
    options = _taken_options(arguments)
    policy = {name: arguments.pop(name) for name in _POLICY if name in arguments}
    given = [name for name, value in arguments.items() if _is_given(value)]
    settings: dict[str, Any] = {
        "text_format": text_format,
        "input_tools": tools,
        "starting_after": starting_after if _is_given(starting_after) else None,
    }
    if given and (_is_given(response_id) or _is_given(starting_after)):
        raise ValueError(
            "Cannot provide both response_id/starting_after can't be provided together with " + ", ".join(given)
        )
    if not given:
        if not _is_given(response_id):
            raise ValueError(f"{id_name} must be provided when streaming an existing response")
        if policy.get("on_invalid") == "retry":
            raise ValueError(
                '`on_invalid="retry"` needs a new response, because one that exists cannot be asked again.'
            )
        settings["attempts"] = _attempts(text_format, omit, omit, policy)
        return (lambda: responses.retrieve(response_id, stream=True, **options)), settings
    for name in ("input", "model"):
        if name not in given:
            raise ValueError(f"{name} must be provided when creating a new response")
    items, text = arguments["input"], _with_format(arguments.get("text", omit), text_format)
    attempts = _attempts(text_format, text, items, policy)
    said = Said(items, attempts)

    def send(error: SchemaViolationError | None = None) -> Any:
        body = {**arguments, "input": said.after(error), "text": text, "tools": tools}
        return responses.create(**body, stream=True, **options)

    return send, {**settings, "attempts": attempts, "again": send}


def _attempts(target: Any, text: Any, items: Any, policy: dict[str, Any]) -> Attempts:
    """Return what the texts of an answer are held to, which become a `target`.

    The schema is that of the type; where there is none, that of the format that the input or `text` sets last.
    """
    type_, on_invalid = asked_type(target), policy.get("on_invalid")
    format_: Any = None
    if on_invalid is not None:
        format_ = _last_format(items) or _format_of(text) if type_ is Any else type_to_text_format_param(type_)
    return Attempts(type_, None if format_ is None else format_.get("schema"), on_invalid, policy.get("attempts", 2))


def _format_of(text: Any) -> Any:
    return cast("Mapping[str, Any]", text).get("format") if isinstance(text, Mapping) else None


def _taken_options(arguments: dict[str, Any]) -> dict[str, Any]:
    return {name: arguments.pop(name) for name in _OPTIONS if name in arguments}


def _with_format(text: Any, text_format: Any) -> Any:
    """Return the `text` of a request that asks for a type."""
    if not _is_given(text_format):
        return text
    settings: dict[str, Any] = dict(text) if _is_given(text) else {}
    if "format" in settings:
        raise TypeError("Cannot mix and match text.format with text_format")
    return {**settings, "format": type_to_text_format_param(text_format)}


def _target(text_format: Any, parse_as: Any, items: Any) -> Any:
    """Return what the texts of the answer become, where an item of the input may have changed the format."""
    update = _last_format(items)
    if _is_given(parse_as):
        if parse_as is not None and update is not None and update.get("type") == "text":
            raise TypeError("Cannot use parse_as with a plain-text format update")
        return parse_as
    if update is None or not _is_given(text_format):
        return text_format
    if update.get("type") == "text":
        return None
    if update != type_to_text_format_param(text_format):
        raise TypeError("Pass parse_as for the updated output schema, or parse_as=None to read plain output_text")
    return text_format


def _last_format(items: Any) -> Mapping[str, Any] | None:
    if not isinstance(items, (list, tuple)):
        return None
    for item in reversed(cast("list[Any]", items)):
        if not isinstance(item, Mapping):
            continue
        update = cast("Mapping[str, Any]", item)
        if update.get("type") == "configuration_update":
            settings: Mapping[str, Any] = update.get("text") or _NO_SETTINGS
            if settings.get("format") is not None:
                return settings["format"]
    return None


def _is_given(value: Any) -> bool:
    return not isinstance(value, (Omit, NotGiven))
