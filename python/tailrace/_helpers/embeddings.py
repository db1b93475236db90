"""`client.embeddings.create`: vectors travel as base64, a quarter of the bytes of JSON numbers, and come as floats."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING, Any

from .._lazy import LazyType
from .._native import floats
from .._types import NotGiven, Omit, omit

if TYPE_CHECKING:
    from collections.abc import Awaitable

__all__ = ["async_create", "create"]

CREATE_EMBEDDING_RESPONSE = LazyType("tailrace.types.create_embedding_response", "CreateEmbeddingResponse")


def create(
    embeddings: Any,
    *,
    input: Any,
    model: str,
    dimensions: int | Omit = omit,
    encoding_format: str | Omit = omit,
    user: str | Omit = omit,
    **options: Any,
) -> Any:
    """Create embeddings. Unless the caller names an `encoding_format`, they are decoded to lists of floats.

    Raises:
        ValueError: there are no vectors in the answer, or they are no base64 of 32-bit floats.
    """
    chosen = not isinstance(encoding_format, (Omit, NotGiven))
    body = {
        "model": model,
        "input": input,
        "user": user,
        "dimensions": dimensions,
        "encoding_format": encoding_format if chosen else "base64",
    }
    return embeddings._request(
        "POST",
        "/embeddings",
        cast_to=CREATE_EMBEDDING_RESPONSE,
        body=body,
        post_parser=None if chosen else decoded,
        **options,
    )


def async_create(embeddings: Any, **arguments: Any) -> Awaitable[Any]:
    """Do what `create` does, awaited."""
    return create(embeddings, **arguments)


def decoded(response: Any) -> Any:
    """Replace the base64 of each vector in a response by the floats that it stands for; other vectors stay."""
    if isinstance(response, str):
        # A server that answers in plain text has sent no vectors; the text is what the caller gets.
        return response
    if not response.data:
        raise ValueError("No embedding data received")
    # Each list is an object that may be garbage, and looking for some among millions of floats costs more than they do.
    collects = gc.isenabled()
    gc.disable()
    try:
        for item in response.data:
            embedding = item.embedding
            if isinstance(embedding, str):
                item.embedding = floats(embedding) or _floats(embedding)
    finally:
        if collects:
            gc.enable()
    return response


def _floats(text: str) -> list[float]:
    """Decode base64 that is not as it should be: Python's decoder skips what is no letter of it, or raises."""
    import sys
    from array import array
    from base64 import b64decode

    vector = array("f", b64decode(text))
    # The API sends little-endian floats.
    if sys.byteorder == "big":
        vector.byteswap()
    return vector.tolist()
