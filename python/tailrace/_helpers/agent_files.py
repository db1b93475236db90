"""Helper methods of `client.beta.agents.environments.files`: local files into the workspace of an agent."""

from __future__ import annotations

import os
import stat
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from .._types import not_given
from ..lib.beta.agents._files import (
    AgentFilePreparationError,
    AgentFileStagingError,
    PreparedAgentFiles,
    StagedAgentFile,
)
from .steps import awaited, blocking

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Mapping, Sequence

__all__ = ["async_prepare", "async_prepare_directory", "async_upload", "prepare", "prepare_directory", "upload"]

_ROOT = "/workspace"


def _prepare(
    resource: Any, files: Mapping[str, str | os.PathLike[str]], *, extra_headers: Any = None, **options: Any
) -> Generator[Any, Any, PreparedAgentFiles]:
    if len(files) > 1:
        _refuse_shared_key(extra_headers, resource._client.default_headers)
    return (yield from _upload_all(resource, list(files.items()), {**options, "extra_headers": extra_headers}))


def _prepare_directory(
    resource: Any,
    root: str | os.PathLike[str],
    *,
    destination: str,
    include: Sequence[str],
    extra_headers: Any = None,
    **options: Any,
) -> Generator[Any, Any, PreparedAgentFiles]:
    selected = _selected(Path(root), include)
    if len(selected) > 1:
        _refuse_shared_key(extra_headers, resource._client.default_headers)
    files = [(f"{destination}/{path.relative_to(root).as_posix()}", path) for path in selected]
    return (yield from _upload_all(resource, files, {**options, "extra_headers": extra_headers}))


def _upload(
    resource: Any,
    environment_id: str,
    *,
    file: Any,
    path: str,
    extra_headers: Any = None,
    extra_query: Any = None,
    extra_body: Any = None,
    timeout: Any = not_given,
    deadline: Any = not_given,
) -> Generator[Any, Any, StagedAgentFile]:
    if not environment_id:
        raise ValueError("Expected a non-empty environment_id")
    _check_destinations([path])
    options: dict[str, Any] = {
        "extra_headers": extra_headers,
        "extra_query": extra_query,
        "extra_body": extra_body,
        "timeout": timeout,
        "deadline": deadline,
    }
    uploaded = yield resource._client.files.create(file=file, purpose="user_data", **options)
    try:
        staged = yield resource.create(environment_id, type="file_id", file_id=uploaded.id, path=path, **options)
    except Exception as cause:
        raise AgentFileStagingError(uploaded.id) from cause
    except BaseException as interruption:
        # A cancelled caller still has to know what it owns.
        interruption.__dict__["uploaded_file_id"] = uploaded.id
        raise
    return StagedAgentFile(uploaded.id, staged)


def _upload_all(
    resource: Any, files: Sequence[tuple[str, str | os.PathLike[str]]], options: dict[str, Any]
) -> Generator[Any, Any, PreparedAgentFiles]:
    _check_destinations([destination for destination, _ in files])
    sources = [(destination, Path(source), _identity(Path(source))) for destination, source in files]
    prepared = PreparedAgentFiles()
    try:
        for destination, source, identity in sources:
            with _opened(source, identity) as file:
                uploaded = yield resource._client.files.create(file=(source.name, file), purpose="user_data", **options)
            prepared.uploaded_file_ids.append(uploaded.id)
            prepared.files.append({"type": "file_id", "file_id": uploaded.id, "path": destination})
    except Exception as cause:
        raise AgentFilePreparationError(prepared) from cause
    except BaseException as interruption:
        # A cancelled caller still has to know what it owns.
        interruption.__dict__["prepared"] = prepared
        raise
    return prepared


def _refuse_shared_key(*headers: Mapping[str, Any] | None) -> None:
    if any(name.lower() == "idempotency-key" for fields in headers for name in fields or {}):
        raise ValueError("One Idempotency-Key cannot be reused for multiple file uploads")


def _check_destinations(destinations: Iterable[str]) -> None:
    seen: set[PurePosixPath] = set()
    for destination in destinations:
        if not destination.startswith(f"{_ROOT}/") or "\\" in destination or "\x00" in destination:
            raise ValueError(f"Agent file destinations must be absolute POSIX file paths under {_ROOT}")
        first, *rest = destination[len(_ROOT) + 1 :].split("/")
        if any(part in ("", ".", "..") for part in (first, *rest)):
            raise ValueError("Agent file destinations cannot contain empty, dot or parent components")
        reserved = first == ".codex" or first.startswith(".managed-agents") or (first == "outputs" and not rest)
        if reserved:
            raise ValueError("Agent file destination uses a reserved environment path")
        path = PurePosixPath(destination)
        if path in seen:
            raise ValueError("Selected agent files contain duplicate or conflicting destinations")
        seen.add(path)
    if any(parent in seen for path in seen for parent in path.parents):
        raise ValueError("Selected agent files contain duplicate or conflicting destinations")


def _identity(source: Path) -> tuple[int, ...]:
    try:
        status = source.lstat()
    except OSError:
        raise ValueError(f"Selected agent files must be regular files, and there is no {str(source)!r}.") from None
    if stat.S_ISLNK(status.st_mode):
        raise ValueError(f"Selected agent files must not be symlinks, and {str(source)!r} is one.")
    if not stat.S_ISREG(status.st_mode):
        raise ValueError(f"Selected agent files must be regular files, and {str(source)!r} is none.")
    return _identity_of(status)


def _identity_of(status: os.stat_result) -> tuple[int, ...]:
    return (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)


def _opened(source: Path, identity: tuple[int, ...]) -> Any:
    descriptor = os.open(source, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0))
    # The file was chosen when the method was called; another one under its name was not.
    if _identity_of(os.fstat(descriptor)) != identity:
        os.close(descriptor)
        raise ValueError(f"The selected agent file {str(source)!r} was changed before it was uploaded.")
    return os.fdopen(descriptor, "rb")


def _selected(root: Path, include: Sequence[str]) -> list[Path]:
    if root.is_symlink() or not root.is_dir():
        raise ValueError("The selected directory must be a directory, not a symlink")
    if isinstance(include, str) or not include:
        raise ValueError("Select directory files with explicit include patterns")
    for pattern in include:
        path = PurePosixPath(pattern)
        if not pattern or path.is_absolute() or Path(pattern).is_absolute() or ".." in path.parts:
            raise ValueError("Include patterns must stay inside the selected directory")
    # A file that two patterns select is uploaded once, where the first of them has it.
    found = dict.fromkeys(path for pattern in include for path in sorted(root.glob(pattern)))
    files = [path for path in found if path.is_symlink() or not path.is_dir()]
    if not files:
        raise ValueError("The include patterns did not select any files")
    for path in files:
        if any(parent.is_symlink() for parent in path.parents if parent != root and root in parent.parents):
            raise ValueError(f"Selected agent files must not be symlinks, and {str(path)!r} is behind one.")
    return files


prepare, async_prepare = blocking(_prepare), awaited(_prepare)
prepare_directory, async_prepare_directory = blocking(_prepare_directory), awaited(_prepare_directory)
upload, async_upload = blocking(_upload), awaited(_upload)
