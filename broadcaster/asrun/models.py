"""Tables of the broadcast log. Append-only: a row is what a player said, never what we would like."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from content.kernel.db import Base


class AsRunEntry(Base):
    """One row of one player. `row` is the whole row as it came; the columns are what is asked for by queries."""

    __tablename__ = "as_run"
    __table_args__ = (
        UniqueConstraint("player_id", "row_uuid"),
        Index("ix_as_run_village_planned", "village_id", "planned_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    player_id: Mapped[int] = mapped_column(ForeignKey("player.id"))
    village_id: Mapped[int] = mapped_column(ForeignKey("node.id"))
    row_uuid: Mapped[UUID]
    occurrence_uuid: Mapped[UUID] = mapped_column(index=True)
    cue_key: Mapped[str] = mapped_column(String(200))
    attempt: Mapped[int]
    title: Mapped[str] = mapped_column(String(300))
    planned_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    outcome: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str | None] = mapped_column(String(32))
    late_ms: Mapped[int | None]
    media_sha256: Mapped[str | None] = mapped_column(String(64))
    received_at: Mapped[datetime]
    row: Mapped[dict[str, object]] = mapped_column(JSON)


class QuarantinedRow(Base):
    """A row that could not be understood or believed: kept and shown with its reason, never in the way of others."""

    __tablename__ = "as_run_quarantine"

    id: Mapped[int] = mapped_column(primary_key=True)
    player_id: Mapped[int] = mapped_column(ForeignKey("player.id"), index=True)
    content_sha256: Mapped[str] = mapped_column(String(64))
    reason: Mapped[str] = mapped_column(String(400))
    received_at: Mapped[datetime]
    row: Mapped[object] = mapped_column(JSON)
