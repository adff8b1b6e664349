from datetime import UTC, datetime, time

import pytest

from broadcaster.player.errors import DiskFull
from broadcaster.player.sound.knob import Knob
from broadcaster.protocol import Priority, VolumeSpan
from tests.broadcaster.player.plan.test_timeline import a_programme

NOON = datetime(2026, 11, 22, 5, tzinfo=UTC)


def manifest(percent=60, **more):
    made = a_programme().manifest
    return made.model_copy(update={"settings": made.settings.model_copy(update={"volume_percent": percent} | more)})


def test_what_is_set_here_counts_but_for_emergencies(tmp_path):
    """Routine and important follow the knob, over a restart too; an emergency is as loud as the commune says."""
    Knob(tmp_path).turn(35, manifest().settings)
    knob = Knob(tmp_path)
    said = {priority: knob.percent(manifest(), NOON, priority) for priority in Priority}
    assert said == {Priority.ROUTINE: 35, Priority.IMPORTANT: 35, Priority.EMERGENCY: 100}


@pytest.mark.parametrize(
    "change", [{"percent": 61}, {"volumes": (VolumeSpan(from_local=time(1), until_local=time(2), percent=9),)}]
)
def test_the_commune_has_the_last_word(tmp_path, change):
    """When the commune sets another volume it counts from then on, also when it goes back to the former one."""
    knob = Knob(tmp_path)
    knob.turn(35, manifest().settings)
    assert knob.percent(manifest(**change), NOON) == change.get("percent", 60)
    assert knob.percent(manifest(), NOON) == 60
    assert Knob(tmp_path).percent(manifest(), NOON) == 60


def test_a_knob_that_cannot_be_written_is_not_turned(tmp_path):
    """Where the disk refuses, the volume stays, and that is said."""
    knob = Knob(tmp_path / "away")
    with pytest.raises(DiskFull):
        knob.turn(35, manifest().settings)
    assert knob.percent(manifest(), NOON) == 60
