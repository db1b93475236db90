"""The official package over our transports, and certificates, proxies and HTTP/2 on the way."""

from __future__ import annotations

import asyncio
import importlib
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from compared import both, json
from real_parts import free_port, nginx, program, running
from transport_setting import Client, Setting, library, setting

import tailrace
from tailrace.testing import MockServer

__all__ = ["library", "setting"]

MESSAGES: Any = [{"role": "user", "content": "é"}]
CHAT = {"id": "c", "object": "chat.completion", "created": 1, "model": "m", "choices": []}
CHUNKS = [{"data": '{"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[]}'}] * 3


class Over:
    """The official package with clients of a library that go over our transport."""

    def __init__(self, official: ModuleType, library: Any) -> None:
        self.official, self.library = official, library

    def OpenAI(self, **options: Any) -> Any:  # noqa: N802 - the name that it has in the package.
        transport = ours_for(self.library).Transport()
        http_client = self.library.Client(transport=transport, follow_redirects=True)
        return self.official.OpenAI(http_client=http_client, **options)

    def AsyncOpenAI(self, **options: Any) -> Any:  # noqa: N802 - the name that it has in the package.
        transport = ours_for(self.library).AsyncTransport()
        http_client = self.library.AsyncClient(transport=transport, follow_redirects=True)
        return self.official.AsyncOpenAI(http_client=http_client, **options)


def ours_for(library: Any) -> ModuleType:
    return importlib.import_module(f"tailrace.{library.__name__}")


def streamed(client: Any) -> Any:
    def listed(stream: Any) -> list[Any]:
        return [chunk.model_dump() for chunk in stream]

    made = client.chat.completions.create(model="m", messages=MESSAGES, stream=True)
    if not hasattr(made, "__await__"):
        return listed(made)

    async def read() -> list[Any]:
        return [chunk.model_dump() async for chunk in await made]

    return read()


def raw(client: Any) -> Any:
    def shown(response: Any) -> list[Any]:
        return [response.status_code, response.http_version, response.headers.get("x-own"), response.text]

    made = client.chat.completions.with_raw_response.create(model="m", messages=MESSAGES)
    if not hasattr(made, "__await__"):
        return shown(made)

    async def read() -> list[Any]:
        return shown(await made)

    return read()


EMPTY = {"object": "list", "data": []}
MOVED = {"status": 307, "headers": {"location": "{base_url}/models"}, "text": ""}
FILE = ("n", b"0123456789" * 50_000)

ACTIONS: dict[str, tuple[Any, list[dict[str, Any]]]] = {
    "call": (lambda client: client.chat.completions.create(model="m", messages=MESSAGES), [json(CHAT)]),
    "stream": (streamed, [{"sse": [*CHUNKS, {"data": "[DONE]"}]}]),
    "broken stream": (streamed, [{"sse": CHUNKS, "fault": {"kind": "reset", "at": 150}}]),
    "upload": (lambda client: client.files.create(file=FILE, purpose="batch"), [json({"id": "f"})]),
    "raw": (raw, [json(CHAT, x_own="1")]),
    "refused": (lambda client: client.models.list(), [{"status": 401, "json": {"error": {"message": "no"}}}]),
    "retried": (
        lambda client: client.with_options(max_retries=1).models.list(),
        [{"status": 500, "headers": {"retry-after-ms": "1"}, "text": ""}, json(EMPTY)],
    ),
    "reset": (lambda client: client.models.list(), [{"fault": {"kind": "reset", "at": "request"}}]),
    "redirected": (lambda client: client.models.list(), [MOVED, json(EMPTY)]),
    "timeout": (lambda client: client.with_options(timeout=0.2).models.list(), [{"delay_ms": 60_000, "json": {}}]),
    "no content": (lambda client: client.delete("/x", cast_to=type(None)), [{"status": 204}]),
}  # fmt: skip


@pytest.mark.parametrize("kind", ["OpenAI", "AsyncOpenAI"])
@pytest.mark.parametrize("name", ACTIONS)
def test_the_official_package_does_the_same(
    server: MockServer, official: ModuleType, library: Any, kind: str, name: str
) -> None:
    action, exchanges = ACTIONS[name]
    over: Any = Over(official, library)
    (ours, sent), (theirs, theirs_sent) = both(server, over, official, kind, exchanges, action)
    assert ours == theirs
    # A machine that stands still may pass the limit before anything is sent.
    if name != "timeout":
        assert sent == theirs_sent


