"""A slot that relays a station, added and changed on the schedule's forms."""

import pytest
from starlette.testclient import TestClient

from broadcaster.fleet import service as fleet
from broadcaster.fleet.models import Player
from broadcaster.protocol import ClockState, Heartbeat
from content.kernel.db import unit_of_work
from tests.broadcaster.web.acting import player
from tests.broadcaster.web.conftest import Town, words
from tests.broadcaster.web.schedule.test_overview import slot

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


def edit_of(cadre: TestClient) -> str:
    """The page of the only slot."""
    return "/schedule/slots/" + cadre.get("/schedule").text.split('href="/schedule/slots/')[1].split('"')[0]


def test_an_approved_announcement_is_chosen_for_when_the_station_is_silent(cadre: TestClient, town: Town) -> None:
    """Offered on the slot's page, kept, shown, and given up for the chime again; a stranger's uuid is refused."""
    approved = town.approved(title="Tạm nghỉ tiếp sóng").announcement.uuid
    waiting = town.rendered(title="Chờ duyệt").announcement.uuid
    cadre.post("/schedule/slots", data=slot(relay_url=URL, relay_title="VOV1"))
    edit = edit_of(cadre)
    page = words(cadre.get(edit).text)
    assert f'<option value="{approved}">Tạm nghỉ tiếp sóng</option>' in page
    assert str(waiting) not in page
    chosen = slot(relay_url=URL, relay_title="VOV1", relay_fallback=str(approved))
    assert cadre.post(edit, data=chosen).status_code == 303
    assert f'<option value="{approved}" selected>' in cadre.get(edit).text
    refused = cadre.post(edit, data={**chosen, "relay_fallback": str(waiting)})
    assert refused.status_code == 422
    assert 'id="relay_fallback-error"' in refused.text
    cadre.post(f"/announcements/{approved}/withdraw")
    assert f'<option value="{approved}" selected>Tạm nghỉ tiếp sóng (' in words(cadre.get(edit).text)
    assert cadre.post(edit, data=chosen).status_code == 303
    assert cadre.post(edit, data={**chosen, "relay_fallback": ""}).status_code == 303
    assert str(approved) not in cadre.get(edit).text


def test_what_sounds_instead_is_chosen_while_the_slot_is_added(cadre: TestClient, town: Town) -> None:
    """The schedule's own form offers what is approved; what was chosen is on the slot's page afterwards."""
    approved = town.approved(title="Tạm nghỉ tiếp sóng").announcement.uuid
    assert f'<option value="{approved}">Tạm nghỉ tiếp sóng</option>' in words(cadre.get("/schedule").text)
    added = slot(relay_url=URL, relay_title="VOV1", relay_fallback=str(approved))
    assert cadre.post("/schedule/slots", data=added).status_code == 303
    assert f'<option value="{approved}" selected>' in cadre.get(edit_of(cadre)).text


def says(town: Town, *, can_relay: bool | None) -> None:
    """A player of the first village reports what it can."""
    made = player(town, town.villages[0])
    beat = Heartbeat(sent_at=town.clock.now(), clock_state=ClockState.TRUSTED, can_relay=can_relay)
    with unit_of_work(town.station.sessions) as session:
        fleet.heard_from(session, session.get_one(Player, made.id), beat, town.clock.now())


@pytest.mark.parametrize("can_relay", [False, None, True])
def test_a_village_whose_player_cannot_relay_is_named(cadre: TestClient, town: Town, *, can_relay: bool | None) -> None:
    """On the page of the slot and of the village; older players do not say that they cannot."""
    cadre.post("/schedule/slots", data=slot(relay_url=URL, relay_title="VOV1"))
    says(town, can_relay=can_relay)
    player(town, town.villages[1])  # has not reported yet
    on_slot, on_village = cadre.get(edit_of(cadre)).text, cadre.get("/villages/un-ta").text
    assert ("player-relay" in on_slot) == (not can_relay)
    assert ("player-relay" in on_village) == (not can_relay)
    if not can_relay:
        assert "Ún Tà" in words(on_slot.split("player-relay")[0].split('class="notice"')[-1])
        assert "player-relay" not in cadre.get("/villages/luong-lao-1").text


def test_a_village_without_a_relay_hears_nothing_of_it(cadre: TestClient, town: Town) -> None:
    """A player that cannot relay is well where it need not."""
    town.slot()
    says(town, can_relay=False)
    assert "player-relay" not in cadre.get("/villages/un-ta").text


def test_a_change_of_a_slot_shows_its_relay_and_ends_it_when_it_is_emptied(cadre: TestClient) -> None:
    """The form holds the address; sent as it is it stays, emptied it is gone."""
    cadre.post("/schedule/slots", data=slot(relay_url=URL, relay_title="VOV1"))
    edit = edit_of(cadre)
    assert f'value="{URL}"' in cadre.get(edit).text
    assert cadre.post(edit, data=slot(relay_url=URL, relay_title="Đài tỉnh")).status_code == 303
    assert "Đài tỉnh" in words(cadre.get("/schedule").text)
    assert cadre.post(edit, data=slot()).status_code == 303
    assert "Đài tỉnh" not in words(cadre.get("/schedule").text)
    assert URL not in cadre.get(edit).text
