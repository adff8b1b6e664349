"""To one loudness: -16 LUFS and a true peak of at most -1.5 dBTP, measured on what is stored.

`master` makes the samples that are kept; `press` encodes them, decodes the result and measures that, since a
lossy codec takes some loudness away and adds to the peaks. Source: design, stack.md, "Audio chain".
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from audio_out.codecs import RATE, Codec, Pcm, encode, is_lossy
from audio_out.errors import LoudnessMissed, Silence
from audio_out.mastering.limiter import applied, gains
from audio_out.mastering.listening import encoded_and_heard
from audio_out.mastering.meter import BIN, Loudness, Sound, energies, filtered, gated, measure, true_peaks
from content.kernel.units import Dbtp, Lufs

TARGET = Lufs(-16.0)
HIGHEST = Dbtp(-1.5)
_TOLERANCE = 0.35
_HIGHEST_AIMED = HIGHEST - 0.4  # four times oversampling was seen to read 0.4 dB low
_CODEC_LOSS_DB = 0.35
_CEILING = Dbtp(-4.4)  # so low that what a codec adds to the peaks stays allowed: one encoding nearly always lands
_SOLVED = 0.05
_SILENCE = -60.0
_BEFORE_COMPRESSION = -20.0
_HIGH_PASS = ("highpass", "f=80:r=f64")
_COMPRESSOR = ("acompressor", "threshold=-22dB:ratio=2.5:attack=5:release=120:knee=6")
_MOST_GAIN_DB = 40.0
_STEPS = 6
_TRIES = 5
_ODD_PEAK = 0.0  # dBTP: more than any codec adds to music or speech
_DIP_BINS = (20, 25)


@dataclass(frozen=True, slots=True)
class Pressed:
    """A file for players, and the loudness that was measured on it."""

    data: bytes
    loudness: Loudness


def master(pcm: Pcm) -> Pcm:
    """Any mono sound at 48 kHz, brought to the broadcast loudness.

    Raises:
        Silence: there is nothing to be heard in it.
    """
    return levelled(_conditioned(to_float(pcm.samples)))


def compressed(sound: Sound, compressor: tuple[str, str]) -> Sound:
    """The sound, changed in place to -20 dB RMS, which a threshold is meant for, then through an ffmpeg compressor.

    Raises:
        Silence: there is nothing to be heard in it.
    """
    level = gated(energies(sound, weighted=False))
    if level <= _SILENCE:
        raise Silence
    sound *= np.float32(10 ** ((_BEFORE_COMPRESSION - level) / 20))
    return filtered(sound, compressor)


def levelled(sound: Sound) -> Pcm:
    """Compressed sound at any level, brought to the broadcast loudness with its peaks limited."""
    return Pcm(_to_int(_solved(sound)), RATE)


def to_float(samples: NDArray[np.int16]) -> Sound:
    """Samples as a sound: full scale is 1."""
    return samples * np.float32(1 / 32768)


def loudness_of(pcm: Pcm) -> Loudness:
    """What a meter reads on it."""
    return measure(map(to_float, np.array_split(pcm.samples, 1 + len(pcm.samples) // RATE)))[0]


def press(
    mastered: Pcm, codec: Codec, tags: Mapping[str, str], before_each: Callable[[], None] = lambda: None
) -> Pressed:
    """The mastered sound as a file whose decoded loudness is right; `before_each` encoding may raise to stop.

    Raises:
        LoudnessMissed: it is not right after five tries.
    """
    if not is_lossy(codec):
        return Pressed(encode(mastered, codec, tags), loudness_of(mastered))
    gain_db, dips, steady = _CODEC_LOSS_DB, np.ones(-(-len(mastered.samples) // BIN), np.float32), False
    for _ in range(_TRIES):
        before_each()
        samples = _amplified(mastered.samples, gain_db, dips)
        data, found, curve = encoded_and_heard(Pcm(samples, RATE), codec, tags, steady=steady)
        if abs(found.lufs - TARGET) <= _TOLERANCE and found.peak_dbtp <= _HIGHEST_AIMED:
            return Pressed(data, found)
        if found.peak_dbtp > _ODD_PEAK and not steady:
            steady = True
            continue
        if abs(found.lufs - TARGET) > _TOLERANCE:
            gain_db += TARGET - found.lufs
        dips *= _dips(curve, len(dips))
    raise LoudnessMissed(detail=f"{found.lufs:.1f} LUFS, {found.peak_dbtp:.1f} dBTP")


def _amplified(samples: NDArray[np.int16], gain_db: float, dips: Sound) -> NDArray[np.int16]:
    """The master a little louder; its peaks leave room for what a codec loses, so the first try needs no limiter."""
    sound = to_float(samples)
    if gain_db <= _CODEC_LOSS_DB and dips.min(initial=1) == 1:
        return _to_int(sound * np.float32(10 ** (gain_db / 20)))
    return _to_int(applied(gains(true_peaks(sound), gain_db, Dbtp(_CEILING + _CODEC_LOSS_DB), dips), sound))


def _conditioned(sound: Sound) -> Sound:
    """Rumble out, loud and soft closer together; the level is still to be set."""
    sound -= sound.mean() if len(sound) else 0  # else a filter hears direct current begin and end, as two clicks
    sound = filtered(sound, _HIGH_PASS)  # by the same name: the one before is not needed any more
    return compressed(sound, _COMPRESSOR)


def _solved(sound: Sound) -> Sound:
    """The sound at the target, its peaks limited: secant steps on the gain, on the curves instead of the sound."""
    peaks, curve = true_peaks(sound), energies(sound)
    gain, slope = TARGET - gated(curve), 0.8
    previous: tuple[float, float] | None = None
    for _ in range(_STEPS):
        edges = gains(peaks, gain, _CEILING)
        lufs = gated(curve * (edges[:-1] * edges[1:])[: len(curve)])
        if previous is not None and gain != previous[0]:
            slope = max(0.2, (lufs - previous[1]) / (gain - previous[0]))
        if abs(lufs - TARGET) <= _SOLVED or gain >= _MOST_GAIN_DB:
            break
        previous = (gain, lufs)
        gain = min(_MOST_GAIN_DB, gain + (TARGET - lufs) / slope)
    return applied(edges, sound)


def _dips(curve: Sound, bins: int) -> Sound:
    """Gain per millisecond that takes decoded peaks down to what is allowed, a little around each of them."""
    gain = np.ones(bins, np.float32)
    allowed = 10 ** ((_HIGHEST_AIMED - 0.2) / 20)
    before, after = _DIP_BINS
    for at in np.flatnonzero(curve[:bins] > 10 ** (_HIGHEST_AIMED / 20)):
        near = gain[max(0, at - before) : at + after]
        np.minimum(near, np.float32(allowed / curve[at]), out=near)
    return gain


def _to_int(sound: Sound) -> NDArray[np.int16]:
    """Samples of a sound, in blocks: the copies made on the way would be a gigabyte for half an hour."""
    samples = np.empty(len(sound), np.int16)
    for start in range(0, len(sound), RATE):
        block = slice(start, start + RATE)
        samples[block] = np.clip(np.rint(sound[block] * np.float32(32768)), -32768, 32767)
    return samples
