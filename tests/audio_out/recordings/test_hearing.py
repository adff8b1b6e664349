"""Where something is heard, and what of a take is kept."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audio_out.recordings.hearing import energy_by_frame, heard, holes, kept, stretches
from tests.audio_out.recordings.makers import RATE, mains, pink

FLAGS = st.lists(st.tuples(st.booleans(), st.integers(1, 700)), max_size=12).map(
    lambda runs: np.array([flag for flag, length in runs for _ in range(length)], np.bool_)
)


def flags_of(sound) -> np.ndarray:
    return heard(energy_by_frame([np.asarray(sound, np.float32)]))


def tone(seconds: float) -> np.ndarray:
    return np.sin(2 * np.pi * 400 * np.arange(int(seconds * RATE)) / RATE) / 4


def quiet(seconds: float) -> np.ndarray:
    return np.zeros(int(seconds * RATE))


@given(FLAGS)
def test_whatever_is_heard_is_kept_and_no_hole_is_long(flags):
    """Every sounding frame survives with 150 ms around it, in order, and no silence over 2 s does."""
    pieces = kept(flags, len(flags) * 10)
    assert all(start < end for start, end in pieces)
    assert all(first[1] < second[0] for first, second in pairwise(pieces))
    aired = np.zeros(len(flags), np.bool_)
    for start, end in pieces:
        aired[start // 10 : end // 10] = True
    assert not (flags & ~aired).any()
    left = flags[aired]
    assert not holes(left, 2000)
    assert bool(pieces) == bool(flags.any())
    if pieces:
        sounds = stretches(left)
        assert sounds[0][0] <= 150
        assert len(left) * 10 - sounds[-1][1] <= 150


def test_a_take_loses_its_ends_and_the_middle_of_a_long_hole():
    """Of 5 s of silence 2 stay, of 1.5 s all, of the ends 150 ms."""
    sound = np.concatenate([quiet(3), tone(1), quiet(1.5), tone(1), quiet(5), tone(1), quiet(4)])
    first, second = kept(flags_of(sound), len(sound) * 1000 // RATE)
    assert first == pytest.approx((2850, 7500), abs=40)
    assert second == pytest.approx((10_500, 12_650), abs=40)


@pytest.mark.parametrize("noise_db", [-60, -30, -20])
@pytest.mark.parametrize("level_db", [0, -30])
def test_soft_ends_of_speech_are_heard(speech, noise_db, level_db):
    """In a silent room and in a noisy one, near and far, the speech is found where it was put."""
    noise = 10 ** (noise_db / 20) * 0.08 * pink(len(speech) + 4 * RATE)
    sound = np.concatenate([quiet(2), speech, quiet(2)]) + noise
    (start, _), *_, (_, end) = stretches(flags_of(sound * 10 ** (level_db / 20)))
    assert start == pytest.approx(2000, abs=100)
    assert end == pytest.approx(2000 + len(speech) * 1000 / RATE - 500, abs=200)  # it ends with half a second's pause


def test_a_click_and_rumble_are_no_speech():
    """The button that is pressed at the start, and wind under 80 Hz, are not taken for words."""
    click = np.zeros(RATE // 50)
    click[:200] = 0.9
    sound = np.concatenate([click, quiet(2), tone(1), quiet(2), click])
    rumble = 0.05 * np.sin(2 * np.pi * 12 * np.arange(len(sound)) / RATE)
    ((start, end),) = stretches(flags_of(sound + rumble))
    assert (start, end) == pytest.approx((2020, 3020), abs=60)


@pytest.mark.parametrize("seconds", [0.05, 0.3])
def test_a_bump_hides_no_speech(speech, seconds):
    """Something falls, 30 dB over the speech: the words before and after it are still heard and kept."""
    bump = np.sin(2 * np.pi * 150 * np.arange(int(seconds * RATE)) / RATE)
    flags = flags_of(np.concatenate([speech / 20, bump, speech / 20]))
    (start, _), *_, (_, end) = stretches(flags)
    assert start < 100
    assert end == pytest.approx((2 * len(speech) + len(bump)) * 1000 / RATE - 500, abs=200)
    assert flags.mean() > 0.7


def test_steady_noise_is_heard_throughout():
    """What never pauses is not trimmed away as silence."""
    assert flags_of(0.1 * pink(5 * RATE)).all()
    assert flags_of(0.1 * mains(5 * RATE)).mean() > 0.95


@pytest.mark.parametrize("sound", [quiet(0), quiet(0.005), quiet(2), 1e-5 * pink(2 * RATE)])
def test_nothing_is_heard_in_silence(sound):
    """Neither in no sound at all, nor in a converter's last bits."""
    assert not flags_of(sound).any()
    assert kept(flags_of(sound), len(sound) * 1000 // RATE) == []
