"""Google Vertex: `OpenAI(provider=vertex(project="p", location="global"))`."""

from __future__ import annotations

import os
import re
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Union

from .._exceptions import OpenAIError
from .._provider import Provider

if TYPE_CHECKING:
    from .._provider import Runtime
    from .._wire.url import URL

#: Returns an access token; for an async client it may be asynchronous.
VertexTokenProvider = Callable[[], Union[str, Awaitable[str]]]

#: Letters and digits, after the domain of an organisation where it has one.
_PROJECT = re.compile(r"(?:[a-z0-9.-]+:)?[a-z0-9](?:[a-z0-9-]*[a-z0-9])?")
_LOCATION = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?")


def vertex(
    *,
    project: str | None = None,
    location: str | None = None,
    base_url: str | URL | Any | None = None,
    token_provider: VertexTokenProvider | None = None,
    credentials: Any = None,
) -> Provider:
    """Return what sends the requests of a client to Google Vertex, which has the Responses API.

    Without credentials they are those that google-auth finds, which has to be installed for that.

    Args:
        project: Otherwise `GOOGLE_CLOUD_PROJECT`.
        location: Such as `global` or `us-east5`; otherwise `GOOGLE_CLOUD_LOCATION`.
        base_url: What stands before `/responses`, in place of project and location.
        token_provider: Returns an access token before every attempt; an async client calls it on its event loop.
        credentials: Credentials of google-auth.

    Raises:
        OpenAIError: project or location is missing or invalid, the URL is none, or both credentials were given.
        TypeError: `base_url` is neither a string nor a URL object.
    """
    if token_provider is not None and credentials is not None:
        raise OpenAIError("Set only one of credentials and token_provider.")
    url = _root(project, location) if base_url is None else _checked(base_url)

    def configure() -> Runtime:
        from ._vertex_runtime import VertexRuntime

        return VertexRuntime(url, token_provider, credentials)

    return Provider("vertex", configure)


def _root(project: str | None, location: str | None) -> str:
    project = project or os.environ.get("GOOGLE_CLOUD_PROJECT")
    if not project or _PROJECT.fullmatch(project) is None:
        raise OpenAIError("Vertex requires a project ID (project or GOOGLE_CLOUD_PROJECT).")
    location = location or os.environ.get("GOOGLE_CLOUD_LOCATION")
    if not location or _LOCATION.fullmatch(location) is None:
        raise OpenAIError("Vertex requires a location (location or GOOGLE_CLOUD_LOCATION).")
    host = "aiplatform.googleapis.com" if location == "global" else f"{location}-aiplatform.googleapis.com"
    return f"https://{host}/v1/projects/{project}/locations/{location}/publishers/openai/v1"


def _checked(base_url: Any) -> str:
    if not isinstance(base_url, str) and not hasattr(base_url, "raw_path"):
        raise TypeError(f"`base_url` must be a string or a URL object, not {type(base_url).__name__}.")
    from urllib.parse import urlsplit

    url = str(base_url)
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").rstrip(".")
    except ValueError:
        parts, host = urlsplit(""), ""
    if parts.scheme not in ("http", "https") or not host or "@" in parts.netloc or "?" in url or "#" in url:
        raise OpenAIError("Vertex base_url must be an HTTP(S) API root without credentials, query or fragment.")
    if parts.scheme == "http" and (host == "googleapis.com" or host.endswith(".googleapis.com")):
        raise OpenAIError("Google Vertex endpoints require HTTPS.")
    return url.rstrip("/")
