"""`BaseModel`: what every object of the API is in Python. Imported with the first type module, never before."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pydantic
from pydantic import ConfigDict

from ._construct import (
    construct_model,
    construct_type as construct_type,
    construct_type_unchecked as construct_type_unchecked,
)
from ._final_request_options import FinalRequestOptions as FinalRequestOptions

if TYPE_CHECKING:
    from typing import Literal

    from typing_extensions import Self

# The models are many and most stay unused, so their validators are built at first use. The official package reads
# the same variable.
_DEFER_BUILD = os.environ.get("DEFER_PYDANTIC_BUILD", "true").lower() in ("1", "true", "t", "yes", "on")


class BaseModel(pydantic.BaseModel):
    """A pydantic model that keeps fields it does not know and is built from responses without validation.

    Responses are trusted: a field of a wrong type keeps its value, a missing field takes its default or None, and an
    unknown field is kept as an attribute. `model_validate` validates as pydantic always does.
    """

    model_config = ConfigDict(extra="allow", defer_build=_DEFER_BUILD)

    if TYPE_CHECKING:
        _request_id: str | None = None
        """The `x-request-id` of the response; only on the object that a call returned, not on its parts."""

    @classmethod
    def construct(__cls, _fields_set: set[str] | None = None, **values: object) -> Self:  # noqa: N804
        """Build an instance from wire names without validation; nested objects become models too."""
        return construct_model(__cls, values, _fields_set)

    if not TYPE_CHECKING:
        # pydantic's own `model_construct` would leave nested objects as dictionaries.
        model_construct = construct

    def to_dict(
        self,
        *,
        mode: Literal["json", "python"] = "python",
        use_api_names: bool = True,
        exclude_unset: bool = True,
        exclude_defaults: bool = False,
        exclude_none: bool = False,
        warnings: bool = True,
    ) -> dict[str, object]:
        """Return a dictionary with the wire names and only the fields that the API sent.

        `mode="json"` gives only types that JSON has; `use_api_names=False` gives the Python names.
        """
        return self.model_dump(
            mode=mode,
            by_alias=use_api_names,
            exclude_unset=exclude_unset,
            exclude_defaults=exclude_defaults,
            exclude_none=exclude_none,
            warnings=warnings,
        )

    def to_json(
        self,
        *,
        indent: int | None = 2,
        use_api_names: bool = True,
        exclude_unset: bool = True,
        exclude_defaults: bool = False,
        exclude_none: bool = False,
        warnings: bool = True,
    ) -> str:
        """Return JSON text with the wire names and only the fields that the API sent, indented by two spaces."""
        return self.model_dump_json(
            indent=indent,
            by_alias=use_api_names,
            exclude_unset=exclude_unset,
            exclude_defaults=exclude_defaults,
            exclude_none=exclude_none,
            warnings=warnings,
        )

    def __str__(self) -> str:
        return f"{self.__repr_name__()}({self.__repr_str__(', ')})"
