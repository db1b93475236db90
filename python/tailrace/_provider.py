"""`provider=`: another place that runs the models, which owns where requests go and what authenticates them."""

from __future__ import annotations

from ._exceptions import OpenAIError
from ._types import NotGiven

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from ._api_client import APIClient
    from ._native import Signer
    from ._operation import Operation


class Provider:
    """What `bedrock()` and `vertex()` return, for `OpenAI(provider=...)`. Clients may share one.

    Args:
        name: Of the function that made it.
        configure: Makes what one client has of it. What it keeps appears in no `repr`.
    """

    __slots__ = ("configure", "name")

    def __init__(self, name: str, configure: Callable[[], Runtime]) -> None:
        self.name = name
        self.configure = configure


class Credentials:
    """What authenticates one attempt: header fields, and what signs it."""

    __slots__ = ("fields", "signer")

    def __init__(self, fields: list[tuple[str, str | None]], signer: Signer | None = None) -> None:
        self.fields = fields
        self.signer = signer


class Runtime:
    """A provider as one client has it.

    Its credentials go nowhere else: a request for another origin is refused, and no redirect is followed.
    """

    #: Where the API is.
    base_url: str

    def check(self, client: APIClient, operation: Operation) -> None:
        """Refuse a request that must not have the credentials, before they are looked for.

        Raises:
            OpenAIError: the message says why.
        """
        raise NotImplementedError

    def credentials(self, client: APIClient, operation: Operation) -> Credentials:
        """Return what authenticates the next attempt; raises `OpenAIError` when there is nothing."""
        raise NotImplementedError

    async def async_credentials(self, client: APIClient, operation: Operation) -> Credentials:
        """Do what `credentials` does; nothing may hold up the event loop."""
        raise NotImplementedError


def _create_provider(definition: Any) -> Provider:  # pyright: ignore[reportUnusedFunction]
    """Return a provider that a definition with `name` and `configure()` makes."""
    return Provider(definition.name, definition.configure)


#: The official names of what is private in both packages.
_Provider = Provider
_ProviderRuntime = Runtime


def attach(provider: object, **arguments: object) -> Runtime:
    """Return what a client has of `provider`; `arguments` are those of the client that it replaces.

    Raises:
        OpenAIError: `provider` is none, its options are incomplete, or another argument was given.
    """
    if not isinstance(provider, Provider):
        raise OpenAIError("Invalid provider. Providers must be created by an OpenAI provider factory.")
    for name, value in arguments.items():
        if value is None or isinstance(value, NotGiven):
            continue
        if name == "data_residency":
            raise OpenAIError("The `data_residency` and `provider` arguments are mutually exclusive")
        raise OpenAIError(
            f"`provider` cannot be combined with top-level `{name}`. Move provider authentication and routing options "
            f"into `{provider.name}(...)`."
        )
    return provider.configure()


def is_foreign(client: APIClient, operation: Operation, base_url: str) -> bool:
    """Whether a request goes elsewhere than to the origin of `base_url`."""
    own, path = client.target(operation)
    return _origin(path if "://" in path else own) != _origin(base_url)


def given_fields(client: APIClient, operation: Operation) -> dict[str, str]:
    """Return the header fields of a request besides its credentials, with names in lower case."""
    fields = operation.header_fields(client.request_headers(None))
    merged = {name.lower(): value for name, value in fields}
    return {name: value for name, value in merged.items() if value is not None}


def awaited(value: Any) -> bool:
    """Whether `value` has to be awaited; a coroutine that nobody can await is closed."""
    if not hasattr(value, "__await__"):
        return False
    close = getattr(value, "close", None)
    if close is not None:
        close()
    return True


def _origin(url: str) -> tuple[str, str, int | None]:
    from urllib.parse import urlsplit

    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError:
        # What is no port is no origin that somebody else has, too.
        port = -1
    return (parts.scheme, parts.hostname or "", {"http": 80, "https": 443}.get(parts.scheme) if port is None else port)
