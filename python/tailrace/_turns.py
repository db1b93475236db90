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
            from ._key_source import fresh_key

            call.pending.renew([call.client.credential(call.operation.security, fresh_key(call.client))])
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
            from ._key_source import async_fresh_key

            key = await async_fresh_key(call.client)
            call.pending.renew([call.client.credential(call.operation.security, key)])
    except BaseException:
        call.pending.cancel()
        raise
