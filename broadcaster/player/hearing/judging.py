"""From the excerpts of a cue to a verdict: heard, not heard, or nobody can say. Pure."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from broadcaster.player.hearing.matching import Likeness, standing_out

HEARD_DB = 12.0
"""From here on it sounded."""
NOT_HEARD_DB = 6.0
"""Up to here it did not; between the two nobody can say."""
LEAST = 2
STRETCH = 24
"""So many excerpts, two minutes of a long cue, are judged by themselves: an amplifier can die in mid-programme."""
FALLEN_DB = 25.0
"""So much fainter than it used to be is not the loudspeaker, but a trace of the output in the input."""
FAINT_DB = -50.0
"""So faint, a trace in the input cannot be told from a loudspeaker."""
MASKED_DB = -10.0
"""If it sounded as it used to, it would lie so far under all the rest: then not to hear it proves nothing."""
DEAF_DB = -95.0
"""A microphone that is switched off or not plugged in gives zeros."""
SATURATED = 0.05
"""With so many of its samples at full scale, what a microphone does not hear proves nothing."""


@dataclass(frozen=True)
class Verdict:
    """`heard` None: nobody can say. `score` in dB over what chance reaches; `gain_db` as in `Likeness`, if heard."""

    heard: bool | None = None
    score: float | None = None
    gain_db: float | None = None


UNKNOWN = Verdict()


def judge(excerpts: Sequence[Likeness], usual_gain_db: float | None, saturated: float = 0.0) -> Verdict:
    """Judge a stretch.

    Args:
        excerpts: of one cue; their powers are added up.
        usual_gain_db: what this microphone heard this loudspeaker with when it did; None as long as it never has.
        saturated: share of captured samples at full scale.
    """
    if len(excerpts) < LEAST or max(excerpt.captured_db for excerpt in excerpts) < DEAF_DB:
        return UNKNOWN
    total = np.sum([excerpt.powers for excerpt in excerpts], axis=0)
    score = round(10 * float(np.log10(standing_out(total))), 1)
    gain_db = statistics.median(excerpt.gain_db for excerpt in excerpts)
    if score >= HEARD_DB:
        return _loud_enough(score, gain_db, usual_gain_db)
    if score > NOT_HEARD_DB or saturated > SATURATED or _masked(excerpts, usual_gain_db):
        return Verdict(None, score)
    return Verdict(heard=False, score=score)


def sum_up(verdicts: Sequence[Verdict]) -> Verdict:
    """Sum up a cue of several stretches: not heard if it was not for half of those of which anything can be said."""
    said = [verdict for verdict in verdicts if verdict.heard is not None]
    if not said:
        return verdicts[-1] if verdicts else UNKNOWN
    heard = 2 * sum(verdict.heard is True for verdict in said) > len(said)
    agreeing = [verdict for verdict in said if verdict.heard is heard]
    return min(agreeing, key=lambda verdict: verdict.score or 0.0)


def _loud_enough(score: float, gain_db: float, usual_gain_db: float | None) -> Verdict:
    if usual_gain_db is not None and gain_db < usual_gain_db - FALLEN_DB:
        return Verdict(heard=False, score=score)
    return Verdict(True if gain_db > FAINT_DB else None, score, gain_db)


def _masked(excerpts: Sequence[Likeness], usual_gain_db: float | None) -> bool:
    if usual_gain_db is None:
        return False
    above = statistics.median(excerpt.level_db + usual_gain_db - excerpt.captured_db for excerpt in excerpts)
    return above < MASKED_DB
