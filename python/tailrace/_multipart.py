"""Bodies that need more than JSON: forms with files, and bytes that come from a file or an iterable."""

from __future__ import annotations

import io

from ._body import lay_over, mapping_items
from ._files import async_file_parts, extract_files, file_parts, form_parts
from ._lazy import resolved
from ._native import Multipart
from ._types import NotGiven, Omit

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ._operation import Operation


def content_of(operation: Operation) -> bytes | Multipart | None:
    """Return the body of an operation that has files or content of its own.

    Files are read, or opened to be read while they are sent.

    Raises:
        TypeError: a file, or the content, has a form that is not known.
        OSError: a file cannot be read.
    """
    if operation.content is not None:
        return _bytes_of(operation.content)
    body, files = _divided(operation)
    if not _is_multipart(operation, files):
        return operation.encoded()
    return Multipart([*form_parts(body), *file_parts(files)])


async def async_content_of(operation: Operation) -> bytes | Multipart | None:
    """Return what `content_of` returns; what may wait for a disk does so off the event loop."""
    content = operation.content
    if content is not None:
        if hasattr(content, "__aiter__"):
            return b"".join([bytes(piece) async for piece in content])
        return _bytes_of(content)
    body, files = _divided(operation)
    if not _is_multipart(operation, files):
        return operation.encoded()
    return Multipart([*form_parts(body), *await async_file_parts(files)])


def _divided(operation: Operation) -> tuple[dict[str, Any], Any]:
    """Return the fields of a form, and its files."""
    body = operation.body
    fields = {
        name: value
        for name, value in ({} if body is None else dict(mapping_items(body, "body"))).items()
        if not isinstance(value, (NotGiven, Omit))
    }
    files: Any = operation.form
    if operation.files is not None:
        files = extract_files(fields, operation.files)
    if operation.body_type is not None:
        from ._transform import transform

        fields = transform(fields, resolved(operation.body_type))
    if operation.extra_body is not None:
        lay_over(fields, operation.extra_body)
    return fields, files


def _is_multipart(operation: Operation, files: Any) -> bool:
    return bool(files) or operation.multipart == "always"


def _bytes_of(content: Any) -> bytes:
    if isinstance(content, (bytes, bytearray)) or type(content) is memoryview:
        return bytes(content)
    if isinstance(content, str):
        return content.encode()
    if isinstance(content, io.IOBase) or hasattr(content, "read"):
        data = content.read()
        return data.encode() if isinstance(data, str) else bytes(data)
    if hasattr(content, "__iter__"):
        return b"".join(piece.encode() if isinstance(piece, str) else bytes(piece) for piece in content)
    raise TypeError(f"`content` must be bytes, a binary file or an iterable of bytes, not {type(content).__name__}.")
