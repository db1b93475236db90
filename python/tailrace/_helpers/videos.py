"""Helper methods of `client.videos`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .._types import omit
from .polling import poll_headers, wait_until
from .steps import awaited, blocking

if TYPE_CHECKING:
    from collections.abc import Generator

    from .._types import Omit

__all__ = ["async_create_and_poll", "async_poll", "create_and_poll", "poll"]


def _poll(videos: Any, video_id: str, *, poll_interval_ms: int | Omit = omit) -> Generator[Any, Any, Any]:
    headers = poll_headers(poll_interval_ms)
    return (
        yield from wait_until(
            videos,
            lambda: videos.with_raw_response.retrieve(video_id, extra_headers=headers),
            lambda video: video.status not in ("queued", "in_progress"),
            poll_interval_ms,
        )
    )


def _create_and_poll(videos: Any, *, poll_interval_ms: int | Omit = omit, **options: Any) -> Generator[Any, Any, Any]:
    video = yield videos.create(**options)
    return (yield videos.poll(video.id, poll_interval_ms=poll_interval_ms))


poll, async_poll = blocking(_poll), awaited(_poll)
create_and_poll, async_create_and_poll = blocking(_create_and_poll), awaited(_create_and_poll)
