"""Functions in place of an API key: they are asked before every attempt of a call."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ._api_client import APIClient


def renew(client: APIClient) -> None:
    """Ask the function of a client for its key. What the function raises is raised here.

    Raises:
        TypeError: it returned no string.
    """
    source = client.key_source
    if source is not None:
        client.api_key = _checked(source())


async def async_renew(client: APIClient) -> None:
    """Do what `renew` does; the function may be asynchronous."""
    source = client.key_source
    if source is not None:
        key = source()
        client.api_key = _checked(await key if hasattr(key, "__await__") else key)


def key_fields(client: APIClient) -> list[tuple[str, str | None]]:
    """Return the header field that carries the key of a client."""
    return [("Authorization", f"Bearer {client.api_key}" if client.api_key else None)]


def _checked(key: Any) -> str:
    if key is None:
        # As if there were none, which the check of credentials refuses.
        return ""
    if isinstance(key, str):
        return key
    if hasattr(key, "close") and hasattr(key, "__await__"):
        key.close()
        raise TypeError("The function for `api_key` is asynchronous; `OpenAI` takes one that returns a string.")
    raise TypeError(f"The function for `api_key` must return a string, not {type(key).__name__}.")
