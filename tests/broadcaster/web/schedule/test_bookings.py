"""Where and when an approved announcement airs: narrowed and widened again on its page."""

from datetime import date, time

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from broadcaster.accounts.models import Role, UserVillage
from content.kernel.db import unit_of_work
from schedules import queries
from schedules.models import Booking
from tests.broadcaster.web.conftest import Town, typed, words


def booked(town: Town) -> Booking:
    with unit_of_work(town.station.sessions, writes=False) as session:
        uuid = session.scalars(select(Booking.uuid)).one()
        found = queries.booking(session, town.commune, uuid)
        session.expunge_all()
        return found


def form(**changes: object) -> dict[str, object]:
    return {
        "from_on": "2026-11-22",
        "until_on": "2026-11-25",
        "times_per_day": "1",
        "villages": ["un-ta", "luong-lao-1"],
        **changes,
    }


def test_a_booking_is_narrowed_and_widened_again(secretary: TestClient, town: Town) -> None:
    """Fewer villages and days need no new approval, nor does taking that back."""
    town.approved()
    address = f"/schedule/bookings/{booked(town).uuid}"
    answer = secretary.post(address, data=form(villages=["un-ta"], until_on="2026-11-23"))
    assert answer.headers["location"] == f"{address}?did=booking-changed"
    assert [village.slug for village in booked(town).villages] == ["un-ta"]
    assert booked(town).until_on == date(2026, 11, 23)
    page = words(secretary.get(f"{address}?did=booking-changed").text)
    assert "Đã lưu thay đổi" in page
    assert 'value="luong-lao-1"' in page
    assert secretary.post(address, data=form()).status_code == 303
    assert len(booked(town).villages) == 2


@pytest.mark.parametrize(
    ("wider", "field"),
    [
        ({"until_on": "2026-12-01"}, "until_on"),
        ({"until_on": "2026-11-21"}, "until_on"),
        ({"times_per_day": "3"}, "times_per_day"),
        ({"villages": []}, "villages"),
        ({"from_on": "mai"}, "from_on"),
    ],
)
def test_more_than_was_approved_is_refused_at_its_field(
    secretary: TestClient, town: Town, wider: dict[str, object], field: str
) -> None:
    """What was typed stays, and nothing changes."""
    town.approved()
    answer = secretary.post(f"/schedule/bookings/{booked(town).uuid}", data=form(**wider))
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert str(wider[field] or "") in answer.text
    assert booked(town).until_on == date(2026, 11, 25)


def test_a_booking_keeps_to_chosen_slots(secretary: TestClient, town: Town) -> None:
    """Where the approval left the slot open, some may be chosen; none chosen takes any again."""
    town.slot(time(6), 20, "Bản tin sáng")
    town.slot(time(17, 30), 20, "Bản tin chiều")
    town.approved()
    with unit_of_work(town.station.sessions, writes=False) as session:
        morning = queries.slots(session, town.commune)[0].uuid
    address = f"/schedule/bookings/{booked(town).uuid}"
    assert secretary.post(address, data=form(slots=[str(morning)])).status_code == 303
    assert [slot.name for slot in booked(town).slots] == ["Bản tin sáng"]
    assert f'value="{morning}" checked' in secretary.get(address).text
    assert secretary.post(address, data=form()).status_code == 303
    assert booked(town).slots == []


def test_a_booking_keeps_among_the_approved_slots(secretary: TestClient, town: Town) -> None:
    """Where several were approved, some of them; none is refused at the field; another one is not offered."""
    for hour, name in ((6, "Bản tin sáng"), (11, "Bản tin trưa"), (17, "Bản tin chiều")):
        town.slot(time(hour), 20, name)
    with unit_of_work(town.station.sessions, writes=False) as session:
        morning, noon, evening = (str(slot.uuid) for slot in queries.slots(session, town.commune))
    town.approved(slots=[morning, noon])
    assert [slot.name for slot in booked(town).slots] == ["Bản tin sáng", "Bản tin trưa"]
    address = f"/schedule/bookings/{booked(town).uuid}"
    assert secretary.post(address, data=form(slots=[noon])).status_code == 303
    assert [slot.name for slot in booked(town).slots] == ["Bản tin trưa"]
    refused = secretary.post(address, data=form(slots=[]))
    assert refused.status_code == 422
    assert 'id="slots-error"' in refused.text
    assert evening not in secretary.get(address).text
    assert secretary.post(address, data=form(slots=[morning, noon])).status_code == 303


def test_the_day_leads_to_the_booking(secretary: TestClient, viewer: TestClient, town: Town) -> None:
    """For who may change it, beside the reason why it airs."""
    town.slot()
    town.approved()
    town.plan()
    address = f"/schedule/bookings/{booked(town).uuid}"
    assert address in secretary.get("/schedule?view=day").text
    assert address not in viewer.get("/schedule?view=day").text
    assert viewer.get(address).status_code == 403


