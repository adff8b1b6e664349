"""One player, killed again and again in the midst of each kind of its work (`make soak`)."""

import json
import os
import random
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from broadcaster.player.keeping.identity import Identity
from tests.broadcaster.player.conftest import encoded, noise
from tests.broadcaster.player.fake_server import FakeServer, cue, occurrence_uuid

pytestmark = pytest.mark.soak
KILLS = int(os.environ.get("BROADCASTER_SOAK_PLAYER_KILLS", "200"))
LONGEST_S = float(os.environ.get("BROADCASTER_SOAK_PLAYER_SECONDS", "900"))
MOST_CALLS = {"play": 3, "sync": 1, "journal": 8, "upload": 2}
"""Each kind of work, and how often it may have been come to before the kill."""
CUES_A_MINUTE = 40
EVERY_MS = 1500
NOT_BORN = datetime(9999, 1, 1, tzinfo=UTC)


@pytest.fixture
def village(tmp_path):
    """A server, and the folder of its player."""
    server = FakeServer()
    folder = tmp_path / "player"
    folder.mkdir()
    Identity(server=server.url, **server.pair_answer().model_dump()).save(folder)
    yield server, folder
    server.close()


def minutes_of_cues(server, minutes):
    """An occurrence each minute, full of cues of a second."""
    audio = server.add(encoded(noise(1)))
    start = server.now() + timedelta(seconds=5)
    cues = [
        cue(f"cue-{n}", audio, offset_ms=n * EVERY_MS, duration_ms=1000, latest_start_ms=n * EVERY_MS + 1000)
        for n in range(CUES_A_MINUTE)
    ]
    return [
        server.occurrence(start + timedelta(minutes=n), cues, minutes=1, uuid=occurrence_uuid(n + 1))
        for n in range(minutes)
    ]


def instants(plan, born_at, end):
    """When cues were to begin that the player must tell of."""
    cues = [each.starts_at + timedelta(milliseconds=n * EVERY_MS) for each in plan for n in range(CUES_A_MINUTE)]
    return {at for at in cues if born_at <= at < end}


def journalled(folder):
    """The rows by name, each with whether the server has it, and when the journal began; the file is whole."""
    with closing(sqlite3.connect(folder / "journal.db")) as db:
        assert db.execute("PRAGMA quick_check").fetchone() == ("ok",)
        rows = db.execute("SELECT row_uuid, body, acknowledged_at FROM as_run ORDER BY seq").fetchall()
        born_at = db.execute("SELECT value FROM fact WHERE name = 'born_at'").fetchone()
    known = {uuid: (json.loads(body), acknowledged is not None) for uuid, body, acknowledged in rows}
    return known, datetime.fromisoformat(born_at[0]) if born_at else NOT_BORN


def run(folder, *doomed):
    """Start a player, or one that kills itself."""
    program = ["-m", "tests.e2e.dying", *doomed] if doomed else ["-m", "broadcaster.player"]
    options = ["run", "--data", str(folder), "--output", "null", "--page", "off"]
    return subprocess.Popen([sys.executable, *program, *options], stderr=subprocess.DEVNULL)


def die(folder, kind, nth, last_words):
    """Let a player die in this kind of work; return what it did then, None if the kill came from outside."""
    process = run(folder, kind, str(nth), str(last_words))
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return None
    assert process.returncode == -9, f"{kind}: left with {process.returncode}"
    return last_words.read_text()


def settled(server, folder, plan):
    """Let a player tell the server all that is left; return its journal, and until when it must be whole."""
    end = server.now()
    process = run(folder)
    until = time.monotonic() + 90
    while time.monotonic() < until:
        rows, born_at = journalled(folder)
        told = {datetime.fromisoformat(row["planned_at"]) for row, known in rows.values() if known}
        if instants(plan, born_at, end) <= told:
            break
        time.sleep(0.5)
    process.terminate()
    assert process.wait(30) == 0
    return *journalled(folder), end


def test_a_player_killed_in_every_kind_of_work(village, tmp_path):
    """After kills in play, sync, journal write and upload nothing airs twice or vanishes, and the logs agree.

    The database is whole after each, and each cue that was cut is `partial/power_cut`.
    """
    server, folder = village
    chance = random.Random(20261123)
    plan = minutes_of_cues(server, int(LONGEST_S / 60) + 4)
    deadline = time.monotonic() + LONGEST_S
    cut, kills = set(), Counter()
    for number, kind in zip(range(1, KILLS + 1), list(MOST_CALLS) * KILLS, strict=False):
        if time.monotonic() > deadline:
            break
        later = server.occurrence(server.now() + timedelta(days=3), [cue("later", server.add(os.urandom(300_000)))])
        server.publish([*plan, later], number=number)
        said = die(folder, kind, chance.randint(1, MOST_CALLS[kind]), tmp_path / f"last-words-{number}")
        kills[kind if said else "from outside"] += 1
        cut |= {said} if said and kind == "play" else set()
        journalled(folder)
    rows, born_at, end = settled(server, folder, plan)
    kept = {uuid: (row["outcome"], row["reason"]) for uuid, (row, known) in rows.items() if known}
    outcomes = Counter(row["outcome"] for row, _ in rows.values())
    (tmp_path.parent / "soak.json").write_text(json.dumps({"kills": kills, "cues": len(rows), "outcomes": outcomes}))
    assert set(Counter((row["occurrence_uuid"], row["cue_key"]) for row, _ in rows.values()).values()) == {1}
    assert instants(plan, born_at, end) <= {datetime.fromisoformat(row["planned_at"]) for row, _ in rows.values()}
    assert {kept[uuid] for uuid in cut} == {("partial", "power_cut")}
    assert {uuid: (row["outcome"], row["reason"]) for uuid, row in server.rows.items()} == kept
