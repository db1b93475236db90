"""Runs of the runner of responses: what the API answers, and what each run is made of."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

PARAMS = {"model": "m", "input": "do it", "store": False}
TOOL = {"type": "function", "name": "record", "parameters": {"type": "object", "properties": {}}, "strict": False}
MESSAGE = {
    "id": "msg", "type": "message", "role": "assistant", "status": "completed", "phase": "final_answer",
    "content": [{"type": "output_text", "text": "done", "annotations": []}],
}  # fmt: skip
USAGE = {
    "input_tokens": 2, "output_tokens": 1, "total_tokens": 3, "output_tokens_details": {"reasoning_tokens": 0},
    "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
}  # fmt: skip


def call(id_: str = "one", text: str = "a", **more: Any) -> dict[str, Any]:
    item = {
        "id": f"fc_{id_}", "type": "function_call", "call_id": id_, "name": "record", "status": "completed",
        "arguments": json.dumps({"text": text}), **more,
    }  # fmt: skip
    return {name: value for name, value in item.items() if value is not ...}


def output(id_: str = "one", value: Any = "a") -> dict[str, Any]:
    return {"type": "function_call_output", "call_id": id_, "output": value}


def response(*items: Any, **more: Any) -> dict[str, Any]:
    return {
        "id": "resp", "object": "response", "created_at": 0, "model": "m", "status": "completed", "usage": USAGE,
        "output": list(items), **more,
    }  # fmt: skip


def answered(*items: Any, **more: Any) -> dict[str, Any]:
    return {"json": response(*items, **more)}


def streamed(*items: Any, whole: Any = None, indexes: Any = None, end: bool = True) -> dict[str, Any]:
    last = response(*(items if whole is None else whole))
    events: list[dict[str, Any]] = [{"type": "response.created", "response": {**last, "output": []}}]
    for index, item in zip(indexes or range(len(items)), items, strict=True):
        started = {**item, "arguments": ""} if item["type"] == "function_call" else item
        events.append({"type": "response.output_item.added", "output_index": index, "item": started})
        events.append({"type": "response.output_item.done", "output_index": index, "item": item})
    if end:
        events.append({"type": "response.completed", "response": last})
    numbered = ({**event, "sequence_number": number} for number, event in enumerate(events))
    text = "".join(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n" for event in numbered)
    return {"headers": {"content-type": "text/event-stream"}, "text": text}


FINAL = answered(MESSAGE)
STREAMED_FINAL = streamed(MESSAGE)
CALLS = [answered(call()), FINAL]
EAGER = {"stream": True, "eager": True}
SEARCH = {"id": "ws", "type": "web_search_call", "status": "completed", "action": {"type": "search"}}
MCP = {
    "type": "mcp", "server_label": "desk", "server_url": "https://me:pw@mcp.invalid/a?team=1&token=t#f",
    "authorization": "secret", "headers": {"x-key": "secret"},
}  # fmt: skip
ASKED = {"type": "mcp_approval_request", "id": "ask", "server_label": "desk", "name": "read", "arguments": "{}"}
ALLOWED = {"type": "mcp_approval_response", "approval_request_id": "ask", "approve": True}
REMOTE = {**ASKED, "type": "mcp_call", "id": "mcp", "approval_request_id": "ask", "output": "x", "status": "completed"}
HISTORY = [{"role": "user", "content": "t"}, call("old", "b" * 400), output("old", "c" * 900)]


def failing(*_: Any, **__: Any) -> Any:
    raise ValueError("a secret")


def cancelling(*_: Any, **__: Any) -> Any:
    raise asyncio.CancelledError("a secret")


def with_tools(*tools: Any, **more: Any) -> dict[str, Any]:
    return {"params": {**PARAMS, "tools": list(tools), **more}}


SEARCHING = with_tools({"type": "web_search"})


def decide(item: Any) -> str:
    return "defer" if item.call_id == "two" else "execute"


def budget(size: float = 1000, images: int = 0, **more: Any) -> dict[str, Any]:
    return {"max_input_bytes": size, "max_input_images": images, **more}


def dropping(*ids: str, **more: Any) -> Callable[[Any], Any]:
    return lambda _: {"drop_call_ids": list(ids), **more}


#: What the API answers, and what the run is made of.
RUNS: dict[str, tuple[list[Any], dict[str, Any]]] = {
    "a call": (CALLS, {}),
    "a call, streamed": ([streamed(call()), STREAMED_FINAL], {"stream": True}),
    "a call, eager": ([streamed(call()), STREAMED_FINAL], EAGER),
    "two calls": ([answered(call(), call("two", "b")), FINAL], {}),
    "no call": ([FINAL], {}),
    "calls to the limit": ([answered(call()), answered(call("two"))], {"max_steps": 2}),
    "the API fails": ([{"status": 403, "json": {"error": {"message": "no"}}}], {}),
    "the API fails later": ([CALLS[0], {"status": 500, "json": {}}], {}),
    "a function fails": (CALLS, {"execute": failing}),
    "a function fails early": ([streamed(call()), STREAMED_FINAL], {"execute": failing, **EAGER}),
    "a function is cancelled": (CALLS, {"execute": cancelling}),
    "an observer of events fails": ([STREAMED_FINAL], {"stream": True, "on_event": failing}),
    "a function that asks": (CALLS, {"execute": lambda _, cancelled: str(cancelled()), "cancelled": lambda: False}),
    "an answer in pieces": ([streamed(call(), end=False)], EAGER),
    "an answer that ends otherwise": ([streamed(call(), whole=[call(text="b")])], EAGER),
    "an id that comes at the end": ([streamed(call(id=...), whole=[call()]), STREAMED_FINAL], EAGER),
    "items with gaps": ([streamed(call(), call("two"), indexes=[0, 7]), STREAMED_FINAL], EAGER),
    "items out of order": ([streamed(call("two"), call(), indexes=[1, 0], whole=[call(), call("two")]),
                            STREAMED_FINAL], EAGER),
    "an item twice": ([streamed(call(), call("two"), indexes=[0, 0])], EAGER),
    "calls that may run early": ([streamed(call(), MESSAGE, call("two")), STREAMED_FINAL],
                                 {**EAGER, "early": {"functions": ["record"]}}),
    "no call may run early": ([streamed(call(), call("two")), STREAMED_FINAL], {**EAGER, "early": {}}),
    "a call that is put off": ([streamed(call(), call("two")), STREAMED_FINAL],
                               {**EAGER, "before_early_call": decide}),
    "no decision": ([streamed(call())], {**EAGER, "before_early_call": lambda _: True}),
    "independent calls": ([streamed(call(), call("two"), call("three")), STREAMED_FINAL],
                          {**EAGER, "independent": True, "reports_in_order": False}),
    "an independent call fails": ([streamed(call(), MESSAGE)], {**EAGER, "independent": True, "execute": failing}),
    "eager with a server": ([streamed(SEARCH, call()), STREAMED_FINAL], {**EAGER, **SEARCHING}),
    "supplied": (CALLS, {"open": True, "turn": lambda turn: turn.supply_outputs([output()])}),
    "supplied and more": ([answered(call(), call("two")), FINAL],
                          {"open": True, "turn": lambda turn: turn.supply_outputs([output("two", "mine")])}),
    "said": (CALLS, {"turn": lambda turn: turn.final or turn.append_user_text("and now?")}),
    "a web search": ([answered(SEARCH, call()), FINAL], SEARCHING),
    "a web search that failed": ([answered({**SEARCH, "status": "failed"})], SEARCHING),
    "a web search that nobody declared": ([answered(SEARCH)], {}),
    "allowed elsewhere": ([answered(ASKED), answered(REMOTE, MESSAGE)],
                          {**with_tools(MCP), "approve_mcp": lambda _: True}),
    "refused elsewhere": ([answered(ASKED), FINAL], {**with_tools(MCP), "approve_mcp": lambda _: False}),
    "asked of nobody": ([answered(ASKED)], with_tools(MCP)),
    "asked of one who fails": ([answered(ASKED)], {**with_tools(MCP), "approve_mcp": failing}),
    "asked of one who waits": ([answered(ASKED)], {**with_tools(MCP), "approve_mcp": lambda _: 1}),
    "done elsewhere unasked": ([answered(REMOTE)], with_tools(MCP)),
    "allowed in the history": ([FINAL], {**with_tools(MCP, input=[ASKED, ALLOWED]), "approve_mcp": lambda _: True}),
    "a history that fits": ([FINAL], {"params": {**PARAMS, "input": HISTORY}, "context_budget": budget(9000)}),
    "a history too large": ([FINAL], {"params": {**PARAMS, "input": HISTORY}, "context_budget": budget()}),
    "a shorter history": ([FINAL], {"params": {**PARAMS, "input": HISTORY},
                                    "context_budget": budget(compact=dropping("old", summary="short"))}),
    "a history that stays": ([FINAL], {"params": {**PARAMS, "input": HISTORY},
                                       "context_budget": budget(compact=dropping())}),
    "dropping what is not there": ([FINAL], {"params": {**PARAMS, "input": HISTORY},
                                             "context_budget": budget(compact=dropping("new"))}),
    "images": ([FINAL], {"params": {**PARAMS, "input": [{"role": "user", "content": [
        {"type": "input_image", "image_url": "data:,", "detail": "auto"}]}]}, "context_budget": budget()}),
    **{f"budget {value}": ([FINAL], {"context_budget": value}) for value in (
        {}, budget(0), budget(True), budget(5.0), budget(compact=None), budget(more=1), [],
        budget(keep_recent_screenshots=0),
    )},
    **{f"status {value}": ([answered(call(), status=value)], {}) for value in ("failed", "incomplete", None)},
    **{f"final {number}": ([answered(*items)], {}) for number, items in enumerate([
        [], [{**MESSAGE, "phase": "commentary"}], [{**MESSAGE, "status": "incomplete"}], [{**MESSAGE, "role": "user"}],
        [{**MESSAGE, "id": None}], [{**MESSAGE, "content": []}], [{"type": "other", "id": "x"}],
        [{"type": "reasoning", "id": "rs", "summary": []}], [MESSAGE, MESSAGE],
    ])},
    **{f"call {number}": ([answered(call("first"), item)], {}) for number, item in enumerate([
        call(name="other"), call(name=...), call(call_id=...), call("first", id="other"), call(id=[]),
        call(status="incomplete"), call(namespace="record", arguments="[]"), call(namespace="other"),
        call(arguments="{"), call(arguments='{"a": NaN}'), call(caller={"type": "program"}), call(**{"async": "later"}),
    ])},
    **{f"output {value!r}": (CALLS, {"execute": lambda _, value=value: value}) for value in (
        None, 5, b"x", (), [], "", [{}], [None], [{"type": "input_text"}], [{"type": "input_text", "text": "a"}],
        [{"type": "input_text", "text": "a", "more": 1}], [{"type": "input_image"}],
        [{"type": "input_image", "detail": None, "file_id": "f"}],
        [{"type": "input_image", "file_id": "f", "detail": "x"}],
        [{"type": "input_file", "filename": "f"}], [{"type": "input_file", "file_url": "f", "detail": None}],
        [{"type": "input_text", "text": "a", "prompt_cache_breakpoint": {"mode": "explicit"}}],
        [{"type": "input_text", "text": "a", "prompt_cache_breakpoint": {}}],
    )},
    **{f"parameter {value}": ([FINAL], {"params": {**PARAMS, **value}}) for value in (
        {"background": True}, {"previous_response_id": "r"}, {"conversation": "c"}, {"stream": True}, {"stream": False},
        {"tools": [TOOL]}, {"tools": [{"type": "computer"}]}, {"tools": [{"type": "image_generation"}]},
        {"tools": [MCP, MCP]}, {"tool_choice": "required"}, {"tool_choice": {"type": "function", "name": "record"}},
        {"include": ["file_search_call.results"]}, {"extra_body": {"input": "x"}},
        {"extra_body": {"metadata": {"a": "b"}}},
        {"input": []}, {"metadata": {"a": "b"}, "instructions": None},
    )},
    **{f"choice {value}": ([answered(call())], with_tools({"type": "web_search"}, tool_choice=value)) for value in (
        "none", {"type": "web_search"}, {"type": "allowed_tools", "mode": "auto", "tools": [{"type": "web_search"}]},
    )},
    # No two processes write a function alike.
    "option cancelled": ([FINAL], {"cancelled": lambda: True}),
    "option on_diagnostic": ([FINAL], {"on_diagnostic": failing}),
    **{f"option {name} {value!r}": ([FINAL], {name: value}) for name, value in (
        ("max_steps", 0), ("max_steps", True), ("max_concurrent_calls", 0), ("max_concurrent_calls", None),
        ("eager", True), ("early", {"functions": "record"}),
        ("early", {"functions": ["other"]}),
        ("early", {"computer": True}), ("early", {"more": 1}),
    )},
}  # fmt: skip

#: What is changed in a checkpoint, or in the run that goes on with it.
RESUMES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "as it was": ({}, {}),
    "to the limit": ({}, {"max_steps": 3}),
    "another limit": ({}, {"max_steps": 4}),
    "nothing left": ({"consumed_requests": 3}, {}),
    "another server": ({}, with_tools(MCP)),
    "no news": ({}, {"params": {**PARAMS, "input": ""}}),
    "news of somebody else": ({}, {"params": {**PARAMS, "input": [{"role": "system", "content": "x"}]}}),
    "an image": ({}, {"params": {**PARAMS, "input": [
        {"role": "user", "content": [{"type": "input_image", "file_id": "f"}]}]}}),
    "a budget": ({}, {"context_budget": budget(40)}),
    **{f"{name} {value!r}": ({name: value}, {}) for name, value in (
        ("version", True), ("version", 2), ("run_id", "other"), ("revision", True), ("revision", 0),
        ("revision", 2**53),
        ("phase", "pending"), ("max_steps", 0), ("consumed_requests", 4), ("consumed_requests", -1), ("tools", []),
        ("tools", None),
        ("output_override_names", ["record"]), ("history", []), ("history", None), ("attempted_call_ids", []),
        ("returned_call_ids", ["one", "one"]), ("pending_items", [call()]), ("returned_outputs", [output()]),
        ("final_response", {}), ("more", 1), ("history", [call("one", "a"), output(), call("one", "b")]),
    )},
}  # fmt: skip
