"""A change to one announcement replans only what it touches, with the result of planning everything."""

from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from content.kernel.priority import Priority
from schedules import queries
from schedules.models import Booking
from schedules.planner import CueKind, Relay
from schedules.service import restore_booking, withdraw_booking
from tests.schedules.service.conftest import NOW, SUNDAY, Station
from tests.schedules.service.test_planning import MINUTE, facts

LEAD = 2 * MINUTE
DAY = timedelta(days=1)


def live(station: Station, made: Booking) -> Booking:
    return queries.booking(station.session, station.commune, made.uuid)


def changes_of(report: Any) -> tuple[int, int, int]:
    return report.changes.added, report.changes.changed, report.changes.removed


def test_only_its_villages_and_days_are_planned(station: Station) -> None:
    """One of two villages, from the fifth day on: of 28 openings nine are planned, once."""
    station.slot()
    station.book("Cũ", until_on=date(2026, 12, 31))
    everything = station.replan(lead=LEAD)
    assert (everything.villages, everything.plans, everything.openings) == (2, 1, 14)
    new = station.book("Mới", villages=station.villages[:1], from_on=SUNDAY + 5 * DAY, until_on=date(2026, 12, 31))
    report = station.replan(lead=LEAD, touched=[new.announcement_uuid])
    assert (report.villages, report.plans, report.openings) == (1, 1, 9)
    assert changes_of(report) == (0, 9, 0)
    assert changes_of(station.replan(lead=LEAD)) == (0, 0, 0)


def test_an_announcement_that_was_never_booked_touches_nothing(station: Station) -> None:
    """No village is looked at."""
    station.slot()
    station.book()
    station.replan()
    report = station.replan(touched=[UUID(int=7)])
    assert (report.villages, report.openings) == (0, 0)


def test_a_village_that_left_the_booking_is_planned_too(station: Station) -> None:
    """What it had is taken away, and what was refused there is no longer told."""
    station.slot(minutes=1)
    station.book("Cũ", 60)
    made = station.book("Mới", 60)
    station.replan(lead=LEAD)
    live(station, made).villages = station.villages[:1]
    station.session.flush()
    station.replan(lead=LEAD, touched=[made.announcement_uuid])
    assert changes_of(station.replan(lead=LEAD)) == (0, 0, 0)


def test_a_village_that_loses_what_stands_in_for_its_station_is_planned_too(station: Station) -> None:
    """It is no cue of its own there, so the plan itself does not name it."""
    made = station.book("Tạm nghỉ", 20)
    station.slot("12:00", 30, relay=Relay("http://vov.example/", "VOV1", fallback=made.announcement_uuid))
    station.replan(lead=LEAD)
    live(station, made).villages = station.villages[:1]
    station.session.flush()
    station.replan(lead=LEAD, touched=[made.announcement_uuid])
    assert changes_of(station.replan(lead=LEAD)) == (0, 0, 0)


STEPS = st.lists(
    st.fixed_dictionaries(
        {
            "act": st.sampled_from(["book", "book", "book", "withdraw", "restore", "narrow"]),
            "which": st.integers(0, 5),
            "seconds": st.integers(20, 100),
            "from_on": st.integers(-1, 6),
            "days": st.integers(0, 6),
            "times": st.integers(1, 3),
            "priority": st.sampled_from(list(Priority)),
            "one_village": st.booleans(),
            "every_slot": st.booleans(),
            "gap": st.sampled_from([None, 0, 600]),
            "minutes_later": st.integers(0, 90),
        }
    ),
    min_size=1,
    max_size=5,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS)
def test_planning_what_was_touched_is_planning_everything(uneven: Station, steps: list[dict[str, Any]]) -> None:
    """After any changes at any time, each planned by itself, a full run only adds what the horizon reached since."""
    there = set(uneven.session)
    outer = uneven.session.begin_nested()
    try:
        _live_through(Station(uneven.session, uneven.commune, uneven.villages), steps)
    finally:
        outer.rollback()
        # What a query had loaded anew is not known to be gone with the savepoint, and the next example takes its ids.
        for left in set(uneven.session) - there:
            uneven.session.expunge(left)


