"""`Timeout`: the time limits of an attempt, in seconds."""

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
    #: Connect, read, write, pool, first byte, idle and total.
    Limits = tuple[_Limit, _Limit, _Limit, _Limit, _Limit, _Limit, _Limit]


class _Unset:
    __slots__ = ()


_UNSET: Final = _Unset()


#: Seconds that the official package gives to connecting, and to each of reading, writing and waiting for a connection.
DEFAULT_CONNECT_SECONDS = 5.0
DEFAULT_SECONDS = 600

_OFFICIAL = ("connect", "read", "write", "pool")
_WHOLE = ("first_byte", "idle", "total")


class Timeout:
    """Time limits of one attempt, in seconds; `None` means no limit.

    `timeout` is the default for connect, read, write and pool, or a tuple `(connect, read[, write[, pool]])`, or
    another `Timeout`. Each keyword replaces one limit. Attribute names, equality and `repr` follow `httpx.Timeout`,
    which has the first four limits.

    Args:
        connect: Looking up the name, TCP and TLS.
        read: Waiting for any bytes of the response.
        write: Waiting until the connection takes more of the request.
        pool: Waiting for a connection while the client has as many as it may have.
        first_byte: Waiting for the response's head once a request is sent whole, on a connection that is there.
        idle: The longest time between two events of a stream, where comments and other bytes do not count, or between
            two pieces of any other body.
        total: The whole attempt: with connecting, and to the end of its body or stream.

    Time in which a stream's consumer was behind counts for `total` alone. A limit of all attempts and the pauses
    between them is no part of a `Timeout`: it is `deadline`, of a client or a call.

    With `first_byte`, `idle` or `total` no default is needed: of the first four, those that are missing are then as
    they are without a timeout, 5 seconds to connect and 600 for the others.

    Raises:
        ValueError: no default was given and at least one of the first four limits is missing, or a default of type
            `Timeout` is combined with one of them.
        TypeError: a keyword names no limit.
    """

    __slots__ = ("connect", "first_byte", "idle", "pool", "read", "total", "write")

    connect: float | None
    read: float | None
    write: float | None
    pool: float | None
    first_byte: float | None
    idle: float | None
    total: float | None

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
        first_byte: float | _Unset | None = _UNSET,
        idle: float | _Unset | None = _UNSET,
        total: float | _Unset | None = _UNSET,
    ) -> None:
        limits = [connect, read, write, pool]
        whole = [first_byte, idle, total]
        whole_defaults: list[float | None] = [None, None, None]
        defaults: list[Any]
        if isinstance(timeout, tuple):
            defaults = [*timeout, None, None][:4]
        elif isinstance(timeout, Timeout):
            defaults = [timeout.connect, timeout.read, timeout.write, timeout.pool]
            whole_defaults = [timeout.first_byte, timeout.idle, timeout.total]
            if any(not isinstance(limit, _Unset) for limit in limits):
                raise ValueError(
                    "A `Timeout` default cannot be combined with connect, read, write or pool; give a number."
                )
        elif not isinstance(timeout, _Unset):
            defaults = [timeout, timeout, timeout, timeout]
        elif any(not isinstance(limit, _Unset) for limit in whole):
            defaults = [DEFAULT_CONNECT_SECONDS, DEFAULT_SECONDS, DEFAULT_SECONDS, DEFAULT_SECONDS]
        elif any(isinstance(limit, _Unset) for limit in limits):
            raise ValueError(
                "Timeout needs a default, or all four of connect, read, write and pool, or one of first_byte, idle and "
                "total."
            )
        else:
            defaults = [None, None, None, None]
        for name, limit, default in zip(
            (*_OFFICIAL, *_WHOLE), [*limits, *whole], [*defaults, *whole_defaults], strict=False
        ):
            setattr(self, name, default if isinstance(limit, _Unset) else limit)

    def as_dict(self) -> dict[str, float | None]:
        """Return the limits by name: connect, read, write and pool, and those of the others that are set."""
        limits: dict[str, float | None] = {name: getattr(self, name) for name in _OFFICIAL}
        for name in _WHOLE:
            if getattr(self, name) is not None:
                limits[name] = getattr(self, name)
        return limits

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Timeout):
            return NotImplemented
        return self.as_dict() == other.as_dict()

    def __repr__(self) -> str:
        limits = self.as_dict()
        if self.connect == self.read == self.write == self.pool:
            for name in _OFFICIAL:
                del limits[name]
            limits = {"timeout": self.connect, **limits}
        return f"{type(self).__name__}({', '.join(f'{name}={limit}' for name, limit in limits.items())})"


def limits_of(timeout: Any, name: str = "timeout") -> Limits:
    """Return `(connect, read, write, pool, first_byte, idle, total)` in seconds, for all that may be a timeout.

    Accepted are a number, `None`, a `Timeout`, a tuple as `Timeout` takes it, and any object with the four attributes
    of `httpx.Timeout`.

    Raises:
        TypeError: `timeout` is something else.
        ValueError: a limit is negative or not a number, or one that httpx does not have is infinite.
    """
    if isinstance(timeout, (int, float)):
        limit = _checked(timeout, name)
        return (limit, limit, limit, limit, None, None, None)
    if timeout is None:
        return (None, None, None, None, None, None, None)
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
    first_byte = idle = total = None
    if isinstance(timeout, Timeout):
        first_byte, idle, total = timeout.first_byte, timeout.idle, timeout.total
    return (
        _checked(limits[0], f"{name}.connect"),
        _checked(limits[1], f"{name}.read"),
        _checked(limits[2], f"{name}.write"),
        _checked(limits[3], f"{name}.pool"),
        None if first_byte is None else finite_seconds(first_byte, f"{name}.first_byte"),
        None if idle is None else finite_seconds(idle, f"{name}.idle"),
        None if total is None else finite_seconds(total, f"{name}.total"),
    )


def finite_seconds(limit: object, name: str) -> float | None:
    """Return `limit` when it is a finite number of seconds, or None.

    Raises:
        TypeError: it is no number.
        ValueError: it is negative, infinite or not a number.
    """
    seconds = _checked(limit, name)
    if seconds == float("inf"):
        raise ValueError(f"`{name}` must be finite; give None for no limit.")
    return seconds


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
