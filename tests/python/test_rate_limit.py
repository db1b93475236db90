"""`rate_limit` of raw responses: what the `x-ratelimit-*` fields say, typed."""

from __future__ import annotations

from typing import Any

import pytest

import tailrace
from tailrace._rate_limit import Quota, RateLimit, rate_limit_of
from tailrace.testing import MockServer

FIELDS = {
    "x-ratelimit-limit-requests": "60", "x-ratelimit-remaining-requests": "59", "x-ratelimit-reset-requests": "1s",
    "x-ratelimit-limit-tokens": "150000", "x-ratelimit-remaining-tokens": "149984",
    "x-ratelimit-reset-tokens": "6m0s",
}  # fmt: skip
SAID = RateLimit(Quota(60, 59, 1.0), Quota(150000, 149984, 360.0))


def test_raw_responses_say_it(server: MockServer) -> None:
    url = server.script({"exchanges": [{"json": {"data": []}, "headers": FIELDS, "repeat": True}]})
    client = server.client(url)
    assert client.models.with_raw_response.list().rate_limit == SAID
    with client.models.with_streaming_response.list() as response:
        assert response.rate_limit == SAID


def test_a_response_without_the_fields_says_nothing(server: MockServer) -> None:
    client = server.client(server.script({"exchanges": [{"json": {"data": []}}]}))
    assert client.models.with_raw_response.list().rate_limit is None


async def async_limit(client: tailrace.AsyncOpenAI) -> Any:
    async with client:
        return (await client.models.with_raw_response.list()).rate_limit


def test_async_responses_say_it(server: MockServer) -> None:
    import asyncio

    url = server.script({"exchanges": [{"json": {"data": []}, "headers": FIELDS}]})
    assert asyncio.run(async_limit(server.async_client(url))) == SAID


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("120ms", 0.12), ("8.64s", 8.64), ("1h2m3.5s", 3723.5), ("1d", 86400.0), ("0s", 0.0), ("7", 7.0), ("1.5", 1.5),
        ("", None), ("soon", None), ("1s!", None), ("-1s", None), ("s", None), ("1y", None), ("1 s", None),
        ("1s" * 40, None), ("\u0661s", None),
    ],
)  # fmt: skip
def test_when_a_limit_is_whole_again(text: str, seconds: float | None) -> None:
    said = rate_limit_of({"x-ratelimit-reset-tokens": text})
    assert said is not None
    assert said.requests is None
    assert said.tokens is not None
    assert said.tokens.reset == (None if seconds is None else pytest.approx(seconds))


@pytest.mark.parametrize("text", ["", "-1", "1.5", "many", "9" * 30, "1 2"])
def test_a_number_that_is_none_is_none(text: str) -> None:
    assert rate_limit_of({"x-ratelimit-limit-requests": text}) == RateLimit(Quota(None, None, None), None)
