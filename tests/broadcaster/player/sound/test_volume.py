"""The volume by the time of day."""

from datetime import time

import pytest

from broadcaster.player.sound.volume import volume_at
from broadcaster.protocol import PlayerSettings, Priority, VolumeSpan


def span(begins, ends, percent):
    return VolumeSpan(from_local=time.fromisoformat(begins), until_local=time.fromisoformat(ends), percent=percent)


SETTINGS = PlayerSettings(
    volume_percent=80, volumes=(span("22:00", "05:30", 30), span("05:00", "06:30", 50)), emergency_volume_percent=90
)


@pytest.mark.parametrize(
    ("local", "percent"),
    [("21:59", 80), ("22:00", 30), ("00:00", 30), ("05:29", 30), ("05:30", 50), ("06:30", 80), ("12:00", 80)],
)
def test_a_span_holds_from_its_beginning_until_before_its_end(local, percent):
    """Over midnight too; of two that overlap the first counts, outside all of them the usual volume."""
    assert volume_at(SETTINGS, time.fromisoformat(local)) == percent
    assert volume_at(SETTINGS, time.fromisoformat(local), Priority.IMPORTANT) == percent


def test_an_emergency_has_a_volume_of_its_own():
    """It is never softer by the time of day; full unless the village says otherwise."""
    assert volume_at(SETTINGS, time(23), Priority.EMERGENCY) == 90
    assert volume_at(PlayerSettings(volumes=SETTINGS.volumes), time(23), Priority.EMERGENCY) == 100
