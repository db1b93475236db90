"""What happens when an answer does not fit its schema: it is given up, or asked for again with the reason."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .answer import Answer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .._exceptions import SchemaViolationError

__all__ = ["Attempts", "correction"]


class Attempts:
    """How often one answer is asked for, and what it is judged by.

    Args:
        type_: What the answer will be an object of.
        schema: The JSON schema that was sent; None where none was.
        on_invalid: `abort` gives up at the first byte after which no text fits the schema, `retry` asks again; None
            leaves the answer to its parser, at its end.
        attempts: Requests in all, for `retry`.

    Raises:
        ValueError: `on_invalid` is another word, there is no schema to judge by, or `attempts` is below 1.
    """

    __slots__ = ("_attempt", "_most", "_schema", "_type", "on_invalid")

    def __init__(self, type_: Any, schema: Mapping[str, Any] | None, on_invalid: str | None, attempts: int) -> None:
        if on_invalid not in (None, "abort", "retry"):
            raise ValueError(f"`on_invalid` is {on_invalid!r}; pass 'abort', 'retry' or None.")
        if on_invalid is not None and schema is None:
            raise ValueError("`on_invalid` needs a schema to judge by; pass a type or a JSON schema as the format.")
        if attempts < 1:
            raise ValueError(f"`attempts` is {attempts}; at least one request is made.")
        self.on_invalid = on_invalid
        self._type = type_
        self._schema = schema if on_invalid is not None else None
        self._most = attempts if on_invalid == "retry" else 1
        self._attempt = 0

    def begin(self) -> Answer:
        """Return the answer that the next request will fill."""
        self._attempt += 1
        return Answer(self._type, self._schema, attempt=self._attempt)

    @property
    def goes_on(self) -> bool:
        """Whether another request may be made."""
        return self._attempt < self._most


def correction(error: SchemaViolationError) -> str:
    """Return what the model is told about an answer that does not fit."""
    place = f"At `{error.pointer}`" if error.pointer else "As a whole"
    return (
        f"This answer does not fit the JSON schema that was asked for. {place} (byte {error.offset}): {error.reason} "
        "Answer again from the beginning, with the whole corrected JSON and nothing else."
    )
