"""Let the player's own code judge some hundred simulated cues, and write the tables of docs/player.md anew.

The thresholds of `broadcaster/player/hearing/judging.py` were chosen on other sentences:
`python -m tests.bench.hearing tuning` scores those, and writes nothing.
"""

import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from audio_out.codecs import RATE
from audio_out.engines.espeak import Espeak
from audio_out.mastering.horn import Preset, shaped
from broadcaster.player.hearing.experience import Experience
from broadcaster.player.hearing.judging import HEARD_DB, NOT_HEARD_DB, Verdict
from broadcaster.player.hearing.listening import Listening
from broadcaster.player.sound.pcm import Samples
from tests.bench.hearing.scenes import BEFORE_S, SCENES, Pole, Scene, Taken, any_pole, take
from tests.bench.speech import speakers

PAGE = Path("docs/player.md")
POLES, CUES = 10, 2
"""Per scene: at each pole so many cues."""
BLOCK = RATE // 10
THRESHOLDS_DB = (2.0, 4.0, 6.0, 8.0, 10.0, 12.0, 15.0, 18.0)


@dataclass(frozen=True, slots=True)
class Judged:
    """What the player said of one cue: at a new pole, and at one where it had heard three cues before."""

    scene: Scene
    new: Verdict
    used: Verdict


class Tape:
    """A microphone that plays back what a scene captured; its second 0 is the monotonic 0."""

    def __init__(self, captured: Samples) -> None:
        self._captured = captured

    def open(self) -> None:
        """Nothing to open."""

    def close(self) -> None:
        """Nothing to close."""

    def captured(self, at: float, frames: int) -> Samples | None:
        """The same place on the tape."""
        begin = round(at * RATE)
        return self._captured[begin : begin + frames] if 0 <= begin <= len(self._captured) - frames else None


def main() -> None:
    """Measure, print, and write, unless it is for tuning."""
    tuning = sys.argv[1:] == ["tuning"]
    began = time.process_time()
    judged = list(_judged(_sentences(speakers.TUNING if tuning else speakers.REPORTED)))
    tables = {"hearing": by_scene(judged), "hearing-roc": by_threshold(judged)}
    sys.stdout.write("\n\n".join(tables.values()) + f"\n\n{time.process_time() - began:.0f} s of processor time\n")
    if not tuning:
        _write(tables)


def verdict(taken: Taken, experience: Experience) -> Verdict:
    """What a player would have said at the end of the cue."""
    ears = Listening(Tape(taken.captured), experience)
    begin = round(BEFORE_S * RATE)
    for first in range(0, len(taken.played) - BLOCK, BLOCK):
        ears.played(first, first / RATE, taken.played[first : first + BLOCK])
        if first <= begin < first + BLOCK:
            ears.begin(BEFORE_S, 0.0)
    return ears.verdict()


def by_scene(judged: list[Judged]) -> str:
    """How often each answer was given, scene by scene."""
    lines = [
        "| the loudspeaker | cues | new pole: yes / no / unknown | after three: yes / no / unknown | scores, dB |",
        "|---|---|---|---|---|",
    ]
    for scene in dict.fromkeys(one.scene for one in judged):
        here = [one for one in judged if one.scene is scene]
        scores = [one.new.score for one in here if one.new.score is not None]
        counts = [_counts([read(one) for one in here]) for read in (lambda one: one.new, lambda one: one.used)]
        lines.append(f"| {scene.name} | {len(here)} | {' | '.join(counts)} | {min(scores):.0f} to {max(scores):.0f} |")
    for name, sounds in (("**sounds, all**", True), ("**dead, all**", False)):
        here = [one for one in judged if one.scene.sounds is sounds]
        counts = [_counts([read(one) for one in here]) for read in (lambda one: one.new, lambda one: one.used)]
        lines.append(f"| {name} | {len(here)} | {' | '.join(counts)} | |")
    return "\n".join(lines)


def by_threshold(judged: list[Judged]) -> str:
    """What other thresholds would have made of the same scores; a trace in the input is no matter of score."""
    plain = [one for one in judged if one.scene.crosstalk_db is None and one.new.score is not None]
    sounding = np.array([one.new.score for one in plain if one.scene.sounds])
    dead = np.array([one.new.score for one in plain if not one.scene.sounds])
    lines = ["| score from which it is heard, dB | heard of those that sound | heard of the dead |", "|---|---|---|"]
    for threshold in THRESHOLDS_DB:
        name = f"**{threshold:g}**" if threshold == HEARD_DB else f"{threshold:g}"
        lines.append(f"| {name} | {_share(sounding >= threshold)} | {_share(dead >= threshold)} |")
    return "\n".join([*lines, "", f"No more than {NOT_HEARD_DB:g} dB is not heard; what lies between is unknown."])


def _judged(sentences: list[Samples]) -> Iterator[Judged]:
    poles = [any_pole(np.random.default_rng([7, number])) for number in range(POLES)]
    usual = [_experienced(pole, number, sentences) for number, pole in enumerate(poles)]
    for which, scene in enumerate(SCENES):
        sys.stderr.write(f"{scene.name}...\n")
        for number, pole in enumerate(poles):
            for cue in range(CUES):
                taken = _take(scene, pole, sentences, [which, number, cue])
                yield Judged(scene, verdict(taken, Nothing()), verdict(taken, usual[number]))


def _experienced(pole: Pole, number: int, sentences: list[Samples]) -> "Nothing":
    gains = [verdict(_take(SCENES[0], pole, sentences, [99, number, cue]), Nothing()).gain_db for cue in range(3)]
    return Nothing(max(gain for gain in gains if gain is not None))


def _take(scene: Scene, pole: Pole, sentences: list[Samples], seed: list[int]) -> Taken:
    chance = np.random.default_rng(seed)
    said, other = chance.choice(len(sentences), 2, replace=False)
    return take(scene, pole, sentences[said], sentences[other], chance)


class Nothing(Experience):
    """An experience that stays as it is, on no disk."""

    def __init__(self, gain_db: float | None = None) -> None:
        self._gain_db = gain_db

    @property
    def usual_gain_db(self) -> float | None:
        """As it was given."""
        return self._gain_db

    def add(self, gain_db: float) -> None:
        """Learn nothing: each cue of the bench is judged by itself."""


def _sentences(announcements: range) -> list[Samples]:
    engine = Espeak()
    try:
        said = speakers.sentences(announcements)
        return [
            shaped(pcm, Preset.HORN).samples for name in speakers.NAMES for pcm in speakers.spoken(engine, name, said)
        ]
    finally:
        engine.close()


def _counts(verdicts: list[Verdict]) -> str:
    said = [one.heard for one in verdicts]
    return f"{said.count(True)} / {said.count(False)} / {said.count(None)}"


def _share(which: np.ndarray) -> str:
    return f"{which.sum()} of {len(which)}"


def _write(tables: dict[str, str]) -> None:
    """Each table into the page, between its own two comments."""
    page = PAGE.read_text(encoding="utf-8")
    for name, table in tables.items():
        before, begin, rest = page.partition(f"<!-- {name} -->\n")
        _, end, after = rest.partition(f"<!-- end of {name} -->\n")
        assert all((begin, end)), f"{PAGE} has no place for the table {name}"
        page = f"{before}{begin}{table}\n{end}{after}"
    PAGE.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
