"""What a call needs of this side before it goes on: a key, a decision, or an attempt of the caller's own transport."""

from __future__ import annotations

from ._native import Proposal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ._call import Call
    from ._native import Exchange


def take_turn(call: Call, wanted: Exchange | Proposal | None) -> None:
    """Give a call what it waits for: an answer to an exchange, a decision about a retry, or new headers.

    What a function for the API key or a hook raises ends the call, and is raised.
    """
    try:
        if isinstance(wanted, Proposal):
            from ._retry import decide

            decide(call, wanted)
        elif wanted is not None:
            from ._relay import relay

            relay(call, wanted)
        else:
            from ._key_source import fresh_key

            _give_up_refused(call)
            _renew(call, fresh_key(call.client, call.operation))
    except BaseException:
        call.pending.cancel()
        raise


async def async_take_turn(call: Call, wanted: Exchange | Proposal | None) -> None:
    """Do what `take_turn` does in an async call."""
    try:
        if isinstance(wanted, Proposal):
            from ._retry import async_decide

            await async_decide(call, wanted)
        elif wanted is not None:
            from ._relay import async_relay

            await async_relay(call, wanted)
        else:
            from ._key_source import async_fresh_key

            _give_up_refused(call)
            _renew(call, await async_fresh_key(call.client, call.operation))
    except BaseException:
        call.pending.cancel()
        raise


def _give_up_refused(call: Call) -> None:
    if call.pending.refused:
        call.refused()


def _renew(call: Call, key: Any) -> None:
    call.key = key
    if call.client.runtime is None:
        call.pending.renew([call.client.credential(call.operation.security, key)])
    else:
        call.pending.renew(key.fields, key.signer)
