"""From samples to airable audio: one loudness, measured after encoding. No text and no database in here."""

from audio_out.mastering.chain import HIGHEST, TARGET, Pressed, loudness_of, master, press
from audio_out.mastering.meter import Loudness

__all__ = ["HIGHEST", "TARGET", "Loudness", "Pressed", "loudness_of", "master", "press"]
