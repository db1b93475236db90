"""`client.embeddings.create_array`: vectors as one array, beside `create`, which keeps the official lists."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .._lazy import LazyType
from .._types import not_given, omit

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .._embedding_array import EmbeddingArray
    from .._sequence import SequenceNotStr
    from .._types import Body, Headers, NotGiven, Omit, Query
    from .._wire.timeout import Timeout
    from ..types.embedding_model import EmbeddingModel

__all__ = ["AsyncEmbeddingArrays", "EmbeddingArrays"]

EMBEDDING_ARRAY = LazyType("tailrace._embedding_array", "EmbeddingArray")


class EmbeddingArrays:
    """Joins `Embeddings`."""

    def create_array(
        self,
        *,
        input: str | SequenceNotStr[str] | Iterable[int] | Iterable[Iterable[int]],
        model: str | EmbeddingModel,
        dimensions: int | Omit = omit,
        user: str | Omit = omit,
        extra_headers: Headers | None = None,
        extra_query: Query | None = None,
        extra_body: Body | None = None,
        timeout: float | Timeout | NotGiven | None = not_given,
        deadline: float | NotGiven | None = not_given,
    ) -> EmbeddingArray:
        """Turn texts into vectors, and return all of them as one array of 32-bit floats in place of lists of floats.

        The request is that of `create`, whose parameters these are. The array is in the order of the inputs.

        Returns:
            `EmbeddingArray`, whose `array` is a numpy array of the shape (inputs, dimensions).

        Raises:
            APIError: No answer came (`APIConnectionError`), or one with a status of 400 or more (`APIStatusError`).
            ValueError: The answer has no vectors, or they are not of one length; the message names the row.
        """
        body = _body(input, model, dimensions, user)
        return _create(self, body, extra_headers, extra_query, extra_body, timeout, deadline)


class AsyncEmbeddingArrays:
    """Joins `AsyncEmbeddings`."""

    async def create_array(
        self,
        *,
        input: str | SequenceNotStr[str] | Iterable[int] | Iterable[Iterable[int]],
        model: str | EmbeddingModel,
        dimensions: int | Omit = omit,
        user: str | Omit = omit,
        extra_headers: Headers | None = None,
        extra_query: Query | None = None,
        extra_body: Body | None = None,
        timeout: float | Timeout | NotGiven | None = not_given,
        deadline: float | NotGiven | None = not_given,
    ) -> EmbeddingArray:
        """Do what `Embeddings.create_array` does, awaited."""
        body = _body(input, model, dimensions, user)
        return await _create(self, body, extra_headers, extra_query, extra_body, timeout, deadline)


def _body(texts: Any, model: Any, dimensions: Any, user: Any) -> dict[str, Any]:
    return {"model": model, "input": texts, "user": user, "dimensions": dimensions, "encoding_format": "base64"}


def _create(resource: Any, body: Any, headers: Any, query: Any, more: Any, timeout: Any, deadline: Any) -> Any:
    # The class that the mixin joins has the method for requests.
    return resource._request(
        "POST",
        "/embeddings",
        cast_to=EMBEDDING_ARRAY,
        body=body,
        extra_headers=headers,
        extra_query=query,
        extra_body=more,
        timeout=timeout,
        deadline=deadline,
    )
