"""Scores as tables of Markdown: means, and paired gains with their 95% intervals."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats


@dataclass(frozen=True, slots=True)
class Score:
    """One sentence, as it was made, where it was heard."""

    voice: str
    place: str
    made: str
    sentence: int
    stoi: float
    sti: float


def by_place(scores: Sequence[Score]) -> str:
    """Plain against horn for each place and voice."""
    return "\n".join(_rows_by_place(scores))


def _rows_by_place(scores: Sequence[Score]) -> Iterator[str]:
    yield "| where | voice | STOI plain | STOI horn | gain | STI plain | STI horn | gain |"
    yield "|---|---|---|---|---|---|---|---|"
    for place in dict.fromkeys(score.place for score in scores):
        for voice in dict.fromkeys(score.voice for score in scores):
            cells = []
            for measure in ("stoi", "sti"):
                plain, made = (_of(scores, measure, made, voice, place) for made in ("plain", "horn"))
                cells += [f"{plain.mean():.2f}", f"{made.mean():.2f}", _interval(made - plain)]
            yield f"| {place} | {voice} | {' | '.join(cells)} |"


def by_way(scores: Sequence[Score]) -> str:
    """Each way of making it, over all voices and places."""
    return "\n".join(_rows_by_way(scores))


def _rows_by_way(scores: Sequence[Score]) -> Iterator[str]:
    yield "| what is done | STOI | against plain | STI | against plain |"
    yield "|---|---|---|---|---|"
    for made in dict.fromkeys(score.made for score in scores):
        cells = []
        for measure in ("stoi", "sti"):
            plain, those = (_by_sentence(scores, measure, each) for each in ("plain", made))
            cells += [f"{those.mean():.3f}", "" if made == "plain" else _interval(those - plain)]
        yield f"| {made} | {' | '.join(cells)} |"


def _of(scores: Sequence[Score], measure: str, made: str, voice: str = "", place: str = "") -> np.ndarray:
    return np.array(
        [
            getattr(score, measure)
            for score in scores
            if score.made == made and voice in ("", score.voice) and place in ("", score.place)
        ]
    )


def _by_sentence(scores: Sequence[Score], measure: str, made: str) -> np.ndarray:
    """One mean a sentence [n], since its voices and places are not independent of each other."""
    count = 1 + max(score.sentence for score in scores)
    of_each = [[getattr(s, measure) for s in scores if s.made == made and s.sentence == n] for n in range(count)]
    return np.array(of_each).mean(1)


def _interval(gains: np.ndarray) -> str:
    """Mean of paired gains and its 95% interval by Student's t over the sentences."""
    half = stats.t.ppf(0.975, len(gains) - 1) * gains.std(ddof=1) / np.sqrt(len(gains))
    return f"{gains.mean():+.3f} ± {half:.3f}"
