"""What a microphone at a pole hears while its loudspeaker sounds, or does not. `tests.bench.speech.world` is the air.

A cue is a recording of 3 to 25 s. All sounds here are pressures in pascal at 24 kHz until the microphone takes them.
"""

from dataclasses import dataclass

import numpy as np
import soxr
from scipy import signal

from audio_out.codecs import RATE, Pcm
from tests.bench.speech.world import AIR_RATE, PASCAL_0_DB, Horn, Place, any_horn, heard, noise, radiated

SPEED_M_S = 340.0
BEFORE_S, AFTER_S = 3.0, 2.0
"""How much longer than the cue the microphone listens."""


@dataclass(frozen=True, slots=True)
class Pole:
    """A horn, a microphone 2 to 20 m from it whose sensitivity varies by 24 dB, and clocks a little apart."""

    horn: Horn
    near_m: float
    sensitive_db: float
    clock: float


def any_pole(chance: np.random.Generator) -> Pole:
    """A pole of a village; 100 ppm is what cheap crystals are off by."""
    return Pole(any_horn(chance), chance.uniform(2, 20), chance.uniform(-12, 12), chance.uniform(-1e-4, 1e-4))


@dataclass(frozen=True, slots=True)
class Scene:
    """One kind of cue: whether the own loudspeaker sounds, and what else there is.

    `other_m`: a loudspeaker so far away says something else; `neighbour_m`: it has the same programme; `overload_db`:
    the microphone is that much too sensitive; `crosstalk_db`: of the output, straight into the input; `boxed_hz`: the
    microphone hangs in a box that lets no higher frequencies in.
    """

    name: str
    sounds: bool
    wind_m_s: float = 2.0
    background_dba: float = 45.0
    quieter_db: float = 0.0
    other_m: float | None = None
    neighbour_m: float | None = None
    valley: bool = False
    hum_dba: float | None = None
    rain_dba: float | None = None
    overdrive_db: float = 0.0
    overload_db: float = 0.0
    crosstalk_db: float | None = None
    boxed_hz: float | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """What was played and captured, 48 kHz: sample n of both belongs to one moment, but for the player's own errors."""

    played: np.ndarray
    captured: np.ndarray


SCENES = (
    Scene("sounds: calm evening", True),
    Scene("sounds: wind of 8 m/s", True, 8, 50),
    Scene("sounds: storm of 16 m/s", True, 16, 60),
    Scene("sounds: rain on a tin roof, 80 dB(A)", True, 5, 60, rain_dba=80),
    Scene("sounds: turned down by 20 dB, wind of 8 m/s", True, 8, 50, quieter_db=20),
    Scene("sounds: amplifier overdriven by 9 dB", True, 5, 50, overdrive_db=9),
    Scene("sounds: valley echo", True, 5, 50, valley=True),
    Scene("sounds: another loudspeaker at 30 m says something else", True, 5, 50, other_m=30),
    Scene("sounds: the next village 400 m off has the same programme", True, 5, 50, neighbour_m=400),
    Scene("sounds: microphone overloaded by 20 dB", True, 5, 50, overload_db=20),
    Scene("sounds: microphone in a box (nothing over 800 Hz)", True, 5, 50, boxed_hz=800),
    Scene("sounds: turned down by 40 dB, storm of 16 m/s", True, 16, 60, quieter_db=40),
    Scene("dead: quiet evening", False),
    Scene("dead: wind of 8 m/s", False, 8, 50),
    Scene("dead: storm of 16 m/s", False, 16, 60),
    Scene("dead: rain on a tin roof, 80 dB(A)", False, 5, 60, rain_dba=80),
    Scene("dead: amplifier hums", False, 3, 45, hum_dba=70),
    Scene("dead: another loudspeaker at 30 m says something else", False, 5, 50, other_m=30),
    Scene("dead: the next village 400 m off has the same programme", False, 3, 45, neighbour_m=400),
    Scene("dead: the next village 200 m off has the same programme", False, 3, 45, neighbour_m=200),
    Scene("dead: microphone overloaded by 20 dB in wind of 16 m/s", False, 16, 60, overload_db=20),
    Scene("dead: the output crosses into the input at -60 dB", False, crosstalk_db=-60),
)


