"""tailrace: the OpenAI client for Python on a Rust core.

`from tailrace import OpenAI` in place of `from openai import OpenAI` is the whole migration. Importing this package
loads no model and no type module; names are loaded when they are first used.
"""

# The names of `__all__` are loaded when they are first used; the stub beside this file has their types.
# pyright: reportUnsupportedDunderAll=false

from __future__ import annotations

__title__ = "tailrace"

__all__ = [
    "DEFAULT_CONNECTION_LIMITS", "DEFAULT_MAX_RETRIES", "DEFAULT_TIMEOUT", "NOT_GIVEN", "APIConnectionError",
    "APIError", "APIResponseValidationError", "APIStatusError", "APITimeoutError", "AsyncBedrockOpenAI",
    "AsyncClient", "AsyncComputerDriver", "AsyncComputerToolset", "AsyncOpenAI", "AsyncStream",
    "AuthenticationError", "BadRequestError", "BaseModel", "BedrockOpenAI", "Client", "ComputerDriver",
    "ComputerToolset", "ConflictError", "ContentFilterFinishReasonError", "DataResidency", "DefaultAioHttpClient",
    "DefaultAsyncHttpx2Client", "DefaultAsyncHttpxClient", "DefaultHttpx2Client", "DefaultHttpxClient",
    "InternalServerError", "InvalidWebhookSignatureError", "LengthFinishReasonError", "NoneType", "NotFoundError",
    "NotGiven", "OAuthError", "Omit", "OpenAI", "OpenAIError", "PermissionDeniedError", "ProxiesTypes",
    "RateLimitError", "ReconnectingEvent", "ReconnectingOverrides", "RequestOptions", "Stream", "Timeout",
    "Transport", "UnprocessableEntityError", "WebSocketConnectionClosedError", "WebSocketQueueFullError",
    "__title__", "__version__", "file_from_path", "not_given", "omit", "types",
]  # fmt: skip

# What the module's own client takes, as in `tailrace.api_key = "..."`; see `_module_client`.
api_key = admin_api_key = organization = project = webhook_secret = base_url = None
default_headers = default_query = http_client = deadline = retry = None
strict_end = False
azure_ad_token = azure_ad_token_provider = bedrock_token_provider = None

#: Module to the names that are loaded from it when they are first used.
_MODULES = {
    "._client": ("AsyncClient", "AsyncOpenAI", "Client", "OpenAI"),
    "._constants": ("DEFAULT_MAX_RETRIES", "DEFAULT_TIMEOUT", "VERSION"),
    "._embedding_array": ("EmbeddingArray",),
    "._exceptions": (
        "APIConnectionError", "APIError", "APIResponseValidationError", "APIStatusError", "APITimeoutError",
        "AuthenticationError", "BadRequestError", "ConflictError", "ContentFilterFinishReasonError",
        "InternalServerError", "InvalidWebhookSignatureError", "LengthFinishReasonError", "NotFoundError",
        "OAuthError", "OpenAIError", "PermissionDeniedError", "RateLimitError", "SchemaError", "SchemaViolationError",
        "UnprocessableEntityError", "WebSocketConnectionClosedError", "WebSocketQueueFullError",
    ),
    "._files": ("file_from_path",),
    "._http_clients": (
        "DEFAULT_CONNECTION_LIMITS", "DefaultAioHttpClient", "DefaultAsyncHttpx2Client", "DefaultAsyncHttpxClient",
        "DefaultHttpx2Client", "DefaultHttpxClient", "ProxiesTypes", "Transport",
    ),
    "._legacy_response": ("HttpxBinaryResponseContent",),
    "._models": ("BaseModel",),
    "._partial_json": ("partial_json",),
    "._request_options": ("RequestOptions",),
    "._response": ("APIResponse", "AsyncAPIResponse"),
    "._retry": ("RetryAttempt", "RetryPolicy"),
    "._streaming": ("AsyncStream", "Stream"),
    "._structured.run_tools.errors": ("ToolError", "ToolStepLimitError"),
    "._structured.schema": ("validate",),
    "._types": ("DataResidency", "NOT_GIVEN", "NoneType", "NotGiven", "Omit", "not_given", "omit"),
    "._websocket_reconnection": ("ReconnectingEvent", "ReconnectingOverrides"),
    "._wire.timeout": ("Timeout",),
    ".lib": ("pydantic_function_tool", "pydantic_responses_function_tool"),
    ".lib._old_api": (
        "Audio", "ChatCompletion", "Completion", "Customer", "Deployment", "Edit", "Embedding", "Engine",
        "ErrorObject", "File", "FineTune", "FineTuningJob", "Image", "Model", "Moderation",
    ),
    ".lib.azure": ("AsyncAzureOpenAI", "AzureOpenAI"),
    ".lib.bedrock": ("AsyncBedrockOpenAI", "BedrockOpenAI"),
    ".lib.computer": ("AsyncComputerDriver", "AsyncComputerToolset", "ComputerDriver", "ComputerToolset"),
    ".lib.streaming": ("AssistantEventHandler", "AsyncAssistantEventHandler"),
    "typing_extensions": ("override",),
}  # fmt: skip

#: Settings whose defaults have to be looked up, and the resources of the module's own client.
_SETTINGS = ("api_type", "api_version", "azure_endpoint", "max_retries", "timeout")
_RESOURCES = (
    "decisions", "completions", "chat", "embeddings", "files", "images", "content_provenance_checks", "audio",
    "moderations", "models", "fine_tuning", "vector_stores", "safety", "webhooks", "beta", "batches", "uploads",
    "admin", "responses", "live", "realtime", "conversations", "evals", "containers", "skills", "videos",
)  # fmt: skip

#: Parts of the package that are attributes of it without having been imported.
_PACKAGES = ("auth", "helpers", "lib", "pagination", "providers", "resources", "types", "version")


def __getattr__(name: str) -> object:
    from importlib import import_module

    for module, names in _MODULES.items():
        if name in names:
            value = globals()[name] = getattr(import_module(module, __name__), name)
            return value
    if name in _PACKAGES:
        return import_module(f".{name}", __name__)
    if name == "__version__":
        return import_module("._constants", __name__).VERSION
    if name in _SETTINGS or name in _RESOURCES or name in ("_load_client", "_reset_client"):
        return import_module("._module_client", __name__).root_name(name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    names = [name for names in _MODULES.values() for name in names]
    return sorted({*globals(), *names, *__all__, *_SETTINGS, *_RESOURCES, *_PACKAGES})
