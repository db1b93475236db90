"""Sound on this machine, by the extra `voice_helpers`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._lazy import lazy_exports

if TYPE_CHECKING:
    from .local_audio_player import LocalAudioPlayer as LocalAudioPlayer
    from .microphone import Microphone as Microphone

lazy_exports(globals(), {"LocalAudioPlayer": ".local_audio_player", "Microphone": ".microphone"})
