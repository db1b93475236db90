"""Sound from the microphone of this machine."""

from __future__ import annotations

import asyncio
import io
import wave
from collections.abc import Callable
from time import monotonic
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from ._extra import np, sd

if TYPE_CHECKING:
    from .._types import FileTypes

#: Samples a second of the sound that the API takes.
SAMPLE_RATE = 24000

DType = TypeVar("DType")


class Microphone(Generic[DType]):
    """Records from the default input of this machine."""

    def __init__(
        self,
        channels: int = 1,
        dtype: Any = "int16",
        should_record: Callable[[], bool] | None = None,
        timeout: float | None = None,
    ) -> None:
        """Record samples of numpy's type `dtype` until `should_record` says no, or for `timeout` seconds."""
        self.channels, self.dtype, self.should_record, self.timeout = channels, dtype, should_record, timeout

    async def record(self, return_ndarray: bool | None = False) -> Any:
        """Return what was recorded: a WAV file to be uploaded, or an array of samples by channels.

        Raises:
            ImportError: numpy, sounddevice or PortAudio is not installed.
            ValueError: a WAV file cannot hold samples of the type.
        """
        blocks: list[Any] = []
        loop, ended, began = asyncio.get_running_loop(), asyncio.Event(), monotonic()

        def callback(indata: Any, frames: int, time: Any, status: Any) -> None:
            is_late = self.timeout is not None and monotonic() - began >= self.timeout
            if is_late or (self.should_record is not None and not self.should_record()):
                loop.call_soon_threadsafe(ended.set)
                raise sd.CallbackStop
            blocks.append(indata.copy())

        with sd.InputStream(callback=callback, dtype=self.dtype, samplerate=SAMPLE_RATE, channels=self.channels):
            await ended.wait()
        recorded = np.concatenate(blocks, axis=0) if blocks else np.empty((0,), dtype=self.dtype)
        return recorded if return_ndarray else self._wav(recorded)

    def _wav(self, recorded: Any) -> FileTypes:
        # The samples of WAV are signed, but for those of one byte.
        if recorded.dtype.kind == "f":
            recorded = (np.clip(recorded, -1.0, 1.0) * 32767).astype("<i2")
        elif recorded.dtype.kind == "i" and recorded.dtype.itemsize == 1:
            recorded = (recorded.astype("i2") + 128).astype("u1")
        elif recorded.dtype.str.lstrip("<>=|") not in ("u1", "i2", "i4"):
            raise ValueError(f"A WAV file holds no samples of the type {recorded.dtype}; record int16, for one.")
        file = io.BytesIO()
        with wave.open(file, "wb") as written:
            written.setnchannels(self.channels)
            written.setsampwidth(recorded.dtype.itemsize)
            written.setframerate(SAMPLE_RATE)
            written.writeframes(recorded.astype(recorded.dtype.newbyteorder("<")).tobytes())
        file.seek(0)
        return ("audio.wav", file, "audio/wav")
