"""The bench's own yardsticks against published values, and its claim in short: the tables are in docs/speech.md."""

import av
import numpy as np
import pytest
import soxr

from audio_out.codecs import RATE
from audio_out.engines.espeak import Espeak
from audio_out.mastering.horn import Preset, shaped
from tests.bench.speech import speakers
from tests.bench.speech.pictures import TOP_HZ, draw
from tests.bench.speech.scores import transmission_index, understood
from tests.bench.speech.world import AIR_RATE, PASCAL_0_DB, PLACES, Horn, air_loss_db, heard, noise, radiated

HORN = Horn(low_hz=350, high_hz=6000, resonance_hz=1500, resonance_db=5)
WIND, ECHO = PLACES[2], PLACES[4]


@pytest.fixture(scope="module")
def masters():
    """One sentence in each voice."""
    engine = Espeak(children=1)
    said = speakers.sentences(speakers.REPORTED)[:1]
    yield {name: next(speakers.spoken(engine, name, said)) for name in speakers.NAMES}
    engine.close()


def test_air_absorbs_as_the_standard_says():
    """250 Hz to 8 kHz at 20 degrees and 70%, in dB per km. Source: ISO 9613-2, table 2."""
    found = air_loss_db(250.0 * 2 ** np.arange(6), 1000, celsius=20, humidity_percent=70)
    assert found == pytest.approx([1.1, 2.8, 5.0, 9.0, 22.9, 76.6], rel=0.05)


def test_noise_as_loud_as_speech_halves_the_transmission_index():
    """0 dB in every octave without an echo is 0.5, by the definition of the index."""
    chance = np.random.default_rng(1)
    one, other = (pink(20 * AIR_RATE, chance) for _ in range(2))
    assert transmission_index(one, other, WIND) == pytest.approx(0.5, abs=0.02)


def test_echoes_and_noise_lower_both_measures(masters):
    """Each disturbance costs understanding by each measure."""
    mastered = masters[speakers.NAMES[0]]
    clean = soxr.resample(mastered.samples / 32768, RATE, AIR_RATE)
    quiet = noise(PLACES[0], len(clean), np.random.default_rng(2))
    scores = []
    for place, around in ((WIND, quiet), (ECHO, quiet), (ECHO, 10 * quiet)):
        arrived = heard(radiated(mastered, HORN, 0), place)
        scores.append((understood(clean, arrived + around), transmission_index(arrived, around, place)))
    assert scores[0] > scores[1] > scores[2]
    assert scores[0][1] > scores[1][1] > scores[2][1]


@pytest.mark.parametrize("name", speakers.NAMES)
def test_the_horn_preset_is_understood_better_in_the_wind(masters, name):
    """At 200 m the preset scores higher than none, for each voice, by both measures."""
    mastered = masters[name]
    clean = soxr.resample(mastered.samples / 32768, RATE, AIR_RATE)
    around = noise(WIND, len(clean), np.random.default_rng(3))
    stoi, sti = {}, {}
    for preset in Preset:
        arrived = heard(radiated(shaped(mastered, preset), HORN, 0), WIND)
        stoi[preset] = understood(clean, arrived + around)
        sti[preset] = transmission_index(arrived, around, WIND)
    assert stoi[Preset.HORN] > stoi[Preset.PLAIN]
    assert sti[Preset.HORN] > sti[Preset.PLAIN]


def test_a_picture_shows_a_tone_where_it_is(tmp_path):
    """A tone is the brightest row, at its height, and the file is a picture that others can read."""
    tone = np.sin(2 * np.pi * 4200 * np.arange(AIR_RATE) / AIR_RATE) * PASCAL_0_DB * 10 ** (60 / 20)
    draw(tmp_path / "tone.png", tone)
    with av.open(tmp_path / "tone.png") as picture:
        pixels = next(picture.decode(video=0)).to_ndarray(format="gray")
    brightest = pixels[:, pixels.shape[1] // 2 + 1].argmax()
    assert 1 - brightest / len(pixels) == pytest.approx(4200 / TOP_HZ, abs=0.02)


def pink(samples: int, chance: np.random.Generator) -> np.ndarray:
    """Noise with 62 dB in each octave."""
    hz = np.fft.rfftfreq(samples, 1 / AIR_RATE)
    band = (hz > 88) & (hz < 11_314)
    sound = np.fft.irfft(
        np.fft.rfft(chance.normal(size=samples)) * np.where(band, np.maximum(hz, 1) ** -0.5, 0), samples
    )
    return sound / sound.std() * PASCAL_0_DB * 10 ** (62 / 20) * np.sqrt(7)
