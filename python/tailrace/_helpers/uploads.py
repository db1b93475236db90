"""Helper methods of `client.uploads`."""

from __future__ import annotations

import builtins
import os
from typing import TYPE_CHECKING, Any

from .._types import omit
from .steps import awaited, blocking

if TYPE_CHECKING:
    from collections.abc import Generator

    from .._types import Omit

__all__ = ["async_upload_file_chunked", "upload_file_chunked"]

#: Bytes of a part unless the caller says otherwise: 64 MiB, the most that the API takes.
DEFAULT_PART_SIZE = 64 * 1024 * 1024


def _upload_file_chunked(
    uploads: Any,
    *,
    file: os.PathLike[str] | str | builtins.bytes,
    mime_type: str,
    purpose: Any,
    filename: str | None = None,
    bytes: int | None = None,
    part_size: int | None = None,
    md5: str | Omit = omit,
) -> Generator[Any, Any, Any]:
    size = DEFAULT_PART_SIZE if part_size is None else part_size
    if size < 1:
        raise ValueError(f"`part_size` must be at least 1 byte, not {size}.")
    if isinstance(file, builtins.bytes):
        for name, value in (("filename", filename), ("bytes", bytes)):
            if value is None:
                raise TypeError(f"The `{name}` argument must be given for in-memory files")
        total = len(file)
    else:
        path = os.fspath(file)
        # Opening it now shows a missing file before an upload is begun; parts open it again, one at a time.
        with open(path, "rb") as opened:
            total = os.fstat(opened.fileno()).st_size
        filename = os.path.basename(path) if filename is None else filename
        bytes = total if bytes is None else bytes
    upload = yield uploads.create(bytes=bytes, filename=filename, mime_type=mime_type, purpose=purpose)
    part_ids: list[str] = []
    for offset in range(0, total, size):
        part = yield uploads.parts.create(upload_id=upload.id, data=_part(file, offset, min(size, total - offset)))
        part_ids.append(part.id)
        logs = uploads._client.logs
        if logs is not None:
            logs.logger.info("Uploaded part %s for upload %s", part.id, upload.id)
    return (yield uploads.complete(upload_id=upload.id, part_ids=part_ids, md5=md5))


def _part(file: os.PathLike[str] | str | builtins.bytes, offset: int, length: int) -> Any:
    if isinstance(file, builtins.bytes):
        return file[offset : offset + length]
    from .._files import FileRange

    return ("upload", FileRange(file, offset, length))


upload_file_chunked, async_upload_file_chunked = blocking(_upload_file_chunked), awaited(_upload_file_chunked)
