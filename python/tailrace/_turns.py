"""What a call needs of this side before it goes on: a new key, or an attempt of the caller's own transport."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ._call import Call
    from ._native import Exchange


def take_turn(call: Call, exchange: Exchange | None) -> None:
    """Give a call what it waits for: the answer to `exchange`, or new headers when there is none.

    What a function for the API key raises ends the call, and is raised.
    """
    try:
        if exchange is not None:
            from ._relay import relay

            relay(call, exchange)
        else:
            from ._key_source import key_fields, renew

            renew(call.client)
            call.pending.renew(key_fields(call.client))
    except BaseException:
        call.pending.cancel()
        raise


async def async_take_turn(call: Call, exchange: Exchange | None) -> None:
    """Do what `take_turn` does in an async call."""
    try:
        if exchange is not None:
            from ._relay import async_relay

            await async_relay(call, exchange)
        else:
            from ._key_source import async_renew, key_fields

            await async_renew(call.client)
            call.pending.renew(key_fields(call.client))
    except BaseException:
        call.pending.cancel()
        raise
