"""Ten months of the log are exported and removed: time, memory, and how long another writer waits meanwhile.

The floor of the memory is the same command that only says what it would do.
"""

import os
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Self

from tests.bench.result import Result

GOAL_MEMORY = 1.2
GOAL_WAIT_MS = 1000
_PAUSE_S = 0.02


def measure(database: Path) -> list[Result]:
    """`broadcaster retention` twice over a year, as if a week lay between: once it exports, once it removes."""
    _, idle_mb = _run("--dry-run")
    with _Waiting(database) as waiting:
        exported_s, exported_mb = _run()
        with sqlite3.connect(database) as connection:
            connection.execute("UPDATE retention_export SET due_at = written_at")
        removed_s, removed_mb = _run()
    gone = connection.execute("SELECT sum(rows) FROM retention_export WHERE deleted_at IS NOT NULL").fetchone()[0]
    connection.close()
    return [
        Result(f"a year: {gone} old rows are exported", exported_s, "s"),
        Result("a year: they are removed", removed_s, "s"),
        Result("a year: memory meanwhile", max(exported_mb, removed_mb), "MB", idle_mb, GOAL_MEMORY),
        Result("a year: longest wait of another writer", waiting.longest_s * 1000, "ms", None, GOAL_WAIT_MS, "value"),
    ]


def _run(*options: str) -> tuple[float, float]:
    """Seconds and the peak of memory in MB of one run as a process of its own."""
    begun = time.perf_counter()
    environment = {**os.environ, "BROADCASTER_KEEP_LOG_MONTHS": "2"}
    command = [sys.executable, "-m", "broadcaster.cli", "retention", *options]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return time.perf_counter() - begun, used.ru_maxrss / 1000


class _Waiting:
    """Somebody who writes a little again and again, as the rows of players do."""

    def __init__(self, database: Path) -> None:
        self.longest_s = 0.0
        self._database, self._done = database, threading.Event()
        self._thread = threading.Thread(target=self._write)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _write(self) -> None:
        connection = sqlite3.connect(self._database, timeout=60, isolation_level=None)
        while not self._done.wait(_PAUSE_S):
            begun = time.perf_counter()
            connection.execute("BEGIN IMMEDIATE")
            self.longest_s = max(self.longest_s, time.perf_counter() - begun)
            connection.execute("COMMIT")
        connection.close()
