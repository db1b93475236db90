"""The client of the module itself for Azure: `tailrace.api_type = "azure"`, or what the environment has for it.

Endpoint, version and tokens are those of the moment when the client was made; the other globals are read for each
request, as `_module_client` says.
"""

# Attributes of other clients are properties of this one.
# pyright: reportIncompatibleVariableOverride=false

from __future__ import annotations

import sys

from ._client import OpenAI
from ._module_client import OPTIONS, ModuleClient
from .lib.azure import AzureOpenAI

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from ._wire.url import URL

_package: Any = sys.modules[__package__ or "tailrace"]

#: The globals that only a client of Azure is made with.
_AZURE_OPTIONS = ("api_version", "azure_endpoint", "azure_ad_token", "azure_ad_token_provider")


class AzureModuleClient(ModuleClient, AzureOpenAI):
    """The client behind the resources of the package for Azure. Its name is in the `User-Agent` field."""

    def __init__(self) -> None:
        self._found_base_url: str | URL | None = None
        AzureOpenAI.__init__(self, **{name: getattr(_package, name) for name in (*OPTIONS, *_AZURE_OPTIONS)})

    @property
    def key_source(self) -> Any:
        """The function that gives tokens, or `tailrace.api_key` where that is a function."""
        provider = getattr(self, "_azure_ad_token_provider", None)
        return ModuleClient.key_source.fget(self) if provider is None else provider  # pyright: ignore[reportOptionalCall]

    @key_source.setter
    def key_source(self, source: object) -> None:
        # A function for the key is where it was found.
        pass

    @property
    def _base_url(self) -> Any:
        given = _package.base_url
        return self._found_base_url if given is None else given

    @_base_url.setter
    def _base_url(self, url: str | URL) -> None:
        if self._found_base_url is None:
            self._found_base_url = url
        else:
            _package.base_url = url

    @property
    def _custom_query(self) -> Mapping[str, object]:
        return {**(_package.default_query or {}), "api-version": self._api_version}

    @_custom_query.setter
    def _custom_query(self, query: Mapping[str, object]) -> None:
        pass

    def _ordinary(self) -> OpenAI:
        by_token = self._azure_ad_token is not None or self._azure_ad_token_provider is not None
        client = AzureOpenAI(
            api_version=self._api_version,
            api_key=None if by_token else _package.api_key,
            azure_ad_token=self._azure_ad_token,
            azure_ad_token_provider=self._azure_ad_token_provider,
            **self._options_of_now(),
        )
        client._azure_endpoint, client._azure_deployment = self._azure_endpoint, self._azure_deployment
        return client


# Tracebacks, `repr`, the `User-Agent` field and the official package name it so.
AzureModuleClient.__name__ = AzureModuleClient.__qualname__ = "_AzureModuleClient"
AzureModuleClient.__module__ = "tailrace"
