"""From samples to airable audio: one loudness, measured after encoding. No text and no database in here."""

from audio_out.mastering.chain import HIGHEST, TARGET, Mastered, Pressed, master, press
from audio_out.mastering.meter import Loudness, measure

__all__ = ["HIGHEST", "TARGET", "Loudness", "Mastered", "Pressed", "master", "measure", "press"]
