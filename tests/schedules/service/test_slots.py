"""Opening, changing, cancelling and reopening slots."""

from datetime import date, datetime, time
from uuid import uuid4

import pytest
from sqlalchemy import select

from content.kernel.audit import AuditEntry
from content.kernel.nodes import NodeKind, NoSuchNode, add_node
from content.kernel.units import DurationMs
from schedules import queries
from schedules.days import parse
from schedules.errors import NoSuchSlot, NoVillages, SlotsOverlap, SlotsOverlapAllDay, SlotWithoutLength
from schedules.recurrence import Rule
from schedules.service import cancel_slot, change_commune_airing, change_slot, reopen_slot
from tests.schedules.service.conftest import NOW, SUNDAY, Station


def test_a_slot_is_found_with_its_villages(station: Station) -> None:
    """By list, by uuid and by name."""
    made = station.slot()
    (found,) = queries.slots(station.session, station.commune)
    assert found is queries.slot(station.session, station.commune, made.uuid)
    assert found.villages == station.villages
    assert queries.slot_names(station.session, station.commune, [str(made.uuid)]) == ["Buổi 17:00"]
    with pytest.raises(NoSuchSlot):
        queries.slot(station.session, station.commune, uuid4())


def test_overlapping_slots_of_one_village_are_refused_with_both_named_and_a_free_time(station: Station) -> None:
    """The proposal is the end of what is in the way, to the next five minutes, past all that is in the way there."""
    station.slot("17:00", 13)
    station.slot("17:20", 10)
    with pytest.raises(SlotsOverlap) as refused:
        station.slot("17:05", 10, name="Tin mới")
    assert {"name": "Tin mới", "other": "Buổi 17:00", "free": "17:30"}.items() <= refused.value.facts.items()
    station.slot("17:30", 10)


def test_the_proposal_goes_on_in_the_morning(station: Station) -> None:
    """When the rest of the day is taken, the first free time from 05:00 on is proposed."""
    station.slot("05:00", 30)
    station.slot("17:00", 270)
    with pytest.raises(SlotsOverlap) as refused:
        station.slot("18:00", 10)
    assert refused.value.facts["free"] == "05:30"


def test_where_nothing_is_free_none_is_proposed(station: Station) -> None:
    """The sentence then asks for other days or a shorter slot."""
    station.slot("00:00", 3, rrule="FREQ=MINUTELY;INTERVAL=4")
    with pytest.raises(SlotsOverlapAllDay):
        station.slot("17:00", 5)


def test_slots_of_different_villages_may_overlap(station: Station) -> None:
    """Each loudspeaker plays only its own."""
    station.slot(villages=station.villages[:1])
    station.slot(villages=station.villages[1:])
    assert len(queries.slots(station.session, station.commune)) == 2


def test_a_slot_nobody_hears_is_refused(station: Station) -> None:
    """No village, or one of another commune."""
    with pytest.raises(NoVillages):
        station.slot(villages=[])
    elsewhere = add_node(station.session, NodeKind.COMMUNE, "khac", "Khác")
    with pytest.raises(NoSuchNode):
        station.slot(villages=[add_node(station.session, NodeKind.VILLAGE, "xa", "Xa", parent=elsewhere)])


def test_a_cancelled_slot_gives_its_time_away_and_comes_back_only_if_it_is_free(station: Station) -> None:
    """Undo is possible until another slot has taken the time."""
    first = station.slot()
    cancel_slot(station.session, first, NOW)
    assert queries.slots(station.session, station.commune) == []
    reopen_slot(station.session, station.commune, first, NOW)
    cancel_slot(station.session, first, NOW)
    station.slot("17:02")
    with pytest.raises(SlotsOverlap):
        reopen_slot(station.session, station.commune, first, NOW)
    assert first.cancelled_at == NOW


