"""One API call: merge options, send, load the type while the request is on the wire, wait, raise or build."""

from __future__ import annotations

from ._body import encode_body
from ._exceptions import APIResponseValidationError, error_from, response_from
from ._native import Failure, Plan, encode_json
from ._options import header_fields
from ._types import NotGiven, not_given
from ._wire.timeout import limits_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from ._api_client import APIClient
    from ._native import Pending, Reply
    from ._types import Body, Headers, Query


class Call:
    """A call that was started and not yet settled.

    Making one sends the request. `expect` then names what the answer is; it loads type modules, which takes long the
    first time, so it runs while the server is already at work.
    """

    __slots__ = ("_client", "_method", "_path", "_plan", "_stream", "_type", "pending")

    pending: Pending

    def __init__(
        self,
        client: APIClient,
        method: str,
        path: str,
        *,
        body: Mapping[str, object] | None,
        stream: bool,
        extra_headers: Headers | None = None,
        extra_query: Query | None = None,
        extra_body: Body | None = None,
        timeout: Any = not_given,
    ) -> None:
        content = None if body is None else encode_body(body, extra_body)
        limits = limits_of(client.timeout if isinstance(timeout, NotGiven) else timeout)
        headers = client.request_headers(limits[1])
        if extra_headers is not None:
            headers += header_fields(extra_headers, "extra_headers")
        client.require_credentials(headers)
        query = client.query_with(extra_query)
        self._client = client
        self._method = method
        self._path = path
        self._stream = stream
        if client.logs is not None:
            client.logs.request(method, path, headers, body)
        self.pending = client.native.request(
            method,
            client.base_url_text,
            path,
            encode_json(query, _query_form) if query else None,
            headers,
            content,
            limits,
            min(client.max_retries, _MOST_RETRIES),
            stream,
        )

    def expect(self, type_: Any) -> None:
        """Load `type_`, a class, a type expression or a lazy type, and its plan.

        The request is cancelled when that fails.
        """
        try:
            plan = _PLANS.get(type_)
            if plan is None:
                plan = _PLANS[type_] = _make_plan(type_)
        except BaseException:
            self.pending.cancel()
            raise
        self._type, self._plan = plan

    def settle(self, outcome: Reply | Failure) -> Any:
        """Return what the server sent, as an object, or for a stream the native reply.

        Raises:
            APIError: the call failed; see `_exceptions`.
        """
        if self._client.logs is not None:
            self._client.logs.outcome(self._method, outcome)
        if isinstance(outcome, Failure):
            raise self.failure(outcome)
        if self._stream:
            return outcome
        try:
            result = outcome.parse(self._plan)
        except ValueError:
            return self._text_of(outcome)
        if self._client.strict and result is not None:
            result = self._validated(outcome)
        attributes = getattr(result, "__dict__", None)
        if attributes is not None:
            attributes["_request_id"] = outcome.header("x-request-id")
        return result

    def failure(self, failure: Failure) -> Exception:
        """Return the exception for a failure of this call."""
        url = self._path if "://" in self._path else self._client.base_url_text.rstrip("/") + self._path
        return error_from(failure, self._method, url)

    @property
    def plan(self) -> Plan:
        """The shape plan of the expected type."""
        return self._plan

    @property
    def item_type(self) -> Any:
        """The expected type itself."""
        return self._type

    def _text_of(self, reply: Reply) -> str:
        from ._invalid_json import invalid_json

        response = response_from(reply)
        kind = response.headers.get("content-type", "*").partition(";")[0].strip().lower()
        error = invalid_json(response, reply.content) if kind.endswith("json") else None
        if error is not None:
            raise error
        if self._client.strict:
            message = f"Expected Content-Type response header to be `application/json` but received `{kind}` instead."
            raise APIResponseValidationError(response, response.text, message=message)
        # Some compatible servers answer in plain text; the official package hands that on as it is.
        return response.text

    def _validated(self, reply: Reply) -> Any:
        import json

        from pydantic import TypeAdapter, ValidationError

        data = json.loads(reply.content)
        try:
            return TypeAdapter(self._type).validate_python(data)
        except ValidationError as cause:
            raise APIResponseValidationError(response_from(reply), data) from cause


#: What fits into the native counter; nobody lives to see the difference.
_MOST_RETRIES = 2**32 - 1

#: Type or lazy type, as the resource names it, to the type itself and its plan; plans are costly and never change.
_PLANS: dict[Any, tuple[Any, Plan]] = {}


def _make_plan(type_: Any) -> tuple[Any, Plan]:
    from ._construct import construct_type

    resolve = getattr(type_, "resolve", None)
    resolved = type_ if resolve is None or isinstance(type_, type) else resolve()
    return (resolved, Plan(resolved, construct_type))


def _query_form(value: object) -> object:
    isoformat = getattr(value, "isoformat", None)
    if isoformat is not None:
        return isoformat()
    # Everything else is sent as its text, as the official package does.
    return str(value)
