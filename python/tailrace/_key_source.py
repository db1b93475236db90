"""Functions and providers in place of an API key: they are asked before every attempt of a call."""

from __future__ import annotations

from ._hidden import Hidden

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ._api_client import APIClient
    from ._operation import Operation


def fresh_key(client: APIClient, operation: Operation) -> Any:
    """Ask the function of a client for its key, its identity for a token, or its provider for credentials.

    What they raise is raised here.

    Raises:
        TypeError, ValueError: what the function returned is no key.
    """
    identity = client.identity
    if identity is not None:
        return identity.token_for(client, operation)
    if client.runtime is not None:
        client.runtime.check(client, operation)
        return client.runtime.credentials(client, operation)
    source = client.key_source
    # The source of the module's client is a global, which may have been assigned since.
    return client.api_key if source is None else client.accept_key(source())


async def async_fresh_key(client: APIClient, operation: Operation) -> Any:
    """Do what `fresh_key` does; the function may be asynchronous."""
    identity = client.identity
    if identity is not None:
        return await identity.async_token_for(client, operation)
    if client.runtime is not None:
        client.runtime.check(client, operation)
        return await client.runtime.async_credentials(client, operation)
    source = client.key_source
    if source is None:
        return client.api_key
    key = source()
    return client.accept_key(await key if hasattr(key, "__await__") else key)


def checked(key: Any) -> str:
    """Return what a function for `api_key` returned; the empty string for None.

    Raises:
        TypeError: it is no string.
    """
    if key is None:
        # As if there were none, which the check of credentials refuses.
        return ""
    if isinstance(key, str):
        return Hidden(key)
    if hasattr(key, "close") and hasattr(key, "__await__"):
        key.close()
        raise TypeError("The function for `api_key` is asynchronous; `OpenAI` takes one that returns a string.")
    raise TypeError(f"The function for `api_key` must return a string, not {type(key).__name__}.")
