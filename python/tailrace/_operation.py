"""`Operation`: what one call asks the API for, as data. It can be sent any number of times."""

from __future__ import annotations

from ._body import encode_body
from ._lazy import resolved
from ._options import header_fields
from ._types import NotGiven, Omit, not_given

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any, Literal

    from typing_extensions import Required, TypedDict

    from ._types import Body, Headers, Query

    class ListOptions(TypedDict, total=False):
        """The keywords of an `Operation` besides the type of its answer."""

        body: Any
        query: Mapping[str, object] | None
        headers: Mapping[str, object] | None
        files: Sequence[Sequence[str]] | None
        multipart: Literal["always", "with_files"]
        body_type: Any
        query_type: Any
        security: tuple[str, ...]
        stream: bool
        stream_item: Any
        named_events: bool
        stream_mode: Literal["legacy", "events"]
        wrap_stream: Callable[[Any], Any] | None
        post_parser: Callable[[Any], Any] | NotGiven | None
        extra_headers: Headers | None
        extra_query: Query | None
        extra_body: Body | None
        timeout: Any
        deadline: float | NotGiven | None
        strict_end: bool | NotGiven
        resume: bool
        max_retries: int | None
        retry: Any
        content: Any
        form: Any
        follow_redirects: bool

    class OperationOptions(ListOptions):
        """The keywords of an `Operation`."""

        cast_to: Required[Any]


#: Says in the request how the answer is handed out: `true` as a `LegacyAPIResponse`, `raw` as an `APIResponse`,
#: `stream` as one whose body is still on the wire. It is sent, too, as the official package sends it.
RAW_RESPONSE_HEADER = "X-Stainless-Raw-Response"
#: Carries the class of a raw response; it is never sent.
RESPONSE_CLASS_HEADER = "X-Stainless-Override-Cast-To"

BEARER = ("bearer_auth",)
#: Beside other schemes, for the handshakes of WebSockets: what nothing authenticates is sent, too.
ANONYMOUS = "anonymous"
ANY_KEY = ("bearer_auth", "admin_api_key_auth")


