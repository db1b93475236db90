"""Hand-written members of the `responses` types."""

from __future__ import annotations

from typing import Any

__all__ = ["OutputParsed", "OutputText", "ParsedMessage"]


class OutputText:
    """Joins `Response`."""

    @property
    def output_text(self) -> str:
        """All text of the output messages, joined without a separator; `""` when there is none."""
        output: list[Any] = getattr(self, "output")  # noqa: B009 - the class that this joins declares it.
        return "".join(
            part.text
            for item in output or ()
            if item.type == "message"
            for part in item.content or ()
            if part.type == "output_text" and part.text
        )


class OutputParsed:
    """Joins `ParsedResponse`."""

    @property
    def output_parsed(self) -> Any:
        """The first parsed content of the output messages; None when there is none."""
        output: list[Any] = getattr(self, "output")  # noqa: B009 - the class that this joins declares it.
        for item in output or ():
            for part in (item.content or ()) if item.type == "message" else ():
                if part.type == "output_text" and part.parsed:
                    return part.parsed
        return None


class ParsedMessage:
    """Joins `ParsedResponseOutputMessage`."""

    @property
    def __api_exclude__(self) -> dict[str, object]:
        """What is left out when the message is sent: the parsed forms of its texts, which the API does not know."""
        content: list[Any] = getattr(self, "content")  # noqa: B009 - the class that this joins declares it.
        return {"content": {index: {"parsed"} for index, part in enumerate(content) if part.type == "output_text"}}
