"""The client of the module itself for Bedrock: `tailrace.api_type = "amazon-bedrock"`.

Region and credentials are those of the moment when the client was made, except that `tailrace.api_key` is a token as
soon as it is assigned; the other globals are read for each request, as `_module_client` says.
"""

# Attributes of other clients are properties of this one.
# pyright: reportIncompatibleVariableOverride=false

from __future__ import annotations

import sys

from ._client import OpenAI
from ._module_client import OPTIONS, ModuleClient
from .lib.bedrock import BedrockOpenAI

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from ._wire.url import URL
    from .providers._bedrock_runtime import BedrockRuntime

_package: Any = sys.modules[__package__ or "tailrace"]


class BedrockModuleClient(ModuleClient, BedrockOpenAI):
    """The client behind the resources of the package for Bedrock. Its name is in the `User-Agent` field."""

    _found_base_url: str | URL | None = None
    _found_key = ""

    def __init__(self) -> None:
        options = {name: getattr(_package, name) for name in OPTIONS if name != "admin_api_key"}
        BedrockOpenAI.__init__(self, bedrock_token_provider=_package.bedrock_token_provider, **options)

    @property
    def api_key(self) -> str:
        """`tailrace.api_key`, or else the token that was found."""
        return _package.api_key or self._found_key

    @api_key.setter
    def api_key(self, key: str) -> None:
        self._found_key = key

    @property
    def key_source(self) -> None:
        """None: what gives tokens is `tailrace.bedrock_token_provider`."""

    @key_source.setter
    def key_source(self, source: object) -> None:
        pass

    @property
    def _bedrock_token_provider(self) -> Any:
        # A key that was assigned since replaces it.
        return None if _package.api_key else self._provider_of_tokens

    @_bedrock_token_provider.setter
    def _bedrock_token_provider(self, provider: Any) -> None:
        self._provider_of_tokens = provider

    @property
    def runtime(self) -> BedrockRuntime:
        """Where requests go now, and what authenticates them."""
        return BedrockOpenAI.runtime.fget(self)  # pyright: ignore[reportOptionalCall]

    @runtime.setter
    def runtime(self, runtime: BedrockRuntime) -> None:
        self._runtime = runtime

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
    def _custom_headers(self) -> Mapping[str, Any]:
        return _package.default_headers or {}

    @_custom_headers.setter
    def _custom_headers(self, headers: Mapping[str, Any]) -> None:
        pass

    def _ordinary(self) -> OpenAI:
        options: dict[str, Any] = {**self._options_of_now(), "base_url": self.base_url_text}
        options["aws_region"] = self.aws_region
        del options["admin_api_key"]
        if self._bedrock_token_provider is not None:
            options["bedrock_token_provider"] = self._bedrock_token_provider
        elif self.api_key:
            options["api_key"] = self.api_key
        return BedrockOpenAI(**options)


# Tracebacks, `repr`, the `User-Agent` field and the official package name it so.
BedrockModuleClient.__name__ = BedrockModuleClient.__qualname__ = "_BedrockModuleClient"
BedrockModuleClient.__module__ = "tailrace"
