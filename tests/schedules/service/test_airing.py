"""How each village airs."""

from datetime import time

import pytest

from schedules import queries
from schedules.errors import HalfQuietHours, NoLanguages, NotInRange
from schedules.planner import QuietHours
from schedules.service import change_village_airing
from tests.schedules.service.conftest import NOW, Station


def test_a_village_begins_with_vietnamese_and_quiet_nights(station: Station) -> None:
    """From 21:30 to 05:00 nothing but emergencies, unless it is changed."""
    first, _ = queries.village_airings(station.session, station.commune)
    assert first.village == station.villages[0]
    assert (first.languages, first.quiet) == (["vi"], QuietHours(time(21, 30), time(5)))


def test_settings_are_changed_and_none_means_no_quiet_hours(station: Station) -> None:
    """Only what is named changes."""
    airing = queries.village_airings(station.session, station.commune)[0]
    change_village_airing(
        station.session, airing, NOW, languages=["hmn", "vi"], quiet_from_local=None, quiet_until_local=None
    )
    station.session.expire(airing)
    assert (airing.languages, airing.quiet, airing.volume_percent) == (["hmn", "vi"], None, 100)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"languages": []}, NoLanguages),
        ({"languages": ["vi", "vi"]}, NoLanguages),
        ({"quiet_from_local": None}, HalfQuietHours),
        ({"volume_percent": 101}, NotInRange),
        ({"emergency_volume_percent": -1}, NotInRange),
        ({"warm_up_ms": -1}, NotInRange),
        ({"freeze_minutes": 1441}, NotInRange),
        ({"output_offset_ms": -10_001}, NotInRange),
        ({"max_kbytes_s": 100_001}, NotInRange),
        ({"cache_mb": -1}, NotInRange),
    ],
)
def test_a_setting_that_cannot_be_meant_is_refused_and_changes_nothing(
    station: Station, changes: dict[str, object], error: type[Exception]
) -> None:
    """The settings stay as they were."""
    airing = queries.village_airings(station.session, station.commune)[0]
    with pytest.raises(error):
        change_village_airing(station.session, airing, NOW, **changes)
    assert (airing.languages, airing.quiet_from_local, airing.volume_percent) == (["vi"], time(21, 30), 100)
    assert not station.session.is_modified(airing)
