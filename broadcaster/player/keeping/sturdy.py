"""An SQLite connection that a full or broken disk cannot stop: what cannot be written waits in memory.

Knows no table. While the disk refuses, a power cut loses what was written since; nothing else does.
"""

import logging
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

log = logging.getLogger(__name__)
RETRY_S = 15.0
Statement = tuple[str, Sequence[Any]]


class SturdyDb:
    """Used as a connection is: `execute`, and `with` for a transaction. One thread at a time, by the owner's lock."""

    def __init__(
        self,
        path: Path,
        connect: Callable[[], sqlite3.Connection],
        schema: str,
        make_room: Callable[[], bool],
        monotonic: Callable[[], float],
    ) -> None:
        """Open it, in memory where the disk is too full even for that.

        `connect` opens the file at `path`; `make_room` gives up something for our sake and tells whether it could.

        Raises:
            OSError: it can neither be opened nor read.
        """
        self._connect = connect
        self._schema = schema
        self._make_room = make_room
        self._monotonic = monotonic
        self._tried = monotonic()
        self._under_way: list[Statement] = []
        self._disk = self._opened()
        self._memory = None if self._disk else rescued(path, schema)

    @property
    def in_memory(self) -> bool:
        """Whether the disk refuses now."""
        return self._memory is not None

    def execute(self, sql: str, values: Sequence[Any] = ()) -> sqlite3.Cursor:
        """Run one statement, in the transaction that is under way."""
        self._under_way.append((sql, values))
        try:
            return self._now.execute(sql, values)
        except sqlite3.OperationalError as error:
            return self._again(error)

    def executemany(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        """Run one statement for each row."""
        for values in rows:
            self.execute(sql, values)

    def __enter__(self) -> Self:
        """Begin a transaction."""
        self.try_disk()
        self._under_way = []
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Commit it, or roll it back."""
        if error is not None:
            self._now.rollback()
            return
        try:
            self._now.commit()
        except sqlite3.OperationalError as refusal:
            self._again(refusal)
            self._now.commit()

    def close(self) -> None:
        """Write what is in memory if the disk lets us, then close."""
        self._tried = -RETRY_S
        self.try_disk()
        if self._memory is not None:
            log.error("journal_lost_with_memory")
            self._memory.close()
        if self._disk:
            self._disk.close()

    def try_disk(self) -> None:
        """Write what is in memory to the disk, at most each quarter of a minute."""
        if self._memory is None or self._monotonic() - self._tried < RETRY_S:
            return
        self._tried = self._monotonic()
        try:
            disk = self._disk = self._disk or self._connect()
            with disk:
                for table in _tables(self._memory):
                    _make_alike(self._memory, disk, table)
        except sqlite3.OperationalError:
            return
        self._memory.close()
        self._memory = None
        log.warning("journal_back_on_disk")

    @property
    def _now(self) -> sqlite3.Connection:
        now = self._memory or self._disk
        assert now, "it is open here or there"
        return now

    def _opened(self) -> sqlite3.Connection | None:
        try:
            return self._connect()
        except sqlite3.OperationalError as error:
            if self._make_room():
                return self._opened()
            log.error("journal_in_memory", extra={"why": str(error)})  # noqa: TRY400 - no fault of the program
            return None

    def _again(self, error: sqlite3.OperationalError) -> sqlite3.Cursor:
        """Run the transaction so far once more: with more room, else in memory."""
        if self._memory is not None or self._disk is None or not _is_disk(error):
            raise error
        self._disk.rollback()
        if self._make_room():
            try:
                return self._replay()
            except sqlite3.OperationalError:
                self._disk.rollback()
        log.error("journal_in_memory", extra={"why": str(error)})
        self._memory = in_memory(self._disk, self._schema)
        self._tried = self._monotonic()
        return self._replay()

    def _replay(self) -> sqlite3.Cursor:
        cursor = self._now.cursor()
        for sql, values in self._under_way:
            cursor = self._now.execute(sql, values)
        return cursor


def in_memory(source: sqlite3.Connection, schema: str) -> sqlite3.Connection:
    """Copy a database into memory."""
    made = sqlite3.connect(":memory:", check_same_thread=False)
    made.executescript(schema)
    with made:
        for table in _tables(source):
            _make_alike(source, made, table)
    return made


def rescued(path: Path, schema: str) -> sqlite3.Connection:
    """Read a database whose disk is too full to open it, through a copy elsewhere, into memory. Raises OSError."""
    with tempfile.TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as folder:  # noqa: S108
        for suffix in ("", "-wal"):
            if (part := path.with_name(path.name + suffix)).exists():
                shutil.copy(part, Path(folder) / part.name)
        copy = sqlite3.connect(Path(folder) / path.name)
        try:
            copy.executescript(schema)
            return in_memory(copy, schema)
        finally:
            copy.close()


def _make_alike(source: sqlite3.Connection, target: sqlite3.Connection, table: str) -> None:
    """Write to the target what differs: a full disk has room for little."""
    wanted, present = _rows(source, table), _rows(target, table)
    for rowid in present.keys() - wanted.keys():
        target.execute(f"DELETE FROM {table} WHERE rowid = ?", (rowid,))  # noqa: S608 - our own tables
    for rowid, row in wanted.items():
        if present.get(rowid) != row:
            marks = ", ".join("?" * (len(row) + 1))
            names = ", ".join(["rowid", *_columns(source, table)])
            target.execute(f"INSERT OR REPLACE INTO {table} ({names}) VALUES ({marks})", (rowid, *row))  # noqa: S608


def _rows(db: sqlite3.Connection, table: str) -> dict[int, tuple[Any, ...]]:
    return {row[0]: row[1:] for row in db.execute(f"SELECT rowid, * FROM {table}")}  # noqa: S608 - our own tables


def _columns(db: sqlite3.Connection, table: str) -> list[str]:
    return [row[1] for row in db.execute(f"PRAGMA table_info({table})")]


def _tables(db: sqlite3.Connection) -> list[str]:
    query = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    return [name for (name,) in db.execute(query)]


def _is_disk(error: sqlite3.OperationalError) -> bool:
    return error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY)
