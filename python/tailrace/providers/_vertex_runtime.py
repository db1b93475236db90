"""Vertex as one client has it: access tokens of the caller's, or of google-auth."""

from __future__ import annotations

import re
from importlib import import_module
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING, Any

from .._exceptions import APITimeoutError, OpenAIError
from .._provider import Credentials, Runtime, awaited, given_fields, is_foreign
from .._types import NotGiven
from .._wire.timeout import limits_of

if TYPE_CHECKING:
    from .._api_client import APIClient
    from .._operation import Operation

_SCOPE = "https://www.googleapis.com/auth/cloud-platform"
#: Fields that say who asks, or whom OpenAI bills for it.
_OWNED = frozenset(("authorization", "api-key", "openai-organization", "openai-project"))
_TOKEN = re.compile(r"[!-~]+")


class VertexRuntime(Runtime):
    """Vertex as one client has it; see `vertex`."""

    def __init__(self, base_url: str, token_provider: Any, credentials: Any) -> None:
        self.base_url = base_url
        self._token_provider = token_provider
        self._credentials: Any = credentials
        self._scoped = False
        # Credentials of google-auth are no safe ground for two threads.
        self._lock = Lock()

    def check(self, client: APIClient, operation: Operation) -> None:
        if is_foreign(client, operation, self.base_url):
            raise OpenAIError("Refusing to send Vertex credentials outside the configured origin.")
        if not _OWNED.isdisjoint(given_fields(client, operation)):
            raise OpenAIError(
                "Vertex owns authentication; remove OpenAI project/organization and custom Authorization or api-key "
                "headers."
            )

    def credentials(self, client: APIClient, operation: Operation) -> Credentials:
        if self._token_provider is None:
            return self._of_google(client, operation)
        token = self._asked()
        if awaited(token):
            raise OpenAIError("Use AsyncOpenAI with an async Vertex token provider.")
        return _bearer(token)

    async def async_credentials(self, client: APIClient, operation: Operation) -> Credentials:
        if self._token_provider is None:
            from .._async_library import to_thread_or_leave

            return await to_thread_or_leave(self._of_google, client, operation)
        limit, began = _limits(client, operation)[1], monotonic()
        token = self._asked()
        if hasattr(token, "__await__"):
            from .._async_library import within

            try:
                token = await within(limit, token)
            except TimeoutError:
                raise _timed_out(client, operation) from None
            except OpenAIError:
                raise
            except Exception:  # noqa: BLE001 - What it says may have a token in it.
                raise OpenAIError("Vertex token provider failed.") from None
        if limit is not None and monotonic() - began > limit:
            raise _timed_out(client, operation)
        return _bearer(token)

    def _asked(self) -> Any:
        try:
            return self._token_provider()
        except OpenAIError:
            raise
        except Exception:  # noqa: BLE001 - What it says may have a token in it.
            raise OpenAIError("Vertex token provider failed.") from None

    def _of_google(self, client: APIClient, operation: Operation) -> Credentials:
        connect, read, _, pool = _limits(client, operation)[:4]
        if not self._lock.acquire(timeout=-1 if pool is None else pool):
            raise _timed_out(client, operation)
        try:
            return self._asked_of_google(client, operation, (connect, read))
        finally:
            self._lock.release()

    def _asked_of_google(self, client: APIClient, operation: Operation, limits: tuple[Any, Any]) -> Credentials:
        try:
            auth: Any = import_module("google.auth")
            scopes: Any = import_module("google.auth.credentials")
            transport: Any = import_module("google.auth.transport.requests")
        except ImportError as error:
            raise OpenAIError(
                "Vertex authentication requires optional Google dependencies. Install them with `pip install "
                "tailrace[vertex]`, or `pip install google-auth requests`, or pass a `token_provider`."
            ) from error
        late: list[bool] = []

        request = transport.Request()

        def bounded(*arguments: Any, **options: Any) -> Any:
            try:
                return request(*arguments, **{**options, "timeout": limits})
            except Exception as error:
                late.append(_is_timeout(error))
                raise

        fields: dict[str, str] = {}
        try:
            if not self._scoped:
                if self._credentials is None:
                    self._credentials = auth.default(scopes=[_SCOPE])[0]
                else:
                    self._credentials = scopes.with_scopes_if_required(self._credentials, [_SCOPE])
                self._scoped = True
            base_url, path = client.target(operation)
            url = path if "://" in path else base_url.rstrip("/") + path
            self._credentials.before_request(bounded, operation.method, url, fields)
        except Exception:  # noqa: BLE001 - What it says may have a token in it.
            if any(late):
                raise _timed_out(client, operation) from None
            raise OpenAIError(
                "Vertex Google authentication failed. Check ADC, project access and credential expiry."
            ) from None
        return Credentials(list(fields.items()))


def _bearer(token: object) -> Credentials:
    if not isinstance(token, str) or _TOKEN.fullmatch(token) is None:
        raise OpenAIError("Vertex token provider must return a nonempty bearer token suitable for an HTTP header.")
    return Credentials([("Authorization", f"Bearer {token}")])


def _limits(client: APIClient, operation: Operation) -> Any:
    timeout = operation.timeout
    return limits_of(client.timeout if isinstance(timeout, NotGiven) else timeout)


def _timed_out(client: APIClient, operation: Operation) -> APITimeoutError:
    from .._wire.request import Request

    base_url, path = client.target(operation)
    return APITimeoutError(Request(operation.method, path if "://" in path else base_url.rstrip("/") + path))


def _is_timeout(error: BaseException | None) -> bool:
    while error is not None:
        if type(error).__name__ in ("Timeout", "ReadTimeout", "ConnectTimeout", "TimeoutError"):
            return True
        error = error.__cause__ or error.__context__
    return False
