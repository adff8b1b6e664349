"""The freeze window: what still enters what is settled, and from when a change is heard."""

from datetime import date, datetime, timedelta
from typing import Any

from content.kernel.priority import Priority
from schedules import queries
from schedules.models import Booking
from schedules.planner import Because, WhyNot
from schedules.service import change_village_airing, withdraw_booking
from tests.schedules.service.conftest import NOW, SUNDAY, Station
from tests.schedules.service.test_planning import FIVE_PM, MINUTE, titles

LEAD = 2 * MINUTE
SOON = FIVE_PM - 3 * MINUTE
"""Within the window of five minutes, and still in time for players to hear of a change."""


def urgent(station: Station, **changes: Any) -> Booking:
    return station.book("Lũ", 30, priority=Priority.EMERGENCY, **changes)


def evening(station: Station, on: date = SUNDAY) -> list[str]:
    return titles(station, on)[0]


def test_within_the_window_only_an_emergency_enters(station: Station) -> None:
    """Behind what is there; a routine one waits for the next day."""
    station.slot()
    station.book("Cũ")
    station.replan(lead=LEAD)
    station.book("Mới", 30)
    urgent(station)
    report = station.replan(SOON, lead=LEAD)
    assert evening(station) == ["Cũ", "Lũ"]
    occurrence = queries.day_plan(station.session, station.commune, SUNDAY)[0]
    cue = queries.cues(occurrence)[1]
    assert occurrence.reasons[cue.key]["because"] == Because.EMERGENCY
    assert (cue.offset_ms, occurrence.published_at, report.changes.changed > 0) == (61_500, None, True)
    assert evening(station, date(2026, 11, 23)) == ["Lũ", "Mới", "Cũ"]


def test_it_is_put_in_once(station: Station) -> None:
    """Planning again, a minute later too, changes nothing."""
    station.slot()
    station.book("Cũ")
    station.replan(lead=LEAD)
    urgent(station)
    station.replan(SOON, lead=LEAD)
    report = station.replan(SOON + MINUTE, lead=LEAD)
    assert (report.changes.added, report.changes.changed, report.changes.removed) == (0, 0, 0)


def test_it_enters_a_running_occurrence_where_players_can_still_hear_of_it(station: Station) -> None:
    """Two polls from now on; what sounds is not touched."""
    station.slot()
    station.book("Cũ", 60)
    station.replan(lead=LEAD)
    urgent(station)
    station.replan(FIVE_PM + MINUTE / 2, lead=LEAD)
    occurrence = queries.day_plan(station.session, station.commune, SUNDAY)[0]
    assert [(cue.title, cue.offset_ms) for cue in queries.cues(occurrence)] == [("Cũ", 0), ("Lũ", 150_000)]


def test_it_enters_a_settled_opening_that_was_empty(station: Station) -> None:
    """There was no row for it; now there is."""
    station.slot()
    urgent(station)
    station.replan(SOON, lead=LEAD)
    assert evening(station) == ["Lũ"]


def test_what_gives_way_to_it_is_told_and_goes_on(station: Station) -> None:
    """The full slot names what left and for what; the evening's second slot takes it."""
    station.slot(minutes=2)
    station.slot("18:00")
    station.book("Một", 60)
    station.book("Hai", 55)
    station.replan(lead=LEAD)
    assert titles(station) == [["Một", "Hai"], []] or titles(station) == [["Một", "Hai"]]
    urgent(station)
    station.replan(SOON, lead=LEAD)
    first, second = queries.day_plan(station.session, station.commune, SUNDAY, village=station.villages[0])
    assert [cue.title for cue in queries.cues(first)] == ["Một", "Lũ"]
    (gone,) = first.not_placed
    assert (gone["title"], gone["why"]) == ("Hai", WhyNot.GAVE_WAY)
    assert gone["facts"]["to"] == "Lũ"
    assert [cue.title for cue in queries.cues(second)] == ["Hai"]


def test_where_it_would_come_too_late_the_next_opening_has_it(station: Station) -> None:
    """What cannot begin two polls from now and end in the slot is a matter for an alert."""
    station.slot(minutes=2)
    station.slot("18:00")
    urgent(station)
    station.replan(FIVE_PM + MINUTE, lead=LEAD)
    assert titles(station) == [["Lũ"]]
    (occurrence,) = queries.day_plan(station.session, station.commune, SUNDAY, village=station.villages[0])
    assert occurrence.starts_at == FIVE_PM + timedelta(hours=1)


def test_what_was_heard_today_is_not_put_in_again(station: Station) -> None:
    """Once a day is once a day, also in an emergency."""
    station.slot("13:00")
    station.slot()
    urgent(station)
    station.replan(lead=LEAD)
    station.replan(SOON, lead=LEAD)
    assert titles(station) == [["Lũ"]]


def test_a_withdrawn_emergency_leaves_again(station: Station) -> None:
    """It passes the window both ways."""
    station.slot()
    made = urgent(station)
    station.replan(SOON, lead=LEAD)
    withdraw_booking(station.session, queries.booking(station.session, station.commune, made.uuid), SOON)
    station.replan(SOON, lead=LEAD)
    assert evening(station) == []


def test_from_when_a_change_airs(station: Station) -> None:
    """The first opening after the freeze window, or after what players need to learn of it."""
    station.slot()
    (village, _) = station.villages

    def airs(now: datetime, lead: timedelta = LEAD) -> datetime | None:
        return queries.change_airs_from(station.session, village, now, lead).airs_from

    assert airs(NOW) == FIVE_PM
    assert airs(FIVE_PM - 5 * MINUTE) == FIVE_PM + timedelta(days=1)
    assert airs(FIVE_PM - 6 * MINUTE, lead=10 * MINUTE) == FIVE_PM + timedelta(days=1)
    airing = queries.village_airings(station.session, station.commune)[0]
    change_village_airing(station.session, airing, NOW, freeze_minutes=0)
    assert airs(FIVE_PM - 3 * MINUTE) == FIVE_PM
    assert queries.change_airs_from(station.session, village, NOW, LEAD).settled_until == NOW + LEAD


def test_where_nothing_opens_a_change_never_airs(station: Station) -> None:
    """No slot, or no settings of the village."""
    assert queries.change_airs_from(station.session, station.villages[0], NOW).airs_from is None
    assert queries.change_airs_from(station.session, station.commune, NOW).airs_from is None
