"""The client of the module itself: `tailrace.api_key = ...`, then `tailrace.chat.completions.create(...)`.

Its options are the globals of the package, read anew for each request, so that assigning one takes effect at once.
"""

# Attributes of other clients are properties of this one.
# pyright: reportIncompatibleVariableOverride=false

from __future__ import annotations

import os
import sys

from ._client import OpenAI
from ._constants import DEFAULT_MAX_RETRIES, DEFAULT_TIMEOUT
from ._exceptions import OpenAIError
from ._options import base_url_from, headers_with_environment

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from ._wire.url import URL

_package: Any = sys.modules[__package__ or "tailrace"]

#: The globals of the package that the client is made with.
OPTIONS = (
    "api_key", "admin_api_key", "organization", "project", "webhook_secret", "base_url", "timeout", "deadline",
    "strict_end", "max_retries", "retry", "default_headers", "default_query", "http_client",
)  # fmt: skip

#: Settings that the environment has until they are assigned.
_VARIABLES = {
    "api_type": "OPENAI_API_TYPE", "api_version": "OPENAI_API_VERSION", "azure_endpoint": "AZURE_OPENAI_ENDPOINT",
}  # fmt: skip


def root_name(name: str) -> Any:
    """Return what stands under `name` in the package: a setting that nobody assigned yet, or a resource."""
    if name in _VARIABLES:
        return os.environ.get(_VARIABLES[name])
    if name in ("max_retries", "timeout"):
        return DEFAULT_TIMEOUT if name == "timeout" else DEFAULT_MAX_RETRIES
    if name in ("_load_client", "_reset_client"):
        return {"_load_client": load_client, "_reset_client": reset_client}[name]
    # The same proxy each time, so that it can be told from others.
    proxy = ResourceProxy(name)
    setattr(_package, name, proxy)
    return proxy


