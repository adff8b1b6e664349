"""The horn preset: what passes, at which loudness, and that it is worth it. `make bench-speech` has the numbers."""

import numpy as np
import pytest
from scipy import signal

from audio_out.codecs import RATE, Codec, Pcm
from audio_out.errors import Silence
from audio_out.mastering import master, press
from audio_out.mastering.horn import Preset, shaped
from tests.audio_out.mastering.test_chain import syllables
from tests.audio_out.meters import dbtp, decoded, lufs


def noise(seconds: float) -> Pcm:
    """Steady white noise, which a compressor leaves as it is."""
    return Pcm((3000 * np.random.default_rng(3).normal(size=round(seconds * RATE))).astype(np.int16), RATE)


@pytest.fixture(scope="module")
def gain_db():
    """What the preset does to each frequency, against 1 kHz."""
    plain = master(noise(20))
    horn = shaped(plain, Preset.HORN)
    hz, before = signal.welch(plain.samples / 32768, RATE, nperseg=4096)
    after = signal.welch(horn.samples / 32768, RATE, nperseg=4096)[1]
    curve = 10 * np.log10(after / before)
    return lambda at_hz: float(np.interp(at_hz, hz, curve) - np.interp(1000, hz, curve))


def test_the_preset_passes_the_band_of_a_horn_and_no_more(gain_db):
    """Half the corner is 24 dB down, twice the upper corner at least as much, and the corners themselves 3 dB."""
    assert gain_db(150) == pytest.approx(-24.5, abs=1.5)
    assert gain_db(300) == pytest.approx(-3.5, abs=1.0)
    assert gain_db(500) == pytest.approx(0, abs=1.0)
    assert gain_db(12_000) < -24


def test_the_preset_lifts_where_consonants_are(gain_db):
    """Between 2 and 4 kHz there are 4 to 6 dB more than at 1 kHz, but for the edges of the lift."""
    assert gain_db(2800) == pytest.approx(5, abs=1)
    assert gain_db(2000) > 2
    assert gain_db(4000) > 2


@pytest.mark.parametrize("codec", [Codec.OPUS, Codec.MP3, Codec.WAV])
@pytest.mark.parametrize("seconds", [0.5, 6.0, 40.0])
def test_a_horn_deliverable_airs_at_the_one_loudness(codec, seconds):
    """Whatever the player wants, a village with horns hears -16 LUFS and at most -1.5 dBTP like all others."""
    samples, rate = decoded(press(shaped(master(syllables(seconds, 0.3)), Preset.HORN), codec, {}).data)
    assert lufs(samples, rate) == pytest.approx(-16, abs=0.5)
    assert dbtp(samples) <= -1.5


def test_the_plain_preset_is_the_master():
    """Nothing is done twice to what needs nothing."""
    mastered = master(syllables(2.0, 0.3))
    assert shaped(mastered, Preset.PLAIN) is mastered


def test_shaping_keeps_time_and_draws_no_lots():
    """Edit lists stay true, the same master gives the same samples, and the master stays as it was."""
    mastered = master(syllables(2.345, 0.3))
    before = mastered.samples.copy()
    one, other = shaped(mastered, Preset.HORN), shaped(mastered, Preset.HORN)
    assert len(one.samples) == len(mastered.samples)
    assert np.array_equal(one.samples, other.samples)
    assert np.array_equal(mastered.samples, before)


def test_what_a_horn_cannot_say_is_silence():
    """A hum far below the band leaves nothing to amplify."""
    hum = Pcm((9000 * np.sin(2 * np.pi * 20 * np.arange(4 * RATE) / RATE)).astype(np.int16), RATE)
    with pytest.raises(Silence):
        shaped(hum, Preset.HORN)
