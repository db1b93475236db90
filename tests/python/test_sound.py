"""The microphone and the player, with a device that gives and takes samples: as the official package has them."""

from __future__ import annotations

import asyncio
import importlib
import io
import sys
import threading
import time
import wave
from collections.abc import AsyncIterator, Callable
from types import ModuleType
from typing import Any

import pytest

from tailrace.testing import MockServer

np: Any = pytest.importorskip("numpy", reason="numpy is not installed here")

RATE = 24000
BLOCK = 600


class Device(ModuleType):
    """A `sounddevice` whose streams call back on a thread, as the real ones do, and which keeps what it was given."""

    def __init__(self) -> None:
        super().__init__("sounddevice")
        self.opened: list[dict[str, Any]] = []
        self.played: list[Any] = []
        device = self

        class CallbackStop(Exception):
            pass

        class Stream:
            def __init__(self, **options: Any) -> None:
                device.opened.append({**options, "dtype": np.dtype(options["dtype"])})
                self.options = device.opened[-1]
                self.ends = threading.Event()
                self.thread = threading.Thread(target=self.run)

            def __enter__(self) -> Any:
                self.thread.start()
                return self

            def __exit__(self, *error: object) -> None:
                self.ends.set()
                self.thread.join()

            def run(self) -> None:
                shape, number = (BLOCK, self.options["channels"]), 0
                while not self.ends.is_set():
                    block = np.full(shape, number, dtype=self.options["dtype"])
                    try:
                        self.options["callback"](block, BLOCK, None, None)
                    except CallbackStop:
                        return
                    if isinstance(self, OutputStream):
                        device.played.append(block)
                    number += 1
                    time.sleep(0.001)

        class InputStream(Stream):
            pass

        class OutputStream(Stream):
            pass

        self.CallbackStop, self.InputStream, self.OutputStream = CallbackStop, InputStream, OutputStream

    def heard(self) -> Any:
        """What was played, without silence at the end."""
        return np.trim_zeros(np.concatenate(self.played)[:, 0], "b")


@pytest.fixture
def device(monkeypatch: pytest.MonkeyPatch) -> Device:
    device = Device()
    monkeypatch.setitem(sys.modules, "sounddevice", device)
    return device


def times(count: int, *, then: bool) -> Callable[[], bool]:
    """What says `not then` so many times."""
    left = [count]

    def ask() -> bool:
        left[0] -= 1
        return then if left[0] < 0 else not then

    return ask


def helpers(library: ModuleType) -> Any:
    return importlib.import_module(f"{library.__name__}.helpers")


@pytest.mark.parametrize("kind", ["int16", "float32"])
@pytest.mark.parametrize("size", [1, BLOCK, 1000])
def test_arrays_are_played_whole(library: ModuleType, device: Device, kind: str, size: int) -> None:
    samples = np.arange(1, size + 1, dtype="int16")
    # The official package takes floats in a column only.
    given = samples if kind == "int16" else (samples / 32767.0).astype("float32").reshape(-1, 1)
    asyncio.run(helpers(library).LocalAudioPlayer().play(given))
    (opened,) = device.opened
    assert (opened["samplerate"], opened["channels"], opened["dtype"]) == (RATE, 1, np.dtype("float32"))
    np.testing.assert_allclose(device.heard(), samples / 32767.0, rtol=1e-6)


def test_streams_are_played_as_they_come_until_none(library: ModuleType, device: Device) -> None:
    samples = np.arange(1, 1001, dtype="int16")

    async def parts() -> AsyncIterator[Any]:
        for start in range(0, 1000, 300):
            yield samples[start : start + 300]
            await asyncio.sleep(0)
        yield None
        yield samples

    asyncio.run(helpers(library).LocalAudioPlayer().play_stream(parts()))
    # Silence may stand between parts, when the next one is late.
    heard = device.heard()
    heard = heard[heard != 0]
    # The official package stops in the block that the last sample is in, and leaves that block out.
    whole = 1000 if library.__name__ == "tailrace" else len(heard)
    assert whole > 1000 - BLOCK - 1
    np.testing.assert_allclose(heard, samples[:whole] / 32767.0, rtol=1e-6)


