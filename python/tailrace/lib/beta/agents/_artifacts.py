"""The files that one turn of an agent has written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...._helpers.steps import awaited, blocking
from ...._types import not_given

if TYPE_CHECKING:
    import os
    from collections.abc import Generator

    from ...._legacy_response import HttpxBinaryResponseContent
    from ...._types import Body, Headers, NotGiven, Query
    from ...._wire.timeout import Timeout
    from ....types.beta.agents.sessions.session_artifact import SessionArtifact
    from ._result import AgentTurnResult


class AgentResultArtifacts:
    """The artifacts of one turn, by their paths."""

    def __init__(self, resource: Any, result: AgentTurnResult[Any]) -> None:
        self._resource = resource
        self._session_id = result.session_id
        self._turn_id = result.turn_id

    def content(
        self,
        path: str,
        *,
        extra_headers: Headers | None = None,
        extra_query: Query | None = None,
        extra_body: Body | None = None,
        timeout: float | Timeout | NotGiven | None = not_given,
    ) -> HttpxBinaryResponseContent:
        """Return the content of the artifact at `path`.

        Raises:
            ValueError: no artifact of this turn has this path, or more than one has.
        """
        return blocking(_content)(self, path, _options(extra_headers, extra_query, extra_body, timeout))

    def download(
        self,
        path: str,
        *,
        to: str | os.PathLike[str],
        extra_headers: Headers | None = None,
        extra_query: Query | None = None,
        extra_body: Body | None = None,
        timeout: float | Timeout | NotGiven | None = not_given,
    ) -> SessionArtifact:
        """Write the artifact at `path` to the file `to`, as it arrives, and return what the artifact is.

        Raises:
            ValueError: no artifact of this turn has this path, or more than one has.
            OSError: the file cannot be written.
        """
        options = _options(extra_headers, extra_query, extra_body, timeout)
        artifact = blocking(_found)(self, path, options)
        streamed = self._resource.with_streaming_response.content
        with streamed(artifact.id, session_id=self._session_id, **options) as response, open(to, "wb") as file:
            for chunk in response.iter_bytes():
                file.write(chunk)
        return artifact


class AsyncAgentResultArtifacts:
    """The artifacts of one turn, by their paths; its methods are awaited."""

    def __init__(self, resource: Any, result: AgentTurnResult[Any]) -> None:
        self._resource = resource
        self._session_id = result.session_id
        self._turn_id = result.turn_id

    async def content(
        self,
        path: str,
        *,
        extra_headers: Headers | None = None,
        extra_query: Query | None = None,
        extra_body: Body | None = None,
        timeout: float | Timeout | NotGiven | None = not_given,
    ) -> HttpxBinaryResponseContent:
        """Return the content of the artifact at `path`; raises what `AgentResultArtifacts.content` raises."""
        return await awaited(_content)(self, path, _options(extra_headers, extra_query, extra_body, timeout))

    async def download(
        self,
        path: str,
        *,
        to: str | os.PathLike[str],
        extra_headers: Headers | None = None,
        extra_query: Query | None = None,
        extra_body: Body | None = None,
        timeout: float | Timeout | NotGiven | None = not_given,
    ) -> SessionArtifact:
        """Write the artifact at `path` to the file `to`; raises what `AgentResultArtifacts.download` raises."""
        from ...._async_library import to_thread

        options = _options(extra_headers, extra_query, extra_body, timeout)
        artifact = await awaited(_found)(self, path, options)
        streamed = self._resource.with_streaming_response.content
        async with streamed(artifact.id, session_id=self._session_id, **options) as response:
            file = await to_thread(open, to, "wb")
            try:
                async for chunk in response.iter_bytes():
                    await to_thread(file.write, chunk)
            finally:
                await to_thread(file.close)
        return artifact


# Tracebacks and `repr` name the classes by the place that they are imported from.
for _cls in (AgentResultArtifacts, AsyncAgentResultArtifacts):
    _cls.__module__ = "tailrace.lib.beta.agents"


def _options(extra_headers: Any, extra_query: Any, extra_body: Any, timeout: Any) -> dict[str, Any]:
    return {
        "extra_headers": extra_headers,
        "extra_query": extra_query,
        "extra_body": extra_body,
        "timeout": timeout,
    }


def _found(artifacts: Any, path: str, options: dict[str, Any]) -> Generator[Any, Any, Any]:
    matching: list[Any] = []
    page = yield artifacts._resource.list(artifacts._session_id, **options)
    while True:
        matching += [item for item in page.data if item.turn_id == artifacts._turn_id and item.path == path]
        if not page.has_next_page():
            break
        page = yield page.get_next_page()
    if not matching:
        raise ValueError("No artifact matches this turn and path")
    if len(matching) > 1:
        raise ValueError("More than one artifact matches this turn and path")
    return matching[0]


def _content(artifacts: Any, path: str, options: dict[str, Any]) -> Generator[Any, Any, Any]:
    artifact = yield from _found(artifacts, path, options)
    return (yield artifacts._resource.content(artifact.id, session_id=artifacts._session_id, **options))
