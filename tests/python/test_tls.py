"""Certificates, over real handshakes: who is trusted, what the client shows, and that nothing falls back silently."""

from __future__ import annotations

import asyncio
import datetime
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from compared import KINDS
from real_parts import free_port, nginx, program, running

import tailrace
from tailrace.testing import MockServer

trustme = pytest.importorskip("trustme", reason="needs trustme, which makes certificates")

MODELS = '{"object":"list","data":[]}'


class Certificates:
    """An authority with the files that servers and clients want."""

    def __init__(self, folder: Path) -> None:
        self.ca, self.folder = trustme.CA(), folder
        self.roots = folder / "roots.pem"
        self.ca.cert_pem.write_to_path(self.roots)

    def issue(self, name: str, *identities: str, **options: Any) -> tuple[Path, Path]:
        """Return the files of a certificate and of its key."""
        made = self.ca.issue_cert(*identities, **options)
        chain, key = self.folder / f"{name}.pem", self.folder / f"{name}.key"
        chain.write_bytes(b"".join(blob.bytes() for blob in made.cert_chain_pems))
        made.private_key_pem.write_to_path(key)
        return chain, key


def block(port: int, pair: tuple[Path, Path], more: str = "") -> str:
    return (
        f"server {{ listen 127.0.0.1:{port} ssl {'http2' if 'http2' in more else ''}; "
        f"ssl_certificate {pair[0]}; ssl_certificate_key {pair[1]}; {more.replace('http2', '')} "
        f"location / {{ default_type application/json; return 200 '{MODELS}'; }} }}\n"
    )


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return Certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="module")
def ports(certificates: Certificates, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, int]]:
    """nginx with a server for each certificate."""
    program("nginx")
    long_ago = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=2)
    other = Certificates(tmp_path_factory.mktemp("other"))
    pairs = {
        "good": certificates.issue("good", "localhost", "127.0.0.1"),
        "name": certificates.issue("name", "localhost"),
        "wrong": certificates.issue("wrong", "elsewhere.example"),
        "expired": certificates.issue("expired", "localhost", not_after=long_ago),
        "stranger": other.issue("stranger", "localhost"),
    }
    found = {name: free_port() for name in (*pairs, "asks", "http2")}
    blocks = [block(found[name], pair) for name, pair in pairs.items()]
    asks = f"ssl_verify_client on; ssl_client_certificate {certificates.roots};"
    blocks += [block(found["asks"], pairs["good"], asks), block(found["http2"], pairs["good"], "http2")]
    with nginx(tmp_path_factory.mktemp("nginx"), "".join(blocks), found["good"]):
        yield found


def listed(kind: str, url: str, **options: Any) -> Any:
    """List models with a default client of these options; return the raw response, or the error."""

    async def awaited() -> Any:
        http_client = tailrace.DefaultAsyncHttpxClient(**options)
        async with tailrace.AsyncOpenAI(api_key="k", base_url=url, max_retries=0, http_client=http_client) as client:
            return await client.models.with_raw_response.list()

    try:
        if kind == "AsyncOpenAI":
            return asyncio.run(awaited())
        http_client = tailrace.DefaultHttpxClient(**options)
        with tailrace.OpenAI(api_key="k", base_url=url, max_retries=0, http_client=http_client) as client:
            return client.models.with_raw_response.list()
    except tailrace.APIConnectionError as error:
        return error


def version(found: Any) -> str:
    assert not isinstance(found, Exception), repr(found.__cause__)
    assert found.parse().data == []
    return found.http_response.http_version


@pytest.mark.parametrize("kind", KINDS)
def test_an_authority_of_ones_own(certificates: Certificates, ports: dict[str, int], kind: str) -> None:
    for verify in (str(certificates.roots), certificates.roots, str(certificates.folder)):
        for host in ("localhost", "127.0.0.1"):
            assert version(listed(kind, f"https://{host}:{ports['good']}/v1", verify=verify)) == "HTTP/1.1"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("server", "host"),
    [("wrong", "localhost"), ("name", "127.0.0.1"), ("expired", "localhost"), ("stranger", "localhost")],
)
def test_who_is_not_trusted(
    certificates: Certificates, ports: dict[str, int], kind: str, server: str, host: str
) -> None:
    url = f"https://{host}:{ports[server]}/v1"
    error = listed(kind, url, verify=str(certificates.roots))
    assert isinstance(error, tailrace.APIConnectionError)
    assert "certificate" in f"{error} {error.__cause__}".lower()
    # Who asks to trust anybody does.
    assert version(listed(kind, url, verify=False)) == "HTTP/1.1"


