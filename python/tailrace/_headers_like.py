"""Headers of a request that a web framework has received, in whatever class it keeps them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol, Union

from ._types import Omit


class HeadersLikeProtocol(Protocol):
    """An object that looks headers up by name, whatever the case of the name."""

    def get(self, __key: str) -> str | None:
        """Return the value of a header, or None."""


HeadersLike = Union[Mapping[str, Union[str, Omit]], HeadersLikeProtocol]
