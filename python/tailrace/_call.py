"""One API call: send an operation, load the type of its answer while that is on the wire, wait, raise or build."""

from __future__ import annotations

from time import monotonic

from ._answer import expected, no_page, value_of
from ._exceptions import APIConnectionError, error_from
from ._native import Failure, Reply, encode_json
from ._options import checked_deadline
from ._types import NotGiven
from ._wire.timeout import limits_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ._answer import Expected
    from ._api_client import APIClient
    from ._native import Multipart, Pending
    from ._operation import Operation
    from ._retry import RetryPolicy
    from ._wire.timeout import Limits

#: How the native client hands out a body: read to its end, as events, or not before it is asked for.
_BUFFERED, _EVENTS, _UNDECIDED, _UNDECIDED_EVENTS = range(4)

#: What fits into the native counter; nobody lives to see the difference.
_MOST_RETRIES = 2**32 - 1


class Call:
    """A call that was started and not yet settled. Making one sends the request."""

    __slots__ = (
        "_expected", "asked", "base_url", "cause", "client", "due", "history", "key", "limits", "max_retries",
        "operation", "path", "pending", "relayed", "retry", "transport",
    )  # fmt: skip

    pending: Pending
    client: APIClient
    operation: Operation
    #: Where it goes: the base URL and the path below it, or a whole URL.
    base_url: str
    path: str
    #: Attempts after the first, and the caller's own policy for them.
    max_retries: int
    retry: RetryPolicy | None
    #: The HTTP client of the caller's that sends the attempts, if there is one, and what it raised last.
    transport: Any
    cause: Exception | None
    #: The request that this client was given last.
    asked: Any
    #: Seconds to connect, read, write and wait for a connection, then those that such a client does not know.
    limits: Limits
    #: The responses that redirected such a client on the way to its last one.
    history: list[Any]
    #: The response of the caller's own blocking HTTP client, whose body a thread hands over.
    relayed: Any
    #: What a function or an identity gave to authenticate the last attempt.
    key: str | None
    #: When the whole call is due on the monotonic clock, for such a client.
    due: float | None

    def __init__(self, client: APIClient, operation: Operation, content: bytes | Multipart | None, key: Any) -> None:
        # Not kept as the client's, because another call may have asked for another one meanwhile.
        if operation.resume:
            from ._resume import require_resumable

            require_resumable(operation)
        timeout = operation.timeout
        limits = limits_of(client.timeout if isinstance(timeout, NotGiven) else timeout)
        deadline = operation.deadline
        deadline = client.deadline if isinstance(deadline, NotGiven) else deadline
        if deadline is not None:
            checked_deadline(deadline)
        headers, asks_again = client.header_fields(operation, limits[1], key)
        self.base_url, self.path = base_url, path = client.target(operation)
        query = client.query_with(operation.query_parameters())
        policy, retries = client.retry, operation.max_retries
        if not isinstance(operation.retry, NotGiven):
            from ._retry import checked_retry

            policy = checked_retry(operation.retry)
            if policy is not None and retries is None:
                retries = policy.max_retries
        self.retry = policy
        self.max_retries = retries = client.max_retries if retries is None else retries
        self.client = client
        self.operation = operation
        self.key = key
        self.limits = limits
        identity = client.identity
        self.transport = client.transport if identity is None else identity.transport_for(client)
        if identity is not None and not identity.follows_redirects:
            operation.follow_redirects = False
        self.cause = self.asked = None
        self.history = []
        self.relayed = None
        self.due = None
        if deadline is not None and self.transport is not None:
            self.due = monotonic() + deadline
        logs = client.logs
        rules, logs_retries = None, False
        if logs is not None:
            logs.request(operation.method, path, headers)
            logs_retries = logs.tells_outcomes()
        if policy is not None or logs_retries:
            from ._retry import rules_of

            rules = rules_of(policy, logs=logs_retries)
        if operation.raw is not None and (operation.stream or operation.raw == "stream"):
            mode = _UNDECIDED_EVENTS if operation.stream else _UNDECIDED
        else:
            mode = _EVENTS if operation.stream else _BUFFERED
        self.pending = client.native.request(
            operation.method,
            base_url,
            path,
            encode_json(query, _query_form) if query else None,
            headers,
            content,
            (*limits, deadline),
            min(retries, _MOST_RETRIES),
            mode,
            asks_again,
            operation.follow_redirects and client.runtime is None,
            self.transport is not None,
            asks_again and identity is not None,
            rules,
            signer=None if client.runtime is None else key.signer,
        )
        if operation.raw is None:
            # Loading modules of types takes long the first time, so it happens while the server is at work.
            try:
                self._expected = expected(operation.stream_item if operation.stream else operation.cast_to)
            except BaseException:
                self.pending.cancel()
                raise

    def settle(self, outcome: Reply | Failure) -> Any:
        """Return what the server sent: an object, a stream, or a raw response where the caller asked for one.

        Raises:
            APIError: the call failed; see `_exceptions`.
        """
        client, operation = self.client, self.operation
        logs = client.logs
        if logs is not None:
            logs.outcome(operation.method, self.path, outcome)
        if isinstance(outcome, Failure):
            if outcome.reply is not None and outcome.reply.status == 401:
                self.refused()
            raise self.failure(outcome)
        if operation.raw is not None:
            from ._response import raw_response

            return raw_response(self, outcome)
        if operation.stream:
            from ._streaming import open_stream

            return open_stream(self, outcome, self._expected)
        return self.value(outcome, self._expected)

    def refused(self) -> None:
        """Give up the token of an identity that the server has refused."""
        identity = self.client.identity
        if identity is not None and self.key is not None:
            identity.invalidate_token(self.key)

    def value(self, reply: Reply, expected: Expected) -> Any:
        """Return the body of a reply as what is expected."""
        result = value_of(reply, expected, strict=self.client.strict)
        operation = self.operation
        if expected.is_page:
            if not hasattr(result, "_set_source"):
                raise no_page(reply, result)
            result._set_source(self.client, operation)
        if operation.post_parser:
            result = operation.post_parser(result)
        if expected.is_model:
            attributes = getattr(result, "__dict__", None)
            if attributes is not None:
                attributes["_request_id"] = reply.header("x-request-id")
        return result

    def failure(self, failure: Failure) -> Exception:
        """Return the exception for a failure of this call; what a caller's own mistake raised is that itself."""
        cause = self.cause if failure.reply is None else None
        if cause is not None:
            from ._relay import is_failure

            if not is_failure(cause):
                return cause
        url = self.path if "://" in self.path else self.base_url.rstrip("/") + self.path
        error = error_from(failure, self.operation.method, url)
        if cause is not None:
            error.__cause__ = cause
            if isinstance(error, APIConnectionError):
                error.request = self.asked
        return error

    @property
    def strict_end(self) -> bool:
        """Whether a stream that ends uncleanly raises."""
        strict_end = self.operation.strict_end
        return self.client.strict_end if isinstance(strict_end, NotGiven) else bool(strict_end)

    def broken(self, failure: Failure) -> Exception:
        """Return the exception for a body that broke off after its head had come."""
        from ._ending import broken

        return broken(self.failure(failure), failure)

    def unread(self, failure: Failure) -> Exception:
        """Return the exception for a body that is read as bytes: over a caller's own HTTP client, what that raised."""
        return self.broken(failure) if self.cause is None else self.cause


