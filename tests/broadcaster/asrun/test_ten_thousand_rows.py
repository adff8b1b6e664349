"""Ten thousand rows through a real server that is killed, from a real journal that is killed: none lost, none twice.

The network loses three in ten answers (the server has kept the rows, the player does not learn it).
"""

import contextlib
import os
import random
import signal
import socket
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import httpx2 as httpx
import pytest
from sqlalchemy import func, select

from broadcaster import migrations
from broadcaster.asrun.models import Airing, AsRunEntry, QuarantinedRow
from broadcaster.fleet import service as fleet
from broadcaster.player.keeping.journal import Journal
from broadcaster.protocol import API, AsRunAnswer, AsRunRow, ClockState, Outcome, PairRequest
from broadcaster.settings import Settings
from broadcaster.station import open_station
from content.kernel.db import unit_of_work
from content.kernel.nodes import NodeKind, add_node

ROWS = 10_000
BATCH = 250
LOSES = 0.3
KILLS_SERVER_AFTER, KILLS_PLAYER_AFTER = {5, 14, 23}, {9, 19, 31}
NOW = datetime.now(UTC)


@pytest.mark.slow
def test_none_is_lost_and_none_counts_twice(tmp_path: Path) -> None:
    """Killed servers, killed players and lost answers only cost time."""
    settings = Settings(data_dir=tmp_path / "data", database_url="")
    (tmp_path / "data").mkdir()
    migrations.upgrade(settings.database)
    station = open_station(settings)
    with unit_of_work(station.sessions) as session:
        commune = add_node(session, NodeKind.COMMUNE, "x", "X")
        village = add_node(session, NodeKind.VILLAGE, "un-ta", "Ún Tà", parent=commune)
        code = fleet.make_code(session, village, None, NOW)
        token = fleet.pair(session, station.signer, PairRequest(code=code, nonce="n" * 16, name="Loa"), NOW).token
    path, chance = tmp_path / "journal.db", random.Random(8)
    journal = Journal(path)
    journal.skip([_row(number, chance) for number in range(ROWS)])
    server = Server(tmp_path / "data")
    tries = 0
    while waiting := journal.waiting(BATCH):
        tries += 1
        chance.shuffle(waiting)
        if tries in KILLS_SERVER_AFTER:
            server.die_while_it_works(waiting, token)
            continue
        answer = server.send(waiting, token)
        if chance.random() < LOSES:
            continue
        journal.acknowledge(AsRunAnswer.model_validate_json(answer).rows, NOW)
        if tries in KILLS_PLAYER_AFTER:
            journal.close()
            journal = Journal(path)
    server.kill()
    journal.close()
    with unit_of_work(station.sessions, writes=False) as session:
        kept = session.scalar(select(func.count(AsRunEntry.id)))
        names = session.scalar(select(func.count(func.distinct(AsRunEntry.row_uuid))))
        lines = session.scalar(select(func.count(Airing.id)))
        assert (kept, names, lines) == (ROWS, ROWS, ROWS)
        assert session.scalar(select(func.count(QuarantinedRow.id))) == 0
    assert tries > ROWS / BATCH


class Server:
    """The web process, killed and started again on the same port and data."""

    def __init__(self, data_dir: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port = probe.getsockname()[1]
        self._environment = {**os.environ, "BROADCASTER_DATA_DIR": str(data_dir), "BROADCASTER_PORT": str(self._port)}
        self._start()

    def send(self, rows: list[AsRunRow], token: str, timeout_s: float = 60) -> bytes:
        body = {"rows": [row.model_dump(mode="json") for row in rows]}
        headers = {"authorization": f"Bearer {token}"}
        answer = httpx.post(f"http://127.0.0.1:{self._port}{API}/as-run", json=body, headers=headers, timeout=timeout_s)
        assert answer.status_code == 200, answer.text
        return answer.content

    def die_while_it_works(self, rows: list[AsRunRow], token: str) -> None:
        """The rows are on their way when it is killed; nobody learns whether it kept them."""
        with contextlib.suppress(httpx.TimeoutException):
            self.send(rows, token, timeout_s=0.3)
        self.kill()
        self._start()

    def kill(self) -> None:
        self._process.send_signal(signal.SIGKILL)
        self._process.communicate()

    def _start(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "broadcaster.cli", "web"],
            env=self._environment,
            stdin=subprocess.PIPE,  # it leaves when that closes
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        until = time.monotonic() + 60
        while time.monotonic() < until:
            try:
                httpx.get(f"http://127.0.0.1:{self._port}/health")
            except httpx.TransportError:
                time.sleep(0.1)
            else:
                return
        raise AssertionError("the server did not come up")


def _row(number: int, chance: random.Random) -> AsRunRow:
    at = NOW - timedelta(days=40) + timedelta(minutes=5 * number)
    at = min(at, NOW)
    return AsRunRow(
        row_uuid=uuid4(),
        occurrence_uuid=UUID(int=number // 4 + 1, version=4),
        cue_key=f"cue/{number}",
        title=f"Tin {number}",
        planned_at=at,
        started_at=at,
        outcome=chance.choice(list(Outcome)),
        clock_state=ClockState.TRUSTED,
    )
