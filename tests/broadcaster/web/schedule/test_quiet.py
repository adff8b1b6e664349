"""A slot in quiet hours is taken, and everybody is told from when to when nothing but emergencies airs in it."""

from datetime import time

from starlette.testclient import TestClient

from content.kernel.db import unit_of_work
from schedules import queries, service
from tests.broadcaster.web.conftest import Town, words
from tests.broadcaster.web.schedule.test_overview import slot
from tests.broadcaster.web.schedule.test_slots import stored

SAID = "Quiet hours: from {} to {} nothing but emergencies airs here."


def english(client: TestClient) -> TestClient:
    client.cookies.set("language", "en")
    return client


def test_who_adds_a_slot_in_quiet_hours_is_told(cadre: TestClient, town: Town) -> None:
    """Right after saving, on the slot's own form and on each of its days; 21:30 to 05:00 are quiet."""
    answer = english(cadre).post("/schedule/slots", data=slot(start_local="21:20", minutes="30"))
    said = SAID.format("21:30", "21:50")
    assert said in words(cadre.get(answer.headers["location"]).text)
    assert said in words(cadre.get(f"/schedule/slots/{stored(town).uuid}/edit").text)
    assert said in words(cadre.get("/schedule?view=day").text)


def test_a_loud_slot_says_nothing_of_it(cadre: TestClient, town: Town) -> None:
    """Nor does one that ends when the quiet hours begin."""
    answer = english(cadre).post("/schedule/slots", data=slot(start_local="21:10", minutes="20"))
    for address in (answer.headers["location"], f"/schedule/slots/{stored(town).uuid}/edit", "/schedule?view=day"):
        assert "Quiet hours" not in words(cadre.get(address).text)


def test_villages_with_other_quiet_hours_are_named(cadre: TestClient, town: Town) -> None:
    """Each stretch with the villages that have it."""
    with unit_of_work(town.station.sessions) as session:
        airing = queries.village_airings(session, town.commune)[0]
        service.change_village_airing(session, airing, town.clock.now(), quiet_from_local=time(20))
    english(cadre).post("/schedule/slots", data=slot(start_local="19:50", minutes="20"))
    page = words(cadre.get(f"/schedule/slots/{stored(town).uuid}/edit").text)
    assert f"Quiet hours in {town.villages[0].name}: from 20:00 to 20:10" in page
    assert page.count("Quiet hours") == 1


def test_a_slot_that_opens_all_the_time_tells_its_quiet_hours_once(cadre: TestClient, town: Town) -> None:
    """Not each opening of the night; the last one ends five minutes before they do."""
    town.slot(time(0), 5, rrule="FREQ=MINUTELY;INTERVAL=10")
    page = words(english(cadre).get(f"/schedule/slots/{stored(town).uuid}/edit").text)
    assert page.count("Quiet hours: from") == 1
    assert SAID.format("21:30", "04:55") in page
