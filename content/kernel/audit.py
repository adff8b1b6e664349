"""The audit log: who did what when; append-only, hash-chained per node, written in the act's own transaction.

Each entry's hash covers its facts and the hash before it, so that a changed or removed entry breaks the chain
from there on. `check` finds the first break, in the database or in an export; its rule is in `docs/operations.md`.
"""

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import JSON, ColumnElement, ForeignKey, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from content.kernel.db import Base
from content.kernel.nodes import Node
from content.kernel.units import Sha256

START = Sha256("0" * 64)
_AT_ONCE = 1000
"""Rows fetched in one go while a whole log goes by."""


class AuditEntry(Base):
    """One act. `actor` is a person's uuid, or None for the system itself; `sequence` counts within the node."""

    __tablename__ = "audit"
    __table_args__ = (UniqueConstraint("node_id", "sequence"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    node_id: Mapped[int] = mapped_column(ForeignKey("node.id"))
    sequence: Mapped[int]
    at: Mapped[datetime]
    actor: Mapped[UUID | None]
    act: Mapped[str] = mapped_column(String(64))
    subject: Mapped[str] = mapped_column(String(120), index=True)
    facts: Mapped[dict[str, object]] = mapped_column(JSON)
    hash: Mapped[str] = mapped_column(String(64))


class Entry(NamedTuple):
    """One act as it is read and exported: the columns of an `AuditEntry`."""

    node_id: int
    sequence: int
    at: datetime
    actor: UUID | None
    act: str
    subject: str
    facts: dict[str, object]
    hash: str


@dataclass(frozen=True, slots=True)
class Chain:
    """A node's chain as far as it was followed; `broken_at` is the place of the first entry that does not follow."""

    entries: int = 0
    last_hash: Sha256 = START
    broken_at: int | None = None

    def then(self, entry: Entry) -> "Chain":
        """The chain with one more entry."""
        if self.broken_at is None and entry.sequence == self.entries + 1 and entry.hash == _hash(self.last_hash, entry):
            return Chain(entry.sequence, Sha256(entry.hash))
        return replace(self, broken_at=self.broken_at or self.entries + 1)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries: all, unless narrowed. `act` and `subject` are beginnings, the instants a half-open span."""

    actor: UUID | None = None
    act: str = ""
    subject: str = ""
    from_at: datetime | None = None
    until_at: datetime | None = None


EVERYTHING = Wanted()


def record(
    session: Session, node_id: int, at: datetime, actor: UUID | None, act: str, subject: str, **facts: object
) -> AuditEntry:
    """Append one act to the node's chain, inside the caller's transaction.

    Args:
        session: the unit of work of the act itself.
        node_id: whose chain.
        at: aware instant of the act.
        actor: the person's uuid, None for the system.
        act: a constant name, such as `announcement.approved`.
        subject: what it was done to, such as `announcement:<uuid>`.
        facts: JSON values that let a reader understand the act later.
    """
    # One writer of a chain at a time; SQLite has one writer anyway, and leaves the lock out.
    session.execute(select(Node.id).where(Node.id == node_id).with_for_update())
    last = session.scalars(
        select(AuditEntry).where(AuditEntry.node_id == node_id).order_by(AuditEntry.sequence.desc()).limit(1)
    ).first()
    entry = AuditEntry(
        node_id=node_id,
        sequence=last.sequence + 1 if last else 1,
        at=at,
        actor=actor,
        act=act,
        subject=subject,
        facts=facts,
    )
    entry.hash = _hash(Sha256(last.hash) if last else START, entry)
    session.add(entry)
    session.flush()
    return entry


def newest(session: Session, nodes: Collection[int], wanted: Wanted, *, limit: int, offset: int = 0) -> list[Entry]:
    """The wanted entries of these nodes, newest first."""
    query = select(*_COLUMNS).where(*_conditions(nodes, wanted)).order_by(AuditEntry.id.desc())
    return [Entry(*row) for row in session.execute(query.limit(limit).offset(offset))]


def stream(session: Session, nodes: Collection[int], wanted: Wanted = EVERYTHING) -> Iterator[Entry]:
    """The wanted entries of these nodes, chain by chain from its start, never all in memory at once."""
    query = select(*_COLUMNS).where(*_conditions(nodes, wanted)).order_by(AuditEntry.node_id, AuditEntry.sequence)
    for row in session.execute(query, execution_options={"yield_per": _AT_ONCE}):
        yield Entry(*row)


def check(entries: Iterable[Entry]) -> dict[int, Chain]:
    """By node: how far its entries, in their order, follow from each other."""
    chains: dict[int, Chain] = {}
    for entry in entries:
        chains[entry.node_id] = chains.get(entry.node_id, Chain()).then(entry)
    return chains


def check_chain(session: Session, node_id: int) -> int | None:
    """The sequence number of the first entry that does not follow from the one before, None if all do."""
    return check(stream(session, [node_id])).get(node_id, Chain()).broken_at


def to_line(entry: Entry) -> str:
    """An entry as one line of an export (JSON)."""
    facts = entry._asdict() | {"at": _iso(entry.at), "actor": entry.actor and str(entry.actor)}
    return json.dumps(facts, ensure_ascii=False)


def from_line(line: str) -> Entry:
    """The entry of an export's line. Raises ValueError, KeyError or TypeError where it is none."""
    facts = json.loads(line)
    actor = UUID(facts["actor"]) if facts["actor"] else None
    return Entry(**(facts | {"at": datetime.fromisoformat(facts["at"]), "actor": actor}))


_COLUMNS = tuple(getattr(AuditEntry, name) for name in Entry._fields)


def _conditions(nodes: Collection[int], wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    yield AuditEntry.node_id.in_(nodes)
    if wanted.actor:
        yield AuditEntry.actor == wanted.actor
    if wanted.act:
        yield AuditEntry.act.startswith(wanted.act, autoescape=True)
    if wanted.subject:
        yield AuditEntry.subject.startswith(wanted.subject, autoescape=True)
    if wanted.from_at:
        yield AuditEntry.at >= wanted.from_at
    if wanted.until_at:
        yield AuditEntry.at < wanted.until_at


def _hash(before: Sha256, entry: AuditEntry | Entry) -> Sha256:
    facts = [
        before,
        entry.node_id,
        entry.sequence,
        _iso(entry.at),
        str(entry.actor),
        entry.act,
        entry.subject,
        entry.facts,
    ]
    return Sha256(hashlib.sha256(json.dumps(facts, sort_keys=True, ensure_ascii=False).encode()).hexdigest())


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()
