"""The exceptions of the official package, and the one table from failure code to exception.

Rust reports a failed call as a value (`_native.Failure`); `error_from` makes the exception. Nothing reads a message.
"""

from __future__ import annotations

from contextlib import suppress

from ._wire.request import Request
from ._wire.response import Response

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Literal

    from ._ending import Partial
    from ._native import Failure, Reply
    from ._wire.body import UnreadBody
    from .types.chat.chat_completion import ChatCompletion


class OpenAIError(Exception):
    """Every error that this package raises, besides the Python ones for arguments of a wrong type or value."""


class APIError(OpenAIError):
    """The API, or the way to it, failed.

    `message` is the text. `request` is what was sent. `body` is the decoded error object of the API if there was one,
    else the body as far as it could be decoded. `code`, `param` and `type` are taken from `body`.
    """

    message: str
    request: Request
    body: object | None
    code: str | None = None
    param: str | None = None
    type: str | None = None

    def __init__(self, message: str, request: Request, *, body: object | None) -> None:
        super().__init__(message)
        self.message = message
        self.request = request
        self.body = body
        self.code = None
        self.param = None
        self.type = None
        if isinstance(body, dict):
            details: dict[str, Any] = body  # pyright: ignore[reportUnknownVariableType]
            code = details.get("code")
            # Some compatible servers send a number, or worse; callers compare with strings.
            self.code = None if code is None else str(code)
            self.param = details.get("param")
            self.type = details.get("type")

    def __reduce__(self) -> tuple[Any, ...]:
        # The constructors differ from class to class, so a copy takes the attributes instead of calling them.
        return (_rebuild, (type(self), self.args, self.__dict__.copy()))


class APIResponseValidationError(APIError):
    """A success response whose body is not what was asked for."""

    response: Response
    status_code: int

    def __init__(self, response: Response, body: object | None, *, message: str | None = None) -> None:
        super().__init__(message or "Data returned by API invalid for expected schema.", response.request, body=body)
        self.response = response
        self.status_code = response.status_code


class APIStatusError(APIError):
    """The server answered with a status of 4xx or 5xx."""

    response: Response
    status_code: int
    request_id: str | None

    def __init__(self, message: str, *, response: Response, body: object | None) -> None:
        super().__init__(message, response.request, body=body)
        self.response = response
        self.status_code = response.status_code
        self.request_id = response.headers.get("x-request-id")


class APIConnectionError(APIError):
    """No complete response came: no connection, or it ended too early, or the request could not be sent as it is.

    Where it ended a stream, `events` is the number of events that had been handed out, and `partial` says what is known
    of them. An error inside a body is also an instance of what httpx2 or httpx raise there, where those are loaded.
    """

    events: int = 0
    partial: Partial | None = None

    def __init__(self, *, message: str = "Connection error.", request: Request) -> None:
        super().__init__(message, request, body=None)


class APITimeoutError(APIConnectionError):
    """A time limit passed.

    Attributes:
        limit: Which one: `pool`, `connect`, `write`, `first_byte`, `idle`, `read` or `total` of the `Timeout`, or
            `deadline`; None when unknown.
        limit_seconds: How long it was.
        elapsed_seconds: How long the call had run, its earlier attempts included.
        events: How many events of its stream had come before.
        phase: What the call was doing: `pool`, `connect`, `headers`, `body`, or `retry` between two attempts.
    """

    limit: str | None
    limit_seconds: float | None
    elapsed_seconds: float | None
    events: int
    phase: str | None

    def __init__(
        self,
        request: Request,
        *,
        message: str = "Request timed out.",
        limit: str | None = None,
        limit_seconds: float | None = None,
        elapsed_seconds: float | None = None,
        events: int = 0,
        phase: str | None = None,
    ) -> None:
        super().__init__(message=message, request=request)
        self.limit = limit
        self.limit_seconds = limit_seconds
        self.elapsed_seconds = elapsed_seconds
        self.events = events
        self.phase = phase


