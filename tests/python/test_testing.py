"""`tailrace.testing.MockServer`, which users' own tests run against."""

from __future__ import annotations

import asyncio

import pytest

import tailrace
from tailrace.testing import MockServer


def test_the_model_of_the_server_answers() -> None:
    with MockServer() as server:
        client = server.client()
        completion = client.chat.completions.create(model="mock", messages=[{"role": "user", "content": "hello"}])
        assert completion.choices[0].message.content
        text = "".join(
            chunk.choices[0].delta.content or ""
            for chunk in client.chat.completions.create(
                model="mock", messages=[{"role": "user", "content": "hello"}], stream=True
            )
            if chunk.choices
        )
        assert text
        response = client.responses.create(model="mock", input="hello")
        assert response.output_text
        events = list(client.responses.create(model="mock", input="hello", stream=True))
        assert events[0].type == "response.created"
        assert events[-1].type == "response.completed"
        assert len(server.requests()) == 4
        assert len(server.connections()) >= 1


def test_the_async_client_of_the_server() -> None:
    async def main() -> None:
        with MockServer() as server:
            async with server.async_client() as client:
                response = await client.responses.create(model="mock", input="hello")
                assert response.output_text

    asyncio.run(main())


def test_a_script_is_played_once_by_default(server: MockServer) -> None:
    base_url = server.script(
        {"exchanges": [{"status": 429, "headers": {"retry-after-ms": "1"}}, {"json": {"id": "x"}}]}
    )
    assert server.client(base_url).chat.completions.create(model="m", messages=[]).id == "x"
    counts = [dict(request["headers"])["x-stainless-retry-count"] for request in server.requests(base_url)]
    assert counts == ["0", "1"]


def test_a_script_that_is_none_names_the_field(server: MockServer) -> None:
    with pytest.raises(ValueError, match="nonsense"):
        server.script({"exchanges": [{"nonsense": 1}]})


def test_an_unknown_base_url_has_no_requests(server: MockServer) -> None:
    with pytest.raises(ValueError, match="no script"):
        server.requests("http://127.0.0.1:1/s/none/v1")


def test_a_port_in_use_is_an_os_error(server: MockServer) -> None:
    port = int(server.url.split(":")[2].partition("/")[0])
    with pytest.raises(OSError, match=r".+"):
        MockServer(port=port)


def test_a_stopped_server_refuses_connections() -> None:
    server = MockServer()
    client = server.client(max_retries=0)
    server.stop()
    server.stop()
    with pytest.raises(tailrace.APIConnectionError):
        client.chat.completions.create(model="m", messages=[])
