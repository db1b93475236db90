"""Hand-written members of the `responses` types."""

from __future__ import annotations

from typing import Any

__all__ = ["OutputText"]


class OutputText:
    """Joins `Response`."""

    @property
    def output_text(self) -> str:
        """All text of the output messages, joined without a separator; `""` when there is none."""
        output: list[Any] = getattr(self, "output")  # noqa: B009 - the class that this joins declares it.
        return "".join(
            part.text
            for item in output
            if item.type == "message"
            for part in item.content
            if part.type == "output_text"
        )
