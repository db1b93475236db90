"""Hand-written members of the messages of agent sessions."""

from __future__ import annotations

from typing import Any

__all__ = ["MessageText"]


class MessageText:
    """Joins `AgentSessionMessage`."""

    @property
    def output_text(self) -> str:
        """All output text of the message, joined without a separator; `""` when there is none."""
        content: list[Any] = getattr(self, "content")  # noqa: B009 - the class that this joins declares it.
        return "".join(part.text for part in content if part.type == "output_text")