def send(client: APIClient, operation: Operation) -> Any:
    """Send `operation` and wait for what it returns."""
    key = None
    if client.asks_for_key(operation.security):
        from ._key_source import fresh_key

        key = fresh_key(client, operation)
    if operation.needs_parts:
        from ._multipart import content_of

        content = content_of(operation)
    else:
        content = operation.encoded()
    call = Call(client, operation, content, key)
    outcome = call.pending.wait()
    while not isinstance(outcome, (Reply, Failure)):
        from ._turns import take_turn

        take_turn(call, outcome)
        outcome = call.pending.wait()
    return call.settle(outcome)


async def async_send(client: APIClient, operation: Operation) -> Any:
    """Send `operation` and return what it returns."""
    key = None
    if client.asks_for_key(operation.security):
        from ._key_source import async_fresh_key

        key = await async_fresh_key(client, operation)
    if operation.needs_parts:
        from ._multipart import async_content_of

        content = await async_content_of(operation)
    else:
        content = operation.encoded()
    call = Call(client, operation, content, key)
    outcome = await call.pending
    while not isinstance(outcome, (Reply, Failure)):
        from ._turns import async_take_turn

        await async_take_turn(call, outcome)
        outcome = await call.pending
    return call.settle(outcome)


def _query_form(value: object) -> object:
    isoformat = getattr(value, "isoformat", None)
    if isoformat is not None:
        return isoformat()
    # Everything else is sent as its text, as the official package does.
    return str(value)
