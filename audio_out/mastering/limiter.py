"""A look-ahead limiter: gain that is already down when the peak comes, and never lets one through."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from audio_out.mastering.meter import BIN, Sound
from content.kernel.units import Dbtp

LOOK_AHEAD_BINS = 5
_RAMP = (np.arange(BIN, dtype=np.float32) + 0.5) / BIN
_BLOCK_BINS = 10_000


def gains(peaks: Sound, gain_db: float, ceiling: Dbtp, dips: Sound | None = None) -> Sound:
    """Linear gain at the edges of each millisecond [n + 1] that amplifies and holds true peaks under the ceiling.

    Args:
        peaks: the sound's `true_peaks` curve [n], before amplification.
        gain_db: amplification.
        ceiling: highest true peak of the result, to about 0.1 dB.
        dips: further gain per millisecond [n], linear, at most 1.
    """
    gain = np.float32(10 ** (gain_db / 20))
    allowed = np.minimum(1, 10 ** (ceiling / 20) / np.maximum(peaks * gain, 1e-9)).astype(np.float32)
    return _smooth(allowed if dips is None else allowed * dips) * gain


def applied(edges: Sound, sound: Sound) -> Sound:
    """The sound [at most n * 48] with these gains, a straight line between two edges."""
    out = np.empty_like(sound)
    for start in range(0, len(edges) - 1, _BLOCK_BINS):
        block = slice(start * BIN, (start + _BLOCK_BINS) * BIN)
        left, right = edges[start:-1][:_BLOCK_BINS, None], edges[start + 1 :][:_BLOCK_BINS, None]
        out[block] = sound[block] * (left + (right - left) * _RAMP).ravel()[: len(sound[block])]
    return out


def _smooth(allowed: Sound) -> Sound:
    """Gains at the edges of the bins such that every line between two edges stays within its bin's gain.

    The lowest gain of the neighbourhood is held, then averaged over that neighbourhood: no average can exceed it.
    """
    reach = LOOK_AHEAD_BINS
    held = sliding_window_view(np.pad(allowed, 2 * reach, mode="edge"), 2 * reach + 1).min(1)
    smooth: Sound = sliding_window_view(held, 2 * reach).mean(1)
    return smooth