def test_playing_stops_when_asked(library: ModuleType, device: Device) -> None:
    player = helpers(library).LocalAudioPlayer(should_stop=times(2, then=True))
    asyncio.run(player.play(np.ones(100_000, dtype="int16")))
    assert len(device.played) == 2
    with pytest.raises(ValueError, match="float64"):
        asyncio.run(player.play(np.zeros(5)))


@pytest.mark.parametrize("is_async", [False, True])
def test_speech_is_played(server: MockServer, device: Device, is_async: bool) -> None:
    base_url = server.script({"exchanges": [{"chunks": [{"text": "ab" * 500}], "repeat": True}]})

    async def main() -> None:
        from tailrace.helpers import LocalAudioPlayer

        player = LocalAudioPlayer()
        speech: Any = {"input": "hi", "model": "m", "voice": "v", "response_format": "pcm"}
        if is_async:
            create = server.async_client(base_url).audio.speech.with_streaming_response.create
            async with create(**speech) as response:
                await player.play(response)
        else:
            await player.play(server.client(base_url).audio.speech.create(**speech))

    asyncio.run(main())
    expected = np.frombuffer(b"ab" * 500, dtype="<i2") / 32767.0
    np.testing.assert_allclose(device.heard(), expected, rtol=1e-6)


@pytest.mark.parametrize(("kind", "width"), [("int16", 2), ("int32", 4), ("int8", 1), ("uint8", 1), ("float32", 2)])
@pytest.mark.parametrize("channels", [1, 2])
def test_recordings_are_wav_files(library: ModuleType, device: Device, kind: str, width: int, channels: int) -> None:
    microphone = helpers(library).Microphone(
        channels=channels, dtype=getattr(np, kind), should_record=times(3, then=False)
    )
    name, file, media_type = asyncio.run(microphone.record())
    assert (name, media_type, type(file)) == ("audio.wav", "audio/wav", io.BytesIO)
    with wave.open(file) as wav:
        assert (wav.getnchannels(), wav.getframerate(), wav.getsampwidth()) == (channels, RATE, width)
        assert wav.getnframes() == 3 * BLOCK
        frames = np.frombuffer(wav.readframes(3 * BLOCK), dtype={1: "u1", 2: "<i2", 4: "<i4"}[width])
    levels = {"int8": [128, 129, 130], "float32": [0, 32767, 32767]}.get(kind, [0, 1, 2])
    assert frames.tolist() == [level for level in levels for _ in range(BLOCK * channels)]
    assert device.opened[0]["samplerate"] == RATE


def test_recordings_are_arrays_on_request_and_end_after_their_time(library: ModuleType, device: Device) -> None:
    began = time.monotonic()
    microphone = helpers(library).Microphone(channels=2, dtype=np.float32, timeout=0.05)
    recorded = asyncio.run(microphone.record(return_ndarray=True))
    assert time.monotonic() - began >= 0.05
    assert (recorded.shape[1], recorded.dtype) == (2, np.dtype("float32"))
    assert recorded[-1, 0] == len(recorded) // BLOCK - 1


@pytest.mark.parametrize("missing", [None, OSError("PortAudio library not found")])
def test_a_machine_without_sound_says_what_is_missing(monkeypatch: pytest.MonkeyPatch, missing: Any) -> None:
    from tailrace.helpers import LocalAudioPlayer, Microphone

    class Finder:
        def find_spec(self, name: str, *rest: object) -> None:
            if name == "sounddevice" and missing is not None:
                raise missing

    monkeypatch.delitem(sys.modules, "sounddevice", raising=False)
    if missing is None:
        monkeypatch.setitem(sys.modules, "sounddevice", None)
    else:
        monkeypatch.setattr(sys, "meta_path", [Finder(), *sys.meta_path])
    for use in (lambda: Microphone().record(), lambda: LocalAudioPlayer().play(np.zeros(1, dtype="int16"))):
        with pytest.raises(ImportError, match=r"`sounddevice`.*tailrace\[voice_helpers\]"):
            asyncio.run(use())
