"""The type of a response that is still growing."""

from __future__ import annotations

from typing import TypeAlias

from ....types.responses.parsed_response import ParsedResponse

ParsedResponseSnapshot: TypeAlias = ParsedResponse[object]
"""A response so far; nothing in it is parsed."""
