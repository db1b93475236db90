"""What is known of one output item while the events about it come."""

from __future__ import annotations

from typing import Any, cast

from ..._structured.growing_text import GrowingText

#: Calls that may come without an id, and whose events then are only those of their input.
_UNNAMED = {"function_call": "function_call_arguments", "custom_tool_call": "custom_tool_call_input"}
#: What a call is given, which is text; other items have fields of the same name that are not.
_INPUTS = {
    "function_call": "arguments",
    "mcp_call": "arguments",
    "mcp_approval_request": "arguments",
    "custom_tool_call": "input",
}
ABSENT: Any = object()


class AnswerText(GrowingText):
    """The text of an answer, unlike that of reasoning."""

    __slots__ = ()


def as_list(value: Any) -> list[Any] | None:
    """Return a list, None for anything else."""
    return cast("list[Any]", value) if isinstance(value, list) else None


def as_dict(value: Any) -> dict[str, Any] | None:
    """Return a dict, None for anything else."""
    return cast("dict[str, Any]", value) if isinstance(value, dict) else None


def value_of(source: Any, name: str, default: Any = None) -> Any:
    """Return a field of an event, an item or a part, typed or not; `default` where it is not set."""
    if (fields := as_dict(source)) is not None:
        return fields.get(name, default)
    is_set = default is None or name in getattr(source, "model_fields_set", ())
    return getattr(source, name, default) if is_set else default


def index_of(event: Any, name: str) -> int:
    """Return an index of an event. Raises `ValueError` when it is none."""
    index = value_of(event, name)
    if type(index) is not int or index < 0:
        raise ValueError(f"WebSocket {name} must be a non-negative integer, not {index!r}.")
    return index


def text_of(source: Any, name: str) -> str:
    """Return a text of an event, an item or a part. Raises `ValueError` when it is none."""
    text = value_of(source, name)
    if not isinstance(text, str):
        raise ValueError(f"WebSocket output {name} must be a string, not {type(text).__name__}.")
    return text


def dumped(value: Any) -> Any:
    """Return a copy as dicts and lists, of what is set under the names of the wire, with texts joined."""
    if isinstance(value, GrowingText):
        return str(value)
    if (members := as_dict(value)) is not None:
        return {key: dumped(member) for key, member in members.items()}
    if (elements := as_list(value)) is not None:
        return [dumped(element) for element in elements]
    dump = getattr(value, "model_dump", None)
    return value if dump is None else dump(by_alias=True, exclude_unset=True, warnings=False)


