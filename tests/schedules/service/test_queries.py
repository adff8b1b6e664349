"""Reading the plan."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import event

from schedules import queries
from tests.schedules.service.conftest import NOW, SUNDAY, Station

FIVE_PM = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)


@contextmanager
def statements(station: Station) -> Iterator[list[str]]:
    """What is sent to the database meanwhile."""
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        sent.append(statement)

    engine = station.session.get_bind()
    event.listen(engine, "before_cursor_execute", note)
    yield sent
    event.remove(engine, "before_cursor_execute", note)


def planned(station: Station) -> Station:
    station.slot("11:00")
    station.slot("17:00")
    station.book("Một")
    station.book("Hai", times_per_day=2)
    station.replan(NOW - timedelta(hours=8))
    station.session.expunge_all()
    return station


def test_a_day_has_all_its_occurrences_with_slot_village_and_cues(station: Station) -> None:
    """By village and time, in three statements however many there are."""
    planned(station)
    with statements(station) as sent:
        found = queries.day_plan(station.session, station.commune, SUNDAY)
        told = [(it.village.slug, it.slot.name, [cue.title for cue in queries.cues(it)]) for it in found]
    assert told == [
        ("un-ta", "Buổi 11:00", ["Một", "Hai"]),
        ("un-ta", "Buổi 17:00", ["Hai"]),
        ("an-san", "Buổi 11:00", ["Một", "Hai"]),
        ("an-san", "Buổi 17:00", ["Hai"]),
    ]
    assert len(sent) <= 3


def test_every_cue_of_the_plan_has_a_reason(station: Station) -> None:
    """A page finds by its key why a cue is there."""
    planned(station)
    for occurrence in queries.day_plan(station.session, station.commune, SUNDAY):
        assert {cue.key for cue in queries.cues(occurrence)} == occurrence.reasons.keys()


def test_the_next_cue_of_each_village(station: Station) -> None:
    """In the running occurrence if something is still to begin there, else in the next one."""
    planned(station)
    eleven = FIVE_PM - timedelta(hours=6)
    running = queries.next_cues(station.session, station.commune, eleven + timedelta(seconds=5))
    assert {airing.cue.title for airing in running.values()} == {"Hai"}
    assert {airing.starts_at for airing in running.values()} == {eleven + timedelta(seconds=61, milliseconds=500)}
    ahead = queries.next_cues(station.session, station.commune, eleven + timedelta(minutes=2))
    assert {airing.starts_at for airing in ahead.values()} == {FIVE_PM}
    assert len(ahead) == 2


def test_when_each_announcement_airs_next(station: Station) -> None:
    """One instant for each announcement that still airs."""
    planned(station)
    one, two = (booking.announcement_uuid for booking in queries.bookings(station.session, station.commune))
    found = queries.next_airings(station.session, station.commune, NOW)
    assert found == {one: FIVE_PM + timedelta(hours=18), two: FIVE_PM}


def test_where_an_announcement_will_air(station: Station) -> None:
    """Each instant once, with all villages that hear it then."""
    planned(station)
    two = queries.bookings(station.session, station.commune)[1].announcement_uuid
    found = queries.airings_of(station.session, station.commune, NOW, two)
    assert found[0] == queries.SharedAiring(FIVE_PM, ("Ún Tà", "An San"))
    assert len(found) == 1 + 6 * 2


def test_the_occurrences_of_a_span_touch_it(station: Station) -> None:
    """What runs at its beginning is in it, what begins at its end is not; nothing of other villages."""
    planned(station)
    found = queries.occurrences_between(
        station.session, station.villages[0], FIVE_PM + timedelta(minutes=4), FIVE_PM + timedelta(hours=24)
    )
    assert [f"{it.local_on:%d} {it.starts_at:%H}" for it in found] == ["22 10", "23 04"]
    assert {it.village_id for it in found} == {station.villages[0].id}


def test_a_day_may_be_asked_of_one_village(station: Station) -> None:
    """And a day without anything is empty."""
    planned(station)
    assert len(queries.day_plan(station.session, station.commune, SUNDAY, village=station.villages[1])) == 2
    assert queries.day_plan(station.session, station.commune, date(2027, 1, 1)) == []


def test_an_author_is_told_where_an_announcement_found_no_place(station: Station) -> None:
    """Each opening once with the villages, the reason and its facts; what was placed is not told."""
    station.slot("11:30", 1)
    station.slot("17:00")
    station.book("Cũ", 60)
    long = station.book("Dài", 90, until_on=SUNDAY)
    now = NOW - timedelta(hours=2)
    station.replan(now)
    (told,) = queries.refusals_of(station.session, station.commune, now, long.announcement_uuid)
    assert (told.slot, told.why, len(told.villages)) == ("Buổi 11:30", "longer_than_slot", 2)
    assert told.facts == {"needs_ms": 90_000, "room_ms": 60_000}
