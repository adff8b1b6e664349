"""Finding a cue in a recording."""

import numpy as np
import pytest

from broadcaster.demo.hearing import Samples, find

RATE = 8000


def noise(seconds: float, seed: int) -> Samples:
    return np.random.default_rng(seed).normal(0, 0.1, int(seconds * RATE)).astype(np.float32)


def recording_with(cue: Samples, at: int, seconds: float = 10) -> Samples:
    silence = np.zeros(int(seconds * RATE), np.float32)
    silence[at : at + len(cue)] += cue
    return silence


@pytest.mark.parametrize("at", [0, 1, 12345, 40_000])
def test_a_cue_is_found_to_the_frame(at: int) -> None:
    """Wherever it stands, louder or softer."""
    cue = noise(2, 1)
    heard = find(cue, recording_with(cue * 0.3, at), around=at + 500, reach=4000)
    assert heard.surely
    assert heard.frame == at


def test_another_sound_is_not_the_cue() -> None:
    """What did not sound is not found, and silence holds nothing."""
    cue = noise(2, 1)
    assert not find(cue, recording_with(noise(2, 2), 8000), around=8000, reach=4000).surely
    assert not find(cue, recording_with(cue * 0, 8000), around=8000, reach=4000).surely


def test_half_a_cue_is_not_the_cue() -> None:
    """A cue that was cut in the middle is not found whole."""
    cue = noise(2, 1)
    assert not find(cue, recording_with(cue[: len(cue) // 2], 8000), around=8000, reach=4000).surely


def test_a_recording_that_begins_late_still_holds_the_cue() -> None:
    """A file that lacks the cue's first two frames holds it from frame -2 on."""
    cue = noise(2, 1)
    heard = find(cue, recording_with(cue, 0)[2:], around=0, reach=4000)
    assert heard.surely
    assert heard.frame == -2
