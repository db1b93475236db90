"""Checks of `client.chat.completions`."""

from __future__ import annotations

__all__ = ["validate_response_format"]


def validate_response_format(response_format: object) -> None:
    """Refuse a pydantic class, which only `parse` turns into a JSON schema.

    Raises:
        TypeError: `response_format` is a class of pydantic models.
    """
    # Classes of pydantic are known without importing it: where it was not imported, nobody has one.
    if isinstance(response_format, type) and hasattr(response_format, "model_json_schema"):
        raise TypeError(
            "You tried to pass a `BaseModel` class to `chat.completions.create()`; You must use "
            "`chat.completions.parse()` instead"
        )
