"""Planning into rows: only what changed is touched, the past stays, the begun only loses."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from uuid import UUID

from sqlalchemy import select

from broadcaster.protocol import Playlist as WirePlaylist
from content.kernel.units import DurationMs
from schedules import queries
from schedules.models import Booking, Occurrence, Playlist
from schedules.planner import WhyNot
from schedules.recurrence import Rule
from schedules.service import (
    cancel_slot,
    change_commune_airing,
    change_slot,
    change_village_airing,
    mark_published,
    reopen_slot,
    restore_booking,
    withdraw_booking,
)
from schedules.service.writing import Changes
from tests.schedules.service.conftest import NOW, SUNDAY, Station

FIVE_PM = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def rows(station: Station) -> list[Occurrence]:
    station.session.expire_all()
    return list(station.session.scalars(select(Occurrence).order_by(Occurrence.village_id, Occurrence.starts_at)))


def facts(station: Station) -> list[dict[str, object]]:
    """Every column of every occurrence."""
    return [{column.key: getattr(row, column.key) for column in Occurrence.__table__.columns} for row in rows(station)]


def titles(station: Station, on: date = SUNDAY, village: int = 0) -> list[list[str]]:
    found = queries.day_plan(station.session, station.commune, on, village=station.villages[village])
    return [[cue.title for cue in queries.cues(occurrence)] for occurrence in found]


def move(station: Station, slot_uuid: UUID, start: str, now: datetime) -> None:
    slot = queries.slot(station.session, station.commune, slot_uuid)
    rule = Rule(time.fromisoformat(start), DurationMs(slot.duration_ms), slot.starts_on, rrule=slot.rrule)
    change_slot(station.session, station.commune, slot, name=slot.name, rule=rule, villages=slot.villages, now=now)


def take_back(station: Station, booking: Booking, now: datetime) -> None:
    withdraw_booking(station.session, queries.booking(station.session, station.commune, booking.uuid), now)


def test_villages_that_hear_the_same_share_one_plan_and_one_playlist(station: Station) -> None:
    """Two villages, seven days: fourteen occurrences, one plan, one object."""
    station.slot()
    station.book()
    report = station.replan()
    assert (report.villages, report.plans, report.changes.added) == (2, 1, 14)
    assert {row.playlist_id for row in rows(station)} == {station.session.scalars(select(Playlist.id)).one()}
    assert len(station.shelf) == 1


def test_the_kept_bytes_are_the_playlist_that_its_row_describes(station: Station) -> None:
    """Name, size, length and cues of the row are those of the object."""
    station.slot()
    station.book("Họp thôn", 60)
    station.book("Tiêm phòng", 30)
    station.replan()
    (row,) = station.session.scalars(select(Playlist))
    read = WirePlaylist.model_validate_json(station.shelf[row.sha256])
    assert [cue.title for cue in read.cues] == ["Họp thôn", "Tiêm phòng"]
    assert (row.size_bytes, row.duration_ms) == (len(station.shelf[row.sha256]), 91_500)


def test_planning_again_changes_nothing(station: Station) -> None:
    """No row, no object, no time of planning."""
    station.slot("11:00")
    station.slot("17:00", 2)
    for number in range(4):
        station.book(f"Tin {number}", times_per_day=2)
    station.replan()
    before = facts(station)
    report = station.replan(NOW + MINUTE)
    assert (report.changes.added, report.changes.changed, report.changes.removed) == (0, 0, 0)
    assert facts(station) == before


def test_time_passing_adds_days_and_changes_none(station: Station) -> None:
    """Through a day of planning each hour, what was planned stays as it was."""
    station.slot("11:00", 2)
    station.slot("17:00", 2)
    for number in range(5):
        station.book(f"Tin {number}", times_per_day=2, until_on=date(2026, 12, 31))
    station.replan()
    before = {str(row["uuid"]): row for row in facts(station)}
    for hour in range(30):
        station.replan(NOW + timedelta(hours=hour))
    after = {str(row["uuid"]): row for row in facts(station)}
    assert len(after) > len(before)
    assert {uuid: after[uuid] for uuid in before} == before


def test_a_change_of_one_slot_touches_only_its_occurrences(station: Station) -> None:
    """Moved by ten minutes they keep their names and their playlist; the others keep their time of planning."""
    station.slot("11:30")
    evening = station.slot("17:00")
    station.book()
    station.book(slot_uuids=[evening.uuid])
    station.replan()
    before = {row["uuid"]: row for row in facts(station)}
    move(station, evening.uuid, "17:10", NOW)
    report = station.replan(NOW + MINUTE)
    after = {row["uuid"]: row for row in facts(station)}
    assert (report.changes.added, report.changes.removed) == (0, 0)
    for uuid, row in after.items():
        moved = row["slot_id"] == evening.id
        assert row["playlist_id"] == before[uuid]["playlist_id"]
        assert (row["starts_at"] - before[uuid]["starts_at"] == 10 * MINUTE) is moved
        assert (row["planned_at"] == NOW + MINUTE) is moved


def test_whoever_holds_a_row_sees_what_is_planned_now(station: Station) -> None:
    """Rows are written in bulk, past the objects that the session has of them."""
    station.slot()
    station.book()
    station.replan()
    held = rows(station)[0]
    before = held.playlist_id
    station.book("Mới")
    station.replan(NOW + MINUTE)
    assert held.planned_at == NOW + MINUTE
    assert held.playlist_id != before


def test_a_changed_occurrence_is_no_longer_published(station: Station) -> None:
    """`published_at` speaks of the occurrence as it is."""
    station.slot()
    station.book()
    station.replan()
    mark_published(station.session, station.villages, NOW)
    assert {row.published_at for row in rows(station)} == {NOW}
    station.book(from_on=date(2026, 11, 23), until_on=date(2026, 11, 23))
    station.replan()
    assert {row.local_on.day for row in rows(station) if row.published_at is None} == {23}


def test_a_withdrawn_booking_leaves_the_days_ahead_and_can_come_back(station: Station) -> None:
    """Occurrences left without a cue are removed; restored, the same names are there again."""
    station.slot()
    made = station.book()
    station.replan()
    before = [row.uuid for row in rows(station)]
    take_back(station, made, NOW)
    assert station.replan().changes.removed == 14
    assert rows(station) == []
    restore_booking(station.session, made, NOW)
    station.replan()
    assert [row.uuid for row in rows(station)] == before


def test_a_cancelled_slot_loses_its_days_ahead(station: Station) -> None:
    """And gets them back when it is reopened."""
    slot = station.slot()
    station.book()
    station.replan()
    cancel_slot(station.session, slot, NOW)
    station.replan()
    assert rows(station) == []
    again = queries.slot(station.session, station.commune, slot.uuid)
    reopen_slot(station.session, station.commune, again, NOW)
    assert station.replan().changes.added == 14


def test_a_begun_occurrence_only_loses(station: Station) -> None:
    """New bookings do not enter it, withdrawn ones leave it with a reason, and the others stay at their offsets."""
    station.slot()
    first, second = station.book("Một"), station.book("Hai")
    station.replan()
    station.book("Mới")
    take_back(station, first, FIVE_PM)
    station.replan(FIVE_PM + MINUTE / 2)
    occurrence = queries.day_plan(station.session, station.commune, SUNDAY)[0]
    (cue,) = queries.cues(occurrence)
    assert (cue.revision_uuid, cue.offset_ms) == (second.revision_uuid, 61_500)
    (lost,) = occurrence.not_placed
    assert (lost["title"], lost["why"]) == ("Một", WhyNot.TAKEN_OUT)
    assert titles(station, date(2026, 11, 23)) == [["Mới", "Hai"]]


def test_a_begun_occurrence_keeps_what_is_over(station: Station) -> None:
    """What has sounded cannot be taken out of the log's plan any more."""
    station.slot()
    first = station.book("Một")
    station.replan()
    take_back(station, first, FIVE_PM)
    station.replan(FIVE_PM + 3 * MINUTE)
    assert titles(station) == [["Một"]]


