"""One loudness, by meters that share no code with ours."""

import numpy as np
import pytest

from audio_out.codecs import RATE, Codec, Pcm, encode
from audio_out.errors import LoudnessMissed, RenderCancelled, Silence
from audio_out.mastering import loudness_of, master, press
from tests.audio_out.meters import dbtp, decoded, lufs

NOISE = np.random.default_rng(7)


def syllables(seconds: float, level: float) -> Pcm:
    """Something like speech: harmonics of a gliding pitch, in syllables, with pauses and clicks."""
    time_s = np.arange(round(seconds * RATE)) / RATE
    pitch = 2 * np.pi * np.cumsum(180 + 60 * np.sin(2 * np.pi * 0.7 * time_s)) / RATE
    voice = sum(np.sin(n * pitch) / n for n in range(1, 20))
    envelope = np.clip(np.sin(2 * np.pi * 1.5 * time_s), 0, 1) ** 0.5
    hiss = 0.1 * NOISE.normal(size=len(time_s)) * (np.sin(2 * np.pi * 1.5 * time_s) < -0.7)
    sound = voice * envelope / 3 + hiss
    return Pcm((np.clip(sound * level, -1, 1) * 32767).astype(np.int16), RATE)


@pytest.mark.parametrize("seconds", [0.5, 1.7, 5.0, 20.0])
@pytest.mark.parametrize("level", [0.02, 0.3, 3.0])
def test_a_master_airs_at_one_loudness(seconds, level):
    """Soft, normal or clipped, short or long: -16 LUFS within 1 and at most -1.5 dBTP."""
    samples, rate = decoded(encode(master(syllables(seconds, level)), Codec.FLAC))
    assert lufs(samples, rate) == pytest.approx(-16, abs=0.5)
    assert dbtp(samples) <= -1.5


@pytest.mark.parametrize("codec", Codec)
@pytest.mark.parametrize("seconds", [0.5, 6.0, 60.0])
def test_every_deliverable_airs_at_one_loudness(codec, seconds):
    """The stored file, decoded by another library, is at -16 LUFS within 1 and at most -1.5 dBTP, as it says."""
    pressed = press(master(syllables(seconds, 0.3)), codec, {})
    samples, rate = decoded(pressed.data)
    assert lufs(samples, rate) == pytest.approx(-16, abs=0.5)
    assert dbtp(samples) <= -1.5
    assert pressed.loudness.lufs == pytest.approx(lufs(samples, rate), abs=0.2)
    assert pressed.loudness.peak_dbtp == pytest.approx(dbtp(samples), abs=0.5)


def test_a_siren_that_opus_takes_for_speech_still_airs_right():
    """A wail, of which Opus makes peaks 10 dB too high, is encoded again without guessing."""
    time_s = np.arange(round(3.6 * RATE)) / RATE
    pitch = 550 * (1250 / 550) ** (0.5 - 0.5 * np.cos(2 * np.pi * time_s / 1.2))
    phase = 2 * np.pi * np.cumsum(pitch) / RATE
    wail = np.sin(phase) + np.sin(3 * phase) / 3 + np.sin(5 * phase) / 5
    pressed = press(master(Pcm((9000 * wail).astype(np.int16), RATE)), Codec.OPUS, {})
    samples, rate = decoded(pressed.data)
    assert lufs(samples, rate) == pytest.approx(-16, abs=0.5)
    assert dbtp(samples) <= -1.5


@pytest.mark.parametrize("samples", [np.zeros(RATE, np.int16), np.full(RATE, 900, np.int16), np.zeros(0, np.int16)])
def test_silence_is_refused(samples):
    """Nothing, zeros and bare direct current are silence, not something to amplify."""
    with pytest.raises(Silence):
        master(Pcm(samples, RATE))


def test_mastering_keeps_time():
    """Edit lists stay true: not a sample more or less."""
    track = syllables(2.345, 0.3)
    assert len(master(track).samples) == len(track.samples)


def test_the_same_sound_gives_the_same_master():
    """Mastering draws no lots."""
    track = syllables(2.0, 0.3)
    one, other = master(track), master(track)
    assert np.array_equal(one.samples, other.samples)
    assert press(one, Codec.OPUS, {}).data == press(other, Codec.OPUS, {}).data


def test_encoding_can_be_stopped():
    """The question whether to stop is asked before each encoding."""

    def stop() -> None:
        raise RenderCancelled

    with pytest.raises(RenderCancelled):
        press(master(syllables(1.0, 0.3)), Codec.OPUS, {}, stop)


def test_what_cannot_be_made_right_is_not_passed_off():
    """A sound that stays off after five tries is an error with its figures, not a file."""
    hum = Pcm((12_000 * np.sin(2 * np.pi * 21_500 * np.arange(4 * RATE) / RATE)).astype(np.int16), RATE)
    with pytest.raises(LoudnessMissed, match="LUFS"):
        press(hum, Codec.MP3, {})


def test_our_meter_agrees_with_others():
    """Loudness and true peak are those of independent meters."""
    track = syllables(8.0, 0.3)
    found = loudness_of(track)
    sound = track.samples / 32768
    assert found.lufs == pytest.approx(lufs(sound, RATE), abs=0.15)
    assert found.peak_dbtp == pytest.approx(dbtp(sound), abs=0.5)
