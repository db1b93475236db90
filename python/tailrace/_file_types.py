"""Types of file inputs, as annotations name them. Loaded only where somebody asks for the types at run time."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import IO, TYPE_CHECKING, Optional, Union

if TYPE_CHECKING:
    _PathLike = os.PathLike[str]
else:
    _PathLike = os.PathLike

#: What a file input may be: a binary file, bytes, or a path, whose file is read while it is sent.
FileContent = Union[IO[bytes], bytes, _PathLike]

#: A file input: content, or a tuple of its name, its content, its content type and the header fields of its part.
FileTypes = Union[
    FileContent,
    tuple[Optional[str], FileContent],
    tuple[Optional[str], FileContent, Optional[str]],
    tuple[Optional[str], FileContent, Optional[str], Mapping[str, str]],
]

#: File inputs with the names of their form fields.
RequestFiles = Union[Mapping[str, FileTypes], Sequence[tuple[str, FileTypes]]]

HttpxFileContent = Union[IO[bytes], bytes]
HttpxFileTypes = Union[
    HttpxFileContent,
    tuple[Optional[str], HttpxFileContent],
    tuple[Optional[str], HttpxFileContent, Optional[str]],
    tuple[Optional[str], HttpxFileContent, Optional[str], Mapping[str, str]],
]
HttpxRequestFiles = Union[Mapping[str, HttpxFileTypes], Sequence[tuple[str, HttpxFileTypes]]]

#: A file whose content becomes base64 text in a JSON body.
Base64FileInput = Union[IO[bytes], _PathLike]
