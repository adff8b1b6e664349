"""How well speech is understood, by two published measures: STOI, by its library, and the speech transmission index."""

from functools import cache

import numpy as np
import soxr
from pystoi import stoi
from scipy import signal

from tests.bench.speech.world import AIR_RATE, PASCAL_0_DB, Place, paths

_STOI_RATE = 10_000
OCTAVES_HZ = (125, 250, 500, 1000, 2000, 4000, 8000)
_MODULATIONS_HZ = 0.63 * 2 ** (np.arange(14) / 3)
# Source: IEC 60268-16, male speech: weights, redundancies, and the threshold of reception in dB.
_WEIGHTS = np.array([0.085, 0.127, 0.230, 0.233, 0.309, 0.224, 0.173])
_REDUNDANCIES = np.array([0.085, 0.078, 0.065, 0.011, 0.047, 0.095])
_THRESHOLD_DB = np.array([46, 27, 12, 6.5, 7.5, 8, 12])


def understood(clean: np.ndarray, received: np.ndarray) -> float:
    """STOI of what was received against the clean sound, both at 24 kHz and of one length.

    Source: Taal et al., IEEE TASLP 19, 2125 (2011), by pystoi.
    """
    return float(stoi(*(soxr.resample(each, AIR_RATE, _STOI_RATE) for each in (clean, received)), _STOI_RATE))


def transmission_index(speech: np.ndarray, noise: np.ndarray, place: Place) -> float:
    """The speech transmission index by the indirect method: echoes from the impulse response, noise from band levels.

    It knows neither the distortion of the horn nor the compressor; it does know masking and the threshold of hearing.
    Source: IEC 60268-16.
    """
    said, around = _levels(_spoken(speech)), _levels(noise)
    total = said + around
    masked = np.concatenate([[0], total[:-1] * 10 ** (_masking_db(10 * np.log10(total[:-1])) / 10)])
    heard = said / (total + masked + 10 ** (_THRESHOLD_DB / 10))
    depth = np.clip(_echoed(place) * heard[:, None], 1e-9, 1 - 1e-9)
    index = (np.clip(10 * np.log10(depth / (1 - depth)), -15, 15) + 15) / 30
    bands = index.mean(1)
    return float(min(1, _WEIGHTS @ bands - _REDUNDANCIES @ np.sqrt(bands[:-1] * bands[1:])))


def _spoken(speech: np.ndarray) -> np.ndarray:
    """The sound without its pauses: frames of 20 ms within 30 dB of the loudest."""
    frames = speech[: len(speech) // 480 * 480].reshape(-1, 480)
    energy = (frames**2).mean(1)
    return frames[energy > energy.max() / 1000].ravel()


def _levels(sound: np.ndarray) -> np.ndarray:
    """Intensity by octave, in units of the threshold of hearing (20 uPa)."""
    powers = np.abs(np.fft.rfft(sound)) ** 2 * 2 / len(sound) ** 2
    octaves = np.floor(np.log2(np.maximum(np.fft.rfftfreq(len(sound), 1 / AIR_RATE), 1) / 125) + 0.5).astype(int)
    return np.array([powers[octaves == number].sum() for number in range(len(OCTAVES_HZ))]) / PASCAL_0_DB**2


@cache
def _echoed(place: Place) -> np.ndarray:
    """Modulation depth [octave, modulation] that echoes leave. Source: Schroeder, Acustica 49, 179 (1981)."""
    response = np.concatenate([paths(place), np.zeros(AIR_RATE)])
    time_s = np.arange(len(response)) / AIR_RATE
    turning = np.exp(-2j * np.pi * _MODULATIONS_HZ[:, None] * time_s)
    bands = [_octave(hz) for hz in OCTAVES_HZ]
    energies = np.array([signal.sosfilt(band, response) ** 2 for band in bands])
    return np.abs(energies @ turning.T) / energies.sum(1, keepdims=True)


def _octave(hz: float) -> np.ndarray:
    edges = [hz / np.sqrt(2), min(hz * np.sqrt(2), 0.47 * AIR_RATE)]
    return signal.butter(6, edges, "band", fs=AIR_RATE, output="sos")


def _masking_db(level_db: np.ndarray) -> np.ndarray:
    """How far below a band, speech and noise together, its masking of the next one lies."""
    steps = [level_db < 63, level_db < 67, level_db < 100]
    return np.select(steps, [0.5 * level_db - 65, 1.8 * level_db - 146.9, 0.5 * level_db - 59.8], -10)
