"""A disk with too little room: by the rules, by a fake at the system's border, and really full (a small tmpfs)."""

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import timedelta
from uuid import uuid4

import pytest

from broadcaster.player import machine
from broadcaster.player.keeping.journal import Journal
from broadcaster.player.keeping.reserve import SIZE_BYTES, Reserve
from broadcaster.player.keeping.room import Held, Room, given_up
from broadcaster.player.logs import FILE_BYTES
from broadcaster.player.machine import Disk
from broadcaster.protocol import AsRunRow, ClockState, Outcome, Phrase
from tests.broadcaster.player.conftest import encoded, noise
from tests.broadcaster.player.fake_server import cue, occurrence_uuid
from tests.broadcaster.player.test_clock import NOON
from tests.broadcaster.player.test_process import SOON, wait_until

MB = 1_000_000


def row(key, outcome=Outcome.PARTIAL, **more):
    return AsRunRow(
        row_uuid=uuid4(),
        occurrence_uuid=occurrence_uuid(1),
        cue_key=key,
        planned_at=NOON,
        outcome=outcome,
        clock_state=ClockState.TRUSTED,
        **more,
    )


def test_what_no_manifest_names_goes_first_then_what_airs_latest():
    """Oldest strangers, then the latest use; what is kept is never chosen."""
    held = [Held("soon", 10, 1), Held("late", 10, 2), Held("later", 10, 3), Held("new", 10, 9), Held("old", 10, 8)]
    place = {"soon": 0, "late": 1, "later": 2}
    order = [given_up(held, lacking, place, {"soon"})[0] for lacking in (10, 20, 30, 40)]
    assert order[-1] == ["old", "new", "later", "late"]
    assert [len(each) for each in order] == [1, 2, 3, 4]
    assert given_up(held, 50, place, {"soon"}) == (["old", "new", "later", "late"], False)


def test_nothing_gives_way_to_what_is_needed_less():
    """For an object only what airs later is given up: else each round would fetch anew what the last gave up."""
    held = [Held("soon", 10, 1), Held("later", 10, 3)]
    place = {"soon": 0, "middle": 1, "later": 2}
    assert given_up(held, 10, place, (), place["middle"]) == (["later"], True)
    assert given_up(held, 20, place, (), place["middle"]) == (["later"], False)


@pytest.mark.parametrize(
    ("room", "more", "kept", "lacking"),
    [
        (Room(90 * MB, 100 * MB, 10**9, 10**10), 5 * MB, False, 0),
        (Room(90 * MB, 100 * MB, 10**9, 10**10), 15 * MB, False, 5 * MB),
        (Room(90 * MB, 100 * MB, 10**9, 10**10), 15 * MB, True, 0),
        (Room(90 * MB, 0, 70 * MB, 10**10), 15 * MB, False, 15 * MB + (64 << 20) - 70 * MB),
        (Room(90 * MB, 0, 70 * MB, 10**10), 15 * MB, True, 0),
        (Room(90 * MB, 0, 0, 10**10), 15 * MB, True, 15 * MB + (1 << 20)),
    ],
)
def test_limits_hold_for_what_can_wait(room, more, kept, lacking):
    """The setting and the free disk bound routine audio; what airs within two days may use all but a megabyte."""
    assert room.lacking(more, kept=kept) == lacking


def villages_month(server, days=(1, 1.5, 3, 5, 9)):
    """One bulletin of 0.4 MB at each of these days from now; its sha256s in that order."""
    sounds = [server.add(os.urandom(400_000)) for _ in days]
    siren = server.add(os.urandom(400_000))
    occurrences = [
        server.occurrence(server.now() + timedelta(days=day), [cue(f"day-{day}", sound)])
        for day, sound in zip(days, sounds, strict=True)
    ]
    return sounds, siren, occurrences


def test_a_cache_keeps_to_its_limit(server, make_agent):
    """With 2 MB for five bulletins of 0.4 MB and a phrase, what airs latest is left out, and that is said."""
    sounds, siren, occurrences = villages_month(server)
    phrase = Phrase(key="siren", title="Siren", media=(siren,))
    manifest = server.make_manifest(occurrences)
    more = [*manifest.objects, manifest.objects[0].model_copy(update={"sha256": siren, "size_bytes": 400_000})]
    server.publish(
        occurrences, phrases=(phrase,), objects=tuple(more), settings={"poll_seconds": 1, "cache_mb": 2}, number=2
    )
    agent = make_agent()
    agent.sync.round()
    agent.sync.round()
    assert {*sounds[:3], siren} <= agent.cache.present
    assert not agent.cache.present & {sounds[4]}
    assert agent.cache.size_bytes() <= 2 * MB
    assert "waits for room" in agent.sync.standing.problems["objects"]
    assert server.heartbeats[-1]["objects_missing"] == 2 - (sounds[3] in agent.cache.present)


