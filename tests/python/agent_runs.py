"""Sessions of agents: their events, and runs of the helpers with what they did, as plain data."""

from __future__ import annotations

import asyncio
import importlib
import json
import math
import re
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pydantic
from compared import observed

from tailrace.testing import MockServer

Event = dict[str, Any]
NO_CONTENT = {"status": 204, "text": ""}


class Answer(pydantic.BaseModel):
    answer: str


def session(status: str = "idle", id_: str = "session", **more: Any) -> dict[str, Any]:
    agent = {
        "id": "agent", "object": "agent", "created_at": 1, "updated_at": 1, "metadata": {}, "model": "m",
        "multi_agent": {"enabled": True}, "reasoning": {}, "service_tier": "default", "tools": [],
        "text": {"format": {"type": "text"}, "verbosity": "medium"},
    }  # fmt: skip
    return {
        "id": id_, "object": "agent.session", "agent": agent, "created_at": 1, "last_active_at": 1, "metadata": {},
        "environment": {"type": "none"}, "required_actions": [], "status": status, "vault_ids": [], **more,
    }  # fmt: skip


def about_session(kind: str, status: str | None = None, id_: str = "session", **more: Any) -> Event:
    return {"type": f"agent.session.{kind}", "session": session(status or kind, id_, **more)}


def turn(kind: str, id_: str = "turn", *, subagent: str | None = None, session_id: str = "session") -> Event:
    status = "in_progress" if kind == "created" else kind
    facts = {"id": id_, "object": "agent.session.turn", "agent_id": "agent", "created_at": 1, "status": status}
    facts |= {"session_id": session_id, "subagent_id": subagent}
    return {"type": f"agent.session.turn.{kind}", "session_id": session_id, "turn_id": id_, "turn": facts}


def item(kind: str, id_: str, turn_id: str, index: int, **more: Any) -> Event:
    return {
        "type": f"agent.session.turn.item.{kind}", "session_id": "session", "turn_id": turn_id, "output_index": index,
        "item": {"id": id_, "turn_id": turn_id, "status": "completed" if kind == "done" else "in_progress", **more},
    }  # fmt: skip


def call(
    arguments: Any = '{"query": "x"}', call_id: str = "one", *, name: str = "search", kind: str = "added",
    turn_id: str = "turn",
) -> Event:  # fmt: skip
    facts = {"type": "function_call", "name": name, "call_id": call_id, "arguments": arguments}
    return item(kind, f"item_{call_id}", turn_id, 0, **facts)


def message(
    *texts: str, id_: str = "msg", index: int = 1, turn_id: str = "turn", phase: str | None = "final_answer",
    kind: str = "done", role: str = "assistant",
) -> Event:  # fmt: skip
    content = [{"type": "output_text", "text": text, "annotations": []} for text in texts]
    return item(kind, id_, turn_id, index, type="message", role=role, phase=phase, content=content)


def action(call_id: str = "one", *, name: str = "search", turn_id: str = "turn") -> dict[str, Any]:
    return {"type": "function_call", "turn_id": turn_id, "name": name, "call_id": call_id, "arguments": {"query": "x"}}


def needs(*actions: dict[str, Any]) -> Event:
    return about_session("requires_action", required_actions=list(actions))


IDLE = about_session("idle")
ENDING = [turn("completed"), IDLE]


