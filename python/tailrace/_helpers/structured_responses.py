"""`client.responses.parse` and `client.responses.stream`: answers of the Responses API as types."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, cast

from .._exceptions import SchemaViolationError
from .._lazy import LazyType
from .._types import NotGiven, Omit, omit

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["async_parse", "async_stream", "parse", "sendable_tools", "stream"]

RESPONSE = LazyType("tailrace.types.responses.response", "Response")

_NO_SETTINGS: Mapping[str, Any] = {}

#: What only a stream has.
_OF_STREAMS = ("strict_end", "resume")

_OPTIONS = ("extra_headers", "extra_query", "extra_body", "timeout", "deadline", "strict_end", "resume")


def parse(
    responses: Any,
    *,
    text_format: Any = omit,
    parse_as: Any = omit,
    tools: Any = omit,
    text: Any = omit,
    on_invalid: Any = None,
    attempts: int = 2,
    **arguments: Any,
) -> Any:
    """Create a response and return it as a `ParsedResponse`.

    Args:
        responses: The resource.
        text_format: What the answer shall be; its schema is sent. A pydantic model or dataclass, for one.
        parse_as: What the texts become where the conversation has set another format; None leaves them unparsed.
        tools: Tools of the request; pydantic ones parse the arguments of their calls.
        text: As in `create`, without `format` where `text_format` is given.
        on_invalid: What becomes of an answer that is not valid: None for pydantic's error, "abort" or "retry".
        attempts: The most requests of "retry".
        arguments: The other parameters of `create`.

    Raises:
        TypeError: `text_format` is no type that has a schema, or contradicts `text` or the input.
        pydantic.ValidationError: The answer does not fit.
        SchemaViolationError: The same, where `on_invalid` says so.
        ValueError: There is no such policy, or `attempts` is less than 1.
    """
    request, limit = _parsing(responses, text_format, parse_as, tools, text, on_invalid, attempts, arguments)
    error: SchemaViolationError | None = None
    for made in range(1, limit + 1):
        try:
            return request(error, made)
        except SchemaViolationError as violation:
            error = violation
            if made == limit:
                raise
    return None


async def async_parse(
    responses: Any,
    *,
    text_format: Any = omit,
    parse_as: Any = omit,
    tools: Any = omit,
    text: Any = omit,
    on_invalid: Any = None,
    attempts: int = 2,
    **arguments: Any,
) -> Any:
    """Do what `parse` does, awaited."""
    request, limit = _parsing(responses, text_format, parse_as, tools, text, on_invalid, attempts, arguments)
    error: SchemaViolationError | None = None
    for made in range(1, limit + 1):
        try:
            return await request(error, made)
        except SchemaViolationError as violation:
            error = violation
            if made == limit:
                raise
    return None


def _parsing(
    responses: Any,
    text_format: Any,
    parse_as: Any,
    tools: Any,
    text: Any,
    on_invalid: Any,
    attempts: int,
    arguments: dict[str, Any],
) -> tuple[Callable[[SchemaViolationError | None, int], Any], int]:
    """Return how to send a request, told what was wrong with the last answer, and how many may be sent."""
    limit = _limit(on_invalid, attempts)
    if arguments.get("stream"):
        raise TypeError("`responses.parse` returns a whole answer; use `responses.stream` for its events.")
    listed = sendable_tools(tools)
    text = _with_format(text, text_format)
    target = _target(text_format, parse_as, arguments.get("input"))
    options = {name: value for name, value in _taken_options(arguments).items() if name not in _OF_STREAMS}
    said = _Said(arguments.get("input", omit))

    def request(error: SchemaViolationError | None, made: int) -> Any:
        def parsed(response: Any) -> Any:
            # A server that answers in plain text has sent no response; the text is what the caller gets.
            if isinstance(response, str):
                return response
            from ..lib._parsing._responses import parse_response

            try:
                return parse_response(text_format=target, input_tools=listed, response=response)
            except ValueError as refusal:
                violation = _violation(target, response, refusal, made) if on_invalid is not None else None
                if violation is None:
                    raise
                raise violation from refusal

        if error is not None:
            said.answer(error)
        body = {**arguments, "input": said.items, "text": text, "tools": listed}
        return responses._request("POST", "/responses", cast_to=RESPONSE, body=body, post_parser=parsed, **options)

    return request, limit


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
    from .._structured.deferred import Deferred
    from ..lib.streaming.responses._responses import AsyncResponseStreamManager

    call, settings = _opened(responses, arguments, "response_id")
    return AsyncResponseStreamManager(Deferred(call), **settings)


class _Said:
    """The input of a request, which grows by each answer that was not valid and what was wrong with it."""

    def __init__(self, items: Any) -> None:
        self.items = items

    def answer(self, error: SchemaViolationError) -> None:
        """Add an answer and what is wrong with it."""
        from .._structured.typed_answer import explained

        items: Any = [{"role": "user", "content": self.items}] if isinstance(self.items, str) else self.items
        self.items = [
            *(items if _is_given(items) and items is not None else ()),
            {"role": "assistant", "content": error.text},
            {"role": "user", "content": explained(error)},
        ]


def _limit(on_invalid: Any, attempts: int) -> int:
    if on_invalid is None:
        return 1
    from .._structured.typed_answer import checked_policy

    return checked_policy(on_invalid, attempts)


def _violation(target: Any, response: Any, refusal: ValueError, made: int) -> SchemaViolationError | None:
    """Return what says where an answer is not valid; None where what was refused is no text of the answer."""
    import pydantic

    from .._structured.schema import violation_error
    from .._structured.typed_answer import refused, schema_of
    from ..lib._parsing._responses import parse_text

    schema = schema_of(target)
    for item in response.output or ():
        for part in (item.content or ()) if item.type == "message" else ():
            if part.type != "output_text":
                continue
            try:
                parse_text(part.text, target, phase=getattr(item, "phase", None))
            except pydantic.ValidationError as error:
                found = None if schema is None else schema.violation(part.text)
                if found is None:
                    return refused(error, part.text, made)
                return violation_error(found, part.text, usage=response.usage, attempts=made)
    return None


def _opened(responses: Any, arguments: dict[str, Any], id_name: str) -> tuple[Callable[[], Any], dict[str, Any]]:
    """Return how to send the request of a stream, and what its manager is made with.

    `id_name` is what the message about a missing id calls it, which the official package does in two ways.
    """
    response_id, starting_after = arguments.pop("response_id", omit), arguments.pop("starting_after", omit)
    text_format, tools = arguments.pop("text_format", omit), arguments.pop("tools", omit)
    options = _taken_options(arguments)
    on_invalid, attempts = arguments.pop("on_invalid", None), arguments.pop("attempts", 2)
    limit = _limit(on_invalid, attempts)
    given = [name for name, value in arguments.items() if _is_given(value)]
    listed = sendable_tools(tools)
    settings: dict[str, Any] = {
        "text_format": text_format,
        "input_tools": listed,
        "starting_after": starting_after if _is_given(starting_after) else None,
        "attempts": 0 if on_invalid is None else limit,
    }
    if given and (_is_given(response_id) or _is_given(starting_after)):
        raise ValueError(
            "Cannot provide both response_id/starting_after can't be provided together with " + ", ".join(given)
        )
    if not given:
        if not _is_given(response_id):
            raise ValueError(f"{id_name} must be provided when streaming an existing response")
        if on_invalid == "retry":
            raise ValueError(
                '`on_invalid="retry"` needs a new response, because one that exists cannot be asked again.'
            )
        return (lambda: responses.retrieve(response_id, stream=True, **options)), settings
    for name in ("input", "model"):
        if name not in given:
            raise ValueError(f"{name} must be provided when creating a new response")
    body = {**arguments, "text": _with_format(arguments.get("text", omit), text_format), "tools": listed}
    said = _Said(body["input"])

    def again(error: SchemaViolationError) -> Any:
        said.answer(error)
        return responses.create(**{**body, "input": said.items}, stream=True, **options)

    return (lambda: responses.create(**body, stream=True, **options)), {**settings, "again": again}


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