def test_the_roots_of_the_system_do_not_know_it(ports: dict[str, int]) -> None:
    for options in ({}, {"verify": True}):
        assert isinstance(listed("OpenAI", f"https://localhost:{ports['good']}/v1", **options), Exception)


@pytest.mark.parametrize("kind", KINDS)
def test_a_client_certificate(certificates: Certificates, ports: dict[str, int], kind: str, tmp_path: Path) -> None:
    url = f"https://localhost:{ports['asks']}/v1"
    chain, key = certificates.issue("client", "client@localhost")
    both = tmp_path / "both.pem"
    both.write_bytes(key.read_bytes() + chain.read_bytes())
    for cert in ((str(chain), str(key)), str(both)):
        assert version(listed(kind, url, verify=str(certificates.roots), cert=cert)) == "HTTP/1.1"
    # nginx answers 400 to who shows nothing.
    with pytest.raises(tailrace.BadRequestError) as raised:
        listed(kind, url, verify=str(certificates.roots))
    assert "No required SSL certificate" in raised.value.response.text


@pytest.mark.parametrize("kind", KINDS)
def test_http_2_on_request(certificates: Certificates, ports: dict[str, int], kind: str) -> None:
    verify = str(certificates.roots)
    for server, http2, expected in [
        ("http2", True, "HTTP/2"),
        ("http2", False, "HTTP/1.1"),
        ("good", True, "HTTP/1.1"),
    ]:
        url = f"https://localhost:{ports[server]}/v1"
        assert version(listed(kind, url, verify=verify, http2=http2)) == expected


@pytest.mark.parametrize("http2", [False, True])
def test_streams_behind_haproxy(certificates: Certificates, server: MockServer, tmp_path: Path, http2: bool) -> None:
    """Long streams at once, over TLS that haproxy takes off."""
    path, port = program("haproxy"), free_port()
    chain, key = certificates.issue("haproxy", "localhost")
    both = tmp_path / "haproxy.pem"
    both.write_bytes(chain.read_bytes() + key.read_bytes())
    config = tmp_path / "haproxy.cfg"
    config.write_text(
        "global\n maxconn 200\ndefaults\n mode http\n timeout connect 60s\n timeout client 60s\n timeout server 60s\n"
        f"frontend f\n bind 127.0.0.1:{port} ssl crt {both} alpn h2,http/1.1\n default_backend b\n"
        f"backend b\n server s {server.url.removeprefix('http://').partition('/')[0]}\n"
    )

    async def run() -> list[int]:
        http_client = tailrace.DefaultAsyncHttpxClient(verify=str(certificates.roots), http2=http2)
        async with tailrace.AsyncOpenAI(
            api_key="k", base_url=f"https://localhost:{port}/v1", http_client=http_client
        ) as client:

            async def read() -> int:
                messages: Any = [{"role": "user", "content": "hi"}]
                count = 0
                async for _ in await client.chat.completions.create(model="m", messages=messages, stream=True):
                    count += 1
                return count

            return await asyncio.gather(*(read() for _ in range(20)))

    with running([path, "-f", str(config)], port, tmp_path / "log"):
        counts = asyncio.run(run())
    assert len(set(counts)) == 1
    assert counts[0] > 1


@pytest.mark.parametrize("kind", KINDS)
def test_a_context_is_honoured_by_a_client_of_httpx2(
    certificates: Certificates, ports: dict[str, int], kind: str
) -> None:
    pytest.importorskip("httpx2", reason="needs httpx2, which takes contexts")
    chain, key = certificates.issue("context", "client@localhost")
    context = ssl.create_default_context(cafile=str(certificates.roots))
    context.load_cert_chain(str(chain), str(key))
    assert version(listed(kind, f"https://localhost:{ports['asks']}/v1", verify=context)) == "HTTP/1.1"
    assert isinstance(listed(kind, f"https://localhost:{ports['stranger']}/v1", verify=context), Exception)


def test_what_cannot_be_used_is_refused_where_it_is_given(certificates: Certificates, tmp_path: Path) -> None:
    chain, _ = certificates.issue("half", "client@localhost")
    _, other = certificates.issue("other", "client@localhost")
    empty = tmp_path / "empty.pem"
    empty.write_text("")
    for options, said in [
        ({"cert": str(chain)}, "private key"),
        ({"cert": (str(chain), str(other))}, "belong together"),
        ({"verify": str(empty)}, "certificates to trust"),
        ({"cert": (str(empty), str(other))}, "client certificate"),
    ]:
        with pytest.raises(ValueError, match=said):
            tailrace.DefaultHttpxClient(**options)
    with pytest.raises(FileNotFoundError):
        tailrace.DefaultHttpxClient(verify=str(tmp_path / "nowhere.pem"))