def test_a_smaller_limit_is_kept_to_and_what_airs_soon_stays(server, make_agent):
    """When the limit shrinks below what two days need, just that is kept."""
    sounds, _, occurrences = villages_month(server)
    server.publish(occurrences, number=1)
    agent = make_agent()
    agent.sync.round()
    assert set(sounds) <= agent.cache.present
    server.publish(occurrences, number=2, settings={"poll_seconds": 1, "cache_mb": 1})
    agent.sync.round()
    assert set(sounds) & agent.cache.present == set(sounds[:2])
    server.publish(occurrences, number=3)
    agent.sync.round()
    assert set(sounds) <= agent.cache.present


def test_a_disk_that_others_fill_takes_what_airs_soon(server, make_agent, monkeypatch):
    """With 3 MB free on the disk (a fake at the system's border) only what airs within two days is fetched."""
    sounds, _, occurrences = villages_month(server)
    monkeypatch.setattr(machine, "disk", lambda _: Disk(32 << 30, 3 * MB))
    server.publish(occurrences)
    agent = make_agent()
    agent.sync.round()
    assert set(sounds) & agent.cache.present == set(sounds[:2])


def test_an_alerts_audio_takes_the_room_of_what_airs_latest(server, make_agent, monkeypatch):
    """On a disk that has no room left, what is not needed within two days gives way to an alert's own audio."""
    sounds, _, occurrences = villages_month(server)
    server.publish(occurrences)
    agent = make_agent()
    agent.sync.round()
    assert set(sounds) <= agent.cache.present
    monkeypatch.setattr(machine, "disk", lambda _: Disk(32 << 30, 1 * MB))
    alert = server.raise_alert([warning := server.add(os.urandom(400_000))], push=False)
    agent.alerts.take_in([server.sign_alert(alert)], live=True)
    agent._courier.round()
    assert {warning, *sounds[:2]} <= agent.cache.present
    assert sounds[4] not in agent.cache.present


class FullDisk:
    """Makes SQLite's file refuse to grow: `PRAGMA max_page_count` answers as a full disk does (SQLITE_FULL)."""

    def __init__(self, journal):
        self._disk = journal._db._disk

    def fill(self):
        pages = self._disk.execute("PRAGMA page_count").fetchone()[0]
        self._disk.execute(f"PRAGMA max_page_count = {pages}")

    def clear(self):
        self._disk.execute("PRAGMA max_page_count = 1000000")


def on_disk(path):
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("PRAGMA quick_check").fetchone() == ("ok",)
        return {
            json.loads(body)["cue_key"]: json.loads(body)["outcome"]
            for (body,) in db.execute("SELECT body FROM as_run WHERE open = 0")
        }


def test_rows_wait_in_memory_while_the_disk_is_full(tmp_path):
    """Rows begun, marked, ended and skipped on a full disk are all there, and on the disk when it has room again."""
    path = tmp_path / "journal.db"
    journal = Journal(path)
    disk = FullDisk(journal)
    first = row("first", title="x" * 300)
    journal.begin(first)
    disk.fill()
    rows = [row(f"cue-{number}", title="x" * 300) for number in range(50)]
    for each in rows:
        journal.begin(each)
        journal.end(each.model_copy(update={"outcome": Outcome.AIRED}))
    journal.end(first.model_copy(update={"outcome": Outcome.AIRED}))
    assert journal.in_memory
    assert len(journal.waiting(100)) == 51
    assert {attempts.number for attempts in journal.done([occurrence_uuid(1)]).values()} == {1}
    disk.clear()
    journal.close()
    assert on_disk(path) == {"first": "aired"} | {f"cue-{number}": "aired" for number in range(50)}


def test_the_disk_is_tried_again_by_itself(tmp_path, monkeypatch):
    """A quarter of a minute later the rows are on the disk, without a restart."""
    path = tmp_path / "journal.db"
    journal = Journal(path)
    disk = FullDisk(journal)
    disk.fill()
    journal.skip(row(f"cue-{number}", Outcome.SKIPPED, title="x" * 300) for number in range(50))
    assert journal.in_memory
    disk.clear()
    monkeypatch.setattr("broadcaster.player.keeping.sturdy.RETRY_S", 0.0)
    journal.try_disk()
    assert not journal.in_memory
    assert len(on_disk(path)) == 50
    journal.close()


def test_the_reserve_is_given_up_first(tmp_path):
    """The room laid aside goes to the journal: rows stay on the disk."""
    path = tmp_path / "journal.db"
    freed = []

    def make_room():
        freed.append(True)
        disk.clear()
        return True

    journal = Journal(path, make_room)
    disk = FullDisk(journal)
    disk.fill()
    journal.skip(row(f"cue-{number}", Outcome.SKIPPED, title="x" * 300) for number in range(50))
    assert (freed, journal.in_memory) == ([True], False)
    assert len(on_disk(path)) == 50
    journal.close()


