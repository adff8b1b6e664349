"""Tables of announcements.

    announcement 1--n revision 1--n part
                              1--n revision_village --> node
                              1--n revision_event      (append-only)

An announcement's revision in force is its approved one with the highest number; at most one revision is a draft
or in review. Relationships are never loaded behind one's back (`lazy="raise"`): queries say what they need.
"""

from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import JSON, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from content.kernel.db import Base
from content.kernel.nodes import Node
from content.kernel.priority import Priority
from content.workflow import State, Step


class Announcement(Base):
    """A message for listeners, from idea to withdrawal. `author` is a person's uuid."""

    __tablename__ = "announcement"

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[UUID] = mapped_column(default=uuid4, unique=True)
    node_id: Mapped[int] = mapped_column(ForeignKey("node.id"), index=True)
    author: Mapped[UUID]
    created_at: Mapped[datetime]

    revisions: Mapped[list["Revision"]] = relationship(
        back_populates="announcement", lazy="raise", order_by="Revision.number"
    )


class Revision(Base):
    """What is said, where and when. States: draft -> in_review -> approved -> withdrawn (see `workflow`).

    A draft is the one row that changes; `edits` counts its saves, so that a second editor is noticed.
    `slot` is a slot's uuid, or None for any slot of the villages. `digest` and `masters` (sha256 by language) are what
    was approved: whatever is rendered later, only these masters air.
    """

    __tablename__ = "revision"
    __table_args__ = (UniqueConstraint("announcement_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[UUID] = mapped_column(default=uuid4, unique=True)
    announcement_id: Mapped[int] = mapped_column(ForeignKey("announcement.id"))
    number: Mapped[int]
    state: Mapped[State] = mapped_column(String(16), index=True)
    title: Mapped[str] = mapped_column(String(200))
    category: Mapped[str] = mapped_column(String(32))
    priority: Mapped[Priority] = mapped_column(String(16))
    from_on: Mapped[date]
    until_on: Mapped[date]
    times_per_day: Mapped[int]
    slot: Mapped[UUID | None]
    voice: Mapped[str] = mapped_column(String(64), default="auto")
    edits: Mapped[int] = mapped_column(default=1)
    edited_by: Mapped[UUID]
    edited_at: Mapped[datetime]
    decided_by: Mapped[UUID | None]
    decided_at: Mapped[datetime | None]
    digest: Mapped[str | None] = mapped_column(String(64))
    masters: Mapped[dict[str, str] | None] = mapped_column(JSON)

    announcement: Mapped[Announcement] = relationship(back_populates="revisions", lazy="raise")
    parts: Mapped[list["Part"]] = relationship(lazy="raise", order_by="Part.position", cascade="all, delete-orphan")
    villages: Mapped[list[Node]] = relationship(lazy="raise", secondary="revision_village", order_by=Node.id)
    events: Mapped[list["RevisionEvent"]] = relationship(lazy="raise", order_by="RevisionEvent.id")


class RevisionVillage(Base):
    """A village that shall hear the revision."""

    __tablename__ = "revision_village"

    revision_id: Mapped[int] = mapped_column(ForeignKey("revision.id"), primary_key=True)
    node_id: Mapped[int] = mapped_column(ForeignKey("node.id"), primary_key=True)


class Part(Base):
    """One language's share: the text as written and, from submission on, the reading to be spoken (both NFC)."""

    __tablename__ = "part"
    __table_args__ = (UniqueConstraint("revision_id", "language"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    revision_id: Mapped[int] = mapped_column(ForeignKey("revision.id"))
    position: Mapped[int]
    language: Mapped[str] = mapped_column(String(8))
    text: Mapped[str] = mapped_column(Text)
    reading: Mapped[str | None] = mapped_column(Text)


class RevisionEvent(Base):
    """One step of a revision's life; `content` keeps what was submitted, so that later drafts can be compared."""

    __tablename__ = "revision_event"

    id: Mapped[int] = mapped_column(primary_key=True)
    revision_id: Mapped[int] = mapped_column(ForeignKey("revision.id"), index=True)
    step: Mapped[Step] = mapped_column(String(16))
    at: Mapped[datetime]
    actor: Mapped[UUID]
    reason: Mapped[str] = mapped_column(Text, default="")
    content: Mapped[dict[str, object] | None] = mapped_column(JSON)
