"""For whatever is booked for a day, each opening answers why it is here or why it is not."""

from datetime import time, timedelta

import pytest
from starlette.testclient import TestClient

from content.kernel.db import unit_of_work
from content.kernel.priority import Priority
from schedules import queries
from schedules.models import Slot
from tests.broadcaster.web.conftest import Town, words

HEADING = "What is booked for this day, and why it is not here"


def slots(town: Town) -> list[Slot]:
    with unit_of_work(town.station.sessions, writes=False) as session:
        return queries.slots(session, town.commune)


@pytest.fixture
def day(town: Town) -> Town:
    """A morning and an evening slot, tomorrow still ahead."""
    town.slot(time(6), 20, "Sáng")
    town.slot(time(17, 30), 20, "Chiều")
    return town


def why_not(client: TestClient, town: Town, name: str) -> str:
    """What the opening of this slot on the second day says of what is not in it."""
    client.cookies.set("language", "en")
    on = town.clock.now().date() + timedelta(days=1)
    page = words(client.get(f"/schedule?view=day&on={on}").text)
    cards = [card for card in page.split("<article")[1:] if f"<strong>{name}</strong>" in card]
    return "".join(card.split(HEADING)[1].split("</details>")[0] for card in cards if HEADING in card)


def test_what_is_here_is_not_told_as_missing(viewer: TestClient, day: Town) -> None:
    """It answers for itself why it is here; in the other slot it says when it is heard."""
    day.approved(title="Họp", times_per_day=1)
    day.plan()
    assert why_not(viewer, day, "Sáng") == ""
    assert "It is heard as often on this day as it is booked: at 06:00." in why_not(viewer, day, "Chiều")


def test_what_is_booked_for_other_slots_or_villages_says_so(viewer: TestClient, day: Town) -> None:
    """By their names."""
    evening = slots(day)[1]
    day.approved(title="Tối", slots=[str(evening.uuid)])
    day.plan()
    assert "It is booked for other slots: Chiều." in why_not(viewer, day, "Sáng")
    day.approved(title="Cả xã")
    day.approved(title="Riêng", villages=day.villages[:1])
    day.plan()
    assert f"It is booked for other villages: {day.villages[0].name}." in why_not(viewer, day, "Sáng")


def test_what_nobody_there_understands_says_so(viewer: TestClient, day: Town) -> None:
    """A part in none of the villages' languages is no part for them."""
    with unit_of_work(day.station.sessions) as session:
        for airing in queries.village_airings(session, day.commune):
            airing.languages = ["hmn"]
    day.approved(title="Họp")
    day.plan()
    assert "It has no part in a language of this village." in why_not(viewer, day, "Sáng")


def test_what_came_too_late_says_so(viewer: TestClient, day: Town) -> None:
    """A programme that was settled takes nothing new but emergencies."""
    with unit_of_work(day.station.sessions) as session:
        for airing in queries.village_airings(session, day.commune):
            airing.freeze_minutes = 2 * 24 * 60
    day.approved(title="Họp")
    day.plan()
    assert "This programme was settled before the announcement could come in." in why_not(viewer, day, "Sáng")


def test_what_is_not_planned_yet_says_so(viewer: TestClient, day: Town) -> None:
    """Until the worker has seen it."""
    day.approved(title="Họp", priority=Priority.IMPORTANT)
    assert "It is not planned yet" in why_not(viewer, day, "Chiều")
