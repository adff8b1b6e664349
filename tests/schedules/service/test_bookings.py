"""Booking announcements, and taking bookings back."""

from datetime import date
from uuid import uuid4

import pytest

from content.kernel.nodes import NodeKind, NoSuchNode, add_node
from schedules import queries
from schedules.errors import NoSuchBooking, NoSuchSlot, NoVillages, SlotElsewhere, TimesPerDayTooFew, UntilBeforeFrom
from schedules.service import restore_booking, withdraw_booking, withdraw_bookings
from tests.schedules.service.conftest import NOW, SUNDAY, Station


def test_bookings_are_listed_in_their_order_with_slot_and_villages(station: Station) -> None:
    """The order of booking is kept."""
    slot = station.slot()
    made = [station.book(), station.book(slot_uuids=[slot.uuid])]
    found = queries.bookings(station.session, station.commune)
    assert found == made
    assert [booking.slots for booking in found] == [[], [slot]]
    assert found[0].villages == station.villages


def test_a_booking_that_cannot_be_meant_is_refused(station: Station) -> None:
    """Each mistake has an error of its own."""
    elsewhere = add_node(station.session, NodeKind.COMMUNE, "khac", "Khác")
    for changes, error in (
        ({"until_on": date(2026, 11, 21)}, UntilBeforeFrom),
        ({"times_per_day": 0}, TimesPerDayTooFew),
        ({"villages": []}, NoVillages),
        ({"villages": [elsewhere]}, NoSuchNode),
        ({"slot_uuids": [uuid4()]}, NoSuchSlot),
        ({"slot_uuids": [station.slot(villages=station.villages[:1]).uuid]}, SlotElsewhere),
    ):
        with pytest.raises(error):
            station.book(**changes)
    assert queries.bookings(station.session, station.commune) == []


def test_one_day_is_a_span_too(station: Station) -> None:
    """The first day may be the last."""
    assert station.book(from_on=SUNDAY, until_on=SUNDAY).until_on == SUNDAY


def test_a_withdrawn_booking_can_be_restored(station: Station) -> None:
    """It is not listed meanwhile, but still found by its uuid."""
    made = station.book()
    withdraw_booking(station.session, made, NOW)
    assert queries.bookings(station.session, station.commune) == []
    assert queries.bookings(station.session, station.commune, withdrawn=True) == [made]
    restore_booking(station.session, queries.booking(station.session, station.commune, made.uuid), NOW)
    assert queries.bookings(station.session, station.commune) == [made]
    with pytest.raises(NoSuchBooking):
        queries.booking(station.session, station.commune, uuid4())


def test_all_bookings_of_an_announcement_are_withdrawn_at_once(station: Station) -> None:
    """Those of others stay."""
    first, other = station.book(), station.book()
    station.book(announcement_uuid=first.announcement_uuid)
    withdraw_bookings(station.session, station.commune, first.announcement_uuid, NOW)
    assert queries.bookings(station.session, station.commune) == [other]
    assert queries.bookings(station.session, station.commune, announcement_uuid=first.announcement_uuid) == []
