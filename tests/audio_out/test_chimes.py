"""The signals before the words."""

from itertools import pairwise

import numpy as np
import pytest

from audio_out.chimes import RATE_HZ, chime
from content.kernel.priority import Priority


@pytest.mark.parametrize("priority", Priority)
def test_a_chime_passes_a_horn(priority):
    """At least 95% of a chime's energy lies within 300-5,000 Hz."""
    power = np.abs(np.fft.rfft(chime(priority).astype(float))) ** 2
    hertz = np.fft.rfftfreq(len(chime(priority)), 1 / RATE_HZ)
    assert power[(hertz > 300) & (hertz < 5000)].sum() > 0.95 * power.sum()


@pytest.mark.parametrize("priority", Priority)
def test_a_chime_does_not_click(priority):
    """It begins and ends softly."""
    samples = np.abs(chime(priority).astype(int))
    assert samples[:48].max() < 2000
    assert samples[-48:].max() < 1000


def test_chimes_tell_priorities_apart():
    """No two priorities share a chime."""
    assert all(not np.array_equal(chime(one), chime(other)) for one, other in pairwise([*Priority, Priority.ROUTINE]))
