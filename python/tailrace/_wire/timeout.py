"""`Timeout`: the four time limits of a request, in seconds."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Final, Union

    _Limit = Union[float, None]
    _TimeoutTypes = Union[
        float,
        None,
        "Timeout",
        tuple[_Limit, _Limit],
        tuple[_Limit, _Limit, _Limit],
        tuple[_Limit, _Limit, _Limit, _Limit],
    ]


class _Unset:
    __slots__ = ()


_UNSET: Final = _Unset()


class Timeout:
    """Time limits of one request, in seconds; `None` means no limit.

    `timeout` is the default for the four limits, or a tuple `(connect, read[, write[, pool]])`, or another `Timeout`.
    Each keyword replaces one limit. Attribute names, equality and `repr` follow `httpx.Timeout`.

    Raises:
        ValueError: no default was given and at least one of the four limits is missing, or a default of type
            `Timeout` is combined with keywords.
    """

    __slots__ = ("connect", "pool", "read", "write")

    connect: float | None
    read: float | None
    write: float | None
    pool: float | None

    # Equality without a hash: the limits are assignable, as they are in httpx.
    __hash__ = None  # type: ignore[assignment]

    def __init__(
        self,
        timeout: _TimeoutTypes | _Unset = _UNSET,
        *,
        connect: float | _Unset | None = _UNSET,
        read: float | _Unset | None = _UNSET,
        write: float | _Unset | None = _UNSET,
        pool: float | _Unset | None = _UNSET,
    ) -> None:
        limits = [connect, read, write, pool]
        if isinstance(timeout, tuple):
            defaults = [*timeout, None, None][:4]
        elif isinstance(timeout, Timeout):
            defaults = [timeout.connect, timeout.read, timeout.write, timeout.pool]
            if any(not isinstance(limit, _Unset) for limit in limits):
                raise ValueError(
                    "A `Timeout` default cannot be combined with connect, read, write or pool; give a number."
                )
        elif isinstance(timeout, _Unset):
            if any(isinstance(limit, _Unset) for limit in limits):
                raise ValueError("Timeout needs a default, or all four of connect, read, write and pool.")
            defaults = [None, None, None, None]
        else:
            defaults = [timeout, timeout, timeout, timeout]
        self.connect, self.read, self.write, self.pool = (
            default if isinstance(limit, _Unset) else limit for default, limit in zip(defaults, limits, strict=False)
        )

    def as_dict(self) -> dict[str, float | None]:
        """Return the four limits by name."""
        return {"connect": self.connect, "read": self.read, "write": self.write, "pool": self.pool}

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Timeout):
            return NotImplemented
        return self.as_dict() == other.as_dict()

    def __repr__(self) -> str:
        if self.connect == self.read == self.write == self.pool:
            return f"{type(self).__name__}(timeout={self.connect})"
        return f"{type(self).__name__}(connect={self.connect}, read={self.read}, write={self.write}, pool={self.pool})"


def limits_of(timeout: Any, name: str = "timeout") -> tuple[float | None, float | None, float | None, float | None]:
    """Return `(connect, read, write, pool)` in seconds for everything that a caller may pass as a timeout.

    Accepted are a number, `None`, a `Timeout`, a tuple as `Timeout` takes it, and any object with the four attributes
    of `httpx.Timeout`.

    Raises:
        TypeError: `timeout` is something else.
        ValueError: a limit is negative or not a number.
    """
    if isinstance(timeout, (int, float)):
        limit = _checked(timeout, name)
        return (limit, limit, limit, limit)
    if timeout is None:
        return (None, None, None, None)
    if isinstance(timeout, tuple):
        if not 2 <= len(timeout) <= 4:  # pyright: ignore[reportUnknownArgumentType]
            raise TypeError(f"`{name}` as a tuple must be (connect, read[, write[, pool]]), in seconds.")
        timeout = Timeout(timeout)  # pyright: ignore[reportUnknownArgumentType]
    try:
        limits = (timeout.connect, timeout.read, timeout.write, timeout.pool)
    except AttributeError:
        raise TypeError(
            f"`{name}` must be a number of seconds, a Timeout or None, not {type(timeout).__name__}."
        ) from None
    return (
        _checked(limits[0], f"{name}.connect"),
        _checked(limits[1], f"{name}.read"),
        _checked(limits[2], f"{name}.write"),
        _checked(limits[3], f"{name}.pool"),
    )


def _checked(limit: object, name: str) -> float | None:
    if limit is None:
        return None
    if not isinstance(limit, (int, float)):
        raise TypeError(f"`{name}` must be a number of seconds or None, not {type(limit).__name__}.")
    # Written so that NaN, which compares false with everything, is refused too.
    if not limit >= 0:
        raise ValueError(f"`{name}` must not be negative; got {limit!r} seconds.")
    # The original object is kept: its text (600 or 600.0) is sent as `x-stainless-read-timeout`.
    return limit
