"""The events of a streamed chat completion."""

from typing import Generic, Literal, Optional, Union

from ...._models import BaseModel
from ...._structured.lazy_event import LazyEvent
from ....types.chat.chat_completion_chunk import ChatCompletionChunk
from ....types.chat.chat_completion_token_logprob import ChatCompletionTokenLogprob
from ..._parsing._response_format import ResponseFormatT
from ._types import ParsedChatCompletionSnapshot


class ChunkEvent(LazyEvent):
    """A chunk has come; it is the first event of every chunk. `snapshot` is the completion after it."""

    type: Literal["chunk"]
    chunk: ChatCompletionChunk
    snapshot: ParsedChatCompletionSnapshot


class ContentDeltaEvent(LazyEvent):
    """Content has come.

    `snapshot` is the content so far. With a `response_format` that is a type, `parsed` is the JSON value so far, as
    plain dictionaries and lists.
    """

    type: Literal["content.delta"]
    delta: str
    snapshot: str
    parsed: Optional[object] = None


class ContentDoneEvent(BaseModel, Generic[ResponseFormatT]):
    """The content of a choice is complete; `parsed` is an object of the `response_format`."""

    type: Literal["content.done"]
    content: str
    parsed: Optional[ResponseFormatT] = None


class RefusalDeltaEvent(LazyEvent):
    """A part of a refusal has come; `snapshot` is the refusal so far."""

    type: Literal["refusal.delta"]
    delta: str
    snapshot: str


class RefusalDoneEvent(BaseModel):
    """The refusal of a choice is complete."""

    type: Literal["refusal.done"]
    refusal: str


class FunctionToolCallArgumentsDeltaEvent(LazyEvent):
    """Arguments of a call have come.

    `index` is the place of the call among the calls of its message, `arguments` the JSON text so far. For strict tools
    `parsed_arguments` is the value so far, as plain dictionaries and lists.
    """

    type: Literal["tool_calls.function.arguments.delta"]
    name: str
    index: int
    arguments: str
    parsed_arguments: object
    arguments_delta: str


class FunctionToolCallArgumentsDoneEvent(BaseModel):
    """The arguments of a call are complete; `parsed_arguments` is an object of the tool's model, if it has one."""

    type: Literal["tool_calls.function.arguments.done"]
    name: str
    index: int
    arguments: str
    parsed_arguments: object


class LogprobsContentDeltaEvent(LazyEvent):
    """Log probabilities of tokens of the content have come; `snapshot` has all so far."""

    type: Literal["logprobs.content.delta"]
    content: list[ChatCompletionTokenLogprob]
    snapshot: list[ChatCompletionTokenLogprob]


class LogprobsContentDoneEvent(BaseModel):
    """The log probabilities of a content are complete."""

    type: Literal["logprobs.content.done"]
    content: list[ChatCompletionTokenLogprob]


class LogprobsRefusalDeltaEvent(LazyEvent):
    """Log probabilities of tokens of a refusal have come; `snapshot` has all so far."""

    type: Literal["logprobs.refusal.delta"]
    refusal: list[ChatCompletionTokenLogprob]
    snapshot: list[ChatCompletionTokenLogprob]


class LogprobsRefusalDoneEvent(BaseModel):
    """The log probabilities of a refusal are complete."""

    type: Literal["logprobs.refusal.done"]
    refusal: list[ChatCompletionTokenLogprob]


ChatCompletionStreamEvent = Union[
    ChunkEvent,
    ContentDeltaEvent,
    ContentDoneEvent[ResponseFormatT],
    RefusalDeltaEvent,
    RefusalDoneEvent,
    FunctionToolCallArgumentsDeltaEvent,
    FunctionToolCallArgumentsDoneEvent,
    LogprobsContentDeltaEvent,
    LogprobsContentDoneEvent,
    LogprobsRefusalDeltaEvent,
    LogprobsRefusalDoneEvent,
]
