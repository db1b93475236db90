"""Sentinels and the type names that signatures use. Imports nothing heavy: every resource module imports this one."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, Literal, TypeAlias, Union

    from typing_extensions import override

    from ._file_types import (
        Base64FileInput as Base64FileInput,
        FileContent as FileContent,
        FileTypes as FileTypes,
        HttpxFileContent as HttpxFileContent,
        HttpxFileTypes as HttpxFileTypes,
        HttpxRequestFiles as HttpxRequestFiles,
        RequestFiles as RequestFiles,
    )
    from ._headers_like import HeadersLike as HeadersLike, HeadersLikeProtocol as HeadersLikeProtocol
    from ._http_clients import ProxiesTypes as ProxiesTypes, Transport as Transport
    from ._request_options import RequestOptions as RequestOptions
    from ._sequence import SequenceNotStr as SequenceNotStr

    NoneType: TypeAlias = type[None]
    Headers: TypeAlias = Mapping[str, Union[str, "Omit"]]
    Query: TypeAlias = Mapping[str, object]
    Body: TypeAlias = object
    DataResidency: TypeAlias = Literal["global", "us", "eu", "ae", "au", "in", "jp"]
else:

    def override(method: Any) -> Any:
        # The marker of `typing_extensions` costs an import and does nothing at run time.
        return method


class NotGiven:
    """Type of `not_given`: an argument that the caller left out, where `None` means something else."""

    __slots__ = ()

    def __bool__(self) -> Literal[False]:
        return False

    @override
    def __repr__(self) -> str:
        return "NOT_GIVEN"


class Omit:
    """Type of `omit`: leave out this parameter or header, also one that the client would send by default."""

    __slots__ = ()

    def __bool__(self) -> Literal[False]:
        return False


not_given = NotGiven()
#: Older name of `not_given`.
NOT_GIVEN = not_given
omit = Omit()


class PropertyInfo:
    """Facts about a field that its type does not say: the wire name, a format, the discriminator of a union."""

    __slots__ = ("alias", "discriminator", "format", "format_template")

    alias: str | None
    format: str | None
    format_template: str | None
    discriminator: str | None

    def __init__(
        self,
        *,
        alias: str | None = None,
        format: str | None = None,
        format_template: str | None = None,
        discriminator: str | None = None,
    ) -> None:
        self.alias = alias
        self.format = format
        self.format_template = format_template
        self.discriminator = discriminator

    @override
    def __repr__(self) -> str:
        return (
            f"PropertyInfo(alias={self.alias!r}, format={self.format!r}, "
            f"format_template={self.format_template!r}, discriminator={self.discriminator!r})"
        )


#: Module of each name that is a type, or an alias of one, and whose import is not cheap.
_ELSEWHERE = {
    "_file_types": (
        "Base64FileInput", "FileContent", "FileTypes", "HttpxFileContent", "HttpxFileTypes", "HttpxRequestFiles",
        "RequestFiles",
    ),
    "_headers_like": ("HeadersLike", "HeadersLikeProtocol"),
    "_http_clients": ("ProxiesTypes", "Transport"),
    "_request_options": ("RequestOptions",),
    "_sequence": ("SequenceNotStr",),
}  # fmt: skip
_ALIASES = frozenset(("Body", "DataResidency", "Headers", "NoneType", "Query"))


def __getattr__(name: str) -> Any:
    # The import system asks every module for `__path__`, so other names must cost nothing.
    if name in _ALIASES:
        from collections.abc import Mapping
        from typing import Literal, Union

        globals().update(
            Headers=Mapping[str, Union[str, Omit]],
            Query=Mapping[str, object],
            Body=object,
            DataResidency=Literal["global", "us", "eu", "ae", "au", "in", "jp"],
            NoneType=type(None),
        )
        return globals()[name]
    for module, names in _ELSEWHERE.items():
        if name in names:
            from importlib import import_module

            value = globals()[name] = getattr(import_module(f".{module}", __package__), name)
            return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
