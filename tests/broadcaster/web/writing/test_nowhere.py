"""An approved announcement that airs nowhere says why, on its own page."""

from datetime import timedelta

from starlette.testclient import TestClient

from content.kernel.db import unit_of_work
from content.models import Revision
from schedules import queries
from tests.broadcaster.web.conftest import Town, words


def told(client: TestClient, revision: Revision) -> str:
    client.cookies.set("language", "en")
    page = words(client.get(f"/announcements/{revision.announcement.uuid}").text)
    return page.split("Not in the programme yet.")[1].split("</p>")[0].strip() if "Not in the programme" in page else ""


def test_without_a_slot_on_its_days(secretary: TestClient, town: Town) -> None:
    """No waiting helps: a slot must be opened."""
    revision = town.approved()
    town.plan()
    assert told(secretary, revision) == "None of its slots opens between its dates."


def test_before_the_programme_reaches_it(secretary: TestClient, town: Town) -> None:
    """From when it airs, and how far ahead is planned."""
    town.slot()
    first = town.clock.now().date() + timedelta(days=40)
    revision = town.approved(from_on=first, until_on=first + timedelta(days=3))
    town.plan()
    assert told(secretary, revision) == f"It airs from {first:%d/%m/%Y} on; the programme reaches 14 days ahead."


def test_where_nobody_understands_it(secretary: TestClient, town: Town) -> None:
    """The villages are named."""
    town.slot()
    with unit_of_work(town.station.sessions) as session:
        for airing in queries.village_airings(session, town.commune):
            airing.languages = ["hmn"]
    revision = town.approved()
    town.plan()
    names = ", ".join(village.name for village in town.villages)
    assert told(secretary, revision) == f"It has no part in a language of {names}."


def test_until_it_is_planned_and_not_afterwards(secretary: TestClient, town: Town) -> None:
    """A moment's patience, then the times at which it airs."""
    town.slot()
    revision = town.approved()
    assert told(secretary, revision).startswith("It is planned within a minute")
    town.plan()
    assert told(secretary, revision) == ""
