"""A player that has nothing to do: memory and processor of a real one, paired to a real server, a day's plan cached.

Three minutes after its start, with its own page open, over a line that is up; the kernel's account of its process.
"""

import os
import subprocess
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from statistics import median

from broadcaster import serve as serving
from broadcaster.demo import people
from broadcaster.demo.browser import Browser
from broadcaster.demo.stage import Stage
from broadcaster.texts import Text
from tests.bench.result import Result

WORDS = ("một", "hai", "ba", "bốn", "năm", "sáu")
SLOTS_AFTER = (timedelta(hours=1), timedelta(hours=5), timedelta(hours=10))
IDLE_S = 180.0
LOOK_EACH_S = 5.0
TICK_S = 1 / os.sysconf("SC_CLK_TCK")


def measure() -> list[Result]:
    """Megabytes resident, and percent of a core, in the last two of three idle minutes."""
    with tempfile.TemporaryDirectory() as folder, Stage(Path(folder) / "data", poll_seconds=60) as stage:
        village = _programme(stage)
        data = stage.station.sample_players_dir / village
        serving.pair_player(stage.station, village, data)
        return player(stage, data, sys.executable)


def player(stage: Stage, data: Path, python: str) -> list[Result]:
    """Run a paired player by this Python until all is cached, then look at it."""
    command = [python, "-m", "broadcaster.player", "run", "--data", str(data), "--output", "null"]
    process = subprocess.Popen([*command, "--page", "127.0.0.1:0"], stderr=subprocess.DEVNULL)
    try:
        begun = time.monotonic()
        stage.wait_until("the player's cache", lambda: _cached(data), 60)
        _idle(stage, begun + IDLE_S / 3)
        before, since, seen = _cpu_s(process.pid), time.monotonic(), []
        while time.monotonic() < begun + IDLE_S:
            _idle(stage, time.monotonic() + LOOK_EACH_S)
            seen.append(_megabytes(process.pid, "VmRSS"))
        percent = 100 * (_cpu_s(process.pid) - before) / (time.monotonic() - since)
        most = _megabytes(process.pid, "VmHWM")
    finally:
        process.terminate()
        process.wait(30)
    return [
        Result("idle player, resident", median(seen), "MB", goal=60, goal_is_for_the="value"),
        Result("idle player, most resident since its start", most, "MB"),
        Result("idle player, processor", percent, "% of a core", goal=0.5, goal_is_for_the="value"),
    ]


def _programme(stage: Stage) -> str:
    """Announcements for all, in three slots of the coming hours; returns a village that hears them."""
    with Browser(stage.url) as secretary, Browser(stage.url) as cadre:
        people.log_in(secretary, stage.secretary)
        people.log_in(cadre, stage.cadre)
        for word in WORDS:
            text = Text(f"Bản tin {word}", f"Đây là bản tin thứ {word} của ngày. " * 8, "khac", "routine")
            people.approve(cadre, people.write(secretary, text, stage.villages, everywhere=True), stage)
    with Browser(stage.url) as admin:
        people.log_in(admin, stage.admin)
        for after in SLOTS_AFTER:
            people.open_slot(admin, f"Sau {after}", stage.station.clock.now() + after + timedelta(hours=7), 30)
    return stage.villages[0]


def _cached(data: Path) -> bool:
    """All three playlists have come, and with them their audio: nothing is missing."""
    try:
        return '"objects_missing": 0' in (data / "status.json").read_text() and len(_objects(data)) > len(WORDS)
    except OSError:
        return False


def _objects(data: Path) -> list[Path]:
    return [path for path in (data / "objects").iterdir() if path.suffix != ".part"]


def _idle(stage: Stage, until: float) -> None:
    stage.wait_until("the time to pass", lambda: time.monotonic() > until, IDLE_S)


def _megabytes(pid: int, kind: str) -> float:
    (line,) = (line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith(f"{kind}:"))
    return int(line.split()[1]) * 1024 / 1e6


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) * TICK_S