def test_a_secretary_of_some_villages_changes_nothing_elsewhere(secretary: TestClient, town: Town) -> None:
    """What also airs in villages that are not theirs is for others to change."""
    town.approved()
    with unit_of_work(town.station.sessions) as session:
        session.add(UserVillage(user_id=town.people[Role.SECRETARY].id, village_id=town.villages[0].id))
    address = f"/schedule/bookings/{booked(town).uuid}"
    assert secretary.get(address).status_code == 403
    assert secretary.post(address, data=form(villages=["un-ta"])).status_code == 403
    assert len(booked(town).villages) == 2


def test_what_was_withdrawn_is_told_and_not_offered(secretary: TestClient, town: Town) -> None:
    """A withdrawn announcement's booking has no form."""
    revision = town.approved()
    secretary.post(f"/announcements/{revision.announcement.uuid}/withdraw")
    page = words(secretary.get(f"/schedule/bookings/{booked(town).uuid}").text)
    assert "không còn trong lịch" in page
    assert 'name="until_on"' not in page


def test_a_gap_and_a_turn_of_its_own(secretary: TestClient, town: Town) -> None:
    """Both are kept and shown; emptied, the gap is the commune's again; nothing wider was asked for."""
    town.approved(title="Một")
    first = booked(town)
    town.approved(title="Hai")
    with unit_of_work(town.station.sessions, writes=False) as session:
        second = session.scalars(select(Booking.uuid).where(Booking.uuid != first.uuid)).one()
    address = f"/schedule/bookings/{second}"
    page = words(secretary.get(address).text)
    assert f'<option value="{first.uuid}">' in page
    assert secretary.post(address, data=form(gap_minutes="15", before=str(first.uuid))).status_code == 303
    with unit_of_work(town.station.sessions, writes=False) as session:
        order = [(booking.uuid, booking.gap_minutes) for booking in queries.bookings(session, town.commune)]
    assert order == [(second, 15), (first.uuid, None)]
    assert 'name="gap_minutes" type="number" value="15"' in secretary.get(address).text
    assert secretary.post(address, data=form(before="last")).status_code == 303
    with unit_of_work(town.station.sessions, writes=False) as session:
        order = [(booking.uuid, booking.gap_minutes) for booking in queries.bookings(session, town.commune)]
    assert order == [(first.uuid, None), (second, None)]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [({"gap_minutes": "lâu"}, "gap_minutes"), ({"gap_minutes": "1441"}, "gap_minutes"), ({"before": "x"}, "before")],
)
def test_a_gap_or_turn_that_cannot_be_is_said_at_its_field(
    secretary: TestClient, town: Town, wrong: dict[str, str], field: str
) -> None:
    """Also where there is nothing to stand before."""
    town.approved()
    town.approved(title="Hai")
    with unit_of_work(town.station.sessions, writes=False) as session:
        uuid = session.scalars(select(Booking.uuid)).first()
    answer = secretary.post(f"/schedule/bookings/{uuid}", data=form(**wrong))
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text


def test_every_slot_is_asked_for_in_the_draft_and_booked_on_approval(secretary: TestClient, town: Town) -> None:
    """Ticked, approved and planned in each opening; on its page it is narrowed and widened; else it is not offered."""
    for hour in (6, 11, 18):
        town.slot(time(hour), 10, f"{hour} giờ")
    revision = town.draft()
    page = f"/announcements/{revision.announcement.uuid}"
    assert secretary.post(f"{page}/edit", data=typed(every_slot="true", times_per_day="1", edits="1")).status_code in {
        200,
        303,
    }
    assert 'name="every_slot" value="true" checked' in secretary.get(f"{page}/edit").text
    town.approved(every_slot=True)
    address = f"/schedule/bookings/{booked(town).uuid}"
    assert booked(town).every_slot
    assert 'name="every_slot" value="true" checked' in secretary.get(address).text
    town.plan()
    with unit_of_work(town.station.sessions, writes=False) as session:
        plan = queries.day_plan(session, town.commune, date(2026, 11, 23), village=town.villages[0])
        assert [occurrence.slot.name for occurrence in plan] == ["6 giờ", "11 giờ", "18 giờ"]
    assert secretary.post(address, data=form()).status_code == 303
    assert not booked(town).every_slot
    assert secretary.post(address, data=form(every_slot="true")).status_code == 303
    assert booked(town).every_slot


def test_every_slot_needs_approval(secretary: TestClient, town: Town) -> None:
    """What was approved for once a day is not offered it, and refused when it is asked for all the same."""
    town.approved()
    address = f"/schedule/bookings/{booked(town).uuid}"
    assert 'name="every_slot"' not in secretary.get(address).text
    assert secretary.post(address, data=form(every_slot="true")).status_code == 422
