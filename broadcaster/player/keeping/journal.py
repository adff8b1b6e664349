"""What was aired, in SQLite: the row is on the disk before the sound begins, so that no crash can air a cue twice.

An open row already reads `partial/power_cut`; closing it writes the truth. Nothing here decides what to play.
"""

import json
import logging
import sqlite3
import threading
import time
import uuid
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

from broadcaster.player.errors import PlayerError
from broadcaster.player.keeping.sturdy import SturdyDb
from broadcaster.protocol import AlertReceipt, AlertStage, AsRunRow, ClockState, Reason, RowAnswer

log = logging.getLogger(__name__)
KEEP = timedelta(days=30)
CueId = tuple[UUID, str]


class Attempts(NamedTuple):
    """How often a cue was begun, or skipped, and what the newest row says kept it from being aired whole.

    `cut_by_alert`: an alert cut the first of them, so that there may be a second.
    """

    number: int
    reason: Reason | None
    cut_by_alert: bool = False


class Note(NamedTuple):
    """What somebody did to this player that is no cue."""

    at: datetime
    what: str
    facts: Mapping[str, object]


SCHEMA_VERSION = 3
"""In the file as `user_version`: 0 had rows and facts, 2 has receipts and notes too, 3 what alerts cut. Tables are only
added, so that an upgrade keeps all rows and an older player can go on with a newer journal."""
SCHEMA = """
CREATE TABLE IF NOT EXISTS as_run (
    seq INTEGER PRIMARY KEY,
    row_uuid TEXT NOT NULL UNIQUE,
    occurrence_uuid TEXT NOT NULL,
    cue_key TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    open INTEGER NOT NULL,
    body TEXT NOT NULL,
    acknowledged_at TEXT,
    verdict TEXT,
    UNIQUE (occurrence_uuid, cue_key, attempt)
);
CREATE INDEX IF NOT EXISTS as_run_waiting ON as_run (seq) WHERE acknowledged_at IS NULL;
CREATE TABLE IF NOT EXISTS receipt (
    seq INTEGER PRIMARY KEY,
    alert_uuid TEXT NOT NULL,
    version INTEGER NOT NULL,
    stage TEXT NOT NULL,
    body TEXT NOT NULL,
    said INTEGER NOT NULL DEFAULT 0,
    at TEXT NOT NULL,
    UNIQUE (alert_uuid, version, stage)
);
CREATE TABLE IF NOT EXISTS cut_by_alert (
    occurrence_uuid TEXT NOT NULL,
    cue_key TEXT NOT NULL,
    UNIQUE (occurrence_uuid, cue_key)
);
CREATE TABLE IF NOT EXISTS fact (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS note (seq INTEGER PRIMARY KEY, at TEXT NOT NULL, what TEXT NOT NULL, facts TEXT NOT NULL);
"""


