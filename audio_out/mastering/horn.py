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


# Two sections each, with the Qs of a fourth-order Butterworth: 24 dB per octave, flat up to the corner.
_BAND = tuple(
    (kind, f"f={corner_hz}:t=q:w={q}:r=f64")
    for kind, corner_hz in (("highpass", 300), ("lowpass", 6000))
    for q in (0.541, 1.307)
)
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
