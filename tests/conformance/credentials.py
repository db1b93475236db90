"""Makes the clients of cases about credentials: functions and providers that give what the case names by turns."""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable, Iterable
from typing import Any


def make(library: Any, kind: Any, is_async: bool, given: Any, options: dict[str, Any]) -> Any:
    """Return a client of `kind` with these credentials; `options` are those of any client."""
    environment = options.pop("environment", {})
    os.environ.update(environment)
    try:
        if "function" in given:
            return kind(**{**options, "api_key": by_turns(given["function"], is_async)})
        if "azure" in given:
            del options["api_key"]
            azure = library.AsyncAzureOpenAI if is_async else library.AzureOpenAI
            return azure(api_version="v", azure_ad_token_provider=by_turns(given["azure"], is_async), **options)
        if "bedrock" in given:
            del options["api_key"]
            # The names of what it is made of are those of Python.
            made = {"base_url": options.pop("base_url"), **given["bedrock"]}
            if "tokens" in made:
                made["token_provider"] = by_turns(made.pop("tokens"), is_async)
            providers = importlib.import_module(f"{library.__name__}.providers")
            return kind(provider=providers.bedrock(**made), **options)
        if "residency" in given:
            http_client = carrying(options.pop("base_url"), is_async)
            return kind(data_residency=given["residency"], http_client=http_client, **options)
        if "workload" in given:
            del options["api_key"]
            count = iter(range(1, 100))
            provider = {"token_type": "jwt", "get_token": lambda: f"subject-{next(count)}"}
            identity = {"identity_provider_id": "idp", "service_account_id": "sa", "provider": provider}
            client = kind(workload_identity=identity, **options)
            client._workload_identity_auth.token_exchange_url = f"{options['base_url']}/token"
            return client
        if "admin_key" in given:
            options["admin_api_key"] = given["admin_key"]
        return kind(**options)
    finally:
        for name in environment:
            del os.environ[name]


def carrying(base_url: str, is_async: bool) -> Any:
    """Return an HTTP client that takes what is for an origin of the API to `base_url`, and says which one it was."""
    import httpx2

    def carry(request: Any) -> None:
        url = request.url
        request.headers["x-sent-to"] = f"{url.scheme}://{url.host}"
        request.url = httpx2.URL(base_url + url.raw_path.decode().removeprefix("/v1"))

    class Carrying(httpx2.HTTPTransport):
        def handle_request(self, request: Any) -> Any:
            carry(request)
            return super().handle_request(request)

    class AsyncCarrying(httpx2.AsyncHTTPTransport):
        async def handle_async_request(self, request: Any) -> Any:
            carry(request)
            return await super().handle_async_request(request)

    if is_async:
        return httpx2.AsyncClient(transport=AsyncCarrying())
    return httpx2.Client(transport=Carrying())


def by_turns(values: Iterable[str], is_async: bool) -> Callable[[], Any]:
    left = iter(values)

    async def later() -> str:
        return next(left)

    return later if is_async else lambda: next(left)
