"""Old rows and the audio of what is long over: written into a file, left beside it for a week, then removed.

Only whole months go, so that a table could be kept in monthly partitions; only what was written, read back and has not
changed since; and what went can be put back from its file. Nothing slow happens inside a unit of work that writes.
"""

import logging
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Final, TypeVar
from uuid import UUID

from dateutil.relativedelta import relativedelta
from sqlalchemy import ColumnElement, Table, delete, func, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from audio_out.errors import ObjectDamaged, ObjectMissing
from audio_out.store import Store
from broadcaster.retention import files, sounds
from broadcaster.retention.errors import ArchiveNotWritten, ExportDamaged, ExportGone, NoSuchExport
from broadcaster.retention.models import Export, Retention
from broadcaster.retention.rules import GRACE, SOUNDS, SOURCES, Kept, Source, What, month_of, what_of
from broadcaster.settings import Settings
from content.kernel import audit
from content.kernel.db import SessionFactory, unit_of_work
from content.kernel.errors import BroadcastError
from content.kernel.nodes import Node, the_commune
from content.kernel.units import Sha256

log = logging.getLogger(__name__)
FOLDER: Final = "archive"
_AT_ONCE: Final = 1000
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Archive:
    """Where rows, sounds and exports are."""

    sessions: SessionFactory
    store: Store
    settings: Settings

    @property
    def folder(self) -> Path:
        """Of the exports."""
        return self.settings.data_dir / FOLDER


@dataclass(frozen=True, slots=True)
class Batch:
    """A month of one table (rows none newer than `last_id`), or of audio (`names`), that is to go."""

    source: str
    month: datetime
    rows: int
    last_id: int = 0
    names: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Of the file, without ending."""
        return f"{self.source}-{self.month:%Y-%m}"


@dataclass(frozen=True, slots=True)
class Done:
    """What one run did: what it wrote, to be removed later, and what it removed."""

    written: tuple[Export, ...]
    deleted: tuple[Export, ...]


def kept(session: Session, settings: Settings, commune: Node) -> Kept:
    """How long everything is kept."""
    return Kept.of(settings, session.get(Retention, commune.id))


def due(session: Session, archive: Archive, now: datetime) -> list[Batch]:
    """What is to be exported now, the oldest month of each table first. Only reads."""
    commune = the_commune(session)
    if commune is None:
        return []
    rules = kept(session, archive.settings, commune)
    query = select(Export.source, Export.month).where(Export.node_id == commune.id, Export.deleted_at.is_(None))
    known = {(source, month) for source, month in session.execute(query)}
    found = [
        batch
        for source in SOURCES
        if (before := rules.before(source.what, now))
        for batch in _batches(session, source, before)
    ]
    if before := rules.before(What.AUDIO, now):
        for month, names in sounds.over(session, commune.id, before, now).items():
            here = tuple(name for name in names if archive.store.exists(Sha256(name)))
            found += [Batch(SOUNDS, month, len(here), names=here)] if here else []
    return [batch for batch in found if (batch.source, batch.month) not in known]


def tidy(archive: Archive, now: datetime) -> Done:
    """Export what is due, and remove what was exported long enough ago; a kill in between costs a file, never a row.

    Raises ArchiveNotWritten, ExportGone, ExportDamaged; the commune's page says so too.
    """
    with unit_of_work(archive.sessions, writes=False) as session:
        commune, batches = the_commune(session), due(session, archive, now)
    if commune is None:
        return Done((), ())
    error = ""
    try:
        written = tuple(_export(archive, commune, batch, now) for batch in batches)
        deleted = tuple(one for one in _overdue(archive, commune, now) if _remove(archive, one, now))
    except BroadcastError as problem:
        error = str(problem)[:400]
        raise
    finally:
        with unit_of_work(archive.sessions) as session:
            state = _state(session, commune)
            state.ran_at, state.error = now, error
    return Done(written, deleted)


def put_back(archive: Archive, now: datetime) -> int:
    """Put back what somebody wants back; how many exports those were. What cannot be read stays wanted and is said."""
    with unit_of_work(archive.sessions, writes=False) as session:
        wanted = list(session.scalars(select(Export).where(Export.wanted_back_at.is_not(None)).order_by(Export.id)))
    for one in wanted:
        path = _verified(archive, one)
        if one.source == SOUNDS:
            for _, data in files.read_sounds(path):
                archive.store.put(data)
        else:
            _insert(archive, path, _table_of(one.source))
        with unit_of_work(archive.sessions) as session:
            fresh = session.get_one(Export, one.id)
            fresh.deleted_at = fresh.wanted_back_at = None
            fresh.returned_at = fresh.held_at = now
            _record(session, fresh, None, now, "retention.returned")
    return len(wanted)


def choose(session: Session, commune: Node, values: Kept, actor: UUID, now: datetime) -> None:
    """The commune's own rules from now on; what waits to be removed by an older rule waits on."""
    state = _state(session, commune)
    state.keep_log_months, state.keep_audio_months = values.log_months, values.audio_months
    state.keep_health_days = values.health_days
    session.flush()
    facts = {"log_months": values.log_months, "audio_months": values.audio_months, "health_days": values.health_days}
    audit.record(session, commune.id, now, actor, "retention.changed", f"node:{commune.slug}", **facts)


