"""Sound on this machine; it comes with a later release."""

from .local_audio_player import LocalAudioPlayer as LocalAudioPlayer
from .microphone import Microphone as Microphone
