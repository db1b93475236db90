"""Helper methods of `client.vector_stores.file_batches`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .._types import omit
from .polling import poll_headers, wait_until
from .steps import awaited, blocking

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Sequence

    from .._types import Omit

__all__ = [
    "async_create_and_poll", "async_poll", "async_upload_and_poll", "create_and_poll", "poll", "upload_and_poll",
]  # fmt: skip


def _poll(
    batches: Any, batch_id: str, *, vector_store_id: str, poll_interval_ms: int | Omit = omit
) -> Generator[Any, Any, Any]:
    headers = poll_headers(poll_interval_ms)
    return (
        yield from wait_until(
            batches,
            lambda: batches.with_raw_response.retrieve(
                batch_id, vector_store_id=vector_store_id, extra_headers=headers
            ),
            _is_done,
            poll_interval_ms,
        )
    )


def _is_done(batch: Any) -> bool:
    # The counts decide, as the status of a batch may be ahead of its files. Some compatible servers send no counts.
    counts = batch.file_counts
    return batch.status != "in_progress" if counts is None else not counts.in_progress


def _create_and_poll(
    batches: Any, vector_store_id: str, *, poll_interval_ms: int | Omit = omit, **options: Any
) -> Generator[Any, Any, Any]:
    batch = yield batches.create(vector_store_id=vector_store_id, **options)
    return (yield batches.poll(batch.id, vector_store_id=vector_store_id, poll_interval_ms=poll_interval_ms))


def _upload_and_poll(
    upload_all: Callable[[Any, list[Any], int], Any],
) -> Callable[..., Generator[Any, Any, Any]]:
    def steps(
        batches: Any,
        vector_store_id: str,
        *,
        files: Iterable[Any],
        max_concurrency: int = 5,
        file_ids: Sequence[str] = (),
        poll_interval_ms: int | Omit = omit,
        chunking_strategy: Any = omit,
    ) -> Generator[Any, Any, Any]:
        if max_concurrency < 1:
            raise ValueError(f"`max_concurrency` must be at least 1, not {max_concurrency}.")
        uploaded = yield upload_all(batches._client.files, list(files), max_concurrency)
        return (
            yield batches.create_and_poll(
                vector_store_id=vector_store_id,
                file_ids=[*file_ids, *uploaded],
                poll_interval_ms=poll_interval_ms,
                chunking_strategy=chunking_strategy,
            )
        )

    return steps


def _upload_on_threads(resource: Any, files: list[Any], max_concurrency: int) -> list[str]:
    from concurrent.futures import ThreadPoolExecutor

    has_failed = False

    def upload(file: Any) -> str:
        nonlocal has_failed
        # After a failure there will be no batch, so files that nobody has begun to send stay where they are. The thread
        # that saw it says so, since this one could begin the next file before the caller's hears of it.
        if has_failed:
            return ""
        try:
            return resource.create(file=file, purpose="assistants").id
        except BaseException:
            has_failed = True
            raise

    with ThreadPoolExecutor(max_workers=max_concurrency) as threads:
        uploads = [threads.submit(upload, file) for file in files]
        try:
            # They begin in this order, so that what was left out stands behind what failed.
            return [begun.result() for begun in uploads]
        except BaseException:
            threads.shutdown(wait=False, cancel_futures=True)
            raise


async def _upload_in_tasks(resource: Any, files: list[Any], max_concurrency: int) -> list[str]:
    from .._async_library import run_all

    waiting = iter(files)
    ids: list[str] = []

    async def worker() -> None:
        # All workers take from one iterator, so that a slow file holds up only one of them.
        for file in waiting:
            ids.append((await resource.create(file=file, purpose="assistants")).id)

    # After a failure there will be no batch, so the other uploads are stopped and their sockets closed.
    await run_all([worker] * min(max_concurrency, len(files)))
    return ids


poll, async_poll = blocking(_poll), awaited(_poll)
create_and_poll, async_create_and_poll = blocking(_create_and_poll), awaited(_create_and_poll)
upload_and_poll = blocking(_upload_and_poll(_upload_on_threads))
async_upload_and_poll = awaited(_upload_and_poll(_upload_in_tasks))
