"""The type of sequences that excludes `str`."""

from __future__ import annotations

from collections.abc import Sequence

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any, Protocol, SupportsIndex, TypeVar, overload

    T_co = TypeVar("T_co", covariant=True)

    class SequenceNotStr(Protocol[T_co]):
        """A `Sequence` that is no `str`, for parameters where a string would be taken apart into characters.

        A type checker tells them apart by `__contains__`: that of `str` accepts only `str`.
        """

        @overload
        def __getitem__(self, index: SupportsIndex, /) -> T_co: ...
        @overload
        def __getitem__(self, index: slice, /) -> Sequence[T_co]: ...
        def __contains__(self, value: object, /) -> bool: ...
        def __len__(self) -> int: ...
        def __iter__(self) -> Iterator[T_co]: ...
        def index(self, value: Any, start: int = 0, stop: int = ..., /) -> int: ...
        def count(self, value: Any, /) -> int: ...
        def __reversed__(self) -> Iterator[T_co]: ...
else:
    # pydantic can validate a `Sequence`, and no protocol.
    SequenceNotStr = Sequence

__all__ = ["SequenceNotStr"]