class BadRequestError(APIStatusError):
    """Status 400."""

    status_code: Literal[400] = 400  # pyright: ignore[reportIncompatibleVariableOverride]


class AuthenticationError(APIStatusError):
    """Status 401."""

    status_code: Literal[401] = 401  # pyright: ignore[reportIncompatibleVariableOverride]


class OAuthError(AuthenticationError):
    """The token exchange of a workload identity failed; `error` is the OAuth error code."""

    error: str | None

    def __init__(self, *, response: Response, body: object | None) -> None:
        members: dict[str, Any] = body if isinstance(body, dict) else {}  # pyright: ignore[reportUnknownVariableType]
        self.error = members.get("error")
        message = str(members.get("error_description") or "OAuth authentication error.")
        super().__init__(message, response=response, body=body)  # pyright: ignore[reportUnknownArgumentType]


class SubjectTokenProviderError(OpenAIError):
    """What proves who a workload is could not be had; the cause says why."""

    response: Response | None = None


class PermissionDeniedError(APIStatusError):
    """Status 403."""

    status_code: Literal[403] = 403  # pyright: ignore[reportIncompatibleVariableOverride]


class NotFoundError(APIStatusError):
    """Status 404."""

    status_code: Literal[404] = 404  # pyright: ignore[reportIncompatibleVariableOverride]


class ConflictError(APIStatusError):
    """Status 409."""

    status_code: Literal[409] = 409  # pyright: ignore[reportIncompatibleVariableOverride]


class UnprocessableEntityError(APIStatusError):
    """Status 422."""

    status_code: Literal[422] = 422  # pyright: ignore[reportIncompatibleVariableOverride]


class RateLimitError(APIStatusError):
    """Status 429."""

    status_code: Literal[429] = 429  # pyright: ignore[reportIncompatibleVariableOverride]


class InternalServerError(APIStatusError):
    """Status 500 and above."""


class LengthFinishReasonError(OpenAIError):
    """Parsed output was cut at the token limit; `completion` is what arrived."""

    completion: ChatCompletion

    def __init__(self, *, completion: ChatCompletion) -> None:
        message = "Could not parse response content as the length limit was reached"
        if completion.usage:
            message += f" - {completion.usage}"
        super().__init__(message)
        self.completion = completion

    def __reduce__(self) -> tuple[Any, ...]:
        return (_rebuild, (type(self), self.args, self.__dict__.copy()))


class ContentFilterFinishReasonError(OpenAIError):
    """Parsed output was stopped by the content filter; `completion` is what arrived."""

    completion: ChatCompletion | None

    def __init__(self, *, completion: ChatCompletion | None = None) -> None:
        super().__init__("Could not parse response content as the request was rejected by the content filter")
        self.completion = completion

    def __reduce__(self) -> tuple[Any, ...]:
        return (_rebuild, (type(self), self.args, self.__dict__.copy()))


class SchemaError(OpenAIError, ValueError):
    """A JSON schema cannot be used; `schema_path` is a JSON pointer to where in it, as far as that is known."""

    schema_path: str

    def __init__(self, message: str, *, schema_path: str) -> None:
        super().__init__(message)
        self.schema_path = schema_path

    def __reduce__(self) -> tuple[Any, ...]:
        return (_rebuild, (type(self), self.args, self.__dict__.copy()))


