"""A simulated village: amplifier, horn, air, echoes, wind. All of it is assumption or published formula, none measured.

Sounds are float64; pressures are in pascal at 24 kHz, so that the octave of 8 kHz fits. All chance comes from a seed.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
import soxr
from scipy import signal

from audio_out.codecs import RATE, Pcm

AIR_RATE = 24_000
PASCAL_0_DB = 20e-6
_SPEED_M_S = 340.0
_LOUDEST_DB = 105 + 10 * np.log10(30)  # 105 dB at 1 W and 1 m, 30 W: a full-scale sine on the axis, 1 m away
_OFF_AXIS_DB = -6.0


@dataclass(frozen=True, slots=True)
class Horn:
    """A re-entrant horn and its driver."""

    low_hz: float
    high_hz: float
    resonance_hz: float
    resonance_db: float


@dataclass(frozen=True, slots=True)
class Place:
    """Where a listener stands, and what else is to be heard there."""

    name: str
    distance_m: float
    wind_m_s: float
    background_dba: float
    second_horn_m: float | None = None
    valley: bool = False
    overdrive_db: float = 0.0


PLACES = (
    Place("50 m, calm evening", 50, 1.5, 35),
    Place("100 m, wind", 100, 8, 50),
    Place("200 m, wind", 200, 8, 50),
    Place("400 m, wind", 400, 8, 50),
    Place("200 m, wind, valley echo", 200, 8, 50, valley=True),
    Place("200 m, wind, a second horn 350 m away", 200, 8, 50, second_horn_m=350),
    Place("200 m, wind, amplifier overdriven by 9 dB", 200, 8, 50, overdrive_db=9),
)


def any_horn(chance: np.random.Generator) -> Horn:
    """One of the horns that may hang on a pole, around what data sheets of 15 to 30 W horns say."""
    return Horn(
        low_hz=chance.uniform(250, 450),
        high_hz=chance.uniform(4000, 8000),
        resonance_hz=chance.uniform(1000, 2000),
        resonance_db=chance.uniform(3, 8),
    )


def radiated(pcm: Pcm, horn: Horn, overdrive_db: float) -> np.ndarray:
    """Pressure at 1 m, off the axis, with what amplifier and driver add to it.

    The amplifier clips at full scale. The driver is a mass on a spring: below its resonance the excursion follows the
    voltage, above it falls by 12 dB per octave; at full excursion its force factor has halved, so that bass modulates
    everything else.
    """
    voltage = np.clip(pcm.samples / 32768 * 10 ** (overdrive_db / 20), -1, 1)
    excursion = signal.sosfilt(signal.butter(2, horn.low_hz, fs=RATE, output="sos"), voltage)
    force = voltage / (1 + excursion**2)
    sections = np.vstack(
        [
            signal.butter(4, horn.low_hz, "high", fs=RATE, output="sos"),
            signal.butter(2, horn.high_hz, fs=RATE, output="sos"),
            _peak(horn.resonance_hz, horn.resonance_db, 1.5),
        ]
    )
    scale = np.sqrt(2) * PASCAL_0_DB * 10 ** ((_LOUDEST_DB + _OFF_AXIS_DB) / 20)
    return soxr.resample(signal.sosfilt(sections, force) * scale, RATE, AIR_RATE)


@cache
def paths(place: Place) -> np.ndarray:
    """Impulse response from 1 m to the listener; the time the direct sound takes is left out."""
    response = np.zeros(3 * AIR_RATE)
    _arrive(response, 0.0, place.distance_m)
    if place.second_horn_m:
        _arrive(response, (place.second_horn_m - place.distance_m) / _SPEED_M_S, place.second_horn_m)
    if place.valley:
        _echo(response, place)
    return response


def heard(pressure: np.ndarray, place: Place) -> np.ndarray:
    """Radiated sound as it arrives, without the noise, as long as it was."""
    return signal.oaconvolve(pressure, paths(place))[: len(pressure)]


def noise(place: Place, samples: int, chance: np.random.Generator) -> np.ndarray:
    """Wind at the ears and a rural background, with slow gusts.

    Source: Boersma, JASA 101, 2104 (1997), open grassland: 42.5 + 37.9 log10(v) dB in all, falling with f**-2 by
    third-octave bands. The background (leaves, insects, a stream) is pink from 200 Hz, set in dB(A).
    """
    rumble = _coloured(samples, 3, 20, chance)
    rumble *= _pascal(42.5 + 37.9 * np.log10(place.wind_m_s)) / rumble.std()
    rustle = _coloured(samples, 1, 200, chance)
    rustle *= _pascal(place.background_dba) / _a_weighted_rms(rustle)
    gusts = signal.sosfiltfilt(signal.butter(2, 0.5, fs=AIR_RATE, output="sos"), chance.normal(size=samples))
    return (rumble + rustle) * 10 ** (3 * np.tanh(gusts / gusts.std()) / 20)


def air_loss_db(hz: np.ndarray, metres: float, celsius: float = 25, humidity_percent: float = 80) -> np.ndarray:
    """Absorption by the air at sea level. Source: ISO 9613-1, equations 3 to 5."""
    kelvin = celsius + 273.15
    warmth = kelvin / 293.15
    water = humidity_percent * 10 ** (-6.8346 * (273.16 / kelvin) ** 1.261 + 4.6151)
    oxygen = 24 + 4.04e4 * water * (0.02 + water) / (0.391 + water)
    nitrogen = warmth**-0.5 * (9 + 280 * water * np.exp(-4.170 * (warmth ** (-1 / 3) - 1)))
    relaxing = 0.01275 * np.exp(-2239.1 / kelvin) / (oxygen + hz**2 / oxygen)
    relaxing = relaxing + 0.1068 * np.exp(-3352.0 / kelvin) / (nitrogen + hz**2 / nitrogen)
    return metres * 8.686 * hz**2 * (1.84e-11 * warmth**0.5 + warmth**-2.5 * relaxing)


def _arrive(response: np.ndarray, late_s: float, metres: float, reflected: float = 1.0) -> None:
    """One more path of that length: weaker by distance and dulled by the air (a linear-phase filter, made causal)."""
    grid = np.linspace(0, AIR_RATE / 2, 65)
    dulled = signal.firwin2(129, grid, 10 ** (-air_loss_db(grid, metres) / 20), fs=AIR_RATE)
    begin = round(late_s * AIR_RATE)
    response[begin : begin + len(dulled)] += reflected / metres * dulled


def _echo(response: np.ndarray, place: Place) -> None:
    """A slope answers after 0.7 s and another after 1.1 s; woods and houses ring on for 1.2 s (to -60 dB)."""
    chance = np.random.default_rng(5)
    for late_s, reflected in ((0.7, 0.7), (1.1, 0.5)):
        _arrive(response, late_s, place.distance_m + late_s * _SPEED_M_S, reflected)
    begin, time_s = round(0.03 * AIR_RATE), np.arange(2 * AIR_RATE) / AIR_RATE
    ringing = chance.normal(size=len(time_s)) * 10 ** (-3 * time_s / 1.2)
    ringing = signal.sosfilt(signal.butter(1, 4000, fs=AIR_RATE, output="sos"), ringing)
    direct = np.sum(response[:256] ** 2)
    response[begin : begin + len(ringing)] += ringing * np.sqrt(10 ** (-4 / 10) * direct / np.sum(ringing**2))


def _peak(hz: float, gain_db: float, q: float) -> np.ndarray:
    """A resonance as one biquad. Source: R. Bristow-Johnson, Audio EQ Cookbook, peaking EQ."""
    gain, turn = 10 ** (gain_db / 40), 2 * np.pi * hz / RATE
    width = np.sin(turn) / (2 * q)
    row = [1 + width * gain, -2 * np.cos(turn), 1 - width * gain, 1 + width / gain, -2 * np.cos(turn), 1 - width / gain]
    return np.array([row]) / row[3]


def _coloured(samples: int, slope: float, from_hz: float, chance: np.random.Generator) -> np.ndarray:
    """Noise whose power per hertz falls with f**-slope above `from_hz`, and is nothing below."""
    hz = np.fft.rfftfreq(samples, 1 / AIR_RATE)
    shape = np.where(hz >= from_hz, np.maximum(hz, 1) ** (-slope / 2), 0)
    return np.fft.irfft(np.fft.rfft(chance.normal(size=samples)) * shape, samples)


def _a_weighted_rms(sound: np.ndarray) -> float:
    """Source: IEC 61672-1, equation for the weighting A."""
    hz = np.fft.rfftfreq(len(sound), 1 / AIR_RATE)
    squares = hz**2
    weight = 12194**2 * squares**2 / ((squares + 20.6**2) * (squares + 12194**2))
    weight /= np.sqrt((squares + 107.7**2) * (squares + 737.9**2))
    return np.fft.irfft(np.fft.rfft(sound) * weight * 10 ** (2.0 / 20), len(sound)).std()


def _pascal(level_db: float) -> float:
    return PASCAL_0_DB * 10 ** (level_db / 20)
