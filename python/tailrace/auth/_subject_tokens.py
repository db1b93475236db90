"""Where subject tokens come from: a file of Kubernetes, the metadata services of Azure and of Google Cloud."""

from __future__ import annotations

from pathlib import Path

from .._exceptions import SubjectTokenProviderError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

#: The addresses that the clouds document; they are the same on every machine.
AZURE_URL = "http://169.254.169.254/metadata/identity/oauth2/token"
GCP_URL = "http://metadata.google.internal/computeMetadata/v1/instance/service-accounts/default/identity"


def k8s_service_account_token_provider(path: str | Path) -> Callable[[], str]:
    """Return what reads the token in the file `path`."""

    def get_token() -> str:
        try:
            token = Path(path).read_text(encoding="utf-8").strip()
            if not token:
                raise SubjectTokenProviderError(f"The token file at {path} is empty.")
        except Exception as error:
            raise SubjectTokenProviderError(f"Failed to read the token file at {path}: {error}") from error
        return token

    return get_token


def azure_managed_identity_token_provider(query: dict[str, str], timeout: float, http_client: Any) -> Callable[[], str]:
    """Return what asks the metadata service of Azure."""
    what = "Failed to fetch Azure subject token from IMDS"

    def get_token() -> str:
        try:
            import json

            answer: Any = json.loads(_asked(what, AZURE_URL, query, {"Metadata": "true"}, timeout, http_client))
            token: Any = answer.get("access_token") if isinstance(answer, dict) else None  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
            if not isinstance(token, str) or not token:
                raise SubjectTokenProviderError("Azure IMDS response did not include an access_token")
        except Exception as error:
            raise SubjectTokenProviderError(f"{what}: {error}") from error
        return token

    return get_token


def gcp_id_token_provider(query: dict[str, str], timeout: float, http_client: Any) -> Callable[[], str]:
    """Return what asks the metadata server of Google Cloud."""
    what = "Failed to fetch GCP subject token from metadata server"

    def get_token() -> str:
        try:
            token = _asked(what, GCP_URL, query, {"Metadata-Flavor": "Google"}, timeout, http_client).strip()
            if not token:
                raise SubjectTokenProviderError("GCP metadata server returned an empty token")
        except Exception as error:
            raise SubjectTokenProviderError(f"{what}: {error}") from error
        return token

    return get_token


def _asked(
    what: str, url: str, query: dict[str, str], headers: dict[str, str], timeout: float, http_client: Any
) -> str:
    from .._relay import intercepting_client

    if http_client is None:
        http_client = intercepting_client(asynchronous=False)
    if http_client is not None:
        response = http_client.get(url, params=query, headers=headers, timeout=timeout)
        status, text = response.status_code, response.text
    else:
        status, text = _over_rust(url, query, headers, timeout)
    if status != 200:
        raise SubjectTokenProviderError(f"{what}: HTTP {status}")
    return text


def _over_rust(url: str, query: dict[str, str], headers: dict[str, str], timeout: float) -> tuple[int, str]:
    from .._native import Client, Failure, Transport, encode_json
    from .._wire.timeout import limits_of

    # The metadata services are on the machine itself, whatever proxy it has.
    native = Client(transport=Transport(use_env_proxies=False))
    limits = (*limits_of(timeout), None)
    fields: list[tuple[str, str | None]] = [*headers.items()]
    outcome = native.request(
        "GET", url, "", encode_json(query, str), fields, None, limits, 0, 0, False, False, False
    ).wait()
    if isinstance(outcome, Failure):
        if outcome.reply is None:
            raise SubjectTokenProviderError(outcome.message)
        outcome = outcome.reply
    reply: Any = outcome
    return reply.status, reply.content.decode("utf-8", "replace")
