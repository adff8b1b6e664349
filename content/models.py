"""Tables of announcements.

    announcement 1--n revision 1--n part
                              1--n revision_village --> node
                              1--n revision_event      (append-only)
    node 1--n lexicon_entry, template                  what a commune brings to its writing

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
    """What is said, where and when; its states are those of `workflow`.

    A draft is the one row that changes; `edits` counts its saves, so that a second editor is noticed.
    `every_slot` asks for each opening instead of so many times a day; `slots` are the uuids of the only slots that it
    wants, in order, none for any slot of the villages. `digest` and `masters` (sha256 by language) are what was
    approved: whatever is rendered later, only these masters air. `search` is its words, folded to be found; `writers`
    are the uuids of all who changed it, none of whom may approve it.
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
    every_slot: Mapped[bool] = mapped_column(default=False)
    slots: Mapped[list[str]] = mapped_column(JSON, default=list)
    voice: Mapped[str] = mapped_column(String(64), default="auto")
    pace: Mapped[str] = mapped_column(String(16), default="calm")
    search: Mapped[str] = mapped_column(Text, default="")
    edits: Mapped[int] = mapped_column(default=1)
    edited_by: Mapped[UUID]
    writers: Mapped[list[str]] = mapped_column(JSON, default=list)
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
    """One language's share: a text to be voiced, or a recording.

    `reading` is the text's, from submission on, to be spoken (both NFC). Where `recording` (a uuid of `audio_out`'s)
    is set, that sounds, and the text only tells approvers what is said.
    """

    __tablename__ = "part"
    __table_args__ = (UniqueConstraint("revision_id", "language"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    revision_id: Mapped[int] = mapped_column(ForeignKey("revision.id"))
    position: Mapped[int]
    language: Mapped[str] = mapped_column(String(8))
    text: Mapped[str] = mapped_column(Text)
    reading: Mapped[str | None] = mapped_column(Text)
    recording: Mapped[UUID | None]


class RevisionEvent(Base):
    """One step of a revision's life.

    `reason` is what was said with it. `content` keeps what a step was about: what was submitted (so that later drafts
    can be compared), how an approver listened, which master somebody attested.
    """

    __tablename__ = "revision_event"

    id: Mapped[int] = mapped_column(primary_key=True)
    revision_id: Mapped[int] = mapped_column(ForeignKey("revision.id"), index=True)
    step: Mapped[Step] = mapped_column(String(16))
    at: Mapped[datetime]
    actor: Mapped[UUID]
    reason: Mapped[str] = mapped_column(Text, default="")
    content: Mapped[dict[str, object] | None] = mapped_column(JSON)


class LexiconRow(Base):
    """A commune's own way to say a word or phrase; removed and back."""

    __tablename__ = "lexicon_entry"

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[UUID] = mapped_column(default=uuid4, unique=True)
    node_id: Mapped[int] = mapped_column(ForeignKey("node.id"), index=True)
    written: Mapped[str] = mapped_column(String(120))
    spoken: Mapped[str] = mapped_column(String(400))
    case_sensitive: Mapped[bool] = mapped_column(default=True)
    changed_by: Mapped[UUID]
    changed_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]


class Template(Base):
    """A recurring announcement's text, with fields to fill in as [field]; removed and back."""

    __tablename__ = "template"

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[UUID] = mapped_column(default=uuid4, unique=True)
    node_id: Mapped[int] = mapped_column(ForeignKey("node.id"), index=True)
    name: Mapped[str] = mapped_column(String(120))
    title: Mapped[str] = mapped_column(String(200))
    category: Mapped[str] = mapped_column(String(32))
    text: Mapped[str] = mapped_column(Text)
    changed_by: Mapped[UUID | None]
    changed_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]
