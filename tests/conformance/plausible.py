"""Holds the replies of the mock server against the types of the official package, strictly: `python plausible.py URL`.

A mock whose replies lack a field or invent one would let a client pass that the API would break.
"""

from __future__ import annotations

import sys
from typing import Any

from openai import OpenAI

QUESTION: Any = [{"role": "user", "content": "what is the weather in Rome"}]
SCHEMA: Any = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
CHAT_TOOL: Any = {"type": "function", "function": {"name": "get_weather", "parameters": SCHEMA}}
TOOL: Any = {"type": "function", "name": "get_weather", "strict": True, "parameters": SCHEMA}
FORMAT: Any = {"type": "json_schema", "name": "place", "schema": SCHEMA}
CHATS: list[dict[str, Any]] = [
    {},
    {"n": 2},
    {"tools": [CHAT_TOOL]},
    {"tools": [CHAT_TOOL], "tool_choice": "none"},
    {"response_format": {"type": "json_object"}},
    {"response_format": {"type": "json_schema", "json_schema": {"name": "place", "schema": SCHEMA}}},
]
RESPONSES: list[dict[str, Any]] = [
    {},
    {"instructions": "be brief", "metadata": {"a": "b"}},
    {"tools": [TOOL]},
    {"tools": [TOOL], "tool_choice": "required"},
    {"text": {"format": FORMAT}},
]


def main() -> None:
    client = OpenAI(base_url=sys.argv[1], api_key="sk-conformance", max_retries=0, _strict_response_validation=True)
    for options in CHATS:
        client.chat.completions.create(model="m", messages=QUESTION, **options)
        chunks = list(client.chat.completions.create(model="m", messages=QUESTION, stream=True, **options))
        assert chunks[-1].choices[0].finish_reason in ("stop", "tool_calls")
    for options in RESPONSES:
        whole = client.responses.create(model="m", input=QUESTION, **options)
        *_, last = client.responses.create(model="m", input=QUESTION, stream=True, **options)
        assert last.type == "response.completed"
        assert last.response.output_text == whole.output_text
    # The helpers accumulate a stream and check that its parts fit together.
    with client.chat.completions.stream(model="m", messages=QUESTION, tools=[CHAT_TOOL]) as stream:
        assert stream.get_final_completion().choices[0].message.tool_calls
    with client.responses.stream(model="m", input=QUESTION, tools=[TOOL]) as stream:
        assert stream.get_final_response().output[0].type == "function_call"
    assert client.models.list().data


if __name__ == "__main__":
    main()
