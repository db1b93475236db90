"""Streams of agent sessions with tools and typed answers, beside the official package."""

from __future__ import annotations

import asyncio
import threading
import warnings
from types import ModuleType
from typing import Any

import pydantic
import pytest
from agent_runs import (
    ARGUMENTS,
    BEGAN,
    CALLS,
    DONE,
    ENDING,
    EVENTS,
    IDLE,
    NO_CONTENT,
    OUTPUTS,
    TEXT,
    Answer,
    call,
    exchanges,
    message,
    one,
    other,
    ran,
    refused,
    session,
    turn,
    within,
)  # fmt: skip
from compared import KINDS

import tailrace
from tailrace.lib.beta.agents import (
    AgentOutputParseError,
    AgentToolError,
    AgentTurnResult,
    AgentTurnResultError,
    function_tool,
)
from tailrace.testing import MockServer

WAYS = ("iterate", "result", "collect", "resume 2")
EITHER = pytest.mark.parametrize("creation", [False, True], ids=["input", "creation"])


def compared(server: MockServer, official: ModuleType, kind: str, *what: Any, **given: Any) -> Any:
    ours, theirs = (ran(server, library, kind, *what, **given) for library in (tailrace, official))
    assert ours == theirs
    return ours


@pytest.mark.once
@pytest.mark.parametrize("kind", KINDS)
@EITHER
@pytest.mark.parametrize("name", EVENTS)
def test_events_and_results_are_those_of_the_official_package(
    server: MockServer, official: ModuleType, kind: str, creation: bool, name: str
) -> None:
    for mode in WAYS:
        compared(server, official, kind, EVENTS[name], creation=creation, mode=mode)


@pytest.mark.once
@pytest.mark.parametrize("kind", KINDS)
@EITHER
@pytest.mark.parametrize("name", CALLS)
def test_calls_and_typed_answers_are_those_of_the_official_package(
    server: MockServer, official: ModuleType, kind: str, creation: bool, name: str
) -> None:
    events, posts, given = CALLS[name]
    posts = posts if creation else [NO_CONTENT, *posts]
    for mode in ("iterate", "result"):
        outcome, _, requests = compared(server, official, kind, events, posts, creation=creation, mode=mode, **given)
        assert "a secret" not in str((outcome, requests))


@pytest.mark.parametrize("kind", KINDS)
def test_arguments_and_outputs_are_those_of_the_official_package(
    server: MockServer, official: ModuleType, kind: str
) -> None:
    for arguments in ARGUMENTS:
        compared(server, official, kind, [BEGAN, call(arguments), *ENDING], tools=one(lambda _: "x"))
    for output in OUTPUTS:
        compared(server, official, kind, [BEGAN, call(), *ENDING], tools=one(lambda _, output=output: output))


FLAWS: dict[str, dict[str, Any]] = {
    "text": {"content": [{"type": "output_text", "text": "a"}, {"type": "output_text", "text": ["a secret"]}]},
    "no text": {"content": [{"type": "output_text"}]},
    "no content": {"content": None},
    "content": {"content": ["a secret"]},
    "unknown content": {"content": [{"type": "secret"}]},
    "id, role and phase": {"id": 5, "role": "a secret", "phase": "a secret"},
}


@pytest.mark.parametrize("name", FLAWS)
def test_a_message_that_is_not_as_described_is_kept_with_a_warning(
    server: MockServer, official: ModuleType, name: str
) -> None:
    events = [BEGAN, within(TEXT, "item", **FLAWS[name]), *ENDING]
    found: list[list[str]] = []
    for library in (tailrace, official):
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            ran(server, library, "OpenAI", events, mode="result")
        found.append([str(one.message) for one in told if one.category is UserWarning])
    assert found[0] == found[1]
    assert found[0]
    assert "secret" not in str(found[0])
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        compared(server, official, "OpenAI", events, mode="result")


@pytest.mark.once
@pytest.mark.parametrize("kind", KINDS)
@EITHER
@pytest.mark.parametrize(
    "mode", ["until_done", "first 1", "first 2", "resume 1", "resume 3", "late 1", "late 9", "after", "after 1"]
)
def test_a_stream_that_is_left_early_is_that_of_the_official_package(
    server: MockServer, official: ModuleType, kind: str, creation: bool, mode: str
) -> None:
    if creation and mode == "until_done":
        pytest.skip("only the stream of an input has it")
    compared(server, official, kind, CALLS["a call"][0], tools=one(str), creation=creation, mode=mode)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("status", ["in_progress", "failed", "requires_action", "budget_reached"])
