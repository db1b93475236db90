"""A server for tests that answers chat completions and responses on this machine, without a key or a network.

```python
from tailrace.testing import MockServer

with MockServer() as server:
    client = server.client()
    client.chat.completions.create(model="mock", messages=[{"role": "user", "content": "hi"}])
    print(server.requests())
```
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from . import _native
from ._client import AsyncOpenAI, OpenAI

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

    from typing_extensions import Self

__all__ = ["MockServer"]


class MockServer:
    """A server on a port of this machine that plays a plausible model, or scripts that misbehave.

    `url` is the base URL of the model. It listens from construction until `stop()`, or until the `with` block ends.

    Args:
        host: Address to listen on.
        port: Port to listen on; 0 takes a free one.
        interval_ms: Milliseconds before each event of a plausible stream.

    Raises:
        OSError: the address cannot be listened on.
    """

    url: str

    def __init__(self, host: str = "127.0.0.1", port: int = 0, *, interval_ms: int = 0) -> None:
        self._native = _native.MockServer(host, port, interval_ms)
        self.url = self._native.url

    def script(self, script: Mapping[str, Any]) -> str:
        """Load a script and return the base URL that plays it. Its format is in `tests/conformance/README.md`.

        Raises:
            ValueError: the script is not one; the message names the field.
        """
        return self._native.script(json.dumps(script))

    def requests(self, base_url: str | None = None) -> list[dict[str, Any]]:
        """Return what was received under `base_url`, or under `url`, oldest first."""
        return json.loads(self._native.requests(self.url if base_url is None else base_url))

    def connections(self, base_url: str | None = None) -> list[dict[str, Any]]:
        """Return the TCP connections that carried the requests under `base_url`, or under `url`, oldest first."""
        return json.loads(self._native.connections(self.url if base_url is None else base_url))

    def client(self, base_url: str | None = None, **options: Any) -> OpenAI:
        """Return a client for `base_url`, or for `url`; `options` are those of `OpenAI`."""
        options.setdefault("api_key", "mock-key")
        return OpenAI(base_url=base_url or self.url, **options)

    def async_client(self, base_url: str | None = None, **options: Any) -> AsyncOpenAI:
        """Return an async client for `base_url`, or for `url`; `options` are those of `AsyncOpenAI`."""
        options.setdefault("api_key", "mock-key")
        return AsyncOpenAI(base_url=base_url or self.url, **options)

    def stop(self) -> None:
        """Stop listening and close every connection. Stopping twice is fine."""
        self._native.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()
