"""A slot that relays a station, added and changed on the schedule's forms."""

import pytest
from starlette.testclient import TestClient

from tests.broadcaster.web.conftest import words
from tests.broadcaster.web.test_schedule import slot

URL = "https://vov.example/vov1.m3u8"


def test_a_slot_with_a_relay_is_added_and_named_by_its_station(cadre: TestClient) -> None:
    """The list of slots says what is relayed."""
    answer = cadre.post("/schedule/slots", data=slot(relay_url=URL, relay_title="VOV1"))
    assert answer.status_code == 303
    assert "VOV1" in words(cadre.get("/schedule").text)


@pytest.mark.parametrize(
    "typed",
    [{"relay_url": "vov.vn", "relay_title": "VOV1"}, {"relay_title": "VOV1"}, {"relay_url": "file:///etc/passwd"}],
)
def test_a_relay_without_an_address_is_refused_at_its_field(cadre: TestClient, typed: dict[str, str]) -> None:
    """What was typed stays, and the fields are in sight."""
    answer = cadre.post("/schedule/slots", data=slot(**typed))
    assert answer.status_code == 422
    assert 'id="relay_url-error"' in answer.text
    assert 'value="VOV1"' in answer.text or "relay_title" not in typed
    assert '<details class="details aside" open>' in answer.text


def test_a_change_of_a_slot_shows_its_relay_and_ends_it_when_it_is_emptied(cadre: TestClient) -> None:
    """The form holds the address; sent as it is it stays, emptied it is gone."""
    cadre.post("/schedule/slots", data=slot(relay_url=URL, relay_title="VOV1"))
    edit = "/schedule/slots/" + cadre.get("/schedule").text.split('href="/schedule/slots/')[1].split('"')[0]
    assert f'value="{URL}"' in cadre.get(edit).text
    assert cadre.post(edit, data=slot(relay_url=URL, relay_title="Đài tỉnh")).status_code == 303
    assert "Đài tỉnh" in words(cadre.get("/schedule").text)
    assert cadre.post(edit, data=slot()).status_code == 303
    assert "Đài tỉnh" not in words(cadre.get("/schedule").text)
    assert URL not in cadre.get(edit).text
