"""What the official package has and tailrace does not have yet: present by name, refused in one sentence."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from typing_extensions import Self


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

    def __new__(cls, *args: Any, **options: Any) -> Self:
        """Refuse it. Raises `NotImplementedError`."""
        # A class that a caller derived is refused by the name of what it derives from.
        known = next(base for base in cls.__mro__ if base.__module__.partition(".")[0] == __package__)
        raise later(f"{known.__module__}.{known.__qualname__}", cls._part)

    if TYPE_CHECKING:
        # Code that makes one type-checks, whatever its arguments will be.
        def __init__(self, *args: Any, **options: Any) -> None: ...
