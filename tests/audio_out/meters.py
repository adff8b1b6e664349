"""Meters that share no code with the product's: pyloudnorm, and twice the oversampling."""

import io

import numpy as np
import pyloudnorm
import soundfile
import soxr


def decoded(data: bytes):
    """A stored file as another library hears it: float64 samples [n] and their rate in Hz."""
    samples, rate = soundfile.read(io.BytesIO(data))
    assert samples.ndim == 1
    return samples, rate


def lufs(samples, rate) -> float:
    """Integrated loudness; short sounds are repeated, since 400 ms is the least that BS.1770 can measure."""
    short = int(3.2 * rate)
    if len(samples) < short:
        samples = np.tile(samples, -(-short // len(samples)))
    return pyloudnorm.Meter(rate).integrated_loudness(samples)


def dbtp(samples) -> float:
    """True peak, eight times oversampled."""
    return 20 * np.log10(np.abs(soxr.resample(samples, 1, 8, quality="VHQ")).max())