def _live_through(station: Station, steps: list[dict[str, Any]]) -> None:
    station.slot("11:00", 3, opening_chime=True)
    station.slot("13:30", 2, villages=station.villages[:1])
    station.slot("23:58", 4)
    booked = [station.book("Chờ", 30)]
    station.slot("15:00", 10, relay=Relay("http://vov.example/", "VOV1", fallback=booked[0].announcement_uuid))
    station.replan(lead=LEAD, horizon_days=8)
    now = NOW
    for step in steps:
        now += step["minutes_later"] * MINUTE
        made = _changed(station, booked, step)
        if made is not None:
            station.replan(now, lead=LEAD, horizon_days=8, touched=[made.announcement_uuid])
            before = {row["uuid"]: row for row in facts(station)}
            assert changes_of(station.replan(now, lead=LEAD, horizon_days=8))[1:] == (0, 0)
            after = {row["uuid"]: row for row in facts(station)}
            assert {uuid: after[uuid] for uuid in before} == before
            assert all(after[uuid]["starts_at"] > NOW + 8 * DAY for uuid in after.keys() - before.keys())
            _check_what_airs(station, now)


def _changed(station: Station, booked: list[Booking], step: dict[str, Any]) -> Booking | None:
    if step["act"] == "book":
        from_on = SUNDAY + step["from_on"] * DAY
        booked.append(
            station.book(
                f"Tin {len(booked)}",
                step["seconds"],
                villages=station.villages[: 1 if step["one_village"] else 2],
                from_on=from_on,
                until_on=from_on + step["days"] * DAY,
                times_per_day=step["times"],
                every_slot=step["every_slot"],
                gap_minutes=step["gap"],
                priority=step["priority"],
            )
        )
        return booked[-1]
    if not booked:
        return None
    made = live(station, booked[step["which"] % len(booked)])
    if step["act"] == "withdraw":
        withdraw_booking(station.session, made, NOW)
    elif step["act"] == "restore":
        restore_booking(station.session, made, NOW)
    else:
        made.villages, made.from_on = station.villages[1:], max(made.from_on, made.until_on - DAY)
        station.session.flush()
    return made


def _check_what_airs(station: Station, now: datetime) -> None:
    """Only what is booked for its village, date and slot; nothing overlaps, leaves its slot or comes within its gap.

    A relay is in nobody's way: players cut it for an emergency that came late, and join it again (ADR 0018).
    """
    bookings = queries.bookings(station.session, station.commune)
    for village in station.villages:
        live = {row.revision_uuid: row for row in bookings if village in row.villages}
        sounding: list[tuple[datetime, datetime, UUID | None]] = []
        for occurrence in queries.occurrences_between(station.session, village, NOW, NOW + 30 * DAY):
            for cue in queries.cues(occurrence):
                at = occurrence.starts_at + timedelta(milliseconds=cue.offset_ms)
                until = at + timedelta(milliseconds=cue.duration_ms)
                assert until <= occurrence.ends_at
                if cue.kind != CueKind.RELAY:
                    sounding.append((at, until, cue.announcement_uuid))
                if cue.revision_uuid is not None and at > now:
                    row = live[cue.revision_uuid]
                    assert row.from_on <= occurrence.local_on <= row.until_on
        assert all(before[1] < after[0] for before, after in pairwise(sorted(sounding, key=lambda it: it[0])))
        for row in live.values():
            spans = sorted((begin, end) for begin, end, uuid in sounding if uuid == row.announcement_uuid)
            gap = timedelta(minutes=60 if row.gap_minutes is None else row.gap_minutes)
            apart = [after[0] - before[1] for before, after in pairwise(spans)]
            assert row.priority == Priority.EMERGENCY or all(it >= gap for it in apart)
