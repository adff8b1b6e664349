"""Likeness of what was captured to what was played, by delay."""

import numpy as np
import pytest

from broadcaster.player.hearing.matching import SPAN, compare, standing_out
from tests.broadcaster.player.hearing.sounds import a_span, returned, tone


def stands_out(played, captured):
    return standing_out(compare(played, captured).powers)


@pytest.mark.parametrize("gain_db", [-40, -20, 0])
@pytest.mark.parametrize("delay_s", [-0.05, 0.0, 0.1, 0.3])
def test_a_sound_that_came_back_stands_out_at_any_loudness_and_possible_delay(delay_s, gain_db):
    """Neither the sensitivity of the microphone nor the delay matters, as long as it is possible."""
    played = a_span()
    assert stands_out(played, returned(played, delay_s=delay_s, gain_db=gain_db, noise_db=gain_db - 30)) > 20


def test_a_sound_is_found_under_louder_noise():
    """Noise 8 dB over the sound hides it from nobody who knows what to look for."""
    played = a_span()
    assert stands_out(played, returned(played, gain_db=-10, noise_db=-28)) > 6


def test_noise_and_another_sound_do_not_stand_out():
    """What is not the sound itself reaches no more at possible delays than at impossible ones."""
    played = a_span()
    assert stands_out(played, returned(played, gain_db=-200, noise_db=-20)) < 3
    assert stands_out(played, returned(a_span(2), gain_db=-10)) < 3


@pytest.mark.parametrize("delay_s", [0.6, 1.0, -0.4])
def test_the_same_sound_at_an_impossible_delay_does_not_stand_out(delay_s):
    """A neighbour's loudspeaker with the same programme comes too late; nothing comes before it was played."""
    played = a_span()
    assert stands_out(played, returned(played, delay_s=delay_s)) < 4


def test_levels_are_those_of_the_band_of_speech():
    """White noise has 3100 of its 24000 Hz there."""
    likeness = compare(a_span(), returned(a_span(), gain_db=-200, noise_db=-30))
    assert likeness.captured_db == pytest.approx(-30 + 10 * np.log10(3100 / 24000), abs=0.3)


def test_how_loud_it_came_back_is_told():
    """The gain is that of the sound, whatever else there is."""
    played = a_span()
    likeness = compare(played, returned(played, gain_db=-26, noise_db=-50))
    assert likeness.gain_db == pytest.approx(-26, abs=1.5)


@pytest.mark.parametrize("played", [tone(3), np.zeros(SPAN, np.int16)], ids=["tone", "silence"])
def test_a_tone_and_silence_tell_nothing(played):
    """A sound that is like itself at every delay cannot be recognised."""
    assert compare(played, returned(played)) is None