def test_a_begun_occurrence_that_lost_everything_stays_and_says_why(station: Station) -> None:
    """Its slot was cancelled: the row stays, with nothing to air."""
    slot = station.slot()
    station.book("Một")
    station.replan()
    cancel_slot(station.session, slot, FIVE_PM)
    station.replan(FIVE_PM + MINUTE / 2)
    occurrence = queries.day_plan(station.session, station.commune, SUNDAY)[0]
    assert occurrence.playlist is None
    assert [it["why"] for it in occurrence.not_placed] == [WhyNot.TAKEN_OUT]


def test_a_cancelled_slot_that_was_sounding_is_in_nobodys_way(station: Station) -> None:
    """What was put into its time begins when its own slot opens, not when the cancelled one would have ended."""
    cancelled = station.slot("17:00", 30)
    station.book("Một")
    station.replan()
    cancel_slot(station.session, cancelled, FIVE_PM + MINUTE / 2)
    station.slot("17:15", 30)
    later = FIVE_PM + MINUTE
    station.book("Hai")
    station.replan(later, lead=2 * MINUTE)
    found = queries.day_plan(station.session, station.commune, SUNDAY, village=station.villages[0])
    assert [(row.starts_at - FIVE_PM, [cue.offset_ms for cue in queries.cues(row)]) for row in found] == [
        (timedelta(), []),
        (15 * MINUTE, [0, 61_500]),
    ]
    assert station.replan(later + 5 * MINUTE, lead=2 * MINUTE).changes == Changes()


