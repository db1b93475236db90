"""File inputs: taking them out of the arguments of a call, and making parts of a multipart body of them.

What lies on disk is never read here. It becomes a `FileSource`, which Rust reads while it sends.
"""

from __future__ import annotations

import io
import os
from contextlib import suppress

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import IO, Any, Union

    from ._native import FileSource
    from ._types import FileTypes

    #: Field name, file name, header fields, content: a part of a body, as `_native.Multipart` takes it.
    Part = tuple[str, Union[str, None], list[tuple[str, str]], Union[bytes, FileSource]]

_ACCEPTED = "bytes, an io.IOBase instance, PathLike or a tuple"


class FileRange:
    """Part of a file on disk as the content of a file input; it is read while it is sent."""

    __slots__ = ("length", "offset", "path")

    def __init__(self, path: str | os.PathLike[str], offset: int, length: int) -> None:
        """Take `length` bytes from `offset` on."""
        self.path = path
        self.offset = offset
        self.length = length


def file_from_path(path: str) -> FileTypes:
    """Return the name and the content of the file at `path`, as a file input.

    The content is read now. A `pathlib.Path` as the input itself is read while it is sent.

    Raises:
        OSError: the file cannot be read.
    """
    with open(path, "rb") as file:
        return (os.path.basename(path), file.read())


def extract_files(body: dict[str, Any], paths: Sequence[Sequence[str]]) -> list[tuple[str, Any]]:
    """Take the file inputs at `paths` out of `body`, and return them with their form names, such as `image[]`.

    A path has keys, and `<array>` for the items of a list; where a path does not fit the body, nothing is taken.
    Containers below `body` are copied before they are changed, as they belong to the caller.

    Raises:
        RuntimeError: what stands at a path is no file input. The official package raises this class.
    """
    files: list[tuple[str, Any]] = []
    for path in paths:
        if path and path[0] in body:
            files += _taken(body, path, 0, "")
    return files


def _taken(holder: dict[str, Any], path: Sequence[str], index: int, prefix: str) -> Iterator[tuple[str, Any]]:
    key = path[index]
    name = f"{prefix}[{key}]" if prefix else key
    rest = path[index + 1 :]
    items = _copy_of(list, holder.get(key))
    if not rest:
        if key in holder:
            value = holder.pop(key)
            yield from [_checked(name, value)] if items is None else [_checked(f"{name}[]", item) for item in items]
    elif rest[0] != "<array>":
        members = _copy_of(dict, holder.get(key))
        if members is not None:
            holder[key] = members
            yield from _taken(members, path, index + 1, name)
    elif items is not None and len(rest) == 1:
        del holder[key]
        yield from [_checked(f"{name}[]", item) for item in items]
    elif items is not None:
        holder[key] = items
        for place, item in enumerate(items):
            members = _copy_of(dict, item)
            if members is not None:
                items[place] = members
                yield from _taken(members, path, index + 2, f"{name}[]")


def _copy_of(kind: type[Any], value: Any) -> Any:
    return kind(value) if isinstance(value, kind) else None


def _checked(name: str, value: Any) -> tuple[str, Any]:
    if isinstance(value, (bytes, tuple, io.IOBase, os.PathLike)):
        return (name, value)  # pyright: ignore[reportUnknownVariableType]
    hint = " Open the file, or pass a `pathlib.Path`, where a string was meant as a path." * isinstance(value, str)
    raise RuntimeError(f"Expected entry at `{name}` to be {_ACCEPTED} but received {type(value)} instead.{hint}")


def form_parts(body: Mapping[str, Any]) -> list[Part]:
    """Return the fields of a form: nested values under names with brackets, None and left-out values dropped."""
    from ._types import NotGiven, Omit

    grouped: dict[str, list[Part]] = {}

    def add(name: str, value: Any) -> None:
        if value is None or isinstance(value, (NotGiven, Omit)):
            return
        dump = getattr(value, "model_dump", None)
        if dump is not None and not isinstance(value, type):
            value = dump(exclude_unset=True, mode="json", by_alias=True)
        if hasattr(value, "items") and not isinstance(value, type):
            for key, item in value.items():
                add(f"{name}[{key}]", item)
        elif isinstance(value, (list, tuple)):
            for item in value:  # pyright: ignore[reportUnknownVariableType]
                add(f"{name}[]", item)
        else:
            text = {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value)
            # Fields of one name stand together, where the first of them stands.
            grouped.setdefault(name, []).append((name, None, [], text.encode()))

    for name, value in body.items():
        add(name, value)
    return [part for parts in grouped.values() for part in parts]


def file_parts(files: Mapping[str, Any] | Sequence[tuple[str, Any]]) -> list[Part]:
    """Return the parts of a body for file inputs with their form names.

    Raises:
        TypeError: an input has none of the accepted forms, or a file was opened in text mode.
        ValueError: a header field of a part has a line break or another control character.
        OSError: a file is missing or cannot be read.
    """
    return [_part(name, file) for name, file in _pairs(files)]