class OutputProgress:
    """One output item: as it came, and what events added.

    Attributes:
        id: What its events call it; None or empty until the item or one of them says so.
        item: The item without the content of a message. What grows in it is a `GrowingText`.
        parts: Its content by index, likewise.
    """

    def __init__(self, item: Any = None) -> None:
        """Take an item, None where none came yet. Raises `ValueError` for what is no item."""
        self.id: str | None = None
        self.item: dict[str, Any] = {}
        self.parts: dict[int, dict[str, Any]] = {}
        self._annotations: dict[int, dict[int, Any]] = {}
        self._shell_output: dict[int, dict[str, Any]] = {}
        #: The content where there are no parts: none of a message that came without.
        self._content: Any = []
        self._has_come = item is not None
        if self._has_come:
            self._take(item)

    def _take(self, item: Any) -> None:
        kind = text_of(item, "type")
        given = _INPUTS.get(kind, "id")
        for name in ("id", "name", "call_id", given):
            if value_of(item, name) is not None:
                text_of(item, name)
        self.item = data = as_dict(dumped(item)) or {}
        self.id = data.get("id")
        if given != "id" and data.get(given) is not None:
            data[given] = GrowingText(data[given])
        content = data.get("content")
        if kind == "message":
            self._content = data.pop("content", ABSENT)
            if content is not None and as_list(content) is None:
                raise ValueError("WebSocket message content must be a list or null.")
        for index, element in enumerate((kind in ("message", "reasoning") and as_list(content)) or ()):
            is_answer = kind == "message" and element is not None and text_of(element, "type") == "output_text"
            if (part := as_dict(element)) is not None:
                self.parts[index] = part
                if is_answer and part.get("text") is not None:
                    part["text"] = AnswerText(text_of(part, "text"))

    def accepts(self, family: str, item_id: str) -> bool:
        """Whether an event is about this item: a call that came without an id has only events of its own."""
        own = _UNNAMED.get(self.item.get("type", ""))
        if own is None or "id" in self.item:
            return True
        return family == own and not (self.id and item_id and self.id != item_id)

    def call(self, item_id: str) -> None:
        """Take what an event calls the item."""
        if not self.id and (item_id or not self._has_come):
            self.id = item_id
            if item_id and not self._has_come:
                self.item["id"] = item_id

    def take_part(self, index: int, part: Any) -> None:
        """Take a part of the content, as it is now. Raises `ValueError` for what is none."""
        data = dumped(part)
        if text_of(part, "type") == "output_text":
            data["text"] = AnswerText(text_of(part, "text"))
        self.parts[index] = data
        self._annotations.pop(index, None)

    def grow(self, field: str, index: int | None, text: str, logprobs: Any, *, is_done: bool) -> None:
        """Take a piece of a text, or the whole: of the part at `index`, or of what a call is given."""
        holder = self.item if index is None else self.parts.setdefault(index, {})
        known = as_list(holder.get("logprobs"))
        if known is not None and as_list(logprobs) is not None and not is_done:
            known += dumped(logprobs)
        elif logprobs is not ABSENT:
            holder["logprobs"] = dumped(logprobs)
        if field != "refusal" and not isinstance(holder.get(field), GrowingText if index is None else AnswerText):
            holder[field] = AnswerText()
        _grow(holder, field, text, is_done=is_done)

    def annotate(self, index: int, place: int, annotation: Any) -> None:
        """Take an annotation of a part."""
        known = self.parts.setdefault(index, {}).get("annotations")
        places = self._annotations.setdefault(index, dict(enumerate(as_list(known) or ())))
        places[place] = dumped(annotation)

    def enrich(self, family: str, stage: str, event: Any, commands: int | None) -> None:
        """Take an event about what items of this type have. Raises `ValueError` when that is missing.

        `commands` is how many a shell was given, None where nothing says so.
        """
        if family == "shell_call_output_content":
            if commands is not None and index_of(event, "command_index") >= commands:
                raise ValueError("WebSocket shell output is missing its command.")
            self._shell_output_told(event, index_of(event, "command_index"), is_done=stage == "done")
        elif family == self.item["type"]:
            self.item["status"] = stage
        elif family == "reasoning_summary_part":
            part = value_of(event, "part")
            text_of(part, "type")
            summary, index = _element(self.item, "summary", event, "summary_index", stage)
            summary[index] = dumped(part)
        else:
            field = {"code_interpreter_call_code": "code", "shell_call_command": "command"}.get(family, "text")
            text = text_of(event, "delta" if stage == "delta" else field)
            holder, key = self._rich_text(family, event, stage)
            _grow(holder, key, text, is_done=stage != "delta")

    def _rich_text(self, family: str, event: Any, stage: str) -> tuple[Any, Any]:
        if family == "reasoning_text":
            part = self.parts.get(index_of(event, "content_index"), {})
            if part.get("type") != "reasoning_text":
                raise ValueError("WebSocket reasoning text is missing its content part.")
            return part, "text"
        if family == "reasoning_summary_text":
            summary, index = _element(self.item, "summary", event, "summary_index", stage)
            return summary[index], "text"
        if family == "shell_call_command":
            return _element(self.item.get("action"), "commands", event, "command_index", stage)
        self.item["code"] = self.item.get("code") or ""
        return self.item, "code"

    def _shell_output_told(self, event: Any, index: int, *, is_done: bool) -> None:
        names = ("stdout", "stderr")
        if is_done:
            output = as_list(value_of(event, "output"))
            if output is None:
                raise ValueError("WebSocket rich item is missing its completed shell output.")
            for chunk in output:
                for name in names:
                    text_of(chunk, name)
            self._shell_output[index] = {"output": dumped(output)}
        else:
            delta = value_of(event, "delta")
            pieces = {name: text_of(delta, name) for name in names if value_of(delta, name) is not None}
            for name, piece in pieces.items():
                _grow(self._shell_output.setdefault(index, {}), name, piece, is_done=False)

    def detailed(self, index: int) -> dict[str, Any]:
        """Return a copy of all that is known."""
        item = dumped(self.item)
        row: dict[str, Any] = {"output_index": index, "item": item}
        if self.parts:
            row["content"] = _rows(self.parts, "content_index", "part")
        elif self._content is not ABSENT:
            row["content"] = self._content
        if item.get("type") == "shell_call_output":
            row["shell_output"] = _rows(self._shell_output, "command_index", "data")
        if item.get("type") == "reasoning":
            content = as_list(item.get("content")) or []
            for at in sorted(self.parts):
                if at <= len(content):
                    content[at : at + 1] = [dumped(self.parts[at])]
                    item["content"] = content
        for place, at in enumerate(sorted(self.parts)):
            part = row["content"][place]["part"]
            known = self._annotations.get(at) or dict(enumerate(as_list(part.get("annotations")) or ()))
            if known:
                part["annotations"] = _rows(known, "annotation_index", "annotation")
        return row


def _element(holder: Any, name: str, event: Any, index_name: str, stage: str) -> tuple[list[Any], int]:
    """Return a list and the index of an event in it, where the event may add an element."""
    index = index_of(event, index_name)
    elements = as_list(value_of(as_dict(holder), name))
    if elements is None:
        raise ValueError(f"WebSocket rich item is missing its {name}.")
    if stage == "added" and index == len(elements):
        elements.append(None)
    if index >= len(elements):
        raise ValueError(f"WebSocket rich item is missing its indexed field, {name}[{index}].")
    return elements, index


def _grow(holder: Any, key: Any, text: str, *, is_done: bool) -> None:
    """Add to a text of a dict or a list, or replace it."""
    known: Any = value_of(holder, key, "") if isinstance(key, str) else holder[key]
    if not isinstance(known, GrowingText):
        if not (isinstance(known, str) or is_done):
            raise ValueError(f"WebSocket rich text seed, {key}, must be a string.")
        known = GrowingText("" if is_done else known)
    elif is_done:
        known = type(known)()
    known.append(text)
    holder[key] = known


def _rows(elements: dict[int, Any], index_name: str, name: str) -> list[dict[str, Any]]:
    return [{index_name: index, name: dumped(elements[index])} for index in sorted(elements)]
