"""Listening to what really sounded: finds a cue's audio in a recording by correlation, and trusts no journal."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]
"""Mono, one channel, -1.0 to 1.0."""

ALIKE_FROM = 0.9
"""Normalised correlation from which two sounds count as the same: equal audio gives 1.0, other speech below 0.1."""


@dataclass(frozen=True, slots=True)
class Heard:
    """Where a cue begins in a recording, and how alike the two are over the cue's whole length (0 to 1).

    The frame lies a little below 0 where the recording began after the cue.
    """

    frame: int
    alike: float

    @property
    def surely(self) -> bool:
        """Whether the recording holds this cue, whole."""
        return self.alike >= ALIKE_FROM


def find(cue: Samples, recording: Samples, around: int, reach: int) -> Heard:
    """The place where a cue fits best.

    Args:
        cue: what should have sounded; not silent.
        recording: what sounded, at the same rate.
        around: the frame at which it was planned.
        reach: how many frames earlier or later it is looked for.
    """
    # A recording may begin some frames into its first cue, so silence is put before it, and after it.
    padded = np.pad(recording, (reach, len(cue)))
    window = padded[around : around + 2 * reach + len(cue)]
    matches = _correlate(window, cue)
    energy = np.cumsum(np.concatenate(([0.0], window.astype(np.float64) ** 2)))
    local = np.sqrt(np.maximum(energy[len(cue) :] - energy[: -len(cue)], 1e-12))
    alike = matches / (local * np.linalg.norm(cue.astype(np.float64)))
    best = int(np.argmax(alike))
    return Heard(around - reach + best, float(alike[best]))


def _correlate(window: Samples, cue: Samples) -> NDArray[np.float64]:
    """Valid cross-correlation by FFT, as long as the window is longer than the cue, plus one."""
    size = 1 << (len(window) - 1).bit_length()
    spectrum = np.fft.rfft(window, size) * np.conj(np.fft.rfft(cue, size))
    both: NDArray[np.float64] = np.fft.irfft(spectrum, size)
    return both[: len(window) - len(cue) + 1]