def test_a_slot_taken_from_a_village_while_it_sounds_is_in_nobodys_way(station: Station) -> None:
    """The other village hears it to its end."""
    shared = station.slot("23:50", 30, opening_chime=False)
    for airing in queries.village_airings(station.session, station.commune):
        change_village_airing(station.session, airing, NOW, quiet_from_local=None, quiet_until_local=None)
    station.book("Một", 60, times_per_day=3, gap_minutes=0)
    midnight = datetime(2026, 11, 22, 17, 0, tzinfo=UTC)
    station.replan()
    left = queries.slot(station.session, station.commune, shared.uuid)
    change_slot(
        station.session,
        station.commune,
        left,
        name=left.name,
        rule=left.rule,
        villages=station.villages[1:],
        now=midnight - 8 * MINUTE,
    )
    station.slot("00:05", 5, villages=station.villages[:1])
    station.replan(midnight - 8 * MINUTE, lead=2 * MINUTE)
    monday = queries.day_plan(station.session, station.commune, SUNDAY + timedelta(days=1))
    assert monday[0].village_id == station.villages[0].id
    assert queries.cues(monday[0])[0].offset_ms == 0


def test_an_overnight_occurrence_of_the_last_day_is_heard_to_its_end(station: Station) -> None:
    """After midnight it still belongs to the date on which it opened, and nobody is told that it found no opening."""
    for airing in queries.village_airings(station.session, station.commune):
        change_village_airing(station.session, airing, NOW, quiet_from_local=None, quiet_until_local=None)
    station.slot("23:58", 10)
    station.book("Một", 180, until_on=SUNDAY)
    station.replan()
    station.airables.clear()
    midnight = datetime(2026, 11, 22, 17, 0, tzinfo=UTC)
    report = station.replan(midnight + MINUTE / 2)
    assert titles(station) == [["Một"]]
    assert set(report.not_placed.values()) == {()}


def test_a_begun_occurrence_is_not_moved(station: Station) -> None:
    """Its slot moves from the next day on."""
    slot = station.slot()
    station.book()
    station.replan()
    move(station, slot.uuid, "17:10", FIVE_PM + MINUTE)
    station.replan(FIVE_PM + MINUTE)
    starts = [row.starts_at for row in rows(station) if row.village_id == station.villages[0].id][:2]
    assert starts == [FIVE_PM, FIVE_PM + timedelta(days=1, minutes=10)]


def test_an_occurrence_whose_slot_is_moved_into_the_past_airs_at_its_old_time(station: Station) -> None:
    """Nobody can begin in the past, and nothing vanishes."""
    slot = station.slot()
    station.book()
    station.replan()
    move(station, slot.uuid, "16:50", FIVE_PM - 5 * MINUTE)
    station.replan(FIVE_PM - 5 * MINUTE)
    starts = [row.starts_at for row in rows(station) if row.village_id == station.villages[0].id][:2]
    assert starts == [FIVE_PM, FIVE_PM + timedelta(days=1, minutes=-10)]


def test_past_occurrences_stay_for_the_log(station: Station) -> None:
    """A withdrawal tomorrow does not rewrite yesterday."""
    station.slot()
    made = station.book()
    station.replan()
    take_back(station, made, NOW + timedelta(days=2))
    station.replan(NOW + timedelta(days=2))
    assert [row.local_on.day for row in rows(station)] == [22, 23, 22, 23]


def test_what_aired_today_counts_against_how_often(station: Station) -> None:
    """After the first of two a day has begun, a new plan has one left for the evening."""
    station.slot("13:00")
    station.slot("17:00")
    station.slot("19:00")
    station.book("Tin", times_per_day=2)
    station.replan()
    station.replan(NOW + timedelta(hours=2))
    assert titles(station) == [["Tin"], ["Tin"]]


