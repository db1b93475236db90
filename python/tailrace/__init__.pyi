"""Types of the package itself; `__init__.py` loads each name when it is first used."""

# ruff: noqa: I001, N811 - the names are packed, and stand in the order of their modules.

from collections.abc import Callable, Mapping
from typing import Literal

from typing_extensions import override as override

from . import resources as resources, types as types
from ._client import AsyncClient, AsyncOpenAI, Client, OpenAI
from ._constants import DEFAULT_MAX_RETRIES, DEFAULT_TIMEOUT, VERSION as VERSION, VERSION as __version__
from ._embedding_array import EmbeddingArray as EmbeddingArray
from ._exceptions import (
    APIConnectionError, APIError, APIResponseValidationError, APIStatusError, APITimeoutError, AuthenticationError,
    BadRequestError, ConflictError, ContentFilterFinishReasonError, InternalServerError,
    InvalidWebhookSignatureError, LengthFinishReasonError, NotFoundError, OAuthError, OpenAIError,
    PermissionDeniedError, RateLimitError, SchemaError as SchemaError, SchemaViolationError as SchemaViolationError,
    UnprocessableEntityError, WebSocketConnectionClosedError, WebSocketQueueFullError,
)  # fmt: skip
from ._files import file_from_path
from ._http_clients import (
    DEFAULT_CONNECTION_LIMITS, DefaultAioHttpClient, DefaultAsyncHttpx2Client, DefaultAsyncHttpxClient,
    DefaultHttpx2Client, DefaultHttpxClient, ProxiesTypes, Transport,
)  # fmt: skip
from ._legacy_response import HttpxBinaryResponseContent as HttpxBinaryResponseContent
from ._models import BaseModel
from ._partial_json import partial_json as partial_json
from ._request_options import RequestOptions
from ._response import APIResponse as APIResponse, AsyncAPIResponse as AsyncAPIResponse
from ._retry import RetryAttempt as RetryAttempt, RetryPolicy as RetryPolicy
from ._streaming import AsyncStream, Stream
from ._structured.run_tools.errors import ToolError as ToolError, ToolStepLimitError as ToolStepLimitError
from ._structured.schema import validate as validate
from ._types import DataResidency, NOT_GIVEN, NotGiven, Omit, not_given, omit
from ._websocket_reconnection import ReconnectingEvent, ReconnectingOverrides
from ._wire.timeout import Timeout
from .lib import (
    pydantic_function_tool as pydantic_function_tool, pydantic_responses_function_tool as
    pydantic_responses_function_tool,
)  # fmt: skip
from .lib._old_api import (
    Audio as Audio, ChatCompletion as ChatCompletion, Completion as Completion, Customer as Customer, Deployment as
    Deployment, Edit as Edit, Embedding as Embedding, Engine as Engine, ErrorObject as ErrorObject, File as File,
    FineTune as FineTune, FineTuningJob as FineTuningJob, Image as Image, Model as Model, Moderation as Moderation,
)  # fmt: skip
from .lib.azure import AsyncAzureOpenAI as AsyncAzureOpenAI, AzureOpenAI as AzureOpenAI
from .lib.bedrock import AsyncBedrockOpenAI, BedrockOpenAI
from .lib.computer import AsyncComputerDriver, AsyncComputerToolset, ComputerDriver, ComputerToolset
from .lib.streaming import (
    AssistantEventHandler as AssistantEventHandler, AsyncAssistantEventHandler as AsyncAssistantEventHandler,
)  # fmt: skip
from ._wire.url import URL
from .resources.admin.admin import Admin as _Admin
from .resources.audio.audio import Audio as _Audio
from .resources.batches import Batches as _Batches
from .resources.beta.beta import Beta as _Beta
from .resources.chat.chat import Chat as _Chat
from .resources.completions import Completions as _Completions
from .resources.containers.containers import Containers as _Containers
from .resources.content_provenance_checks import ContentProvenanceChecks as _ContentProvenanceChecks
from .resources.conversations.conversations import Conversations as _Conversations
from .resources.decisions import Decisions as _Decisions
from .resources.embeddings import Embeddings as _Embeddings
from .resources.evals.evals import Evals as _Evals
from .resources.files import Files as _Files
from .resources.fine_tuning.fine_tuning import FineTuning as _FineTuning
from .resources.images import Images as _Images
from .resources.live.live import Live as _Live
from .resources.models import Models as _Models
from .resources.moderations import Moderations as _Moderations
from .resources.realtime.realtime import Realtime as _Realtime
from .resources.responses.responses import Responses as _Responses
from .resources.safety.safety import Safety as _Safety
from .resources.skills.skills import Skills as _Skills
from .resources.uploads.uploads import Uploads as _Uploads
from .resources.vector_stores.vector_stores import VectorStores as _VectorStores
from .resources.videos import Videos as _Videos
from .resources.webhooks.webhooks import Webhooks as _Webhooks

NoneType = type(None)

decisions: _Decisions
completions: _Completions
chat: _Chat
embeddings: _Embeddings
files: _Files
images: _Images
content_provenance_checks: _ContentProvenanceChecks
audio: _Audio
moderations: _Moderations
models: _Models
fine_tuning: _FineTuning
vector_stores: _VectorStores
safety: _Safety
webhooks: _Webhooks
beta: _Beta
batches: _Batches
uploads: _Uploads
admin: _Admin
responses: _Responses
live: _Live
realtime: _Realtime
conversations: _Conversations
evals: _Evals
containers: _Containers
skills: _Skills
videos: _Videos

api_key: str | Callable[[], str] | None
admin_api_key: str | None
organization: str | None
project: str | None
webhook_secret: str | None
base_url: str | URL | None
timeout: float | Timeout | None
deadline: float | None
strict_end: bool
max_retries: int
retry: RetryPolicy | None
default_headers: Mapping[str, str] | None
default_query: Mapping[str, object] | None
http_client: DefaultHttpxClient | None
api_type: Literal["openai", "azure", "amazon-bedrock"] | None
api_version: str | None
azure_endpoint: str | None
azure_ad_token: str | None
azure_ad_token_provider: Callable[[], str] | None
bedrock_token_provider: Callable[[], str] | None

__title__: str

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
