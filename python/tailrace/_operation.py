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
        post_parser: Callable[[Any], Any] | NotGiven | None
        extra_headers: Headers | None
        extra_query: Query | None
        extra_body: Body | None
        timeout: Any
        max_retries: int | None
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
ANY_KEY = ("bearer_auth", "admin_api_key_auth")


class Operation:
    """A request and what becomes of its answer.

    Args:
        method: In upper case.
        path: Below the base URL, or a whole URL.
        cast_to: Type of the answer: a class, a type expression or a lazy type.
        body: Mapping of wire names, sent as JSON or as a form; left-out arguments are dropped. Anything else is sent as
            JSON as it is, bytes as they are.
        query: Query parameters; left-out arguments are dropped.
        headers: Fields that the operation sends, below `extra_headers`. A list is joined with a comma.
        files: Paths in `body` that hold files; the body is a form then.
        multipart: `with_files` sends JSON when there is no file.
        body_type: Typed dictionary that says how `body` is written on the wire, where that differs.
        query_type: The same for `query`.
        security: Schemes of which each may authenticate the request.
        stream: Whether the answer is a stream of events of the type `stream_item`.
        named_events: Whether an event is an object of its name and its data.
        stream_mode: `events` hands out every event as the server names it.
        post_parser: Makes the final value out of the parsed one.
        extra_headers: Fields of the caller; `omit` removes one.
        extra_query: Parameters of the caller, over `query`.
        extra_body: Members of the caller, over `body`.
        timeout: Of this call; `not_given` takes that of the client.
        max_retries: Of this call; None takes that of the client.
        content: The whole body as bytes, a file or an iterable of bytes.
        form: Files by form name, for a body that is a form whatever its paths.
        follow_redirects: Whether a redirect is followed, or a failure.
    """

    __slots__ = (
        "body", "body_type", "cast_to", "content", "extra_body", "extra_headers", "extra_query", "files",
        "follow_redirects", "form", "headers", "max_retries", "method", "multipart", "named_events", "path",
        "post_parser", "query", "query_type", "raw", "security", "stream", "stream_item", "stream_mode", "timeout",
    )  # fmt: skip

    raw: str | None

    def __init__(
        self,
        method: str,
        path: str,
        *,
        cast_to: Any,
        body: Any = None,
        query: Mapping[str, object] | None = None,
        headers: Mapping[str, object] | None = None,
        files: Sequence[Sequence[str]] | None = None,
        multipart: Literal["always", "with_files"] = "always",
        body_type: Any = None,
        query_type: Any = None,
        security: tuple[str, ...] = BEARER,
        stream: bool = False,
        stream_item: Any = None,
        named_events: bool = False,
        stream_mode: Literal["legacy", "events"] = "legacy",
        post_parser: Callable[[Any], Any] | NotGiven | None = None,
        extra_headers: Headers | None = None,
        extra_query: Query | None = None,
        extra_body: Body | None = None,
        timeout: Any = not_given,
        max_retries: int | None = None,
        content: Any = None,
        form: Any = None,
        follow_redirects: bool = True,
    ) -> None:
        self.method = method
        self.path = path
        self.cast_to = cast_to
        self.body = body
        self.query = query
        self.headers = headers
        self.files = files
        self.multipart = multipart
        self.body_type = body_type
        self.query_type = query_type
        self.security = security
        self.stream = stream
        self.stream_item = stream_item
        self.named_events = named_events
        self.stream_mode = stream_mode
        self.post_parser = None if isinstance(post_parser, NotGiven) else post_parser
        self.extra_headers = extra_headers
        self.extra_query = extra_query
        self.extra_body = extra_body
        self.timeout = timeout
        self.max_retries = max_retries
        self.content = content
        self.form = form
        self.follow_redirects = follow_redirects
        self.raw = None
        if extra_headers and RAW_RESPONSE_HEADER in extra_headers:
            self._take_raw_mode(dict(extra_headers))

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

    def _changed(self, **changes: Any) -> Operation:
        copy = Operation.__new__(Operation)
        for name in Operation.__slots__:
            setattr(copy, name, changes[name] if name in changes else getattr(self, name))
        if copy.raw is not None:
            copy.raw = None
            headers = dict(copy.extra_headers or {})
            del headers[RAW_RESPONSE_HEADER]
            copy.extra_headers = headers
        return copy

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
        return extra if query is None else {**query, **extra}

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
