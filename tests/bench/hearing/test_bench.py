"""The bench's claim in short: the tables are in docs/player.md."""

import numpy as np
import pytest

from audio_out.engines.espeak import Espeak
from tests.bench.hearing.__main__ import Nothing, verdict
from tests.bench.hearing.scenes import SCENES, any_pole, take
from tests.bench.speech import speakers

NAMES = {scene.name: scene for scene in SCENES}


@pytest.fixture(scope="module")
def said():
    """Two sentences."""
    engine = Espeak(children=1)
    sentences = speakers.sentences(speakers.REPORTED)[:2]
    yield [pcm.samples for pcm in speakers.spoken(engine, speakers.NAMES[0], sentences)]
    engine.close()


@pytest.mark.parametrize(
    ("scene", "heard"),
    [
        ("sounds: storm of 16 m/s", True),
        ("sounds: another loudspeaker at 30 m says something else", True),
        ("dead: storm of 16 m/s", False),
        ("dead: another loudspeaker at 30 m says something else", False),
        ("dead: the next village 200 m off has the same programme", False),
        ("dead: the output crosses into the input at -60 dB", None),
    ],
)
def test_the_player_tells_a_loudspeaker_that_sounds_from_a_dead_one(said, scene, heard):
    """In a storm, beside another loudspeaker, with a neighbour's horn; a trace in the input is not believed."""
    pole = any_pole(np.random.default_rng(4))
    taken = take(NAMES[scene], pole, *said, np.random.default_rng(5))
    assert verdict(taken, Nothing()).heard is heard
