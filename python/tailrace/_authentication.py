"""What authenticates the requests of a client: its keys, or what stands in for them."""

from __future__ import annotations

from ._constants import WORKLOAD_IDENTITY_API_KEY_PLACEHOLDER
from ._hidden import Hidden
from ._operation import ANONYMOUS
from ._options import names_authorization

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from ._operation import Operation
    from ._provider import Runtime

_PLACEHOLDER = f"Bearer {WORKLOAD_IDENTITY_API_KEY_PLACEHOLDER}"


class Authentication:
    """The part of a client that knows its credentials."""

    api_key: str
    #: The function that returns the API key, when one was given in place of the key.
    key_source: Callable[[], Any] | None
    admin_api_key: str | None
    #: What a provider makes of this client, where one was given.
    runtime: Runtime | None = None
    #: The token of `workload_identity`, where one was given.
    identity: Any = None

    if TYPE_CHECKING:

        def request_headers(self, read_timeout: float | None) -> list[tuple[str, str | None]]: ...

    @property
    def auth_headers(self) -> dict[str, str]:
        """The credentials as header fields; empty without an API key."""
        if self.identity is not None or not self.api_key:
            return {}
        return {"Authorization": f"Bearer {self.api_key}"}

    def asks_for_key(self, security: tuple[str, ...]) -> bool:
        """Whether a function gives the credentials of a request with these schemes, before every attempt."""
        if self.runtime is not None:
            return ANONYMOUS not in security
        # Operations of the admin API have a key of their own, which is no function.
        if self.identity is not None:
            return True
        return self.key_source is not None and "bearer_auth" in security

    def accept_key(self, key: object) -> str:
        """Keep what the function returned, and return it; raises `TypeError` when it is no key."""
        from ._key_source import checked

        accepted = checked(key)
        self.api_key = str(accepted)
        return accepted

    def credential(self, security: tuple[str, ...], key: str | None) -> tuple[str, str | None]:
        """Return the header field that authenticates a request; `key` is what the function returned for it."""
        if "bearer_auth" not in security:
            key = None
        elif key is None:
            key = self.api_key
        if not key and "admin_api_key_auth" in security:
            key = self.admin_api_key
        return ("Authorization", Hidden(f"Bearer {key}") if key else None)

    def header_fields(
        self, operation: Operation, read_timeout: float | None, key: Any
    ) -> tuple[list[tuple[str, str | None]], bool]:
        """Return the fields of a request in rising precedence, and whether the function is asked again for a retry.

        Raises:
            TypeError: nothing authenticates the request, and the caller did not leave that out on purpose.
            OpenAIError: the handshake of a WebSocket has no credentials but those of a provider, which are for calls.
        """
        security = operation.security
        fields = operation.header_fields(self.request_headers(read_timeout))
        if self.runtime is not None:
            if ANONYMOUS not in security:
                return [*fields, *key.fields], True
            if not names_authorization(fields):
                from ._exceptions import OpenAIError

                raise OpenAIError("This authentication method is not supported by WebSocket connections")
            return fields, False
        credential = self.credential(security, key)
        asks = self.asks_for_key(security)
        if self.identity is not None:
            fields = [field for field in fields if field[1] != _PLACEHOLDER or field[0].lower() != "authorization"]
            asks = key is not None
        if asks or credential[1] is None:
            is_named = names_authorization(fields)
            if credential[1] is None and security and ANONYMOUS not in security and not is_named:
                raise TypeError(
                    "Could not resolve authentication method. Expected either api_key or admin_api_key to be set. "
                    "Or for the `Authorization` header to be explicitly omitted."
                )
            asks = asks and not is_named
        return [credential, *fields], asks

    def about_to_relay(self, request: Any) -> None:
        """Look at the request of a caller's own HTTP client before that sends it."""
