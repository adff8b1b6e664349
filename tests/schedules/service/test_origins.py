"""What did not change is not planned again, and would have come out the same."""

from datetime import date, time, timedelta
from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from content.kernel.priority import Priority
from schedules import queries
from schedules.models import Booking, VillageAiring
from schedules.planner import Chime, Media, Relay
from schedules.service import (
    Chimes,
    cancel_slot,
    change_commune_airing,
    change_village_airing,
    reopen_slot,
    restore_booking,
    withdraw_booking,
)
from tests.schedules.service.conftest import NOW, SUNDAY, Station
from tests.schedules.service.test_planning import MINUTE, move

LEAD = 2 * MINUTE
HOUR = 60 * MINUTE


def planned(station: Station, now: Any = NOW, **more: Any) -> int:
    """How many villages a run that remembers plans."""
    return station.replan(now, anew=False, lead=LEAD, **more).villages


def test_nothing_changed_plans_no_village(station: Station) -> None:
    """The first run plans both, the next ones none, until a day begins or the horizon reaches an opening."""
    station.slot()
    station.book(until_on=date(2026, 12, 31))
    assert [planned(station, NOW + hours * HOUR) for hours in (0, 0, 4, 5.5, 6, 12, 12.5)] == [2, 0, 0, 2, 0, 2, 0]


def test_only_the_village_that_changed_is_planned(station: Station) -> None:
    """An announcement for one of two, its languages, its quiet hours."""
    station.slot()
    station.book()
    planned(station)
    station.book("Riêng", villages=station.villages[:1])
    assert planned(station) == 1
    airing = station.session.get_one(VillageAiring, station.villages[1].id)
    for change in ({"languages": ("hmn", "vi")}, {"quiet_from_local": time(20)}, {"freeze_minutes": 30}):
        change_village_airing(station.session, airing, NOW, **change)
        assert planned(station) == 1
    change_village_airing(station.session, airing, NOW, volume_percent=50)
    assert planned(station) == 0


def test_new_audio_and_new_chimes_are_changes(station: Station) -> None:
    """Whatever the players would fetch anew."""
    station.slot(opening_chime=True)
    made = station.book()
    planned(station)
    chime = Chime(Media(next(iter(station.airables.values())).parts[0].media[0].sha256, 2000), "Nhạc hiệu")  # type: ignore[arg-type]
    chimes = {"opus/plain": Chimes(chime, chime)}
    assert [planned(station, chimes=chimes), planned(station, chimes=chimes)] == [2, 0]
    del station.airables[made.revision_uuid]
    assert planned(station, chimes=chimes) == 2


def test_an_emergency_is_looked_after_in_every_run(station: Station) -> None:
    """Room for it may come with time, in what is settled."""
    station.slot()
    station.book(priority=Priority.EMERGENCY)
    assert [planned(station), planned(station)] == [2, 2]


def test_after_a_touched_run_everything_is_planned_once(station: Station) -> None:
    """It did not look at anything else, so it cannot know."""
    station.slot()
    station.book()
    planned(station)
    new = station.book("Mới", villages=station.villages[:1])
    planned(station, touched=[new.announcement_uuid])
    assert [planned(station), planned(station)] == [1, 0]


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["wait", "wait", "book", "withdraw", "restore", "cancel", "reopen", "move", "gap", "quiet"]),
        st.integers(0, 5),
        st.sampled_from([0, 1, 7, 45, 200, 700]),
        st.sampled_from([Priority.ROUTINE, Priority.ROUTINE, Priority.EMERGENCY]),
    ),
    min_size=1,
    max_size=8,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS)
def test_a_village_that_is_left_out_would_have_come_out_the_same(uneven: Station, steps: list[Any]) -> None:
    """Whatever was changed when: after a run that remembers, one that plans all anew finds nothing to change."""
    there = set(uneven.session)
    outer = uneven.session.begin_nested()
    try:
        _live_through(Station(uneven.session, uneven.commune, uneven.villages), steps)
    finally:
        outer.rollback()
        for left in set(uneven.session) - there:
            uneven.session.expunge(left)


def _live_through(station: Station, steps: list[Any]) -> None:
    booked = [station.book("Chờ", 30, until_on=date(2026, 12, 31)), station.book("Hai lần", 50, times_per_day=2)]
    relay = Relay("http://vov.example/", "VOV1", fallback=booked[0].announcement_uuid)
    slots = [
        station.slot("13:30", 2, villages=station.villages[:1], opening_chime=True).uuid,
        station.slot("15:00", 10, relay=relay).uuid,
        station.slot("21:20", 15).uuid,
        station.slot("23:58", 4).uuid,
    ]
    now = NOW
    for act, which, minutes, priority in steps:
        now += minutes * MINUTE
        if act == "book":
            from_on = SUNDAY + timedelta(days=which - 1)
            villages = station.villages[: 1 + which % 2]
            booked.append(
                station.book(f"Tin {which}", 20 + which, villages=villages, from_on=from_on, priority=priority)
            )
        elif act != "wait":
            _change(station, act, booked[which % len(booked)], slots[which % len(slots)], now)
        station.replan(now, anew=False, lead=LEAD, horizon_days=4)
        changes = station.replan(now, lead=LEAD, horizon_days=4).changes
        assert (changes.added, changes.changed, changes.removed) == (0, 0, 0)


def _change(station: Station, act: str, made: Booking, slot_uuid: UUID, now: Any) -> None:
    session, commune = station.session, station.commune
    booking, slot = queries.booking(session, commune, made.uuid), queries.slot(session, commune, slot_uuid)
    if act in {"withdraw", "restore"}:
        (withdraw_booking if act == "withdraw" else restore_booking)(session, booking, now)
    elif act == "gap":
        change_commune_airing(session, commune, now, gap_minutes=300)
    elif act == "quiet":
        airing = session.get_one(VillageAiring, station.villages[0].id)
        change_village_airing(session, airing, now, quiet_from_local=time(21, 25))
    elif act == "cancel" and slot.cancelled_at is None:
        cancel_slot(session, slot, now)
    elif act == "reopen" and slot.cancelled_at is not None:
        reopen_slot(session, commune, slot, now)
    elif act == "move" and slot.cancelled_at is None:
        elsewhere = {2: "15:20", 10: "16:10", 15: "22:10", 4: "22:40"}  # by minutes: never two at once
        move(station, slot_uuid, elsewhere[slot.duration_ms // 60_000], now)
