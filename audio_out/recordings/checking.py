"""What a listener would stumble over: a decoded take is measured, and what is out of bounds becomes a finding.

Source of the bounds:
* speech level: EBU R 128 gated loudness; -40 LUFS is 24 dB under the broadcast level, where a telephone's own noise
  (some -60 LUFS) would come up to what a listener notices.
* noise: ratio of the mean energy of what is heard to that of the quietest tenth between (the percentiles of NIST's
  STNR). 6 dB is STI 0.7 before the horn adds its own noise (IEC 60268-16: (6 + 15) / 30).
* mains: two tones and more at multiples of 50 Hz that never pause, less than 25 dB under the speech.
"""

from collections.abc import Callable, Iterator
from typing import TypeAlias

import numpy as np
import soxr
from numpy.typing import NDArray

from audio_out.codecs import RATE
from audio_out.mastering.meter import K_WEIGHTING, Sound, energies_of, gated
from audio_out.recordings.findings import Finding, FindingKind
from audio_out.recordings.hearing import FRAME_MS, RUMBLE_HZ, energy_by_frame, heard, holes, speech_energy, stretches

Reader: TypeAlias = Callable[[], Iterator[Sound]]
"""Reads the take from its start, mono at 48 kHz."""

_SILENT_LUFS = -65.0
_QUIET_LUFS = -40.0
_SHORTEST_MS = 1000
_LONG_HOLE_MS = 4000
_CLIPPED_SHARE = 0.02
_LEAST_SNR_DB = 6.0
_MAINS_HZ, _TONES = 50, 6
_TONE_STANDS_OUT = 10.0  # times what is beside it
_HUM_HEARD_DB = 25.0
_SLOW_HZ = 2000
_MISSING_S, _MISSING_SHARE = 1.0, 0.01


def findings_of(read: Reader, clipped_at_s: list[float], said_seconds: float | None) -> tuple[Finding, ...]:
    """What is to be told about a take, the worst first.

    Args:
        read: the take.
        clipped_at_s: seconds that were clipped in the file as received.
        said_seconds: how long that file says it is, if it does.
    """
    energy = energy_by_frame(read())
    seconds = len(energy) * FRAME_MS / 1000
    flags = heard(energy)
    lufs = gated(energies_of(read(), *K_WEIGHTING))
    cut = _cut_off(seconds, said_seconds)
    if lufs <= _SILENT_LUFS or not flags.any():
        return (Finding(FindingKind.SILENT, {}), *cut)
    found = [*_too_short(flags), *cut, *_clipped(clipped_at_s, seconds)]
    if lufs < _QUIET_LUFS:
        found.append(Finding(FindingKind.TOO_QUIET, {"lufs": round(lufs, 1)}))
    return (*found, *(_hum(read, energy) or _noise(energy, flags)), *_long_silence(flags))


def waveform(read: Reader, points: int = 200) -> tuple[int, ...]:
    """Peaks of equal stretches, 0 to 100 of full scale; fewer than `points` only for the shortest sounds."""
    size = RATE * FRAME_MS // 1000
    peaks, rest = list[Sound](), np.zeros(0, np.float32)
    for piece in read():
        sound = np.concatenate([rest, piece])
        whole = len(sound) // size * size
        peaks.append(np.abs(sound[:whole]).reshape(-1, size).max(1))
        rest = sound[whole:]
    fine = np.concatenate([*peaks, np.abs(rest).max(keepdims=True) if len(rest) else rest])
    return tuple(min(100, round(100 * float(part.max()))) for part in np.array_split(fine, min(points, len(fine))))


def _too_short(flags: NDArray[np.bool_]) -> list[Finding]:
    sounds = stretches(flags)
    length_ms = sounds[-1][1] - sounds[0][0]
    return [Finding(FindingKind.TOO_SHORT, {"seconds": length_ms / 1000})] if length_ms < _SHORTEST_MS else []


def _cut_off(seconds: float, said: float | None) -> list[Finding]:
    missing = (said or 0) - seconds
    if missing <= _MISSING_S or missing <= _MISSING_SHARE * seconds:
        return []
    return [Finding(FindingKind.CUT_OFF, {"seconds": round(missing, 1)})]


def _clipped(at_s: list[float], seconds: float) -> list[Finding]:
    if len(at_s) < max(min(2.0, seconds), _CLIPPED_SHARE * seconds):
        return []
    return [Finding(FindingKind.CLIPPED, {"seconds": len(at_s), "at_s": at_s[0]})]


def _long_silence(flags: NDArray[np.bool_]) -> list[Finding]:
    found = holes(flags, _LONG_HOLE_MS)
    if not found:
        return []
    start, end = max(found, key=lambda hole: hole[1] - hole[0])
    facts = {"seconds": round((end - start) / 1000, 1), "at_s": start / 1000, "times": len(found)}
    return [Finding(FindingKind.LONG_SILENCE, facts)]


def _noise(energy: NDArray[np.float64], flags: NDArray[np.bool_]) -> list[Finding]:
    sounds = stretches(flags)
    between = energy[sounds[0][0] // FRAME_MS : sounds[-1][1] // FRAME_MS]
    noise = max(1e-12, float(np.percentile(between, 10)))
    speech = max(1e-12, float(energy[flags].mean()) - noise)
    snr_db = 10 * np.log10(speech / noise)
    return [Finding(FindingKind.MOSTLY_NOISE, {"snr_db": round(snr_db, 1)})] if snr_db < _LEAST_SNR_DB else []


def _hum(read: Reader, energy: NDArray[np.float64]) -> list[Finding]:
    tones = _steady_tones(read)
    if len(tones) < 2:
        return []  # one alone may be music
    below_db = 10 * np.log10(speech_energy(energy) / sum(tones.values()))
    if below_db > _HUM_HEARD_DB:
        return []
    loudest = max(tones, key=lambda hz: tones[hz])
    return [Finding(FindingKind.HUM, {"hz": loudest, "below_speech_db": round(below_db, 1)})]


def _steady_tones(read: Reader) -> dict[int, float]:
    """By frequency, the energy (after the high-pass) of multiples of the mains' that stand out and never pause.

    A tone that pauses, as in speech and music, is not in the quietest fifth of the seconds.
    """
    slow = soxr.ResampleStream(RATE, _SLOW_HZ, 1, dtype="float32")
    sound = np.concatenate(
        [*(slow.resample_chunk(piece) for piece in read()), slow.resample_chunk(np.zeros(0, np.float32), last=True)]
    )
    if len(sound) < 3 * _SLOW_HZ:
        return {}
    windows = np.lib.stride_tricks.sliding_window_view(sound, _SLOW_HZ)[:: _SLOW_HZ // 2]
    power = (
        np.abs(np.fft.rfft(windows * np.hanning(_SLOW_HZ).astype(np.float32), axis=1)[:, : _MAINS_HZ * (_TONES + 1)])
        ** 2
    )
    steady = np.percentile(power, 20, axis=0)
    tones = {}
    for hz in range(_MAINS_HZ, _MAINS_HZ * _TONES + 1, _MAINS_HZ):
        line = steady[hz - 1 : hz + 2]
        beside = np.median(np.concatenate([steady[hz - 15 : hz - 4], steady[hz + 5 : hz + 16]]))
        if line.max() > _TONE_STANDS_OUT * beside:
            passed = 1 / (1 + (RUMBLE_HZ / hz) ** 4)
            tones[hz] = (
                float(line.sum()) * passed * 16 / 3 / _SLOW_HZ**2
            )  # a Hann window spreads a tone over three lines
    return tones
