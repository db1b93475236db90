"""Workloads that a client certificate proves, over TLS with a server that asks for one.

The official package exchanges at one address that nothing changes; the official suite, run for both, answers there.
"""

from __future__ import annotations

import asyncio
import inspect
import json
import shutil
import ssl
import subprocess
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import ModuleType
from typing import Any, cast

import pytest
from compared import KINDS

import tailrace
from tailrace.auth import x509_workload_identity

IDENTITY = x509_workload_identity(identity_provider_id="idp", service_account_id="sa")


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A root, and what it signed: a server for 127.0.0.1 and a client, each as `name.pem` and `name.key`."""
    program = shutil.which("openssl")
    if program is None:
        pytest.skip("certificates are made by the program openssl, which is not installed here")
    folder = tmp_path_factory.mktemp("certificates")

    def run(*arguments: str) -> None:
        subprocess.run([program, *arguments], cwd=folder, check=True, capture_output=True, timeout=100)

    new = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
    # Python 3.13 asks for all that RFC 5280 does.
    usage = ("-addext", "keyUsage=critical,keyCertSign,cRLSign", "-subj", "/CN=test root")
    run("req", "-x509", *new, "-keyout", "root.key", "-out", "root.pem", "-days", "3", *usage)
    for name in ("server", "client"):
        run("req", *new, "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={name}")
        (folder / "more").write_text(
            "subjectAltName=IP:127.0.0.1,DNS:localhost\nbasicConstraints=CA:FALSE\n"
            "subjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n"
        )
        signed = ("-CA", "root.pem", "-CAkey", "root.key", "-CAcreateserial", "-days", "3", "-extfile", "more")
        run("x509", "-req", "-in", f"{name}.csr", "-out", f"{name}.pem", *signed)
    return folder


class Handler(BaseHTTPRequestHandler):
    """Grants a token to whoever shows a certificate, and refuses the first for the API."""

    protocol_version = "HTTP/1.1"
    seen: list[tuple[str, str | None, Any]]
    refuses: bool

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.seen.append((self.path, self.peer(), body))
        count = sum(path == self.path for path, _, _ in self.seen)
        self.answer(200, {"access_token": f"token-{count}", "expires_in": 3600, "token_type": "Bearer"})

    def do_GET(self) -> None:
        self.seen.append((self.path, self.peer(), self.headers["authorization"]))
        if self.path == "/v1/moved":
            self.answer(307, {}, location="/v1/models")
        else:
            is_refused = self.refuses and self.headers["authorization"] == "Bearer token-1"
            self.answer(401 if is_refused else 200, {"object": "list", "data": []})

    def peer(self) -> str | None:
        certificate: Any = cast("ssl.SSLSocket", self.connection).getpeercert()
        fields: Any = () if certificate is None else certificate["subject"]
        return next((value for ((name, value),) in fields if name == "commonName"), None)

    def answer(self, status: int, body: object, **headers: str) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        for name, value in {"content-length": str(len(content)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        pass


class Service:
    """The token endpoint and the API on one port, and clients for them."""

    def __init__(self, folder: Path, refuses: bool = False) -> None:
        self.folder = folder
        self.handler = type("OneHandler", (Handler,), {"seen": [], "refuses": refuses})
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder / "server.pem", folder / "server.key")
        context.load_verify_locations(folder / "root.pem")
        context.verify_mode = ssl.CERT_REQUIRED
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self.handler)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True, do_handshake_on_connect=False)
        self.url = f"https://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def client(self, library: ModuleType, kind: str, http_client: Any, **options: Any) -> Any:
        client = getattr(library, kind)(
            **{"workload_identity": IDENTITY, "base_url": f"{self.url}/v1", "max_retries": 0, **options},
            http_client=http_client,
        )
        client._workload_identity_auth.token_exchange_url = f"{self.url}/oauth/token"
        return client

    def native(self, kind: str, *, certificate: bool = True) -> Any:
        """The Rust transport with a certificate."""
        default = tailrace.DefaultHttpxClient if kind == "OpenAI" else tailrace.DefaultAsyncHttpxClient
        pair = (str(self.folder / "client.pem"), str(self.folder / "client.key"))
        return default(verify=str(self.folder / "root.pem"), cert=pair if certificate else None)

    def foreign(self, kind: str) -> Any:
        """A client of httpx2 with it."""
        httpx2 = pytest.importorskip("httpx2")
        context = ssl.create_default_context(cafile=self.folder / "root.pem")
        context.load_cert_chain(self.folder / "client.pem", self.folder / "client.key")
        return (httpx2.Client if kind == "OpenAI" else httpx2.AsyncClient)(verify=context, trust_env=False)


@pytest.fixture
def service(certificates: Path) -> Iterator[Service]:
    service = Service(certificates)
    yield service
    service.server.shutdown()
    service.server.server_close()


def done(client: Any, *actions: Any) -> list[Any]:
    """Do one after the other and close the client; what each came to."""

    async def run() -> list[Any]:
        found: list[Any] = []
        for action in actions:
            try:
                value = action(client)
                found.append((await value if inspect.isawaitable(value) else value).object)
            except Exception as error:  # noqa: BLE001 - which error it is, is what is compared.
                found.append((type(error).__name__, getattr(error, "status_code", None)))
        closed = client.close()
        if inspect.isawaitable(closed):
            await closed
        return found

    return asyncio.run(run())


def models(client: Any) -> Any:
    return client.models.list()


def exchange(kind: str) -> dict[str, str]:
    return {
        "grant_type": "urn:ietf:params:oauth:grant-type:token-exchange",
        "subject_token_type": f"urn:openai:params:oauth:token-type:{kind}",
        "identity_provider_id": "idp",
        "service_account_id": "sa",
    }


@pytest.mark.parametrize("kind", KINDS)
def test_the_certificate_is_shown_for_the_token_and_for_the_api(service: Service, kind: str) -> None:
    for http_client in (service.foreign(kind), service.native(kind)):
        service.handler.seen = []
        client = service.client(tailrace, kind, http_client)
        assert done(client, models, models) == ["list", "list"]
        assert service.handler.seen == [
            ("/oauth/token", "client", exchange("x509")),
            ("/v1/models", "client", "Bearer token-1"),
            ("/v1/models", "client", "Bearer token-1"),
        ]


@pytest.mark.parametrize("kind", KINDS)
def test_a_refused_token_is_replaced_and_no_redirect_is_followed(service: Service, kind: str) -> None:
    for http_client in (service.foreign(kind), service.native(kind)):
        service.handler.seen, service.handler.refuses = [], True
        client = service.client(tailrace, kind, http_client)
        outcomes = done(client, models, lambda client: client.get("/moved", cast_to=object))
        assert outcomes == ["list", ("APIStatusError", 307)]
        sent = [(path, auth) for path, _, auth in service.handler.seen if path != "/oauth/token"]
        assert sent == [
            ("/v1/models", "Bearer token-1"), ("/v1/models", "Bearer token-2"), ("/v1/moved", "Bearer token-2"),
        ]  # fmt: skip


def test_threads_share_an_exchange(service: Service) -> None:
    for http_client in (service.foreign("OpenAI"), service.native("OpenAI")):
        service.handler.seen = []
        client = service.client(tailrace, "OpenAI", http_client)
        with ThreadPoolExecutor(6) as threads:
            assert list(threads.map(lambda _, client=client: client.models.list().object, range(6))) == ["list"] * 6
        client.close()
        assert [path for path, _, _ in service.handler.seen].count("/oauth/token") == 1


@pytest.mark.parametrize("kind", KINDS)
def test_without_a_certificate_there_is_no_token(service: Service, kind: str) -> None:
    client = service.client(tailrace, kind, service.native(kind, certificate=False))
    assert done(client, models) == [("APIConnectionError", None)]
    assert service.handler.seen == []


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "action",
    [
        lambda client: client.get("https://localhost:1/v1/models", cast_to=object),
        lambda client: client.get("http://127.0.0.1:1/v1/models", cast_to=object),
        lambda client: client.models.list(extra_headers={"Host": "elsewhere.example"}),
        lambda client: client.models.list(extra_headers={"X-Api-Key": "key"}),
        lambda client: client.models.list(extra_headers={"proxy_authorization": "key"}),
    ],
)
def test_the_token_goes_nowhere_else(service: Service, library: ModuleType, kind: str, action: Any) -> None:
    for http_client in [service.foreign(kind), *([service.native(kind)] if library is tailrace else [])]:
        client = service.client(library, kind, http_client)
        assert done(client, action) == [("OpenAIError", None)]
        assert service.handler.seen == []


def test_what_an_issuer_says_is_not_shown(library: ModuleType) -> None:
    httpx2 = pytest.importorskip("httpx2")
    answer = httpx2.Response(401, json={"error": "invalid_grant", "error_description": "canary"})
    http_client = httpx2.Client(transport=httpx2.MockTransport(lambda _: answer))
    client = library.OpenAI(workload_identity=IDENTITY, http_client=http_client)
    with client, pytest.raises(library.OAuthError) as caught:
        client.models.list()
    error = caught.value
    assert (error.error, error.body, error.status_code) == ("invalid_grant", {"error": "invalid_grant"}, 401)
    assert "canary" not in f"{error!r} {error} {error.response.text if library is tailrace else ''}"


def test_where_the_api_is(library: ModuleType) -> None:
    def place(**options: Any) -> str:
        return str(library.OpenAI(**options).base_url)

    assert place(workload_identity=IDENTITY) == "https://mtls.api.openai.com/v1/"
    assert place(workload_identity=IDENTITY, data_residency="eu") == "https://mtls-eu.api.openai.com/v1/"
    keyed = library.OpenAI(api_key="k", data_residency="us")
    switched = keyed.with_options(workload_identity=IDENTITY)
    assert str(switched.base_url) == "https://mtls-us.api.openai.com/v1/"
    assert str(switched.with_options(api_key="k").base_url) == str(keyed.base_url)
    for options in ({"data_residency": "ae"}, {"base_url": "http://localhost/v1"}):
        with pytest.raises(library.OpenAIError, match=r"mTLS|HTTPS"):
            place(workload_identity=IDENTITY, **options)
    for change in (
        {"provider": {}},
        {"private_key": "canary"},
        {"service_account_id": 1},
        {"refresh_buffer_seconds": -1},
    ):
        with pytest.raises(library.OpenAIError) as caught:
            place(workload_identity={**IDENTITY, **change})
        assert "canary" not in str(caught.value)
