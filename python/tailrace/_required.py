"""Required arguments of methods whose overloads need different ones."""

from __future__ import annotations

from ._types import NotGiven, Omit

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


def required_arguments(arguments: Mapping[str, object], *variants: tuple[str, ...]) -> None:
    """Check that the arguments of a call hold all the names of at least one of `variants`.

    An argument that is `omit` or `not_given` was left out.

    Raises:
        TypeError: the arguments do not; the message names what is missing.
    """
    given = {name for name, value in arguments.items() if not isinstance(value, (NotGiven, Omit))}
    if any(given.issuperset(variant) for variant in variants):
        return
    if len(variants) > 1:
        choices = [f"({_listed([repr(name) for name in variant], 'and')})" for variant in variants]
        raise TypeError(f"Missing required arguments; Expected either {_listed(choices, 'or')} arguments to be given")
    missing = [repr(name) for variant in variants for name in variant if name not in given]
    if len(missing) == 1:
        raise TypeError(f"Missing required argument: {missing[0]}")
    raise TypeError(f"Missing required arguments: {_listed(missing, 'and')}")


def _listed(names: list[str], last: str) -> str:
    *most, final = names
    return f"{', '.join(most)} {last} {final}" if most else final
