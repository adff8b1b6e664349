"""The audit log: who did what when; append-only, hash-chained per node, written in the act's own transaction.

Each entry's hash covers its facts and the hash before it, so that a changed or removed entry breaks the chain
from there on. `check_chain` finds the first break.
"""

import hashlib
import json
from datetime import datetime
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from content.kernel.db import Base
from content.kernel.units import Sha256

START = Sha256("0" * 64)


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


def check_chain(session: Session, node_id: int) -> int | None:
    """The sequence number of the first entry that does not follow from the one before, None if all do."""
    before = START
    entries = session.scalars(select(AuditEntry).where(AuditEntry.node_id == node_id).order_by(AuditEntry.sequence))
    for expected, entry in enumerate(entries, start=1):
        if entry.sequence != expected or entry.hash != _hash(before, entry):
            return expected
        before = Sha256(entry.hash)
    return None


def _hash(before: Sha256, entry: AuditEntry) -> Sha256:
    facts = [
        before,
        entry.node_id,
        entry.sequence,
        entry.at.isoformat(),
        str(entry.actor),
        entry.act,
        entry.subject,
        entry.facts,
    ]
    return Sha256(hashlib.sha256(json.dumps(facts, sort_keys=True, ensure_ascii=False).encode()).hexdigest())
