"""The signals before the words."""

from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from audio_out.chimes import RATE_HZ, begins, chime, ends
from content.kernel.priority import Priority

ALL = {"begins": begins(), "ends": ends(), **{priority.value: chime(priority) for priority in Priority}}


@pytest.mark.parametrize("name", ALL)
def test_a_chime_passes_a_horn(name: str) -> None:
    """At least 95% of a chime's energy lies within 300-5,000 Hz."""
    power = np.abs(np.fft.rfft(ALL[name].astype(float))) ** 2
    hertz = np.fft.rfftfreq(len(ALL[name]), 1 / RATE_HZ)
    assert power[(hertz > 300) & (hertz < 5000)].sum() > 0.95 * power.sum()


@pytest.mark.parametrize("name", ALL)
def test_a_chime_does_not_click(name: str) -> None:
    """It begins and ends softly."""
    samples = np.abs(ALL[name].astype(int))
    assert samples[:48].max() < 2000
    assert samples[-48:].max() < 1000


def test_chimes_tell_priorities_apart() -> None:
    """No two priorities share a chime."""
    assert all(not np.array_equal(chime(one), chime(other)) for one, other in pairwise([*Priority, Priority.ROUTINE]))


def loudest_hz(samples: NDArray[np.int16], at_s: float) -> float:
    """The strongest pitch in the 200 ms after an instant."""
    piece = samples[round(at_s * RATE_HZ) :][: RATE_HZ // 5].astype(float)
    spectrum = np.abs(np.fft.rfft(piece * np.hanning(len(piece)), RATE_HZ))
    return float(np.fft.rfftfreq(RATE_HZ, 1 / RATE_HZ)[spectrum.argmax()])


def onsets_s(samples: NDArray[np.int16]) -> list[float]:
    """When notes are struck: the level of 20 ms rises by half."""
    frame = RATE_HZ // 50
    whole = samples[: len(samples) // frame * frame].astype(float).reshape(-1, frame)
    level = np.sqrt((whole**2).mean(axis=1))
    rises = [n for n in range(1, len(level)) if level[n] > 1.3 * level[n - 1] and level[n] > 0.1 * level.max()]
    first = [0] + [n for n, before in zip(rises, [0, *rises], strict=False) if n - before > 5]
    return [n / 50 for n in first]


def pitches(samples: NDArray[np.int16]) -> list[float]:
    return [loudest_hz(samples, at_s + 0.04) for at_s in onsets_s(samples)]


def test_a_programme_begins_upwards_and_ends_downwards() -> None:
    """A listener knows one from the other by the way the pitch goes, and hears that the end slows down."""
    up, down = pitches(begins()), pitches(ends())
    assert up == sorted(up)
    assert down == sorted(down, reverse=True)
    assert (len(up), len(down)) == (4, 3)
    assert all(high / low > 1.1 for low, high in (*pairwise(up), *pairwise(reversed(down))))
    steps = np.diff(onsets_s(begins())), np.diff(onsets_s(ends()))
    assert list(steps[0]) == sorted(steps[0], reverse=True)
    assert list(steps[1]) == sorted(steps[1])


def test_a_programme_sounds_unlike_an_announcement() -> None:
    """Neither motif is the chime of an announcement, by its pitches."""
    of_priorities = [pitches(chime(priority)) for priority in (Priority.ROUTINE, Priority.IMPORTANT)]
    for motif in (begins(), ends()):
        assert all(not np.allclose(pitches(motif)[:2], other[:2], rtol=0.03) for other in of_priorities)
