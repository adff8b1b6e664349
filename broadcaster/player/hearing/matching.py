"""How like what was captured is to what was played, for each delay between the two. Pure; numpy only.

An excerpt of one second is sought in three seconds of what the microphone took. Sound cannot be heard before it is
played: the delays at which that would have to be so show what chance, noise and other people's speech reach, and the
possible delays are held against them. So neither loudness nor the sensitivity of a microphone matters. A neighbour's
loudspeaker with the same programme is told by its delay: 340 m are a second.

Source: generalised cross-correlation, C. H. Knapp and G. C. Carter, IEEE TASSP 24, 320 (1976), with the phase transform
for what was captured and its square root for what was played (as "PHAT-beta" of K. D. Donohue et al., 2007).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from broadcaster.player.sound.pcm import RATE_HZ, Samples

Powers = NDArray[np.float64]
Spectrum = NDArray[np.complex128]

EXCERPT = RATE_HZ
SPAN = 3 * RATE_HZ
LEAD = SPAN // 2
"""The excerpt lies in [LEAD, LEAD + EXCERPT) of its span."""
EARLIEST_S, LATEST_S = -0.1, 0.35
"""Delays at which the own loudspeaker is believed: what sound cards are wrong by, and 0.2 s of way (70 m)."""
_CHANCE_S = (-1.45, -0.2)
_BAND_HZ = (300, 3400)
_LAGS = 12_000
_POOL = 5
_PEAK = 8
_PLAYED_POWER = 0.5
_SHARP = 30.0
"""A sound whose own delay stands out less than this from all others (a tone) tells nothing."""

_BINS = slice(*(hz * SPAN // RATE_HZ for hz in _BAND_HZ))
_LAG_S = (np.arange(_LAGS) - _LAGS // 2) * (SPAN / RATE_HZ / _LAGS)
_POSSIBLE = (_LAG_S >= EARLIEST_S) & (_LAG_S <= LATEST_S)
_CHANCE = (_CHANCE_S[0] <= _LAG_S) & (_CHANCE_S[1] >= _LAG_S)


@dataclass(frozen=True)
class Likeness:
    """One excerpt. `powers` by delay, 1 is what chance reaches in the mean.

    `gain_db` is how much louder than played it came back, if it came back; `level_db` and
    `captured_db` are how loud it was played, and all that was captured: dB of full scale in the band of speech.
    """

    powers: Powers
    gain_db: float
    level_db: float
    captured_db: float


def compare(played: Samples, captured: Samples) -> Likeness | None:
    """Seek the excerpt in the middle of `played` in `captured`; None when the excerpt cannot tell anything.

    Both are SPAN samples of 48 kHz and begin at one moment.
    """
    excerpt = np.zeros(SPAN)
    excerpt[LEAD : LEAD + EXCERPT] = played[LEAD : LEAD + EXCERPT]
    sought = _spectrum(excerpt)
    energy = _energy(sought)
    weighed = sought / (np.abs(sought) ** _PLAYED_POWER + 1e-9)
    if not energy or standing_out(_powers(_spectrum(played), weighed)) < _SHARP:
        return None
    found = _spectrum(captured)
    powers = _powers(found, weighed)
    return Likeness(
        powers, _gain_db(found, sought, powers), _level_db(energy, EXCERPT), _level_db(_energy(found), SPAN)
    )


def standing_out(powers: Powers) -> float:
    """How many times the best possible delay exceeds the best impossible one; about 1 when nothing was heard."""
    return float(powers[_POSSIBLE].max() / max(powers[_CHANCE].max(), 1e-12))


def _spectrum(samples: NDArray[np.float64] | Samples) -> Spectrum:
    return np.fft.rfft(samples / 32768)[_BINS]


def _powers(found: Spectrum, weighed: Spectrum) -> Powers:
    """Squared correlation by delay, each the mean over 1 ms: echoes from the pole itself belong to the sound."""
    whitened = found / (np.abs(found) + 1e-9)
    squared = np.abs(np.fft.fftshift(np.fft.ifft(whitened * weighed.conj(), _LAGS))) ** 2
    pooled = np.convolve(squared, np.full(_POOL, 1 / _POOL), "same")
    return pooled / max(float(pooled[_CHANCE].mean()), 1e-30)


def _gain_db(found: Spectrum, sought: Spectrum, powers: Powers) -> float:
    best = int(np.flatnonzero(_POSSIBLE)[np.argmax(powers[_POSSIBLE])])
    response = np.abs(np.fft.fftshift(np.fft.ifft(found * sought.conj(), _LAGS))) * _LAGS
    return 2 * _db(float(response[best - _PEAK : best + _PEAK].max()) / _energy(sought))


def _energy(spectrum: Spectrum) -> float:
    return float(np.sum(np.abs(spectrum) ** 2))


def _level_db(energy: float, samples: int) -> float:
    """Mean power of so many samples, in dB against a square wave at full scale (Parseval; half of the spectrum)."""
    return _db(2 * energy / SPAN / samples)


def _db(power: float) -> float:
    return 10 * float(np.log10(max(power, 1e-30)))