def test_the_reserve_is_laid_aside_only_where_there_is_plenty(tmp_path, monkeypatch):
    """It never takes the last room, is given up once, and comes back."""
    reserve = Reserve(tmp_path)
    monkeypatch.setattr(machine, "disk", lambda _: Disk(10**9, 3 * SIZE_BYTES))
    reserve.restore()
    assert not reserve.free()
    monkeypatch.setattr(machine, "disk", lambda _: Disk(10**9, 5 * SIZE_BYTES))
    reserve.restore()
    assert (tmp_path / "reserve").stat().st_size == SIZE_BYTES
    assert reserve.free()
    assert not reserve.free()


def test_the_log_file_is_capped(tmp_path):
    """However much is logged, player.log and its two predecessors stay below 3 MiB and some lines."""
    program = (
        "import logging, pathlib, sys\n"
        "from broadcaster.player.logs import start_logging\n"
        "start_logging(pathlib.Path(sys.argv[1]))\n"
        "for number in range(60000): logging.getLogger('x').info('a line of some length, as there are many')\n"
    )
    subprocess.run([sys.executable, "-c", program, str(tmp_path)], stderr=subprocess.DEVNULL, check=True, timeout=120)
    files = sorted(path.name for path in tmp_path.iterdir())
    assert files == ["player.log", "player.log.1", "player.log.2"]
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) < 3 * FILE_BYTES + 1000


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 6 MB of its own."""
    folder = tmp_path / "small"
    folder.mkdir()
    if (
        shutil.which("mount") is None
        or subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=6m", "none", str(folder)], capture_output=True, check=False
        ).returncode
    ):
        pytest.skip("this user may not mount a file system")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(folder):
    """Use the last byte."""
    with (folder / "somebody-elses").open("ab", buffering=0) as file:
        while True:
            try:
                file.write(os.urandom(4096))
            except OSError:
                break


@pytest.mark.slow
def test_a_really_full_disk_stops_no_cue_and_loses_no_row(server, data, small_disk):
    """On a file system without a free byte the planned cues air, and all their rows reach the server and the disk."""
    home = small_disk / "player"
    shutil.copytree(data, home)
    sounds = [server.add(encoded(noise(0.5, seed))) for seed in range(6)]
    starts_at = server.now() + SOON + timedelta(seconds=3)
    cues = [cue(f"cue-{n}", sound, offset_ms=n * 1500, duration_ms=500) for n, sound in enumerate(sounds)]
    big = server.add(os.urandom(8_000_000))
    later = server.occurrence(server.now() + timedelta(days=9), [cue("big", big)])
    server.publish([server.occurrence(starts_at, cues), later])
    command = [sys.executable, "-m", "broadcaster.player", "run", "--data", str(home), "--output", "null"]
    player = subprocess.Popen(command)
    try:
        server.wait_for(lambda: server.heartbeats and server.heartbeats[-1]["objects_missing"] == 1)
        fill(small_disk)
        wait_until(lambda: len(server.rows) == len(cues) or fill(small_disk), 60)
        assert set(server.outcomes().values()) == {("aired", None)}
        assert "room" in " ".join(server.heartbeats[-1]["problems"])
        (small_disk / "somebody-elses").unlink()
        player.send_signal(signal.SIGTERM)
        assert player.wait(30) == 0
    finally:
        if player.poll() is None:
            player.kill()
            player.wait()
    assert on_disk(home / "journal.db") == {f"cue-{n}": "aired" for n in range(len(cues))}


@pytest.mark.slow
def test_a_player_that_starts_on_a_really_full_disk_plays(server, data, small_disk):
    """After a power cut, without a free byte or a reserve: each cue airs once, all rows reach server and disk."""
    home = small_disk / "player"
    shutil.copytree(data, home)
    sounds = [server.add(encoded(noise(0.5, seed))) for seed in range(2)]
    first = server.occurrence(server.now() + SOON, [cue("first", sounds[0], duration_ms=500)])
    server.publish([first])
    command = [sys.executable, "-m", "broadcaster.player", "run", "--data", str(home), "--output", "null"]
    player = subprocess.Popen(command)
    try:
        server.wait_for(lambda: len(server.rows) == 1)
        second = server.occurrence(server.now() + timedelta(seconds=20), [cue("second", sounds[1], duration_ms=500)])
        server.publish([first, second], number=2)
        server.wait_for(
            lambda: server.heartbeats[-1]["manifest_id"] == 2 and not server.heartbeats[-1]["objects_missing"]
        )
        player.kill()
        player.wait()
        (home / "reserve").unlink(missing_ok=True)
        (home / "journal.db-shm").unlink()
        fill(small_disk)
        player = subprocess.Popen(command)
        wait_until(lambda: len(server.rows) == 2 or fill(small_disk), 60)
        assert server.outcomes() == {"first": ("aired", None), "second": ("aired", None)}
        server.wait_for(lambda: "journal" in " ".join(server.heartbeats[-1].get("problems", ())))
        (small_disk / "somebody-elses").unlink()
        player.send_signal(signal.SIGTERM)
        assert player.wait(30) == 0
    finally:
        if player.poll() is None:
            player.kill()
            player.wait()
    assert on_disk(home / "journal.db") == {"first": "aired", "second": "aired"}
