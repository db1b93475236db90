"""Helper methods of `client.vector_stores.files`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .._types import omit
from .polling import check_wait, deadline_of, poll_headers, wait_until
from .steps import awaited, blocking

if TYPE_CHECKING:
    from collections.abc import Generator

    from .._types import Omit

__all__ = [
    "async_create_and_poll", "async_poll", "async_upload", "async_upload_and_poll",
    "create_and_poll", "poll", "upload", "upload_and_poll",
]  # fmt: skip


def _poll(
    files: Any,
    file_id: str,
    *,
    vector_store_id: str,
    poll_interval_ms: int | Omit = omit,
    max_wait_seconds: float | Omit = omit,
) -> Generator[Any, Any, Any]:
    deadline = deadline_of(max_wait_seconds)
    headers = poll_headers(poll_interval_ms)
    return (
        yield from wait_until(
            files,
            lambda: files.with_raw_response.retrieve(file_id, vector_store_id=vector_store_id, extra_headers=headers),
            lambda file: file.status != "in_progress",
            poll_interval_ms,
            deadline=deadline,
            timeout_message=f"Timed out waiting for vector store file {file_id!r} to finish processing; it may still "
            "finish, so poll again or raise `max_wait_seconds`.",
        )
    )


def _create_and_poll(
    files: Any,
    file_id: str,
    *,
    vector_store_id: str,
    poll_interval_ms: int | Omit = omit,
    max_wait_seconds: float | Omit = omit,
    **options: Any,
) -> Generator[Any, Any, Any]:
    check_wait(max_wait_seconds)
    yield files.create(vector_store_id=vector_store_id, file_id=file_id, **options)
    return (
        yield files.poll(
            file_id,
            vector_store_id=vector_store_id,
            poll_interval_ms=poll_interval_ms,
            max_wait_seconds=max_wait_seconds,
        )
    )


def _upload(files: Any, *, vector_store_id: str, file: Any, chunking_strategy: Any = omit) -> Generator[Any, Any, Any]:
    uploaded = yield files._client.files.create(file=file, purpose="assistants")
    return (
        yield files.create(vector_store_id=vector_store_id, file_id=uploaded.id, chunking_strategy=chunking_strategy)
    )


def _upload_and_poll(
    files: Any,
    *,
    vector_store_id: str,
    file: Any,
    max_wait_seconds: float | Omit = omit,
    **options: Any,
) -> Generator[Any, Any, Any]:
    check_wait(max_wait_seconds)
    uploaded = yield files._client.files.create(file=file, purpose="assistants")
    return (
        yield files.create_and_poll(
            vector_store_id=vector_store_id, file_id=uploaded.id, max_wait_seconds=max_wait_seconds, **options
        )
    )


poll, async_poll = blocking(_poll), awaited(_poll)
create_and_poll, async_create_and_poll = blocking(_create_and_poll), awaited(_create_and_poll)
upload, async_upload = blocking(_upload), awaited(_upload)
upload_and_poll, async_upload_and_poll = blocking(_upload_and_poll), awaited(_upload_and_poll)
