"""`run_tools`: models that call Python functions, over chat completions and over responses, blocking and awaited."""

from __future__ import annotations

import asyncio
import contextvars
import json
import threading
import time
from typing import Annotated, Any

import pydantic
import pytest
from tool_setting import Setting, chat_answer, responses_answer, weather, weather_async

import tailrace
from tailrace.testing import MockServer

APIS = ("chat", "responses")
FORMS = ("sync", "async")


@pytest.fixture(params=[(api, form) for api in APIS for form in FORMS], ids="-".join)
def setting(request: pytest.FixtureRequest, server: MockServer) -> Any:
    return lambda *answers: Setting(server, *request.param, *answers)


BERLIN = ("weather", {"city": "Berlin", "unit": "c"})


def test_a_model_calls_functions_until_it_answers(setting: Any) -> None:
    here = setting([BERLIN, ("weather", {"city": "Rome", "unit": "f"})], [BERLIN], "It is warm.")
    runner = here.run([weather])
    assert here.wait(runner.final_content) == "It is warm."
    assert [len(step.results) for step in runner.steps] == [2, 1, 0]
    assert [step.final for step in runner.steps] == [False, False, True]
    assert here.outputs(1) == [
        '{"city":"Berlin","degrees":21,"unit":"c"}',
        '{"city":"Rome","degrees":21,"unit":"f"}',
    ]
    assert len(here.bodies()) == 3
    assert runner.usage["total_tokens"] == 36
    tool = here.tool()
    assert (tool["name"], tool["description"], tool["strict"]) == ("weather", "Say how warm it is.", True)
    properties = tool["parameters"]["properties"]
    assert properties["city"]["description"] == "Where, without the country."
    assert properties["unit"]["enum"] == ["c", "f"]
    assert tool["parameters"]["required"] == ["city", "unit"]
    assert tool["parameters"]["additionalProperties"] is False


def test_what_was_said_is_sent_back_as_it_was(server: MockServer) -> None:
    chat = Setting(server, "chat", "sync", [BERLIN], "Warm.")
    runner = chat.run([weather])
    user, assistant, tool = chat.bodies()[1]["messages"]
    assert user == {"role": "user", "content": "How warm is it?"}
    assert assistant == chat_answer(BERLIN)["json"]["choices"][0]["message"]
    assert (tool["role"], tool["tool_call_id"]) == ("tool", "call_0")
    assert runner.messages[-1] == {"role": "assistant", "content": "Warm."}
    responses = Setting(server, "responses", "sync", [BERLIN], "Warm.")
    responses.run([weather])
    user, call, output = responses.bodies()[1]["input"]
    assert user == {"role": "user", "content": "How warm is it?"}
    assert call == responses_answer(BERLIN)["json"]["output"][0]
    assert (output["type"], output["call_id"]) == ("function_call_output", "call_0")


@pytest.mark.parametrize("name", ["previous_response_id", "conversation"])
def test_only_what_is_new_is_sent_where_the_api_keeps_the_rest(server: MockServer, name: str) -> None:
    here = Setting(server, "responses", "sync", [BERLIN], "Warm.")
    here.run([weather], **{name: "before"})
    first, second = here.bodies()
    assert first[name] == "before"
    assert second[name] == ("resp" if name == "previous_response_id" else "before")
    assert [item["type"] for item in second["input"]] == ["function_call_output"]


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (("weather", {"city": "Atlantis", "unit": "c"}), ["No such city; ask for another one."]),
        (("weather", {"city": "Bielefeld", "unit": "c"}), ["The tool `weather` failed with KeyError: 'bielefeld'"]),
        (("weather", {"city": 3, "unit": "c"}), ["`/city`", "Call it again"]),
        (("weather", {"city": "Berlin", "unit": "kelvin"}), ["`/unit`"]),
        (("weather", {"city": "Berlin"}), ['"unit" is missing']),
        (("weather", {"city": "Berlin", "unit": "c", "more": 1}), ["more"]),
        (("weather", '{"city": "Ber'), ["do not fit the tool `weather`"]),
        (("whether", {}), ["There is no tool `whether`. The tools are: weather."]),
    ],
)
def test_the_model_is_told_what_went_wrong(setting: Any, call: Any, told: list[str]) -> None:
    here = setting([call], [BERLIN], "Warm.")
    runner = here.run([weather])
    (output,) = here.outputs(1)
    assert all(text in output for text in told), output
    (result,) = runner.steps[0].results
    assert isinstance(result.error, Exception)
    assert result.output == output
    assert runner.steps[1].results[0].error is None


