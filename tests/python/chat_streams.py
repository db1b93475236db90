"""Streams of chat completions as lists of chunks, the plain and the odd, by name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

ROLE = {"role": "assistant"}
USAGE = {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}
ANSWER = '{"city":"Łódź \\ud83c\\udf0d","steps":[{"text":"a","minutes":1.5},{"text":"b \\"q\\"","minutes":2}],"n":42}'


def chunk(*choices: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [*choices], **fields}


def choice(delta: dict[str, Any], index: int = 0, finish: str | None = None, **fields: Any) -> dict[str, Any]:
    return {"index": index, "delta": delta, "finish_reason": finish, **fields}


def content(*pieces: str, finish: str = "stop", **fields: Any) -> list[dict[str, Any]]:
    """A stream as the API sends it: the role, the pieces, the end."""
    texts = [chunk(choice({"content": piece})) for piece in pieces]
    return [chunk(choice({**ROLE, "content": "", "refusal": None})), *texts, chunk(choice({}, finish=finish), **fields)]


def call(index: int, arguments: str | None = None, **fields: Any) -> dict[str, Any]:
    name = fields.pop("name", None)
    function = {key: value for key, value in (("name", name), ("arguments", arguments)) if value is not None}
    return {"index": index, "function": function, **fields}


def calls(*items: dict[str, Any]) -> dict[str, Any]:
    return {"tool_calls": [*items]}


def logprob(token: str) -> dict[str, Any]:
    return {"token": token, "logprob": -0.5, "bytes": [*token.encode()], "top_logprobs": []}


def pieces(text: str, size: int) -> Iterator[str]:
    for start in range(0, len(text), size):
        yield text[start : start + size]


def _begun(name: str, arguments: str = "", index: int = 0) -> dict[str, Any]:
    return calls(call(index, arguments, id=f"call_{index}", type="function", name=name))


#: Streams that both packages read with the same result. Each is read with a format, with tools and with neither.
STREAMS: dict[str, list[dict[str, Any]]] = {
    "text": content("He", "llo"),
    "json by one": content(*pieces(ANSWER, 1)),
    "json by four": content(*pieces(ANSWER, 4), usage=USAGE),
    "json at once": content(ANSWER),
    "usage at the end": [*content(ANSWER), chunk(usage=USAGE)],
    "usage in every chunk": [
        {**item, "usage": {**USAGE, "completion_tokens": at}} for at, item in enumerate(content(ANSWER))
    ],
    "no role": [chunk(choice({"content": "a"})), chunk(choice({"content": "b"}, finish="stop"))],
    "role in every chunk": [chunk(choice({**ROLE, "content": piece})) for piece in ("{", "}")],
    "nothing in the first chunk": [chunk(), *content(ANSWER)],
    "all in the first chunk": [chunk(choice({**ROLE, "content": ANSWER}, finish="stop"))],
    "no content": [chunk(choice(ROLE)), chunk(choice({}, finish="stop"))],
    "empty content": content(),
    "content that is null": [chunk(choice({**ROLE, "content": None})), chunk(choice({"content": None}, finish="stop"))],
    "spaces before": content(" ", "\n", ANSWER),
    "spaces after": content(ANSWER, " ", "\n"),
    "text after": content(ANSWER, " and", " more"),
    "no json": content("Sorry", ", no"),
    "no json later": content('{"city"', " no"),
    "does not fit": content('{"city":', "1}"),
    "one key twice": content('{"city":"a",', '"city":"b', '","steps":[],"n":1}'),
    "not a number": content('{"n":', "NaN", "}"),
    "cut at the limit": content('{"city":"a', finish="length"),
    "stopped by the filter": content('{"city":"a', finish="content_filter"),
    "filtered at once": [chunk(choice({**ROLE, "content": None}, finish="content_filter"))],
    "not finished": content(ANSWER)[:-1],
    "cut without a reason": content('{"city":"a'),
    "more after the end": [*content(ANSWER), chunk(choice({"content": " "})), chunk(choice({}, finish="length"))],
    "refusal": [
        chunk(choice({**ROLE, "refusal": ""})), chunk(choice({"refusal": "I "})), chunk(choice({"refusal": "can't"})),
        chunk(choice({}, finish="stop")),
    ],
    "refusal after content": [
        chunk(choice({**ROLE, "content": '{"city'})), chunk(choice({"refusal": "no"})),
        chunk(choice({"content": '":"'})), chunk(choice({}, finish="stop")),
    ],
    "three choices": [
        *(chunk(choice({**ROLE, "content": ""}, index)) for index in range(3)),
        *(chunk(choice({"content": piece}, index)) for piece in pieces(ANSWER, 9) for index in range(3)),
        *(chunk(choice({}, index, "stop")) for index in (1, 0, 2)),
    ],
    "two choices in a chunk": [
        chunk(choice({**ROLE, "content": "{"}), choice({**ROLE, "content": '{"city":"b'}, 1)),
        chunk(choice({"content": "}"}), choice({"content": '"}'}, 1)),
        chunk(choice({}, 1, "stop")), chunk(choice({}, 0, "tool_calls")),
    ],
    "logprobs": [
        chunk(choice({**ROLE, "content": ""}, logprobs=None)),
        chunk(choice({"content": "a"}, logprobs={"content": [logprob("a")], "refusal": None})),
        chunk(choice({"content": "bc"}, logprobs={"content": [logprob("b"), logprob("c")], "refusal": None})),
        chunk(choice({}, finish="stop", logprobs=None)),
    ],
    "logprobs of both": [
        chunk(choice({**ROLE, "content": "a"}, logprobs={"content": [logprob("a")]})),
        chunk(choice({"refusal": "q"}, logprobs={"content": None, "refusal": [logprob("q")]})),
        chunk(choice({"refusal": "r"}, logprobs={"content": [], "refusal": [logprob("r")]})),
        chunk(choice({}, finish="stop")),
    ],
    "logprobs of a later choice": [
        chunk(choice({**ROLE, "content": "a"})),
        chunk(choice({**ROLE, "content": "b"}, 1, logprobs={"content": [logprob("b")]}, extra=3)),
        chunk(choice({}, 1, "stop")),
    ],
    "a call": [
        chunk(choice({**ROLE, "content": None, **_begun("Trip")})),
        *(chunk(choice(calls(call(0, piece)))) for piece in pieces(ANSWER, 5)),
        chunk(choice({}, finish="tool_calls")),
    ],
    "two calls": [
        chunk(choice(ROLE)), chunk(choice(_begun("Trip", '{"ci'))),
        chunk(choice(calls(call(0, 'ty":"x","steps":[],"n":1}')))),
        chunk(choice(_begun("strict", index=1))), chunk(choice(calls(call(1, '{"city":')))),
        chunk(choice({"content": "mid"})), chunk(choice(calls(call(1, '"z"}')))),
        chunk(choice({}, finish="tool_calls")),
    ],
    "calls of tools that are not strict": [
        chunk(choice({**ROLE, **_begun("loose", '{"a"')})), chunk(choice(calls(call(0, ":1}")))),
        chunk(choice(_begun("unknown", "{}", 1))), chunk(choice({}, finish="tool_calls")),
    ],
    "a call in two items of one chunk": [
        chunk(choice({**ROLE, "tool_calls": []})),
        chunk(choice(calls(call(0, id="i", type="function", name="strict"), call(0, '{"path"')))),
        chunk(choice(calls(call(0, ": "), call(0, '"."}')))), chunk(choice({}, finish="tool_calls")),
    ],
    "a call, its name and its id repeated": [
        chunk(choice({**ROLE, **_begun("f")})), chunk(choice(_begun("f", "{}"))),
        chunk(choice({}, finish="tool_calls")),
    ],
    "arguments that do not fit": [
        chunk(choice({**ROLE, **_begun("Trip", '{"n":')})), chunk(choice(calls(call(0, "1}")))),
        chunk(choice({}, finish="tool_calls")),
    ],
    "arguments that are no json": [
        chunk(choice({**ROLE, **_begun("strict", '{"a"')})), chunk(choice(calls(call(0, "no")))),
        chunk(choice({}, finish="tool_calls")),
    ],
    "arguments that are cut": [
        chunk(choice({**ROLE, **_begun("strict", '{"a')})), chunk(choice({}, finish="length")),
    ],
    "no arguments": [
        chunk(choice(ROLE)), chunk(choice(calls(call(0, id="i", type="function", name="loose")))),
        chunk(choice({}, finish="tool_calls")),
    ],
    "all at the end": [
        chunk(choice(ROLE)),
        chunk(
            choice(
                {"content": "c", "refusal": "r", **_begun("strict", "{}")}, finish="stop",
                logprobs={"content": [logprob("c")], "refusal": [logprob("r")]},
            )
        ),
    ],
    "a function call of the old form": [
        chunk(choice({**ROLE, "function_call": {"name": "f", "arguments": ""}})),
        chunk(choice({"function_call": {"arguments": "{}"}})), chunk(choice({}, finish="function_call")),
    ],
    "audio": [
        chunk(choice({**ROLE, "audio": {"id": "a", "transcript": "x", "expires_at": 5}})),
        chunk(choice({"audio": {"transcript": "y", "data": "zz"}})), chunk(choice({}, finish="stop")),
    ],
    "fields that nobody knows": [
        chunk(choice({**ROLE, "reasoning": "ab", "n": 1, "o": {"a": "x"}, "l": [1]}, foo="a"), bar="q"),
        chunk(choice({"reasoning": "cd", "n": 2, "o": {"a": "y", "b": 1}, "l": [2]}, foo="b"), bar="r"),
        chunk(choice({"reasoning": None, "z": "new"})), chunk(choice({}, finish="stop")),
    ],
    "what is said of the whole changes": [
        chunk(choice(ROLE), service_tier="default", system_fingerprint="a", usage=None),
        chunk(choice({}), id="d", model="n", obfuscation="x"),
        chunk(choice({}), system_fingerprint="b", service_tier="flex", usage=USAGE), chunk(choice({}, finish="stop")),
    ],
    "events of another kind between": [
        content(ANSWER)[0], chunk(object="chat.completion.keepalive"), *content(ANSWER)[1:],
        {"id": "c", "object": "", "created": 1, "model": "m", "choices": []},
    ],
}  # fmt: skip