def hold(session: Session, commune: Node, uuid: UUID, actor: UUID, now: datetime) -> Export:
    """Keep the originals until somebody lets them go; what is deleted already is wanted back. Raises NoSuchExport."""
    one = export(session, commune, uuid)
    if one.deleted_at:
        one.wanted_back_at = now
    else:
        one.held_at = now
    session.flush()
    _record(session, one, actor, now, "retention.wanted_back" if one.deleted_at else "retention.held")
    return one


def let_go(session: Session, commune: Node, uuid: UUID, actor: UUID, now: datetime) -> Export:
    """Remove the originals after all, after another week. Raises NoSuchExport."""
    one = export(session, commune, uuid)
    if one.held_at and not one.deleted_at:
        one.held_at, one.due_at = None, now + GRACE
        session.flush()
        _record(session, one, actor, now, "retention.let_go")
    return one


def export(session: Session, commune: Node, uuid: UUID) -> Export:
    """An export of the commune. Raises NoSuchExport."""
    found = session.scalars(select(Export).where(Export.node_id == commune.id, Export.uuid == uuid)).one_or_none()
    if found is None:
        raise NoSuchExport
    return found


def path_of(archive: Archive, one: Export) -> Path:
    """Where its file lies. Raises ExportGone."""
    path = archive.folder / one.file
    if not path.is_file():
        raise ExportGone(file=one.file)
    return path


def _batches(session: Session, source: Source, before: datetime) -> Iterator[Batch]:
    first = session.scalar(select(func.min(source.at)))
    month = month_of(first) if first else before
    while month < before:
        within = source.at >= month, source.at < month + relativedelta(months=1)
        rows, last_id = session.execute(select(func.count(), func.max(source.at.class_.id)).where(*within)).one()
        if rows:
            yield Batch(source.name, month, rows, last_id)
        month += relativedelta(months=1)


def _export(archive: Archive, commune: Node, batch: Batch, now: datetime) -> Export:
    ending = ".tar" if batch.names else ".jsonl.gz"
    file = files.free_name(archive.folder, batch.name, ending)
    freed = sum(archive.store.path(Sha256(name)).stat().st_size for name in batch.names)
    try:
        written = _written(archive, batch, file)
    except (OSError, ObjectDamaged, ObjectMissing) as error:
        with suppress(OSError):
            file.unlink()
        raise ArchiveNotWritten(file=file, cause=getattr(error, "strerror", None) or error) from error
    one = Export(
        node_id=commune.id,
        source=batch.source,
        month=batch.month,
        rows=written.rows,
        last_id=batch.last_id,
        names=list(batch.names),
        freed_bytes=freed,
        file=file.name,
        size_bytes=file.stat().st_size,
        file_sha256=written.file_sha256,
        content_sha256=written.content_sha256,
        written_at=now,
        due_at=now + GRACE,
    )
    with unit_of_work(archive.sessions) as session:
        session.add(one)
        session.flush()
        _record(session, one, None, now, "retention.exported")
    log.info("retention.exported", extra={"source": one.source, "rows": one.rows, "file": one.file})
    return one


def _written(archive: Archive, batch: Batch, file: Path) -> files.Written:
    if batch.names:
        return files.write_sounds(file, archive.store, batch.names)
    with unit_of_work(archive.sessions, writes=False) as session:
        return files.write_rows(file, _rows(session, batch.source, batch.month, batch.last_id))


def _overdue(archive: Archive, commune: Node, now: datetime) -> Sequence[Export]:
    """What has waited long enough, and is still to go by the rules of now."""
    with unit_of_work(archive.sessions, writes=False) as session:
        rules = kept(session, archive.settings, commune)
        waiting = select(Export).where(
            Export.node_id == commune.id,
            Export.deleted_at.is_(None),
            Export.held_at.is_(None),
            Export.due_at <= now,
        )
        found = session.scalars(waiting.order_by(Export.id)).all()
    return [one for one in found if (before := rules.before(what_of(one.source), now)) and one.month < before]


