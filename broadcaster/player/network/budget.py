"""What the line costs: bytes counted by calendar month, kept over restarts; and at most so many a second when asked."""

import json
import threading
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from broadcaster.player.files import note

FILE = "traffic.json"
KEEP_MONTHS = 13
BURST_S = 1.0


class Traffic:
    """Bytes up and down by month (`2026-11`) of player time in the village's zone. Any thread may count."""

    def __init__(self, data: Path, now: Callable[[], datetime]) -> None:
        """Take up what was counted before; a damaged file begins anew."""
        self._path = data / FILE
        self._now = now
        self._lock = threading.Lock()
        self._uncounted = 0
        self.zone = ZoneInfo("UTC")
        self._months = _kept(self._path)

    def count(self, size_bytes: int) -> None:
        """Count bytes that went over the line."""
        with self._lock:
            self._uncounted += size_bytes

    def month_bytes(self) -> int:
        """Return the bytes of this month so far."""
        with self._lock:
            return self._months.get(self._month(), 0) + self._uncounted

    def months(self) -> dict[str, int]:
        """Return the bytes by month, newest last."""
        with self._lock:
            return dict(self._months)

    def keep(self) -> None:
        """Write it down; a power cut loses what was counted since the last time."""
        with self._lock:
            if not self._uncounted:
                return
            month = self._month()
            self._months[month] = self._months.get(month, 0) + self._uncounted
            self._uncounted = 0
            self._months = dict(sorted(self._months.items())[-KEEP_MONTHS:])
            kept = json.dumps(self._months).encode()
        note(self._path, kept)

    def _month(self) -> str:
        return f"{self._now().astimezone(self.zone):%Y-%m}"


class Brake:
    """A token bucket of one second: after each piece `pace` waits as long as the line must stay quiet."""

    def __init__(self, monotonic: Callable[[], float], wait: Callable[[float], object] = time.sleep) -> None:
        self._monotonic = monotonic
        self._wait = wait
        self._free_at = 0.0

    def pace(self, size_bytes: int, most_per_s: int) -> None:
        """Account for bytes that came; `most_per_s` 0 means no limit."""
        if most_per_s <= 0:
            return
        now = self._monotonic()
        self._free_at = max(self._free_at, now - BURST_S) + size_bytes / most_per_s
        if self._free_at > now:
            self._wait(self._free_at - now)


def _kept(path: Path) -> dict[str, int]:
    try:
        return {str(month): int(count) for month, count in json.loads(path.read_bytes()).items()}
    except (OSError, ValueError, AttributeError):
        return {}
