"""`EmbeddingArray`: all vectors of an answer as one array of 32-bit floats."""

# numpy is optional, so that its types are unknown where it is not installed.
# pyright: reportMissingImports=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownParameterType=false

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._native import Vectors

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

    from ._native import Reply
    from .types.create_embedding_response import CreateEmbeddingResponse, Usage

__all__ = ["EmbeddingArray"]


class EmbeddingArray(Vectors):
    """The vectors that `client.embeddings.create_array` returns, row after row in the order of the inputs.

    They are decoded from the answer to one block of memory, a quarter of what lists of floats take a number of. `array`
    is that memory as a numpy array; `memoryview(...)` gives it without numpy. Nothing is copied: what is written to
    one is seen in the other. `len()` is the number of vectors, `dimensions` the length of each.
    """

    _head: CreateEmbeddingResponse
    #: The memory, in a build of the package whose objects have no buffer protocol.
    _copy: bytearray | None
    #: The `x-request-id` of the answer.
    _request_id: str | None

    def __new__(cls, reply: Reply) -> EmbeddingArray:
        """Decode a reply.

        Raises:
            ValueError: it has no vectors, or they are not of one length; the message names the row.
        """
        from ._answer import expected
        from .types.create_embedding_response import CreateEmbeddingResponse

        made = super().__new__(cls, reply, "data", "embedding", "index")
        if not made.rows:
            raise ValueError("No embedding data received")
        plan: Any = expected(CreateEmbeddingResponse).plan
        made._head = plan.build(made.rest)
        made._request_id = reply.header("x-request-id")
        made._copy = None
        return made

    @classmethod
    def from_reply(cls, reply: Reply) -> EmbeddingArray:
        """Return the vectors of a reply; raises what making one raises."""
        return cls(reply)

    @property
    def array(self) -> NDArray[numpy.float32]:
        """The vectors as a C-contiguous, writable array of float32 with the shape `(len(self), self.dimensions)`.

        Raises:
            ImportError: numpy is not installed.
        """
        try:
            import numpy
        except ImportError as cause:
            raise ImportError(
                "The attribute `array` of an `EmbeddingArray` needs numpy, which is not installed; run "
                "`pip install tailrace[datalib]` or `pip install numpy`, or read the vectors through `memoryview(...)`."
            ) from cause
        # Not kept: numpy's arrays hide what they refer to from the garbage collector, and this one refers to its owner.
        return numpy.asarray(self.view, dtype=numpy.float32)

    @property
    def view(self) -> memoryview[float]:
        """The vectors as a `memoryview` of the format `f` and the shape of `array`; for all that has no numpy."""
        try:
            return memoryview(self)
        except TypeError:
            # The package was built for the stable interface of Python 3.10, which has no buffer protocol.
            if self._copy is None:
                self._copy = self.copied()
            return memoryview(self._copy).cast("f", (self.rows, self.dimensions))

    @property
    def model(self) -> str:
        """The model that made the vectors."""
        return self._head.model

    @property
    def usage(self) -> Usage:
        """What the call used."""
        return self._head.usage

    def to_official(self) -> CreateEmbeddingResponse:
        """Return what `client.embeddings.create` would have returned: objects with lists of floats, copies."""
        response = self._head.model_copy()
        from .types.embedding import Embedding

        rows = self.view.tolist()
        response.data = [
            Embedding.construct(embedding=row, index=index, object="embedding") for index, row in enumerate(rows)
        ]
        return response

    def __len__(self) -> int:
        return self.rows

    def __repr__(self) -> str:
        return f"EmbeddingArray(model={self.model!r}, rows={self.rows}, dimensions={self.dimensions})"


# Tracebacks and `repr` name the class by its public place.
EmbeddingArray.__module__ = "tailrace"
