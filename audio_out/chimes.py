"""Our own chimes, synthesised here: one per priority before an announcement, and two around a programme.

They wake amplifiers and ears before the first word, and say by ear what begins, what ends and what is urgent. All lie
within what a horn on a pole passes (300-5,000 Hz). Mono int16 samples at 48 kHz.
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from content.kernel.priority import Priority

RATE_HZ = 48_000
_LEVEL = 0.25


@cache
def chime(priority: Priority) -> NDArray[np.int16]:
    """The signal that opens an announcement; the same samples each time, read-only."""
    match priority:
        case Priority.ROUTINE:
            return _finished(_after_one_another([(523.25, 0.0), (659.25, 0.35), (783.99, 0.70)], ring_s=1.1))
        case Priority.IMPORTANT:
            notes = [(880.0, 0.0), (659.25, 0.4), (880.0, 0.8), (659.25, 1.2)]
            return _finished(_after_one_another(notes, ring_s=0.7))
        case Priority.EMERGENCY:
            return _finished(_siren((950.0, 700.0), tone_s=0.45, turns=4))


@cache
def begins() -> NDArray[np.int16]:
    """The motif of a programme that begins: it climbs sol, do, re, sol and hurries. Samples as of `chime`."""
    return _finished(_after_one_another([(392.0, 0.0), (523.25, 0.4), (587.33, 0.7), (783.99, 0.95)], ring_s=1.2))


@cache
def ends() -> NDArray[np.int16]:
    """The motif of a programme that ends: it steps down sol, mi, do, slows, and rests on the last. As `begins`."""
    return _finished(_after_one_another([(783.99, 0.0), (659.25, 0.5), (523.25, 1.1)], ring_s=1.8))


def _finished(sound: NDArray[np.float64]) -> NDArray[np.int16]:
    """At the one level, as read-only samples."""
    samples: NDArray[np.int16] = np.round(sound / np.abs(sound).max() * _LEVEL * 32767).astype(np.int16)
    samples.flags.writeable = False
    return samples


def _after_one_another(notes: list[tuple[float, float]], ring_s: float) -> NDArray[np.float64]:
    """Struck notes (frequency in Hz, start in s) that ring out into each other."""
    sound = np.zeros(round((notes[-1][1] + ring_s) * RATE_HZ))
    time_s = np.arange(round(ring_s * RATE_HZ)) / RATE_HZ
    envelope = np.minimum(1, time_s / 0.008) * np.exp(-time_s * 5) * np.minimum(1, (ring_s - time_s) / 0.05)
    for frequency_hz, start_s in notes:
        tones = sum(np.sin(2 * np.pi * n * frequency_hz * time_s) / n**2 for n in (1, 2, 3))
        start = round(start_s * RATE_HZ)
        sound[start : start + len(time_s)] += envelope * tones
    return sound


def _siren(tones_hz: tuple[float, float], tone_s: float, turns: int) -> NDArray[np.float64]:
    """Two tones in turn, without a jump of phase; a wail would be heard too, but Opus garbles it."""
    count = round(2 * turns * tone_s * RATE_HZ)
    time_s = np.arange(count) / RATE_HZ
    frequency_hz = np.where(time_s // tone_s % 2, tones_hz[1], tones_hz[0])
    phase = 2 * np.pi * np.cumsum(frequency_hz) / RATE_HZ
    edge_s = np.minimum(time_s, time_s[::-1])
    return (np.sin(phase) + 0.3 * np.sin(2 * phase) + 0.15 * np.sin(3 * phase)) * np.minimum(1, edge_s / 0.03)
