"""`client.responses.parse` and `client.responses.stream`: answers of the Responses API as types."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, cast

from .._lazy import LazyType
from .._types import NotGiven, Omit, omit

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Generator

__all__ = ["async_parse", "async_stream", "parse", "sendable_tools", "stream"]

RESPONSE = LazyType("tailrace.types.responses.response", "Response")

_NO_SETTINGS: Mapping[str, Any] = {}

_OPTIONS = ("extra_headers", "extra_query", "extra_body", "timeout", "deadline", "strict_end", "resume")


def parse(
    responses: Any,
    *,
    text_format: Any = omit,
    parse_as: Any = omit,
    tools: Any = omit,
    text: Any = omit,
    **arguments: Any,
) -> Any:
    """Create a response and return it as a `ParsedResponse`.

    Args:
        responses: The resource.
        text_format: What the answer shall be; its schema is sent. A pydantic model or dataclass, for one.
        parse_as: What the texts become where the conversation has set another format; None leaves them unparsed.
        tools: Tools of the request; pydantic ones parse the arguments of their calls.
        text: As in `create`, without `format` where `text_format` is given.
        arguments: The other parameters of `create`.

    Raises:
        TypeError: `text_format` is no type that has a schema, or contradicts `text` or the input.
        pydantic.ValidationError: The answer does not fit.
    """
    if arguments.get("stream"):
        raise TypeError("`responses.parse` returns a whole answer; use `responses.stream` for its events.")
    listed = sendable_tools(tools)
    text = _with_format(text, text_format)
    target = _target(text_format, parse_as, arguments.get("input"))
    options = _taken_options(arguments)

    def parsed(response: Any) -> Any:
        # A server that answers in plain text has sent no response; the text is what the caller gets.
        if isinstance(response, str):
            return response
        from ..lib._parsing._responses import parse_response

        return parse_response(text_format=target, input_tools=listed, response=response)

    return responses._request(
        "POST",
        "/responses",
        cast_to=RESPONSE,
        body={**arguments, "text": text, "tools": listed},
        post_parser=parsed,
        **{name: value for name, value in options.items() if name not in ("strict_end", "resume")},
    )


def async_parse(responses: Any, **arguments: Any) -> Awaitable[Any]:
    """Do what `parse` does, awaited."""
    return parse(responses, **arguments)


def stream(responses: Any, **arguments: Any) -> Any:
    """Return the context manager of a stream: that of a new response, or of one that is known by `response_id`.

    Raises:
        TypeError: `text_format` is no type that has a schema, or `text` has a format, too.
        ValueError: A response is neither made nor named, or both.
    """
    from ..lib.streaming.responses._responses import ResponseStreamManager

    call, settings = _opened(responses, arguments, "id")
    return ResponseStreamManager(call, **settings)


def async_stream(responses: Any, **arguments: Any) -> Any:
    """Do what `stream` does, for `async with`."""
    from ..lib.streaming.responses._responses import AsyncResponseStreamManager

    call, settings = _opened(responses, arguments, "response_id")
    return AsyncResponseStreamManager(_Deferred(call), **settings)


class _Deferred:
    """An awaitable that makes its coroutine when it is awaited, so that a stream nobody enters leaves none behind."""

    __slots__ = ("_call",)

    def __init__(self, call: Callable[[], Awaitable[Any]]) -> None:
        self._call = call

    def __await__(self) -> Generator[Any, Any, Any]:
        return self._call().__await__()


def _opened(responses: Any, arguments: dict[str, Any], id_name: str) -> tuple[Callable[[], Any], dict[str, Any]]:
    """Return how to send the request of a stream, and what its manager is made with.

    `id_name` is what the message about a missing id calls it, which the official package does in two ways.
    """
    response_id, starting_after = arguments.pop("response_id", omit), arguments.pop("starting_after", omit)
    text_format, tools = arguments.pop("text_format", omit), arguments.pop("tools", omit)
    options = _taken_options(arguments)
    given = [name for name, value in arguments.items() if _is_given(value)]
    listed = sendable_tools(tools)
    settings: dict[str, Any] = {
        "text_format": text_format,
        "input_tools": listed,
        "starting_after": starting_after if _is_given(starting_after) else None,
    }
    if given and (_is_given(response_id) or _is_given(starting_after)):
        raise ValueError(
            "Cannot provide both response_id/starting_after can't be provided together with " + ", ".join(given)
        )
    if not given:
        if not _is_given(response_id):
            raise ValueError(f"{id_name} must be provided when streaming an existing response")
        return (lambda: responses.retrieve(response_id, stream=True, **options)), settings
    for name in ("input", "model"):
        if name not in given:
            raise ValueError(f"{name} must be provided when creating a new response")
    body = {**arguments, "text": _with_format(arguments.get("text", omit), text_format), "tools": listed}
    return (lambda: responses.create(**body, stream=True, **options)), settings


def _taken_options(arguments: dict[str, Any]) -> dict[str, Any]:
    return {name: arguments.pop(name) for name in _OPTIONS if name in arguments}


def _with_format(text: Any, text_format: Any) -> Any:
    """Return the `text` of a request that asks for a type."""
    if not _is_given(text_format):
        return text
    settings: dict[str, Any] = dict(text) if _is_given(text) else {}
    if "format" in settings:
        raise TypeError("Cannot mix and match text.format with text_format")
    from ..lib._parsing._responses import type_to_text_format_param

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
    from ..lib._parsing._responses import type_to_text_format_param

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


def sendable_tools(tools: Any) -> Any:
    """Return tools as a list that can be read twice, those in the form of chat completions turned into responses' own.

    Raises:
        TypeError: a tool in the form of chat completions is not from `pydantic_function_tool`.
    """
    if tools is None or not _is_given(tools):
        return tools
    return [_sendable_tool(tool) for tool in cast("Iterable[Any]", tools)]


def _sendable_tool(tool: Any) -> Any:
    if not isinstance(tool, Mapping):
        return tool
    return _sendable_mapping(cast("Mapping[str, Any]", tool))


def _sendable_mapping(tool: Mapping[str, Any]) -> Any:
    kind = tool.get("type")
    if kind == "namespace":
        return {**tool, "tools": [_sendable_tool(inner) for inner in tool.get("tools") or ()]}
    if kind != "function" or "function" not in tool:
        return tool
    function: Any = tool["function"]
    model = getattr(function, "model", None)
    if model is None:
        raise TypeError(
            "Expected Chat Completions function tool shape to be created using `tailrace.pydantic_function_tool()`"
        )
    from ..lib._tools import ResponsesPydanticFunctionTool

    known = ("name", "description", "parameters", "strict")
    flat = {"type": "function", **{name: function.get(name) for name in known}}
    flat.update({name: value for name, value in function.items() if name not in known})
    return ResponsesPydanticFunctionTool(cast("Any", flat), model)


def _is_given(value: Any) -> bool:
    return not isinstance(value, (Omit, NotGiven))
