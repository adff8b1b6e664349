"""Long loops of kill -9 (`make soak`): whatever is killed, whenever, nothing is lost and nothing airs twice."""

import os
import random
import signal
import sqlite3
import time
from collections import Counter

import pytest
from sqlalchemy import select

from audio_out.models import JobState, RenderJob
from broadcaster.asrun.models import AsRunEntry
from broadcaster.demo import people, report
from broadcaster.demo.browser import Browser
from broadcaster.demo.stage import Stage
from broadcaster.texts import Text
from content.kernel import audit
from content.kernel.db import unit_of_work
from content.kernel.nodes import Node, the_commune, villages_of
from schedules.models import Slot

pytestmark = pytest.mark.soak
KILLS = int(os.environ.get("BROADCASTER_SOAK_KILLS", "60"))
WORDS = ("một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám")


def test_kill_everything_at_any_time(stage: Stage) -> None:
    """Web, worker and players are killed at random while a programme is rendered, played and reported.

    Afterwards the databases are whole, the audit chains hold, every rendering ended, and each cue has one row.
    """
    chance = random.Random(20261122)
    stage.start_players(lambda _: None)
    with Browser(stage.url) as secretary, Browser(stage.url) as cadre:
        people.log_in(secretary, stage.secretary)
        people.log_in(cadre, stage.cadre)
        for word in WORDS:
            text = Text(f"Bản tin {word}", f"Đây là bản tin thứ {word} của buổi thử. " * 4, "khac", "routine")
            people.approve(cadre, people.write(secretary, text, stage.villages, everywhere=True), stage)
    start = stage.soon(20)
    with Browser(stage.url) as admin:
        people.log_in(admin, stage.admin)
        people.open_slot(admin, "Soak", start, 15)
    names = ["web", "worker", *(f"player-{village}" for village in stage.villages)]
    for _ in range(KILLS):
        name = chance.choice(names)
        if (pid := stage.living_pid(name)) is not None:
            os.kill(pid, signal.SIGKILL)
        until = time.monotonic() + chance.uniform(0.5, 4)
        stage.wait_until("the next kill", lambda until=until: time.monotonic() > until, 10)  # type: ignore[misc]
    stage.wait_until("all reports", lambda: all_reported(stage), 900)
    stage.stop_players()
    check_rows(stage)
    check_databases(stage)


def planned(stage: Stage) -> list[report.Planned]:
    with unit_of_work(stage.station.sessions, writes=False) as session:
        commune = the_commune(session)
        assert commune is not None
        slot = session.scalars(select(Slot.id).where(Slot.name == "Soak")).one()
        return report.planned(session, villages_of(session, commune), slot)


def all_reported(stage: Stage) -> bool:
    plan = planned(stage)
    with unit_of_work(stage.station.sessions, writes=False) as session:
        return bool(plan) and {(cue.occurrence, cue.key) for cue in plan} <= report.outcomes(session).keys()


def check_rows(stage: Stage) -> None:
    """Each cue of each village has exactly one row."""
    with unit_of_work(stage.station.sessions, writes=False) as session:
        rows = Counter((str(row.occurrence_uuid), row.cue_key) for row in session.scalars(select(AsRunEntry)))
        jobs = session.scalars(select(RenderJob.state)).all()
    assert {count for name, count in rows.items() if name in {(cue.occurrence, cue.key) for cue in planned(stage)}} == {
        1
    }
    assert set(jobs) == {JobState.DONE}


def check_databases(stage: Stage) -> None:
    """The server's and every player's database are whole, and every audit chain holds."""
    files = [stage.folder / "broadcaster.db", *stage.station.sample_players_dir.glob("*/journal.db")]
    for file in files:
        with sqlite3.connect(file) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    with unit_of_work(stage.station.sessions, writes=False) as session:
        for node in session.scalars(select(Node)):
            assert audit.check_chain(session, node.id) is None