def test_an_input_needs_an_idle_session(server: MockServer, official: ModuleType, kind: str, status: str) -> None:
    outcome, _, requests = compared(server, official, kind, [], first={"json": session(status)})
    assert outcome[2]["class"] == "ValueError"
    assert len(requests) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_an_input_that_is_refused_closes_the_events(server: MockServer, official: ModuleType, kind: str) -> None:
    compared(server, official, kind, [BEGAN, *ENDING], [refused("no")], mode="result")
    compared(server, official, kind, [], first=refused("no", 404))


@pytest.mark.parametrize("kind", KINDS)
@EITHER
def test_a_connection_that_breaks_leaves_what_had_come(server: MockServer, kind: str, creation: bool) -> None:
    """Both packages say so; what the cause says is each one's own."""
    outcome, events, _ = ran(server, tailrace, kind, [BEGAN, TEXT], creation=creation, mode="result", breaks=True)
    facts = outcome[2]
    assert (facts["class"], facts["reason"], facts["turn_id"]) == ("AgentTurnResultError", "observation_failed", "turn")
    assert "APIConnectionError" in facts["cause"]
    assert [message["content"][0]["text"] for _, message in facts["messages"]] == ['{"answer": "a"}']
    outcome, events, _ = ran(server, tailrace, kind, [BEGAN, TEXT], creation=creation, breaks=True)
    assert (outcome[2]["class"], len(events)) == ("APIConnectionError", 2)


@pytest.mark.parametrize("kind", KINDS)
@EITHER
def test_a_handler_that_is_cancelled_ends_the_stream(
    server: MockServer, official: ModuleType, kind: str, creation: bool
) -> None:
    def cancel(_: Any) -> str:
        raise asyncio.CancelledError

    for mode in ("iterate", "result"):
        found = [
            ran(server, library, kind, [BEGAN, call(), *ENDING], creation=creation, mode=mode, tools=one(cancel))
            for library in (tailrace, official)
        ]
        assert found[0] == found[1]
        assert found[0][0][2]["class"] == "CancelledError"


