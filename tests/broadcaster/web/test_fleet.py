"""The page of all loudspeakers, and what machines that watch are told."""

from datetime import timedelta

from sqlalchemy import update
from starlette.testclient import TestClient

from broadcaster.app import create_app
from broadcaster.asrun.models import LogState
from broadcaster.asrun.settling import settle
from broadcaster.fleet import service as fleet
from broadcaster.fleet.models import Player, PlayerHour
from broadcaster.protocol import ClockState, Heartbeat
from broadcaster.station import Station
from content.kernel.db import unit_of_work
from tests.broadcaster.web.acting import player
from tests.broadcaster.web.conftest import Town, words


def reported(town: Town, **facts: object) -> Player:
    """A loudspeaker that has just said how it is."""
    device = player(town, town.villages[0])
    beat = {"sent_at": town.clock.now(), "clock_state": ClockState.TRUSTED, "clock_offset_ms": 1500.0} | facts
    with unit_of_work(town.station.sessions) as session:
        fleet.heard_from(session, session.get_one(Player, device.id), Heartbeat.model_validate(beat), town.clock.now())
    return device


def test_troubles_are_said_in_words(town: Town, viewer: TestClient) -> None:
    """Heat, power and what its round with the server could not do; the clock's offset, with a unit."""
    reported(town, temperature_c=84.4, under_voltage=True, problems=("manifest: refused",), version="1.2.3")
    page = words(viewer.get("/fleet").text)
    for said in ("84 °C", "1,5 s", "1.2.3"):
        assert said in page
    assert page.count('<article class="card') == 1


def test_late_and_offline_are_said(town: Town, viewer: TestClient) -> None:
    """After three polls and after the setting's minutes; the tiles of the first page say it too."""
    reported(town)
    seen = []
    for _ in range(3):
        seen.append([name for name in ("badge care", "badge bad") if name in viewer.get("/fleet").text])
        town.clock.pass_by(minutes=9)
    assert seen == [[], ["badge care"], ["badge bad"]]
    assert "tile trouble" in viewer.get("/").text


def test_every_page_follows_the_settings(town: Town, viewer: TestClient) -> None:
    """Where silence may last an hour, no page calls it trouble after half of one."""
    reported(town)
    town.clock.pass_by(minutes=30)
    patient = town.station.settings.model_copy(update={"offline_minutes": 60, "poll_seconds": 1200})
    station = Station(patient, town.clock, town.station.sessions, town.station.store, town.station.signer)
    there = TestClient(create_app(station), cookies=viewer.cookies)
    for page, trouble in (("/", "tile trouble"), ("/villages", "tile trouble"), ("/villages/un-ta", "warnings")):
        assert trouble in viewer.get(page).text
        assert trouble not in there.get(page).text


def test_the_first_report_of_each_hour_is_kept(town: Town) -> None:
    """One row an hour, however often it reports, and also when the server's clock was set back."""
    device = reported(town)
    with unit_of_work(town.station.sessions) as session:
        row = session.get_one(Player, device.id)
        for minutes in (5, 10, 65, 70, -60, 62):
            beat = Heartbeat(sent_at=town.clock.now(), clock_state=ClockState.TRUSTED)
            fleet.heard_from(session, row, beat, town.clock.now() + timedelta(minutes=minutes))
        assert session.query(PlayerHour).count() == 2


def here(town: Town) -> TestClient:
    """Who asks from the server's own machine."""
    return TestClient(create_app(town.station), client=("127.0.0.1", 1))


def test_metrics_are_for_this_machine_and_for_the_token(town: Town) -> None:
    """Others get nothing; the figures bear villages and players as their only labels."""
    reported(town, disk_free_bytes=123)
    text = here(town).get("/metrics").text
    assert 'broadcaster_player_disk_free_bytes{player="' in text
    assert 'village="un-ta"} 123.0' in text
    assert "broadcaster_player_offline" in text
    assert TestClient(create_app(town.station)).get("/metrics").status_code == 401
    settings = town.station.settings.model_copy(update={"metrics_token": "s3cret"})
    station = Station(settings, town.clock, town.station.sessions, town.station.store, town.station.signer)
    far = TestClient(create_app(station))
    assert far.get("/metrics", headers={"Authorization": "Bearer wrong"}).status_code == 401
    assert far.get("/metrics", headers={"Authorization": "Bearer s3cret"}).status_code == 200


def test_ready_means_that_database_store_plan_and_worker_are(town: Town) -> None:
    """Without a worker it is not; with one that works it is, however long its backlog; one that stopped is noticed."""
    client = TestClient(create_app(town.station))
    assert client.get("/ready").status_code == 503
    town.plan()
    with unit_of_work(town.station.sessions) as session:
        settle(session, town.commune, town.clock.now())
    assert client.get("/ready").json() == {
        "ready": True,
        "checks": dict.fromkeys(("store", "database", "plan", "worker"), "ok"),
    }
    with unit_of_work(town.station.sessions) as session:
        session.execute(update(LogState).values(settled_until=town.clock.now() - timedelta(days=40)))
    assert client.get("/ready").json()["checks"]["worker"] == "ok"
    assert "broadcaster_log_behind_seconds 3" in here(town).get("/metrics").text
    town.clock.pass_by(minutes=10)
    assert "worker" in client.get("/ready").json()["checks"]["worker"]