class Operation:
    """A request and what becomes of its answer. What it is made without has the default below.

    Args:
        method: In upper case.
        path: Below the base URL, or a whole URL.
        options: The attributes below, by name. The operation keeps the dictionary.
    """

    method: str
    path: str

    #: Type of the answer: a class, a type expression or a lazy type.
    cast_to: Any
    #: Mapping of wire names, sent as JSON or as a form; left-out arguments are dropped. Anything else is sent as JSON
    #: as it is, bytes as they are.
    body: Any = None
    #: Query parameters; left-out arguments are dropped.
    query: Mapping[str, object] | None = None
    #: Fields that the operation sends, below `extra_headers`. A list is joined with a comma.
    headers: Mapping[str, object] | None = None
    #: Paths in `body` that hold files; the body is a form then.
    files: Sequence[Sequence[str]] | None = None
    #: `with_files` sends JSON when there is no file.
    multipart: Literal["always", "with_files"] = "always"
    #: Typed dictionary that says how `body` is written on the wire, where that differs.
    body_type: Any = None
    #: The same for `query`.
    query_type: Any = None
    #: Schemes of which each may authenticate the request.
    security: tuple[str, ...] = BEARER
    #: Whether the answer is a stream of events of the type `stream_item`.
    stream: bool = False
    stream_item: Any = None
    #: Whether an event is an object of its name and its data.
    named_events: bool = False
    #: `events` hands out every event as the server sends it, those about errors too.
    stream_mode: Literal["legacy", "events"] = "legacy"
    #: Makes the stream that is handed out of the plain one.
    wrap_stream: Callable[[Any], Any] | None = None
    #: Makes the final value out of the parsed one.
    post_parser: Callable[[Any], Any] | NotGiven | None = None
    #: Fields of the caller; `omit` removes one.
    extra_headers: Headers | None = None
    #: Parameters of the caller, over `query`.
    extra_query: Query | None = None
    #: Members of the caller, over `body`.
    extra_body: Body | None = None
    #: Of this call; `not_given` takes that of the client.
    timeout: Any = not_given
    #: Seconds for all attempts, the pauses between them and the stream; None for none, `not_given` takes the client's.
    deadline: float | NotGiven | None = not_given
    #: Whether a stream that ends uncleanly raises; `not_given` takes what the client says.
    strict_end: bool | NotGiven = not_given
    #: Whether a stream of a response that runs in the background goes on after a break (see `_resume`).
    resume: bool = False
    #: Of this call; None takes that of the client.
    max_retries: int | None = None
    #: A `RetryPolicy` or None for none; `not_given` takes that of the client.
    retry: Any = not_given
    #: The whole body as bytes, a file or an iterable of bytes.
    content: Any = None
    #: Files by form name, for a body that is a form whatever its paths.
    form: Any = None
    #: Whether a redirect is followed, or a failure.
    follow_redirects: bool = True
    #: How the answer is handed out, as `RAW_RESPONSE_HEADER` says it; None for what it becomes.
    raw: str | None = None

    def __init__(self, method: str, path: str, options: OperationOptions) -> None:
        # One is made for every call, and most attributes have their default.
        self.__dict__ = options  # pyright: ignore[reportAttributeAccessIssue]
        self.method = method
        self.path = path
        headers = self.extra_headers
        if headers and hasattr(headers, "keys") and RAW_RESPONSE_HEADER in headers:
            self._take_raw_mode(dict(headers))

    def _take_raw_mode(self, headers: dict[str, Any]) -> None:
        self.raw = str(headers[RAW_RESPONSE_HEADER])
        class_ = headers.pop(RESPONSE_CLASS_HEADER, None)
        if class_ is not None:
            self.cast_to = class_
        self.extra_headers = headers

    def with_query(self, parameters: Mapping[str, object]) -> Operation:
        """Return the same operation with these query parameters over its own, and without its raw mode."""
        return self._changed(extra_query={**(self.extra_query or {}), **parameters})

    def with_body(self, body: Any) -> Operation:
        """Return the same operation with `body` in place of its own, and without its raw mode.

        Members of a mapping are laid over those of the body.
        """
        if isinstance(body, dict) and isinstance(self.body, dict):
            body = {**self.body, **body}  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
        return self._changed(body=body)

    def with_path(self, path: str) -> Operation:
        """Return the same operation for another path or URL, and without its raw mode."""
        return self._changed(path=path)

    def continued(self, path: str, query: Mapping[str, object], max_retries: int, deadline: float | None) -> Operation:
        """Return the request that reads on the stream of this operation, at `path`; without its raw mode."""
        return self._changed(
            method="GET",
            path=path,
            query=query,
            query_type=None,
            body=None,
            extra_body=None,
            stream=True,
            strict_end=False,
            resume=False,
            max_retries=max_retries,
            deadline=deadline,
        )

    def _changed(self, **changes: Any) -> Operation:
        copy = Operation.__new__(Operation)
        copy.__dict__ = {**self.__dict__, **changes}
        if copy.raw is not None:
            copy.raw = None
            headers = dict(copy.extra_headers or {})
            del headers[RAW_RESPONSE_HEADER]
            copy.extra_headers = headers
        return copy

    @property
    def hands_out_body(self) -> bool:
        """Whether the body of a successful answer is read by the caller, as events or in a raw response."""
        return self.stream or self.raw == "stream"

    @property
    def needs_parts(self) -> bool:
        """Whether the body is more than JSON: a form, or bytes from a file or an iterable."""
        return self.files is not None or self.form is not None or self.content is not None

    def query_parameters(self) -> Mapping[str, object] | None:
        """Return the query of this operation with the caller's over it; None when there is neither."""
        query = self.query
        if query is not None and self.query_type is not None:
            from ._transform import transform

            query = transform(query, resolved(self.query_type))
        if self.extra_query is None:
            return query
        from ._body import mapping_items

        extra = dict(mapping_items(self.extra_query, "extra_query"))
        if query is None:
            return extra
        # What was left out has no place in the order of the parameters.
        given = {name: value for name, value in query.items() if not isinstance(value, (NotGiven, Omit))}
        return {**given, **extra}

    def header_fields(self, fields: list[tuple[str, str | None]]) -> list[tuple[str, str | None]]:
        """Return `fields`, those of the client, with those of the operation and of the caller, in rising precedence."""
        if self.headers is not None:
            for name, value in self.headers.items():
                if isinstance(value, (NotGiven, Omit)):
                    continue
                text = ",".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)  # pyright: ignore[reportUnknownArgumentType]
                fields.append((name, text))
        if self.extra_headers is not None:
            fields += header_fields(self.extra_headers, "extra_headers")
        if self.method == "GET":
            # A request without a body has no type of one, whoever asks for it.
            return [field for field in fields if field[0].lower() != "content-type"]
        return fields

    def encoded(self) -> bytes | None:
        """Return the body as bytes, None when there is none.

        Raises:
            TypeError, ValueError: the body cannot be written as JSON.
        """
        if self.method == "GET":
            return None
        body = self.body
        if body is None and self.extra_body is None:
            return None
        if self.body_type is not None:
            from ._transform import transform

            body = transform({} if body is None else body, resolved(self.body_type))
        return encode_body(body, self.extra_body)
