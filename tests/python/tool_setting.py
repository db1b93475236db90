"""One API in one form for the tests of `run_tools`, and the answers that its server gives."""

from __future__ import annotations

import asyncio
import json
from typing import Any, Literal

import tailrace
from tailrace.testing import MockServer


def weather(city: str, unit: Literal["c", "f"]) -> dict[str, Any]:
    """Say how warm it is.

    Args:
        city: Where, without
            the country.
        unit: Of the temperature.
    """
    if city == "Atlantis":
        raise tailrace.ToolError("No such city; ask for another one.")
    if city == "Bielefeld":
        raise KeyError("bielefeld")
    return {"city": city, "degrees": 21, "unit": unit}


async def weather_async(city: str, unit: Literal["c", "f"]) -> dict[str, Any]:
    """Say how warm it is."""
    await asyncio.sleep(0)
    return weather(city, unit)


def chat_answer(*calls: tuple[str, Any], text: str | None = None) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": text}
    if calls:
        message["tool_calls"] = [
            {
                "id": f"call_{place}",
                "type": "function",
                "function": {"name": name, "arguments": given if isinstance(given, str) else json.dumps(given)},
            }
            for place, (name, given) in enumerate(calls)
        ]
    choice = {"index": 0, "finish_reason": "tool_calls" if calls else "stop", "message": message}
    usage = {"prompt_tokens": 10, "completion_tokens": 2, "total_tokens": 12}
    return {"json": {"id": "c", "object": "chat.completion", "model": "m", "choices": [choice], "usage": usage}}


def responses_answer(*calls: tuple[str, Any], text: str | None = None) -> dict[str, Any]:
    output: list[dict[str, Any]] = [
        {
            "type": "function_call",
            "id": f"fc_{place}",
            "call_id": f"call_{place}",
            "name": name,
            "arguments": given if isinstance(given, str) else json.dumps(given),
            "status": "completed",
        }
        for place, (name, given) in enumerate(calls)
    ]
    if text is not None:
        content = [{"type": "output_text", "text": text, "annotations": []}]
        output.append({"type": "message", "id": "m", "role": "assistant", "status": "completed", "content": content})
    usage = {"input_tokens": 10, "output_tokens": 2, "total_tokens": 12}
    return {"json": {"id": "resp", "object": "response", "status": "completed", "output": output, "usage": usage}}


class Setting:
    """One API in one form: the same run, whichever it is."""

    def __init__(self, server: MockServer, api: str, form: str, *answers: Any) -> None:
        answer = chat_answer if api == "chat" else responses_answer
        exchanges = [answer(text=one) if isinstance(one, str) else answer(*one) for one in answers]
        self.server, self.api, self.form = server, api, form
        self.base_url = server.script({"exchanges": exchanges or [{"status": 418, "json": {}}]})
        kind: Any = tailrace.OpenAI if form == "sync" else tailrace.AsyncOpenAI
        self.client = kind(api_key="k", base_url=self.base_url, max_retries=0)

    def runner(self, tools: list[Any], **options: Any) -> Any:
        if self.api == "chat":
            said: Any = {"messages": [{"role": "user", "content": "How warm is it?"}]}
            return self.client.chat.completions.run_tools(model="m", tools=tools, **said, **options)
        return self.client.responses.run_tools(model="m", tools=tools, **{"input": "How warm is it?", **options})

    def run(self, tools: list[Any], **options: Any) -> Any:
        """Run to the end and return the runner."""
        runner = self.runner(tools, **options)
        self.wait(runner.until_done)
        return runner

    def wait(self, action: Any) -> Any:
        if self.form == "sync":
            return action()

        async def main() -> Any:
            return await action()

        return asyncio.run(main())

    def bodies(self) -> list[dict[str, Any]]:
        return [json.loads(request["body"]) for request in self.server.requests(self.base_url)]

    def outputs(self, request: int) -> list[str]:
        """What the model was told of its calls, in a request."""
        if self.api == "chat":
            return [one["content"] for one in self.bodies()[request]["messages"] if one["role"] == "tool"]
        return [one["output"] for one in self.bodies()[request]["input"] if one.get("type") == "function_call_output"]

    def tool(self, place: int = 0) -> dict[str, Any]:
        """The definition of a tool as it was sent."""
        sent = self.bodies()[0]["tools"][place]
        return sent["function"] if self.api == "chat" else sent
