"""Other places that run the models; they come with a later release."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._lazy import lazy_exports

if TYPE_CHECKING:
    from .bedrock import bedrock as bedrock
    from .vertex import vertex as vertex

lazy_exports(
    globals(),
    {
        "bedrock": ".bedrock",
        "vertex": ".vertex",
    },
)
