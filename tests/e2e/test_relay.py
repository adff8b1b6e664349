"""A relay with nothing replaced but the station: typed on the page, planned, published, played by a real player."""

from datetime import datetime

import pytest
import soundfile
from sqlalchemy import select

from broadcaster.asrun.models import AsRunEntry
from broadcaster.demo import people
from broadcaster.demo.browser import Browser
from broadcaster.demo.stage import Stage
from content.kernel.db import unit_of_work
from tests.broadcaster.player.stations import RATE_HZ, Station, pitch_hz

LEAD_S = 25
HZ = 440


@pytest.mark.slow
def test_a_station_is_heard_in_the_village_that_relays_it(stage: Stage) -> None:
    """A slot without announcements relays from its first second to its last, and the log says aired."""
    station = Station("mp3", HZ)
    try:
        stage.start_players(lambda _: None)
        start = _open_slot(stage, station.url)
        stage.wait_until("the relay's row", lambda: bool(_rows(stage)), LEAD_S + 60 + 60)
        stage.stop_players()
    finally:
        station.close()
    (row,) = _rows(stage)
    assert (row.title, row.outcome, row.reason) == ("VOV1", "aired", None)
    assert row.row["position_ms"] >= 57_000
    (path,) = stage.wavs("un-ta").glob("*.wav")
    heard = soundfile.read(path, dtype="float32")[0]
    for second in (2, 30, 58):
        piece = heard[second * RATE_HZ : (second + 1) * RATE_HZ]
        assert abs(pitch_hz(piece) - HZ) < 3, second
    with Browser(stage.url) as browser:
        people.log_in(browser, stage.cadre)
        for page in ("schedule", "log"):
            assert "VOV1" in browser.open(f"/{page}?on={start:%Y-%m-%d}").text


def _open_slot(stage: Stage, url: str) -> datetime:
    start = stage.soon(LEAD_S)
    with Browser(stage.url) as browser:
        people.log_in(browser, stage.admin)
        page = browser.open(f"/schedule?on={start:%Y-%m-%d}")
        browser.send(
            page,
            {
                "name": "Tiếp sóng",
                "start_local": f"{start:%H:%M:%S}",
                "minutes": "1",
                "recurs": "once",
                "starts_on": f"{start:%Y-%m-%d}",
                "where": "some",
                "villages": ["un-ta"],
                "relay_url": url,
                "relay_title": "VOV1",
            },
        )
    return start


def _rows(stage: Stage) -> list[AsRunEntry]:
    with unit_of_work(stage.station.sessions, writes=False) as session:
        return list(session.scalars(select(AsRunEntry)))