def sse(events: list[Event], *, breaks: bool = False) -> dict[str, Any]:
    data = [{"event_id": f"e{number}", **event} for number, event in enumerate(events)]
    if breaks:
        return {"sse": [{"data": event} for event in data], "fault": {"kind": "close", "at": "end"}}
    text = "".join(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n" for event in data)
    return {"headers": {"content-type": "text/event-stream"}, "text": text}


def refused(message: str, status: int = 400) -> dict[str, Any]:
    return {"status": status, "json": {"error": {"message": message, "type": "invalid_request_error"}}}


def exchanges(
    events: list[Event], posts: list[Any] | None = None, *, creation: bool = False, breaks: bool = False
) -> list[Any]:
    """What the API answers: to reading the session, the events, the input, and the outputs of tools."""
    answers = [*(posts or []), *([NO_CONTENT] * 8)]
    if creation:
        return [sse(events, breaks=breaks), *answers]
    return [{"json": session()}, sse(events, breaks=breaks), *answers]


def told(error: BaseException) -> Any:
    """What an error says, as plain data."""
    facts: dict[str, Any] = {"class": type(error).__name__, "text": str(error), "cause": repr(error.__cause__)}
    for name in ("reason", "session_id", "turn_id"):
        facts[name] = getattr(error, name, None)
    facts["turn"] = plain(getattr(error, "turn", None))
    facts["messages"] = plain(getattr(error, "messages", None))
    facts["actions"] = plain(getattr(error, "required_actions", None))
    facts["result"] = result_facts(getattr(error, "result", None))
    return facts


def result_facts(result: Any) -> Any:
    if result is None:
        return None
    facts = {name: getattr(result, name) for name in ("session_id", "turn_id", "output_text")}
    return {**facts, **{name: plain(getattr(result, name)) for name in ("turn", "messages", "output_parsed")}}


def plain(value: Any) -> Any:
    if isinstance(value, list):
        return [plain(one) for one in value]
    dump = getattr(value, "model_dump", None)
    return value if dump is None else (type(value).__name__, dump(warnings=False))


def run(
    library: ModuleType, kind: str, seen: dict[str, Any], *, creation: bool = False, mode: str = "iterate",
    tools: Any = None, observer: Any = None, change: Callable[[Any], None] | None = None, **given: Any,
) -> Callable[[Any], Any]:  # fmt: skip
    """Return an action that reads a session and says what it gave.

    Args:
        creation: Whether the session is created, or one that exists goes on.
        mode: `iterate` reads the events; `collect` does so and then asks for the result; `result` asks for it alone,
            `until_done` reads without looking, `first N` leaves after so many events, `resume N` asks for the result
            then, `late N` begins to gather it then, `after` asks for it when all events have gone by unseen.
        tools: Called with the module of the tools, gives the handlers.
        observer: What is told of failing tools.
        change: What the caller does with each event.
    """
    is_async = kind != "OpenAI"
    module: Any = importlib.import_module(f"{library.__name__}.lib.beta.agents")
    given = {"input": "hi", **given}
    if tools is not None:
        given["tool_handlers"] = tools(module)
    if observer is not None:
        given["on_tool_error"] = observer
    if creation:
        given = {"agent": {"model": "m"}, "environment": {"type": "none"}, "stream": True, **given}
    limit = int(mode.partition(" ")[2] or -1)

    def taken(event: Any) -> None:
        seen["events"].append((event.type, type(event).__name__))
        if change is not None:
            change(event)

    def act(api: Any) -> Any:
        sessions = api.beta.agents.sessions
        try:
            with sessions.create(**given) if creation else sessions.stream("session", **given) as stream:
                if mode.startswith(("collect", "resume")):
                    assert stream.with_result_collection() is stream
                if mode == "until_done":
                    stream.until_done()
                elif mode != "result":
                    for event in stream:
                        taken(event)
                        if len(seen["events"]) == limit:
                            break
                if mode.startswith("late"):
                    stream.with_result_collection()
                if mode.startswith(("collect", "result", "resume", "after")):
                    result = stream.get_final_result()
                    assert stream.get_final_result() is result
                    return result_facts(result)
        except (Exception, asyncio.CancelledError) as error:  # noqa: BLE001 - Which one it is, is compared.
            return told(error)

    async def act_awaited(api: Any) -> Any:
        sessions = api.beta.agents.sessions
        try:
            made = await sessions.create(**given) if creation else sessions.stream("session", **given)
            async with made as stream:
                if mode.startswith(("collect", "resume")):
                    assert stream.with_result_collection() is stream
                if mode == "until_done":
                    await stream.until_done()
                elif mode != "result":
                    async for event in stream:
                        taken(event)
                        if len(seen["events"]) == limit:
                            break
                if mode.startswith("late"):
                    stream.with_result_collection()
                if mode.startswith(("collect", "result", "resume", "after")):
                    result = await stream.get_final_result()
                    assert await stream.get_final_result() is result
                    return result_facts(result)
        except (Exception, asyncio.CancelledError) as error:  # noqa: BLE001 - Which one it is, is compared.
            return told(error)

    return act_awaited if is_async else act


def ran(
    server: MockServer, library: ModuleType, kind: str, events: list[Event], posts: list[Any] | None = None,
    *, creation: bool = False, client: dict[str, Any] | None = None, breaks: bool = False,
    first: Any = None, **given: Any,
) -> Any:  # fmt: skip
    """Make a run, and return its outcome, what was seen, and the requests, with the names of keys in their order."""
    seen: dict[str, Any] = {"events": []}
    script = exchanges(events, posts, creation=creation, breaks=breaks)
    if first is not None:
        script[0] = first
    outcome, requests = observed(
        server, library, kind, script, run(library, kind, seen, creation=creation, **given), **(client or {})
    )  # fmt: skip
    keys: dict[str, str] = {}
    for request in requests:
        key = request["headers"].get("idempotency-key")
        if key is not None:
            shape = re.sub("[0-9a-f]", "x", key)
            request["headers"]["idempotency-key"] = keys.setdefault(key, f"{len(keys)} {shape}")
        if request["body"]:
            request["body"] = json.loads(request["body"])
    return outcome, seen["events"], requests


BEGAN, DONE, FAILED = turn("created"), turn("completed"), about_session("failed")
TEXT = message('{"answer": "a"}')
NEEDS, GOES_ON = needs(action()), about_session("in_progress")
SPENT = about_session("budget_reached")
REFUSED = {"type": "error", "session_id": "session", "error": {"type": "budget_exceeded", "message": "no"}}
CHILD_BEGAN, CHILD_DONE = turn("created", "child", subagent="s"), turn("completed", "child", subagent="s")
CHILD = [CHILD_BEGAN, message("x", turn_id="child"), CHILD_DONE]


def other(event: Event, **facts: Any) -> Event:
    return {**event, **facts}


def within(event: Event, part: str, **facts: Any) -> Event:
    return {**event, part: {**event[part], **facts}}


#: What may come, each read in every way: as it is, for its result, and both.
EVENTS: dict[str, list[Event]] = {
    "an answer": [BEGAN, TEXT, *ENDING],
    "no answer": [BEGAN, *ENDING],
    "the turn fails": [BEGAN, TEXT, turn("failed"), IDLE],
    "the turn fails and nothing follows": [BEGAN, TEXT, turn("failed")],
    "the turn is cancelled": [BEGAN, turn("cancelled"), IDLE],
    "the turn is cancelled and the session fails": [BEGAN, turn("cancelled"), FAILED],
    "the session fails": [BEGAN, TEXT, FAILED],
    "the session fails at once": [FAILED],
    "the session fails after the turn": [BEGAN, TEXT, DONE, FAILED],
    "the session fails after the result": [BEGAN, TEXT, *ENDING, FAILED],
    "another session fails": [BEGAN, TEXT, about_session("failed", id_="other"), *ENDING],
    "the session is idle before": [IDLE, BEGAN, IDLE, TEXT, *ENDING],
    "another session is idle": [BEGAN, DONE, about_session("idle", id_="other"), IDLE],
    "nothing": [],
    "only that it is idle": [IDLE],
    "cut in the turn": [BEGAN, TEXT],
    "cut after the turn": [BEGAN, TEXT, DONE],
    "the budget ends after the turn": [BEGAN, TEXT, DONE, SPENT, FAILED],
    "the budget ends before": [REFUSED, SPENT, BEGAN, TEXT, *ENDING],
    "the budget ends in the turn": [BEGAN, SPENT],
    "the budget grows in the turn": [BEGAN, SPENT, TEXT, *ENDING],
    "the budget of another ends": [BEGAN, DONE, about_session("budget_reached", id_="other"), IDLE],
    "the budget of another ends first": [about_session("budget_reached", id_="other"), BEGAN, *ENDING],
    "the session is known when another's budget ends": [
        about_session("created", "idle"), about_session("budget_reached", id_="other"), BEGAN, TEXT, *ENDING,
    ],
    "an error is told": [BEGAN, REFUSED, TEXT, *ENDING],
    "an error is the last": [BEGAN, REFUSED],
    "something is needed": [BEGAN, NEEDS],
    "something was needed": [BEGAN, NEEDS, GOES_ON, TEXT, *ENDING],
    "something was needed up to the end": [BEGAN, NEEDS, TEXT, *ENDING],
    "something is needed after the end": [BEGAN, DONE, NEEDS, IDLE],
    "something is needed, and it fails": [BEGAN, NEEDS, turn("failed"), IDLE],
    "something is needed before": [NEEDS, BEGAN, *ENDING],
    "nothing is needed": [BEGAN, NEEDS, needs(), TEXT, *ENDING],
    "an approval is needed": [BEGAN, needs({"type": "mcp_approval_request", "id": "x"}), *ENDING],
    "two turns": [BEGAN, TEXT, turn("created", "two"), message("z", id_="z", turn_id="two"), *ENDING],
    "another turn ends": [BEGAN, turn("completed", "two"), IDLE],
    "it never began": [DONE, IDLE],
    "a subagent": [*CHILD, IDLE, BEGAN, *CHILD, TEXT, *ENDING],
    "the end names no turn": [BEGAN, other(DONE, turn_id=None), IDLE],
    "an odd end": [BEGAN, within(DONE, "turn", status="odd"), IDLE],
    "what nobody knows": [BEGAN, {"type": "never.heard.of", "x": 1}, TEXT, *ENDING],
    "messages in another order": [BEGAN, message("b", id_="b", index=3), message("a", id_="a"), *ENDING],
    "messages of one place": [BEGAN, message("b", id_="b"), message("a", id_="a"), *ENDING],
    "a message comes again": [BEGAN, message("a", id_="a"), message("b", id_="b", index=2),
                              message("c", id_="a", index=3), message("old", id_="b", kind="added"), *ENDING],
    "a message becomes commentary": [BEGAN, message("a"), message("a", phase="commentary"), *ENDING],
    "messages without a phase": [BEGAN, message("a", phase=None), message("b", id_="b", phase="odd"), *ENDING],
    "a message of the user": [BEGAN, message("a", role="user"), *ENDING],
    "a message is cut": [BEGAN, within(TEXT, "item", status="incomplete"), *ENDING],
    "messages of other turns": [TEXT, BEGAN, message("x", turn_id="two"), *ENDING],
    "a message after the turn": [BEGAN, DONE, TEXT, IDLE],
    "a message of many parts": [BEGAN, message("a", "", "b"), *ENDING],
}  # fmt: skip

PENDING = {"status": 400, "json": {"error": {
    "code": "invalid_request_error", "message": "Unknown pending tool call: one",
}}}  # fmt: skip


def search(arguments: dict[str, Any]) -> str:
    return f"found {json.dumps(arguments)}"


def fail(_: dict[str, Any]) -> str:
    raise ValueError("a secret")


def one(function: Any) -> Callable[[Any], dict[str, Any]]:
    """The handlers, as made of the module of the tools: of one tool."""
    return lambda _: {"search": function}


def typed(module: Any) -> dict[str, Any]:
    @module.function_tool(name="search")
    def find(query: str, limit: int = 3) -> Any:
        return {"query": query, "limit": limit}

    return {find.name: find}


#: Calls of tools: the events, what the API answers to the requests after the first, and what else there is.
CALLS: dict[str, tuple[list[Event], list[Any], dict[str, Any]]] = {
    "a call": ([BEGAN, call(), TEXT, *ENDING], [], {"tools": one(search)}),
    "arguments as an object": ([BEGAN, call({"query": [1]}), *ENDING], [], {"tools": one(search)}),
    "a call comes again": ([BEGAN, call(), call(), call(turn_id="two"), *ENDING], [], {"tools": one(search)}),
    "an event comes again": ([other(BEGAN, event_id="a"), other(call(), event_id="a"), other(BEGAN, event_id="a"),
                              *ENDING], [], {"tools": one(search)}),
    "calls before the turn and of a subagent": ([call(), BEGAN, *CHILD, call(call_id="two", turn_id="child"),
                                                 *ENDING], [], {"tools": one(search)}),
    "a call of another session": ([BEGAN, other(call(), session_id="other"), *ENDING], [], {"tools": one(search)}),
    "a call after the result": ([BEGAN, *ENDING, call()], [], {"tools": one(search)}),
    "a finished call": ([BEGAN, call(kind="done"), *ENDING], [], {"tools": one(search)}),
    "an unknown tool": ([BEGAN, call(name="other"), *ENDING], [], {"tools": one(search)}),
    "an unknown tool is waited for": ([BEGAN, needs(action(name="other")), *ENDING], [], {"tools": one(search)}),
    "a tool is waited for": ([BEGAN, call(), NEEDS, TEXT, *ENDING], [], {"tools": one(search)}),
    "a tool and another are waited for": ([BEGAN, needs(action(), action(name="other"))], [], {"tools": one(search)}),
    "a tool is waited for to the end": ([BEGAN, NEEDS], [], {"tools": one(search)}),
    "no tools": ([BEGAN, call(), *ENDING], [], {"tools": lambda _: {}}),
    "a handler raises": ([BEGAN, call(), TEXT, *ENDING], [], {"tools": one(fail)}),
    "a handler that is none": ([BEGAN, call(), *ENDING], [], {"tools": one(5)}),
    "the output is refused": ([BEGAN, call(), TEXT, *ENDING], [refused("no")], {"tools": one(search)}),
    "the output is early": ([BEGAN, call(), TEXT, *ENDING], [PENDING, PENDING], {"tools": one(search)}),
    "the output is early for too long": ([BEGAN, call(), TEXT, *ENDING], [PENDING] * 4, {"tools": one(search)}),
    "another output is early": ([BEGAN, call(call_id="two"), *ENDING], [PENDING], {"tools": one(search)}),
    "an attempt fails": ([BEGAN, call(), *ENDING], [{"status": 500, "json": {}}],
                         {"tools": one(search), "client": {"max_retries": 1}}),
    "a typed tool": ([BEGAN, call(), TEXT, *ENDING], [], {"tools": typed}),
    "a typed tool, called wrongly": ([BEGAN, call({"limit": "x"}), *ENDING], [], {"tools": typed}),
    "headers": ([BEGAN, call(), *ENDING], [], {"tools": one(search), "extra_headers": {
        "Idempotency-Key": "mine", "X-Mine": "yes", "OpenAI-Beta": "other"}}),
    "a key of the client": ([BEGAN, call(), *ENDING], [], {
        "tools": one(search), "client": {"default_headers": {"Idempotency-Key": "mine"}}}),
    "a typed answer": ([BEGAN, TEXT, *ENDING], [], {"output_type": Answer}),
    "two typed answers": ([BEGAN, message('{"answer": "a"}', '{"answer": "b"}'), *ENDING], [], {"output_type": Answer}),
    "an answer that does not parse": ([BEGAN, message("a"), *ENDING], [], {"output_type": Answer}),
    "an answer of another type": ([BEGAN, message('{"answer": 5}'), *ENDING], [], {"output_type": Answer}),
    "one of two does not parse": ([BEGAN, TEXT, message("a", id_="z"), *ENDING], [], {"output_type": Answer}),
    "a typed answer that is missing": ([BEGAN, *ENDING], [], {"output_type": Answer}),
    "a typed turn that fails": ([BEGAN, TEXT, turn("failed"), IDLE], [], {"output_type": Answer}),
    "a type that is none": ([BEGAN, *ENDING], [], {"output_type": dict}),
    "no input": ([BEGAN, *ENDING], [], {"input": ""}),
    "messages as input": ([BEGAN, *ENDING], [], {"input": ({"role": "user", "content": "x"},)}),
}  # fmt: skip

#: Arguments as the model writes them.
ARGUMENTS: list[Any] = ["[]", "3", "null", "", "{", '"x"', '{"q": NaN}', '{"a": 1, "a": 2}', {}, [1], None, 5]

#: What handlers return, and the official package does with it.
OUTPUTS: list[Any] = [
    "s", "", None, 3, True, 1.5, {"a": [1, "é"]}, {}, [], [1], ["a"], [{"type": "input_text", "text": "x", "more": 1}],
    ({"type": "input_image", "image_url": "u"},), {"a": math.nan}, {"a": object()}, {"a": {1}}, {1: 2}, b"x",
    {"type": "input_text", "text": "x"}, Answer(answer="x"), [object()],
]  # fmt: skip
