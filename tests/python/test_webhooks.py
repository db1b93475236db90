"""Events from OpenAI: signatures, times and headers, with both packages on the same input."""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from collections.abc import Mapping
from types import ModuleType
from typing import Any

import pytest

import tailrace

NOW = 1_750_000_000
PAYLOAD = '{"id":"evt","object":"event","created_at":1,"type":"response.completed","data":{"id":"café"}}'
SECRET = "whsec_" + base64.b64encode(b"key").decode()


def signed(payload: str | bytes = PAYLOAD, *, at: int | str = NOW, key: bytes = b"key") -> dict[str, str]:
    body = payload.encode() if isinstance(payload, str) else payload
    digest = hmac.new(key, f"w.{at}.".encode() + body, hashlib.sha256).digest()
    signature = f"v1,{base64.b64encode(digest).decode()}"
    return {"webhook-id": "w", "webhook-timestamp": str(at), "webhook-signature": signature}


@pytest.fixture(autouse=True)
def frozen_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time", lambda: float(NOW))


class OnlyGet:
    """Headers of a framework that has no more than this."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        self._headers = headers

    def get(self, name: str, default: str | None = None) -> str | None:
        return self._headers.get(name.lower(), default)


def outcome(library: ModuleType, kind: str, payload: Any, headers: Any, options: dict[str, Any], secret: Any) -> Any:
    webhooks = getattr(library, kind)(api_key="k", webhook_secret=secret).webhooks
    try:
        event = webhooks.unwrap(payload, headers, **options)
        return type(event).__name__, getattr(event, "type", None)
    except Exception as error:  # noqa: BLE001 - which error it is, is what is compared.
        return type(error).__name__, str(error)


@pytest.mark.parametrize("kind", ["OpenAI", "AsyncOpenAI"])
@pytest.mark.parametrize(
    ("payload", "headers", "options", "secret"),
    [
        (PAYLOAD, signed(), {}, SECRET),
        (PAYLOAD.encode(), signed(), {"secret": SECRET}, None),
        (PAYLOAD, signed(), {"secret": SECRET}, "another"),
        (PAYLOAD, signed(key=b"plain"), {"secret": "plain"}, None),
        (PAYLOAD, signed(key=b""), {"secret": ""}, SECRET),
        (PAYLOAD, {name.upper(): value for name, value in signed().items()}, {}, SECRET),
        (PAYLOAD, {name.title(): value for name, value in signed().items()}, {}, SECRET),
        (PAYLOAD, OnlyGet(signed()), {}, SECRET),
        (PAYLOAD, {**signed(), "webhook-signature": "v1,bad " + signed()["webhook-signature"]}, {}, SECRET),
        (PAYLOAD, {**signed(), "webhook-signature": signed()["webhook-signature"][3:]}, {}, SECRET),
        (PAYLOAD, {**signed(), "webhook-signature": "v2" + signed()["webhook-signature"][2:]}, {}, SECRET),
        (PAYLOAD, {**signed(), "webhook-signature": ""}, {}, SECRET),
        (PAYLOAD, signed(), {}, None),
        (PAYLOAD, signed(), {"secret": "wrong"}, None),
        (PAYLOAD, signed(), {"secret": "whsec_a"}, None),
        (PAYLOAD + " ", signed(), {}, SECRET),
        (PAYLOAD, {}, {}, SECRET),
        (PAYLOAD, {"webhook-signature": "x"}, {}, SECRET),
        (PAYLOAD, {"webhook-signature": "x", "webhook-timestamp": str(NOW)}, {}, SECRET),
        (PAYLOAD, {**signed(), "webhook-id": None}, {}, SECRET),
        (PAYLOAD, signed(at=NOW - 300), {}, SECRET),
        (PAYLOAD, signed(at=NOW + 300), {}, SECRET),
        (PAYLOAD, signed(at=NOW - 301), {}, SECRET),
        (PAYLOAD, signed(at=NOW + 301), {}, SECRET),
        (PAYLOAD, signed(at=f"0{NOW}"), {}, SECRET),
        (PAYLOAD, signed(at="1.5"), {}, SECRET),
        (PAYLOAD, signed(at="9" * 5000), {}, SECRET),
        ("{", signed("{"), {}, SECRET),
        ("[]", signed("[]"), {}, SECRET),
        ('{"type":"new"}', signed('{"type":"new"}'), {}, SECRET),
        ({"a": 1}, signed(), {}, SECRET),
        (None, signed(), {}, SECRET),
    ],
)  # fmt: skip
def test_an_event_is_accepted_or_refused_as_by_the_official_package(
    official: ModuleType, kind: str, payload: Any, headers: Any, options: dict[str, Any], secret: Any
) -> None:
    ours = outcome(tailrace, kind, payload, headers, options, secret)
    assert ours == outcome(official, kind, payload, headers, options, secret)


@pytest.mark.parametrize("kind", ["OpenAI", "AsyncOpenAI"])
def test_the_tolerance_is_of_the_caller(kind: str) -> None:
    webhooks = getattr(tailrace, kind)(api_key="k", webhook_secret=SECRET).webhooks
    old = signed(at=NOW - 500)
    webhooks.verify_signature(PAYLOAD, old, tolerance=500)
    with pytest.raises(tailrace.InvalidWebhookSignatureError, match="too old"):
        webhooks.verify_signature(PAYLOAD, old, tolerance=499)


@pytest.mark.parametrize(
    ("payload", "headers"),
    [(b"\xff", signed()), (PAYLOAD, {**signed(), "webhook-signature": "v1,\xe9"})],
    ids=["bytes that are no text", "a signature outside ASCII"],
)
def test_what_a_stranger_sends_is_a_wrong_signature_and_no_other_error(payload: Any, headers: Any) -> None:
    with pytest.raises(tailrace.InvalidWebhookSignatureError):
        tailrace.OpenAI(api_key="k", webhook_secret=SECRET).webhooks.unwrap(payload, headers)


def test_an_error_shows_neither_secret_nor_payload_nor_signature() -> None:
    headers = signed(key=b"other")
    with pytest.raises(tailrace.InvalidWebhookSignatureError) as caught:
        tailrace.OpenAI(api_key="k", webhook_secret=SECRET).webhooks.unwrap(PAYLOAD, headers)
    for hidden in (SECRET, PAYLOAD, headers["webhook-signature"]):
        assert hidden not in str(caught.value)
