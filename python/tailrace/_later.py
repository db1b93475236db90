"""What the official package has and tailrace does not have yet: present by name, refused in one sentence."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn


def later(name: str, part: str) -> NotImplementedError:
    """Return the error for using `name`, which belongs to `part` of the API, such as `structured outputs`."""
    return NotImplementedError(
        f"tailrace does not support `{name}` yet; {part} will come with a later release, and until then the official "
        "`openai` package has it."
    )


class Later:
    """The parent of classes that can be imported, named in annotations and asked with `isinstance`, but not made.

    A subclass names the part of the API that it belongs to as `class X(Later, part="...")`.
    """

    _part = "this part of the API"

    def __init_subclass__(cls, *, part: str | None = None, **options: Any) -> None:
        super().__init_subclass__(**options)
        if part is not None:
            cls._part = part

    def __new__(cls, *args: Any, **options: Any) -> NoReturn:
        raise later(f"{cls.__module__}.{cls.__qualname__}", cls._part)