class SchemaViolationError(OpenAIError):
    """A text is no instance of the schema that it has to be one of, however it goes on.

    Attributes:
        pointer: JSON pointer to the value or member in the text.
        offset: How many bytes of the text, as UTF-8, come before the first one that left no way to a valid text.
        reason: Why, in a sentence.
        schema_path: JSON pointer to the keyword of the schema; empty when the text is no JSON.
        text: What has arrived.
        usage: The tokens of the request that brought the text, as the API had reported them by then. A stream reports
            them at its end, so that it is None for one that was given up in the middle, unless the server sends them
            with every chunk. Always None for a text that came with no request.
        attempts: How many requests were made; 1 where none was.
    """

    pointer: str
    offset: int
    reason: str
    schema_path: str
    text: str
    usage: Any
    attempts: int

    def __init__(
        self,
        *,
        pointer: str,
        offset: int,
        reason: str,
        schema_path: str,
        text: str,
        usage: Any = None,
        attempts: int = 1,
    ) -> None:
        rule = f" ({schema_path} of the schema)" if schema_path else ""
        super().__init__(f"{pointer or 'the whole text'}, byte {offset}: {reason}{rule}")
        self.pointer = pointer
        self.offset = offset
        self.reason = reason
        self.schema_path = schema_path
        self.text = text
        self.usage = usage
        self.attempts = attempts

    def __reduce__(self) -> tuple[Any, ...]:
        return (_rebuild, (type(self), self.args, self.__dict__.copy()))


class InvalidWebhookSignatureError(ValueError):
    """The signature of a webhook does not fit its body."""


class WebSocketConnectionClosedError(OpenAIError):
    """A WebSocket connection was closed with messages that were accepted and not sent."""

    # Not among the attributes that `vars` shows: messages are the caller's content.
    __slots__ = ("_frames", "_messages")

    def __init__(self, message: str, *, unsent_messages: list[str] | list[str | bytes]) -> None:
        super().__init__(message)
        texts = [text for text in map(_as_text, unsent_messages) if text is not None]
        self._frames: Any = unsent_messages
        self._messages: Any = unsent_messages if texts == unsent_messages else texts

    @property
    def unsent_frames(self) -> list[str | bytes]:
        """The messages that were not sent, as they were given; can be set."""
        return self._frames

    @unsent_frames.setter
    def unsent_frames(self, frames: list[str | bytes]) -> None:
        self._frames = frames

    @property
    def unsent_messages(self) -> list[str]:
        """Those of them that are text, or bytes of UTF-8; can be set."""
        return self._messages

    @unsent_messages.setter
    def unsent_messages(self, messages: list[str]) -> None:
        self._messages = messages

    def __reduce__(self) -> tuple[Any, ...]:
        state = {"_frames": self._frames, "_messages": self._messages}
        return (_rebuild, (type(self), self.args, {**self.__dict__, **state}))


def _as_text(data: str | bytes) -> str | None:
    try:
        return data if isinstance(data, str) else data.decode()
    except UnicodeDecodeError:
        return None


class WebSocketQueueFullError(OpenAIError):
    """More messages wait for a WebSocket connection than it may hold."""


class TransportFailure(Exception):
    """One link in the chain of causes under an `APIConnectionError`, as the transport reported it."""


def _rebuild(cls: type[Exception], args: tuple[object, ...], attributes: dict[str, Any]) -> Exception:
    error = cls.__new__(cls, *args)
    error.args = args
    for name, value in attributes.items():
        setattr(error, name, value)
    return error


# Tracebacks and pickles name the classes by their public place.
for _cls in (
    OpenAIError, APIError, APIResponseValidationError, APIStatusError, APIConnectionError, APITimeoutError,
    BadRequestError, AuthenticationError, OAuthError, PermissionDeniedError, NotFoundError, ConflictError,
    UnprocessableEntityError, RateLimitError, InternalServerError, LengthFinishReasonError,
    ContentFilterFinishReasonError, InvalidWebhookSignatureError, WebSocketConnectionClosedError,
    WebSocketQueueFullError,
):  # fmt: skip
    _cls.__module__ = "tailrace"

_BY_STATUS: dict[int, type[APIStatusError]] = {
    400: BadRequestError,
    401: AuthenticationError,
    403: PermissionDeniedError,
    404: NotFoundError,
    409: ConflictError,
    422: UnprocessableEntityError,
    429: RateLimitError,
}


