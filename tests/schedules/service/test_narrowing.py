"""Narrowing a booking within what was approved."""

from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from content.kernel.audit import AuditEntry
from schedules import queries
from schedules.errors import (
    MoreOften,
    MoreVillages,
    NeedsApproval,
    NoSuchBooking,
    NotInRange,
    NoVillages,
    OtherDays,
    OtherSlots,
    SlotElsewhere,
    UntilBeforeFrom,
)
from schedules.models import Booking
from schedules.service import change_booking, put_before
from tests import factories
from tests.schedules.service.conftest import NOW, SUNDAY, Station

TUESDAY = date(2026, 11, 24)


def approved(station: Station, **of_revision: Any) -> Booking:
    """Booked as its revision was approved: both villages, four days, twice a day."""
    wished = {"villages": station.villages, "times_per_day": 2, **of_revision}
    revision = factories.draft(station.session, station.commune, wished.pop("villages"), NOW, **wished)
    made = station.book(
        villages=revision.villages,
        announcement_uuid=revision.announcement.uuid,
        revision_uuid=revision.uuid,
        from_on=revision.from_on,
        until_on=revision.until_on,
        times_per_day=revision.times_per_day,
        slot_uuids=[UUID(slot) for slot in revision.slots],
    )
    return queries.booking(station.session, station.commune, made.uuid)


def change(station: Station, made: Booking, **changes: Any) -> None:
    change_booking(station.session, station.commune, made, now=NOW, **changes)


def test_narrowing_needs_nobody_and_can_be_taken_back(station: Station) -> None:
    """Fewer villages, days, slots and times; then all that was approved again."""
    slots = [station.slot(at).uuid for at in ("11:00", "17:00")]
    made = approved(station)
    change(station, made, villages=station.villages[:1], from_on=TUESDAY, until_on=TUESDAY, times_per_day=1)
    change(station, made, slot_uuids=slots)
    assert (made.villages, made.from_on, made.times_per_day, len(made.slots)) == (station.villages[:1], TUESDAY, 1, 2)
    change(station, made, villages=station.villages, from_on=SUNDAY, times_per_day=2, slot_uuids=[])
    assert (made.villages, made.from_on, made.until_on, made.slots) == (station.villages, SUNDAY, TUESDAY, [])


def test_what_changed_is_audited_with_before_and_after(station: Station) -> None:
    """And nothing else."""
    made = approved(station)
    actor = uuid4()
    change(station, made, times_per_day=1, actor=actor)
    entry = station.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert entry is not None
    assert (entry.act, entry.actor, entry.facts["times_per_day"]) == ("booking.changed", actor, [2, 1])
    assert entry.facts.keys() == {"announcement", "revision", "times_per_day"}


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"from_on": date(2026, 11, 21)}, OtherDays),
        ({"until_on": date(2026, 11, 26)}, OtherDays),
        ({"times_per_day": 3}, MoreOften),
        ({"every_slot": True}, MoreOften),
    ],
)
def test_more_than_was_approved_needs_approval(
    station: Station, changes: dict[str, Any], error: type[NeedsApproval]
) -> None:
    """The sentence names what would be wider, and nothing is changed."""
    made = approved(station)
    before = (made.from_on, made.until_on, made.times_per_day, made.every_slot)
    with pytest.raises(error):
        change(station, made, **changes)
    assert (made.from_on, made.until_on, made.times_per_day, made.every_slot) == before


def test_another_village_or_slot_needs_approval(station: Station) -> None:
    """What was approved for one village and one slot stays there."""
    noon, evening = station.slot("11:00"), station.slot("17:00")
    made = approved(station, villages=station.villages[:1], slots=[noon.uuid])
    change(station, made, villages=station.villages[:1])
    for changes, error in (
        ({"villages": station.villages}, MoreVillages),
        ({"slot_uuids": [evening.uuid]}, OtherSlots),
        ({"slot_uuids": []}, OtherSlots),
    ):
        with pytest.raises(error):
            change(station, made, **changes)


def test_some_of_the_approved_slots_may_be_chosen(station: Station) -> None:
    """And all of them again; another one, or any, was not approved, and the sentence names those that were."""
    noon, evening, night = (station.slot(at) for at in ("11:00", "17:00", "20:00"))
    made = approved(station, slots=[noon.uuid, evening.uuid])
    change(station, made, slot_uuids=[evening.uuid])
    change(station, made, slot_uuids=[noon.uuid, evening.uuid])
    for slots in ([], [night.uuid], [noon.uuid, night.uuid]):
        with pytest.raises(OtherSlots) as refused:
            change(station, made, slot_uuids=slots)
        assert refused.value.facts == {"slots": "Buổi 11:00, Buổi 17:00"}


def test_gap_and_order_are_free(station: Station) -> None:
    """They let nobody hear more than was approved."""
    made = approved(station)
    change(station, made, gap_minutes=0, position=9)
    assert (made.gap_minutes, made.position) == (0, 9)


def test_a_change_that_cannot_be_meant_is_refused(station: Station) -> None:
    """As when it is booked; the booking stays as it was."""
    made = approved(station)
    here = station.slot(villages=station.villages[:1])
    for changes, error in (
        ({"villages": []}, NoVillages),
        ({"from_on": date(2026, 11, 25), "until_on": TUESDAY}, UntilBeforeFrom),
        ({"slot_uuids": [here.uuid]}, SlotElsewhere),
        ({"gap_minutes": -1}, NotInRange),
    ):
        with pytest.raises(error):
            change(station, made, **changes)
    assert (made.villages, made.slots, made.gap_minutes) == (station.villages, [], None)


def test_a_gap_is_given_up_for_that_of_the_commune(station: Station) -> None:
    """None would let it stay, and 0 is a gap of its own."""
    made = approved(station)
    change(station, made, gap_minutes=0)
    change(station, made, times_per_day=1)
    assert made.gap_minutes == 0
    change(station, made, gap_minutes="commune")
    assert made.gap_minutes is None


def test_every_opening_is_free_where_it_was_approved(station: Station) -> None:
    """Narrowed to so many times a day, and widened again."""
    made = approved(station, every_slot=True)
    change(station, made, every_slot=True)
    change(station, made, every_slot=False)
    change(station, made, every_slot=True)
    assert made.every_slot


def test_a_booking_is_put_before_another_and_behind_all(station: Station) -> None:
    """The others keep their order among themselves; who did it is in the audit log."""
    first, second, third = (station.book(title) for title in ("Một", "Hai", "Ba"))
    commune, actor = station.commune, uuid4()

    def order() -> list[UUID]:
        return [booking.uuid for booking in queries.bookings(station.session, commune)]

    put_before(station.session, commune, third, first.uuid, NOW, actor)
    assert order() == [third.uuid, first.uuid, second.uuid]
    put_before(station.session, commune, third, None, NOW)
    assert order() == [first.uuid, second.uuid, third.uuid]
    with pytest.raises(NoSuchBooking):
        put_before(station.session, commune, third, third.uuid, NOW)
    entry = station.session.scalars(select(AuditEntry).where(AuditEntry.actor == actor)).one()
    assert entry.facts["position"] == [3, 1]