def test_pydantic_checks_what_a_schema_cannot_say(setting: Any) -> None:
    def even(number: Annotated[int, pydantic.AfterValidator(_even)]) -> int:
        return number

    here = setting([("even", {"number": 3})], [("even", {"number": 4})], "Even.")
    runner = here.run([even])
    assert "`/number`: Value error, odd" in here.outputs(1)[0]
    assert runner.steps[1].results[0].value == 4
    assert here.outputs(2)[-1] == "4"


def _even(number: int) -> int:
    if number % 2:
        raise ValueError("odd")
    return number


def test_a_run_has_a_limit_and_loses_nothing(setting: Any) -> None:
    here = setting([BERLIN], [BERLIN], "too late")
    runner = here.runner([weather], max_steps=2)
    with pytest.raises(tailrace.ToolStepLimitError, match="after 2 requests") as caught:
        here.wait(runner.until_done)
    assert len(here.bodies()) == 2
    assert len(runner.steps) == 2
    assert caught.value.messages is runner.messages
    last: Any = runner.messages[-1]
    assert "Berlin" in (last.get("content") or last.get("output"))
    with pytest.raises(ValueError, match="max_steps"):
        here.runner([weather], max_steps=0)


def test_ten_requests_are_the_limit_unless_another_is_given(setting: Any) -> None:
    here = setting(*[[BERLIN]] * 11)
    with pytest.raises(tailrace.ToolStepLimitError):
        here.run([weather])
    assert len(here.bodies()) == 10


def test_a_run_goes_step_by_step(setting: Any) -> None:
    here = setting([BERLIN], "Warm.")
    runner = here.runner([weather])
    assert here.bodies() == []

    def steps() -> list[int]:
        return [step.number for step in runner]

    async def async_steps() -> list[int]:
        return [step.number async for step in runner]

    assert here.wait(steps if here.form == "sync" else async_steps) == [1, 2]


def test_hooks_are_told_of_every_step(setting: Any) -> None:
    here = setting([BERLIN, BERLIN], "Warm.")
    told: list[Any] = []

    async def later(step: Any) -> None:
        told.append(("step", step.number, len(step.results)))

    here.run(
        [weather],
        parallel=False,
        on_step=later if here.form == "async" else lambda step: told.append(("step", step.number, len(step.results))),
        on_tool_call=lambda call: told.append(("call", call.id, json.loads(call.text)["city"])),
        on_tool_result=lambda result: told.append(("result", result.call.id, result.value["degrees"])),
    )
    calls = [(kind, f"call_{place}", said) for place in (0, 1) for kind, said in (("call", "Berlin"), ("result", 21))]
    assert told == [*calls, ("step", 1, 2), ("step", 2, 0)]


def test_a_hook_can_refuse_a_call(setting: Any) -> None:
    here = setting([BERLIN], "Then not.")
    seen: list[str] = []

    def refuse(call: Any) -> None:
        raise tailrace.ToolError("The user said no.")

    here.run([lambda_free(seen)], on_tool_call=refuse)
    assert here.outputs(1) == ["The user said no."]
    assert seen == []


def lambda_free(seen: list[str]) -> Any:
    def weather(city: str, unit: str) -> str:
        seen.append(city)
        return city

    return weather


def test_a_hook_that_fails_ends_the_run(setting: Any) -> None:
    here = setting([BERLIN], "never")

    def fail(step: Any) -> None:
        raise ZeroDivisionError

    runner = here.runner([weather], on_step=fail)
    with pytest.raises(ZeroDivisionError):
        here.wait(runner.until_done)
    here.wait(runner.until_done)
    assert len(here.bodies()) == 1
    assert len(runner.steps) == 1


def test_calls_of_one_answer_run_at_the_same_time(setting: Any) -> None:
    here = setting([("meet", {"name": "a"}), ("meet", {"name": "b"})], "Met.")
    meeting = threading.Barrier(2, timeout=60)
    variable: contextvars.ContextVar[str] = contextvars.ContextVar("variable", default="lost")

    def meet(name: str) -> str:
        meeting.wait()
        return name + variable.get()

    variable.set("!")
    here.run([meet])
    assert here.outputs(1) == ["a!", "b!"]