def test_a_slot_may_be_moved_over_itself_but_not_over_another(station: Station) -> None:
    """A refused change changes nothing."""
    first = station.slot("17:00")
    station.slot("18:00")

    def move(start: str, minutes: int = 5) -> None:
        rule = Rule(time.fromisoformat(start), DurationMs(minutes * 60_000), SUNDAY, rrule="FREQ=DAILY")
        change_slot(
            station.session, station.commune, first, name="Chiều", rule=rule, villages=station.villages, now=NOW
        )

    move("17:02")
    for refused, error in ((("18:01",), SlotsOverlap), (("17:00", 0), SlotWithoutLength)):
        with pytest.raises(error):
            move(*refused)
    station.session.flush()
    assert (first.name, first.start_local, len(queries.slots(station.session, station.commune))) == (
        "Chiều",
        time(17, 2),
        2,
    )


def test_every_change_of_a_slot_is_audited(station: Station) -> None:
    """Who opened, cancelled and reopened it is in the commune's chain."""
    actor = uuid4()
    made = station.slot(actor=actor)
    cancel_slot(station.session, made, NOW, actor)
    reopen_slot(station.session, station.commune, made, NOW, actor)
    entries = station.session.scalars(select(AuditEntry).where(AuditEntry.subject == f"slot:{made.uuid}")).all()
    assert [entry.act for entry in entries] == ["slot.opened", "slot.cancelled", "slot.reopened"]
    assert {entry.actor for entry in entries} == {actor}


def test_openings_are_told_whatever_airs_in_them(station: Station) -> None:
    """A page can show an empty slot."""
    made = station.slot("17:00", until_on=date(2026, 11, 23))
    found = queries.openings(station.session, station.commune, station.villages[0], NOW, NOW.replace(day=30))
    assert [(slot, instance.local_on.day) for slot, instance in found] == [(made, 22), (made, 23)]


def opened(station: Station, slot: object, month: int) -> list[int]:
    """The days of a month of 2027 on which the slot opens."""
    (village, _) = station.villages
    first, end = (datetime(2027, month + n, 1, tzinfo=village.zone) for n in (0, 1))
    found = queries.openings(station.session, station.commune, village, first, end)
    return [instance.local_on.day for one, instance in found if one is slot]


def test_a_slot_keeps_its_extra_days_and_exceptions(station: Station) -> None:
    """What is stored is the rule that was given."""
    days = parse("lunar:1,lunar:15,2027-01-20"), parse("2027-01-08")
    made = station.slot(rrule=None, also=days[0], but_not=days[1])
    station.session.flush()
    station.session.expire_all()
    (found,) = queries.slots(station.session, station.commune)
    assert (found.rule.also, found.rule.but_not) == days
    assert opened(station, found, 1) == [20, 22]
    assert made is found


def test_holidays_are_the_communes_as_soon_as_they_are_decided(station: Station) -> None:
    """By the law's guess until then; afterwards by the dates that were entered."""
    made = station.slot(but_not=parse("holidays"))
    closed = set(range(1, 29))
    assert closed - set(opened(station, made, 2)) == {5, 6, 7, 8, 9}
    decided = [date(2027, 2, day) for day in (4, 5, 6, 7, 8)]
    change_commune_airing(station.session, station.commune, NOW, holidays=decided)
    assert closed - set(opened(station, made, 2)) == {4, 5, 6, 7, 8}


def test_a_slot_of_lunar_days_is_held_against_the_others(station: Station) -> None:
    """It may take the place of what pauses on those days, and of nothing else."""
    station.slot("17:00", but_not=parse("lunar:1,lunar:15"))
    made = station.slot("17:00", rrule=None, also=parse("lunar:1,lunar:15"))
    with pytest.raises(SlotsOverlap):
        station.slot("17:02", rrule=None, also=parse("lunar:15/4"))
    with pytest.raises(SlotsOverlap):
        change_slot(
            station.session,
            station.commune,
            made,
            name=made.name,
            rule=Rule(time(17), DurationMs(300_000), SUNDAY, also=parse("lunar:2")),
            villages=made.villages,
            now=NOW,
        )


def test_chimes_are_switched_by_name(station: Station) -> None:
    """What is not named stays."""
    made = station.slot(opening_chime=True)
    facts = {"name": made.name, "rule": made.rule, "villages": made.villages, "now": NOW}
    change_slot(station.session, station.commune, made, **facts, closing_chime=True)
    assert (made.opening_chime, made.closing_chime) == (True, True)
    change_slot(station.session, station.commune, made, **facts, opening_chime=False)
    assert (made.opening_chime, made.closing_chime) == (False, True)
