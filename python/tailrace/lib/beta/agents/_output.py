"""Types as the output of agents: the format that asks for one, and the texts of an answer read as one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ....lib._pydantic import is_basemodel_type, is_dataclass_like_type, strict_schema_of

if TYPE_CHECKING:
    from ....types.beta.text_format_param import TextFormatParamJSONSchema

__all__ = ["agent_text_format", "validate_output_type", "with_output_format"]


def agent_text_format(output_type: type[Any]) -> TextFormatParamJSONSchema:
    """Return the `text.format` of an agent whose answers are an `output_type`, a pydantic model or dataclass.

    Raises what `to_strict_json_schema` raises, and `TypeError` for any other type.
    """
    validate_output_type(output_type)
    return {"type": "json_schema", "schema": strict_schema_of(output_type)}


def validate_output_type(output_type: Any) -> None:
    """Raise `TypeError` unless it is a pydantic model or dataclass."""
    if not is_basemodel_type(output_type) and not is_dataclass_like_type(output_type):
        raise TypeError("Agents output_type must be a Pydantic model or a Pydantic v2 dataclass")


def with_output_format(agent: Any, output_type: type[Any]) -> dict[str, Any]:
    """Return an `agent` for a new session, which may be left out, that answers with an `output_type`.

    Raises what `agent_text_format` raises, and `ValueError` where the agent has a format already.
    """
    asked: dict[str, Any] = dict(agent or {})
    text: dict[str, Any] = dict(asked.get("text") or {})
    if text.get("format") is not None:
        raise ValueError("Pass output_type or agent.text.format, not both")
    return {**asked, "text": {**text, "format": agent_text_format(output_type)}}