def test_async_tools_run_as_tasks(server: MockServer) -> None:
    here = Setting(server, "chat", "async", [("meet", {"name": "a"}), ("meet", {"name": "b"})], "Met.")
    arrived: list[str] = []

    async def meet(name: str) -> str:
        arrived.append(name)
        while len(arrived) < 2:
            await asyncio.sleep(0)
        return name

    here.run([meet])
    assert here.outputs(1) == ["a", "b"]


def test_parallel_can_be_turned_off(setting: Any) -> None:
    here = setting([("alone", {}), ("alone", {})], "Done.")
    inside: list[int] = []

    def alone() -> str:
        inside.append(1)
        time.sleep(0.01)
        count = len(inside)
        inside.pop()
        return str(count)

    here.run([alone], parallel=False)
    assert here.outputs(1) == ["1", "1"]


def test_cancelling_a_task_cancels_its_tools(server: MockServer) -> None:
    here = Setting(server, "chat", "async", [("hang", {}), ("hang", {})], "never")
    ended: list[str] = []
    started = 0

    async def hang() -> None:
        nonlocal started
        started += 1
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            ended.append("cancelled")
            raise

    async def main() -> Any:
        runner = here.runner([hang])
        task = asyncio.ensure_future(runner.until_done())
        while started < 2:
            await asyncio.sleep(0.001)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await runner.until_done()
        return runner

    asyncio.run(main())
    assert ended == ["cancelled", "cancelled"]
    assert len(here.bodies()) == 1


def test_closing_a_run_ends_it(setting: Any) -> None:
    here = setting([BERLIN], "never")

    def first() -> int:
        with here.runner([weather]) as runner:
            next(iter(runner))
        return len(list(runner))

    async def async_first() -> int:
        async with here.runner([weather]) as runner:
            await runner.__anext__()
        return len([step async for step in runner])

    assert here.wait(first if here.form == "sync" else async_first) == 0
    assert len(here.bodies()) == 1


def test_a_tool_may_close_the_run(server: MockServer) -> None:
    here = Setting(server, "chat", "sync", [("stop", {})], "never")

    def stop() -> str:
        runner.close()
        return "closed"

    runner = here.runner([stop])
    runner.until_done()
    assert runner.steps[0].results[0].output == "closed"
    assert len(here.bodies()) == 1


class Lookup(pydantic.BaseModel):
    """Look something up."""

    query: str

    def __call__(self) -> str:
        return f"found {self.query}"


@pytest.mark.parametrize(
    "tool",
    [
        Lookup,
        tailrace.pydantic_function_tool(Lookup),
        tailrace.pydantic_responses_function_tool(Lookup),
        {"type": "function", "function": {"name": "Lookup", "description": "Look something up.", "function": None}},
    ],
    ids=["class", "chat", "responses", "dictionary"],
)
def test_tools_have_several_forms(setting: Any, tool: Any) -> None:
    def find(query: str) -> str:
        return f"found {query}"

    if isinstance(tool, dict) and "function" in tool and tool["function"].get("function", find) is None:
        tool = {"type": "function", "function": {**tool["function"], "function": find}}
    here = setting([("Lookup", {"query": "it"})], "There.")
    here.run([tool])
    assert here.outputs(1) == ["found it"]
    assert (here.tool()["name"], here.tool()["description"]) == ("Lookup", "Look something up.")


def test_defaults_make_a_tool_that_is_not_strict(setting: Any) -> None:
    def search(query: str, limit: int = 3, *, schema: str | None = None) -> str:
        return f"{query} {limit} {schema}"

    here = setting([("search", {"query": "a"}), ("search", {"query": "b", "limit": 4, "schema": "s"})], "Found.")
    here.run([search])
    assert here.outputs(1) == ["a 3 None", "b 4 s"]
    assert here.tool()["strict"] is False
    assert here.tool()["parameters"]["required"] == ["query"]


