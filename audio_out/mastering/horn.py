"""What a village's loudspeakers make necessary: a master reshaped for horns on poles, at the same loudness.

Nothing here knows a codec, a village or a player: a preset's name is stored with the village, its numbers are here.

Source: ADR 0015 and docs/speech.md, which measures what each number is worth (`make bench-speech`).
"""

from enum import StrEnum

from audio_out.codecs import Pcm
from audio_out.mastering.chain import compressed, levelled, to_float
from audio_out.mastering.meter import filtered


class Preset(StrEnum):
    """What a deliverable is made for."""

    PLAIN = "plain"
    HORN = "horn"


def _steep(kind: str, corner_hz: int) -> tuple[tuple[str, str], tuple[str, str]]:
    """24 dB per octave and flat up to the corner: the two sections of a fourth-order Butterworth filter."""
    return (kind, f"f={corner_hz}:t=q:w=0.541:r=f64"), (kind, f"f={corner_hz}:t=q:w=1.307:r=f64")


_BAND = (*_steep("highpass", 300), *_steep("lowpass", 6000))
_PRESENCE = ("equalizer", "f=2800:t=q:w=0.9:g=6:r=f64")
# Gentle: the master was compressed already; more was measured to cost more than it brings.
_COMPRESSOR = ("acompressor", "threshold=-16dB:ratio=2:attack=5:release=120:knee=6")


def shaped(mastered: Pcm, preset: Preset) -> Pcm:
    """A master as this preset wants it, at the broadcast loudness and with its peaks limited, ready to be pressed.

    Args:
        mastered: what `master` made, 48 kHz.
        preset: `plain` gives back the master itself; the others keep its length to the sample.

    Raises:
        Silence: nothing is left in the horn's band.
    """
    if preset is Preset.PLAIN:
        return mastered
    return levelled(compressed(filtered(to_float(mastered.samples), *_BAND, _PRESENCE), _COMPRESSOR))