class Journal:
    """The file `journal.db`, shared by the threads of one process."""

    def __init__(self, path: Path, make_room: Callable[[], bool] = lambda: False) -> None:
        """Open or create it; rows that a crash left open are closed as they stand (`partial/power_cut`).

        `make_room` gives something up when the disk is full; if that does not help, rows wait in memory.

        Raises:
            PlayerError: it can neither be written nor read.
        """
        self._lock = threading.RLock()
        try:
            self._db = SturdyDb(path, lambda: _open(path), SCHEMA, make_room, time.monotonic)
        except OSError as error:
            raise PlayerError(f"Cannot open the journal {path}: may this user read it? ({error})") from error
        with self._lock, self._db:
            cut = self._db.execute("UPDATE as_run SET open = 0 WHERE open = 1").rowcount
        if cut:
            log.warning("power_cut_found", extra={"rows": cut})

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()

    @property
    def in_memory(self) -> bool:
        """Whether the disk refuses to take rows; they are written when it does not."""
        return self._db.in_memory

    def try_disk(self) -> None:
        """Write what waits in memory, if the disk takes it again."""
        with self._lock:
            self._db.try_disk()

    def begin(self, row: AsRunRow) -> None:
        """Write the row of a cue that is about to sound; on the disk when this returns."""
        with self._lock, self._db:
            self._insert(row, still_open=True)

    def skip(self, rows: Iterable[AsRunRow]) -> None:
        """Write rows of cues that will not sound."""
        with self._lock, self._db:
            for row in rows:
                self._insert(row, still_open=False)

    def mark(self, row: AsRunRow) -> None:
        """Note how far an open row has come, for the case of a power cut."""
        with self._lock, self._db:
            self._write(row, still_open=True)

    def end(self, row: AsRunRow, *, cut_by_alert: bool = False) -> None:
        """Close an open row with its truth; that an alert cut it must outlive a restart: only that permits a second."""
        with self._lock, self._db:
            self._write(row, still_open=False)
            if cut_by_alert:
                names = (str(row.occurrence_uuid), row.cue_key)
                self._db.execute("INSERT OR IGNORE INTO cut_by_alert VALUES (?, ?)", names)

    def take_back(self, row_uuid: UUID) -> None:
        """Remove the open row of a cue of which certainly nothing was heard, so that it may still air."""
        with self._lock, self._db:
            self._db.execute("DELETE FROM as_run WHERE row_uuid = ? AND open = 1", (str(row_uuid),))

    def done(self, occurrences: Collection[UUID]) -> dict[CueId, Attempts]:
        """Return the cues of these occurrences that have a row, with how often they were begun."""
        query = (
            "SELECT occurrence_uuid, cue_key, max(attempt), json_extract(body, '$.reason'), cut_by_alert.rowid NOTNULL"
            " FROM as_run LEFT JOIN cut_by_alert USING (occurrence_uuid, cue_key) GROUP BY occurrence_uuid, cue_key"
        )
        with self._lock:
            found = self._db.execute(query).fetchall()
        wanted = {str(occurrence) for occurrence in occurrences}
        return {
            (UUID(occurrence), key): Attempts(count, Reason(reason) if reason else None, bool(cut))
            for occurrence, key, count, reason, cut in found
            if occurrence in wanted
        }

    def waiting(self, limit: int) -> list[AsRunRow]:
        """Return the oldest closed rows that the server has not acknowledged."""
        query = "SELECT body FROM as_run WHERE acknowledged_at IS NULL AND open = 0 ORDER BY seq LIMIT ?"
        with self._lock:
            return [AsRunRow.model_validate_json(body) for (body,) in self._db.execute(query, (limit,))]

    def count_waiting(self) -> int:
        """Count the closed rows that the server has not acknowledged."""
        query = "SELECT count(*) FROM as_run WHERE acknowledged_at IS NULL AND open = 0"
        with self._lock:
            return int(self._db.execute(query).fetchone()[0])

    def acknowledge(self, answers: Sequence[RowAnswer], at: datetime) -> None:
        """Keep the server's verdicts; each of them, also `quarantined`, means that it has the row."""
        facts = [(at.isoformat(), answer.verdict, answer.row_uuid) for answer in answers]
        with self._lock, self._db:
            self._db.executemany("UPDATE as_run SET acknowledged_at = ?, verdict = ? WHERE row_uuid = ?", facts)

    def send_again(self) -> None:
        """Forget all acknowledgements: the server was restored from a backup and may lack what it once had."""
        with self._lock, self._db:
            self._db.execute("UPDATE as_run SET acknowledged_at = NULL, verdict = NULL")
            self._db.execute("UPDATE receipt SET said = 0")

    def purge(self, now: datetime) -> None:
        """Remove rows acknowledged more than 30 days ago."""
        with self._lock, self._db:
            self._db.execute("DELETE FROM as_run WHERE acknowledged_at < ?", ((now - KEEP).isoformat(),))
            self._db.execute("DELETE FROM receipt WHERE said AND at < ?", ((now - KEEP).isoformat(),))
            self._db.execute(
                "DELETE FROM cut_by_alert WHERE (occurrence_uuid, cue_key) NOT IN"
                " (SELECT occurrence_uuid, cue_key FROM as_run)"
            )

    def of_alert(self, alert_uuid: UUID) -> list[AsRunRow]:
        """Return the repeats of an alert that are over, in the order in which they sounded."""
        query = "SELECT body FROM as_run WHERE occurrence_uuid = ? AND open = 0 ORDER BY seq"
        with self._lock:
            return [AsRunRow.model_validate_json(body) for (body,) in self._db.execute(query, (str(alert_uuid),))]

    def receipt(self, receipt: AlertReceipt) -> bool:
        """Keep what is to be said of an alert; of each stage of a version the first word stands. Tell whether new."""
        names = (str(receipt.alert_uuid), receipt.version, receipt.stage)
        with self._lock, self._db:
            done = self._db.execute(
                "INSERT OR IGNORE INTO receipt (alert_uuid, version, stage, body, at) VALUES (?, ?, ?, ?, ?)",
                (*names, receipt.model_dump_json(), receipt.at.isoformat()),
            )
            return done.rowcount > 0

    def receipts_waiting(self, limit: int) -> list[AlertReceipt]:
        """Return the oldest receipts that the server has not heard."""
        query = "SELECT body FROM receipt WHERE NOT said ORDER BY seq LIMIT ?"
        with self._lock:
            return [AlertReceipt.model_validate_json(body) for (body,) in self._db.execute(query, (limit,))]

    def receipts_said(self, receipts: Iterable[AlertReceipt]) -> None:
        """Note that the server has heard them."""
        names = [(str(receipt.alert_uuid), receipt.version, receipt.stage) for receipt in receipts]
        with self._lock, self._db:
            self._db.executemany(
                "UPDATE receipt SET said = 1 WHERE alert_uuid = ? AND version = ? AND stage = ?", names
            )

    def stages(self, alert_uuid: UUID, version: int) -> set[AlertStage]:
        """Return how far a version of an alert was said to have come."""
        query = "SELECT stage FROM receipt WHERE alert_uuid = ? AND version = ?"
        with self._lock:
            return {AlertStage(stage) for (stage,) in self._db.execute(query, (str(alert_uuid), version))}

    def born_at(self) -> datetime | None:
        """Return the first trusted instant of this journal: what was planned before it may have aired unknown to us."""
        return self._instant("born_at")

    def set_born_at(self, at: datetime) -> None:
        """Note the first trusted instant; later calls change nothing."""
        with self._lock, self._db:
            self._db.execute("INSERT OR IGNORE INTO fact VALUES ('born_at', ?)", (at.isoformat(),))

    def floor(self) -> datetime | None:
        """Return the newest instant journalled under a trusted clock."""
        return self._instant("floor")

    def note(self, at: datetime, what: str, facts: Mapping[str, object]) -> None:
        """Write down what somebody did to this player that is no cue: gave it the time, brought a stick."""
        with self._lock, self._db:
            self._db.execute(
                "INSERT INTO note (at, what, facts) VALUES (?, ?, ?)", (at.isoformat(), what, json.dumps(facts))
            )

    def notes(self, limit: int) -> list[Note]:
        """Return the newest notes, newest first."""
        query = "SELECT at, what, facts FROM note ORDER BY seq DESC LIMIT ?"
        with self._lock:
            found = self._db.execute(query, (limit,)).fetchall()
        return [Note(datetime.fromisoformat(at), what, json.loads(facts)) for at, what, facts in found]

    def _instant(self, name: str) -> datetime | None:
        with self._lock:
            found = self._db.execute("SELECT value FROM fact WHERE name = ?", (name,)).fetchone()
        return datetime.fromisoformat(found[0]) if found else None

    def _insert(self, row: AsRunRow, *, still_open: bool) -> None:
        names = (str(row.row_uuid), str(row.occurrence_uuid), row.cue_key, row.attempt)
        self._db.execute(
            "INSERT INTO as_run (row_uuid, occurrence_uuid, cue_key, attempt, open, body) VALUES (?, ?, ?, ?, ?, ?)",
            (*names, still_open, row.model_dump_json()),
        )

    def _write(self, row: AsRunRow, *, still_open: bool) -> None:
        self._db.execute(
            "UPDATE as_run SET body = ?, open = ? WHERE row_uuid = ?",
            (row.model_dump_json(), still_open, str(row.row_uuid)),
        )
        if row.ended_at and row.clock_state is ClockState.TRUSTED:
            self._db.execute("INSERT OR REPLACE INTO fact VALUES ('floor', ?)", (row.ended_at.isoformat(),))


def _open(path: Path) -> sqlite3.Connection:
    try:
        return _connect(path)
    except sqlite3.OperationalError:
        raise
    except sqlite3.DatabaseError:
        # A worn-out card must not silence a village: begin a new journal, keep the old one for those who can read it.
        log.exception("journal_unreadable")
        for suffix in ("", "-wal", "-shm"):
            damaged = path.with_name(path.name + suffix)
            if damaged.exists():
                damaged.replace(damaged.with_name(f"{damaged.name}.damaged-{uuid.uuid4().hex[:8]}"))
        return _connect(path)


def _connect(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, check_same_thread=False)
    try:
        _prepare(db)
    except sqlite3.DatabaseError:
        db.close()
        raise
    return db


def _prepare(db: sqlite3.Connection) -> None:
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = FULL")
    with closing(db.execute("PRAGMA quick_check")) as check:
        if check.fetchone()[0] != "ok":
            raise sqlite3.DatabaseError("quick_check failed")
    db.executescript(SCHEMA)
    with closing(db.execute("PRAGMA user_version")) as found:
        if found.fetchone()[0] < SCHEMA_VERSION:
            db.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
