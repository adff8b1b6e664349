"""Where something is heard in a take, and what of it is kept on air. Curves in, places out.

A place is heard when it stands out of the take's own quiet: 6 dB over its quietest tenth, but never less than 12 dB
nor more than 35 dB below its speech, so that neither a noisy room nor a silent one hides soft words.
Source: the relative gate is that of ITU-R BS.1770-5 (10 dB below the mean of what is over the absolute one).
"""

from collections.abc import Iterable
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from audio_out.mastering.meter import Sound, energies_of
from content.kernel.units import DurationMs

FRAME_MS = 10
RUMBLE_HZ = 80
_HIGH_PASS = ("highpass", f"f={RUMBLE_HZ}:r=f64")
_VOTERS = 7  # frames: a click of 30 ms, as when a button is pressed, is no speech
_FAINTEST = 1e-7  # of full scale, squared: -70 dB
_AROUND_MS = 150
_LONGEST_HOLE_MS = 2000


def energy_by_frame(pieces: Iterable[Sound]) -> NDArray[np.float64]:
    """Energy of each whole 10 ms of a mono sound at 48 kHz, without rumble: what the rest of this module hears."""
    curve = energies_of(pieces, _HIGH_PASS)
    means: NDArray[np.float64] = curve[: len(curve) // FRAME_MS * FRAME_MS].reshape(-1, FRAME_MS).mean(1)
    return means


def speech_energy(energy: NDArray[np.float64]) -> float:
    """Mean energy of the loud frames, 0 if there are none; a bump against the microphone does not count for more."""
    loud = energy[energy > _FAINTEST]
    if not len(loud):
        return 0.0
    loud = np.minimum(loud, 2 * np.percentile(loud, 97))
    return float(loud[loud > loud.mean() / 10].mean())


def heard(energy: NDArray[np.float64]) -> NDArray[np.bool_]:
    """For each frame, whether something is heard in it."""
    speech = speech_energy(energy)
    if not speech:
        return np.zeros(len(energy), np.bool_)
    over_floor = np.percentile(energy, 10) * 10**0.6
    threshold = max(_FAINTEST, min(max(over_floor, speech / 10**3.5), speech / 10**1.2))
    votes = np.convolve(np.pad(energy > threshold, _VOTERS // 2), np.ones(_VOTERS), mode="valid")
    return votes > _VOTERS / 2


def stretches(flags: NDArray[np.bool_]) -> list[tuple[DurationMs, DurationMs]]:
    """From when to when something is heard, in order."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]])))
    times = [DurationMs(int(edge) * FRAME_MS) for edge in edges]
    return list(zip(times[::2], times[1::2], strict=True))


def holes(flags: NDArray[np.bool_], over_ms: int) -> list[tuple[DurationMs, DurationMs]]:
    """From when to when nothing is heard between two sounds for longer than this."""
    gaps = ((before[1], after[0]) for before, after in pairwise(stretches(flags)))
    return [(start, end) for start, end in gaps if end - start > over_ms]


def kept(flags: NDArray[np.bool_], duration_ms: DurationMs) -> list[tuple[DurationMs, DurationMs]]:
    """What is aired of a take: pieces from when to when, none if nothing is heard.

    Silence at both ends goes, but for 150 ms; holes over 2 s lose their middle and last 2 s. Speech is never cut.
    """
    found = stretches(flags)
    if not found:
        return []
    middles = [
        (start + _LONGEST_HOLE_MS // 2, end - _LONGEST_HOLE_MS // 2) for start, end in holes(flags, _LONGEST_HOLE_MS)
    ]
    starts = [max(0, found[0][0] - _AROUND_MS), *(end for _, end in middles)]
    ends = [*(start for start, _ in middles), min(duration_ms, found[-1][1] + _AROUND_MS)]
    return [(DurationMs(start), DurationMs(end)) for start, end in zip(starts, ends, strict=True)]