def test_a_client_of_ours_takes_it_too(server: MockServer, library: Any) -> None:
    url = server.script({"exchanges": [json(CHAT)]})
    setting = Setting(library, ours_for(library), "sync")
    with tailrace.OpenAI(api_key="k", base_url=url, http_client=setting.client()) as client:
        assert client.chat.completions.create(model="m", messages=MESSAGES).id == "c"


@pytest.mark.once
def test_certificates_and_http2(setting: Setting, tmp_path: Path) -> None:
    trustme = pytest.importorskip("trustme", reason="needs trustme, which makes certificates")
    program("nginx")
    ca, port = trustme.CA(), free_port()
    roots, chain, key = (tmp_path / name for name in ("roots.pem", "chain.pem", "key.pem"))
    ca.cert_pem.write_to_path(roots)
    made = ca.issue_cert("127.0.0.1")
    chain.write_bytes(b"".join(blob.bytes() for blob in made.cert_chain_pems))
    made.private_key_pem.write_to_path(key)
    block = (
        f"server {{ listen 127.0.0.1:{port} ssl http2; ssl_certificate {chain}; ssl_certificate_key {key}; "
        "location / { return 200 '$server_protocol'; } }"
    )

    async def action(client: Client) -> Any:
        content = setting.content(lambda: [b"0123456789" * 30_000] * 3)
        first = await client.send("GET", f"https://127.0.0.1:{port}/")
        return first.http_version, first.text, (await client.send("POST", first.url, content=content)).status_code

    with nginx(tmp_path / "nginx", block, port):
        for http2, version in ((True, "HTTP/2"), (False, "HTTP/1.1")):
            transport = setting.transport(verify=str(roots), http2=http2)
            found = setting.run(setting.client(transport), action)
            assert found[0] == version
            assert found[1] == ("HTTP/2.0" if http2 else "HTTP/1.1")
            assert found[2] in (200, 405, 413)
        with pytest.raises(setting.library.ConnectError):
            setting.run(setting.client(), action)
        assert setting.run(setting.client(setting.transport(verify=False)), action)[0] == "HTTP/1.1"


@pytest.mark.once
def test_proxies_by_option_and_by_the_environment(
    server: MockServer, setting: Setting, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, port = program("tinyproxy"), free_port()
    config = tmp_path / "config"
    config.write_text(f"Port {port}\nListen 127.0.0.1\nTimeout 600\nAllow 127.0.0.1\nBasicAuth user pass\n")
    url = server.script({"exchanges": [{"json": {}, "repeat": True}]})

    async def action(client: Client) -> int:
        return (await client.send("GET", url)).status_code

    with running([path, "-d", "-c", str(config)], port, tmp_path / "log"):
        proxy = f"http://user:pass@127.0.0.1:{port}"
        assert setting.run(setting.client(setting.transport(proxy=proxy)), action) == 200
        assert setting.run(setting.client(setting.transport(proxy=setting.library.URL(proxy))), action) == 200
        assert setting.run(setting.client(setting.transport(proxy=proxy.replace("pass", "x"))), action) == 401
        monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{port}")
        assert setting.run(setting.client(), action) in (401, 407)
        for name in ("SSL_CERT_FILE", "SSL_CERT_DIR"):
            monkeypatch.delenv(name, raising=False)
        assert setting.run(setting.client(setting.transport(trust_env=False)), action) == 200
    names = [{name.lower() for name, _ in request["headers"]} for request in server.requests(url)]
    via = ["via" in found for found in names]
    assert via == [True, True, False]


def test_many_calls_at_once(server: MockServer, library: Any) -> None:
    """Fifty streams on one loop: each has its own body, whole."""
    setting = Setting(library, ours_for(library), "asyncio")
    url = server.script({"exchanges": [{"chunks": [{"text": "0123456789", "times": 200}], "repeat": True}]})

    async def action(client: Client) -> list[bytes]:
        responses = await asyncio.gather(*(client.send("GET", url, stream=True) for _ in range(50)))
        return list(await asyncio.gather(*(response.aread() for response in responses)))

    assert setting.run(setting.client(), action) == [b"0123456789" * 200] * 50
