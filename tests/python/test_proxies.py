"""Proxies by option, over those that nobody here wrote: asked for URLs, for tunnels, and SOCKS."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from compared import KINDS
from real_parts import free_port, nginx, program, running

import tailrace
from tailrace.testing import MockServer

OK = {"json": {"data": []}, "repeat": True}


@pytest.fixture(scope="module")
def tinyproxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of an HTTP proxy that wants `user:pass`."""
    path, port, folder = program("tinyproxy"), free_port(), tmp_path_factory.mktemp("tinyproxy")
    config = folder / "config"
    config.write_text(f"Port {port}\nListen 127.0.0.1\nTimeout 600\nAllow 127.0.0.1\nBasicAuth user pass\n")
    with running([path, "-d", "-c", str(config)], port, folder / "log"):
        yield f"127.0.0.1:{port}"


@pytest.fixture(scope="module")
def microsocks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The addresses of SOCKS servers: one that wants `user:pass`, and an open one."""
    path, folder, ports = program("microsocks"), tmp_path_factory.mktemp("microsocks"), (free_port(), free_port())
    shut = [path, "-i", "127.0.0.1", "-p", str(ports[0]), "-u", "user", "-P", "pass"]
    opened = [path, "-i", "127.0.0.1", "-p", str(ports[1])]
    with running(shut, ports[0], folder / "shut"), running(opened, ports[1], folder / "open"):
        yield {"shut": f"127.0.0.1:{ports[0]}", "open": f"127.0.0.1:{ports[1]}"}


def called(kind: str, url: str, **options: Any) -> Any:
    """Call twice, each time with a default client of these options; return what came of it, or the error.

    A connection is not used again: a proxy may close it at that moment.
    """

    async def awaited() -> Any:
        http_client = tailrace.DefaultAsyncHttpxClient(**options)
        async with tailrace.AsyncOpenAI(api_key="k", base_url=url, max_retries=0, http_client=http_client) as client:
            return (await client.models.list()).data

    def blocking() -> Any:
        http_client = tailrace.DefaultHttpxClient(**options)
        with tailrace.OpenAI(api_key="k", base_url=url, max_retries=0, http_client=http_client) as client:
            return client.models.list().data

    try:
        return [asyncio.run(awaited()) if kind == "AsyncOpenAI" else blocking() for _ in range(2)]
    except tailrace.OpenAIError as error:
        return error


def chain(error: BaseException | None) -> str:
    said: list[str] = []
    while error is not None:
        said.append(repr(error))
        error = error.__cause__ or error.__context__
    return " ".join(said)


@pytest.mark.parametrize("kind", KINDS)
def test_a_proxy_that_is_asked_for_urls(server: MockServer, tinyproxy: str, kind: str) -> None:
    url = server.script({"exchanges": [OK]})
    assert called(kind, url, proxy=f"http://user:pass@{tinyproxy}") == [[], []]
    requests = server.requests(url)
    assert len(requests) == 2
    # The proxy says so, and its password stays with it.
    assert all(any(name.lower() == "via" for name, _ in request["headers"]) for request in requests)
    assert "proxy-authorization" not in str(requests).lower()


@pytest.mark.parametrize("kind", KINDS)
def test_a_tunnel(tinyproxy: str, kind: str, tmp_path: Path) -> None:
    trustme = pytest.importorskip("trustme", reason="needs trustme, which makes certificates")
    authority, port = trustme.CA(), free_port()
    made = authority.issue_cert("localhost")
    pair, roots = tmp_path / "pair.pem", tmp_path / "roots.pem"
    made.private_key_and_cert_chain_pem.write_to_path(pair)
    authority.cert_pem.write_to_path(roots)
    servers = (
        f"server {{ listen 127.0.0.1:{port} ssl http2; ssl_certificate {pair}; ssl_certificate_key {pair}; "
        "location / { default_type application/json; return 200 '{\"data\":[]}'; } }"
    )
    with nginx(tmp_path / "nginx", servers, port):
        for http2 in (False, True):
            options = {"verify": str(roots), "http2": http2}
            url = f"https://localhost:{port}/v1"
            assert called(kind, url, proxy=f"http://user:pass@{tinyproxy}", **options) == [[], []]
            error = called(kind, url, proxy=f"http://user:open-sesame@{tinyproxy}", **options)
            assert isinstance(error, tailrace.APIConnectionError)
            assert "open-sesame" not in chain(error)


@pytest.mark.parametrize("kind", KINDS)
def test_a_certificate_is_shown_to_the_server_and_not_to_its_proxy(tinyproxy: str, kind: str, tmp_path: Path) -> None:
    trustme = pytest.importorskip("trustme", reason="needs trustme, which makes certificates")
    path, authority, (server, proxy) = program("haproxy"), trustme.CA(), (free_port(), free_port())
    pair, own, roots = tmp_path / "pair.pem", tmp_path / "own.pem", tmp_path / "roots.pem"
    authority.issue_cert("localhost").private_key_and_cert_chain_pem.write_to_path(pair)
    authority.issue_cert("client@localhost").private_key_and_cert_chain_pem.write_to_path(own)
    authority.cert_pem.write_to_path(roots)
    servers = (
        f"server {{ listen 127.0.0.1:{server} ssl; ssl_certificate {pair}; ssl_certificate_key {pair}; "
        f"ssl_verify_client on; ssl_client_certificate {roots}; "
        "location / { default_type application/json; return 200 '{\"data\":[]}'; } }"
    )
    # Both ask for a certificate; who shows one to the proxy is turned away.
    config = tmp_path / "haproxy.cfg"
    config.write_text(
        "defaults\n  mode tcp\n  timeout connect 9s\n  timeout client 60s\n  timeout server 60s\n"
        f"frontend f\n  bind 127.0.0.1:{proxy} ssl crt {pair} ca-file {roots} verify optional\n"
        "  tcp-request inspect-delay 9s\n  tcp-request content reject if { ssl_c_used }\n  default_backend b\n"
        f"backend b\n  server s {tinyproxy}\n"
    )
    options = {"verify": str(roots), "cert": str(own)}
    with (
        nginx(tmp_path / "nginx", servers, server),
        running([path, "-f", str(config), "-db"], proxy, tmp_path / "log"),
    ):
        url = f"https://localhost:{server}/v1"
        assert called(kind, url, proxy=f"https://user:pass@localhost:{proxy}", **options) == [[], []]
        # The proxy does ask.
        error = called(kind, f"https://localhost:{proxy}/v1", **options)
        assert isinstance(error, tailrace.APIConnectionError)


@pytest.mark.parametrize("kind", KINDS)
def test_a_proxy_that_refuses_is_not_gone_past(server: MockServer, tinyproxy: str, kind: str) -> None:
    url = server.script({"exchanges": [OK]})
    for proxy in (f"http://{tinyproxy}", f"http://user:open-sesame@{tinyproxy}"):
        error = called(kind, url, proxy=proxy)
        assert isinstance(error, tailrace.APIStatusError)
        assert error.status_code in (401, 407)
        assert "open-sesame" not in chain(error)
    assert isinstance(called(kind, url, proxy=f"http://127.0.0.1:{free_port()}"), tailrace.APIConnectionError)
    assert server.requests(url) == []


@pytest.mark.parametrize("kind", KINDS)
def test_socks(server: MockServer, microsocks: dict[str, str], kind: str) -> None:
    url = server.script({"exchanges": [OK]})
    for scheme, (door, user) in itertools.product(("socks5", "socks5h"), (("shut", "user:pass@"), ("open", ""))):
        assert called(kind, url, proxy=f"{scheme}://{user}{microsocks[door]}") == [[], []], (scheme, door)
    for user in ("", "user:open-sesame@"):
        error = called(kind, url, proxy=f"socks5://{user}{microsocks['shut']}")
        assert isinstance(error, tailrace.APIConnectionError)
        assert "open-sesame" not in chain(error)
    assert len(server.requests(url)) == 8


@pytest.mark.parametrize("kind", KINDS)
def test_an_option_stands_before_the_environment(
    server: MockServer, tinyproxy: str, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{free_port()}")
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    monkeypatch.delenv("SSL_CERT_DIR", raising=False)
    url = server.script({"exchanges": [OK]})
    assert called(kind, url, proxy=f"http://user:pass@{tinyproxy}") == [[], []]
    assert any(name.lower() == "via" for name, _ in server.requests(url)[0]["headers"])
    monkeypatch.delenv("NO_PROXY")
    assert called(kind, url, trust_env=False) == [[], []]
    # A default client that has connections of its own takes the environment as it is now.
    error = called(kind, url, limits=type(tailrace.DEFAULT_CONNECTION_LIMITS)(max_connections=7))
    assert isinstance(error, tailrace.APIConnectionError)


@pytest.mark.parametrize("kind", KINDS)
def test_a_proxy_in_the_environment_that_cannot_be_used_is_an_error(
    server: MockServer, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "gopher://user:open-sesame@somewhere:70")
    url = server.script({"exchanges": [OK]})
    error = called(kind, url, limits=type(tailrace.DEFAULT_CONNECTION_LIMITS)(max_connections=7))
    assert isinstance(error, tailrace.APIConnectionError)
    assert "HTTP_PROXY" in chain(error)
    assert "open-sesame" not in chain(error)
    assert server.requests(url) == []


def test_what_only_httpx2_has_is_sent_by_a_client_of_httpx2(server: MockServer) -> None:
    httpx2 = pytest.importorskip("httpx2", reason="needs httpx2")
    seen: list[str] = []
    url = server.script({"exchanges": [OK]})
    hooks: Any = {"request": [lambda request: seen.append(str(request.url))]}
    assert called("OpenAI", url, event_hooks=hooks) == [[], []]
    assert called("OpenAI", url, mounts={"http://": httpx2.HTTPTransport()}, headers={"x-mine": "1"}) == [[], []]
    assert len(seen) == 2
    assert ["x-mine", "1"] in [[name.lower(), value] for name, value in server.requests(url)[-1]["headers"]]
    with pytest.raises(TypeError, match="redefines `send`"):
        type("Mine", (tailrace.DefaultHttpxClient,), {"send": None})()
    closed = tailrace.DefaultHttpxClient(event_hooks=hooks)
    closed.close()
    assert closed.is_closed
