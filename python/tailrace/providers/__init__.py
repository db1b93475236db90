"""Other places that run the models, for `OpenAI(provider=...)`."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

from .._lazy import lazy_exports

if TYPE_CHECKING:
    from .bedrock import bedrock as bedrock
    from .vertex import vertex as vertex


class _Package(ModuleType):
    """A package whose modules have the names of functions, and the function is what the name stands for."""

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(name, getattr(value, name, value) if isinstance(value, ModuleType) else value)


sys.modules[__name__].__class__ = _Package

lazy_exports(
    globals(),
    {
        "bedrock": ".bedrock",
        "vertex": ".vertex",
    },
)
