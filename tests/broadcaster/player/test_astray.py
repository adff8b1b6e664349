"""A machine whose clock goes astray: by hand, and real processes under libfaketime."""

import json
import os
import shutil
import signal
import subprocess
import sys
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest

from broadcaster.player.clock import PlayerClock
from broadcaster.protocol import ClockState
from tests.broadcaster.player.conftest import encoded, noise
from tests.broadcaster.player.fake_server import cue
from tests.broadcaster.player.test_clock import NOON, Hands, compared, trips
from tests.broadcaster.player.test_offline import Village
from tests.broadcaster.player.test_process import SOON, journal, wait_until

AIRED = ["aired"]


@pytest.mark.parametrize("step", [timedelta(seconds=1), timedelta(seconds=-1), timedelta(seconds=59)])
def test_an_ntp_step_moves_nothing(step):
    """NTP may step the machine's clock under the player: player time goes on as before, and is still believed."""
    hands = Hands()
    clock = compared(hands)
    hands.pass_by(100)
    before = clock.now()
    hands.time += step
    assert clock.now() == before
    assert clock.read().state is ClockState.TRUSTED
    assert clock.read().offset_ms == pytest.approx(-step.total_seconds() * 1000, abs=1)


def test_a_slewed_clock_moves_nothing():
    """A clock that NTP slews by 500 ppm for an hour (1.8 s) is no jump."""
    hands = Hands()
    clock = compared(hands)
    hands.pass_by(3600, wall_rate=1.0005)
    assert abs(clock.now() - NOON - timedelta(hours=1)) < timedelta(milliseconds=1)
    assert clock.read().state is ClockState.TRUSTED


@pytest.mark.parametrize(
    "wall", [datetime(1970, 1, 1, tzinfo=UTC), NOON + timedelta(days=1), NOON - timedelta(hours=3)]
)
def test_whatever_the_machine_shows_the_servers_time_counts(wall):
    """1970, a day ahead, three hours back: after one comparison player time is right and believed."""
    hands = Hands(wall=wall)
    clock = PlayerClock(hands)
    assert clock.read().state is ClockState.UNTRUSTED
    clock.compare(trips(hands, NOON, 0.02, 0.02, 0.02))
    assert clock.read().state is ClockState.TRUSTED
    assert abs(clock.now() - NOON) < timedelta(milliseconds=1)


@pytest.mark.parametrize("jump", [timedelta(days=1), timedelta(hours=-3)])
def test_a_jump_in_the_midst_of_a_cue_lets_it_end(server, data, monkeypatch, jump):
    """The cue that sounds is counted in frames and ends whole; the next waits until the server has told the time."""
    sound = server.add(encoded(noise(3)))
    cues = [
        cue(name, sound, offset_ms=at, duration_ms=3000, latest_start_ms=at + 60_000)
        for name, at in (("one", 0), ("two", 5000))
    ]
    starts_at = server.now() + timedelta(seconds=20)
    server.publish([server.occurrence(starts_at, cues)])
    village = Village(data, monkeypatch, server.now())
    village.agent.sync.round()
    village.live_until(starts_at + timedelta(seconds=1))
    assert village.agent.conductor.now_playing() is not None
    village.hands.time += jump
    village.live_until(starts_at + timedelta(seconds=10))
    assert {row.cue_key: (row.outcome, row.reason) for row in village.rows()} == {"one": ("aired", None)}
    server.offset = village.agent.clock.now() - (server.now() - server.offset)
    village.agent.sync.round()
    assert village.agent.clock.read().state is ClockState.TRUSTED
    village.live_until(starts_at + timedelta(seconds=20))
    rows = {row.cue_key: row for row in village.rows()}
    told = {row["cue_key"]: row["outcome"] for row in server.rows.values()}
    assert told["one"] == "aired"
    assert rows["two"].outcome == "aired"
    assert 4000 < rows["two"].late_ms < 7000
    village.agent.close()


@contextmanager
def running(command, environment=None):
    """A player behind `faketime`, which stays its parent and would leave it behind: both end as one group."""
    process = subprocess.Popen(command, env=environment, start_new_session=True)
    try:
        yield
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(30)


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("faketime") is None, reason="needs libfaketime (apt install faketime)")
@pytest.mark.parametrize("shown", ["@1970-01-01 00:00:00", "+1d", "-3h"])
def test_a_real_player_on_a_machine_with_a_wrong_clock(server, data, shown):
    """Under libfaketime the system's clock is wrong, the server's time right: the cue airs on the second."""
    audio = server.add(encoded(noise(0.5)))
    server.publish([server.occurrence(server.now() + SOON + SOON, [cue("one", audio, duration_ms=500)])])
    command = ["faketime", "-f", shown, sys.executable, "-m", "broadcaster.player", "run", "--data", str(data)]
    environment = os.environ | {"FAKETIME_DONT_FAKE_MONOTONIC": "1", "FAKETIME_DONT_RESET": "1"}
    with running([*command, "--output", "null", "--page", "off"], environment):
        wait_until(
            lambda: (data / "journal.db").exists() and [row["outcome"] for row in journal(data)] == ["aired"], 60
        )
    (row,) = journal(data)
    assert abs(row["late_ms"]) < 2000
    assert row["clock_state"] == "trusted"
    assert abs(row["clock_offset_ms"]) > 3_600_000


def later_by(days):
    """Start what follows so many days later, by both clocks of this machine: in a time namespace, under libfaketime."""
    seconds = str(86_400 * days)
    namespace = ["unshare", "--time", "--monotonic", seconds, "--boottime", seconds]
    return [*namespace, "env", "FAKETIME_DONT_FAKE_MONOTONIC=1", "faketime", "-f", f"+{days}d"]


def may_shift_time():
    if not (shutil.which("faketime") and shutil.which("unshare")):
        return False
    return subprocess.run([*later_by(1), "true"], check=False, capture_output=True).returncode == 0


@pytest.mark.slow
@pytest.mark.skipif(not may_shift_time(), reason="needs libfaketime and the right to make a time namespace")
def test_a_real_player_thirteen_days_after_its_server_was_heard_last(server, data):
    """What was fetched airs on the second by the drifting clock, and the state, with its possible error, is told."""
    audio = server.add(encoded(noise(0.5)))
    start = server.now() + timedelta(days=13, seconds=45)
    server.publish([server.occurrence(start, [cue("one", audio, duration_ms=500)])])
    command = [sys.executable, "-m", "broadcaster.player", "run", "--data", str(data), "--output", "null"]
    first = subprocess.Popen([*command, "--page", "off"])
    server.wait_for(lambda: server.heartbeats and server.heartbeats[-1]["objects_missing"] == 0 and server.fetched)
    first.terminate()
    assert first.wait(30) == 0
    server.faults.away = True
    with running([*later_by(13), *command, "--page", "off"]):
        wait_until(lambda: [row["outcome"] for row in journal(data)] == ["aired"], 90)
    (row,) = journal(data)
    assert (row["clock_state"], abs(row["late_ms"]) < 2000) == ("drifting", True)
    told = json.loads((data / "status.json").read_text())
    assert told["trouble"] == "server_down"
    assert 40_000 < told["clock"]["error_ms"] < 80_000
