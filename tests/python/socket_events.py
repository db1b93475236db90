"""Events of a Responses socket by chance: in order and out of it, missing fields, of two responses, lanes and items."""

from __future__ import annotations

import random
from typing import Any

_FAMILIES = {
    "output_item": "added done",
    "content_part": "added done",
    "output_text": "delta done annotation.added",
    "refusal": "delta done",
    "function_call_arguments": "delta done",
    "mcp_call_arguments": "delta done",
    "custom_tool_call_input": "delta done",
    "code_interpreter_call_code": "delta done",
    "code_interpreter_call": "in_progress interpreting completed",
    "file_search_call": "in_progress searching completed",
    "web_search_call": "in_progress searching completed",
    "image_generation_call": "in_progress generating completed partial_image",
    "mcp_call": "in_progress completed failed",
    "mcp_list_tools": "in_progress completed failed",
    "reasoning_summary_part": "added done",
    "reasoning_summary_text": "delta done",
    "reasoning_text": "delta done",
    "shell_call_command": "added delta done",
    "shell_call_output_content": "delta done",
    "audio": "delta done",
    "unheard_of": "delta",
}
NAMES = [f"response.{family}.{stage}" for family, stages in _FAMILIES.items() for stage in stages.split()]
_ENDS = ["response.completed", "response.failed", "response.incomplete", "error"]
_LIFECYCLE = ["response.created", "response.queued", "response.in_progress", *_ENDS]
_CALLS = ["function_call", "custom_tool_call", "mcp_call", "mcp_approval_request"]
_ITEMS = [
    *("message", "message", "reasoning", *_CALLS, "code_interpreter_call", "shell_call", "shell_call_output"),
    *("web_search_call", "tool_search_call", "unheard_of"),
]
#: Families and types of items that belong together, so that events meet what they are about.
_TOPICS = [
    (NAMES, _ITEMS),
    ([name for name in NAMES if "shell" in name or "item" in name], ["shell_call", "shell_call_output"]),
    ([name for name in NAMES if "reasoning" in name or "part" in name or "item" in name], ["reasoning"]),
    ([name for name in NAMES if "text" in name or "refusal" in name or "part" in name], ["message"]),
    ([name for name in NAMES if "argument" in name or "input" in name or "item" in name], _CALLS),
]
_ODD: list[Any] = [None, 3, "", True, [], {}, "abc", [None], -1, 1.5]


class Chance:
    """Makes the same sequence for the same seed; every second one has odd values, and lacks fields."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._names, self._types = self.one(*_TOPICS)
        self._oddity = self.one(0.0, 0.02)

    def events(self) -> list[dict[str, Any]]:
        return [self._event() for _ in range(self._random.randint(2, 14))]

    def one(self, *values: Any) -> Any:
        return self._random.choice(values)

    def _odd(self, value: Any) -> Any:
        return self.one(*_ODD) if self._random.random() < self._oddity else value

    def _object(self, **values: Any) -> dict[str, Any]:
        return {
            name: self._odd(value)
            for name, value in values.items()
            if value is not ... and self._random.random() >= self._oddity
        }

    def _part(self) -> dict[str, Any]:
        kind = self.one("output_text", "output_text", "refusal", "reasoning_text", "unheard_of")
        field = "refusal" if kind == "refusal" else "text"
        annotations = self.one(..., [], [{"type": "url_citation", "url": "u"}])
        text = {field: self.one("", "p")}
        return self._object(type=kind, annotations=annotations, more=self.one(..., {"a": [1]}), **text)

    def _item(self) -> dict[str, Any]:
        kind = self.one(*self._types)
        fields: dict[str, Any] = {"type": kind, "id": self.one("x", "x", "x", "y", None, "", ...), "status": "queued"}
        if kind == "message":
            fields |= {"role": "assistant", "content": self.one([], [self._part()], [self._part(), None], None, ...)}
        if kind == "reasoning":
            fields["summary"] = self.one([], [{"type": "summary_text", "text": "s"}])
            fields["content"] = self.one([], [self._part()], [{"type": "reasoning_text", "text": "r"}], None, ...)
        if kind in ("function_call", "mcp_call", "mcp_approval_request", "unheard_of"):
            fields["arguments"] = self.one("", "{", None, ...)
        if kind in ("custom_tool_call", "unheard_of"):
            fields["input"] = self.one("", "in", None, ...)
        if kind.endswith(("_call", "_output")):
            fields |= {"call_id": self.one("c", "c", "d"), "name": self.one("n", ...)}
        if kind == "code_interpreter_call":
            fields["code"] = self.one("", "co", None, ...)
        if kind == "shell_call":
            fields["action"] = self.one({"commands": self.one([], ["ls"], ["ls", "cd"])}, {}, ...)
        return self._object(**fields)

    def _response(self) -> dict[str, Any]:
        items = [self._item() for _ in range(self._random.randint(0, 3))]
        form = {"format": {"type": "json_schema", "name": "n", "schema": {"a": 1}}}
        output = self.one(items, [None, *items], None, ...)
        text = self.one(form, ...)
        return self._object(id=self.one("r", "r", "r", "s", None), output=output, text=text, status="queued")

    def _event(self) -> dict[str, Any]:
        if self._random.random() < 0.2:
            name = self.one(*_LIFECYCLE[: self.one(3, 3, 7)])
            more = {"error": {"message": "m"}} if name == "error" else {"response": self._response()}
            return {"type": name, **self._lane(), **more}
        name = "response.output_item.added" if self._random.random() < 0.15 else self.one(*self._names)
        fields: dict[str, Any] = {
            "output_index": self.one(0, 0, 0, 1, 2),
            "item_id": ... if "shell_call_command" in name else self.one("x", "x", "x", "x", "x", "y", ""),
            "content_index": self.one(0, 0, 1, 2),
            "summary_index": self.one(0, 0, 1),
            "command_index": self.one(0, 0, 1),
            "annotation_index": self.one(0, 0, 1, 4),
            "delta": self.one("a", "b", ""),
            **{field: field[0].upper() for field in ("arguments", "input", "code", "command", "refusal", "text")},
            "logprobs": self.one(..., [], [{"token": "t", "logprob": -1.0}], None),
            "annotation": self.one({"type": "url_citation", "url": "u"}, None),
            "part": {"type": "summary_text", "text": "st"} if "summary" in name else self._part(),
            "output": [self._object(stdout="o", stderr="e", outcome={"type": "timeout"})],
        }
        if "output_item" in name:
            fields["item"] = self._item()
        if "output_content" in name:
            fields["delta"] = self._object(stdout=self.one("so", None, ...), stderr="se")
        return {"type": name, **self._lane(), **self._object(**fields)}

    def _lane(self) -> dict[str, Any]:
        return {"stream_id": self.one("L", 3)} if self._random.random() < 0.02 else {}
