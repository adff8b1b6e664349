"""A backup restored onto an empty machine: a real server before and after it, a real player throughout."""

import os
import subprocess
import threading
from datetime import timedelta
from pathlib import Path
from typing import Self
from uuid import UUID

import pytest
from sqlalchemy import select

from broadcaster import pipeline
from broadcaster import serve as serving
from broadcaster.accounts.models import Role, User
from broadcaster.asrun.models import AsRunEntry
from broadcaster.backup import service as backup
from broadcaster.demo import people
from broadcaster.demo.browser import Browser
from broadcaster.demo.stage import Stage
from broadcaster.fleet import lives
from broadcaster.fleet.models import Player
from broadcaster.protocol import Heartbeat
from broadcaster.publishing.models import ManifestRow
from broadcaster.settings import Settings
from broadcaster.station import Station, open_station
from broadcaster.supervisor import Supervisor, ourselves
from broadcaster.texts import Text
from content import queries
from content.kernel.db import unit_of_work
from content.kernel.nodes import the_commune, villages_of
from schedules import service as schedules

VILLAGE = "un-ta"
KEPT = Text("Họp thôn", "Mời bà con họp.", "hop-thon", "routine")
WITHDRAWN = Text("Sai ngày", "Tin này sai ngày.", "khac", "routine")


def rows_of(station: Station) -> set[UUID]:
    """What the players have said, by the names of the rows."""
    with unit_of_work(station.sessions, writes=False) as session:
        return set(session.scalars(select(AsRunEntry.row_uuid)))


def report_of(station: Station) -> Heartbeat | None:
    with unit_of_work(station.sessions, writes=False) as session:
        said = session.scalars(select(Player.heartbeat)).first()
        return Heartbeat.model_validate(said) if said else None


def command(*arguments: str) -> str:
    done = subprocess.run(ourselves(*arguments), check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.slow
def test_a_restored_server_asks_before_it_speaks(stage: Stage, tmp_path: Path) -> None:
    """Backed up, aired, one announcement withdrawn, restored: nothing for the player until an admin has looked.

    After the press it gets a manifest of a higher epoch, sends all its rows again, and each is here once.
    """
    _air(stage)
    player = serving.player_command(stage.station, VILLAGE)
    with Supervising(tmp_path / "player.txt") as loudspeaker:
        loudspeaker.add("player", player)
        command("backup", str(tmp_path / "b.tar"))
        stage.wait_until("two rows", lambda: len(rows_of(stage.station)) > 1, 300)
        _withdraw(stage.station, WITHDRAWN.title)
        stage.stop()
        before = rows_of(stage.station)
        held = report_of(stage.station)
        assert held is not None

        os.environ["BROADCASTER_DATA_DIR"] = str(tmp_path / "new" / "data")
        assert "Nothing is published" in command("restore", str(tmp_path / "b.tar"))
        station = open_station(Settings())
        with Supervising(tmp_path / "server.txt") as server:
            server.add("web", ourselves("web"))
            server.add("worker", ourselves("worker"))
            serving.wait_for_web(serving.base_url(station.settings), threading.Event())
            since = station.clock.now()

            def heard_and_planned() -> bool:
                with unit_of_work(station.sessions, writes=False) as session:
                    seen_at = session.scalars(select(Player.last_seen_at)).one()
                    assert session.scalars(select(ManifestRow)).first() is None
                    return bool(seen_at and seen_at > since + timedelta(seconds=10))

            server.wait_until("the player to be heard", heard_and_planned, 180)
            report = report_of(station)
            assert report is not None
            assert report.server_epoch == held.server_epoch
            _release(station)

            def on_air_again() -> bool:
                report = report_of(station)
                return report is not None and report.server_epoch > held.server_epoch and rows_of(station) >= before

            server.wait_until("epoch and rows", on_air_again, 180)
            report = report_of(station)
            assert report is not None
            assert report.manifest_id > held.manifest_id


class Supervising(Supervisor):
    """Processes for the length of a `with`."""

    def __enter__(self) -> Self:
        """Nothing runs yet."""
        return self

    def __exit__(self, *_: object) -> None:
        """Stop them all."""
        self.stop()

    def wait_until(self, what: str, happened: object, within_s: float) -> None:
        """As the stage's."""
        Stage.wait_until(self, what, happened, within_s)  # type: ignore[arg-type]


def _air(stage: Stage) -> None:
    with Browser(stage.url) as browser:
        people.log_in(browser, stage.secretary)
        written = [people.write(browser, text, [VILLAGE], everywhere=False) for text in (KEPT, WITHDRAWN)]
    with Browser(stage.url) as browser:
        people.log_in(browser, stage.cadre)
        for announcement in written:
            people.approve(browser, announcement, stage)
    with unit_of_work(stage.station.sessions) as session:
        commune = the_commune(session)
        assert commune is not None
        now = stage.station.clock.now()
        village = next(one for one in villages_of(session, commune) if one.slug == VILLAGE)
        schedules.open_slot(
            session,
            commune,
            name="Thử",
            start_local=now.astimezone(commune.zone).time().replace(hour=0, minute=0, second=0, microsecond=0),
            duration_ms=50_000,
            rrule="FREQ=MINUTELY;INTERVAL=1",
            starts_on=now.astimezone(commune.zone).date(),
            villages=[village],
            now=now,
        )


def _withdraw(station: Station, title: str) -> None:
    with unit_of_work(station.sessions) as session:
        commune = the_commune(session)
        assert commune is not None
        now = station.clock.now()
        actor = session.scalars(select(User.uuid).where(User.role == Role.CADRE)).first()
        found = next(one for one in queries.airable(session, commune, now.date()) if one.title == title)
        assert actor
        pipeline.withdraw(session, commune, found, actor, now, "sai")


def _release(station: Station) -> None:
    with unit_of_work(station.sessions) as session:
        commune = the_commune(session)
        assert commune is not None
        assert lives.held(session)
        actor = session.scalars(select(User.uuid).where(User.role == Role.ADMIN)).first()
        assert actor
        assert backup.release(session, commune, actor, station.clock.now())
