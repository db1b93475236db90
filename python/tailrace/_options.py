"""The arguments of a client, checked one by one, and their places in the environment."""

from __future__ import annotations

import os

from ._constants import DEFAULT_BASE_URL
from ._hidden import hidden, is_credential
from ._types import NotGiven, Omit
from ._wire.timeout import finite_seconds, limits_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from ._wire.url import URL

_CUSTOM_HEADERS = "OPENAI_CUSTOM_HEADERS"


def text(value: object, name: str) -> str:
    """Return `value`, which must be a string.

    Raises:
        TypeError: it is something else.
    """
    if isinstance(value, str):
        return str(value)
    raise TypeError(f"`{name}` must be a string, not {type(value).__name__}.")


def optional_text(value: object, name: str, variable: str | None) -> str | None:
    """Return `value`, which must be a string, or the environment variable, if there is one, when it was left out."""
    if value is not None:
        return text(value, name)
    return None if variable is None else os.environ.get(variable)


def base_url_from(url: object, data_residency: object, websocket_base_url: object) -> str | URL:
    """Return the base URL that the arguments and the environment give.

    Raises:
        TypeError: `url` is neither a string nor a URL object.
        ValueError: there is no such region, or a region and a URL were given.
    """
    given = url is not None and not isinstance(url, NotGiven)
    if data_residency is not None:
        if not isinstance(url, NotGiven):
            raise ValueError("The `data_residency` and `base_url` arguments are mutually exclusive")
        if websocket_base_url is not None:
            raise ValueError("The `data_residency` and `websocket_base_url` arguments are mutually exclusive")
        from ._data_residency import region_url

        return region_url(data_residency)
    if not given:
        return os.environ.get("OPENAI_BASE_URL", DEFAULT_BASE_URL)
    # httpx and httpx2 URLs are known by this attribute; so are ours.
    if isinstance(url, str) or hasattr(url, "raw_path"):
        return url  # type: ignore[return-value]
    raise TypeError(f"`base_url` must be a string or a URL object, not {type(url).__name__}.")


def checked_timeout(timeout: Any) -> Any:
    """Return `timeout` when it is one; raises what `limits_of` raises."""
    limits_of(timeout)
    return timeout


def checked_deadline(deadline: Any) -> float | None:
    """Return `deadline` when it is a number of seconds or None; raises what `finite_seconds` raises."""
    return finite_seconds(deadline, "deadline")


def checked_retries(max_retries: object) -> int:
    """Return `max_retries` when it is a number of retries.

    Raises:
        TypeError: it is no integer.
        ValueError: it is negative.
    """
    if max_retries is None:
        raise TypeError(
            "max_retries cannot be None. Use 0 to disable retries or a large integer for a larger retry budget."
        )
    if not isinstance(max_retries, int):
        raise TypeError(f"max_retries must be a non-negative integer, not {type(max_retries).__name__}.")
    if max_retries < 0:
        raise ValueError(f"max_retries must be a non-negative integer, not {max_retries}.")
    return max_retries


def items(value: object, name: str) -> list[tuple[Any, Any]]:
    """Return the items of a mapping; raises `TypeError` when `value` is none."""
    from ._body import mapping_items

    return mapping_items(value, name)


def headers_with_environment(default_headers: Mapping[str, Any] | None, *, own: bool = True) -> dict[str, Any]:
    """Return the headers of `OPENAI_CUSTOM_HEADERS`, if the API is OpenAI's `own`, with `default_headers` over them.

    Raises:
        TypeError: `default_headers` is no mapping of strings.
    """
    lines = os.environ.get(_CUSTOM_HEADERS, "").split("\n") if own else ()
    headers: dict[str, Any] = {
        name.strip(): hidden(value.strip()) if is_credential(name) else value.strip()
        for name, colon, value in (line.partition(":") for line in lines)
        if colon and name.strip()
    }
    del lines
    if default_headers is not None:
        header_fields(default_headers, "default_headers")
        given = dict(items(default_headers, "default_headers"))
        named = {name.lower() for name in given}
        headers = {name: value for name, value in headers.items() if name.lower() not in named}
        headers.update(given)
    return headers


def header_fields(headers: object, name: str) -> list[tuple[str, str | None]]:
    """Return header fields that a caller passed as `name`; None stands for a field to leave out.

    Raises:
        TypeError: `headers` is no mapping, or a field is neither a string nor bytes.
    """
    fields: list[tuple[str, str | None]] = []
    for key, value in items(headers, name):
        if not isinstance(key, str):
            raise TypeError(f"The header names in `{name}` must be strings, not {type(key).__name__}.")
        if isinstance(value, str):
            fields.append((key, hidden(value) if is_credential(key) else value))
        elif isinstance(value, Omit):
            fields.append((key, None))
        elif isinstance(value, bytes):
            fields.append((key, hidden(value.decode("latin-1"))))
        else:
            raise TypeError(f"The header {key!r} in `{name}` must be a string, or `omit`, not {type(value).__name__}.")
    return fields


def names_authorization(fields: list[tuple[str, str | None]]) -> bool:
    """Whether somebody set, or removed, the field that authenticates a request."""
    return any(field[0].lower() == "authorization" for field in fields)


def merged_defaults(
    current: Mapping[str, Any], added: Mapping[str, Any] | None, replacing: Mapping[str, Any] | None, name: str
) -> Mapping[str, Any]:
    """Return the default headers or query of a copy; raises `ValueError` when both forms were given."""
    if added is not None and replacing is not None:
        raise ValueError(f"The `default_{name}` and `set_default_{name}` arguments are mutually exclusive")
    if replacing is not None:
        return replacing
    return {**current, **dict(items(added, f"default_{name}"))} if added else current