def test_what_was_planned_on_earlier_days_counts_for_fairness(station: Station) -> None:
    """A new announcement goes before one that aired for two days."""
    station.slot(minutes=1)
    station.book("Cũ")
    station.replan()
    later = NOW + timedelta(days=2)
    station.book("Mới")
    station.replan(later)
    assert titles(station, later.date()) == [["Mới"]]


def test_quiet_hours_and_languages_are_each_villages_own(station: Station) -> None:
    """A change in one village leaves the other's rows as they were."""
    station.slot("21:00", 10)
    station.book()
    station.replan()
    airing = queries.village_airings(station.session, station.commune)[0]
    change_village_airing(station.session, airing, NOW, quiet_from_local=time(20))
    report = station.replan()
    assert (report.plans, report.changes.removed) == (2, 0)
    assert titles(station, village=0) == [[]]
    assert titles(station, village=1) == [["Họp thôn"]]


def test_villages_in_other_zones_open_by_their_own_clocks(station: Station) -> None:
    """17:00 is 17:00 in each village."""
    station.villages[1].time_zone = "Europe/Berlin"
    station.slot()
    station.book()
    station.replan()
    starts = {row.village_id: row.starts_at for row in rows(station) if row.local_on == SUNDAY}
    assert [f"{starts[village.id]:%H:%M}" for village in station.villages] == ["10:00", "16:00"]


def test_what_has_no_audio_yet_is_told_and_not_planned(station: Station) -> None:
    """A booking whose revision cannot air waits; so does the reader of the report."""
    station.slot()
    made = station.book()
    del station.airables[made.revision_uuid]
    report = station.replan()
    assert rows(station) == []
    assert {why.why for whys in report.not_placed.values() for why in whys} == {WhyNot.NOT_READY}


def test_a_commune_without_villages_or_slots_is_planned_to_nothing(station: Station) -> None:
    """An empty schedule is no error."""
    station.book()
    assert station.replan().changes.added == 0


def test_the_horizon_is_as_far_as_is_planned(station: Station) -> None:
    """Three days ahead are three openings in each village."""
    station.slot()
    station.book()
    assert station.replan(horizon_days=3).changes.added == 6


def test_the_gap_is_the_communes_unless_the_booking_has_its_own(station: Station) -> None:
    """An hour by default; a commune may choose another, and a booking too."""
    for start in ("17:00", "17:30", "18:02"):
        station.slot(start)
    station.book("Tin", times_per_day=3)
    station.book("Gấp", 30, times_per_day=3, gap_minutes=0)
    station.replan()
    assert [[title for title in each if title == "Tin"] for each in titles(station)] == [["Tin"], [], ["Tin"]]
    assert [each.count("Gấp") for each in titles(station)] == [1, 1, 1]
    change_commune_airing(station.session, station.commune, NOW, gap_minutes=20)
    station.replan()
    assert [each.count("Tin") for each in titles(station)] == [1, 1, 1]


def test_a_repeat_after_midnight_keeps_its_gap(station: Station) -> None:
    """Yesterday's last airing is remembered, whenever one plans."""
    for airing in queries.village_airings(station.session, station.commune):
        change_village_airing(station.session, airing, NOW, quiet_from_local=None, quiet_until_local=None)
    station.slot("23:50")
    station.slot("00:20")
    station.slot("06:00")
    station.book("Tin")
    for now in (NOW, datetime(2026, 11, 22, 17, 10, tzinfo=UTC)):
        station.replan(now)
        assert titles(station) == [["Tin"]]
        assert titles(station, date(2026, 11, 23)) == [[], ["Tin"]]
    starts = [row.starts_at for row in rows(station) if row.village_id == station.villages[0].id and row.playlist_id]
    assert min(b - a for a, b in pairwise(starts)) > timedelta(hours=1)


def test_each_format_of_village_has_its_own_audio(station: Station) -> None:
    """Equal villages of two formats are planned apart; a format without audio airs nothing and says so."""
    station.slot()
    made = station.book()
    airing = queries.village_airings(station.session, station.commune)[1]
    airing.preset = "horn"
    report = station.replan()
    assert (report.plans, titles(station, village=1)) == (2, [])
    assert [why.why for why in report.not_placed[airing.village_id]] == [WhyNot.NOT_READY]
    assert made.revision_uuid in station.airables
