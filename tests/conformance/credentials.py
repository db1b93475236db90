"""Makes the clients of cases about credentials: functions and providers that give what the case names by turns."""

from __future__ import annotations

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


def by_turns(values: Iterable[str], is_async: bool) -> Callable[[], Any]:
    left = iter(values)

    async def later() -> str:
        return next(left)

    return later if is_async else lambda: next(left)
