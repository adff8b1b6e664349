"""Rows older than the rules of the settings: written into a file by table and month, then deleted, and audited.

Only whole months go, so that a table could be kept in monthly partitions, and only what was written and read back.
"""

import contextlib
import gzip
import hashlib
import json
import logging
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from dateutil.relativedelta import relativedelta
from sqlalchemy import ColumnElement, CursorResult, delete, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from broadcaster.asrun.models import Airing, AsRunEntry, QuarantinedRow
from broadcaster.fleet.models import PlayerHour
from broadcaster.settings import Settings
from broadcaster.station import Station
from content.kernel import audit
from content.kernel.db import unit_of_work
from content.kernel.errors import Unavailable
from content.kernel.nodes import the_commune

log = logging.getLogger(__name__)
FOLDER = "archive"
LOG_AT_LEAST_MONTHS = 2
"""Players keep what they aired for 30 days, and send it again after a restore: it must find its equal here."""
_AT_ONCE = 1000


class ArchiveNotWritten(Unavailable):
    """What was to be deleted could not be kept first."""

    sentence = "Old rows could not be written to {file}: {cause}. Nothing was deleted."


@dataclass(frozen=True, slots=True)
class Rule:
    """Rows of a table whose instant lies before `before`, the beginning of a month in UTC."""

    at: InstrumentedAttribute[datetime]
    before: datetime

    @property
    def table(self) -> str:
        """What the table is called."""
        return str(self.at.class_.__tablename__)


@dataclass(frozen=True, slots=True)
class Batch:
    """A month of one table that is to go: its rows by now, none newer than the row `last_id`."""

    rule: Rule
    month: datetime
    rows: int
    last_id: int

    @property
    def name(self) -> str:
        """Of the file, without ending."""
        return f"{self.rule.table}-{self.month:%Y-%m}"


@dataclass(frozen=True, slots=True)
class Gone:
    """A batch that was kept in a file and deleted."""

    batch: Batch
    file: Path


def rules(settings: Settings, now: datetime) -> list[Rule]:
    """What the settings say, as of now. A rule that keeps for ever is none."""
    health = Rule(PlayerHour.at, _month_of(now - timedelta(days=settings.keep_health_days)))
    if not settings.keep_log_months:
        return [health]
    before = _month_of(now) - relativedelta(months=max(settings.keep_log_months, LOG_AT_LEAST_MONTHS))
    return [
        health,
        *(Rule(at, before) for at in (AsRunEntry.planned_at, Airing.planned_at, QuarantinedRow.received_at)),
    ]


def due(session: Session, settings: Settings, now: datetime) -> list[Batch]:
    """What is to go now, the oldest month of each table first. Only reads."""
    return [batch for rule in rules(settings, now) for batch in _batches(session, rule)]


def tidy(station: Station) -> list[Gone]:
    """Keep each due month in a file, then delete it; a kill in between costs a second file, never a row.

    Raises ArchiveNotWritten.
    """
    now = station.clock.now()
    with unit_of_work(station.sessions, writes=False) as session:
        batches = due(session, station.settings, now)
    return [_retire(station, batch, now) for batch in batches]


def _batches(session: Session, rule: Rule) -> Iterator[Batch]:
    first = session.scalar(select(func.min(rule.at)))
    month = _month_of(first) if first else rule.before
    while month < rule.before:
        table_id = rule.at.class_.id
        within = rule.at >= month, rule.at < month + relativedelta(months=1)
        rows, last_id = session.execute(select(func.count(), func.max(table_id)).where(*within)).one()
        if rows:
            yield Batch(rule, month, rows, last_id)
        month += relativedelta(months=1)


def _retire(station: Station, batch: Batch, now: datetime) -> Gone:
    file = _free_name(station.settings.data_dir / FOLDER, batch.name)
    try:
        with unit_of_work(station.sessions, writes=False) as session:
            written, sha256 = _write(session, batch, file)
    except OSError as error:
        with contextlib.suppress(OSError):
            file.unlink()
        raise ArchiveNotWritten(file=file, cause=error.strerror or error) from error
    with unit_of_work(station.sessions) as session:
        gone = session.execute(delete(batch.rule.at.class_).where(*_of(batch)))
        assert isinstance(gone, CursorResult)
        if gone.rowcount != written:  # somebody deleted there meanwhile: the file stays, nothing else is done
            session.rollback()
        elif commune := the_commune(session):
            facts = {"month": f"{batch.month:%Y-%m}", "rows": written, "file": file.name, "sha256": sha256}
            audit.record(session, commune.id, now, None, "retention.deleted", f"table:{batch.rule.table}", **facts)
    log.info("retention.deleted", extra={"table": batch.rule.table, "rows": written, "file": file.name})
    return Gone(batch, file)


def _write(session: Session, batch: Batch, file: Path) -> tuple[int, str]:
    """Write the rows as JSON lines, read them back, and return how many there are and the file's sha256."""
    file.parent.mkdir(parents=True, exist_ok=True)
    table = batch.rule.at.class_.__table__
    query = select(*table.columns).where(*_of(batch)).order_by(table.c.id)
    with file.open("xb") as raw:
        with gzip.open(raw, "wt", encoding="utf-8") as lines:
            for row in session.execute(query, execution_options={"yield_per": _AT_ONCE}):
                lines.write(json.dumps(row._asdict(), default=_text, ensure_ascii=False) + "\n")
        raw.flush()
        os.fsync(raw.fileno())
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        written = sum(1 for _ in lines)
    return written, hashlib.sha256(file.read_bytes()).hexdigest()


def _of(batch: Batch) -> tuple[ColumnElement[bool], ...]:
    # A row of that month that came since has a higher number: it waits for the next time.
    at, month = batch.rule.at, batch.month
    return at >= month, at < month + relativedelta(months=1), at.class_.id <= batch.last_id


def _month_of(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def _free_name(folder: Path, name: str) -> Path:
    names = (f"{name}{ending}.jsonl.gz" for ending in ("", *(f"-{number}" for number in range(2, 10_000))))
    return next(folder / each for each in names if not (folder / each).exists())


def _text(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