def _remove(archive: Archive, one: Export, now: datetime) -> bool:
    """Remove the originals of an export; False where they have changed since: they are exported anew."""
    path = _verified(archive, one)
    with unit_of_work(archive.sessions, writes=False) as session:
        names = _unneeded(session, archive, one, now)
        same = one.source == SOUNDS or files.content_of(_rows(session, one.source, one.month, one.last_id)) == (
            one.rows,
            one.content_sha256,
        )
    with unit_of_work(archive.sessions) as session:
        fresh = session.get_one(Export, one.id)
        if fresh.held_at or fresh.deleted_at:
            return False
        if not same:
            session.delete(fresh)
            log.info("retention.changed_meanwhile", extra={"source": one.source, "file": one.file})
            return False
        # Said before the first goes: from now on the way back leads through the file.
        fresh.deleted_at = now
        _record(session, fresh, None, now, "retention.deleted")
    if one.source != SOUNDS:
        _delete_rows(archive, one, path)
    for name in names:
        archive.store.delete(Sha256(name))
    log.info("retention.deleted", extra={"source": one.source, "rows": one.rows, "file": one.file})
    return True


def _unneeded(session: Session, archive: Archive, one: Export, now: datetime) -> list[str]:
    """Of the sounds in an export: those that nothing has come to need meanwhile."""
    if one.source != SOUNDS:
        return []
    before = kept(session, archive.settings, session.get_one(Node, one.node_id)).before(What.AUDIO, now)
    months = sounds.over(session, one.node_id, before, now) if before else {}
    still = {name for names in months.values() for name in names}
    return [name for name in one.names if name in still]


def _delete_rows(archive: Archive, one: Export, path: Path) -> None:
    """Delete the rows that the file holds, some at a time, so that no other writer waits for long.

    It stops where somebody wants them back. What a kill leaves is exported anew.
    """
    table = _table_of(one.source)
    for some in _batched(row["id"] for row in files.read_rows(path, table)):
        with unit_of_work(archive.sessions) as session:
            if session.get_one(Export, one.id).state != "deleted":
                return
            session.execute(delete(table).where(table.c.id.in_(some)))


def _rows(session: Session, source: str, month: datetime, last_id: int) -> Iterator[files.Row]:
    table = _table_of(source)
    query = select(*table.columns).where(*_of(table, source, month, last_id)).order_by(table.c.id)
    for row in session.execute(query, execution_options={"yield_per": _AT_ONCE}):
        yield row._asdict()


def _of(table: Table, source: str, month: datetime, last_id: int) -> tuple[ColumnElement[bool], ...]:
    # A row of that month that came since has a higher number: it waits for the next time.
    at = table.c[next(one for one in SOURCES if one.name == source).at.key]
    return at >= month, at < month + relativedelta(months=1), table.c.id <= last_id


def _insert(archive: Archive, path: Path, table: Table) -> None:
    """Put rows back, some at a time; what came again meanwhile stays as it is.

    Those whose numbers others have taken since come last, under new numbers: nothing refers to them by number.
    """
    taken: set[object] = set()
    for some in _batched(files.read_rows(path, table)):
        with unit_of_work(archive.sessions) as session:
            there = _there(session, table, [row["id"] for row in some])
            taken |= {row["id"] for row in some if there.get(row["id"], row) != row}
            _insert_some(session, table, [row for row in some if row["id"] not in there])
    renumbered = (row for row in files.read_rows(path, table) if row.pop("id") in taken)
    for some in _batched(renumbered):
        with unit_of_work(archive.sessions) as session:
            _insert_some(session, table, some)


def _there(session: Session, table: Table, ids: Sequence[object]) -> dict[object, files.Row]:
    return {row.id: row._asdict() for row in session.execute(select(table).where(table.c.id.in_(ids)))}


def _batched(things: Iterable[T]) -> Iterator[list[T]]:
    rest = iter(things)
    while some := list(islice(rest, _AT_ONCE)):
        yield some


def _insert_some(session: Session, table: Table, rows: Sequence[files.Row]) -> None:
    """All of them at once, or where one is there already, one by one."""
    with suppress(IntegrityError), session.begin_nested():
        if rows:
            session.execute(insert(table), rows)
        return
    for row in rows:
        with suppress(IntegrityError), session.begin_nested():
            session.execute(insert(table).values(**row))


def _verified(archive: Archive, one: Export) -> Path:
    path = path_of(archive, one)
    if files.sha256_of(path) != one.file_sha256:
        raise ExportDamaged(file=one.file)
    return path


def _table_of(source: str) -> Table:
    table = next(one.at.class_.__table__ for one in SOURCES if one.name == source)
    assert isinstance(table, Table)
    return table


def _state(session: Session, commune: Node) -> Retention:
    state = session.get(Retention, commune.id)
    if state is None:
        state = Retention(node_id=commune.id, error="")
        session.add(state)
        session.flush()
    return state


def _record(session: Session, one: Export, actor: UUID | None, now: datetime, act: str) -> None:
    facts = {"month": f"{one.month:%Y-%m}", "rows": one.rows, "file": one.file, "sha256": one.file_sha256}
    audit.record(session, one.node_id, now, actor, act, f"table:{one.source}", **facts)
