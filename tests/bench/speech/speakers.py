"""Who speaks in the bench, and what: sentences of our own announcements, those for tuning apart from those reported."""

from collections.abc import Iterator

import numpy as np
import soxr
from scipy import signal

from audio_out.codecs import RATE, Pcm
from audio_out.engines.espeak import Espeak
from audio_out.mastering import master
from audio_out.phrasing import phrases
from audio_out.voices import VOICES, Pace, Voice
from broadcaster import texts
from content import reading
from content.kernel.units import Hz

TUNING, REPORTED = range(4), range(4, 12)
_EACH = 2
_WORDS = range(12, 41)
_PHONE_HZ = Hz(8000)
STAND_IN = "stand-in for a recording"
"""Not a human: another variant of the engine, far from the microphone in a hard room, through a telephone."""
NAMES = (*(voice.id for voice in VOICES if voice.engine == "espeak"), STAND_IN)


def sentences(announcements: range) -> list[str]:
    """Two sentences of ordinary length from each of these announcements, as an announcer says them."""
    chosen: list[str] = []
    for text in texts.load(None)[announcements.start : announcements.stop]:
        said = [phrase.text for phrase in phrases(reading.read(text.text).spoken)]
        chosen += [sentence for sentence in said if len(sentence.split()) in _WORDS][:_EACH]
    return chosen


def spoken(engine: Espeak, name: str, said: list[str]) -> Iterator[Pcm]:
    """Each sentence as a plain master: the product's own way to -16 LUFS."""
    for number, sentence in enumerate(said):
        variant = "vi+m7" if name == STAND_IN else name.partition(":")[2]
        pcm = engine.speak(sentence, Voice("espeak", variant, "vi", ""), Pace.CALM)
        sound = soxr.resample(pcm.samples / 32768, pcm.rate, RATE)
        yield master(_pcm(_phoned(sound, np.random.default_rng(number)) if name == STAND_IN else sound))


def _phoned(sound: np.ndarray, chance: np.random.Generator) -> np.ndarray:
    """A room of 0.4 s reverberation at 6 dB under the direct sound, a hiss at 30 dB, 300-3400 Hz, 8-bit mu-law."""
    time_s = np.arange(round(0.4 * RATE)) / RATE
    room = chance.normal(size=len(time_s)) * 10 ** (-3 * time_s / 0.4)
    room *= 10 ** (-6 / 20) / np.sqrt(np.sum(room**2))
    room[0] += 1
    roomy = signal.oaconvolve(sound, room)[: len(sound)]
    roomy += chance.normal(size=len(sound)) * roomy.std() * 10 ** (-30 / 20)
    band = signal.butter(4, [300, 3400], "band", fs=RATE, output="sos")
    narrow = soxr.resample(signal.sosfilt(band, roomy), RATE, _PHONE_HZ)
    narrow *= 0.9 / np.abs(narrow).max()
    law = np.sign(narrow) * np.log1p(255 * np.abs(narrow)) / np.log(256)
    steps = np.round(law * 127) / 127
    return soxr.resample(np.sign(steps) * (256 ** np.abs(steps) - 1) / 255, _PHONE_HZ, RATE)


def _pcm(sound: np.ndarray) -> Pcm:
    return Pcm(np.clip(np.rint(sound * 32768), -32768, 32767).astype(np.int16), RATE)
