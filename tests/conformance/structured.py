"""Runs the calls of a case that ask for structured answers on a Python package: `parse` and `stream`."""

from __future__ import annotations

from typing import Any

import pydantic

#: The events that both languages tell by the same name.
EVENTS = {
    "content.delta",
    "content.done",
    "refusal.delta",
    "refusal.done",
    "tool_calls.function.arguments.delta",
    "tool_calls.function.arguments.done",
    "response.output_text.delta",
    "response.output_text.done",
    "response.refusal.delta",
    "response.refusal.done",
}

#: By the neutral name of a type in a JSON schema.
PLAIN = {"string": str, "integer": int, "number": float, "boolean": bool}


def is_helper(call: Any) -> bool:
    """Whether the operation is one of the helpers; the others give what the API says."""
    return call["operation"].endswith((".parse", ".stream"))


def use_format(call: Any, arguments: dict[str, Any]) -> None:
    """Turn the neutral `format` into the type that a Python program passes."""
    if "format" in call:
        name = "response_format" if call["operation"].startswith("chat.") else "text_format"
        arguments[name] = type_of(call["format"]["schema"], call["format"]["name"])


def type_of(schema: Any, name: str) -> Any:
    if schema["type"] == "object":
        fields: dict[str, Any] = {key: (type_of(part, key), ...) for key, part in schema["properties"].items()}
        return pydantic.create_model(name, **fields)
    if schema["type"] == "array":
        return list[type_of(schema["items"], name)]
    return PLAIN[schema["type"]]


def read_events(manager: Any, json_value: Any, outcome: dict[str, Any]) -> Any:
    """Read a stream to its end and return the whole answer."""
    with manager as stream:
        for event in stream:
            if event.type in EVENTS:
                outcome["events"].append(json_value(event))
        return final_of(stream)()


async def read_events_async(manager: Any, json_value: Any, outcome: dict[str, Any]) -> Any:
    """Do what `read_events` does."""
    async with manager as stream:
        async for event in stream:
            if event.type in EVENTS:
                outcome["events"].append(json_value(event))
        return await final_of(stream)()


def final_of(stream: Any) -> Any:
    return getattr(stream, "get_final_completion", None) or stream.get_final_response
