"""Headers of the requests that continue a run."""

from __future__ import annotations

import uuid
from typing import Any

from .._types import Omit

__all__ = ["continued_headers"]

_KEY = "idempotency-key"


def continued_headers(client: Any, extra_headers: Any) -> dict[str, Any]:
    """Return the headers of a request after the first one of a run.

    Where the first one had a key of idempotency, the client's or one of `extra_headers`, this one gets a key of its
    own: with the same key the server would give the first answer again. Attempts of one request share their key.
    """
    headers = dict(extra_headers or {})
    sent = {name.lower(): value for name, value in {**client.default_headers, **headers}.items()}
    # Of two spellings the one of the request counts.
    sent.update({name.lower(): value for name, value in headers.items()})
    if isinstance(sent.get(_KEY), (Omit, type(None))):
        return headers
    kept = {name: value for name, value in headers.items() if name.lower() != _KEY}
    return {**kept, "Idempotency-Key": f"tailrace-{uuid.uuid4()}"}
