"""`FinalRequestOptions`: a whole request as one object, which `client.request` sends."""

from __future__ import annotations

from ._types import NotGiven, not_given

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, Literal

    from typing_extensions import Self

    from ._retry import RetryPolicy
    from ._types import Body, Headers, Query
    from ._wire.timeout import Timeout


class FinalRequestOptions:
    """What one request sends, and its limits in seconds. `url` is joined to the base URL."""

    def __init__(
        self,
        *,
        method: str,
        url: str,
        params: Query | None = None,
        headers: Headers | NotGiven = not_given,
        max_retries: int | NotGiven = not_given,
        timeout: float | Timeout | NotGiven | None = not_given,
        files: Any = None,
        idempotency_key: str | None = None,
        post_parser: Callable[[Any], Any] | NotGiven = not_given,
        follow_redirects: bool | None = None,
        security: Mapping[str, bool] | None = None,
        synthesize_event_and_data: bool | None = None,
        stream_mode: Literal["legacy", "events"] = "legacy",
        content: Any = None,
        json_data: Body | None = None,
        extra_json: Mapping[str, object] | None = None,
        deadline: float | NotGiven | None = not_given,
        strict_end: bool | NotGiven = not_given,
        retry: RetryPolicy | NotGiven | None = not_given,
    ) -> None:
        self.method = method
        self.url = url
        self.params: Query = {} if params is None else params
        self.headers = headers
        self.max_retries = max_retries
        self.timeout = timeout
        self.deadline = deadline
        self.strict_end = strict_end
        self.retry = retry
        self.files = files
        self.idempotency_key = idempotency_key
        self.post_parser = post_parser
        self.follow_redirects = follow_redirects
        self.security = security
        self.synthesize_event_and_data = synthesize_event_and_data
        self.stream_mode = stream_mode
        self.content = content
        self.json_data = json_data
        self.extra_json = extra_json

    @classmethod
    def construct(cls, _fields_set: set[str] | None = None, **values: Any) -> Self:
        """Return the options with these values; `_fields_set` changes nothing."""
        return cls(**values)

    def as_options(self) -> dict[str, Any]:
        """Return what was given as `RequestOptions`."""
        return {
            name: value
            for name, value in vars(self).items()
            if name not in ("method", "url", "files", "content", "json_data")
            and value is not None
            and not isinstance(value, NotGiven)
        }