class _Global:
    """An option of the client that is a global of the package."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __get__(self, client: object, owner: object = None) -> Any:
        return getattr(_package, self._name)

    def __set__(self, client: object, value: Any) -> None:
        setattr(_package, self._name, value)


class ModuleClient(OpenAI):
    """The client behind the resources of the package. Its name is in the `User-Agent` field."""

    admin_api_key: Any = _Global("admin_api_key")
    organization: Any = _Global("organization")
    project: Any = _Global("project")
    webhook_secret: Any = _Global("webhook_secret")
    timeout: Any = _Global("timeout")
    deadline: Any = _Global("deadline")
    strict_end: Any = _Global("strict_end")
    max_retries: Any = _Global("max_retries")
    retry: Any = _Global("retry")

    def __init__(self) -> None:
        # What holds while `tailrace.base_url` is None.
        self._default_base_url = base_url_from(None, None, None)
        super().__init__(
            **{name: getattr(_package, name) for name in OPTIONS},
            # Credentials may be assigned after the client was made; a request without any is refused.
            _enforce_credentials=False,
        )

    @property
    def api_key(self) -> Any:
        """`tailrace.api_key`; the empty string where that is a function, which is called for each request."""
        key = _package.api_key
        return "" if callable(key) else key

    @api_key.setter
    def api_key(self, key: str) -> None:
        # The constructor puts the empty string for a key that it did not find, and a function stays in its place.
        if key and not callable(_package.api_key):
            _package.api_key = key

    @property
    def key_source(self) -> Any:
        """`tailrace.api_key` where that is a function."""
        key = _package.api_key
        return key if callable(key) else None

    @key_source.setter
    def key_source(self, source: object) -> None:
        if source is not None:
            _package.api_key = source

    @property
    def _base_url(self) -> Any:
        given = _package.base_url
        return self._default_base_url if given is None else given

    @_base_url.setter
    def _base_url(self, url: str | URL) -> None:
        # The constructor puts what it was given, which nobody assigned.
        if url != self._default_base_url or _package.base_url is not None:
            _package.base_url = url

    @property
    def _base_url_text(self) -> str | None:
        # Nothing is remembered, as the global may be assigned between two requests.
        return None

    @_base_url_text.setter
    def _base_url_text(self, text: str | None) -> None:
        pass

    @property
    def _custom_headers(self) -> Mapping[str, Any]:
        return {**self._environment_headers, **(_package.default_headers or {})}

    @_custom_headers.setter
    def _custom_headers(self, headers: Mapping[str, Any]) -> None:
        self._environment_headers = headers_with_environment(None)

    @property
    def _given_headers(self) -> Mapping[str, Any]:
        return self._custom_headers

    @_given_headers.setter
    def _given_headers(self, headers: Mapping[str, Any]) -> None:
        pass

    @property
    def _custom_query(self) -> Mapping[str, object]:
        return _package.default_query or {}

    @_custom_query.setter
    def _custom_query(self, query: Mapping[str, object]) -> None:
        pass

    def copy(self, **options: Any) -> Any:
        """Return an ordinary client with the options of now, with these replaced; it shares the connections."""
        client = self._ordinary()
        client._connection = self._connection
        return client.copy(**options)

    with_options = copy

    def _ordinary(self) -> OpenAI:
        return OpenAI(api_key=_package.api_key, **self._options_of_now())

    def _options_of_now(self) -> dict[str, Any]:
        return {
            "admin_api_key": self.admin_api_key,
            "organization": self.organization,
            "project": self.project,
            "webhook_secret": self.webhook_secret,
            "base_url": self._base_url,
            "timeout": self.timeout,
            "deadline": self.deadline,
            "strict_end": self.strict_end,
            "max_retries": self.max_retries,
            "retry": self.retry,
            "default_headers": self._custom_headers,
            "default_query": self._custom_query,
            "http_client": _package.http_client,
            "_enforce_credentials": False,
        }


class _AmbiguousModuleClientUsageError(OpenAIError):
    """The environment has credentials for more than one provider, and nothing says which one is meant."""

    def __init__(self) -> None:
        super().__init__(
            "Ambiguous use of module client; please set `tailrace.api_type` or the `OPENAI_API_TYPE` environment "
            "variable to `openai`, `azure`, or `amazon-bedrock`"
        )


# Tracebacks, `repr`, the `User-Agent` field and the official package name both so.
ModuleClient.__name__ = ModuleClient.__qualname__ = "_ModuleClient"
ModuleClient.__module__ = _AmbiguousModuleClientUsageError.__module__ = "tailrace"

_client: OpenAI | None = None


def load_client() -> OpenAI:
    """Return the client of the module; it is made when it is first needed.

    Raises:
        OpenAIError: the environment has credentials for more than one provider, or none for the one that is meant.
        ValueError: the provider is Azure, and its endpoint or version is missing.
    """
    global _client
    client = _client
    if client is None:
        if _package.api_type is None:
            _package.api_type = _guessed_type()
        if _package.api_type == "amazon-bedrock":
            from ._bedrock_module_client import BedrockModuleClient

            client = _client = BedrockModuleClient()
        elif _package.api_type == "azure":
            from ._azure_module_client import AzureModuleClient

            client = _client = AzureModuleClient()
        else:
            client = _client = ModuleClient()
    return client


def reset_client() -> None:
    """Forget the client; the next use makes another one."""
    global _client
    _client = None


def _guessed_type() -> str | None:
    environment = os.environ
    azure = (
        _package.azure_endpoint is not None
        or _package.azure_ad_token is not None
        or _package.azure_ad_token_provider is not None
        or any(f"AZURE_OPENAI_{name}" in environment for name in ("API_KEY", "ENDPOINT", "AD_TOKEN"))
    )
    if azure and "OPENAI_API_KEY" in environment:
        raise _AmbiguousModuleClientUsageError
    return "azure" if azure else None


class ResourceProxy:
    """What stands under `tailrace.chat` and its siblings: the resource of that name of the module's client.

    The client is made, and its credentials are looked for, when the resource is used and not when it is imported.
    """

    def __init__(self, name: str) -> None:
        self.__dict__["_name"] = name

    def __getattr__(self, name: str) -> Any:
        return getattr(_resource(self), name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(_resource(self), name, value)

    def __delattr__(self, name: str) -> None:
        delattr(_resource(self), name)

    def __dir__(self) -> list[str]:
        return dir(_resource(self))

    def __repr__(self) -> str:
        return repr(_resource(self))

    @property
    def __class__(self) -> Any:  # pyright: ignore[reportIncompatibleMethodOverride]
        # `isinstance` asks for this, and a resource is what the caller means.
        return _resource(self).__class__


def _resource(proxy: ResourceProxy) -> Any:
    return getattr(load_client(), proxy.__dict__["_name"])
