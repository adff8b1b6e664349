"""Pieces of sound at one rate and level, and a track that they are joined to."""

from collections.abc import Sequence

import numpy as np
import soxr
from numpy.typing import NDArray
from pydub import AudioSegment

from audio_out.codecs import RATE, Pcm
from audio_out.errors import Silence
from audio_out.mastering.limiter import applied, gains
from audio_out.mastering.meter import true_peaks
from audio_out.recordings.hearing import energy_by_frame, heard, kept, speech_energy
from content.kernel.units import Dbtp, DurationMs

_SPEECH_RMS = 0.1  # of full scale: chimes are made to fit this
_FADE_MS = 5
_TAKE_FADE_MS = 20  # a take has the noise of its room, which must neither begin nor end with a click
_BUMPS = Dbtp(-1.0)
_LEAD_MS, _TAIL_MS = 30, 80  # kept around what is heard: soft consonants are under any threshold
_HEARD = 0.004  # of the sentence's own peak: -48 dB


class Track:
    """Segments in a row, joined once at the end: adding sounds to each other copies all of them every time."""

    def __init__(self) -> None:
        self._raw: list[bytes] = []
        self._samples = 0

    @property
    def end_ms(self) -> DurationMs:
        """How long it is so far."""
        return DurationMs(round(self._samples * 1000 / RATE))

    def add(self, *segments: AudioSegment) -> None:
        """Put these at its end."""
        for segment in segments:
            self._raw.append(segment.raw_data)
            self._samples += len(segment.raw_data) // 2

    def joined(self) -> Pcm:
        """All of it, at 48 kHz."""
        return Pcm(np.frombuffer(b"".join(self._raw), np.int16), RATE)


def voiced(sentence: Pcm) -> NDArray[np.float32]:
    """A sentence at 48 kHz from its first sound to its last, without direct current."""
    sound = sentence.samples.astype(np.float32)
    sound -= sound.mean()
    heard = np.flatnonzero(np.abs(sound) > np.abs(sound).max() * _HEARD)
    start = max(0, heard[0] - _LEAD_MS * sentence.rate // 1000)
    resampled: NDArray[np.float32] = soxr.resample(
        sound[start : heard[-1] + _TAIL_MS * sentence.rate // 1000], sentence.rate, RATE
    )
    return resampled


def levelled(sentences: Sequence[NDArray[np.float32]]) -> list[AudioSegment]:
    """All sentences with one gain, so that they fit the chime and keep their loudness to each other."""
    rms = np.sqrt(sum(float(np.vdot(each, each)) for each in sentences) / sum(map(len, sentences)))
    gain = np.float32(_SPEECH_RMS * 32768 / rms)
    return [
        segment(np.clip(each * gain, -32768, 32767).astype(np.int16)).fade_in(_FADE_MS).fade_out(_FADE_MS)
        for each in sentences
    ]


def trimmed(take: Pcm) -> list[AudioSegment]:
    """What is aired of a take, with one gain that makes it fit the chime, and without direct current."""
    sound = take.samples * np.float32(1 / 32768)
    sound -= sound.mean()
    energy = energy_by_frame([sound])
    pieces = kept(heard(energy), take.duration_ms)
    if not pieces:
        raise Silence
    gain_db = 20 * float(np.log10(_SPEECH_RMS / np.sqrt(speech_energy(energy))))
    # A bump against the microphone may stand far over the speech: held down, it is not clipped.
    sound = applied(gains(true_peaks(sound), gain_db, _BUMPS), sound)
    sound *= np.float32(32768)
    samples = sound.astype(np.int16)
    cut = (samples[start * RATE // 1000 : end * RATE // 1000] for start, end in pieces)
    return [segment(piece).fade_in(_TAKE_FADE_MS).fade_out(_TAKE_FADE_MS) for piece in cut]


def segment(samples: NDArray[np.int16]) -> AudioSegment:
    """Samples at 48 kHz, mono."""
    return AudioSegment(samples.tobytes(), sample_width=2, frame_rate=RATE, channels=1)


def silence(duration_ms: int) -> AudioSegment:
    """Nothing, for so long."""
    return AudioSegment.silent(duration_ms, frame_rate=RATE)
