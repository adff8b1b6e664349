"""What is asked of keeping: what each rule removes next, what was exported, where a sound went. Only reads."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from broadcaster.retention import files, sounds
from broadcaster.retention.models import Export, Retention
from broadcaster.retention.rules import SOUNDS, SOURCES, Source, What
from broadcaster.retention.service import Archive, kept
from content.kernel.nodes import Node
from content.kernel.units import Sha256

_SAMPLE = 50


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a rule would remove now: rows or sounds older than `before` (None: never), and about how much that is."""

    what: What
    before: datetime | None
    count: int = 0
    size_bytes: int = 0


def outlooks(session: Session, archive: Archive, commune: Node, now: datetime) -> list[Outlook]:
    """Each rule's."""
    rules = kept(session, archive.settings, commune)
    return [_outlook(session, archive, commune, what, rules.before(what, now), now) for what in What]


def exports(session: Session, commune: Node, limit: int = 60) -> Sequence[Export]:
    """The newest exports."""
    query = select(Export).where(Export.node_id == commune.id).order_by(Export.id.desc())
    return session.scalars(query.limit(limit)).all()


def state(session: Session, commune: Node) -> Retention | None:
    """The commune's own rules and its last run, None before the first."""
    return session.get(Retention, commune.id)


def gone(session: Session, commune: Node, names: Collection[str]) -> dict[str, Export]:
    """Which of these sounds were removed, and the export in which each lies."""
    query = select(Export).where(Export.node_id == commune.id, Export.source == SOUNDS, Export.deleted_at.is_not(None))
    return {name: one for one in session.scalars(query.order_by(Export.id)) for name in one.names if name in names}


def _outlook(
    session: Session, archive: Archive, commune: Node, what: What, before: datetime | None, now: datetime
) -> Outlook:
    if before is None:
        return Outlook(what, None)
    if what is What.AUDIO:
        names = [name for some in sounds.over(session, commune.id, before, now).values() for name in some]
        here = [archive.store.path(Sha256(name)) for name in names if archive.store.exists(Sha256(name))]
        return Outlook(what, before, len(here), sum(path.stat().st_size for path in here))
    told = [_of_table(session, source, before) for source in SOURCES if source.what is what]
    return Outlook(what, before, sum(count for count, _ in told), sum(size for _, size in told))


def _of_table(session: Session, source: Source, before: datetime) -> tuple[int, int]:
    """How many rows, and about how many bytes: some of them are weighed."""
    count = session.scalar(select(func.count()).select_from(source.at.class_).where(source.at < before)) or 0
    if not count:
        return 0, 0
    table = source.at.class_.__table__
    some = session.execute(select(*table.columns).where(source.at < before).limit(_SAMPLE)).all()
    return count, count * sum(len(files.line_of(row._asdict()).encode()) for row in some) // len(some)