STAGES: dict[str, tuple[Any, Any, str]] = {
    "arguments": ("{", one(str), "arguments"),
    "arguments of a typed tool": ("{}", CALLS["a typed tool"][2]["tools"], "arguments"),
    "execution": ({}, one(lambda _: 1 / 0), "execution"),
    "output": ({}, one(lambda _: 5), "output"),
    "text of no characters": ({}, one(lambda _: "\ud800"), "output"),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", STAGES)
def test_who_watches_is_told_what_failed_and_the_model_is_not(
    server: MockServer, official: ModuleType, kind: str, name: str
) -> None:
    arguments, tools, stage = STAGES[name]
    found: list[Any] = []
    for library in (tailrace, official):
        told: list[AgentToolError] = []

        def watch(error: AgentToolError, told: list[AgentToolError] = told) -> None:
            told.append(error)
            raise RuntimeError("whoever watches fails, too")

        async def watch_later(error: AgentToolError, watch: Any = watch) -> None:
            watch(error)

        run = ran(
            server, library, kind, [BEGAN, call(arguments), *ENDING], tools=tools,
            observer=watch if kind == "OpenAI" else watch_later,
        )  # fmt: skip
        (error,) = told
        places = (error.stage, error.tool_name, error.session_id, error.turn_id, error.call_id)
        found.append((run, type(error.error), places))
    assert found[0] == found[1]
    assert found[0][2] == (stage, "search", "session", "turn", "one")
    assert found[0][0][2][-1]["body"]["events"][0]["error"] == "Tool handler failed."


def test_blocking_streams_end_what_would_have_to_be_awaited(server: MockServer) -> None:
    made: list[Any] = []
    told: list[AgentToolError] = []

    async def search(_: Any) -> str:
        raise AssertionError("it must not run")

    def tool(arguments: Any) -> Any:
        made.append(search(arguments))
        return made[-1]

    def watch(error: AgentToolError) -> Any:
        told.append(error)
        made.append(search(error))
        return made[-1]

    outcome, _, requests = ran(server, tailrace, "OpenAI", [BEGAN, call(), *ENDING], tools=one(tool), observer=watch)
    assert outcome == ("returned", "NoneType", None)
    assert requests[-1]["body"]["events"][0]["success"] is False
    assert "AsyncOpenAI" in str(told[0].error)
    assert [coroutine.cr_frame for coroutine in made] == [None, None]


def test_awaited_streams_await_their_handlers(server: MockServer) -> None:
    async def search(query: str, limit: int = 2) -> Any:
        await asyncio.sleep(0)
        return {"query": query, "limit": limit}

    tool: Any = function_tool(search)
    assert asyncio.run(tool({"query": "a"})) == '{"query":"a","limit":2}'
    for handler in (tool, lambda given: search(**given)):
        _, _, requests = ran(server, tailrace, "AsyncOpenAI", [BEGAN, call(), *ENDING], tools=one(handler))
        assert requests[-1]["body"]["events"][0]["output"] == '{"query":"x","limit":2}'


def test_what_the_caller_does_with_an_event_changes_no_call(server: MockServer) -> None:
    def change(event: Any) -> None:
        if event.type == "agent.session.turn.item.added":
            event.item.name = event.item.call_id = event.item.turn_id = "changed"
            event.item.arguments["query"] = "changed"

    _, _, requests = ran(
        server, tailrace, "OpenAI", [BEGAN, call({"query": "x"}), *ENDING], tools=one(lambda given: given),
        change=change,
    )  # fmt: skip
    assert requests[-1]["body"]["events"] == [{
        "type": "agent.session.input.tool_result", "turn_id": "turn", "call_id": "one", "success": True,
        "output": '{"query":"x"}',
    }]  # fmt: skip


def test_events_without_an_id_are_all_given(server: MockServer) -> None:
    """The official package takes them for one event, and never comes to the end of the turn."""
    events = [other(event, event_id=None) for event in (BEGAN, TEXT, DONE, IDLE)]
    outcome, seen, _ = ran(server, tailrace, "OpenAI", events)
    assert (outcome[2], len(seen)) == (None, 4)


def stream_of(server: MockServer, events: list[Any], **given: Any) -> Any:
    client = tailrace.OpenAI(api_key="k", base_url=server.script({"exchanges": exchanges(events)}))
    return client.beta.agents.sessions.stream("session", input="hi", **given)


def test_only_the_last_ids_are_remembered(server: MockServer) -> None:
    delta = {"type": "agent.session.turn.output_text.delta", "session_id": "session", "delta": "x"}
    events = [BEGAN, *(other(delta, event_id=f"delta {number}") for number in range(2000)), *ENDING]
    events.insert(-1, events[1])
    events.insert(-1, events[-4])
    with stream_of(server, events) as stream:
        assert sum(event.type == delta["type"] for event in stream) == 2001
        assert len(stream._state.event_ids) == len(stream._state.recent_events) == 1024


def test_a_context_is_entered_once(server: MockServer) -> None:
    stream = stream_of(server, [BEGAN, TEXT, *ENDING])
    for use in (stream.__next__, stream.until_done):
        with pytest.raises(RuntimeError, match="in a with block"):
            use()
    with stream:
        assert len(list(stream)) == 4
        assert list(stream) == []
    with pytest.raises(RuntimeError, match="only be entered once"):
        stream.__enter__()
    closed = stream_of(server, [])
    closed.close()
    with pytest.raises(RuntimeError, match="only be entered once"):
        closed.__enter__()
    assert list(closed) == []


@EITHER
def test_nothing_runs_once_the_stream_is_closed(server: MockServer, creation: bool) -> None:
    script = {"exchanges": exchanges([BEGAN, call(), *ENDING], creation=creation)}
    base_url = server.script(script)
    ran_: list[Any] = []
    with tailrace.OpenAI(api_key="k", base_url=base_url) as client:
        sessions, tools = client.beta.agents.sessions, {"search": ran_.append}
        stream: Any = (
            sessions.create(environment={"type": "none"}, input="hi", stream=True, tool_handlers=tools)
            if creation else sessions.stream("session", input="hi", tool_handlers=tools)
        )  # fmt: skip
        with stream.with_result_collection():
            assert [next(stream).type, next(stream).type][1] == "agent.session.turn.item.added"
        assert list(stream) == []
        with pytest.raises(AgentTurnResultError, match="incomplete"):
            stream.get_final_result()
    assert ran_ == []
    assert len(server.requests(base_url)) == (1 if creation else 3)


class Another(pydantic.BaseModel):
    question: str


def test_a_result_is_parsed_as_often_as_one_likes(server: MockServer) -> None:
    with stream_of(server, [BEGAN, TEXT, message('{"answer": "b"}', id_="b"), *ENDING]) as stream:
        result: AgentTurnResult[Any] = stream.get_final_result()
    assert result.output_parsed is None
    assert result.parse(Answer).output_parsed == Answer(answer="a")
    assert result.parse(Answer).messages is result.messages
    with pytest.raises(AgentOutputParseError) as caught:
        result.parse(Another)
    assert caught.value.result == result
    assert (caught.value.__cause__, caught.value.__context__) == (None, None)


def test_a_new_session_goes_on_after_the_result(server: MockServer) -> None:
    events = [BEGAN, TEXT, *ENDING, turn("created", "two"), turn("completed", "two"), IDLE]
    base_url = server.script({"exchanges": exchanges(events, creation=True)})
    with tailrace.OpenAI(api_key="k", base_url=base_url) as client:
        stream = client.beta.agents.sessions.create(
            agent={"model": "m", "text": {"verbosity": "low"}}, environment={"type": "none"}, input="hi", stream=True,
            output_type=Answer,
        )  # fmt: skip
        assert stream.get_final_result().output_parsed == Answer(answer="a")
        assert [event.type.rpartition(".")[2] for event in stream] == ["created", "completed", "idle"]
        assert stream.ended_cleanly is not None
        with pytest.raises(ValueError, match="not both"):
            client.beta.agents.sessions.create(
                agent={"model": "m", "text": {"format": {"type": "text"}}}, environment={"type": "none"},
                output_type=Answer,
            )  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("view", ["with_raw_response", "with_streaming_response"])
def test_raw_responses_hold_the_same_stream(server: MockServer, kind: str, view: str) -> None:
    base_url = server.script({"exchanges": exchanges([BEGAN, call(), TEXT, *ENDING], creation=True)})
    given: dict[str, Any] = {"environment": {"type": "none"}, "input": "hi", "stream": True}

    def run() -> Any:
        with tailrace.OpenAI(api_key="k", base_url=base_url) as client:
            made = getattr(client.beta.agents.sessions, view).create(**given, tool_handlers={"search": str})
            if view == "with_raw_response":
                return made.parse().get_final_result()
            with made as response:
                return response.parse().get_final_result()

    async def run_awaited() -> Any:
        async with tailrace.AsyncOpenAI(api_key="k", base_url=base_url) as client:
            made = getattr(client.beta.agents.sessions, view).create(**given, tool_handlers={"search": str})
            if view == "with_raw_response":
                return await (await made).parse().get_final_result()
            async with made as response:
                return await (await response.parse()).get_final_result()

    result = run() if kind == "OpenAI" else asyncio.run(run_awaited())
    assert result.output_text == '{"answer": "a"}'
    _, sent = server.requests(base_url)
    assert "x-stainless-raw-response" not in {name.lower() for name, _ in sent["headers"]}


def test_a_tool_is_called_before_the_next_event_is_asked_for(server: MockServer) -> None:
    """A server that waits for the output before it goes on gets it."""
    events = [BEGAN, call(), *ENDING]
    waits = {"sse": [{"data": other(event, event_id=str(number))} for number, event in enumerate(events)]}
    done = threading.Event()
    script = {"exchanges": [{"json": session()}, waits, NO_CONTENT, NO_CONTENT]}
    with tailrace.OpenAI(api_key="k", base_url=server.script(script)) as client:
        sessions = client.beta.agents.sessions
        with sessions.stream("session", input="hi", tool_handlers={"search": lambda _: str(done.set())}) as stream:
            assert next(stream).type == "agent.session.turn.created"
            assert next(stream).type == "agent.session.turn.item.added"
            assert not done.is_set()
            assert next(stream).type == "agent.session.turn.completed"
            assert done.is_set()


def test_a_strict_client_makes_what_validates_events_once(server: MockServer, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Any] = []
    adapter = pydantic.TypeAdapter

    def counted(type_: Any) -> Any:
        made.append(type_)
        return adapter(type_)

    monkeypatch.setattr(pydantic, "TypeAdapter", counted)
    deltas = [other(TEXT, event_id=str(number)) for number in range(20)]
    ran(server, tailrace, "OpenAI", [BEGAN, *deltas, *ENDING], client={"_strict_response_validation": True})
    assert len(made) <= 3
