"""Sentinels and the type names that signatures use. Imports nothing heavy: every resource module imports this one."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any, Literal, Protocol, SupportsIndex, TypeVar, Union, overload

    from typing_extensions import TypeAlias, override

    from ._wire.timeout import Timeout as Timeout

    _Item_co = TypeVar("_Item_co", covariant=True)

    class SequenceNotStr(Protocol[_Item_co]):
        """A sequence that is no string: `str` has other types for `__contains__`, so it does not fit."""

        @overload
        def __getitem__(self, index: SupportsIndex, /) -> _Item_co: ...
        @overload
        def __getitem__(self, index: slice, /) -> Sequence[_Item_co]: ...
        def __contains__(self, value: object, /) -> bool: ...
        def __len__(self) -> int: ...
        def __iter__(self) -> Iterator[_Item_co]: ...
        def index(self, value: Any, /, start: int = 0, stop: int = ...) -> int: ...
        def count(self, value: Any, /) -> int: ...
        def __reversed__(self) -> Iterator[_Item_co]: ...

    Headers: TypeAlias = Mapping[str, Union[str, "Omit"]]
    Query: TypeAlias = Mapping[str, object]
    Body: TypeAlias = object
    DataResidency: TypeAlias = Literal["global", "us", "eu", "ae", "au", "in", "jp"]
else:

    def override(method):
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


def __getattr__(name: str) -> Any:
    # The aliases exist for annotations, so building them costs an import only where somebody asks for one.
    from collections.abc import Mapping, Sequence
    from typing import Literal, Union

    from ._wire.timeout import Timeout

    aliases: dict[str, Any] = {
        "Headers": Mapping[str, Union[str, Omit]],
        "Query": Mapping[str, object],
        "Body": object,
        "DataResidency": Literal["global", "us", "eu", "ae", "au", "in", "jp"],
        "NoneType": type(None),
        "SequenceNotStr": Sequence,
        "Timeout": Timeout,
    }
    try:
        return globals().setdefault(name, aliases[name])
    except KeyError:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}") from None