def test_a_call_of_the_callers_own_tool_ends_the_run(server: MockServer) -> None:
    answer: Any = responses_answer()
    answer["json"]["output"] = [{"type": "custom_tool_call", "id": "x", "call_id": "x", "name": "own", "input": "1"}]
    base_url = server.script({"exchanges": [answer]})
    api = tailrace.OpenAI(api_key="k", base_url=base_url)
    own: Any = {"type": "custom", "name": "own"}
    runner = api.responses.run_tools(model="m", input="hi", tools=[weather, own])
    assert runner.final_answer().output[0].type == "custom_tool_call"
    assert len(json.loads(server.requests(base_url)[0]["body"])["tools"]) == 2


def test_a_call_of_a_function_that_cannot_be_run_ends_the_run(setting: Any) -> None:
    class Own(pydantic.BaseModel):
        city: str

    here = setting([BERLIN, ("Own", {"city": "Rome"})], "never")
    runner = here.run([weather, tailrace.pydantic_function_tool(Own)])
    assert len(here.bodies()) == 1
    assert runner.steps[0].final
    assert runner.steps[0].results == ()
    with pytest.raises(TypeError, match="`Own` has no `__call__`"):
        here.runner([Own])


def test_the_last_answer_can_have_a_type(setting: Any) -> None:
    class Report(pydantic.BaseModel):
        degrees: int

    here = setting([BERLIN], '{"degrees": 21}')
    kind = "response_format" if here.api == "chat" else "text_format"
    runner = here.runner([weather], **{kind: Report})
    assert here.wait(runner.final_parsed) == Report(degrees=21)


def test_a_forced_call_is_forced_once(setting: Any) -> None:
    here = setting([BERLIN], "Warm.")
    here.run([weather], tool_choice="required")
    assert [body["tool_choice"] for body in here.bodies()] == ["required", "auto"]


def many(*parts: str) -> str:
    return "".join(parts)


@pytest.mark.parametrize(
    ("tool", "told"),
    [
        (lambda: 1, "`<lambda>`"),
        (3, "A tool is a function"),
        (many, "any number of arguments"),
        (max, "does not tell its parameters"),
    ],
)
def test_a_tool_without_a_schema_is_refused(setting: Any, tool: Any, told: str) -> None:
    with pytest.raises(TypeError, match=told):
        setting().runner([tool])


def test_parameters_need_annotations_that_can_be_read(setting: Any) -> None:
    def bare(city) -> str:  # pyright: ignore[reportMissingParameterType, reportUnknownParameterType]
        return ""

    def unknown(city: NoSuchType) -> str:  # noqa: F821  # pyright: ignore[reportUndefinedVariable, reportUnknownParameterType]
        return ""

    def opaque(lock: threading.Barrier) -> str:
        return ""

    for tool, told in ((bare, "`city` of the tool `bare`"), (unknown, "NoSuchType"), (opaque, "`opaque`")):
        with pytest.raises(TypeError, match=told):
            setting().runner([tool])  # pyright: ignore[reportUnknownArgumentType]


def test_two_tools_of_one_name_are_refused(setting: Any) -> None:
    with pytest.raises(TypeError, match="Two tools are called `weather`"):
        setting().runner([weather, weather])


def test_a_blocking_client_runs_no_async_tools(server: MockServer) -> None:
    with pytest.raises(TypeError, match="AsyncOpenAI"):
        Setting(server, "chat", "sync").runner([weather_async])


def test_a_result_without_json_is_told_to_the_model(setting: Any) -> None:
    def lock() -> Any:
        return threading.Lock()

    here = setting([("lock", {})], "Well.")
    here.run([lock])
    assert "which has no form in JSON" in here.outputs(1)[0]


def test_a_failed_request_raises_and_keeps_what_was_done(server: MockServer) -> None:
    base_url = server.script({"exchanges": [chat_answer(BERLIN), {"status": 500, "json": {}}]})
    api = tailrace.OpenAI(api_key="k", base_url=base_url, max_retries=0)
    runner = api.chat.completions.run_tools(model="m", messages=[{"role": "user", "content": "?"}], tools=[weather])
    with pytest.raises(tailrace.InternalServerError):
        runner.until_done()
    assert [message["role"] for message in runner.messages] == ["user", "assistant", "tool"]


def test_a_stream_is_refused(setting: Any) -> None:
    with pytest.raises(TypeError, match="stream"):
        setting().runner([weather], stream=True)