async def async_file_parts(files: Mapping[str, Any] | Sequence[tuple[str, Any]]) -> list[Part]:
    """Return what `file_parts` returns; files are opened, and streams are read, on a thread."""
    pairs = _pairs(files)
    # Bytes, alone or behind a name, need no thread.
    contents: list[Any] = [file[1:2] if isinstance(file, tuple) else (file,) for _, file in pairs]
    if all(isinstance(content, bytes) for group in contents for content in group):
        return file_parts(pairs)
    from ._async_library import to_thread

    return await to_thread(file_parts, pairs)


def _pairs(files: Any) -> list[tuple[str, Any]]:
    pairs = list(files.items() if hasattr(files, "items") else files)
    for pair in pairs:
        if not isinstance(pair, tuple) or len(pair) != 2 or not isinstance(pair[0], str):  # pyright: ignore[reportUnknownArgumentType]
            raise TypeError("`files` must be a mapping of names to files, or a list of pairs of a name and a file.")
    return pairs


def _part(name: str, file: Any) -> Part:
    kind: str | None = None
    headers: list[tuple[str, str]] = []
    if isinstance(file, tuple):
        given: tuple[Any, ...] = file  # pyright: ignore[reportUnknownVariableType]
        if not 2 <= len(given) <= 4:
            raise TypeError(
                f"The file input `{name}` is a tuple of {len(given)}; give (name, content), (name, content, type) or "
                "(name, content, type, headers)."
            )
        filename, content, kind, fields = (*given, None, None)[:4]
        if filename is not None and not isinstance(filename, str):
            raise TypeError(
                f"The file name of the file input `{name}` must be a string or None, not {type(filename).__name__}."
            )
        headers = [(_line(key), _line(value)) for key, value in dict(fields or {}).items()]
    else:
        content = file
        if isinstance(file, os.PathLike):
            filename = _last(os.fsdecode(file))  # pyright: ignore[reportUnknownArgumentType]
        elif isinstance(file, (bytes, io.IOBase)):
            filename = _last(getattr(file, "name", None))
        else:
            raise TypeError(
                f"Expected file types input to be a FileContent type or to be a tuple; `{name}` is of type "
                f"{type(file).__name__}."
            )
    # A part without a file name is a plain field, so its type is not guessed.
    if kind is None and filename:
        from mimetypes import guess_type

        kind = guess_type(filename)[0] or "application/octet-stream"
    if kind is not None and not any(key.lower() == "content-type" for key, _ in headers):
        headers.append(("Content-Type", _line(kind)))
    return (name, filename or None, headers, _content(name, content))


def _last(path: Any) -> str:
    from pathlib import PurePath

    # A file made from a descriptor has a number as its name, and some files have none.
    return (PurePath(path).name if isinstance(path, str) else "") or "upload"


def _line(text: Any) -> str:
    if not isinstance(text, str):
        raise TypeError(f"The header fields of a file input must be strings, not {type(text).__name__}.")
    if any((character < " " and character != "\t") or character == "\x7f" for character in text):
        raise ValueError("Invalid control character in multipart header value; remove it.")
    return text


def _content(name: str, content: Any) -> bytes | FileSource:
    if isinstance(content, bytes):
        return content
    if isinstance(content, str):
        return content.encode()
    if isinstance(content, os.PathLike):
        with open(content, "rb") as file:  # pyright: ignore[reportUnknownArgumentType]
            return _on_disk(file) or file.read()
    if isinstance(content, FileRange):
        with open(content.path, "rb") as file:
            source = _on_disk(file, content.offset, content.length)
            if source is None:
                file.seek(content.offset)
                source = file.read(content.length)
        return source
    if isinstance(content, io.StringIO):
        raise TypeError("Multipart file uploads require 'io.BytesIO', not 'io.StringIO'.")
    if isinstance(content, io.TextIOBase):
        raise TypeError("Multipart file uploads must be opened in binary mode, not text mode.")
    if not hasattr(content, "read"):
        raise TypeError(
            f"The content of the file input `{name}` must be bytes, a string, a binary file or a path, not "
            f"{type(content).__name__}."
        )
    return _on_disk(content) or _read(name, content)


def _on_disk(file: Any, offset: int = 0, length: int | None = None) -> FileSource | None:
    """Return a source that reads the file from disk, or None where only reading the object gives its bytes."""
    # Subclasses and wrappers, such as those of compressed files, have a descriptor whose bytes are not theirs.
    raw = file.raw if type(file) in (io.BufferedReader, io.BufferedRandom) else file
    if type(raw) is not io.FileIO or not raw.readable():
        return None
    file.flush()
    import stat

    status = os.fstat(raw.fileno())
    # Files of `/proc` claim to be empty.
    if not stat.S_ISREG(status.st_mode) or status.st_size == 0:
        return None
    from ._native import FileSource

    try:
        return FileSource(raw.fileno(), offset, status.st_size if length is None else length)
    except NotImplementedError:
        # This system has no positioned reads.
        return None


def _read(name: str, file: IO[Any]) -> bytes:
    # Everything is sent, wherever the position is, unless there is no going back.
    with suppress(OSError):
        if getattr(file, "seekable", lambda: hasattr(file, "seek"))():
            file.seek(0)
    content = file.read()
    if isinstance(content, (bytes, bytearray)):
        return bytes(content)
    if isinstance(content, str):
        return content.encode()
    raise TypeError(f"Reading the file input `{name}` gave {type(content).__name__} in place of bytes.")  # pyright: ignore[reportUnreachable]
