"""Helper methods of `client.webhooks`: is an event from OpenAI, and what does it say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .._exceptions import InvalidWebhookSignatureError
from .._hidden import hidden

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["async_unwrap", "async_verify_signature", "unwrap", "verify_signature"]


def unwrap(webhooks: Any, payload: str | bytes, headers: Any, *, secret: str | None = None) -> Any:
    """Return the event in `payload`, as the type that its `type` names, after its signature was verified."""
    import json

    from .._construct import construct_type
    from ..types.webhooks.unwrap_webhook_event import UnwrapWebhookEvent

    secret = hidden(secret)
    webhooks.verify_signature(payload=payload, headers=headers, secret=secret)
    return construct_type(UnwrapWebhookEvent, json.loads(payload))


def verify_signature(
    webhooks: Any, payload: str | bytes, headers: Any, *, secret: str | None = None, tolerance: int = 300
) -> None:
    """Check that `payload` was signed with the secret, at most `tolerance` seconds ago or ahead.

    Raises:
        ValueError: there is no secret, or a header field is missing.
        InvalidWebhookSignatureError: no signature fits, or the time is out of tolerance.
    """
    import time

    secret = hidden(webhooks._client.webhook_secret if secret is None else secret)
    if secret is None:
        raise ValueError(
            "The webhook secret must either be set using the env var, OPENAI_WEBHOOK_SECRET, on the client class, "
            "OpenAI(webhook_secret='123'), or passed to this function"
        )
    signatures = _header(headers, "webhook-signature")
    timestamp = _header(headers, "webhook-timestamp")
    webhook_id = _header(headers, "webhook-id")
    try:
        age = int(time.time()) - int(timestamp)
    except ValueError:
        raise InvalidWebhookSignatureError("Invalid webhook timestamp format") from None
    if age > tolerance:
        raise InvalidWebhookSignatureError("Webhook timestamp is too old")
    if age < -tolerance:
        raise InvalidWebhookSignatureError("Webhook timestamp is too new")
    if not _fits(payload, signatures, f"{webhook_id}.{timestamp}.", secret):
        raise InvalidWebhookSignatureError("The given webhook signature does not match the expected signature")


def _fits(payload: str | bytes, signatures: str, prefix: str, secret: str) -> bool:
    import hmac
    from base64 import b64decode, b64encode

    if isinstance(payload, str):
        payload = payload.encode()
    if not isinstance(payload, bytes):  # pyright: ignore[reportUnnecessaryIsInstance]
        # A decoded body was signed by nobody: decoding and encoding it again changes its bytes.
        return False
    key = b64decode(secret[len("whsec_") :]) if secret.startswith("whsec_") else secret.encode()
    expected = b64encode(hmac.new(key, prefix.encode() + payload, "sha256").digest())
    # While a secret is being replaced there is a signature with each; one is enough.
    return any(
        hmac.compare_digest(expected, signature.removeprefix("v1,").encode()) for signature in signatures.split()
    )


def _header(headers: Mapping[str, str], name: str) -> str:
    value = headers.get(name)
    if value is None and hasattr(headers, "items"):
        value = next((value for key, value in headers.items() if str(key).lower() == name), None)
    if value is None:
        raise ValueError(f"Could not find {name} header")
    return value


# Nothing is sent, so the methods of the async client are not awaited either.
async_unwrap, async_verify_signature = unwrap, verify_signature
