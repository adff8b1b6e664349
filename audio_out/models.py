"""Tables of audio: the queue of what is to be rendered, and what was rendered.

part 1--n render_job      the row is the queue: state, progress, error and lease of one rendering
     1--n rendition       a master: immutable, named by the sha256 of its file
              1--n deliverable   the master encoded for players
node 1--n recording       a human take as it was received
"""

from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import JSON, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from content.kernel.db import Base


class JobState(StrEnum):
    """queued -> running -> done | failed; running -> queued when it is tried again; cancelled from where it stood."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class RenderJob(Base):
    """One rendering of what `source_sha256` names in a part.

    A worker owns it while `lease` is its own and `lease_until` lies ahead.
    `error` is {"sentence": English message, "facts": {...}} of the newest failure, kept while it is tried again.
    """

    __tablename__ = "render_job"

    id: Mapped[int] = mapped_column(primary_key=True)
    part_id: Mapped[int] = mapped_column(ForeignKey("part.id", ondelete="CASCADE"), index=True)
    source_sha256: Mapped[str] = mapped_column(String(64))
    state: Mapped[JobState] = mapped_column(String(16), index=True)
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[dict[str, object] | None] = mapped_column(JSON)
    lease: Mapped[UUID | None]
    lease_until: Mapped[datetime | None]
    not_before: Mapped[datetime]
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


class Rendition(Base):
    """The master of one part: what was read, by which voice, how loud, and where each sentence stands.

    `source_sha256` names what sounds: the reading or the recording, with voice, pace and priority
    (`queries.source_name`).
    `edit_list` is [[text, start_ms, end_ms], ...]. `voice` spoke; `wished_voice` was asked for.
    """

    __tablename__ = "rendition"

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[UUID] = mapped_column(default=uuid4, unique=True)
    part_id: Mapped[int] = mapped_column(ForeignKey("part.id", ondelete="CASCADE"), index=True)
    source_sha256: Mapped[str] = mapped_column(String(64))
    voice: Mapped[str] = mapped_column(String(64))
    wished_voice: Mapped[str] = mapped_column(String(64))
    sha256: Mapped[str] = mapped_column(String(64))
    duration_ms: Mapped[int]
    lufs: Mapped[float]
    peak_dbtp: Mapped[float]
    edit_list: Mapped[list[tuple[str, int, int]]] = mapped_column(JSON)
    created_at: Mapped[datetime]

    deliverables: Mapped[list["DeliverableRow"]] = relationship(lazy="raise", cascade="all, delete-orphan")


class DeliverableRow(Base):
    """A master encoded for players. `mime` names the codec, `preset` the horn's filter."""

    __tablename__ = "deliverable"
    __table_args__ = (UniqueConstraint("rendition_id", "mime", "preset"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    rendition_id: Mapped[int] = mapped_column(ForeignKey("rendition.id", ondelete="CASCADE"))
    mime: Mapped[str] = mapped_column(String(40))
    preset: Mapped[str] = mapped_column(String(32), default="plain")
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    size_bytes: Mapped[int]
    duration_ms: Mapped[int]
    lufs: Mapped[float]
    peak_dbtp: Mapped[float]


class Recording(Base):
    """A human take. `sha256` names the file as received, `take_sha256` its sound decoded (FLAC); both are objects.

    `findings` is [[kind, {fact: value}], ...]: what a listener may stumble over. `waveform` is peaks of 0 to 100.
    """

    __tablename__ = "recording"

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[UUID] = mapped_column(default=uuid4, unique=True)
    node_id: Mapped[int] = mapped_column(ForeignKey("node.id"), index=True)
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    take_sha256: Mapped[str] = mapped_column(String(64))
    file_name: Mapped[str] = mapped_column(String(200))
    mime: Mapped[str] = mapped_column(String(80))
    size_bytes: Mapped[int]
    duration_ms: Mapped[int]
    findings: Mapped[list[tuple[str, dict[str, object]]]] = mapped_column(JSON)
    waveform: Mapped[list[int]] = mapped_column(JSON)
    received_by: Mapped[UUID]
    received_at: Mapped[datetime]


class VoiceOrder(Base):
    """A published voice that is to be fetched; `told_at` is when its fetcher last gave a sign of life."""

    __tablename__ = "voice_order"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    state: Mapped[JobState] = mapped_column(String(16))
    done_bytes: Mapped[int] = mapped_column(default=0)
    size_bytes: Mapped[int]
    error: Mapped[dict[str, object] | None] = mapped_column(JSON)
    asked_by: Mapped[UUID]
    asked_at: Mapped[datetime]
    told_at: Mapped[datetime]


class ListeningAnswer(Base):
    """What somebody understood of one sentence in one voice; `village_id` where its loudspeaker said it, else a phone.

    `understood` is the share of the sentence's syllables that were heard right, 0 to 1.
    """

    __tablename__ = "listening_answer"

    id: Mapped[int] = mapped_column(primary_key=True)
    node_id: Mapped[int] = mapped_column(ForeignKey("node.id"), index=True)
    village_id: Mapped[int | None] = mapped_column(ForeignKey("node.id"))
    voice: Mapped[str] = mapped_column(String(64))
    preset: Mapped[str] = mapped_column(String(32))
    sentence: Mapped[str] = mapped_column(Text)
    heard: Mapped[str] = mapped_column(Text)
    understood: Mapped[float]
    by: Mapped[UUID]
    at: Mapped[datetime]
