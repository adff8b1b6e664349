"""From excerpts to verdicts."""

import pytest

from broadcaster.player.hearing.judging import FAINT_DB, FALLEN_DB, UNKNOWN, Verdict, judge, sum_up
from broadcaster.player.hearing.matching import compare
from tests.broadcaster.player.hearing.sounds import a_span, returned

HEARD, SILENT = Verdict(heard=True, score=20.0, gain_db=-20.0), Verdict(heard=False, score=0.0)


def excerpts(count=3, **more):
    return [compare(a_span(seed), returned(a_span(seed), seed=seed + 50, **more)) for seed in range(count)]


def dead(count=3, noise_db=-40.0):
    return excerpts(count, gain_db=-200, noise_db=noise_db)


def test_what_came_back_is_heard_and_what_did_not_is_not():
    """With its score: dB over what chance reaches."""
    assert judge(excerpts(), None).heard is True
    assert judge(dead(), None).heard is False
    assert judge(excerpts(), None).score > judge(dead(), None).score + 10


def test_too_few_excerpts_and_a_dead_microphone_tell_nothing():
    """A cue of two seconds, and a microphone that gives zeros."""
    assert judge(excerpts(1), None) == UNKNOWN
    assert judge(dead(noise_db=-120), None) == UNKNOWN


def test_an_overloaded_microphone_may_hear_but_not_miss():
    """Wind that drives it into its stops proves nothing; a sound that is found in spite of it was there."""
    assert judge(dead(), None, saturated=0.3).heard is None
    assert judge(excerpts(), None, saturated=0.3).heard is True


def test_a_trace_of_the_output_in_the_input_is_not_the_loudspeaker():
    """Where the loudspeaker is known to be much louder it is not heard; where it is not known, nobody can say."""
    trace = excerpts(gain_db=FAINT_DB - 5, noise_db=-90)
    assert judge(trace, None).heard is None
    assert judge(trace, FAINT_DB + FALLEN_DB).heard is False


def test_what_would_be_drowned_anyway_is_unknown():
    """In a storm that is much louder than the loudspeaker ever was, not to hear it proves nothing."""
    assert judge(dead(noise_db=-25), -10).heard is False
    assert judge(dead(noise_db=-25), -35).heard is None


@pytest.mark.parametrize(
    ("verdicts", "said"),
    [
        ([], None),
        ([UNKNOWN], None),
        ([UNKNOWN, HEARD], True),
        ([HEARD, HEARD, SILENT], True),
        ([HEARD, SILENT], False),
        ([SILENT, UNKNOWN], False),
    ],
)
def test_a_long_cue_is_heard_if_most_of_it_was(verdicts, said):
    """An amplifier that dies after half of it was not heard; stretches of which nothing is known do not count."""
    assert sum_up(verdicts).heard is said