def status_error(response: Response) -> APIStatusError:
    """Return the exception for a response that is not 2xx, its body decoded as far as possible."""
    import json

    text = response.text.strip()
    body: object | None = text
    # A proxy or gateway in between often answers in HTML; its text is the body then.
    with suppress(ValueError):
        body = json.loads(text)
    if isinstance(body, dict) and "error" in body:
        body = body["error"]  # pyright: ignore[reportUnknownVariableType]
    status = response.status_code
    message = f"Error code: {status}"
    detail = body.get("message") if isinstance(body, dict) else None  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType]
    if isinstance(detail, str) and detail:
        message += f" - {detail}"
    cls = _BY_STATUS.get(status) or (InternalServerError if status >= 500 else APIStatusError)
    return cls(message, response=response, body=body)  # pyright: ignore[reportUnknownArgumentType]


def response_from(reply: Reply) -> Response:
    """Return the wire object for a native reply with a body."""
    return response_head(reply, content=reply.content)


def response_head(reply: Reply, *, content: bytes | None = None, body: UnreadBody | None = None) -> Response:
    """Return the wire object for a native reply, with the content, or the body on the wire, that belongs to it."""
    return Response(
        reply.status,
        headers=reply.headers,
        content=content,
        request=request_from(reply.request),
        reason_phrase=reply.reason,
        http_version=reply.http_version,
        url=reply.url,
        elapsed_seconds=reply.elapsed,
        retries_taken=reply.retries_taken,
        body=body,
    )


def request_from(request: Any) -> Request:
    """Return the wire object for a native request."""
    try:
        return Request(request.method, request.url, headers=request.headers, content=request.content)
    except ValueError:
        # The URL itself was the fault; the message of the error quotes it.
        return Request(request.method, "", headers=request.headers, content=request.content)


def _connection_error(failure: Failure, request: Request) -> Exception:
    return APIConnectionError(message=f"Connection error. {_sentence(failure.message)}", request=request)


def _timeout_error(failure: Failure, request: Request) -> Exception:
    received = failure.received
    return APITimeoutError(
        request,
        message=f"Request timed out. {_sentence(failure.message)}",
        limit=failure.limit,
        limit_seconds=failure.limit_seconds,
        elapsed_seconds=failure.elapsed,
        events=0 if received is None else received[0],
        phase=failure.phase,
    )


def _status_error(failure: Failure, request: Request) -> Exception:
    if failure.reply is None:
        return _internal_error(failure, request)
    return status_error(response_from(failure.reply))


def _invalid_response_error(failure: Failure, request: Request) -> Exception:
    if failure.reply is None:
        return _connection_error(failure, request)
    response = response_from(failure.reply)
    return APIResponseValidationError(response, response.text, message=_sentence(failure.message))


def _internal_error(failure: Failure, request: Request) -> Exception:
    return APIError(
        f"A defect in tailrace stopped the call; please report it with this text: {failure.message}", request, body=None
    )


#: Failure code of the Rust catalogue to exception; a test holds it equal to `_native.error_codes()`.
_BY_CODE: dict[str, Callable[[Failure, Request], Exception]] = {
    "invalid_request": _connection_error,
    "connect_failed": _connection_error,
    "timed_out": _timeout_error,
    "interrupted": _connection_error,
    "cancelled": _connection_error,
    "unreadable_body": _connection_error,
    "status": _status_error,
    "invalid_response": _invalid_response_error,
    "forked": _connection_error,
    "internal": _internal_error,
}


def error_from(failure: Failure, method: str, url: str) -> Exception:
    """Return the exception for a failure, its chain of causes set.

    `method` and `url` describe the call and stand in for the request when none could be built.
    """
    request = request_from(failure.request) if failure.request is not None else _unsent_request(method, url)
    error = _BY_CODE.get(failure.code, _internal_error)(failure, request)
    outer: BaseException = error
    for text in failure.causes:
        outer.__cause__ = TransportFailure(text)
        outer = outer.__cause__
    return error


def _unsent_request(method: str, url: str) -> Request:
    with suppress(ValueError):
        return Request(method, url)
    return Request(method, "")


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith(('.', '!', '?')) else '.'}"