def take(scene: Scene, pole: Pole, said: np.ndarray, other: np.ndarray, chance: np.random.Generator) -> Taken:
    """One cue at a pole; the player is wrong by up to 20 ms about when sound leaves and comes."""
    samples = round((BEFORE_S + len(said) / RATE + AFTER_S) * AIR_RATE)
    air = noise(Place("", pole.near_m, scene.wind_m_s, scene.background_dba), samples, chance)
    air += _machine(scene, samples, chance)
    if scene.sounds:
        own = _from(said, pole.near_m, pole.horn, scene) * 10 ** (-scene.quieter_db / 20)
        air += _at(own, pole.near_m, samples)
    if scene.neighbour_m:
        air += _at(_from(said, scene.neighbour_m, any_horn(chance), scene), scene.neighbour_m, samples)
    if scene.other_m:
        louder = _from(np.resize(other, len(said) + RATE), scene.other_m, any_horn(chance), scene)
        air += _at(louder, scene.other_m, samples, BEFORE_S - chance.uniform(0, 2))
    played = np.zeros(samples * RATE // AIR_RATE, np.int16)
    begin = round(BEFORE_S * RATE)
    played[begin : begin + len(said)] = said
    return Taken(played, _captured(air, played, scene, pole, chance))


def _from(said: np.ndarray, metres: float, horn: Horn, scene: Scene) -> np.ndarray:
    place = Place("", metres, 0, 0, valley=scene.valley)
    return heard(radiated(Pcm(said, RATE), horn, scene.overdrive_db), place)


def _at(sound: np.ndarray, metres: float, samples: int, begins_s: float = BEFORE_S) -> np.ndarray:
    begin = round((begins_s + metres / SPEED_M_S) * AIR_RATE)
    return np.concatenate([np.zeros(begin), sound, np.zeros(samples)])[:samples]


def _machine(scene: Scene, samples: int, chance: np.random.Generator) -> np.ndarray:
    """An amplifier's buzz, rain."""
    time_s = np.arange(samples) / AIR_RATE
    sound = np.zeros(samples)
    if scene.hum_dba is not None:
        buzz = sum(np.cos(2 * np.pi * 100 * n * time_s + chance.uniform(0, 6.3)) / n for n in range(1, 40))
        sound += buzz / buzz.std() * _pascal(scene.hum_dba)
    if scene.rain_dba is not None:
        drops = chance.normal(size=samples) * (chance.random(samples) < 0.02)
        rain = signal.sosfilt(signal.butter(2, [500, 6000], "band", fs=AIR_RATE, output="sos"), drops)
        sound += rain / rain.std() * _pascal(scene.rain_dba)
    return sound


def _captured(air: np.ndarray, played: np.ndarray, scene: Scene, pole: Pole, chance: np.random.Generator) -> np.ndarray:
    """1 Pa is -30 dBFS, give or take; a self-noise of 36 dB; nothing under 100 Hz; clipped; by a clock of its own."""
    air = air + chance.normal(size=len(air)) * _pascal(36)
    air = signal.sosfilt(signal.butter(1, 100, "high", fs=AIR_RATE, output="sos"), air)
    if scene.boxed_hz:
        air = signal.sosfilt(signal.butter(4, scene.boxed_hz, fs=AIR_RATE, output="sos"), air)
    sound = soxr.resample(air, AIR_RATE, RATE * (1 + pole.clock))
    late = round(chance.uniform(-0.02, 0.02) * RATE)
    sound = np.resize(np.roll(sound, late), len(played)) * 10 ** ((-30 + pole.sensitive_db + scene.overload_db) / 20)
    if scene.crosstalk_db is not None:
        sound = sound + played / 32768 * 10 ** (scene.crosstalk_db / 20)
    return np.rint(np.clip(sound, -1, 1) * 32767).astype(np.int16)


def _pascal(level_db: float) -> float:
    return PASCAL_0_DB * 10 ** (level_db / 20)
