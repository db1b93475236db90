"""Sound on the speakers of this machine."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from typing import Any

from ._extra import np, sd

#: Samples a second of the sound that the API sends.
SAMPLE_RATE = 24000


class LocalAudioPlayer:
    """Plays PCM of 16 bits or 32-bit floats on the default output of this machine."""

    def __init__(self, should_stop: Callable[[], bool] | None = None) -> None:
        """Play until `should_stop` says so, or to the end."""
        self.should_stop = should_stop

    async def play(self, input: Any) -> None:
        """Play an array of int16 or float32, or what `client.audio.speech` returned with `response_format="pcm"`.

        Raises:
            ImportError: numpy, sounddevice or PortAudio is not installed.
            ValueError: the array has other samples.
        """
        if hasattr(input, "dtype"):
            await self._play(_floats(input), None)
            return
        data = bytearray()
        chunks = input.iter_bytes(chunk_size=1024)
        if hasattr(chunks, "__aiter__"):
            async for chunk in chunks:
                data += chunk
        else:
            for chunk in chunks:
                data += chunk
        await self._play(_floats(np.frombuffer(data, dtype="<i2")), None)

    async def play_stream(self, buffer_stream: AsyncGenerator[Any, None]) -> None:
        """Play arrays of int16 or float32 as they come; None ends them. Raises what `play` raises."""
        await self._play(None, buffer_stream)

    async def _play(self, first: Any, more: AsyncIterator[Any] | None) -> None:
        waiting: deque[Any] = deque() if first is None else deque((first,))
        loop, ended = asyncio.get_running_loop(), asyncio.Event()
        is_whole = more is None

        def callback(outdata: Any, frames: int, time: Any, status: Any) -> None:
            # What there is nothing for stays silent.
            outdata.fill(0)
            stops = self.should_stop is not None and self.should_stop()
            if stops or (is_whole and not waiting):
                loop.call_soon_threadsafe(ended.set)
                raise sd.CallbackStop
            at = 0
            while waiting and at < len(outdata):
                part = waiting[0][: len(outdata) - at]
                outdata[at : at + len(part)] = part
                at += len(part)
                if len(part) < len(waiting[0]):
                    waiting[0] = waiting[0][len(part) :]
                else:
                    waiting.popleft()

        with sd.OutputStream(samplerate=SAMPLE_RATE, channels=1, dtype=np.float32, callback=callback):
            if more is not None:
                async for array in more:
                    if array is None or ended.is_set():
                        break
                    waiting.append(_floats(array))
            is_whole = True
            await ended.wait()


def _floats(array: Any) -> Any:
    """Return samples as a column of 32-bit floats."""
    if array.dtype == np.int16:
        array = array.astype(np.float32) / 32767.0
    elif array.dtype != np.float32:
        raise ValueError(f"Samples of the type {array.dtype} cannot be played; give int16 or float32.")
    return array.reshape(-1, 1)
