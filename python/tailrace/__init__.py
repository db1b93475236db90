"""tailrace: the OpenAI client for Python on a Rust core.

`from tailrace import OpenAI` in place of `from openai import OpenAI` is the whole migration. Importing this package
loads no model and no type module; names are loaded when they are first used.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from . import types as types
    from ._client import AsyncClient as AsyncClient, AsyncOpenAI as AsyncOpenAI, Client as Client, OpenAI as OpenAI
    from ._constants import (
        DEFAULT_MAX_RETRIES as DEFAULT_MAX_RETRIES,
        DEFAULT_TIMEOUT as DEFAULT_TIMEOUT,
        VERSION as __version__,
    )
    from ._exceptions import (
        APIConnectionError as APIConnectionError,
        APIError as APIError,
        APIResponseValidationError as APIResponseValidationError,
        APIStatusError as APIStatusError,
        APITimeoutError as APITimeoutError,
        AuthenticationError as AuthenticationError,
        BadRequestError as BadRequestError,
        ConflictError as ConflictError,
        ContentFilterFinishReasonError as ContentFilterFinishReasonError,
        InternalServerError as InternalServerError,
        InvalidWebhookSignatureError as InvalidWebhookSignatureError,
        LengthFinishReasonError as LengthFinishReasonError,
        NotFoundError as NotFoundError,
        OAuthError as OAuthError,
        OpenAIError as OpenAIError,
        PermissionDeniedError as PermissionDeniedError,
        RateLimitError as RateLimitError,
        UnprocessableEntityError as UnprocessableEntityError,
    )
    from ._models import BaseModel as BaseModel
    from ._streaming import AsyncStream as AsyncStream, Stream as Stream
    from ._types import (
        NOT_GIVEN as NOT_GIVEN,
        DataResidency as DataResidency,
        NotGiven as NotGiven,
        Omit as Omit,
        not_given as not_given,
        omit as omit,
    )
    from ._wire.timeout import Timeout as Timeout

    NoneType = type(None)

__title__ = "tailrace"

_MODULES = {
    "._client": ("AsyncClient", "AsyncOpenAI", "Client", "OpenAI"),
    "._constants": ("DEFAULT_MAX_RETRIES", "DEFAULT_TIMEOUT"),
    "._exceptions": (
        "APIConnectionError", "APIError", "APIResponseValidationError", "APIStatusError", "APITimeoutError",
        "AuthenticationError", "BadRequestError", "ConflictError", "ContentFilterFinishReasonError",
        "InternalServerError", "InvalidWebhookSignatureError", "LengthFinishReasonError", "NotFoundError", "OAuthError",
        "OpenAIError", "PermissionDeniedError", "RateLimitError", "UnprocessableEntityError",
    ),
    "._models": ("BaseModel",),
    "._streaming": ("AsyncStream", "Stream"),
    "._types": ("NOT_GIVEN", "DataResidency", "NoneType", "NotGiven", "Omit", "not_given", "omit"),
    "._wire.timeout": ("Timeout",),
}  # fmt: skip

__all__ = [  # pyright: ignore[reportUnsupportedDunderAll]
    "types",
    "__version__",
    "__title__",
    *(name for names in _MODULES.values() for name in names),
]


def __getattr__(name: str) -> Any:
    from importlib import import_module

    for module, names in _MODULES.items():
        if name in names:
            value = globals()[name] = getattr(import_module(module, __name__), name)
            return value
    if name == "__version__":
        return import_module("._constants", __name__).VERSION
    if name == "types":
        return import_module(".types", __name__)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
